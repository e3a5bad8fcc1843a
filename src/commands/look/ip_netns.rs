//! `ip netns`: named network namespaces.

use std::ffi::OsString;

use super::ip;
use crate::commands::{Context, lines, print};
use crate::container::names;
use crate::error::Result;
use crate::sandbox::{SandboxRef, enter, namespaces, pin};
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
    Exec(SandboxRef, Vec<OsString>),
    /// The processes inside.
    Pids(SandboxRef),
    /// The name of the one that a process is in; of ours when it is none.
    Identify(Option<u32>),
}

/// `ip netns …`.
pub fn run(context: &Context, request: Request) -> Result<()> {
    match request {
        Request::List(of) => {
            let mut rtnl = ip::rtnl(context, of.as_ref())?;
            print(&views::ip::namespaces(&namespaces::ids(&mut rtnl), context.json))
        }
        Request::Add(name) => pin::add(&name),
        Request::Delete(name) => pin::delete(&name),
        Request::Attach(name, pid) => pin::attach(&name, pid),
        Request::Exec(sandbox, command) => {
            let hosts = names::of_sandbox(&context.session, &sandbox.to_string())?;
            let hosts = hosts.map(|text| enter::Hosts { text, by_way_of: context.session.state_dir.clone() });
            Err(enter::execute(&sandbox, &command, hosts.as_ref(), context.session.report))
        }
        Request::Pids(sandbox) => print(&lines(&pin::processes(&sandbox)?)),
        Request::Identify(pid) => print(&(pin::identify(pid)? + "\n")),
    }
}
