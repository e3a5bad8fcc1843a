//! Names in `/run/netns`: given and taken back.

use super::reference::SandboxRef;
use crate::error::{Doing, Errno, Error, Result};
use crate::sys::netns::{self, Netns};
use crate::sys::{file, process};

/// Creates a namespace called `name`. The process is inside it from then on.
pub fn add(name: &str) -> Result<()> {
    pin(name, || {
        netns::create().doing("create", "a network namespace")?;
        netns::pin_current(name).doing("pin", "the namespace")
    })
}

/// Gives the namespace that process `pid` is in the name `name`.
pub fn attach(name: &str, pid: u32) -> Result<()> {
    give(&SandboxRef::Pid(pid).open()?, name)
}

/// Gives a namespace that is open the name `name`.
pub fn give(namespace: &Netns, name: &str) -> Result<()> {
    pin(name, || netns::pin(namespace, name).doing("pin", "the namespace"))
}

/// Claims `name`, has `mount` put a namespace there, and takes the name back when that fails.
fn pin(name: &str, mount: impl FnOnce() -> Result<()>) -> Result<()> {
    let claim = match netns::claim_name(name) {
        Err(Errno::EXIST) => return Err(Error::Exists { kind: "sandbox", name: name.to_owned(), remedy: "" }.into()),
        result => result.doing("create", netns::pinned_path(name))?,
    };
    let result = mount();
    if result.is_err() {
        let _ = netns::unpin(name);
    }
    drop(claim);
    result
}

/// Removes the name `name`; the namespace lives on as long as somebody is in it.
pub fn delete(name: &str) -> Result<()> {
    match netns::unpin(name) {
        Err(Errno::NOENT) => Err(Error::not_found("sandbox", name, "")),
        result => result.doing("remove", netns::pinned_path(name)),
    }
}

/// The processes inside, by ascending id.
pub fn processes(sandbox: &SandboxRef) -> Result<Vec<u32>> {
    let inode = sandbox.open()?.inode().doing("look at", "the namespace")?;
    let all = process::all().doing("list", "processes")?;
    Ok(all.iter().filter(|process| process.netns == inode).map(|process| process.pid).collect())
}

/// The name of the namespace that a process is in, or we are; the last one when there are several, as iproute2; empty when there
/// is none.
pub fn identify(pid: Option<u32>) -> Result<String> {
    let namespace = match pid {
        Some(pid) => SandboxRef::Pid(pid).open()?,
        None => Netns::current().doing("open", "this namespace")?,
    };
    let inode = namespace.inode();
    let names = file::list_as_is(netns::DIRECTORY).unwrap_or_default();
    let is_it = |name: &String| Netns::open(&netns::pinned_path(name)).is_ok_and(|named| named.inode() == inode);
    Ok(names.into_iter().rfind(is_it).unwrap_or_default())
}
