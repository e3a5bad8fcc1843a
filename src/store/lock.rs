//! The lock: shared for changes to endpoints, alone for changes to networks. Whoever dies lets go of it.

use std::os::fd::OwnedFd;

use crate::error::{Errno, Error, Result};
use crate::sys::file::{self, LockMode};

/// The lock, held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    mode: LockMode,
    _file: OwnedFd,
}

impl Lock {
    /// Waits for it, together with others. None when nothing is recorded: what they create nobody would remove.
    pub fn shared(directory: &str) -> Result<Option<Self>> {
        Self::wait(directory, LockMode::Shared)
    }

    /// Waits for it, alone; creates the directory.
    pub fn exclusive(directory: &str) -> Result<Self> {
        loop {
            create(directory)?;
            // None: the last record went, and the directory with it, while we waited.
            if let Some(lock) = Self::wait(directory, LockMode::Exclusive)? {
                return Ok(lock);
            }
        }
    }

    fn wait(directory: &str, mode: LockMode) -> Result<Option<Self>> {
        let path = path(directory);
        match file::lock(&path, mode) {
            Ok(file) => Ok(Some(Self { mode, _file: file })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Error::system("lock", path, errno)),
        }
    }

    /// Whether it is held alone.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.mode == LockMode::Exclusive
    }
}

/// The lock's file.
pub(super) fn path(directory: &str) -> String {
    format!("{directory}/lock")
}

fn create(directory: &str) -> Result<()> {
    match file::create_directory(directory, 0o700) {
        Err(Errno::NOENT) => {
            let parent = directory.rsplit_once('/').map_or(directory, |(parent, _)| parent);
            Err(Error::not_found("directory", parent, ". Mount a tmpfs there, or use --state-dir."))
        }
        result => result.map_err(|errno| Error::system("create", directory, errno)),
    }
}
