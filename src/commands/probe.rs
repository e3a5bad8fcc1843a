//! `probe`: tries what pontoon can use of the kernel, and looks for firewalls in the way.

use super::{Context, print, print_json};
use crate::error::Result;
use crate::network::{features, foreign};
use crate::views::probe as view;

/// The exit code when no network can be had.
const LACKING: u8 = 3;

/// Probes; gives the exit code.
pub fn run(context: &Context) -> Result<u8> {
    // First, for what follows leaves the host's namespace for good.
    let notes = foreign::find(&context.rtnl()?);
    let features = features::probe(context.verbose)?;
    if context.json {
        print_json(&view::json(&features, &notes))?;
    } else {
        print(&view::text(&features, &notes))?;
    }
    let usable = features.iter().all(|feature| feature.available || !feature.basic);
    Ok(if usable { 0 } else { LACKING })
}
