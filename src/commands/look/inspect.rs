//! `inspect`: the network settings of sandboxes, as Docker prints them; a name that is no sandbox may be a network's.

use serde_json::Value;

use crate::commands::{Context, print_json};
use crate::error::{Doing, Error, Result};
use crate::kernel::Rtnl;
use crate::network::endpoints;
use crate::sandbox::SandboxRef;
use crate::store::{Store, networks};
use crate::views::docker;

/// Carries it out. As Docker, prints what it found even when something named is missing.
pub fn run(context: &Context, names: &[String]) -> Result<()> {
    let store = context.session.records();
    let mut host = context.session.rtnl()?;
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for name in names {
        match inspect(context, &mut host, &store, name) {
            Ok(json) => found.push(json),
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    print_json(&Value::Array(found))?;
    Error::collect(failures, names.len() > 1)
}

fn inspect(context: &Context, host: &mut Rtnl, store: &Store, name: &str) -> Result<Value> {
    let sandbox = SandboxRef::parse(name)?;
    let namespace = match sandbox.open() {
        Ok(namespace) => namespace,
        Err(missing) => {
            let network = networks::find(store, name).map_err(|_| missing)?;
            let attached = endpoints::of_network(host, store, &network)?;
            return Ok(docker::network(&network, &attached));
        }
    };
    let inode = namespace.inode().doing("look at sandbox", name)?;
    let attached = endpoints::of_sandbox(&context.session, host, store, &sandbox, &namespace)?;
    let ports = endpoints::published(store, &attached)?;
    Ok(docker::sandbox(name, &sandbox.file(), inode, &attached, &ports))
}
