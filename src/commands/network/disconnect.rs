//! `network disconnect`.

use crate::commands::{Context, container};
use crate::container::names;
use crate::error::Result;
use crate::network::disconnect::{self, Disconnect};

/// Carries it out. Silent, as Docker.
pub fn run(context: &Context, request: &Disconnect) -> Result<()> {
    container::with_sandbox(&context.session, &request.sandbox, |sandbox| {
        disconnect::disconnect(&context.session, &Disconnect { sandbox: sandbox.clone(), ..request.clone() })
    })?;
    names::refresh(&context.session)
}
