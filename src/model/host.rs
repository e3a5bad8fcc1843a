//! What was switched on at the host for networks' sake, to be switched off again with the last one that needs it.

use serde::{Deserialize, Serialize};

/// Kernel parameters that were otherwise before, with what they were: `net/ipv4/ip_forward` was `0`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostChanges {
    /// In the order in which they were written.
    pub sysctls: Vec<Sysctl>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sysctl {
    /// Below `/proc/sys`.
    pub path: String,
    /// What it was.
    pub before: String,
    /// What we wrote.
    pub now: String,
    /// It is an adopted bridge's, and needed as long as its network is there.
    pub of_bridge: bool,
}

impl HostChanges {
    /// Whether it was us who wrote `path`.
    #[must_use]
    pub fn wrote(&self, path: &str) -> bool {
        self.sysctls.iter().any(|sysctl| sysctl.path == path)
    }
}
