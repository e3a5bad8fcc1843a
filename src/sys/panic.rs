//! What happens when something that cannot happen does: the message, and an abort.
//!
//! A development build has the standard library's own, which unwinds and knows the way there.
#![cfg(all(panic = "abort", not(test)))]

use core::fmt::{Result, Write};
use core::panic::PanicInfo;

use super::terminal;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = write!(Stderr, "pontoon: internal error: {}", info.message());
    // Not known in the smallest build.
    if let Some(place) = info.location().filter(|place| place.line() > 0) {
        let _ = write!(Stderr, ", at {}:{}", place.file(), place.line());
    }
    terminal::complain("\n");
    // SAFETY: abort has no precondition and does not return.
    unsafe { libc::abort() }
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
    // SAFETY: abort has no precondition and does not return.
    unsafe { libc::abort() }
}

/// As above: what glibc names.
// SAFETY: as above.
#[cfg(target_env = "gnu")]
#[unsafe(no_mangle)]
extern "C" fn __gcc_personality_v0() {}
