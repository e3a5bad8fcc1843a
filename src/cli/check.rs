//! `check`.

use super::Verb;
use super::ping::seconds;
use super::words::{Parsed, Words};
use crate::commands::check::Arguments;
use crate::prelude::*;

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let mut patience_us = 1_000_000;
    loop {
        words.option("W:-W= j:-j")?;
        match words.letter {
            b'W' => patience_us = seconds(words)?,
            b'j' => words.context.json = true,
            _ => break,
        }
    }
    Ok(Verb::Check(stay(Arguments { networks: words.operands(), patience_us })))
}
