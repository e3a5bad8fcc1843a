//! A root of one's own: namespaces, mounts, and leaving the host's files behind.
//!
//! What belongs here: one verb for each mount. What does not: which mounts a container has.
//!
//! # Source
//! `pivot_root(2)`, mount(2), `mount_setattr(2)`, `mount_namespaces(7)`.

use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind_recursive, mount_change, mount_move,
    mount_remount, unmount,
};
use rustix::process::{chdir, chroot, fchdir, pivot_root};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::{Errno, file};

/// What a mount allows beyond reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restrict {
    /// Nothing can be written.
    pub read_only: bool,
    /// Device files are dead.
    pub no_devices: bool,
    /// Nothing can be executed.
    pub no_programs: bool,
    /// Set-user-ID bits do nothing.
    pub no_setuid: bool,
}

impl Restrict {
    fn flags(self) -> MountFlags {
        let mut flags = MountFlags::empty();
        flags.set(MountFlags::RDONLY, self.read_only);
        flags.set(MountFlags::NODEV, self.no_devices);
        flags.set(MountFlags::NOEXEC, self.no_programs);
        flags.set(MountFlags::NOSUID, self.no_setuid);
        flags
    }

    fn attributes(self) -> u64 {
        let bit = |set: bool, bit: u64| if set { bit } else { 0 };
        bit(self.read_only, libc::MOUNT_ATTR_RDONLY)
            | bit(self.no_devices, libc::MOUNT_ATTR_NODEV)
            | bit(self.no_programs, libc::MOUNT_ATTR_NOEXEC)
            | bit(self.no_setuid, libc::MOUNT_ATTR_NOSUID)
    }
}

/// The next child of this process is the first one of a new pid namespace.
#[doc(alias = "CLONE_NEWPID")]
pub fn new_processes() -> Result<(), Errno> {
    // SAFETY: it says where children will be; memory and descriptors stay as they are.
    let unshare = || unsafe { unshare_unsafe(UnshareFlags::NEWPID) };
    match unshare() {
        // Its children are to be in another one than itself already, whose first process has ended.
        Err(Errno::INVAL) => {
            join(&namespaces(rustix::process::getpid().as_raw_pid().cast_unsigned(), &["pid"])?)?;
            unshare()
        }
        result => result,
    }
}

/// Names of the host, and System V IPC and message queues, of this process's own; control groups seen from its own one where the kernel
/// can do that (4.6).
pub fn own_names_and_ipc() -> Result<(), Errno> {
    // SAFETY: none of these namespaces touches memory or descriptors.
    unsafe { unshare_unsafe(UnshareFlags::NEWUTS | UnshareFlags::NEWIPC) }?;
    // SAFETY: as above.
    let _ = unsafe { unshare_unsafe(UnshareFlags::NEWCGROUP) };
    Ok(())
}

/// The name that this process's UTS namespace has.
pub fn name_host(name: &str) -> Result<(), Errno> {
    rustix::system::sethostname(name.as_bytes())
}

/// Opens what is at `path` for mounting it elsewhere: neither read nor followed to where it leads when it is a device.
pub fn hold(path: &str) -> Result<OwnedFd, Errno> {
    file::open(CWD, path, OFlags::PATH, 0)
}

/// How the host's root has been left.
#[derive(Debug)]
pub enum Old {
    /// It is still mounted below, until [`forget`].
    Below(OwnedFd),
    /// It is the initramfs, which no process can leave for good: `chroot` is all that there is.
    Stays,
}

/// Makes the directory at `path` the root of this process, which has mounts of its own. Its files are as `restrict` says.
pub fn enter(path: &str, restrict: Restrict) -> Result<Old, Errno> {
    let old = file::open(CWD, "/", OFlags::PATH | OFlags::DIRECTORY, 0)?;
    let text = file::path(path)?;
    // Nothing that is mounted here may be seen elsewhere, and a shared mount cannot be left.
    mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    mount_bind_recursive(&text, &text)?;
    restrict_mount(&text, restrict)?;
    chdir(&text)?;
    match pivot_root(c".", c".") {
        Ok(()) => {
            chdir(c"/")?;
            Ok(Old::Below(old))
        }
        // The root is the kernel's first one, of which nothing can be taken away.
        Err(Errno::INVAL) => {
            mount_move(c".", c"/")?;
            chroot(c".")?;
            chdir(c"/")?;
            Ok(Old::Stays)
        }
        Err(errno) => Err(errno),
    }
}

/// Whether the root of this process is the kernel's first one, an initramfs, which [`enter`] cannot leave for good.
#[must_use]
pub fn is_first() -> bool {
    let mounts =
        super::procfs::open_file("self/mountinfo", OFlags::RDONLY).and_then(|fd| file::read_to_end(fd.as_fd()));
    let text = String::from_utf8_lossy(&mounts.unwrap_or_default()).into_owned();
    let of_root = text.lines().rev().find(|line| line.split(' ').nth(4) == Some("/"));
    of_root.and_then(|line| line.split_once(" - ")).is_some_and(|(_, kind)| kind.starts_with("rootfs "))
}

/// Unmounts what [`enter`] left.
pub fn forget(old: Old) -> Result<(), Errno> {
    if let Old::Below(old) = old {
        fchdir(&old)?;
        unmount(c".", UnmountFlags::DETACH)?;
    }
    chdir(c"/")
}

