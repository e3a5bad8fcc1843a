//! The way in: what the C library calls.
//!
//! The standard library's own start costs 20 kB and ten system calls, most of it for telling a stack overflow from other
//! crashes. Of what it does, this keeps what we need: the three standard descriptors are open, a closed pipe is an error
//! and not a death.

use core::ffi::{CStr, c_char, c_int};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::IntoRawFd;
use rustix::fs::{CWD, Mode, OFlags, openat};

use super::{signal, terminal};
use crate::prelude::*;

// Whose library that is: std would say so.
#[link(name = "c")]
unsafe extern "C" {}

/// What `crt1.o` calls with the words of the command line.
// SAFETY: the C standard names this function, and nothing else in the program has its name.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[cfg_attr(test, allow(dead_code))]
extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    let mut arguments = Vec::new();
    for position in 0..usize::try_from(count).unwrap_or_default() {
        // SAFETY: `words` has `count` elements, says the C standard.
        let word = unsafe { words.add(position) };
        // SAFETY: the element is there, as above.
        let word = unsafe { *word };
        // SAFETY: each element is a text with a closing NUL that lives as long as the process, and nobody writes to it.
        let word: &'static CStr = unsafe { CStr::from_ptr(word) };
        arguments.push(word);
    }
    open_standard_descriptors();
    signal::ignore_closed_pipes();
    crate::start(arguments).into()
}

/// The value of an environment variable.
#[doc(alias = "getenv")]
#[must_use]
pub fn variable(name: &CStr) -> Option<&'static CStr> {
    // SAFETY: `name` ends in NUL, and nothing in this program changes the environment.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: getenv's result, when there is one, is a text with a closing NUL, and stays as nobody changes the environment.
    Some(unsafe { CStr::from_ptr(value) })
}

/// Makes sure that the standard descriptors are open: else a socket of ours would get a number of theirs, and what is meant
/// for people would go to the kernel.
fn open_standard_descriptors() {
    let standard = [0, 1, 2].map(terminal::standard);
    let mut watched = standard.each_ref().map(|fd| PollFd::new(fd, PollFlags::empty()));
    let _ = poll(&mut watched, Some(&Timespec::default()));
    for _closed in watched.iter().filter(|fd| fd.revents().contains(PollFlags::NVAL)) {
        // The kernel gives the lowest number that is free, and we go from the lowest up.
        if let Ok(fd) = openat(CWD, c"/dev/null", OFlags::RDWR, Mode::empty()) {
            let _ = fd.into_raw_fd();
        }
    }
}
