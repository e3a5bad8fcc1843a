//! The lock: shared for changes to endpoints, alone for changes to networks. Whoever dies lets go of it.
//!
//! Whoever wants it alone would never get it beside enough others who share it, one after the other. So everybody who waits passes
//! a turnstile first, one at a time, in the order of arrival: who shares the lock goes through, who wants it alone stays in it until
//! he has the lock, and those who come later wait behind him.

use std::os::fd::OwnedFd;

use super::directory;
use crate::error::{Errno, Error, Result};
use crate::sys::directory::{Directory, LockMode, NO_FILE};
use crate::sys::file;

/// The file that is locked.
const LOCK: &str = "lock";
/// The turnstile.
const NEXT: &str = "lock.next";
/// Both: what is left where nothing is recorded.
pub(super) const FILES: [&str; 2] = [NEXT, LOCK];

/// The lock, held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    mode: LockMode,
    directory: Directory,
    _file: OwnedFd,
}

impl Lock {
    /// Waits for it, together with others. None when nothing is recorded: what they create nobody would remove.
    pub fn shared(path: &str) -> Result<Option<Self>> {
        Self::wait(path, LockMode::Shared)
    }

    /// Waits for it, alone; creates the directory.
    pub fn exclusive(path: &str) -> Result<Self> {
        loop {
            create(path)?;
            // None: the last record went, and the directory with it, while we waited.
            if let Some(lock) = Self::wait(path, LockMode::Exclusive)? {
                return Ok(lock);
            }
        }
    }

    /// None when there is no directory, or none any more, or no lock to share.
    fn wait(path: &str, mode: LockMode) -> Result<Option<Self>> {
        let create = mode == LockMode::Exclusive;
        loop {
            let Some(directory) = directory::open(path, "lock", &format!("{path}/{LOCK}"))? else { return Ok(None) };
            let turn = match mode {
                LockMode::Shared => directory.pass(NEXT).map(|()| None),
                LockMode::Exclusive => match directory.lock(NEXT, mode, create) {
                    // The file was removed by its last user while we waited: begin anew.
                    Ok(None) => continue,
                    result => result,
                },
            };
            let turn = match turn {
                // The directory is going; or nobody has wanted the lock alone since there is a turnstile.
                Err(Errno::NOENT) if create => return Ok(None),
                Err(Errno::NOENT) => None,
                result => result.map_err(|errno| refused(path, NEXT, errno))?,
            };
            let file = match directory.lock(LOCK, mode, create) {
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(refused(path, LOCK, errno)),
                Ok(None) => continue,
                Ok(Some(file)) => file,
            };
            drop(turn);
            return Ok(Some(Self { mode, directory, _file: file }));
        }
    }

    /// Whether it is held alone.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.mode == LockMode::Exclusive
    }

    /// The directory, which is there as long as the lock is held.
    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }
}

/// What is said of the turnstile's file is said of the lock, unless it is that very file that is wrong.
fn refused(path: &str, name: &str, errno: Errno) -> Box<Error> {
    match errno {
        NO_FILE | Errno::LOOP => Error::NoFile { path: format!("{path}/{name}") }.into(),
        errno => Error::system("lock", format_args!("{path}/{LOCK}"), errno),
    }
}

fn create(path: &str) -> Result<()> {
    match file::create_directory(path, 0o700) {
        Err(Errno::NOENT) => {
            let parent = path.rsplit_once('/').map_or(path, |(parent, _)| parent);
            Err(Error::not_found("directory", parent, ". Mount a tmpfs there, or use --state-dir."))
        }
        result => result.map_err(|errno| Error::system("create", path, errno)),
    }
}
