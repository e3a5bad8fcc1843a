//! A further command in a container that runs: in all of its namespaces, with its limits and rights.
//!
//! A watcher of its own makes it, which is this program anew: who is in the container's namespaces and not yet the command runs out of a
//! file that nothing can be written to through it.

use std::os::fd::{AsFd, OwnedFd};

use serde::{Deserialize, Serialize};

use crate::container::cgroup;
use crate::container::find::{self, Found, Status};
use crate::container::inside::confine::Rights;
use crate::container::inside::{init, rootfs};
use crate::container::start::with_watcher;
use crate::container::watch::call::{Call, Reply, Request};
use crate::container::watch::service::{Service, streams_of};
use crate::error::{Doing, Error, Result};
use crate::session::Session;
use crate::sys::process::{self, Fork};
use crate::sys::terminal::{self, Size, Standard};
use crate::sys::{channel, root, signal};

/// The verb by which this program becomes the watcher of a further command.
pub const VERB: &str = "container-exec";

/// What is to be run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The container, by name, id or the beginning of an id.
    pub container: String,
    /// The command and its arguments.
    pub words: Vec<String>,
    /// `-t`.
    pub tty: bool,
    /// `-i`.
    pub open_stdin: bool,
    /// `-e`.
    pub env: Vec<String>,
    /// `-w`; empty for the container's.
    pub workdir: String,
    /// `-u`; empty for the container's.
    pub user: String,
}

/// Begins it. `first` is what is wanted of it from its first byte of output on.
pub fn start(session: &Session, command: &Command, first: &Request) -> Result<Call> {
    runs(session, command)?;
    let text = serde_json::to_vec(command).unwrap_or_default();
    let died = "was not entered: the command's watcher died";
    with_watcher(session, &[VERB], Some(&text), first, &command.container, died)
}

/// The container, which runs and is not frozen.
fn runs(session: &Session, command: &Command) -> Result<Found> {
    let found = find::running(&session.records(), &command.container)?;
    let why = match found.status {
        Status::Paused => find::PAUSED,
        Status::Restarting => "is restarting. Wait until it runs.",
        _ => return Ok(found),
    };
    Err(Error::container(&found.container.name, why))
}

/// Watches a further command, which `first` says.
pub fn watch(session: &Session, first: OwnedFd) -> Result<()> {
    let text = channel::hear_whole(first.as_fd()).doing("hear", "the command")?;
    let command: Command = serde_json::from_slice(&text).map_err(|_| Error::value("command", "", "as it was sent"))?;
    let found = runs(session, &command)?;
    let mut service = Service::new(first, None, None, command.tty, command.open_stdin)?;
    match launch(&found, &command, &mut service) {
        Ok(()) => service.tell_all(&Reply::Started),
        Err(error) => {
            service.tell_all(&Reply::failed(&error));
            return Ok(());
        }
    }
    let code = service.run()?;
    service.close(code);
    Ok(())
}

fn launch(found: &Found, command: &Command, service: &mut Service) -> Result<()> {
    let (own, of_child) = channel::pair().doing("make", "a socket")?;
    let (standard, streams) = streams_of(command.tty, command.open_stdin)?;
    let size = service.size;
    let pid = match process::fork().doing("make", "the process")? {
        Fork::Child => {
            drop((own, streams));
            begin(found, command, size, standard, of_child)
        }
        Fork::Parent(pid) => pid,
    };
    drop((of_child, standard));
    service.streams = streams;
    service.born(pid, &own)
}

/// Enters the container, and has a child, which only then is in its pid namespace, become the command. The child's end is its own.
fn begin(found: &Found, command: &Command, size: Option<Size>, standard: Option<Standard>, channel: OwnedFd) -> ! {
    let entered = enter(found);
    let child = entered.and_then(|rights| Ok((rights, process::fork().doing("make", "the process")?)));
    match child {
        Ok((_, Fork::Parent(child))) => {
            // It has begun when nobody holds the channel any more.
            drop(channel);
            process::leave_with(child)
        }
        Ok((rights, Fork::Child)) => {
            let Err(error) = live(found, command, rights, size, standard, &channel);
            init::tell(&channel, &error)
        }
        Err(error) => init::tell(&channel, &error),
    }
}

/// Enters the container's control group and namespaces, unless it has ended and another process has its number.
fn enter(found: &Found) -> Result<Rights> {
    process::die_with_parent().doing("begin", "the process")?;
    process::lead_session();
    let rights = Rights::of(&found.container)?;
    cgroup::enter(&found.container)?;
    let kinds: &[&str] =
        if found.container.shares_files() { &["net", "mnt"] } else { &["cgroup", "ipc", "uts", "net", "pid", "mnt"] };
    let namespaces = root::namespaces(found.state.pid, kinds).doing("open the namespaces of", &found.container.name)?;
    if process::start_time(found.state.pid) != Some(found.state.pid_start) {
        return Err(Error::NotRunning { container: found.container.name.clone() }.into());
    }
    root::join(&namespaces).doing("enter", &found.container.name)?;
    Ok(rights)
}

fn live(
    found: &Found,
    command: &Command,
    rights: Rights,
    size: Option<Size>,
    standard: Option<Standard>,
    channel: &OwnedFd,
) -> Result<std::convert::Infallible> {
    process::die_with_parent().doing("begin", "the process")?;
    process::lead_session();
    let container = &found.container;
    let console: Option<rootfs::Console> =
        if command.tty { Some(terminal::pair().doing("make", "a pseudo-terminal")?) } else { None };
    init::take_standard(console, standard, size, Some(channel))?;
    let user = if command.user.is_empty() { &container.user } else { &command.user };
    let environment = init::restrict(container, rights, user, &command.env, command.tty)?;
    let workdir = if command.workdir.is_empty() { &container.workdir } else { &command.workdir };
    init::go_to(if workdir.is_empty() { "/" } else { workdir }, container.shares_files())?;
    if !container.shares_files() {
        rights.confine()?;
    }
    signal::heed_all().doing("heed", "signals")?;
    Err(init::run(&command.words, &environment))
}
