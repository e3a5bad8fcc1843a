//! The mounts that a command run in another network namespace sees.
//!
//! # Source
//! mount(2), umount(2), ip-netns(8).

use rustix::fs::StatVfsMountFlags;
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, unmount};

use super::{Errno, file};

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
