//! A container's root: what is mounted where. Everything is mounted *after* the root has been changed, so that whatever links a
//! malicious tree holds lead into itself; what comes from the host is held open from before.
//!
//! # Source
//! runc, `libcontainer/SPEC.md`; moby, `oci/defaults.go`: mounts, masked and read-only paths.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::container::etc;
use crate::error::{Doing, Errno, Error, Result};
use crate::model::container::{Container, Volume};
use crate::sys::root::{self, Device, Restrict};
use crate::sys::{file, netns, terminal};

/// Cannot be read, whatever is there.
pub const MASKED: [&str; 10] = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
];

/// Can be read only.
pub const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Name and numbers of the devices that every container has: Linux, `Documentation/admin-guide/devices.txt`.
const DEVICES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

/// Links in `/dev`.
const LINKS: [(&str, &str); 5] = [
    ("/proc/self/fd", "/dev/fd"),
    ("/proc/self/fd/0", "/dev/stdin"),
    ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"),
    ("pts/ptmx", "/dev/ptmx"),
];

const FREE: Restrict = Restrict { read_only: false, no_devices: false, no_programs: false, no_setuid: false };
const NO_SETUID: Restrict = Restrict { no_setuid: true, ..FREE };
const DATA: Restrict = Restrict { no_devices: true, no_programs: true, no_setuid: true, ..FREE };

/// A pseudo-terminal: what the watcher holds, and what the command runs on.
pub type Console = (OwnedFd, OwnedFd);

/// What is taken from the host.
struct Held {
    /// Our files, and where they are seen.
    files: Vec<(OwnedFd, String)>,
    volumes: Vec<(OwnedFd, Volume)>,
    devices: Vec<(OwnedFd, &'static str)>,
    /// All devices of the host, for who may have them.
    all_devices: Vec<Device>,
}

/// Leaves the host's files for the container's own, whose directory is `place`. This process has the container's other namespaces.
pub fn enter(container: &Container, place: &str) -> Result<Option<Console>> {
    netns::private_mounts().doing("make", "mounts of its own")?;
    let held = hold(container, place)?;
    // A device on the root, or on a volume, is one that somebody made there: dead, unless the container may have any.
    let restrict = Restrict { no_devices: !container.privileged, ..FREE };
    let old = root::enter(&container.root, restrict).doing("enter the root", &container.root)?;
    let proc = mount_proc()?;
    let console = mount_dev(container, &held)?;
    mount_sys(container)?;
    mount_etc(container, &held)?;
    container.tmpfs.iter().try_for_each(|text| mount_tmpfs(text))?;
    held.volumes.iter().try_for_each(|(source, volume)| mount_volume(container, source, volume))?;
    if !container.privileged {
        hide(&held)?;
    }
    if container.read_only {
        root::make_read_only("/", restrict).doing("make read-only", "the root")?;
    }
    drop((held, proc));
    root::forget(old).doing("leave", "the host's root")?;
    Ok(console)
}

/// Opens what comes from the host, while the host can be seen.
fn hold(container: &Container, place: &str) -> Result<Held> {
    let mut files = Vec::new();
    for name in etc::FILES {
        let path = format!("{place}/{name}");
        files.push((root::hold(&path).doing("open", &path)?, format!("/etc/{name}")));
    }
    let mut volumes = Vec::new();
    for volume in &container.volumes {
        volumes.push((root::hold(&volume.source).doing("open", &volume.source)?, volume.clone()));
    }
    volumes.sort_by(|(_, a), (_, b)| a.target.cmp(&b.target));
    let all_devices = if container.privileged { Device::all("/dev") } else { Vec::new() };
    Ok(Held { files, volumes, devices: hold_devices(place)?, all_devices })
}

/// The devices that every container has, on a file system of their own that only this process sees: where they will be seen, devices that
/// are made are dead. Where none can be made, the host's.
fn hold_devices(place: &str) -> Result<Vec<(OwnedFd, &'static str)>> {
    root::mount_new("tmpfs", place, NO_SETUID, "mode=755,size=64k").doing("mount a tmpfs at", place)?;
    let hold = |name: &'static str, major, minor| {
        let made = format!("{place}/{name}");
        let path = if root::make_device(&made, major, minor).is_ok() { made } else { format!("/dev/{name}") };
        root::hold(&path).map(|device| (device, name)).doing("open", path)
    };
    DEVICES.iter().map(|(name, major, minor)| hold(name, *major, *minor)).collect()
}

