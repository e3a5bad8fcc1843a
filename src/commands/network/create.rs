//! `network create`.

use serde_json::Value;

use crate::commands::{Context, print, print_json};
use crate::error::Result;
use crate::model::spec::NetworkSpec;
use crate::network::create;
use crate::views::docker;

/// What `network create` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The network.
    pub spec: NetworkSpec,
    /// Success when it already is exactly so.
    pub ensure: bool,
    /// Change nothing; print what would be made.
    pub dry_run: bool,
}

/// Carries it out; prints the id.
pub fn run(context: &Context, arguments: Arguments) -> Result<()> {
    let Arguments { spec, ensure, dry_run } = arguments;
    if dry_run {
        let network = create::dry_run(&context.session, spec, ensure)?;
        return print_json(&Value::Array(vec![docker::network(&network, &[])]));
    }
    let network = create::create(&context.session, spec, ensure)?;
    if context.json { print_json(&docker::created(&network.id)) } else { print(&format!("{}\n", network.id)) }
}
