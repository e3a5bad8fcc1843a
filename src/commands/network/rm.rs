//! `network rm`: ports, bridge, records; prints each name.

use crate::commands::{Context, print};
use crate::error::{Error, Failure, Result};
use crate::kernel::Rtnl;
use crate::network::{endpoint, registry, removal};
use crate::prelude::*;
use crate::store::Store;
use crate::sys::file;

/// What `network rm` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The networks.
    pub networks: &'static [Text],
    /// Disconnects what is attached; what is not there is no error.
    pub force: bool,
}

/// Carries it out. Goes on with the others when one fails.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    // Nothing recorded: no reason to create a directory for the lock.
    let nothing = !file::exists(context.state_dir);
    let store = if nothing { context.look() } else { context.exclusive()? };
    let rtnl = context.rtnl()?;
    let mut failures = Vec::new();
    for name in arguments.networks {
        match remove(rtnl, store, name, arguments.force) {
            Ok(()) => print(text!("{name}\n"))?,
            Err(error) => failures.push((*name, error)),
        }
    }
    Error::collect(failures, arguments.networks.len() > 1)
}

fn remove(rtnl: &mut Rtnl, store: &Store, name: Text, force: bool) -> Result<()> {
    let network = match registry::find(store, name) {
        Err(error) if force && matches!(*error, Failure::NotFound { .. }) => return Ok(()),
        result => result?,
    };
    if !force {
        let endpoints = endpoint::of_network(rtnl, store, network)?;
        if !endpoints.is_empty() {
            let mut sandboxes = Vec::new();
            for endpoint in endpoints {
                sandboxes.push(if endpoint.sandbox.is_empty() { endpoint.device } else { endpoint.sandbox });
            }
            return Err(Failure::ActiveEndpoints { network: network.name, sandboxes }.into());
        }
    }
    removal::remove_network(rtnl, store, network)
}