/// Takes rights from the mounts at and below `path`; before Linux 5.12, from the one at `path`.
fn restrict_mount(path: &CString, restrict: Restrict) -> Result<(), Errno> {
    let attributes = libc::mount_attr { attr_set: restrict.attributes(), attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the kernel reads the path, which ends with a NUL, and the structure, whose size is given.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if result == 0 { Ok(()) } else { mount_remount(path, MountFlags::BIND | restrict.flags(), c"") }
}

/// Mounts a new file system of `kind` at `target`.
pub fn mount_new(kind: &str, target: &str, restrict: Restrict, options: &str) -> Result<(), Errno> {
    let (kind, options) = (file::path(kind)?, file::path(options)?);
    mount(&kind, &file::path(target)?, &kind, restrict.flags(), options.as_c_str())
}

/// Shows what is held, with what is mounted below it, at `target`. To be called in the root of a procfs: by its path, another could be
/// there in its place.
pub fn mount_held(held: BorrowedFd<'_>, target: &str) -> Result<(), Errno> {
    mount_bind_recursive(&file::path(&format!("self/fd/{}", held.as_raw_fd()))?, &file::path(target)?)
}

/// Makes the one mount at `target` read-only, those below it not.
pub fn make_read_only(target: &str, restrict: Restrict) -> Result<(), Errno> {
    let flags = MountFlags::BIND | Restrict { read_only: true, ..restrict }.flags();
    mount_remount(&file::path(target)?, flags, c"")
}

/// Takes rights from what is mounted at `target`, and below it.
pub fn limit(target: &str, restrict: Restrict) -> Result<(), Errno> {
    restrict_mount(&file::path(target)?, restrict)
}

/// Shows what is at `path` there once more, so that it can be limited.
pub fn mount_over_itself(path: &str) -> Result<(), Errno> {
    let path = file::path(path)?;
    mount_bind_recursive(&path, &path)
}

/// Makes a character device that everybody may read and write.
pub fn make_device(path: &str, major: u32, minor: u32) -> Result<(), Errno> {
    copy_device(path, FileType::CharacterDevice, rustix::fs::makedev(major, minor), 0o666)
}

/// Makes a device of this kind and number.
fn copy_device(path: &str, kind: FileType, device: u64, mode: u32) -> Result<(), Errno> {
    let (path, mode) = (file::path(path)?, Mode::from_raw_mode(mode));
    mknodat(CWD, &path, kind, mode, device)?;
    // Whatever the umask was.
    rustix::fs::chmod(&path, mode)
}

/// A device of the host.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its path.
    pub path: String,
    kind: FileType,
    number: u64,
    mode: u32,
}

impl Device {
    /// The devices right below `directory`.
    #[must_use]
    pub fn all(directory: &str) -> Vec<Self> {
        let names = file::list(directory).unwrap_or_default();
        let look = |name: String| {
            let path = format!("{directory}/{name}");
            let status = rustix::fs::lstat(&file::path(&path).ok()?).ok()?;
            let kind = FileType::from_raw_mode(status.st_mode);
            let is_device = matches!(kind, FileType::CharacterDevice | FileType::BlockDevice);
            is_device.then_some(Self { path, kind, number: status.st_rdev, mode: status.st_mode & 0o7777 })
        };
        names.into_iter().filter_map(look).collect()
    }

    /// Makes one that is the same.
    pub fn make(&self) -> Result<(), Errno> {
        copy_device(&self.path, self.kind, self.number, self.mode)
    }
}

/// Whether `directory` is the root of a procfs.
#[must_use]
pub fn is_proc(directory: impl AsFd) -> bool {
    rustix::fs::fstatfs(directory).is_ok_and(|fs| fs.f_type == rustix::fs::PROC_SUPER_MAGIC)
}

/// Whether what is held is a directory.
#[must_use]
pub fn is_directory(held: impl AsFd) -> bool {
    rustix::fs::fstat(held).is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Directory)
}

/// Enters a directory that is held.
pub fn go(directory: impl AsFd) -> Result<(), Errno> {
    fchdir(directory)
}

/// Enters the directory at `path`. `ENOENT`, too, when that is not below the root of this process.
pub fn go_to(path: &str) -> Result<(), Errno> {
    chdir(&file::path(path)?)?;
    // A directory that a malicious root led us to outside of itself has no path (CVE-2024-21626).
    let now = rustix::process::getcwd(Vec::new())?;
    if now.to_bytes().starts_with(b"/") { Ok(()) } else { Err(Errno::NOENT) }
}

/// The namespaces of process `pid`, of these kinds: file names below `/proc/PID/ns`. Such as the kernel does not have are left out.
pub fn namespaces(pid: u32, kinds: &[&str]) -> Result<Vec<OwnedFd>, Errno> {
    let mut held = Vec::new();
    for kind in kinds {
        match super::procfs::open_file(&format!("{pid}/ns/{kind}"), OFlags::RDONLY) {
            Err(Errno::NOENT) if *kind == "cgroup" => {}
            result => held.push(result?),
        }
    }
    Ok(held)
}

/// Enters namespaces, in this order; of a pid namespace, the children of this process are in it.
pub fn join(namespaces: &[OwnedFd]) -> Result<(), Errno> {
    namespaces.iter().try_for_each(|namespace| rustix::thread::move_into_link_name_space(namespace.as_fd(), None))
}