/// Mounts the procfs of this process's pid namespace, and enters it: what is held is reached through it.
fn mount_proc() -> Result<OwnedFd> {
    directory("/proc")?;
    root::mount_new("proc", "/proc", DATA, "").doing("mount", "/proc")?;
    let proc = root::hold("/proc").doing("open", "/proc")?;
    // Another container on the same tree may have put a link there just now.
    if !root::is_proc(&proc) {
        return Err(Error::system("mount", "/proc", Errno::LOOP));
    }
    root::go(&proc).doing("enter", "/proc")?;
    Ok(proc)
}

fn mount_dev(container: &Container, held: &Held) -> Result<Option<Console>> {
    directory("/dev")?;
    let restrict = Restrict { no_devices: !container.privileged, ..NO_SETUID };
    root::mount_new("tmpfs", "/dev", restrict, "mode=755,size=65536k").doing("mount a tmpfs at", "/dev")?;
    for (device, name) in &held.devices {
        show_file(device, &format!("/dev/{name}"))?;
    }
    for (to, link) in LINKS {
        symlink(to, link).doing("make link", link)?;
    }
    for device in held.all_devices.iter().filter(|device| fs::symlink_metadata(&device.path).is_err()) {
        device.make().doing("make device", &device.path)?;
    }
    for (kind, target, restrict, options) in [
        ("devpts", "/dev/pts", Restrict { no_devices: false, ..DATA }, "newinstance,ptmxmode=0666,mode=0620,gid=5"),
        ("tmpfs", "/dev/shm", DATA, "mode=1777,size=65536k"),
        ("mqueue", "/dev/mqueue", DATA, ""),
    ] {
        directory(target)?;
        match root::mount_new(kind, target, restrict, options) {
            // Kernels of devices are built without the one or the other.
            Err(Errno::NODEV) => {}
            result => result.doing("mount", target)?,
        }
    }
    if !container.tty {
        return Ok(None);
    }
    let (keeper, running) = terminal::pair().doing("make", "a pseudo-terminal")?;
    show_file(&running, "/dev/console")?;
    Ok(Some((keeper, running)))
}

fn mount_sys(container: &Container) -> Result<()> {
    directory("/sys")?;
    let restrict = Restrict { read_only: !container.privileged, ..DATA };
    match root::mount_new("sysfs", "/sys", restrict, "") {
        Err(Errno::NODEV) => return Ok(()),
        result => result.doing("mount", "/sys")?,
    }
    // Its own groups, where the host has the one tree of version 2. Without them the container sees none.
    if crate::container::cgroup::is_one_tree() {
        let _ = root::mount_new("cgroup2", "/sys/fs/cgroup", restrict, "");
    }
    Ok(())
}

/// Shows our files in `/etc`. Where the tree has none in their place, `/etc` becomes a directory in memory that shows what the tree's has
/// and ours: nothing is written to the tree.
fn mount_etc(container: &Container, held: &Held) -> Result<()> {
    let is_there = |path: &String| fs::metadata(path).is_ok_and(|file| file.is_file());
    if !held.files.iter().all(|(_, path)| is_there(path)) {
        complete_etc()?;
        if container.read_only {
            root::limit("/etc", Restrict { read_only: true, ..FREE }).doing("make read-only", "/etc")?;
        }
    }
    held.files.iter().try_for_each(|(source, path)| root::mount_held(source.as_fd(), path).doing("mount", path))
}

