//! Files and directories by their paths. Those below a directory that is held open are in `directory.rs`.

use std::ffi::CString;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, mkdirat, openat, unlinkat};

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

/// Writes all of `contents` to `fd`.
pub(super) fn write_all(fd: BorrowedFd<'_>, mut contents: &[u8]) -> Result<(), Errno> {
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
    names_in(CWD, path)
}

/// As [`list_as_is`], below `directory` when that is no whole path.
pub(super) fn names_in(directory: BorrowedFd<'_>, path: &str) -> Result<Vec<String>, Errno> {
    let fd = match open(directory, path, OFlags::RDONLY | OFlags::DIRECTORY, 0) {
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

/// Whether something is at `text`, and can be looked at.
#[must_use]
pub fn exists(text: &str) -> bool {
    is_there(text).is_ok_and(|there| there)
}

/// Whether something is at `text`; an error where that cannot be told.
pub fn is_there(text: &str) -> Result<bool, Errno> {
    match rustix::fs::accessat(CWD, &path(text)?, rustix::fs::Access::EXISTS, AtFlags::empty()) {
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
        result => result.map(|()| true),
    }
}

/// How much of the file system at `path` is free, in hundredths; none when it does not tell.
#[must_use]
pub fn free_part(text: &str) -> Option<u64> {
    let fs = rustix::fs::statvfs(&path(text).ok()?).ok()?;
    (fs.f_blocks > 0).then(|| fs.f_bavail * 100 / fs.f_blocks)
}

/// Creates or replaces the contents of the file at `text`, in place: who has it open, or mounted, sees them. Whoever reads meanwhile sees
/// the old text or the new one, and blank lines at most: what is left of a longer old one is overwritten before it is cut off.
pub fn replace_in_place(text: &str, contents: &str) -> Result<(), Errno> {
    let fd = open(CWD, text, OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW, 0o644)?;
    let before = usize::try_from(rustix::fs::fstat(&fd)?.st_size).unwrap_or_default();
    let blank = "\n".repeat(before.saturating_sub(contents.len()));
    rustix::io::pwrite(&fd, format!("{contents}{blank}").as_bytes(), 0)?;
    rustix::fs::ftruncate(&fd, contents.len().try_into().unwrap_or_default())
}

/// The permissions that files which this process makes do not get.
#[doc(alias = "umask")]
pub fn mask(bits: u32) {
    rustix::process::umask(Mode::from_raw_mode(bits));
}

/// The name that the host has.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
