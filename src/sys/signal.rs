//! Signals that the program, or a verb, wants to hear of instead of dying of them.

use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::Errno;

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

/// Signals that are heard of one by one instead of doing what they do.
#[derive(Debug)]
pub struct Heard {
    fd: SignalFd,
}

impl Heard {
    /// From now on, these are heard.
    pub fn of(signals: &[Signal]) -> Result<Self, Errno> {
        let mut mask = SigSet::empty();
        for signal in signals {
            mask.add(*signal);
        }
        mask.thread_block().map_err(errno)?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self { fd: SignalFd::with_flags(&mask, flags).map_err(errno)? })
    }

    /// The number of the next one; none when there is none.
    #[must_use]
    pub fn next(&self) -> Option<i32> {
        let signal = self.fd.read_signal().ok()??;
        i32::try_from(signal.ssi_signo).ok()
    }
}

impl AsFd for Heard {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// All signals do again what they do, for another program that this process is about to become.
pub fn heed_all() -> Result<(), Errno> {
    SigSet::empty().thread_set_mask().map_err(errno)
}

fn errno(errno: nix::Error) -> Errno {
    Errno::from_raw_os_error(errno as i32)
}

/// What a user, a terminal or an init sends to a process in front, which passes it on to what it runs.
pub const PASSED_ON: [Signal; 7] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
];

/// The terminal has another size.
pub const RESIZED: Signal = Signal::SIGWINCH;

/// A child has ended.
pub const CHILD: Signal = Signal::SIGCHLD;

/// The number of a signal that is named with or without `SIG`, or by its number.
#[must_use]
pub fn number(name: &str) -> Option<i32> {
    if let Ok(number) = name.parse() {
        return (1..=64).contains(&number).then_some(number);
    }
    let upper = name.to_ascii_uppercase();
    let full = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
    full.parse::<Signal>().ok().map(|signal| signal as i32)
}

/// Closed pipes end the process again, for another program that this process is about to become: std ignores them.
#[doc(alias = "SIGPIPE")]
pub fn heed_closed_pipes() {
    // SAFETY: the default action runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
