//! The first process of a container, from its birth to the moment when it becomes the command.
//!
//! Runs in a child of the watcher, which is in the container's pid namespace already. What goes wrong is told to the watcher; nothing at
//! all is told when the command has begun, for the channel closes with that.

use std::convert::Infallible;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use crate::container::cgroup;
use crate::container::inside::confine::Rights;
use crate::container::inside::{rootfs, user};
use crate::error::{Doing, Errno, Error, Result};
use crate::model::container::{Container, NetworkMode};
use crate::sys::netns::{self, Netns};
use crate::sys::process::{self, Fork};
use crate::sys::terminal::{self, Size, Standard};
use crate::sys::{channel, file, mount, privilege, root, signal};

/// Where programs are looked for when nobody says otherwise.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a first process is given.
#[derive(Debug)]
pub struct Birth<'a> {
    /// The container.
    pub container: &'a Container,
    /// Its directory.
    pub place: &'a str,
    /// Its network; the host's when none.
    pub network: Option<Netns>,
    /// How large its terminal is.
    pub size: Option<Size>,
    /// Input, output and errors, where it has no terminal.
    pub standard: Option<Standard>,
}

/// Lives.
pub fn begin(birth: Birth<'_>, channel: OwnedFd) -> ! {
    let mut channel = Some(channel);
    let Err(error) = live(birth, &mut channel);
    match channel {
        Some(channel) => tell(&channel, &error),
        None => process::leave(error.exit_code()),
    }
}

/// Tells the watcher why the command has not begun, and ends.
pub fn tell(channel: &OwnedFd, error: &Error) -> ! {
    let code = error.exit_code_not_run();
    let _ = channel::tell(channel.as_fd(), &[&[code], error.to_string().as_bytes()].concat(), true);
    process::leave(code)
}

fn live(birth: Birth<'_>, channel: &mut Option<OwnedFd>) -> Result<Infallible> {
    let Birth { container, place, network, size, standard } = birth;
    // In a pid namespace of its own nobody can tell whether the watcher is still there; the channel will.
    process::die_with_parent().doing("begin", "the first process")?;
    process::lead_session();
    cgroup::enter(container)?;
    if let Some(network) = &network {
        network.enter().doing("enter", "the network namespace")?;
    }
    let rights = Rights::of(container)?;
    let console = if container.shares_files() { share_files(container, place)? } else { enter_root(container, place)? };
    take_standard(console, standard, size, channel.as_ref())?;
    let words = &container.command;
    let environment = restrict(container, rights, &container.user, &[], container.tty)?;
    let workdir = if container.workdir.is_empty() { "/" } else { &container.workdir };
    go_to(workdir, container.shares_files())?;
    if !container.shares_files() {
        rights.confine()?;
    }
    signal::heed_all().doing("heed", "signals")?;
    if container.init && !container.shares_files() {
        return look_after(words, &environment, container.tty, channel);
    }
    Err(run(words, &environment))
}

/// Takes a terminal, whose other side the watcher gets, or pipes as standard input, output and errors.
pub fn take_standard(
    console: Option<rootfs::Console>,
    standard: Option<Standard>,
    size: Option<Size>,
    channel: Option<&OwnedFd>,
) -> Result<()> {
    match (console, standard) {
        (Some((keeper, running)), _) => {
            let channel = channel.ok_or(Errno::NOTCONN).doing("hand over", "the terminal")?;
            if let Some(size) = size {
                let _ = terminal::resize(running.as_fd(), size);
            }
            channel::hand_over(channel.as_fd(), b"t", keeper.as_fd()).doing("hand over", "the terminal")?;
            terminal::control(running.as_fd()).doing("take", "the terminal")?;
            terminal::standard(&running, &running, &running).doing("take", "the terminal")
        }
        (None, Some((input, output, errors))) => {
            terminal::standard(&input, &output, &errors).doing("take", "standard input and output")
        }
        (None, None) => Ok(()),
    }
}

/// Names, mounts and files of its own.
fn enter_root(container: &Container, place: &str) -> Result<Option<rootfs::Console>> {
    root::own_names_and_ipc().doing("make", "namespaces of its own")?;
    root::name_host(&container.hostname).doing("set", "the host name")?;
    rootfs::enter(container, place)
}

/// The host's own files, but for what belongs to the network: `/sys`, and names.
fn share_files(container: &Container, place: &str) -> Result<Option<rootfs::Console>> {
    netns::private_mounts().doing("make", "mounts of its own")?;
    if container.network != NetworkMode::Host {
        mount::renew_sys().doing("mount", "/sys")?;
        for name in ["hosts", "resolv.conf"] {
            // Where the host has no such file nobody will look there.
            let _ = mount::cover(&format!("{place}/{name}"), &format!("/etc/{name}"));
        }
    }
    if !container.tty {
        return Ok(None);
    }
    terminal::pair().map(Some).doing("make", "a pseudo-terminal")
}

