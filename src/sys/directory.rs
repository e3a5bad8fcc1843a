//! A directory that is held open, and the files below it: whoever moves or replaces it meanwhile changes nothing for us.
//!
//! What belongs here: opening what is a regular file, and nothing else; writing so that no link is followed. What does not: what
//! the files hold.

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, fsync, mkdirat, renameat, statat,
    unlinkat,
};

use super::Errno;
use super::file::{self, path, write_all};

/// What is said of something that is no regular file: open(2) itself says so of a socket.
pub const NO_FILE: Errno = Errno::NXIO;

/// How many temporary files of writers that died may be in the way of another.
const ATTEMPTS: u32 = 100;

/// Whose something is, and who may write to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user's number.
    pub user: u32,
    /// The permission bits, as in chmod(1).
    pub mode: u32,
}

impl From<Stat> for Owner {
    fn from(status: Stat) -> Self {
        Self { user: status.st_uid, mode: status.st_mode & 0o7777 }
    }
}

/// How a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Together with other shared holders.
    Shared,
    /// Alone.
    Exclusive,
}

/// An open directory.
#[derive(Debug)]
pub struct Directory {
    fd: OwnedFd,
}

impl Directory {
    /// Opens the directory at `path`. `ENOTDIR` when it is something else, or a link and `follow` is not set.
    pub fn open(path: &str, follow: bool) -> Result<Self, Errno> {
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let fd = file::open(CWD, path, if follow { flags } else { flags | OFlags::NOFOLLOW }, 0)?;
        Ok(Self { fd })
    }

    /// Whose it is.
    pub fn owner(&self) -> Result<Owner, Errno> {
        fstat(&self.fd).map(Owner::from)
    }

    /// The contents of the file `name`; none when there is none. [`NO_FILE`] or `ELOOP` when it is no regular file.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Errno> {
        match self.open_file(name, OFlags::RDONLY) {
            Ok(fd) => file::read_to_end(fd.as_fd()).map(Some),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Writes `contents` to the file `name` by way of a temporary file beside it that is `hidden` and then `.new`, synced and
    /// renamed: after a crash the file holds the old contents or the new.
    ///
    /// The temporary file is a new one. Where one is in the way, of a writer that died or is still at work, the next number is
    /// taken: what somebody else is writing stays his.
    pub fn write_atomically(&self, name: &str, hidden: &str, contents: &[u8]) -> Result<(), Errno> {
        let (fd, temporary) = self.create_new(hidden)?;
        let written = write_all(fd.as_fd(), contents).and_then(|()| fsync(&fd));
        let result = written.and_then(|()| renameat(&self.fd, &temporary, &self.fd, &path(name)?));
        if result.is_err() {
            let _ = unlinkat(&self.fd, &temporary, AtFlags::empty());
        }
        result
    }

    fn create_new(&self, hidden: &str) -> Result<(OwnedFd, CString), Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        for attempt in 0..ATTEMPTS {
            let name = if attempt == 0 { format!("{hidden}.new") } else { format!("{hidden}.{attempt}.new") };
            match file::open(self.fd.as_fd(), &name, flags, 0o600) {
                Err(Errno::EXIST) => {}
                result => return Ok((result?, path(&name)?)),
            }
        }
        Err(Errno::EXIST)
    }

    /// Opens the file `name`, which is to be read now and overwritten later: its contents, and the file for [`overwrite`].
    pub fn read_to_overwrite(&self, name: &str) -> Result<(Vec<u8>, OwnedFd), Errno> {
        let fd = self.open_file(name, OFlags::RDWR)?;
        Ok((file::read_to_end(fd.as_fd())?, fd))
    }

    /// Creates the file `name`, for [`overwrite`]; one that is there is as good.
    pub fn create(&self, name: &str) -> Result<OwnedFd, Errno> {
        self.open_file(name, OFlags::WRONLY | OFlags::CREATE)
    }

    /// Opens the regular file `name`. Whatever else it may be, it is neither followed nor waited for.
    fn open_file(&self, name: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let fd = file::open(self.fd.as_fd(), name, flags | OFlags::NOFOLLOW | OFlags::NONBLOCK, 0o600)?;
        if is_regular(&fstat(&fd)?) { Ok(fd) } else { Err(NO_FILE) }
    }

