//! What a container is: a sandbox with a process in it, of which a watcher takes care.
//!
//! Its record says what was asked for and is written by who creates or renames it; its state says what became of it and is written
//! by its watcher alone.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::network::DEFAULT_NETWORK;
use crate::types::mac::Mac;

/// A container as it was asked for. Shown by `inspect`, in Docker's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// 64 hex digits.
    pub id: String,
    /// Its name, and that of its sandbox.
    pub name: String,
    /// When it was created, RFC 3339.
    pub created: String,
    /// The root as it was named.
    pub image: String,
    /// The directory that it is; empty where the host's own file system is shared.
    pub root: String,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// `-t`.
    pub tty: bool,
    /// `-i`.
    pub open_stdin: bool,
    /// `--rm`.
    pub auto_remove: bool,
    /// The networks, in the order of their interfaces.
    pub network: NetworkMode,
    /// `-h`, or the beginning of the id.
    pub hostname: String,
    /// `-e` and `--env-file`, `KEY=VALUE`.
    pub env: Vec<String>,
    /// `-w`.
    pub workdir: String,
    /// `-u`.
    pub user: String,
    /// `--read-only`.
    pub read_only: bool,
    /// `--tmpfs DIR[:OPTIONS]`.
    pub tmpfs: Vec<String>,
    /// `-v SRC:DST[:ro]`.
    pub volumes: Vec<Volume>,
    /// `--dns`.
    pub dns: Vec<IpAddr>,
    /// `--add-host NAME:IP`.
    pub extra_hosts: Vec<ExtraHost>,
    /// `--cap-add`, without `CAP_`.
    pub cap_add: Vec<String>,
    /// `--cap-drop`.
    pub cap_drop: Vec<String>,
    /// `--privileged`.
    pub privileged: bool,
    /// `--security-opt seccomp=unconfined`.
    pub unconfined: bool,
    /// `--security-opt no-new-privileges=false`.
    pub new_privileges: bool,
    /// `--restart`.
    pub restart: RestartPolicy,
    /// `--stop-signal`, by number.
    pub stop_signal: i32,
    /// `--label`, `KEY=VALUE`.
    pub labels: Vec<(String, String)>,
    /// `--init`.
    pub init: bool,
    /// `--memory`, in bytes; 0 without limit.
    pub memory: u64,
    /// `--cpus`, in billionths; 0 without limit.
    pub nano_cpus: u64,
    /// `--pids-limit`; 0 without limit.
    pub pids_limit: u64,
    /// `--ulimit`.
    pub ulimits: Vec<Ulimit>,
}

/// How a container is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetworkMode {
    /// A namespace with nothing but loopback.
    None,
    /// The host's namespace.
    Host,
    /// Another container's, by id.
    Container(String),
    /// A namespace of its own, on these networks.
    Networks(Vec<Attach>),
}

impl Default for NetworkMode {
    fn default() -> Self {
        Self::Networks(vec![Attach { network: DEFAULT_NETWORK.to_owned(), ..Attach::default() }])
    }
}

/// One network that a container is to be on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attach {
    /// The network, as it was named.
    pub network: String,
    /// `--network-alias`: further names there.
    pub aliases: Vec<String>,
    /// `--ip`.
    pub ip: Option<IpAddr>,
    /// `--ip6`.
    pub ip6: Option<IpAddr>,
    /// `--mac-address`.
    pub mac: Option<Mac>,
    /// `-p`, as given.
    pub publish: Vec<String>,
}

/// A directory or file of the host inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// On the host.
    pub source: String,
    /// Inside.
    pub target: String,
    /// `:ro`.
    pub read_only: bool,
}

/// A name in `/etc/hosts` that is no member of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraHost {
    /// The name.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
}

/// A limit of setrlimit(2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    /// Its name, as `nofile`.
    pub name: String,
    /// The soft limit; none for no limit.
    pub soft: Option<u64>,
    /// The hard limit.
    pub hard: Option<u64>,
}

/// When a watcher starts the command anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestartPolicy {
    /// Never.
    #[default]
    No,
    /// When it failed, that often at most; 0 for ever.
    OnFailure(u32),
    /// Whenever it ends.
    Always,
    /// The same: there is no daemon whose start would tell them apart.
    UnlessStopped,
}

impl RestartPolicy {
    /// Whether a command that ended with `code` after `restarts` restarts is started anew.
    #[must_use]
    pub fn restarts(self, code: u8, restarts: u32) -> bool {
        match self {
            Self::No => false,
            Self::OnFailure(most) => code != 0 && (most == 0 || restarts < most),
            Self::Always | Self::UnlessStopped => true,
        }
    }

    /// Docker's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::OnFailure(_) => "on-failure",
            Self::Always => "always",
            Self::UnlessStopped => "unless-stopped",
        }
    }
}

/// What became of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Where it is in its life, as its watcher saw it last.
    pub phase: Phase,
    /// Process id of its command; 0 when there is none.
    pub pid: u32,
    /// When that process started, in clock ticks since boot: an id may be given out again.
    pub pid_start: u64,
    /// Process id of its watcher.
    pub watcher: u32,
    /// When that process started.
    pub watcher_start: u64,
    /// How the command ended last.
    pub exit_code: u8,
    /// Why it could not be started.
    pub error: String,
    /// When it started last, RFC 3339; empty when never.
    pub started: String,
    /// When it ended last.
    pub finished: String,
    /// How often the watcher has started it anew.
    pub restarts: u32,
    /// Whether the kernel killed it for want of memory.
    pub oom_killed: bool,
}

/// Where a container is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// It has never run.
    #[default]
    Created,
    /// Its command runs.
    Running,
    /// Its watcher waits before it starts it anew.
    Restarting,
    /// It ended.
    Exited,
}

impl Container {
    /// The first twelve digits of its id.
    #[must_use]
    pub fn short_id(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }

    /// Whether it has a network namespace of its own, which is a sandbox of its name.
    #[must_use]
    pub fn has_sandbox(&self) -> bool {
        matches!(self.network, NetworkMode::Networks(_) | NetworkMode::None)
    }

    /// Whether it has the host's own file system.
    #[must_use]
    pub fn shares_files(&self) -> bool {
        self.root.is_empty()
    }

    /// The networks that it is to be on.
    #[must_use]
    pub fn networks(&self) -> &[Attach] {
        match &self.network {
            NetworkMode::Networks(networks) => networks,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_started_anew() {
        assert!(!RestartPolicy::No.restarts(1, 0));
        assert!(RestartPolicy::Always.restarts(0, 9));
        assert!(RestartPolicy::OnFailure(0).restarts(1, 99) && !RestartPolicy::OnFailure(0).restarts(0, 0));
        assert!(RestartPolicy::OnFailure(2).restarts(1, 1) && !RestartPolicy::OnFailure(2).restarts(1, 2));
    }
}
