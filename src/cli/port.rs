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
    let (sandbox, port) = match words.operands() {
        [] => return Err(words.expected("a SANDBOX")),
        [sandbox] => (sandbox, None),
        [sandbox, port] => (sandbox, Some(port)),
        _ => return Err(words.expected("SANDBOX and PORT")),
    };
    let sandbox = SandboxRef::parse(sandbox)?;
    let port = port.map(|port| publish::inner_port(port)).transpose()?;
    Ok(Verb::Port(stay(Arguments { sandbox, port })))
}
