//! Network namespaces: opened, created, pinned, entered and left.
//!
//! A pinned namespace is a file below `/run/netns` on which the namespace is mounted: iproute2's convention, so that
//! `ip netns` and pontoon see each other's.
//!
//! # Source
//! setns(2), unshare(2), `network_namespaces(7)`, ip-netns(8).

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{
    AtFlags, CWD, FileType, FlockOperation, OFlags, Timespec, Timestamps, UTIME_NOW, flock, futimens, unlinkat,
};
use rustix::mount::{
    MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount_bind, mount_bind_recursive, mount_change,
    move_mount, open_tree, unmount,
};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use super::{Errno, file, procfs};

/// Where namespaces are pinned.
pub const DIRECTORY: &str = "/run/netns";

/// An open network namespace. It lives at least as long as this.
#[derive(Debug)]
pub struct Netns {
    fd: OwnedFd,
}

impl From<OwnedFd> for Netns {
    fn from(fd: OwnedFd) -> Self {
        Self { fd }
    }
}

impl AsFd for Netns {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Netns {
    /// The namespace that this process is in.
    pub fn current() -> Result<Self, Errno> {
        procfs::open_file("self/ns/net", OFlags::RDONLY).map(Self::from)
    }

    /// The namespace that process `pid` is in.
    pub fn of_process(pid: u32) -> Result<Self, Errno> {
        procfs::open_file(&format!("{pid}/ns/net"), OFlags::RDONLY).map(Self::from)
    }

    /// The namespace behind `path`. `EINVAL` when the file is none.
    pub fn open(path: &str) -> Result<Self, Errno> {
        let fd = match file::open(CWD, path, OFlags::RDONLY | OFlags::NONBLOCK, 0) {
            // A socket, or a device without a driver. Without O_NONBLOCK a FIFO would be waited for.
            Err(Errno::NXIO | Errno::NODEV) => return Err(Errno::INVAL),
            result => result?,
        };
        let namespace = Self { fd };
        // Before a namespace is mounted on it, and after it was unmounted, the file is an empty ordinary one.
        if rustix::fs::fstatfs(&namespace.fd).is_ok_and(|fs| fs.f_type == NSFS_MAGIC) {
            Ok(namespace)
        } else {
            Err(Errno::INVAL)
        }
    }

    /// As [`Netns::open`], and waits, a second at most, for one that is just being made there: the file is empty and new.
    ///
    /// iproute2 holds no lock between creating the file and mounting on it, and to ask for one ourselves would be in the way of
    /// [`claim_name`]; so its age tells. An old one is looked at again once: who removes a namespace unmounts it first.
    pub fn open_when_made(path: &str) -> Result<Self, Errno> {
        let end = Instant::now() + BEING_MADE;
        for looks in 1_u32.. {
            match Self::open(path) {
                Err(Errno::INVAL) => {}
                result => return result,
            }
            if let Ok(file) = std::fs::symlink_metadata(path) {
                // A time that is yet to come is new: the clock has been set back.
                let is_new = file.modified().is_ok_and(|at| at.elapsed().map_or(true, |age| age < BEING_MADE));
                if !file.is_file() || file.len() > 0 || looks > 1 && !is_new {
                    break;
                }
            }
            if Instant::now() > end {
                break;
            }
            sleep(BETWEEN_LOOKS);
        }
        Err(Errno::INVAL)
    }

    /// The namespace that a socket lives in.
    #[doc(alias = "SIOCGSKNS")]
    pub fn of_socket(socket: BorrowedFd<'_>) -> Result<Self, Errno> {
        // linux/sockios.h: SIOCGSKNS, the same number on every architecture; since 4.9, and without a mounted /proc.
        const SIOCGSKNS: libc::Ioctl = 0x894c;
        // SAFETY: SIOCGSKNS takes no argument and touches no memory of ours; the descriptor is open, since it is borrowed.
        let fd = unsafe { libc::ioctl(socket.as_raw_fd(), SIOCGSKNS) };
        if fd < 0 {
            return Self::current();
        }
        // SAFETY: the call just returned this descriptor, and nothing else knows of it.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) }.into())
    }

    /// The inode number: no other living namespace has it.
    pub fn inode(&self) -> Result<u64, Errno> {
        Ok(rustix::fs::fstat(&self.fd)?.st_ino)
    }

    /// The number of the descriptor, for a netlink attribute.
    #[must_use]
    pub fn number(&self) -> i32 {
        self.fd.as_raw_fd()
    }

