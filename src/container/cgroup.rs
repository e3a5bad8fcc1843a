//! The control group of a container: limits, freezing, numbers. Version 2 where the host has it, else version 1, else none.
//!
//! # Source
//! cgroups(7); Linux, `Documentation/admin-guide/cgroup-v2.rst` and `cgroup-v1/`.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::error::{Doing, Errno, Error, Result};
use crate::model::container::Container;

/// Where they are mounted.
const ROOT: &str = "/sys/fs/cgroup";
/// Ours are below a group of this name.
const GROUP: &str = "pontoon";

/// Which kind of groups there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

fn version() -> Option<Version> {
    if Path::new(ROOT).join("cgroup.controllers").exists() {
        return Some(Version::Two);
    }
    Path::new(ROOT).join("freezer/cgroup.procs").exists().then_some(Version::One)
}

/// Whether the host has the one tree of version 2.
#[must_use]
pub fn is_one_tree() -> bool {
    version() == Some(Version::Two)
}

/// The directories of a container's groups, as far as the host has such controllers: of version 1 one for freezing, and one for each limit
/// that is asked for, since every group costs when it is made and more when it goes.
fn directories(container: &Container) -> Vec<String> {
    let controllers = [
        ("freezer", true),
        ("memory", container.memory > 0),
        ("cpu", container.nano_cpus > 0),
        ("pids", container.pids_limit > 0),
    ];
    match version() {
        Some(Version::Two) => vec![format!("{ROOT}/{GROUP}/{}", container.id)],
        Some(Version::One) => {
            let wanted = controllers.into_iter().filter(|(_, wanted)| *wanted);
            wanted.filter_map(|(controller, _)| with(container, controller)).collect()
        }
        None => Vec::new(),
    }
}

/// The directory with a controller's files of a container; none when there is none.
fn with(container: &Container, controller: &str) -> Option<String> {
    match version()? {
        Version::Two => Some(format!("{ROOT}/{GROUP}/{}", container.id)),
        Version::One => {
            let is_there = Path::new(&format!("{ROOT}/{controller}/cgroup.procs")).exists();
            is_there.then(|| format!("{ROOT}/{controller}/{GROUP}/{}", container.id))
        }
    }
}

fn write(path: &str, value: &str) -> std::result::Result<(), Errno> {
    fs::write(path, value).map_err(|error| of_io(&error))
}

