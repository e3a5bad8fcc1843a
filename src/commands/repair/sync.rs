//! `sync`: makes bridges and the firewall what the records say.

use crate::commands::Context;
use crate::container::names;
use crate::error::Result;
use crate::network::repair;

/// Carries it out.
pub fn run(context: &Context) -> Result<()> {
    repair::all(&context.session)?;
    names::refresh(&context.session)
}
