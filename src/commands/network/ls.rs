//! `network ls`: a table, ids, or a JSON object a line.

use super::filter::{self, Filter};
use crate::commands::{Context, print};
use crate::error::Result;
use crate::network::{endpoint, id, registry};
use crate::prelude::*;
use crate::views::{docker, table};

/// What `network ls` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Ids only.
    pub quiet: bool,
    /// Ids whole.
    pub no_trunc: bool,
    /// `--format json`.
    pub json: bool,
    /// All of these must be met, except that of several of a kind one is enough, as with Docker.
    pub filters: Vec<Filter>,
}

/// Carries it out.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = context.look();
    let networks = registry::all(store)?;
    // Only `dangling` needs the kernel.
    let dangling = arguments.filters.iter().any(|filter| matches!(filter, Filter::Dangling(_)));
    let mut rtnl = if dangling { Some(context.rtnl()?) } else { None };
    let json = arguments.json || context.json;
    let mut text = String::new();
    let mut rows = vec![["NETWORK ID", "NAME", "DRIVER", "SCOPE"]];
    for network in networks {
        let attached = match &mut rtnl {
            Some(rtnl) => endpoint::of_network(rtnl, store, network)?.len(),
            None => 0,
        };
        if !filter::meets(&arguments.filters, network, attached) {
            continue;
        }
        let id = if arguments.no_trunc { network.id } else { id::short(network.id) };
        if arguments.quiet {
            text.push_str(text!("{id}\n"));
        } else if json {
            text.push_str(text!("{}\n", docker::network_line(network, id).compact()));
        } else {
            rows.push([id, network.name, "bridge", "local"]);
        }
    }
    if !arguments.quiet && !json {
        text = table::table(&rows);
    }
    print(&text)
}
