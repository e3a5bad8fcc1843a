//! `probe`: tries what pontoon can use of the kernel, and looks for firewalls in the way.

use crate::commands::{Context, print, print_json};
use crate::diagnose::features;
use crate::error::Result;
use crate::firewall::{host, others};
use crate::views::probe as view;

/// The exit code when no network can be had.
const LACKING: u8 = 3;

/// Probes; gives the exit code.
pub fn run(context: &Context) -> Result<u8> {
    // First, for what follows leaves the host's namespace for good.
    let in_the_way = others::find(&context.session.rtnl()?);
    let forwarding = host::forwarding_notes(&context.session.records())?;
    let features = features::probe(context.session.report)?;
    if context.json {
        print_json(&view::json(&features, &forwarding, &in_the_way))?;
    } else {
        print(&view::text(&features, &[forwarding, in_the_way].concat()))?;
    }
    let usable = features.iter().all(|feature| feature.available || !feature.basic);
    Ok(if usable { 0 } else { LACKING })
}
