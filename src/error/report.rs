//! What the program says beside its result: warnings, and with `-v` what goes to the kernel and comes back.
//!
//! Values, for whoever runs the program to print; `main.rs` does, on standard error.

use std::fmt;

use super::failure::Error;

/// Something that is not as it should be, and no reason to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A file among the records is none.
    NoRecord {
        /// Its path.
        path: String,
        /// What about it: `is empty`.
        what: &'static str,
    },
    /// A directory is where a record would be.
    Directory {
        /// Its path.
        path: String,
    },
    /// The kernel has no `nf_tables`.
    NoFirewall,
    /// Published ports are not reached by way of the host's loopback addresses.
    NoLoopback(Box<Error>),
    /// There is no filter of system calls for this machine's architecture.
    NoFilter,
    /// What a sandbox sends does not leave its port yet.
    NotForwarding {
        /// The bridge.
        bridge: String,
        /// The sandbox.
        sandbox: String,
        /// Why, to follow the bridge's name: `it is down`.
        why: String,
    },
    /// A port is recorded of two.
    PortTwice {
        /// The port: `8080/tcp`.
        port: String,
        /// Whose it stays.
        first: String,
        /// Who does not get it.
        second: String,
    },
    /// A sandbox's own file does not cover the host's.
    NotCovered(Box<Error>),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord { path, what } => write!(f, "{path} {what}; ignored ('pontoon gc' removes it)"),
            // It may be full, so it is not for `gc` to remove.
            Self::Directory { path } => write!(f, "{path} is no file but a directory; ignored"),
            Self::NoFirewall => f.write_str("the kernel has no nf_tables: networks are not isolated from each other"),
            Self::NoLoopback(error) => write!(f, "published ports are not reached by way of 127.0.0.1: {error}"),
            Self::NoFilter => f.write_str("system calls are not filtered: there is no filter for this architecture"),
            Self::NotForwarding { bridge, sandbox, why } => {
                write!(f, "sandbox {sandbox} is not reached by way of bridge {bridge} yet: {why}")
            }
            Self::PortTwice { port, first, second } => {
                write!(
                    f,
                    "port {port} is recorded of {first} and of {second}: it stays {first}'s; connect {second} anew with another"
                )
            }
            Self::NotCovered(error) => write!(f, "the command sees the host's own file: {error}"),
        }
    }
}

/// Where it goes.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Takes a warning.
    pub warn: fn(&Warning),
    /// With `-v`: takes a line for each netlink message.
    pub trace: Option<fn(fmt::Arguments<'_>)>,
}
