//! `network prune`: removes the networks that nothing is attached to, except the default one.

use std::io;

use super::filter::Filter;
use super::ls::meets;
use crate::commands::{Context, print};
use crate::error::{Error, Result};
use crate::network::remove;

/// What `network prune` is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Do not ask.
    pub force: bool,
    /// All of these must be met.
    pub filters: Vec<Filter>,
}

const QUESTION: &str = "WARNING! This will remove all networks that no sandbox is connected to.\n\
                        Are you sure you want to continue? [y/N] ";

/// Carries it out.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    if !arguments.force && !confirmed()? {
        return Ok(());
    }
    let wanted = |network: &_, attached| meets(&arguments.filters, |filter| filter.admits(network, attached));
    let (removed, failures) = remove::prune(&context.session, wanted)?;
    if !removed.is_empty() {
        let names: Vec<&str> = removed.iter().map(|network| network.name.as_str()).collect();
        print(&format!("Deleted Networks:\n{}\n\n", names.join("\n")))?;
    }
    Error::collect(failures, true)
}

fn confirmed() -> Result<bool> {
    print(QUESTION)?;
    let mut answer = String::new();
    // Who cannot be asked has not said yes.
    let _ = io::stdin().read_line(&mut answer);
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
