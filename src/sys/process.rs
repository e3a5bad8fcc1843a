//! Processes: which run, in which namespace; and becoming another program.

use std::ffi::{CString, OsString};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::OFlags;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Errno, file, procfs, signal};

/// A process as procfs shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Inode of its network namespace.
    pub netns: u64,
}

/// The running processes whose namespace we may see, by ascending id. Threads are not listed.
pub fn all() -> Result<Vec<Process>, Errno> {
    let root = procfs::open()?;
    let directory = file::open(root.as_fd(), ".", OFlags::RDONLY | OFlags::DIRECTORY, 0)?;
    let mut found = Vec::new();
    for entry in rustix::fs::Dir::new(directory)? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().ok().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let path = file::path(&format!("{pid}/ns/net"))?;
        // Gone meanwhile, a zombie, or not ours to look at: none of these is in our picture.
        if let Ok(stat) = rustix::fs::statat(&root, &path, rustix::fs::AtFlags::empty()) {
            found.push(Process { pid, netns: stat.st_ino });
        }
    }
    found.sort_unstable_by_key(|process| process.pid);
    Ok(found)
}

/// The name of process `pid` (at most 15 bytes), empty when it is gone.
#[must_use]
pub fn name(pid: u32) -> String {
    let read = || file::read_to_end(procfs::open_file(&format!("{pid}/comm"), OFlags::RDONLY)?.as_fd());
    let bytes: Result<Vec<u8>, Errno> = read();
    String::from_utf8_lossy(&bytes.unwrap_or_default()).trim_ascii_end().to_owned()
}

/// Becomes the program `command` names, found along `PATH`; returns only when that fails.
#[must_use]
pub fn execute(command: &[OsString]) -> Errno {
    let words: Result<Vec<CString>, _> = command.iter().map(|word| CString::new(word.as_bytes())).collect();
    let Ok(words) = words else { return Errno::INVAL };
    let Some(program) = words.first() else { return Errno::INVAL };
    signal::heed_closed_pipes();
    match nix::unistd::execvp(program, &words) {
        Ok(never) => match never {},
        Err(errno) => Errno::from_raw_os_error(errno as i32),
    }
}

/// Raises the limit on open files as far as this process may. Where it may not, whoever needs many says so.
#[doc(alias = "RLIMIT_NOFILE")]
pub fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
