//! `inspect`: the network settings of sandboxes, as Docker prints them; a name that is no sandbox may be a network's.

use crate::commands::{Context, print, print_json};
use crate::error::{Doing, Error, Result};
use crate::json::Json;
use crate::kernel::Rtnl;
use crate::network::sandbox::SandboxRef;
use crate::network::{endpoint, publish, registry};
use crate::store::Store;
use crate::sys::netns;
use crate::views::docker;

/// Carries it out. As Docker, prints what it found even when something named is missing.
pub fn run(context: &Context, names: &[String]) -> Result<()> {
    let store = Store::look(&context.state_dir);
    let mut host = context.rtnl()?;
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for name in names {
        match inspect(context, &mut host, &store, name) {
            Ok(json) => found.push(json),
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    if found.is_empty() {
        print("[]\n")?;
    } else {
        print_json(&Json::List(found))?;
    }
    Error::collect(failures, names.len() > 1)
}

fn inspect(context: &Context, host: &mut Rtnl, store: &Store, name: &str) -> Result<Json> {
    let reference = SandboxRef::parse(name)?;
    let sandbox = match reference.open() {
        Ok(sandbox) => sandbox,
        Err(missing) => {
            let network = registry::find(store, name).map_err(|_| missing)?;
            let endpoints = endpoint::of_network(host, store, &network)?;
            return Ok(docker::network(&network, &endpoints));
        }
    };
    let inode = sandbox.inode().doing("look at sandbox", &name)?;
    let attached = reference.endpoints(&sandbox, host, store, context.verbose)?;
    let ports = publish::of_all(store, &attached)?;
    let key = match &reference {
        SandboxRef::Name(name) => netns::pinned_path(name),
        SandboxRef::Path(path) => path.clone(),
        SandboxRef::Pid(pid) => format!("/proc/{pid}/ns/net"),
    };
    Ok(docker::sandbox(name, &key, inode, &attached, &ports))
}
