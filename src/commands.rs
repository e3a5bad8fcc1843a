//! The verbs, one a file: each has its recipe carried out and prints the result.
//!
//! What belongs here: from arguments to the domain, and from its result to a view. What does not: decisions, system calls, words.
//! The argument types live beside the verbs; `cli` fills them from the command line.

pub mod container;
pub mod look;
pub mod network;
pub mod repair;

use std::io::{self, Write};

use serde_json::Value;

use crate::error::{Doing, Result};
use crate::session::Session;
use crate::views::{json, plain};

/// What every verb is told besides its own arguments.
#[derive(Debug, Clone)]
pub struct Context {
    /// Results and errors as JSON.
    pub json: bool,
    /// Where the records are, and where warnings go.
    pub session: Session,
}

/// Prints a result, laid out with line breaks and tabs; other control characters come from outside and are spelled out. A closed
/// pipe is no error worth a message: the reader has seen enough.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(plain::laid_out(text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).doing("write", "the result"),
        _ => Ok(()),
    }
}

/// Each of them on a line of its own.
pub fn lines(each: &[impl ToString]) -> String {
    each.iter().map(|one| one.to_string() + "\n").collect()
}

/// Prints a result as JSON on lines of its own.
pub fn print_json(value: &Value) -> Result<()> {
    print(&(json::pretty(value) + "\n"))
}
