//! `brctl show [BRIDGE]...`.

use super::Verb;
use super::words::{Parsed, Words};
use crate::prelude::*;

/// Reads the words after `brctl`.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    words.option("")?;
    match words.operands() {
        [] => Err(words.incomplete()),
        ["show", bridges @ ..] => Ok(Verb::Brctl(bridges)),
        [command, ..] => Err(words.wrong(text!("unknown command '{command}'"))),
    }
}
