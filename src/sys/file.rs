//! Files: whole reads, writes that are there completely or not at all, directories.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{
    AtFlags, CWD, Dir, FlockOperation, Mode, OFlags, flock, fstat, fsync, mkdirat, openat, renameat, unlinkat,
};

use super::Errno;

/// Everything that `fd` has to give.
pub fn read_to_end(fd: impl AsFd) -> Result<Vec<u8>, Errno> {
    let mut out = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        match rustix::io::read(&fd, &mut chunk) {
            Ok(0) => return Ok(out),
            Ok(n) => out.extend_from_slice(chunk.get(..n).unwrap_or_default()),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// The contents of the file at `path`; none when there is none.
pub fn read(path: &str) -> Result<Option<Vec<u8>>, Errno> {
    match openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(fd) => read_to_end(fd).map(Some),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Writes `contents` to `path` by way of the temporary file `temporary`, synced and renamed: after a crash the file holds
/// the old contents or the new.
pub fn write_atomically(path: &str, temporary: &str, contents: &[u8]) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    let fd = openat(CWD, temporary, flags, Mode::from_raw_mode(0o600))?;
    let result = write_all(&fd, contents).and_then(|()| fsync(&fd)).and_then(|()| renameat(CWD, temporary, CWD, path));
    if result.is_err() {
        let _ = unlinkat(CWD, temporary, AtFlags::empty());
    }
    result
}

/// Overwrites the start of the file at `path`, creating it; not synced.
pub fn overwrite(path: &str, contents: &[u8]) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC;
    write_all(openat(CWD, path, flags, Mode::from_raw_mode(0o600))?, contents)
}

fn write_all(fd: impl AsFd, mut contents: &[u8]) -> Result<(), Errno> {
    while !contents.is_empty() {
        match rustix::io::write(&fd, contents) {
            Ok(n) => contents = contents.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Removes the file at `path`; one that is not there is no error.
pub fn remove(path: &str) -> Result<(), Errno> {
    match unlinkat(CWD, path, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        result => result,
    }
}

/// Removes the empty directory at `path`.
pub fn remove_directory(path: &str) -> Result<(), Errno> {
    unlinkat(CWD, path, AtFlags::REMOVEDIR)
}

/// Creates the directory at `path` with `mode`; one that is there is no error.
pub fn create_directory(path: &str, mode: u32) -> Result<(), Errno> {
    match mkdirat(CWD, path, Mode::from_raw_mode(mode)) {
        Err(Errno::EXIST) => Ok(()),
        result => result,
    }
}

/// The names in the directory at `path`, sorted; none when there is no directory.
pub fn list(path: &str) -> Result<Vec<String>, Errno> {
    let mut names = list_as_is(path)?;
    names.sort_unstable();
    Ok(names)
}

/// As [`list`], in the file system's own order.
pub fn list_as_is(path: &str) -> Result<Vec<String>, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = match openat(CWD, path, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(Vec::new()),
        Err(errno) => return Err(errno),
    };
    let mut names = Vec::new();
    for entry in Dir::new(fd)? {
        let entry = entry?;
        match entry.file_name().to_bytes() {
            b"." | b".." => {}
            name => names.push(String::from_utf8_lossy(name).into_owned()),
        }
    }
    Ok(names)
}

/// Whether something is at `path`.
#[must_use]
pub fn exists(path: &str) -> bool {
    rustix::fs::accessat(CWD, path, rustix::fs::Access::EXISTS, AtFlags::empty()).is_ok()
}

/// How a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Together with other shared holders.
    Shared,
    /// Alone.
    Exclusive,
}

/// Waits for the lock on the file at `path`; it is held until the descriptor is closed. Who wants it alone creates the file,
/// for its owner's eyes only; who would share it gets `ENOENT` when there is none.
///
/// The file may be removed by its last user: when the one we locked is no longer the one at `path`, we begin again.
#[doc(alias = "flock")]
pub fn lock(path: &str, mode: LockMode) -> Result<OwnedFd, Errno> {
    let (operation, create) = match mode {
        LockMode::Shared => (FlockOperation::LockShared, OFlags::empty()),
        LockMode::Exclusive => (FlockOperation::LockExclusive, OFlags::CREATE),
    };
    loop {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | create;
        let fd = openat(CWD, path, flags, Mode::from_raw_mode(0o600))?;
        match flock(&fd, operation) {
            Ok(()) if fstat(&fd)?.st_nlink > 0 => return Ok(fd),
            Ok(()) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
