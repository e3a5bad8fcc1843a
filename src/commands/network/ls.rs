//! `network ls`: a table, ids, or a JSON object a line.

use super::filter::Filter;
use crate::commands::{Context, print_as};
use crate::error::Result;
use crate::network::endpoints;
use crate::store::networks;
use crate::types::id;
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
    let store = context.session.records();
    let mut rtnl = None;
    let mut shown = Vec::new();
    for network in networks::all(&store)? {
        // Only `dangling` needs the kernel.
        let attached = if arguments.filters.iter().any(|filter| matches!(filter, Filter::Dangling(_))) {
            let rtnl = match &mut rtnl {
                Some(rtnl) => rtnl,
                none => none.insert(context.session.rtnl()?),
            };
            endpoints::of_network(rtnl, &store, &network)?.len()
        } else {
            0
        };
        if meets(&arguments.filters, |filter| filter.admits(&network, attached)) {
            shown.push(network);
        }
    }
    let id_of = |id: &str| if arguments.no_trunc { id.to_owned() } else { id::short(id).to_owned() };
    let mut text = String::new();
    if arguments.quiet {
        text.extend(shown.iter().map(|network| id_of(&network.id) + "\n"));
    } else if arguments.json || context.json {
        text.extend(shown.iter().map(|network| docker::network_line(network, &id_of(&network.id)).compact() + "\n"));
    } else {
        let mut rows = vec![["NETWORK ID", "NAME", "DRIVER", "SCOPE"].map(str::to_owned).to_vec()];
        rows.extend(shown.iter().map(|n| vec![id_of(&n.id), n.name.clone(), "bridge".to_owned(), "local".to_owned()]));
        text = table::table(&rows);
    }
    print_as(arguments.json || context.json, &text)
}

/// As Docker: of the filters of one kind one must be met, but of labels all.
pub fn meets(filters: &[Filter], admits: impl Fn(&Filter) -> bool) -> bool {
    let kind = std::mem::discriminant::<Filter>;
    filters.iter().all(|filter| {
        if matches!(filter, Filter::Label { .. }) {
            return admits(filter);
        }
        filters.iter().any(|other| kind(other) == kind(filter) && admits(other))
    })
}
