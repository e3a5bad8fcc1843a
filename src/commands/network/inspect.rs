//! `network inspect`: each network as Docker prints it.

use crate::commands::{Context, inspect};
use crate::error::Result;
use crate::network::{endpoint, registry};
use crate::prelude::*;
use crate::views::docker;

/// Carries it out. As Docker, prints what it found even when something named is missing, and complains of the first.
pub fn run(context: &Context, names: &[Text]) -> Result<()> {
    let store = context.look();
    let rtnl = context.rtnl()?;
    let failures = inspect::each(names, &mut |name| {
        let network = registry::find(store, name)?;
        Ok(docker::network(network, endpoint::of_network(rtnl, store, network)?))
    })?;
    match failures.first() {
        None => Ok(()),
        Some((_, error)) => Err(error.clone()),
    }
}
