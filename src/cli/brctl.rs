//! `brctl show [BRIDGE]...`.

use super::Verb;
use super::words::{Parsed, Word, Words};

/// Reads the words after `brctl`.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let mut operands = Vec::new();
    while let Some(word) = words.next()? {
        match word {
            Word::Option(option) => return Err(words.unknown(&option)),
            Word::Operand(operand) => operands.push(operand),
        }
    }
    if operands.is_empty() {
        return Err(words.incomplete());
    }
    let command = operands.remove(0);
    if command != "show" {
        return Err(words.wrong(&format!("unknown command '{command}'")));
    }
    Ok(Verb::Brctl(operands))
}
