//! Standard output and standard error.
//!
//! Output is collected and written in one go. A closed pipe is no error worth a message: the reader has seen enough.

use rustix::io::{Errno, write};
use rustix::stdio::{stderr, stdout};

/// Writes all of `text` to standard output.
pub fn print(text: &str) -> Result<(), Errno> {
    all(text.as_bytes(), |bytes| write(stdout(), bytes))
}

/// Writes all of `text` to standard error; where that fails there is nobody left to tell.
pub fn complain(text: &str) {
    let _ = all(text.as_bytes(), |bytes| write(stderr(), bytes));
}

fn all(mut bytes: &[u8], mut write: impl FnMut(&[u8]) -> Result<usize, Errno>) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match write(bytes) {
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::PIPE) => return Ok(()),
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
