//! procfs, mounted or not, and the kernel parameters below its `sys`.
//!
//! In an initramfs before `/init` has mounted anything there is no `/proc`. Since Linux 5.2 a process may have one of its
//! own: `fsopen` and `fsmount` give a detached mount that nobody else sees.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{CWD, OFlags};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

use super::{Errno, file};
use crate::types::family::Family;

/// Opens the root of a procfs: `/proc`, or a detached one when nothing is mounted there.
pub fn open() -> Result<OwnedFd, Errno> {
    if let Ok(root) = file::open(CWD, "/proc", OFlags::PATH | OFlags::DIRECTORY, 0)
        && rustix::fs::fstatfs(&root).is_ok_and(|fs| fs.f_type == rustix::fs::PROC_SUPER_MAGIC)
    {
        return Ok(root);
    }
    detached()
}

/// A procfs that is mounted nowhere.
pub fn detached() -> Result<OwnedFd, Errno> {
    let context = fsopen(c"proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(context.as_fd())?;
    fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())
}

/// Opens a file below the root of procfs: by its usual path when that is there, which costs one call.
pub fn open_file(path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    match file::open(CWD, &format!("/proc/{path}"), flags, 0) {
        Err(Errno::NOENT | Errno::NOTDIR) => file::open(open()?.as_fd(), path, flags, 0),
        result => result,
    }
}

/// The path of a parameter that each interface has for itself, in one family; the interfaces `all` and `default` are no interfaces.
#[must_use]
pub fn of_interface(family: Family, interface: &str, key: &str) -> String {
    format!("{}/{interface}/{key}", interfaces(family))
}

/// The directory of the parameters that interfaces have for themselves.
fn interfaces(family: Family) -> &'static str {
    match family {
        Family::V4 => "net/ipv4/conf",
        Family::V6 => "net/ipv6/conf",
    }
}

/// The interfaces that have parameters of a family for themselves, `all` and `default` among them, sorted.
pub fn names_of_interfaces(family: Family) -> Result<Vec<String>, Errno> {
    file::list(&format!("/proc/sys/{}", interfaces(family)))
}

/// Reads the parameter at `path`, such as `net/ipv4/ip_forward`, without its newline.
pub fn read_sysctl(path: &str) -> Result<String, Errno> {
    let fd = open_file(&format!("sys/{path}"), OFlags::RDONLY)?;
    let bytes = file::read_to_end(fd.as_fd())?;
    Ok(String::from_utf8_lossy(&bytes).trim_ascii_end().to_owned())
}

/// Makes the parameter at `path` be `value`. Reads it first: a read-only `/proc/sys` that is already right is no error.
pub fn ensure_sysctl(path: &str, value: &str) -> Result<(), Errno> {
    if read_sysctl(path)? == value { Ok(()) } else { write_sysctl(path, value) }
}

/// Writes the parameter at `path`.
pub fn write_sysctl(path: &str, value: &str) -> Result<(), Errno> {
    let fd = open_file(&format!("sys/{path}"), OFlags::WRONLY)?;
    rustix::io::write(&fd, value.as_bytes())?;
    Ok(())
}
