//! The processes of a container, and what they use: out of procfs, so that it is the same with and without control groups.
//!
//! # Source
//! proc(5): `stat`, `status`, `statm`, `cmdline`, `net/dev`.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::container::find::Found;
use crate::error::{Doing, Result};
use crate::sys::process::{self, Numbers};
use crate::types::time;

/// How long processor time is measured.
const SAMPLE: Duration = Duration::from_millis(250);

/// What a container uses.
#[derive(Debug, Clone, Default)]
pub struct Use {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Processor time, in hundredths of one processor's.
    pub cpu: f64,
    /// Memory that its processes have, in bytes.
    pub memory: u64,
    /// How much it may have: its limit, or the machine's.
    pub memory_limit: u64,
    /// Bytes that have come in over its interfaces.
    pub received: u64,
    /// Bytes that have gone out.
    pub sent: u64,
    /// How many processes it has.
    pub processes: usize,
}

/// A process of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The user that it acts as.
    pub user: u32,
    /// Its id on the host.
    pub pid: u32,
    /// Its parent's.
    pub parent: u32,
    /// When it started, in seconds since 1970.
    pub started: i64,
    /// Its terminal: `pts/0`.
    pub terminal: Option<String>,
    /// Processor time, in seconds.
    pub seconds: u64,
    /// Its command line.
    pub command: String,
}

/// The processes of a container, by ascending id, for `top`.
pub fn lines(found: &Found) -> Result<Vec<Line>> {
    let seconds = |ticks: u64| ticks / process::ticks_per_second();
    let boot = time::now_seconds() - i64::try_from(process::uptime()).unwrap_or_default();
    let line = |one: &Numbers| {
        // The lower byte of the device number and the upper ones, proc(5); 136 to 143 are pseudo-terminals.
        let (major, minor) = (one.terminal >> 8 & 0xfff, one.terminal & 0xff);
        Line {
            user: one.user,
            pid: one.pid,
            parent: one.parent,
            started: boot + i64::try_from(seconds(one.start)).unwrap_or_default(),
            terminal: (136..=143).contains(&major).then(|| format!("pts/{minor}")),
            seconds: seconds(one.ticks),
            command: one.command.clone(),
        }
    };
    Ok(All::look()?.of(found).into_iter().map(line).collect())
}

/// All processes of the host, each with the inode of its pid namespace.
struct All(Vec<(Numbers, Option<u64>)>);

impl All {
    fn look() -> Result<Self> {
        let all = process::numbers().doing("list", "processes")?;
        let with_namespace = |one: Numbers| {
            let namespace = process::pid_namespace(one.pid);
            (one, namespace)
        };
        Ok(Self(all.into_iter().map(with_namespace).collect()))
    }

    /// Those of a container: in the pid namespace of its first process, or, on the host's files, that one alone.
    fn of(&self, found: &Found) -> Vec<&Numbers> {
        let first = found.state.pid;
        let own = process::pid_namespace(first);
        let is_its = |one: &Numbers, namespace: Option<u64>| {
            if found.container.shares_files() { one.pid == first } else { own.is_some() && namespace == own }
        };
        self.0.iter().filter(|(one, namespace)| is_its(one, *namespace)).map(|(one, _)| one).collect()
    }

    fn ticks_of(&self, found: &Found) -> u64 {
        self.of(found).iter().map(|one| one.ticks).sum()
    }
}

/// What containers use now.
pub fn of(found: &[Found]) -> Result<Vec<Use>> {
    let (before, begin) = (All::look()?, Instant::now());
    sleep(SAMPLE);
    let (after, elapsed) = (All::look()?, begin.elapsed());
    let one = |found: &Found| {
        let processes = after.of(found);
        let (received, sent) = process::traffic(found.state.pid);
        let limit = found.container.memory;
        let ticks = after.ticks_of(found).saturating_sub(before.ticks_of(found));
        #[expect(clippy::cast_precision_loss, reason = "a percentage")]
        let seconds = ticks as f64 / process::ticks_per_second() as f64;
        Use {
            id: found.container.id.clone(),
            name: found.container.name.clone(),
            cpu: seconds * 100.0 / elapsed.as_secs_f64(),
            memory: processes.iter().map(|one| one.resident).sum(),
            memory_limit: if limit > 0 { limit } else { process::memory_of_machine() },
            received,
            sent,
            processes: processes.len(),
        }
    };
    Ok(found.iter().map(one).collect())
}
