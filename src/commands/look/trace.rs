//! `trace`: shows the way of a sandbox's packets, from its interface over the veth pair and the bridge to the way out.

use crate::commands::{Context, print, print_json};
use crate::diagnose::trace;
use crate::error::{Error, Result};
use crate::sandbox::namespaces::Namespaces;
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
    let mut namespaces = Namespaces::survey(context.session.report)?;
    let mut paths = Vec::new();
    let mut failures = Vec::new();
    match arguments {
        Arguments::All => paths = trace::trace_all(&mut namespaces),
        Arguments::Targets(targets) => {
            for target in targets {
                match trace::trace(&mut namespaces, target) {
                    Ok(found) => paths.extend(found),
                    Err(error) => failures.push((target.clone(), error)),
                }
            }
        }
    }
    let store = context.session.records();
    for path in &mut paths {
        path.look_up_ports(&store);
    }
    if paths.is_empty() && !failures.is_empty() {
        // Nothing to show but the errors.
    } else if context.json {
        print_json(&view::json(&paths))?;
    } else {
        print(&view::picture(&paths))?;
    }
    Error::collect(failures, matches!(arguments, Arguments::Targets(targets) if targets.len() > 1))
}
