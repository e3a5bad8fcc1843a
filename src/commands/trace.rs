//! `trace`: shows the way of a sandbox's packets, from its interface over the veth pair and the bridge to the way out.

use super::{Context, print, print_json};
use crate::error::{Error, Result};
use crate::network::places::Places;
use crate::network::veth_path;
use crate::prelude::*;
use crate::views::trace as view;

/// Traces sandboxes, interfaces of the host, and addresses, as the user writes them; every veth pair when there are none.
/// Goes on with the others when one is not found.
pub fn run(context: &Context, targets: &[Text]) -> Result<()> {
    let places = Places::survey(context.verbose)?;
    let mut stories = Vec::new();
    let mut failures = Vec::new();
    if targets.is_empty() {
        stories = veth_path::trace_all(places);
    }
    for target in targets {
        match veth_path::trace(places, target) {
            Ok(found) => stories.extend(found),
            Err(error) => failures.push((*target, error)),
        }
    }
    let store = context.look();
    for story in &mut stories {
        story.look_up_ports(store);
    }
    if stories.is_empty() && !failures.is_empty() {
        // Nothing to show but the errors.
    } else if context.json {
        print_json(view::json(&stories))?;
    } else {
        print(&view::picture(&stories))?;
    }
    Error::collect(failures, targets.len() > 1)
}
