//! `network connect`.

use crate::commands::{Context, print_json};
use crate::error::Result;
use crate::network::connect::{self, Connect};
use crate::views::docker;

/// Carries it out. Silent, as Docker; as JSON, what was given out.
pub fn run(context: &Context, request: &Connect) -> Result<()> {
    let endpoint = connect::connect(&context.session, request)?;
    if context.json { print_json(&docker::endpoint(&endpoint)) } else { Ok(()) }
}
