//! `port`.

use super::Verb;
use super::words::{Parsed, Words};
use crate::commands::port::Arguments;
use crate::network::publish;
use crate::network::sandbox::SandboxRef;
use crate::prelude::*;

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    words.option("")?;
    let [sandbox, ports @ ..] = words.operands() else { return Err(words.expected("a SANDBOX")) };
    let sandbox = SandboxRef::parse(sandbox)?;
    let port = ports.first().map(|port| publish::inner_port(port)).transpose()?;
    if ports.len() > 1 {
        return Err(words.expected("SANDBOX and PORT"));
    }
    Ok(Verb::Port(stay(Arguments { sandbox, port })))
}
