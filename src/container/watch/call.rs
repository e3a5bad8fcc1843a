//! Talking to a container's watcher: messages of one byte that says what, and what belongs to it.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::container::find::{self, Found};
use crate::error::{Doing, Errno, Error, Result};
use crate::sys::channel;
use crate::sys::terminal::{self, Size};

/// The watcher's socket in the container's directory.
pub const SOCKET: &str = "socket";

/// What is said to a watcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Output is wanted from now on, and input may come; of a terminal, this is the caller's size.
    Attach {
        /// How large the caller's terminal is.
        size: Option<Size>,
    },
    /// Nothing is wanted but to be told how it ends.
    Wait,
    /// Input.
    Input(Vec<u8>),
    /// There is no more input.
    EndOfInput,
    /// The caller's terminal has another size now.
    Resize(Size),
    /// Send a signal to the container's first process; `stop` keeps it from being started anew.
    Signal {
        /// The number.
        number: i32,
        /// Whether it is to stay ended.
        stop: bool,
    },
}

/// What a watcher says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The command runs.
    Started,
    /// It could not be started: the process's exit code that says so, and why.
    Failed(u8, String),
    /// Output, or with a terminal all that it shows.
    Output(Vec<u8>),
    /// What went to standard error.
    Errors(Vec<u8>),
    /// The signal has been sent, or the errno that refused it.
    Done(i32),
    /// It has ended for good, and all that it had is released.
    Ended(u8),
}

/// The first byte of output; the watcher puts it before what it reads.
pub const OUTPUT: u8 = b'o';
/// The first byte of what goes to standard error.
pub const ERRORS: u8 = b'r';

impl Request {
    /// As a message.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Attach { size: None } => vec![b'a'],
            Self::Attach { size: Some(size) } => [vec![b'a'], size_bytes(*size)].concat(),
            Self::Wait => vec![b'w'],
            Self::Input(bytes) => [b"i".as_slice(), bytes].concat(),
            Self::EndOfInput => vec![b'e'],
            Self::Resize(size) => [vec![b's'], size_bytes(*size)].concat(),
            Self::Signal { number, stop } => [b"k".as_slice(), &number.to_ne_bytes(), &[u8::from(*stop)]].concat(),
        }
    }

    /// Out of a message; none when it is none of these.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let (kind, rest) = message.split_first()?;
        Some(match kind {
            b'a' => Self::Attach { size: size(rest) },
            b'w' => Self::Wait,
            b'i' => Self::Input(rest.to_vec()),
            b'e' => Self::EndOfInput,
            b's' => Self::Resize(size(rest)?),
            b'k' => Self::Signal { number: number(rest)?, stop: rest.get(4) == Some(&1) },
            _ => return None,
        })
    }
}

impl Reply {
    /// That the command could not be started, and why.
    #[must_use]
    pub fn failed(error: &Error) -> Self {
        Self::Failed(error.exit_code_not_run(), error.to_string())
    }

    /// As a message.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Started => vec![b'k'],
            Self::Failed(code, why) => [&[b'f', *code], why.as_bytes()].concat(),
            Self::Output(bytes) => [&[OUTPUT], bytes.as_slice()].concat(),
            Self::Errors(bytes) => [&[ERRORS], bytes.as_slice()].concat(),
            Self::Done(errno) => [b"d".as_slice(), &errno.to_ne_bytes()].concat(),
            Self::Ended(code) => vec![b'x', *code],
        }
    }

    /// Out of a message; none when it is none of these.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let (kind, rest) = message.split_first()?;
        Some(match *kind {
            b'k' => Self::Started,
            b'f' => Self::Failed(*rest.first()?, String::from_utf8_lossy(rest.get(1..)?).into_owned()),
            OUTPUT => Self::Output(rest.to_vec()),
            ERRORS => Self::Errors(rest.to_vec()),
            b'd' => Self::Done(number(rest)?),
            b'x' => Self::Ended(*rest.first()?),
            _ => return None,
        })
    }
}

fn size_bytes(size: Size) -> Vec<u8> {
    [size.rows.to_ne_bytes(), size.columns.to_ne_bytes()].concat()
}

