//! Processes: which run, in which namespace; and becoming another program.

use core::ffi::CStr;
use core::ptr;

use rustix::fd::AsFd;
use rustix::fs::OFlags;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Errno, file, procfs, signal};
use crate::prelude::*;

/// A process as procfs shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Inode of its network namespace.
    pub netns: u64,
}

/// The running processes whose namespace we may see, by ascending id, in which procfs lists them. Threads are not listed.
pub fn all() -> Result<Vec<Process>, Errno> {
    let root = procfs::open()?;
    let directory = file::open(root.as_fd(), ".", OFlags::RDONLY | OFlags::DIRECTORY, 0)?;
    let mut found = Vec::new();
    for name in file::names_in(directory.as_fd())? {
        let Ok(pid) = name.parse() else { continue };
        let path = file::path(text!("{pid}/ns/net"))?;
        // Gone meanwhile, a zombie, or not ours to look at: none of these is in our picture.
        if let Ok(stat) = rustix::fs::statat(&root, path, rustix::fs::AtFlags::empty()) {
            found.push(Process { pid, netns: stat.st_ino });
        }
    }
    Ok(found)
}

/// The name of process `pid` (at most 15 bytes), empty when it is gone.
#[must_use]
pub fn name(pid: u32) -> Text {
    let read = || file::read_to_end(procfs::open_file(text!("{pid}/comm"), OFlags::RDONLY)?.as_fd());
    let bytes: Result<&[u8], Errno> = read();
    lossy(bytes.unwrap_or_default().trim_ascii_end())
}

/// Becomes the program `command` names, found along `PATH`; returns only when that fails.
#[must_use]
#[doc(alias = "execvp")]
pub fn execute(command: &[&CStr]) -> Errno {
    let Some(program) = command.first() else { return Errno::INVAL };
    let mut words = Vec::new();
    for word in command {
        words.push(word.as_ptr());
    }
    words.push(ptr::null());
    signal::heed_closed_pipes();
    // SAFETY: `words` is an array of texts that end in NUL, closed by a null pointer; all of them outlive the call.
    unsafe { libc::execvp(program.as_ptr(), words.as_ptr()) };
    super::errno::last()
}

/// Raises the limit on open files as far as this process may. Where it may not, whoever needs many says so.
#[doc(alias = "RLIMIT_NOFILE")]
pub fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
