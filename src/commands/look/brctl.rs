//! `brctl show`: bridges and their ports.

use crate::commands::{Context, print_as};
use crate::error::{Doing, Error, Result};
use crate::kernel::Link;
use crate::views;

/// Shows `bridges`, or all by name. Those that are missing are errors when the others have been shown.
pub fn run(context: &Context, bridges: &[String]) -> Result<()> {
    let links = context.session.rtnl()?.links().doing("list", "interfaces")?;
    let mut shown: Vec<&Link> = Vec::new();
    let mut missing = Vec::new();
    for name in bridges {
        let remedy = match links.iter().find(|link| link.name == *name) {
            Some(link) if link.is("bridge") => {
                shown.push(link);
                continue;
            }
            Some(_) => ": the interface is none.",
            None => "",
        };
        missing.push((name.clone(), Error::not_found("bridge", name, remedy)));
    }
    if bridges.is_empty() {
        shown = links.iter().filter(|link| link.is("bridge")).collect();
        shown.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    }
    if bridges.is_empty() || !shown.is_empty() {
        print_as(context.json, &views::brctl::show(&shown, &links, context.json))?;
    }
    Error::collect(missing, false)
}
