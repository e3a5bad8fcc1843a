//! `network rm`: ports, bridge, records; prints each name.

use crate::commands::{Context, print};
use crate::container::names;
use crate::error::{Error, Result};
use crate::network::remove;

/// What `network rm` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The networks.
    pub networks: Vec<String>,
    /// Disconnects what is attached; what is not there is no error.
    pub force: bool,
}

/// Carries it out. Goes on with the others when one fails.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let done = |name: &str| print(&format!("{name}\n"));
    let failures = remove::remove(&context.session, &arguments.networks, arguments.force, done)?;
    names::refresh(&context.session)?;
    Error::collect(failures, arguments.networks.len() > 1)
}
