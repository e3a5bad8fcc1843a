//! `network inspect`: each network as Docker prints it.

use crate::commands::{Context, print, print_json};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::network::{endpoint, registry};
use crate::store::Store;
use crate::views::docker;

/// Carries it out. As Docker, prints what it found even when something named is missing.
pub fn run(context: &Context, names: &[String]) -> Result<()> {
    let store = Store::look(&context.state_dir);
    let mut rtnl = context.rtnl()?;
    let mut found = Vec::new();
    let mut failed = None;
    for name in names {
        match registry::find(&store, name) {
            Ok(network) => {
                let endpoints = endpoint::of_network(&mut rtnl, &store, &network)?;
                found.push(docker::network(&network, &endpoints));
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    if found.is_empty() {
        print("[]\n")?;
    } else {
        print_json(&Json::List(found))?;
    }
    failed.map_or(Ok(()), |error: Error| Err(error))
}
