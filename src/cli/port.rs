//! `port`.

use super::Verb;
use super::words::{Parsed, Word, Words};
use crate::commands::port::Arguments;
use crate::network::publish;
use crate::network::sandbox::SandboxRef;

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let mut sandbox = None;
    let mut port = None;
    while let Some(word) = words.next()? {
        match word {
            Word::Option(option) => return Err(words.unknown(&option)),
            Word::Operand(name) if sandbox.is_none() => sandbox = Some(SandboxRef::parse(&name)?),
            Word::Operand(text) if port.is_none() => port = Some(publish::inner_port(&text)?),
            Word::Operand(_) => return Err(words.wrong("expected SANDBOX and PORT")),
        }
    }
    let Some(sandbox) = sandbox else { return Err(words.wrong("expected a SANDBOX")) };
    Ok(Verb::Port(Arguments { sandbox, port }))
}
