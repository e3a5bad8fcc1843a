//! `check`: compares host and sandboxes with the records, pings what should answer, and prints where it is not so.

use std::time::Duration;

use crate::commands::{Context, print, print_json};
use crate::diagnose::check;
use crate::error::{Error, Result};
use crate::firewall::{host, others};
use crate::model::network::Network;
use crate::network::compare::Look;
use crate::store::networks;
use crate::views::check as view;

/// What to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The networks; all when none is named.
    pub networks: Vec<String>,
    /// Try all pairs of a network of however many endpoints.
    pub full: bool,
    /// How long to wait for an answer.
    pub patience: Duration,
}

/// Checks; fails when something is not as configured.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = context.session.records();
    let networks: Vec<Network> = if arguments.networks.is_empty() {
        networks::all(&store)?
    } else {
        arguments.networks.iter().map(|name| networks::find(&store, name)).collect::<Result<_>>()?
    };
    let differences = Look::new(&context.session, &store)?.everything(&networks)?.each();
    let plan = check::check(&context.session, &networks, arguments.full, arguments.patience)?;
    let notes = [host::forwarding_notes(&store)?, others::find(&context.session.rtnl()?)].concat();
    if context.json {
        print_json(&view::json(&plan, &differences, &notes))?;
    } else {
        print(&view::text(&plan, &differences, &notes))?;
    }
    match (plan.failed(), differences.len()) {
        ((0, _), 0) => Ok(()),
        ((failed, of), differences) => Err(Error::CheckFailed { failed, of, differences }.into()),
    }
}
