//! Standard output and standard error.
//!
//! Output is collected and written in one go. A closed pipe is no error worth a message: the reader has seen enough.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
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

/// Whether nobody reads standard output any more: a pipe whose other end is closed. For verbs that would go on for ever.
#[must_use]
pub fn reader_is_gone() -> bool {
    let stdout = stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    let gone = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
    poll(&mut watched, Some(&Timespec::default())).is_ok_and(|n| n > 0)
        && watched.iter().any(|w| w.revents().intersects(gone))
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

/// A line of standard input, without white space around it; empty at its end.
#[must_use]
pub fn read_line() -> String {
    let mut line = Vec::new();
    let mut byte = [0_u8];
    while matches!(rustix::io::read(rustix::stdio::stdin(), &mut byte), Ok(1)) && byte != [b'\n'] && line.len() < 80 {
        line.extend_from_slice(&byte);
    }
    String::from_utf8_lossy(&line).trim_ascii().to_owned()
}
