//! `network inspect`: each network as Docker prints it.

use serde_json::Value;

use crate::commands::{Context, print_json};
use crate::container::find;
use crate::error::Result;
use crate::network::endpoints;
use crate::store::networks;
use crate::views::docker;

/// Carries it out. As Docker, prints what it found even when something named is missing.
pub fn run(context: &Context, names: &[String]) -> Result<()> {
    let store = context.session.records();
    let mut rtnl = context.session.rtnl()?;
    let mut found = Vec::new();
    let mut failed = None;
    for name in names {
        match networks::find(&store, name) {
            Ok(network) => {
                let attached = endpoints::of_network(&mut rtnl, &store, &network)?;
                found.push(docker::network(&network, &find::with_ids(&store, attached)?));
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    print_json(&Value::Array(found))?;
    failed.map_or(Ok(()), Err)
}
