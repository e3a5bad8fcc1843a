//! `trace`.

use super::Verb;
use super::words::{Parsed, Word, Words};
use crate::commands::trace::Arguments;

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let mut all = false;
    let mut targets = Vec::new();
    while let Some(word) = words.next()? {
        match word {
            Word::Operand(target) => targets.push(target),
            Word::Option(option) if option == "--all" => all = words.flag("--all")?,
            Word::Option(option) => return Err(words.unknown(&option)),
        }
    }
    match (all, targets.is_empty()) {
        (true, true) => Ok(Verb::Trace(Arguments::All)),
        (false, false) => Ok(Verb::Trace(Arguments::Targets(targets))),
        _ => Err(words.wrong("expected sandboxes, interfaces or addresses, or --all")),
    }
}
