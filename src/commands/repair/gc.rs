//! `gc`: removes what crashes, and other people's deletions, have left. Prints a line for each thing removed.

use crate::commands::{Context, lines, print};
use crate::error::Result;
use crate::network::gc;

/// Carries it out.
pub fn run(context: &Context, dry_run: bool) -> Result<()> {
    let removed = gc::collect(&context.session, dry_run)?;
    print(&lines(&removed))
}
