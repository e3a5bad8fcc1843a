//! procfs, mounted or not.
//!
//! In an initramfs before `/init` has mounted anything there is no `/proc`. Since Linux 5.2 a process may have one of its
//! own: `fsopen` and `fsmount` give a detached mount that nobody else sees.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

use super::Errno;

/// Opens the root of a procfs: `/proc`, or a detached one when nothing is mounted there.
pub fn open() -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    if let Ok(root) = openat(CWD, "/proc", flags, Mode::empty())
        && rustix::fs::fstatfs(&root).is_ok_and(|fs| fs.f_type == rustix::fs::PROC_SUPER_MAGIC)
    {
        return Ok(root);
    }
    detached()
}

/// A procfs that is mounted nowhere.
pub fn detached() -> Result<OwnedFd, Errno> {
    let context = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(context.as_fd())?;
    fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())
}

/// Opens a file below the root of procfs: by its usual path when that is there, which costs one call.
pub fn open_file(path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    match openat(CWD, format!("/proc/{path}"), flags | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT | Errno::NOTDIR) => openat(open()?, path, flags | OFlags::CLOEXEC, Mode::empty()),
        result => result,
    }
}
