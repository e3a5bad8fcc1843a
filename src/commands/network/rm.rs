//! `network rm`: ports, bridge, records; prints each name.

use crate::commands::{Context, print};
use crate::error::{Error, Failure, Result};
use crate::kernel::Rtnl;
use crate::network::{endpoint, registry, removal};
use crate::store::Store;
use crate::sys::file;

/// What `network rm` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The networks.
    pub networks: Vec<String>,
    /// Disconnects what is attached; what is not there is no error.
    pub force: bool,
}

/// Carries it out. Goes on with the others when one fails.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    // Nothing recorded: no reason to create a directory for the lock.
    let nothing = !file::exists(&context.state_dir);
    let store = if nothing { Store::look(&context.state_dir) } else { Store::exclusive(&context.state_dir)? };
    let mut rtnl = context.rtnl()?;
    let mut failures = Vec::new();
    for name in &arguments.networks {
        match remove(&mut rtnl, &store, name, arguments.force) {
            Ok(()) => print(&format!("{name}\n"))?,
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    Error::collect(failures, arguments.networks.len() > 1)
}

fn remove(rtnl: &mut Rtnl, store: &Store, name: &str, force: bool) -> Result<()> {
    let network = match registry::find(store, name) {
        Err(error) if force && matches!(*error, Failure::NotFound { .. }) => return Ok(()),
        result => result?,
    };
    if !force {
        let endpoints = endpoint::of_network(rtnl, store, &network)?;
        if !endpoints.is_empty() {
            let named =
                |e: &endpoint::Endpoint| if e.sandbox.is_empty() { e.device.clone() } else { e.sandbox.clone() };
            return Err(Failure::ActiveEndpoints {
                network: network.name,
                sandboxes: endpoints.iter().map(|endpoint| named(endpoint)).collect(),
            }
            .into());
        }
    }
    removal::remove_network(rtnl, store, &network)
}
