//! `ip netns`: named network namespaces.

use core::ffi::CStr;

use super::{Context, print};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::Rtnl;
use crate::network::sandbox::SandboxRef;
use crate::prelude::*;
use crate::sys::netns::{self, Netns};
use crate::sys::{Errno, file, mounts, process, terminal};
use crate::views;

/// What to do with namespaces.
#[derive(Debug)]
pub enum Request {
    /// Names, and the ids by which a namespace knows them; none for this one.
    List(Option<&'static SandboxRef>),
    /// Creates one.
    Add(Text),
    /// Removes a name.
    Delete(Text),
    /// Names the one that a process is in.
    Attach(Text, u32),
    /// Runs a command, which has its arguments with it, inside.
    Exec(&'static SandboxRef, &'static [&'static CStr]),
    /// The processes inside.
    Pids(&'static SandboxRef),
    /// The name of the one that a process is in; of ours when it is none.
    Identify(Option<u32>),
}

/// `ip netns …`.
pub fn run(context: &Context, request: &Request) -> Result<()> {
    match *request {
        Request::List(of) => {
            let rtnl = super::ip::rtnl(context, of)?;
            print(views::ip::namespaces(&ids(rtnl), context.json))
        }
        Request::Add(name) => add(name),
        Request::Delete(name) => delete(name),
        Request::Attach(name, pid) => attach(name, pid),
        Request::Exec(sandbox, command) => Err(execute(sandbox, command)),
        Request::Pids(sandbox) => pids(sandbox),
        Request::Identify(pid) => identify(pid),
    }
}

/// The named namespaces in the directory's order, with the ids by which the namespace of `rtnl` knows them.
pub fn ids(rtnl: &mut Rtnl) -> Vec<(Text, Option<i32>)> {
    // A directory that cannot be read, or a file that is no namespace, has no ids; that is no reason to show nothing.
    let mut ids = Vec::new();
    for name in file::list_as_is(netns::DIRECTORY).unwrap_or_default() {
        let namespace = Netns::open(netns::pinned_path(name)).ok();
        let id = namespace.and_then(|namespace| rtnl.id_of(&namespace).ok().flatten());
        ids.push((name, id));
    }
    ids
}

fn add(name: Text) -> Result<()> {
    pin(name, &mut || {
        netns::create().doing("create", &"a network namespace")?;
        netns::pin_current(name).doing("pin", &"the namespace")
    })
}

fn attach(name: Text, pid: u32) -> Result<()> {
    let namespace = SandboxRef::Pid(pid).hold()?;
    pin(name, &mut || netns::pin(namespace, name).doing("pin", &"the namespace"))
}

/// Claims `name`, has `mount` put a namespace there, and takes the name back when that fails.
fn pin(name: Text, mount: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    let claim = match netns::claim_name(name) {
        Err(Errno::EXIST) => {
            return Err(Failure::Exists { kind: "sandbox", name, remedy: "" }.into());
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

fn delete(name: Text) -> Result<()> {
    match netns::unpin(name) {
        Err(Errno::NOENT) => Err(Error::not_found("sandbox", name, "")),
        result => result.doing("remove", &netns::pinned_path(name)),
    }
}

/// Becomes the command; returns only when that fails.
fn execute(sandbox: &SandboxRef, command: &[&CStr]) -> Error {
    if let Err(cause) = enter(sandbox) {
        return Failure::NotRun { code: 125, cause }.into();
    }
    let errno = process::execute(command);
    let name = command.first().map_or("", |name| lossy(name.to_bytes()));
    let code = if matches!(errno, Errno::NOENT | Errno::NOTDIR) { 127 } else { 126 };
    let cause = Failure::System { doing: "run", object: name, errno }.into();
    Failure::NotRun { code, cause }.into()
}

/// Enters a namespace with mounts of our own: its `/sys`, and its files over those in `/etc`.
fn enter(sandbox: &SandboxRef) -> Result<()> {
    sandbox.hold()?.enter().doing("enter", &"the namespace")?;
    netns::private_mounts().doing("make", &"mounts of our own")?;
    mounts::renew_sys().doing("mount", &"/sys")?;
    let SandboxRef::Name(name) = sandbox else { return Ok(()) };
    let directory = text!("/etc/netns/{name}");
    for file in file::list(directory).unwrap_or_default() {
        let (from, over) = (text!("{directory}/{file}"), text!("/etc/{file}"));
        if let Err(errno) = mounts::cover(from, over) {
            // As iproute2: the command may well do without.
            let error: Error = Failure::System { doing: "bind", object: text!("{from} over {over}"), errno }.into();
            terminal::complain(text!("pontoon: ip netns exec {name}: {error}\n"));
        }
    }
    Ok(())
}

fn pids(sandbox: &SandboxRef) -> Result<()> {
    let inode = sandbox.hold()?.inode;
    let all = process::all().doing("list", &"processes")?;
    let mut out = String::new();
    for process in all {
        if process.netns == inode {
            out.push_str(text!("{}\n", process.pid));
        }
    }
    print(&out)
}

fn identify(pid: Option<u32>) -> Result<()> {
    let namespace = match pid {
        Some(pid) => SandboxRef::Pid(pid).hold()?,
        None => stay(Netns::current().doing("open", &"this namespace")?),
    };
    let mut found = "";
    // The last one when there are several, as iproute2.
    for name in file::list_as_is(netns::DIRECTORY).unwrap_or_default() {
        if Netns::open(netns::pinned_path(name)).is_ok_and(|named| named.inode == namespace.inode) {
            found = name;
        }
    }
    print(text!("{found}\n"))
}
