//! `brctl show`: bridges and their ports.

use super::{Context, print};
use crate::error::{Doing, Error, Result};
use crate::prelude::*;
use crate::views;

/// Shows `bridges`, or all by name. Those that are missing are errors when the others have been shown.
pub fn run(context: &Context, bridges: &[Text]) -> Result<()> {
    let links = context.rtnl()?.links().doing("list", &"interfaces")?;
    let mut names = bridges.to_vec();
    if bridges.is_empty() {
        for link in links {
            if link.is("bridge") {
                names.push(link.name);
            }
        }
        sort(&mut names, &|a, b| a < b);
    }
    let mut shown = Vec::new();
    let mut missing = Vec::new();
    for name in names {
        let remedy = match links.iter().find(|link| link.name == name) {
            Some(link) if link.is("bridge") => {
                shown.push(*link);
                continue;
            }
            Some(_) => ": the interface is none.",
            None => "",
        };
        missing.push((name, Error::not_found("bridge", name, remedy)));
    }
    if bridges.is_empty() || !shown.is_empty() {
        print(views::brctl::show(&shown, links, context.json))?;
    }
    Error::collect(missing, false)
}
