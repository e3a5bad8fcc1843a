//! What happens when something that cannot happen does: the message, and an abort.
//!
//! A development build has the standard library's own, which unwinds and knows the way there.
#![cfg(all(panic = "abort", not(test)))]

use core::fmt::{Result, Write};
use core::panic::PanicInfo;

use rustix::process::{Signal, getpid, kill_process};

use super::terminal;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = write!(Stderr, "pontoon: internal error: {}", info.message());
    // Not known in the smallest build.
    if let Some(place) = info.location().filter(|place| place.line() > 0) {
        let _ = write!(Stderr, ", at {}:{}", place.file(), place.line());
    }
    terminal::complain("\n");
    end()
}

/// As `abort`, which is half a kilobyte of caution.
fn end() -> ! {
    let _ = kill_process(getpid(), Signal::ABORT);
    // Whoever started us had it blocked or ignored.
    // SAFETY: it has no precondition and does not return.
    unsafe { libc::_exit(134) }
}

/// Straight to the descriptor: there may be no memory to be had.
struct Stderr;

impl Write for Stderr {
    fn write_str(&mut self, text: &str) -> Result {
        terminal::complain(text);
        Ok(())
    }
}

/// The library that rustup brings is made for programs that unwind, and names what would do that. Nothing here does.
// SAFETY: without std nothing else has this name.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// As above.
// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    end()
}

/// As above: what glibc names.
// SAFETY: as above.
#[cfg(target_env = "gnu")]
#[unsafe(no_mangle)]
extern "C" fn __gcc_personality_v0() {}
