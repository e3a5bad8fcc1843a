//! Becoming a command inside a sandbox.

use std::ffi::OsString;

use super::reference::SandboxRef;
use crate::error::{Doing, Errno, Error, Report, Result, Warning};
use crate::sys::{file, mount, netns, process};

/// The names that a sandbox is told.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// As hosts(5).
    pub text: String,
    /// A directory in which a file may lie for a moment that nobody else sees.
    pub by_way_of: String,
}

/// Enters the sandbox and becomes the command; returns only when that fails.
///
/// `hosts` is shown over `/etc/hosts`, unless the host has a file for this sandbox in `/etc/netns`.
pub fn execute(sandbox: &SandboxRef, command: &[OsString], hosts: Option<&Hosts>, report: Report) -> Box<Error> {
    if let Err(cause) = enter(sandbox, hosts, report) {
        return Error::NotRun { code: 125, cause }.into();
    }
    let errno = process::execute(command);
    let name = command.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let code = if matches!(errno, Errno::NOENT | Errno::NOTDIR) { 127 } else { 126 };
    Error::NotRun { code, cause: Error::system("run", name, errno) }.into()
}

/// Enters a namespace with mounts of our own: its `/sys`, and its files over those in `/etc`.
fn enter(sandbox: &SandboxRef, hosts: Option<&Hosts>, report: Report) -> Result<()> {
    sandbox.open()?.enter().doing("enter", "the namespace")?;
    netns::private_mounts().doing("make", "mounts of our own")?;
    mount::renew_sys().doing("mount", "/sys")?;
    if let Some(hosts) = hosts {
        // Without names one can do, too.
        let _ = mount::cover_with(&hosts.text, &hosts.by_way_of, "/etc/hosts");
    }
    let SandboxRef::Name(name) = sandbox else { return Ok(()) };
    let directory = format!("/etc/netns/{name}");
    for file in file::list(&directory).unwrap_or_default() {
        let (from, over) = (format!("{directory}/{file}"), format!("/etc/{file}"));
        if let Err(errno) = mount::cover(&from, &over) {
            // As iproute2: the command may well do without.
            let error = Error::system("bind", format_args!("{from} over {over}"), errno);
            (report.warn)(&Warning::NotCovered(error));
        }
    }
    Ok(())
}