    /// Removes the file `name`; one that is not there is no error.
    pub fn remove(&self, name: &str) -> Result<(), Errno> {
        match unlinkat(&self.fd, &path(name)?, AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            result => result,
        }
    }

    /// Creates the directory `name`, for its owner only; one that is there is no error.
    pub fn create_directory(&self, name: &str) -> Result<(), Errno> {
        match mkdirat(&self.fd, &path(name)?, Mode::RWXU) {
            Err(Errno::EXIST) => Ok(()),
            result => result,
        }
    }

    /// Removes the empty directory `name`.
    pub fn remove_directory(&self, name: &str) -> Result<(), Errno> {
        unlinkat(&self.fd, &path(name)?, AtFlags::REMOVEDIR)
    }

    /// The names in the directory `name`, which may be `.`, sorted; none when there is no such directory.
    pub fn list(&self, name: &str) -> Result<Vec<String>, Errno> {
        let mut names = file::names_in(self.fd.as_fd(), name)?;
        names.sort_unstable();
        Ok(names)
    }

    /// Whether `name` is there and no directory.
    #[must_use]
    pub fn is_no_directory(&self, name: &str) -> bool {
        let status = path(name).and_then(|name| statat(&self.fd, &name, AtFlags::SYMLINK_NOFOLLOW));
        status.is_ok_and(|status| FileType::from_raw_mode(status.st_mode) != FileType::Directory)
    }

    /// Waits for the lock on the file `name`; it is held until the descriptor is closed. None when the file was removed by its last
    /// user while we waited. Who wants it alone creates the file, for its owner's eyes only; who would share it gets `ENOENT` when
    /// there is none. [`NO_FILE`] or `ELOOP` when it is no regular file.
    #[doc(alias = "flock")]
    pub fn lock(&self, name: &str, mode: LockMode, create: bool) -> Result<Option<OwnedFd>, Errno> {
        let fd = self.open_lock(name, if create { OFlags::CREATE } else { OFlags::empty() })?;
        flock_patiently(&fd, mode)?;
        let status = fstat(&fd)?;
        match is_regular(&status) {
            false => Err(NO_FILE),
            true if status.st_nlink == 0 => Ok(None),
            true => Ok(Some(fd)),
        }
    }

    /// Waits for the lock on the file `name` alone and lets go of it at once; `ENOENT` when there is none.
    pub fn pass(&self, name: &str) -> Result<(), Errno> {
        flock_patiently(&self.open_lock(name, OFlags::empty())?, LockMode::Exclusive)
    }

    fn open_lock(&self, name: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        match file::open(self.fd.as_fd(), name, flags, 0o600) {
            // A directory, which O_CREAT cannot have.
            Err(Errno::ISDIR) => Err(NO_FILE),
            result => result,
        }
    }
}

fn flock_patiently(fd: &OwnedFd, mode: LockMode) -> Result<(), Errno> {
    let operation = match mode {
        LockMode::Shared => FlockOperation::LockShared,
        LockMode::Exclusive => FlockOperation::LockExclusive,
    };
    loop {
        match flock(fd, operation) {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Overwrites the start of a file in one write; not synced.
pub fn overwrite(file: BorrowedFd<'_>, contents: &[u8]) -> Result<(), Errno> {
    match rustix::io::pwrite(file, contents, 0) {
        Ok(written) if written < contents.len() => Err(Errno::NOSPC),
        result => result.map(drop),
    }
}

/// Whose link is at `text`; none when something else is there.
pub fn owner_of_link(text: &str) -> Result<Option<Owner>, Errno> {
    let status = statat(CWD, &path(text)?, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok((FileType::from_raw_mode(status.st_mode) == FileType::Symlink).then(|| status.into()))
}

/// The user that this process acts as.
#[must_use]
pub fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn is_regular(status: &Stat) -> bool {
    FileType::from_raw_mode(status.st_mode) == FileType::RegularFile
}
