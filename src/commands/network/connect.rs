//! `network connect`.

use crate::commands::{Context, container, print_json};
use crate::container::names;
use crate::error::Result;
use crate::network::connect::{self, Connect};
use crate::views::docker;

/// Carries it out. Silent, as Docker; as JSON, what was given out.
pub fn run(context: &Context, request: &Connect) -> Result<()> {
    let endpoint = container::with_sandbox(&context.session, &request.sandbox, |sandbox| {
        connect::connect(&context.session, &Connect { sandbox: sandbox.clone(), ..request.clone() })
    })?;
    names::refresh(&context.session)?;
    if context.json { print_json(&docker::endpoint(&endpoint)) } else { Ok(()) }
}
