//! Signals that the program, or a verb, wants to hear of instead of dying of them.

use std::os::fd::AsFd;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// A descriptor that becomes readable when the user interrupts (`SIGINT`), which from now on does nothing else.
///
/// None where the kernel has no `CONFIG_SIGNALFD`: an interrupt then ends the process as usual.
#[doc(alias = "signalfd")]
#[must_use]
pub fn interrupts() -> Option<impl AsFd> {
    let mut mask = SigSet::empty();
    mask.add(Signal::SIGINT);
    let fd = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC).ok()?;
    mask.thread_block().ok()?;
    Some(fd)
}

/// Closed pipes end the process again, for another program that this process is about to become: std ignores them.
#[doc(alias = "SIGPIPE")]
pub fn heed_closed_pipes() {
    // SAFETY: the default action runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