    /// Enters it for good.
    #[doc(alias = "setns")]
    pub fn enter(&self) -> Result<(), Errno> {
        move_into_link_name_space(self.fd.as_fd(), Some(LinkNameSpaceType::Network))
    }
}

/// How long after its creation a file may be without its namespace.
const BEING_MADE: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// linux/magic.h: `NSFS_MAGIC`.
const NSFS_MAGIC: rustix::fs::FsWord = 0x6e73_6673;

/// Does `work` inside `namespace` and comes back to `home`. Fails, rather than go on in the wrong place, when it cannot.
pub fn inside<T>(namespace: &Netns, home: &Netns, work: impl FnOnce() -> T) -> Result<T, Errno> {
    namespace.enter()?;
    let result = work();
    home.enter()?;
    Ok(result)
}

/// The path at which a namespace called `name` is pinned.
#[must_use]
pub fn pinned_path(name: &str) -> String {
    format!("{DIRECTORY}/{name}")
}

/// Moves this process to a new, empty namespace.
#[doc(alias = "CLONE_NEWNET")]
pub fn create() -> Result<(), Errno> {
    // SAFETY: unsharing the network namespace affects no memory and no descriptor; CLONE_FILES, which would, is not asked for.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNET) }
}

/// Gives this process mounts of its own that nobody else sees, as `ip netns exec` does.
#[doc(alias = "CLONE_NEWNS")]
pub fn private_mounts() -> Result<(), Errno> {
    // SAFETY: unsharing the mount namespace affects no memory and no descriptor; CLONE_FILES is not asked for.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }?;
    mount_change(c"/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)
}

/// Makes `/run/netns` a place where a mount made here is seen, and unmade, in other mount namespaces too.
fn prepare_directory() -> Result<(), Errno> {
    file::create_directory(DIRECTORY, 0o755)?;
    // Two at a time would mount it on itself twice; iproute2 takes the same lock (debian bug 949235).
    let directory = file::open(CWD, DIRECTORY, OFlags::RDONLY | OFlags::DIRECTORY, 0)?;
    let _ = flock(&directory, FlockOperation::LockExclusive);
    let shared = MountPropagationFlags::SHARED | MountPropagationFlags::REC;
    let path = file::path(DIRECTORY)?;
    match mount_change(&path, shared) {
        // It is no mount point yet: make it one.
        Err(Errno::INVAL) => {
            mount_bind_recursive(&path, &path)?;
            mount_change(&path, shared)
        }
        result => result,
    }
}

/// A name below `/run/netns` on which nothing is mounted yet. Nobody else gets it while this lives.
#[derive(Debug)]
pub struct Claim {
    _lock: OwnedFd,
}

/// Creates the file for `name`, empty. `EEXIST` when the name is taken.
///
/// A file that somebody left behind between creating it and mounting on it is taken over. It is told from one whose maker is
/// still at work by the lock that the maker holds.
pub fn claim_name(name: &str) -> Result<Claim, Errno> {
    prepare_directory()?;
    let path = pinned_path(name);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let lock = match file::open(CWD, &path, flags | OFlags::CREATE | OFlags::EXCL, 0) {
        Err(Errno::EXIST) => file::open(CWD, &path, flags, 0).map_err(|_| Errno::EXIST)?,
        result => result?,
    };
    let free = flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok()
        && matches!(Netns::open(&path), Err(Errno::INVAL))
        && rustix::fs::fstat(&lock).is_ok_and(|file| {
            FileType::from_raw_mode(file.st_mode) == FileType::RegularFile && file.st_nlink > 0 && file.st_size == 0
        });
    if !free {
        return Err(Errno::EXIST);
    }
    // One that was left is as good as new: who looks for the namespace waits for it.
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let _ = futimens(&lock, &Timestamps { last_access: now, last_modification: now });
    Ok(Claim { _lock: lock })
}

/// Mounts the namespace that this process is in on the file for `name`.
pub fn pin_current(name: &str) -> Result<(), Errno> {
    mount("self/ns/net", name)
}

/// Mounts `namespace` on the file for `name`.
pub fn pin(namespace: &Netns, name: &str) -> Result<(), Errno> {
    mount(&format!("self/fd/{}", namespace.number()), name)
}

/// Mounts a file below the root of procfs on the file for `name`.
fn mount(source: &str, name: &str) -> Result<(), Errno> {
    let target = file::path(&pinned_path(name))?;
    match mount_bind(&file::path(&format!("/proc/{source}"))?, &target) {
        Err(Errno::NOENT | Errno::NOTDIR) => {
            let proc = procfs::open()?;
            let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
            let tree = open_tree(proc.as_fd(), &file::path(source)?, flags)?;
            move_mount(tree.as_fd(), c"", CWD, &target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        }
        result => result,
    }
}

/// Unmounts the namespace from the file for `name` and removes the file. `ENOENT` when there is none.
pub fn unpin(name: &str) -> Result<(), Errno> {
    let path = file::path(&pinned_path(name))?;
    // Lazily, as iproute2: somebody may be looking at it. A file on which nothing is mounted is removed all the same.
    match unmount(&path, UnmountFlags::DETACH) {
        Ok(()) | Err(Errno::INVAL | Errno::NOENT) => {}
        Err(errno) => return Err(errno),
    }
    unlinkat(CWD, &path, AtFlags::empty())
}

/// The names below `/run/netns`; none when the directory is not there.
pub fn pinned_names() -> Result<Vec<String>, Errno> {
    file::list(DIRECTORY)
}
