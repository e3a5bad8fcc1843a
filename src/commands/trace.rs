//! `trace`: shows the way of a sandbox's packets, from its interface over the veth pair and the bridge to the way out.

use super::{Context, print, print_json};
use crate::error::{Error, Result};
use crate::network::places::Places;
use crate::network::veth_path;
use crate::store::Store;
use crate::views::trace as view;

/// What to trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    /// Every veth pair.
    All,
    /// Sandboxes, interfaces of the host, and addresses, as the user writes them.
    Targets(Vec<String>),
}

/// Traces. Goes on with the others when one is not found.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let mut places = Places::survey(context.verbose)?;
    let mut stories = Vec::new();
    let mut failures = Vec::new();
    match arguments {
        Arguments::All => stories = veth_path::trace_all(&mut places),
        Arguments::Targets(targets) => {
            for target in targets {
                match veth_path::trace(&mut places, target) {
                    Ok(found) => stories.extend(found),
                    Err(error) => failures.push((target.clone(), error)),
                }
            }
        }
    }
    let store = Store::look(&context.state_dir);
    for story in &mut stories {
        story.look_up_ports(&store);
    }
    if stories.is_empty() && !failures.is_empty() {
        // Nothing to show but the errors.
    } else if context.json {
        print_json(&view::json(&stories))?;
    } else {
        print(&view::picture(&stories))?;
    }
    Error::collect(failures, matches!(arguments, Arguments::Targets(targets) if targets.len() > 1))
}
