//! `gc`: removes what crashes, and other people's deletions, have left. Prints a line for each thing removed.

use crate::commands::{Context, lines, print};
use crate::container;
use crate::error::Result;
use crate::network::gc;

/// Carries it out.
pub fn run(context: &Context, dry_run: bool) -> Result<()> {
    let dead = container::gc::collect(&context.session, dry_run)?;
    let dead: Vec<String> = dead.iter().map(|name| format!("what was left of container {name}")).collect();
    print(&lines(&dead))?;
    let removed = gc::collect(&context.session, dry_run)?;
    print(&lines(&removed))
}
