//! `brctl show`: bridges and their ports.

use super::{Context, print};
use crate::error::{Error, Result};
use crate::kernel::Link;
use crate::views;

/// Shows `bridges`, or all by name. One that is missing is an error when the others have been shown.
pub fn run(context: &Context, bridges: &[String]) -> Result<()> {
    let links = context.rtnl()?.links().map_err(Error::kernel("list", "interfaces"))?;
    let mut shown: Vec<&Link> = Vec::new();
    let mut missing = None;
    for name in bridges {
        match links.iter().find(|link| link.name == *name) {
            Some(link) if link.is("bridge") => shown.push(link),
            Some(_) => missing = missing.or_else(|| Some(no_bridge(name, ": the interface is none."))),
            None => missing = missing.or_else(|| Some(no_bridge(name, ""))),
        }
    }
    if bridges.is_empty() {
        shown = links.iter().filter(|link| link.is("bridge")).collect();
        shown.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    }
    if bridges.is_empty() || !shown.is_empty() {
        print(&views::brctl::show(&shown, &links, context.json))?;
    }
    missing.map_or(Ok(()), Err)
}

fn no_bridge(name: &str, remedy: &'static str) -> Error {
    Error::NotFound { kind: "bridge", name: name.to_owned(), remedy }
}
