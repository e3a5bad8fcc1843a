//! `network prune`: removes the networks that nothing is attached to, except the default one.

use super::filter::Filter;
use super::ls::meets;
use crate::commands::{Context, print};
use crate::error::{Error, Result};
use crate::network::definition::DEFAULT_NETWORK;
use crate::network::{endpoint, registry, removal};
use crate::store::Store;
use crate::sys::{file, terminal};

/// What `network prune` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Do not ask.
    pub force: bool,
    /// All of these must be met.
    pub filters: Vec<Filter>,
}

const QUESTION: &str = "WARNING! This will remove all networks that no sandbox is connected to.\n\
                        Are you sure you want to continue? [y/N] ";

/// Carries it out.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    if !arguments.force {
        print(QUESTION)?;
        if !matches!(terminal::read_line().as_str(), "y" | "Y" | "yes") {
            return Ok(());
        }
    }
    if !file::exists(&context.state_dir) {
        return Ok(());
    }
    let store = Store::exclusive(&context.state_dir)?;
    let mut rtnl = context.rtnl()?;
    let mut removed = String::new();
    let mut failures = Vec::new();
    for network in registry::all(&store)? {
        let attached = endpoint::of_network(&mut rtnl, &store, &network)?.len();
        let wanted = meets(&arguments.filters, |filter| filter.admits(&network, attached));
        if attached > 0 || network.name == DEFAULT_NETWORK || !wanted {
            continue;
        }
        match removal::remove_network(&mut rtnl, &store, &network) {
            Ok(()) => removed.extend([&network.name, "\n"]),
            Err(error) => failures.push((network.name, error)),
        }
    }
    if !removed.is_empty() {
        print(&format!("Deleted Networks:\n{removed}\n"))?;
    }
    Error::collect(failures, true)
}