fn size(bytes: &[u8]) -> Option<Size> {
    let (rows, columns) = (bytes.get(..2)?, bytes.get(2..4)?);
    Some(Size {
        rows: u16::from_ne_bytes(rows.try_into().ok()?),
        columns: u16::from_ne_bytes(columns.try_into().ok()?),
    })
}

fn number(bytes: &[u8]) -> Option<i32> {
    Some(i32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// A connection to a watcher.
#[derive(Debug)]
pub struct Call {
    socket: OwnedFd,
}

impl From<OwnedFd> for Call {
    fn from(socket: OwnedFd) -> Self {
        Self { socket }
    }
}

impl AsFd for Call {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Call {
    /// Calls the watcher of a container that runs.
    pub fn new(state_dir: &str, found: &Found) -> Result<Self> {
        let name = &found.container.name;
        match channel::call(&find::place(state_dir, &found.container), SOCKET) {
            Ok(socket) => Ok(Self { socket }),
            Err(Errno::NOENT | Errno::CONNREFUSED) => Err(Error::NotRunning { container: name.clone() }.into()),
            Err(errno) => Err(Error::system("call the watcher of", name, errno)),
        }
    }

    /// Says something. A watcher that is gone has said so, or its end of the connection has.
    pub fn say(&self, request: &Request) {
        let _ = channel::tell(self.socket.as_fd(), &request.write(), true);
    }

    /// What the watcher says next; none when it is gone.
    pub fn hear(&self) -> Result<Option<Reply>> {
        let message = channel::hear(self.socket.as_fd(), true).doing("hear", "the watcher")?;
        Ok(message.and_then(|message| Reply::read(&message)))
    }

    /// Sends a signal to the container's first process.
    pub fn signal(&self, container: &str, number: i32, stop: bool) -> Result<()> {
        self.say(&Request::Signal { number, stop });
        loop {
            match self.hear()? {
                Some(Reply::Done(0)) => return Ok(()),
                Some(Reply::Done(errno)) => {
                    return Err(Error::system("send a signal to", container, Errno::from_raw_os_error(errno)));
                }
                // It has ended meanwhile.
                Some(Reply::Ended(_)) | None => {
                    return Err(Error::NotRunning { container: container.to_owned() }.into());
                }
                Some(_) => {}
            }
        }
    }

    /// Waits until the container has ended and what it had is released, for `patience` at most: its exit code; none when it has not.
    pub fn ended(&self, patience: Option<Duration>) -> Result<Option<u8>> {
        let deadline = patience.map(|patience| Instant::now() + patience);
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let ready = channel::ready(&[(self.socket.as_fd(), true, false)], left).doing("wait for", "the watcher")?;
            if ready.first().is_some_and(|(read, _)| *read) {
                match self.hear()? {
                    Some(Reply::Ended(code)) => return Ok(Some(code)),
                    // It was killed, and with it all that it watched.
                    None => return Ok(Some(137)),
                    Some(_) => {}
                }
            } else if left.is_some_and(|left| left.is_zero()) {
                return Ok(None);
            }
        }
    }
}

/// Who has made this process a watcher is on its standard input, which is empty from now on.
pub fn on_standard_input() -> std::result::Result<OwnedFd, Errno> {
    terminal::take_input()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let size = Size { rows: 24, columns: 80 };
        for request in [
            Request::Attach { size: None },
            Request::Attach { size: Some(size) },
            Request::Wait,
            Request::Input(b"ls\n".to_vec()),
            Request::EndOfInput,
            Request::Resize(size),
            Request::Signal { number: 15, stop: true },
            Request::Signal { number: 9, stop: false },
        ] {
            assert_eq!(Request::read(&request.write()), Some(request));
        }
        for reply in [
            Reply::Started,
            Reply::Failed(127, "no such program".to_owned()),
            Reply::Output(b"x".to_vec()),
            Reply::Errors(Vec::new()),
            Reply::Done(3),
            Reply::Ended(137),
        ] {
            assert_eq!(Reply::read(&reply.write()), Some(reply));
        }
        for bad in [b"".as_slice(), b"?", b"k\0", b"s\0\0", b"f", b"x"] {
            assert_eq!(Request::read(bad), None, "{bad:?}");
        }
    }
}
