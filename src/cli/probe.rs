//! `probe`.

use super::Verb;
use super::words::{Parsed, Word, Words};

/// Reads the arguments, of which there are none but `-j`.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    while let Some(word) = words.next()? {
        match word {
            Word::Option(option) if option == "-j" => words.json = true,
            Word::Option(option) => return Err(words.unknown(&option)),
            Word::Operand(_) => return Err(words.wrong("expected no names")),
        }
    }
    Ok(Verb::Probe)
}
