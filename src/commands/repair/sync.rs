//! `sync`: makes networks, endpoints and the firewall what the records say. Prints a line for each thing that was otherwise.

use crate::commands::{Context, lines, print, print_json};
use crate::container::names;
use crate::error::{Error, Result};
use crate::network::mend;
use crate::views::difference as view;

/// Carries it out; fails when something could not be made right, after all else was.
pub fn run(context: &Context) -> Result<()> {
    let mended = mend::all(&context.session)?;
    if context.json {
        print_json(&view::json(&mended.found))?;
    } else {
        print(&lines(&mended.found))?;
    }
    names::refresh(&context.session)?;
    Error::collect(mended.failures, true)
}
