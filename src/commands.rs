//! The verbs, one a file: each has its recipe carried out and prints the result.
//!
//! What belongs here: from arguments to the domain, and from its result to a view. What does not: decisions, system calls, words.
//! The argument types live beside the verbs; `cli` fills them from the command line.

pub mod look;
pub mod network;
pub mod repair;

use std::io::{self, Write};

use crate::error::{Doing, Errno, Result};
use crate::json::Json;
use crate::session::Session;
use crate::types::printable;

/// What every verb is told besides its own arguments.
#[derive(Debug, Clone)]
pub struct Context {
    /// Results and errors as JSON.
    pub json: bool,
    /// Where the records are, and where warnings go.
    pub session: Session,
}

/// Prints a result, laid out with line breaks and tabs. What else of control characters is in it comes from outside, from a sandbox's
/// alias or another tool's record, and is spelled out.
pub fn print(text: &str) -> Result<()> {
    write(&printable::for_terminal(text, &['\n', '\t']))
}

/// Prints a result that is text, or JSON already.
pub fn print_as(json: bool, text: &str) -> Result<()> {
    if json { write(&printable::for_json(text)) } else { print(text) }
}

/// A closed pipe is no error worth a message: the reader has seen enough.
fn write(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)).doing("write", "the result")
        }
        _ => Ok(()),
    }
}

/// Prints a result as JSON on lines of its own.
pub fn print_json(json: &Json) -> Result<()> {
    print_as(true, &(json.pretty() + "\n"))
}