fn of_io(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// Makes a container's group with its limits. Without control groups there is none, which is an error only when a limit is asked for.
pub fn create(container: &Container) -> Result<()> {
    let limits = limits(container);
    let made = make(container);
    let Some(Limit { option, .. }) = limits.first() else {
        // Freezing and numbers are not there; nobody asked for them.
        return Ok(());
    };
    if version().is_none() {
        return Err(Error::Limit {
            option,
            why: "needs control groups, which are not mounted at /sys/fs/cgroup".to_owned(),
        }
        .into());
    }
    made.doing("make", format_args!("the control group {GROUP}/{}", container.id))?;
    for Limit { path, value, option } in limits {
        if !Path::new(&path).exists() {
            let name = path.rsplit('/').next().unwrap_or_default();
            return Err(Error::Limit {
                option,
                why: format!("needs a controller that this host lacks: there is no {name}"),
            }
            .into());
        }
        write(&path, &value).doing("write", path)?;
    }
    Ok(())
}

fn make(container: &Container) -> std::result::Result<(), Errno> {
    let create = |path: &str| fs::create_dir_all(path).map_err(|error| of_io(&error));
    if version() == Some(Version::Two) {
        create(&format!("{ROOT}/{GROUP}"))?;
        // Each by itself: one that is not there is no reason to go without the others.
        for directory in [ROOT.to_owned(), format!("{ROOT}/{GROUP}")] {
            for controller in ["+memory", "+cpu", "+pids"] {
                let _ = write(&format!("{directory}/cgroup.subtree_control"), controller);
            }
        }
    }
    directories(container).iter().try_for_each(|path| create(path))
}

/// What is to be written where, for which option.
struct Limit {
    path: String,
    value: String,
    option: &'static str,
}

fn limits(container: &Container) -> Vec<Limit> {
    // A tenth of a second is the kernel's own period.
    let quota = container.nano_cpus / 10_000;
    let (memory, pids) = (container.memory.to_string(), container.pids_limit.to_string());
    let is_two = is_one_tree();
    // The option, whether it is given, its controller, then file and value of either version.
    [
        ("--memory", container.memory > 0, "memory", ("memory.limit_in_bytes", memory.clone()), ("memory.max", memory)),
        (
            "--cpus",
            container.nano_cpus > 0,
            "cpu",
            ("cpu.cfs_quota_us", quota.to_string()),
            ("cpu.max", format!("{quota} 100000")),
        ),
        ("--pids-limit", container.pids_limit > 0, "pids", ("pids.max", pids.clone()), ("pids.max", pids)),
    ]
    .into_iter()
    .filter(|(_, given, ..)| *given)
    .map(|(option, _, controller, one, two)| {
        let (file, value) = if is_two { two } else { one };
        Limit { path: format!("{}/{file}", with(container, controller).unwrap_or_default()), value, option }
    })
    .collect()
}

/// Moves this process into a container's group, as far as there is one.
pub fn enter(container: &Container) -> Result<()> {
    for directory in directories(container) {
        let path = format!("{directory}/cgroup.procs");
        match write(&path, "0") {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(Error::system("enter control group", path, errno)),
        }
    }
    Ok(())
}

/// Freezes all processes of a container, or has them go on.
pub fn freeze(container: &Container, frozen: bool) -> Result<()> {
    let lacking = || Error::Limit {
        option: "pause",
        why: "needs control groups with a freezer, which this host lacks".to_owned(),
    };
    let directory = with(container, "freezer").ok_or_else(lacking)?;
    let (file, value, wanted) = match (version(), frozen) {
        (Some(Version::Two), true) => ("cgroup.freeze", "1", "frozen 1"),
        (Some(Version::Two), false) => ("cgroup.freeze", "0", "frozen 0"),
        (_, true) => ("freezer.state", "FROZEN", "FROZEN"),
        (_, false) => ("freezer.state", "THAWED", "THAWED"),
    };
    let path = format!("{directory}/{file}");
    write(&path, value).doing("write", &path)?;
    // It is done when the last process has stopped: at once, unless one waits for a disk.
    for _ in 0..1000 {
        if state(container).is_some_and(|state| state.contains(wanted)) {
            break;
        }
        sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn state(container: &Container) -> Option<String> {
    let directory = with(container, "freezer")?;
    let file = if version()? == Version::Two { "cgroup.events" } else { "freezer.state" };
    fs::read_to_string(format!("{directory}/{file}")).ok()
}

/// Whether a container is frozen.
#[must_use]
pub fn is_frozen(container: &Container) -> bool {
    state(container).is_some_and(|state| state.contains("FROZEN") || state.contains("frozen 1"))
}

/// The processes in a container's group.
#[must_use]
pub fn processes(container: &Container) -> Vec<u32> {
    let first = directories(container).into_iter().next();
    let text =
        first.and_then(|directory| fs::read_to_string(format!("{directory}/cgroup.procs")).ok()).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Whether the kernel has killed one of a container's processes for want of memory.
#[must_use]
pub fn was_out_of_memory(container: &Container) -> bool {
    let Some(directory) = with(container, "memory") else { return false };
    let text = ["memory.oom_control", "memory.events"].map(|file| fs::read_to_string(format!("{directory}/{file}")));
    let killed = |text: &String| {
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        count.is_some_and(|count| count.trim() != "0")
    };
    text.iter().flatten().any(killed)
}

/// Removes a container's group, which its processes have left or are leaving.
pub fn remove(container: &Container) {
    for directory in directories(container) {
        for _ in 0..200 {
            match fs::remove_dir(&directory) {
                // Who has just been killed is in it until the kernel has buried him.
                Err(error) if of_io(&error) == Errno::BUSY => sleep(Duration::from_millis(1)),
                _ => break,
            }
        }
        // The last one takes the parent with it.
        if let Some((parent, _)) = directory.rsplit_once('/') {
            let _ = fs::remove_dir(parent);
        }
    }
}
