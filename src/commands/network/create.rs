//! `network create`: define, record, build the bridge, print the id.

use crate::commands::{Context, print, print_json};
use crate::error::{Failure, Result};
use crate::json::Json;
use crate::network::definition::{Network, Wanted};
use crate::network::{creation, registry};
use crate::store::Store;
use crate::views::docker;

/// What `network create` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The network.
    pub wanted: Wanted,
    /// Success when it already is exactly so.
    pub ensure: bool,
    /// Change nothing; print what would be made.
    pub dry_run: bool,
}

/// Carries it out.
pub fn run(context: &Context, arguments: Arguments) -> Result<()> {
    let wanted = arguments.wanted.complete()?;
    let mut rtnl = context.rtnl()?;
    if arguments.dry_run {
        let store = Store::look(&context.state_dir);
        let network = match existing(&store, &wanted, arguments.ensure)? {
            Some(network) => network,
            None => creation::define(&mut rtnl, &store, &wanted)?,
        };
        return print_json(&Json::List(vec![docker::network(&network, &[])]));
    }
    let store = Store::exclusive(&context.state_dir)?;
    let network = if let Some(network) = existing(&store, &wanted, arguments.ensure)? {
        creation::repair(&mut rtnl, &store, &network)?;
        network
    } else {
        let network = creation::define(&mut rtnl, &store, &wanted)?;
        creation::make(&mut rtnl, &store, &network)?;
        network
    };
    if context.json {
        return print_json(&Json::object_of(|json| {
            json.text("Id", &network.id).text("Warning", "");
        }));
    }
    print(&(network.id + "\n"))
}

/// The network of that name, when `--ensure` allows it and it is as wanted; none when there is none.
fn existing(store: &Store, wanted: &Wanted, ensure: bool) -> Result<Option<Box<Network>>> {
    crate::network::names::network_name(&wanted.name)?;
    let Some(network) = registry::by_name(store, &wanted.name)? else { return Ok(None) };
    if !ensure {
        let remedy = ". Remove it with 'pontoon network rm', or use --ensure.";
        return Err(Failure::Exists { kind: "network", name: wanted.name.clone(), remedy }.into());
    }
    let differences = network.differences(wanted);
    if differences.is_empty() {
        return Ok(Some(network));
    }
    Err(Failure::Differs { kind: "network", name: wanted.name.clone(), differences }.into())
}
