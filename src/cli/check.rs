//! `check`.

use super::Verb;
use super::ping::seconds;
use super::words::{Parsed, Word, Words};
use crate::commands::check::Arguments;

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let mut arguments = Arguments { networks: Vec::new(), patience_us: 1_000_000 };
    while let Some(word) = words.next()? {
        match word {
            Word::Operand(network) => arguments.networks.push(network),
            Word::Option(option) => match option.as_str() {
                "-W" => arguments.patience_us = seconds("-W", &words.value("-W")?)?,
                "-j" => words.json = true,
                _ => return Err(words.unknown(&option)),
            },
        }
    }
    Ok(Verb::Check(arguments))
}
