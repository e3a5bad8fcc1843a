//! `network disconnect`.

use crate::commands::Context;
use crate::error::Result;
use crate::network::disconnect::{self, Disconnect};

/// Carries it out. Silent, as Docker.
pub fn run(context: &Context, request: &Disconnect) -> Result<()> {
    disconnect::disconnect(&context.session, request)
}
