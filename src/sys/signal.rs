//! Signals that the program, or a verb, wants to hear of instead of dying of them.

use core::mem::MaybeUninit;

use rustix::fd::BorrowedFd;

/// A descriptor, open from now on, that becomes readable when the user interrupts (`SIGINT`), which from now on does nothing else.
///
/// None where the kernel has no `CONFIG_SIGNALFD`: an interrupt then ends the process as usual.
#[doc(alias = "signalfd")]
#[must_use]
pub fn interrupts() -> Option<BorrowedFd<'static>> {
    let mask = only(libc::SIGINT);
    // SAFETY: the kernel only reads `mask`.
    let fd = unsafe { libc::signalfd(-1, &raw const mask, libc::SFD_CLOEXEC) };
    if fd < 0 {
        return None;
    }
    // SAFETY: the call just returned this descriptor; nothing else knows of it, and nobody closes it.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    change_mask(libc::SIG_BLOCK, &mask).then_some(fd)
}

/// From now on writing to a pipe that nobody reads is `EPIPE`, and no death.
#[doc(alias = "SIGPIPE")]
pub fn ignore_closed_pipes() {
    change_mask(libc::SIG_BLOCK, &only(libc::SIGPIPE));
}

/// The opposite, for another program that this process is about to become.
pub fn heed_closed_pipes() {
    change_mask(libc::SIG_UNBLOCK, &only(libc::SIGPIPE));
}

/// The set of one signal.
fn only(signal: libc::c_int) -> libc::sigset_t {
    let mut mask = MaybeUninit::uninit();
    // SAFETY: `mask` has room for a set, which sigemptyset fills in.
    unsafe { libc::sigemptyset(mask.as_mut_ptr()) };
    // SAFETY: sigemptyset has just filled it in.
    let mut mask: libc::sigset_t = unsafe { mask.assume_init() };
    // SAFETY: `mask` is a set, and `signal` a signal.
    unsafe { libc::sigaddset(&raw mut mask, signal) };
    mask
}

/// Blocks signals or unblocks them; false when that is not to be had.
fn change_mask(how: libc::c_int, mask: &libc::sigset_t) -> bool {
    // SAFETY: the kernel only reads `mask`, and nothing is asked back.
    unsafe { libc::sigprocmask(how, mask, core::ptr::null_mut()) == 0 }
}