/// Gives up what the container is not to have, but for system calls; the environment that its user has.
pub fn restrict(container: &Container, rights: Rights, user: &str, given: &[String], tty: bool) -> Result<Vec<String>> {
    for limit in &container.ulimits {
        privilege::limit(&limit.name, limit.soft, limit.hard).doing("set limit", &limit.name)?;
    }
    file::mask(0o022);
    let user = user::find(user)?;
    if container.shares_files() {
        if user.uid != 0 {
            privilege::become_user(user.uid, user.gid, &user.groups).doing("become user", user.uid)?;
        }
        return Ok(environment(container, &user, given, tty));
    }
    privilege::own_keyring();
    rights.confine_early()?;
    privilege::bound_capabilities(rights.capabilities).doing("give up", "capabilities")?;
    privilege::become_user(user.uid, user.gid, &user.groups).doing("become user", user.uid)?;
    if user.uid == 0 {
        privilege::have_capabilities(rights.capabilities).doing("give up", "capabilities")?;
    }
    // Becoming another user has made the kernel forget it.
    process::die_with_parent().doing("begin", "the process")?;
    Ok(environment(container, &user, given, tty))
}

fn environment(container: &Container, user: &user::User, given: &[String], tty: bool) -> Vec<String> {
    let mut all = vec![PATH.to_owned()];
    all.push(format!("HOSTNAME={}", container.hostname));
    if tty {
        all.push("TERM=xterm".to_owned());
    }
    all.push(format!("HOME={}", user.home));
    for text in container.env.iter().chain(given) {
        let key = text.split_once('=').map_or(text.as_str(), |(key, _)| key);
        all.retain(|known| known.split_once('=').is_none_or(|(known, _)| known != key));
        // As with Docker, a bare name takes the variable away.
        if text.contains('=') {
            all.push(text.clone());
        }
    }
    all
}

/// Enters the working directory, which is made where it is missing.
pub fn go_to(path: &str, shares_files: bool) -> Result<()> {
    if !path.starts_with('/') {
        return Err(Error::value("--workdir", path, "an absolute path"));
    }
    match root::go_to(path) {
        Err(Errno::NOENT) if !shares_files => {
            let _ = std::fs::create_dir_all(path);
            root::go_to(path)
        }
        result => result,
    }
    .doing("enter directory", path)
}

/// Becomes the command; says why not.
#[must_use]
pub fn run(words: &[String], environment: &[String]) -> Box<Error> {
    let name = words.first().map_or("", String::as_str);
    let path = environment.iter().find_map(|text| text.strip_prefix("PATH=")).unwrap_or_default();
    let candidates: Vec<String> = if name.contains('/') {
        vec![name.to_owned()]
    } else {
        path.split(':').map(|directory| format!("{directory}/{name}")).collect()
    };
    let mut refused = Errno::NOENT;
    for candidate in &candidates {
        if Path::new(candidate).is_dir() {
            refused = Errno::ACCESS;
            continue;
        }
        match process::become_program(candidate, words, environment) {
            Errno::NOENT | Errno::NOTDIR => {}
            errno => refused = errno,
        }
    }
    let code = if matches!(refused, Errno::NOENT) { 127 } else { 126 };
    let cause = match refused {
        Errno::NOENT if !name.contains('/') => Error::not_found("executable file", name, " in $PATH"),
        errno => Error::system("execute", name, errno),
    };
    Error::NotRun { code, cause }.into()
}

/// `--init`: has a child become the command, passes signals on to it, and buries whoever dies.
fn look_after(
    words: &[String],
    environment: &[String],
    tty: bool,
    channel: &mut Option<OwnedFd>,
) -> Result<Infallible> {
    let heard = [signal::PASSED_ON.as_slice(), &[signal::CHILD]].concat();
    let heard = signal::Heard::of(&heard).doing("hear", "signals")?;
    let child = match process::fork().doing("fork", words.join(" "))? {
        Fork::Parent(child) => child,
        Fork::Child => {
            if tty {
                process::lead_foreground();
            }
            signal::heed_all().doing("heed", "signals")?;
            return Err(run(words, environment));
        }
    };
    // It has begun when nobody holds the channel any more: the child's end of it closes by itself.
    drop(channel.take());
    loop {
        let _ = channel::ready(&[(heard.as_fd(), true, false)], None);
        while let Some(number) = heard.next() {
            if number == signal::CHILD as i32 {
                while let Some((pid, code)) = process::reap() {
                    if pid == child {
                        process::leave(code);
                    }
                }
            } else {
                let _ = process::send(child, number);
            }
        }
    }
}
