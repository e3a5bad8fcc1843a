//! Signals that the program, or a verb, wants to hear of instead of dying of them.

use core::mem::MaybeUninit;

use rustix::fd::BorrowedFd;

/// A descriptor, open from now on, that becomes readable when the user interrupts (`SIGINT`), which from now on does nothing else.
///
/// None where the kernel has no `CONFIG_SIGNALFD`: an interrupt then ends the process as usual.
#[doc(alias = "signalfd")]
#[must_use]
pub fn interrupts() -> Option<BorrowedFd<'static>> {
    let mut mask = MaybeUninit::uninit();
    // SAFETY: `mask` has room for a set, which sigemptyset fills in.
    unsafe { libc::sigemptyset(mask.as_mut_ptr()) };
    // SAFETY: sigemptyset has just filled it in.
    let mut mask: libc::sigset_t = unsafe { mask.assume_init() };
    // SAFETY: `mask` is a set, and SIGINT a signal.
    unsafe { libc::sigaddset(&raw mut mask, libc::SIGINT) };
    // SAFETY: the kernel only reads `mask`.
    let fd = unsafe { libc::signalfd(-1, &raw const mask, libc::SFD_CLOEXEC) };
    if fd < 0 {
        return None;
    }
    // SAFETY: the call just returned this descriptor; nothing else knows of it, and nobody closes it.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    // SAFETY: the kernel only reads `mask`, and nothing is asked back.
    let blocked = unsafe { libc::sigprocmask(libc::SIG_BLOCK, &raw const mask, core::ptr::null_mut()) };
    (blocked == 0).then_some(fd)
}

/// From now on writing to a pipe that nobody reads is `EPIPE`, and no death.
#[doc(alias = "SIGPIPE")]
pub fn ignore_closed_pipes() {
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

/// The opposite, for another program that this process is about to become.
pub fn heed_closed_pipes() {
    // SAFETY: the default action runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
