//! The mounts that a command run in another network namespace sees.
//!
//! # Source
//! mount(2), umount(2), ip-netns(8).

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::StatVfsMountFlags;
use rustix::mount::{MountFlags, OpenTreeFlags, UnmountFlags, mount, mount_bind, mount_remount, open_tree, unmount};

use super::{Errno, file, last_error};

/// Mounts a `/sys` that shows the devices of this process's network namespace in place of the one that is there.
///
/// To be called with mounts of one's own. Where there is no `/sys`, or the kernel has no sysfs, there is nothing to do.
#[doc(alias = "sysfs")]
pub fn renew_sys() -> Result<(), Errno> {
    let mut flags = MountFlags::empty();
    // One that cannot be removed is covered, a read-only one by a read-only one.
    if unmount(c"/sys", UnmountFlags::DETACH).is_err()
        && rustix::fs::statvfs(c"/sys").is_ok_and(|fs| fs.f_flag.contains(StatVfsMountFlags::RDONLY))
    {
        flags |= MountFlags::RDONLY;
    }
    match mount(c"sysfs", c"/sys", c"sysfs", flags, None::<&std::ffi::CStr>) {
        Err(Errno::NOENT | Errno::NODEV) => Ok(()),
        result => result,
    }
}

/// Shows the file at `from` in place of the one at `over`.
pub fn cover(from: &str, over: &str) -> Result<(), Errno> {
    mount_bind(&file::path(from)?, &file::path(over)?)
}

/// Shows a file with this text in place of the one at `over`. To be called with mounts of one's own: the file lies in memory, and for a
/// moment in the directory `by_way_of`.
pub fn cover_with(text: &str, by_way_of: &str, over: &str) -> Result<(), Errno> {
    let directory = file::path(by_way_of)?;
    mount(c"tmpfs", &directory, c"tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=755,size=1m")?;
    let path = format!("{by_way_of}/hosts");
    let covered = file::replace_in_place(&path, text).and_then(|()| cover(&path, over));
    unmount(&directory, UnmountFlags::DETACH)?;
    covered
}

/// A mount of the file `file` alone that is mounted nowhere and that nothing can be written through. `ENOSYS` before Linux 5.12.
#[doc(alias = "mount_setattr")]
pub fn read_only_copy(file: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    let copy = open_tree(file, c"", flags)?;
    let attributes = libc::mount_attr { attr_set: libc::MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the kernel reads the structure, whose size is given, and nothing else; the descriptor is open.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            copy.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if result < 0 { Err(last_error()) } else { Ok(copy) }
}

/// The file `file`, opened through a read-only mount over it. To be called with mounts of one's own.
pub fn read_only_in_place(file: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let path = file::path(&format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    mount_bind(&path, &path)?;
    let target = rustix::fs::readlink(&path, Vec::new())?;
    mount_remount(&target, MountFlags::BIND | MountFlags::RDONLY, c"")?;
    rustix::fs::open(&target, rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::CLOEXEC, rustix::fs::Mode::empty())
}
