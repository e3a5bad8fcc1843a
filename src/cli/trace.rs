//! `trace`.

use super::Verb;
use super::words::{Parsed, Words};

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    words.flag("a:--all?")?;
    let targets = words.operands();
    if words.on != targets.is_empty() {
        return Err(words.expected("sandboxes, interfaces or addresses, or --all"));
    }
    Ok(Verb::Trace(targets))
}