fn complete_etc() -> Result<()> {
    directory("/etc")?;
    let mut entries = Vec::new();
    for name in file::list("/etc").doing("read", "/etc")? {
        let path = format!("/etc/{name}");
        let kind = fs::symlink_metadata(&path).doing("look at", &path)?.file_type();
        let link = fs::read_link(&path).ok();
        entries.push((root::hold(&path).ok(), path, kind.is_dir(), link));
    }
    let restrict = Restrict { no_devices: true, ..FREE };
    root::mount_new("tmpfs", "/etc", restrict, "mode=755").doing("mount a tmpfs at", "/etc")?;
    for (source, path, is_directory, link) in entries {
        match (link, source) {
            // One of ours may be a link in the tree, to where nothing is.
            (Some(_), _) if etc::FILES.iter().any(|name| path.strip_prefix("/etc/") == Some(name)) => {}
            (Some(to), _) => symlink(to, &path).doing("make link", &path)?,
            (None, Some(source)) if is_directory => {
                directory(&path)?;
                root::mount_held(source.as_fd(), &path).doing("mount", &path)?;
            }
            (None, Some(source)) => show_file(&source, &path)?,
            (None, None) => {}
        }
    }
    etc::FILES.iter().try_for_each(|name| touch(&format!("/etc/{name}")))
}

/// `DIR[:OPTIONS]`, as `--tmpfs` says it: nothing in it can be executed unless `exec` says so.
fn mount_tmpfs(text: &str) -> Result<()> {
    let (target, options) = text.split_once(':').unwrap_or((text, ""));
    let options: Vec<&str> = options.split(',').collect();
    let restrict = Restrict { no_programs: !options.contains(&"exec"), read_only: options.contains(&"ro"), ..DATA };
    let known =
        |option: &&&str| ["size=", "mode=", "uid=", "gid=", "nr_inodes="].iter().any(|key| option.starts_with(key));
    let own: Vec<&str> = options.iter().filter(known).copied().collect();
    directory(target)?;
    root::mount_new("tmpfs", target, restrict, &own.join(",")).doing("mount a tmpfs at", target)
}

fn mount_volume(container: &Container, source: &OwnedFd, volume: &Volume) -> Result<()> {
    let target = volume.target.as_str();
    if root::is_directory(source) {
        directory(target)?;
    } else {
        touch(target)?;
    }
    root::mount_held(source.as_fd(), target).doing("mount", format_args!("{} at {target}", volume.source))?;
    let restrict = Restrict { read_only: volume.read_only, no_devices: !container.privileged, ..FREE };
    root::limit(target, restrict).doing("limit", target)
}

/// Hides what says too much of the machine, or does too much to it.
fn hide(held: &Held) -> Result<()> {
    for path in READ_ONLY {
        match root::mount_over_itself(path) {
            Err(Errno::NOENT) => continue,
            result => result.doing("mount", path)?,
        }
        root::limit(path, Restrict { read_only: true, ..DATA }).doing("make read-only", path)?;
    }
    let null = held.devices.iter().find(|(_, name)| *name == "null");
    for path in MASKED {
        let Ok(there) = fs::metadata(path) else { continue };
        match null {
            _ if there.is_dir() => root::mount_new("tmpfs", path, Restrict { read_only: true, ..FREE }, "size=0k"),
            Some((null, _)) => root::mount_held(null.as_fd(), path),
            None => Err(Errno::NODEV),
        }
        .doing("mask", path)?;
    }
    Ok(())
}

fn directory(path: &str) -> Result<()> {
    fs::create_dir_all(path).doing("make in the root directory", path)
}

/// Makes an empty file where there is none, for something to be mounted on.
fn touch(path: &str) -> Result<()> {
    if fs::metadata(path).is_ok() {
        return Ok(());
    }
    if let Some(parent) = Path::new(path).parent() {
        directory(&parent.to_string_lossy())?;
    }
    fs::File::create(path).map(drop).doing("make in the root file", path)
}

fn show_file(held: &OwnedFd, path: &str) -> Result<()> {
    touch(path)?;
    root::mount_held(held.as_fd(), path).doing("mount", path)
}
