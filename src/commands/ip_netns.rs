//! `ip netns`: named network namespaces.

use std::ffi::OsString;

use super::{Context, print};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::Rtnl;
use crate::network::sandbox::SandboxRef;
use crate::sys::netns::{self, Netns};
use crate::sys::{Errno, file, mounts, process, terminal};
use crate::views;

/// What to do with namespaces.
#[derive(Debug)]
pub enum Request {
    /// Names, and the ids by which a namespace knows them; none for this one.
    List(Option<SandboxRef>),
    /// Creates one.
    Add(String),
    /// Removes a name.
    Delete(String),
    /// Names the one that a process is in.
    Attach(String, u32),
    /// Runs a command inside.
    Exec(Exec),
    /// The processes inside.
    Pids(SandboxRef),
    /// The name of the one that a process is in; of ours when it is none.
    Identify(Option<u32>),
}

/// A command to run in a sandbox.
#[derive(Debug)]
pub struct Exec {
    /// The sandbox.
    pub sandbox: SandboxRef,
    /// The command and its arguments.
    pub command: Vec<OsString>,
}

/// `ip netns …`.
pub fn run(context: &Context, request: Request) -> Result<()> {
    match request {
        Request::List(of) => {
            let mut rtnl = super::ip::rtnl(context, of.as_ref())?;
            print(&views::ip::namespaces(&ids(&mut rtnl), context.json))
        }
        Request::Add(name) => add(&name),
        Request::Delete(name) => delete(&name),
        Request::Attach(name, pid) => attach(&name, pid),
        Request::Exec(exec) => Err(execute(&exec)),
        Request::Pids(sandbox) => pids(&sandbox),
        Request::Identify(pid) => identify(pid),
    }
}

/// The named namespaces in the directory's order, with the ids by which the namespace of `rtnl` knows them.
pub fn ids(rtnl: &mut Rtnl) -> Vec<(String, Option<i32>)> {
    // A directory that cannot be read, or a file that is no namespace, has no ids; that is no reason to show nothing.
    let names = file::list_as_is(netns::DIRECTORY).unwrap_or_default();
    let with_id = |name: String| {
        let namespace = Netns::open(&netns::pinned_path(&name)).ok();
        let id = namespace.and_then(|namespace| rtnl.id_of(&namespace).ok().flatten());
        (name, id)
    };
    names.into_iter().map(with_id).collect()
}

fn add(name: &str) -> Result<()> {
    pin(name, &mut || {
        netns::create().doing("create", &"a network namespace")?;
        netns::pin_current(name).doing("pin", &"the namespace")
    })
}

fn attach(name: &str, pid: u32) -> Result<()> {
    let namespace = SandboxRef::Pid(pid).open()?;
    pin(name, &mut || netns::pin(&namespace, name).doing("pin", &"the namespace"))
}

/// Claims `name`, has `mount` put a namespace there, and takes the name back when that fails.
fn pin(name: &str, mount: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    let claim = match netns::claim_name(name) {
        Err(Errno::EXIST) => {
            return Err(Failure::Exists { kind: "sandbox", name: name.to_owned(), remedy: "" }.into());
        }
        result => result.doing("create", &netns::pinned_path(name))?,
    };
    let result = mount();
    if result.is_err() {
        let _ = netns::unpin(name);
    }
    drop(claim);
    result
}

fn delete(name: &str) -> Result<()> {
    match netns::unpin(name) {
        Err(Errno::NOENT) => Err(Error::not_found("sandbox", name, "")),
        result => result.doing("remove", &netns::pinned_path(name)),
    }
}

/// Becomes the command; returns only when that fails.
fn execute(exec: &Exec) -> Error {
    if let Err(cause) = enter(&exec.sandbox) {
        return Failure::NotRun { code: 125, cause }.into();
    }
    let errno = process::execute(&exec.command);
    let name = exec.command.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let code = if matches!(errno, Errno::NOENT | Errno::NOTDIR) { 127 } else { 126 };
    let cause = Failure::System { doing: "run", object: name, errno }.into();
    Failure::NotRun { code, cause }.into()
}

/// Enters a namespace with mounts of our own: its `/sys`, and its files over those in `/etc`.
fn enter(sandbox: &SandboxRef) -> Result<()> {
    sandbox.open()?.enter().doing("enter", &"the namespace")?;
    netns::private_mounts().doing("make", &"mounts of our own")?;
    mounts::renew_sys().doing("mount", &"/sys")?;
    let SandboxRef::Name(name) = sandbox else { return Ok(()) };
    let directory = ["/etc/netns/", name].concat();
    for file in file::list(&directory).unwrap_or_default() {
        let (from, over) = ([&directory, "/", &file].concat(), ["/etc/", &file].concat());
        if let Err(errno) = mounts::cover(&from, &over) {
            // As iproute2: the command may well do without.
            let error: Error =
                Failure::System { doing: "bind", object: [&from, " over ", &over].concat(), errno }.into();
            terminal::complain(&format!("pontoon: ip netns exec {name}: {error}\n"));
        }
    }
    Ok(())
}

fn pids(sandbox: &SandboxRef) -> Result<()> {
    let inode = sandbox.open()?.inode().doing("look at", &"the namespace")?;
    let all = process::all().doing("list", &"processes")?;
    let mut out = String::new();
    for process in all.iter().filter(|process| process.netns == inode) {
        out.push_str(&process.pid.to_string());
        out.push('\n');
    }
    print(&out)
}

fn identify(pid: Option<u32>) -> Result<()> {
    let namespace = match pid {
        Some(pid) => SandboxRef::Pid(pid).open()?,
        None => Netns::current().doing("open", &"this namespace")?,
    };
    let inode = namespace.inode();
    let mut found = String::new();
    // The last one when there are several, as iproute2.
    for name in file::list_as_is(netns::DIRECTORY).unwrap_or_default() {
        if Netns::open(&netns::pinned_path(&name)).is_ok_and(|named| named.inode() == inode) {
            found = name;
        }
    }
    print(&(found + "\n"))
}
