//! Standard output, where a verb that would go on for ever wants to know whether anybody is there.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::stdout;

/// Whether nobody reads standard output any more: a pipe whose other end is closed. For verbs that would go on for ever.
#[must_use]
pub fn reader_is_gone() -> bool {
    let stdout = stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    let gone = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
    poll(&mut watched, Some(&Timespec::default())).is_ok_and(|n| n > 0)
        && watched.iter().any(|w| w.revents().intersects(gone))
}
