//! Terminals: this process's own, and pseudo-terminals for others.
//!
//! # Source
//! termios(3), pty(7), `ioctl_tty(2)`.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, OFlags};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, Winsize, isatty, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};

use super::{Errno, file};

/// Whether nobody reads standard output any more: a pipe whose other end is closed. For verbs that would go on for ever.
#[must_use]
pub fn reader_is_gone() -> bool {
    let stdout = stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    let gone = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
    poll(&mut watched, Some(&Timespec::default())).is_ok_and(|n| n > 0)
        && watched.iter().any(|w| w.revents().intersects(gone))
}

/// Whether standard input is a terminal.
#[must_use]
pub fn is_input() -> bool {
    isatty(stdin())
}

/// Rows and columns of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Lines.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
}

/// The size of the terminal that standard output is; none when it is none.
#[must_use]
pub fn size() -> Option<Size> {
    let size = tcgetwinsize(stdout()).ok()?;
    Some(Size { rows: size.ws_row, columns: size.ws_col })
}

/// Gives the terminal `terminal` a size; those who run on it hear of it.
pub fn resize(terminal: BorrowedFd<'_>, size: Size) -> Result<(), Errno> {
    tcsetwinsize(terminal, Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 })
}

/// Standard input as a terminal that passes every key on, until this is dropped.
#[derive(Debug)]
pub struct Raw {
    before: Termios,
}

impl Raw {
    /// None when standard input is no terminal.
    #[must_use]
    pub fn input() -> Option<Self> {
        let before = tcgetattr(stdin()).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Drain, &raw).ok()?;
        Some(Self { before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.before);
    }
}

/// A new pseudo-terminal of the devpts mounted at `/dev/pts`: what its keeper holds, and what is run on it.
pub fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let keeper = file::open(CWD, "/dev/pts/ptmx", flags, 0)?;
    rustix::pty::unlockpt(&keeper)?;
    let name = rustix::pty::ptsname(&keeper, Vec::new())?;
    let terminal = file::open(CWD, &name.to_string_lossy(), flags, 0)?;
    Ok((keeper, terminal))
}

/// Makes `terminal` the controlling terminal of this process, which leads a session.
pub fn control(terminal: BorrowedFd<'_>) -> Result<(), Errno> {
    rustix::process::ioctl_tiocsctty(terminal)
}

/// Standard input, output and errors of a process.
pub type Standard = (OwnedFd, OwnedFd, OwnedFd);

/// Makes these the standard input, output and errors.
pub fn standard(input: impl AsFd, output: impl AsFd, errors: impl AsFd) -> Result<(), Errno> {
    rustix::stdio::dup2_stdin(input)?;
    rustix::stdio::dup2_stdout(output)?;
    rustix::stdio::dup2_stderr(errors)
}

/// `/dev/null`, for reading and writing.
pub fn nothing() -> Result<OwnedFd, Errno> {
    file::open(CWD, "/dev/null", OFlags::RDWR, 0)
}

/// Passes bytes on to standard output, or to standard error: another program's, as they are. False when nobody reads them any more.
pub fn pass_on(bytes: &[u8], errors: bool) -> Result<bool, Errno> {
    let to = if errors { rustix::stdio::stderr() } else { stdout() };
    match file::write_all(to, bytes) {
        Err(Errno::PIPE) => Ok(false),
        result => result.map(|()| true),
    }
}

/// What standard input is; it is nothing any more from then on.
pub fn take_input() -> Result<OwnedFd, Errno> {
    let input = rustix::io::fcntl_dupfd_cloexec(stdin(), 3)?;
    // Standard output is nothing already.
    rustix::stdio::dup2_stdin(stdout())?;
    Ok(input)
}
