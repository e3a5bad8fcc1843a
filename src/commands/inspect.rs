//! `inspect`: the network settings of sandboxes, as Docker prints them; a name that is no sandbox may be a network's.

use crate::commands::{Context, print_json};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::kernel::Rtnl;
use crate::network::sandbox::SandboxRef;
use crate::network::{endpoint, publish, registry};
use crate::prelude::*;
use crate::store::Store;
use crate::sys::netns;
use crate::views::docker;

/// Carries it out. As Docker, prints what it found even when something named is missing.
pub fn run(context: &Context, names: &[Text]) -> Result<()> {
    let store = context.look();
    let host = context.rtnl()?;
    let failures = each(names, &mut |name| inspect(context, host, store, name))?;
    Error::collect(failures, names.len() > 1)
}

/// Prints what `look` finds of each of `names`, as one list; gives what it did not find.
pub fn each(names: &[Text], look: &mut dyn FnMut(Text) -> Result<Json>) -> Result<Vec<(Text, Error)>> {
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for name in names {
        match look(name) {
            Ok(json) => found.push(json),
            Err(error) => failures.push((*name, error)),
        }
    }
    print_json(Json::list(found))?;
    Ok(failures)
}

fn inspect(context: &Context, host: &mut Rtnl, store: &Store, name: Text) -> Result<Json> {
    let reference = SandboxRef::parse(name)?;
    let sandbox = match reference.hold() {
        Ok(sandbox) => sandbox,
        Err(missing) => {
            let network = registry::find(store, name).map_err(|_| missing)?;
            let endpoints = endpoint::of_network(host, store, network)?;
            return Ok(docker::network(network, endpoints));
        }
    };
    let inode = sandbox.inode;
    let attached = reference.endpoints(sandbox, host, store, context.verbose)?;
    let ports = publish::of_all(store, &attached)?;
    let key = match &reference {
        SandboxRef::Name(name) => netns::pinned_path(name),
        SandboxRef::Path(path) => path,
        SandboxRef::Pid(pid) => text!("/proc/{pid}/ns/net"),
    };
    Ok(docker::sandbox(name, key, inode, &attached, &ports))
}
