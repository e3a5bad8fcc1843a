//! Files: whole reads, writes that are there completely or not at all, directories.

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, flock, fstat, fsync, mkdirat, openat, renameat, unlinkat,
};

use super::Errno;

/// A path as the kernel takes it. `EINVAL` when a NUL is in it.
///
/// rustix takes any kind of text too, and compiles each of its functions anew for each kind.
pub(super) fn path(text: &str) -> Result<CString, Errno> {
    CString::new(text.as_bytes()).map_err(|_| Errno::INVAL)
}

/// Opens the file at `text`, below `directory` when that is no whole path. It is closed when another program is executed.
pub(super) fn open(directory: BorrowedFd<'_>, text: &str, flags: OFlags, mode: u32) -> Result<OwnedFd, Errno> {
    openat(directory, &path(text)?, flags | OFlags::CLOEXEC, Mode::from_raw_mode(mode))
}

/// Everything that `fd` has to give.
pub fn read_to_end(fd: BorrowedFd<'_>) -> Result<Vec<u8>, Errno> {
    let mut out = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        match rustix::io::read(fd, &mut chunk) {
            Ok(n) => {
                out.extend_from_slice(chunk.get(..n).unwrap_or_default());
                // What comes short of a chunk ends there: these are files, and procfs gives a page at a time.
                if n < chunk.len() {
                    return Ok(out);
                }
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// The contents of the file at `path`; none when there is none. `ELOOP` when it is a symbolic link, `EISDIR` a directory, `ENXIO`
/// anything else that is no regular file: a FIFO would keep us waiting for whoever writes to it.
pub fn read(path: &str) -> Result<Option<Vec<u8>>, Errno> {
    let fd = match open(CWD, path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK, 0) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(errno),
    };
    regular(&fd)?;
    read_to_end(fd.as_fd()).map(Some)
}

fn regular(fd: &OwnedFd) -> Result<(), Errno> {
    match FileType::from_raw_mode(fstat(fd)?.st_mode) {
        FileType::RegularFile => Ok(()),
        FileType::Directory => Err(Errno::ISDIR),
        _ => Err(Errno::NXIO),
    }
}

/// Writes `contents` to `to` by way of the temporary file `temporary`, synced and renamed: after a crash the file holds
/// the old contents or the new. The temporary file is a new one: what is there under its name, a link to somewhere else or what
/// a crash left, is removed and not written to.
pub fn write_atomically(to: &str, temporary: &str, contents: &[u8]) -> Result<(), Errno> {
    let create = || open(CWD, temporary, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, 0o600);
    let fd = match create() {
        Err(Errno::EXIST) => {
            remove(temporary)?;
            create()?
        }
        created => created?,
    };
    let (to, temporary) = (path(to)?, path(temporary)?);
    let written = write_all(fd.as_fd(), contents).and_then(|()| fsync(&fd));
    let result = written.and_then(|()| renameat(CWD, &temporary, CWD, &to));
    if result.is_err() {
        let _ = unlinkat(CWD, &temporary, AtFlags::empty());
    }
    result
}

/// Overwrites the start of the file at `path`, creating it; not synced. Errors as [`read`]'s for what is no regular file.
pub fn overwrite(path: &str, contents: &[u8]) -> Result<(), Errno> {
    let fd = open(CWD, path, OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK, 0o600)?;
    regular(&fd)?;
    write_all(fd.as_fd(), contents)
}

fn write_all(fd: BorrowedFd<'_>, mut contents: &[u8]) -> Result<(), Errno> {
    while !contents.is_empty() {
        match rustix::io::write(fd, contents) {
            Ok(n) => contents = contents.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Removes the file at `text`; one that is not there is no error.
pub fn remove(text: &str) -> Result<(), Errno> {
    match unlinkat(CWD, &path(text)?, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        result => result,
    }
}

/// Removes the empty directory at `text`.
pub fn remove_directory(text: &str) -> Result<(), Errno> {
    unlinkat(CWD, &path(text)?, AtFlags::REMOVEDIR)
}

/// Creates the directory at `text` with `mode`; one that is there is no error.
pub fn create_directory(text: &str, mode: u32) -> Result<(), Errno> {
    match mkdirat(CWD, &path(text)?, Mode::from_raw_mode(mode)) {
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
    let fd = match open(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY, 0) {
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

/// Whether something is at `text`.
#[must_use]
pub fn exists(text: &str) -> bool {
    path(text).is_ok_and(|path| rustix::fs::accessat(CWD, &path, rustix::fs::Access::EXISTS, AtFlags::empty()).is_ok())
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
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | create;
        let fd = openat(CWD, path, flags, Mode::from_raw_mode(0o600))?;
        match flock(&fd, operation) {
            Ok(()) if fstat(&fd)?.st_nlink > 0 => return Ok(fd),
            Ok(()) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
