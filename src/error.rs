//! What can go wrong, as data: what was being done, to which object, what the kernel said, what to do about it.
//!
//! The words are in [`words`]; nothing else in the program writes error texts.

mod words;

use std::fmt::Display;
use std::net::IpAddr;

use crate::sys::Errno;
use crate::sys::socket::Refusal;

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure, one pointer wide: results are passed around everywhere, and mostly they are fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Failure>);

/// What failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The command line is wrong: what about it.
    Usage(String),
    /// No failure, but the end of reading the command line all the same: this text is to be printed, help or the version.
    Print(String),
    /// A value on the command line is not of its kind: the option or argument, the value, what it must be.
    Value {
        /// The option or argument, as the user writes it.
        what: &'static str,
        /// What was given.
        value: String,
        /// What it must be, to follow "it".
        must: String,
    },
    /// A system call failed.
    System {
        /// What was being done, to follow "cannot": `read`, `pin the namespace`.
        doing: &'static str,
        /// To which object.
        object: String,
        /// What the kernel said.
        errno: Errno,
    },
    /// The kernel refused a netlink request.
    Kernel {
        /// What was being done, to follow "cannot": `create bridge`.
        doing: &'static str,
        /// To which object.
        object: String,
        /// What the kernel said.
        refusal: Refusal,
    },
    /// The kernel lacks a feature.
    Lacking {
        /// What was being done, to follow "cannot".
        doing: &'static str,
        /// To which object.
        object: String,
        /// What the kernel said.
        refusal: Refusal,
        /// The name of its configuration option.
        config: &'static str,
    },
    /// Something that was asked for does not exist.
    NotFound {
        /// `network`, `sandbox`, `interface`, ….
        kind: &'static str,
        /// Its name.
        name: String,
        /// What to do, if that is not obvious.
        remedy: &'static str,
    },
    /// Something that is to be created exists.
    Exists {
        /// `network`, `sandbox`, `interface`, ….
        kind: &'static str,
        /// Its name.
        name: String,
        /// What to do.
        remedy: &'static str,
    },
    /// An id prefix fits several networks.
    Ambiguous {
        /// The prefix.
        prefix: String,
        /// How many it fits.
        count: usize,
    },
    /// A subnet overlaps something.
    Overlap {
        /// The subnet.
        subnet: String,
        /// What it overlaps: `network lan (10.0.0.0/24)`, `address 10.0.0.1/24 of eth0`, `route to 10.0.0.0/8`.
        with: String,
    },
    /// No default pool is free.
    NoFreePool,
    /// An address is not in the subnet it must be in, or is one of its reserved ones.
    BadAddress {
        /// The address.
        address: IpAddr,
        /// Why: `is not in subnet 10.0.0.0/24`, `is the network address of …`.
        why: String,
    },
    /// An address is taken.
    AddressInUse {
        /// The address.
        address: IpAddr,
        /// By what, when known.
        by: String,
    },
    /// All addresses of a network are taken.
    PoolExhausted {
        /// The network.
        network: String,
        /// Its pool.
        pool: String,
    },
    /// A bridge has as many ports as it can.
    BridgeFull {
        /// The bridge.
        bridge: String,
    },
    /// A network is in use.
    ActiveEndpoints {
        /// The network.
        network: String,
        /// What is attached.
        sandboxes: Vec<String>,
    },
    /// A sandbox is on the network already.
    AlreadyConnected {
        /// The sandbox.
        sandbox: String,
        /// The network.
        network: String,
    },
    /// A sandbox is not on the network.
    NotConnected {
        /// The sandbox.
        sandbox: String,
        /// The network.
        network: String,
    },
    /// `--ensure` found it different.
    Differs {
        /// `network` or `endpoint`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Each difference: `subnet is 10.0.0.0/24, not 10.0.1.0/24`.
        differences: Vec<String>,
    },
    /// The device under a network's bridge name is no bridge.
    NotABridge {
        /// The device.
        device: String,
        /// What it is.
        kind: String,
    },
    /// A bridge is another network's.
    BridgeTaken {
        /// The bridge.
        bridge: String,
        /// The network that has it.
        network: String,
    },
    /// A port cannot be published.
    Port {
        /// The port: `8080/tcp`.
        port: String,
        /// Why: `the port is already published by …`.
        why: String,
    },
    /// A check found that something is not as configured; it has been printed.
    CheckFailed {
        /// How many of the checks.
        failed: usize,
        /// Of how many.
        of: usize,
    },
    /// An undo step failed too.
    Undo {
        /// The first failure.
        cause: Error,
        /// What could not be undone.
        left: Vec<Error>,
    },
    /// In one of several objects: its name, and the failure.
    Of {
        /// What was being worked on: `container1`.
        object: String,
        /// The failure.
        cause: Error,
    },
    /// A command was not run: the exit code that says so (125, 126, 127), and why.
    NotRun {
        /// The process's exit code.
        code: u8,
        /// The failure.
        cause: Error,
    },
    /// Several objects failed; each is reported on a line of its own.
    Several(Vec<Error>),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl std::ops::Deref for Error {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

/// Says of a refused call or request what was being done, to which object: `cannot DOING OBJECT: …`.
pub trait Doing<T> {
    /// `doing` follows "cannot"; `object` is spelled out only when something failed.
    fn doing(self, doing: &'static str, object: &dyn Display) -> Result<T>;
}

impl<T> Doing<T> for std::result::Result<T, Errno> {
    fn doing(self, doing: &'static str, object: &dyn Display) -> Result<T> {
        self.map_err(|errno| Error::system(doing, object, errno))
    }
}

impl<T> Doing<T> for std::result::Result<T, Refusal> {
    fn doing(self, doing: &'static str, object: &dyn Display) -> Result<T> {
        self.map_err(|refusal| Error::kernel(doing, object, refusal))
    }
}

impl Failure {
    /// The process's exit code: 1 the command line is wrong, 2 the operation failed, 3 the kernel lacks a needed feature.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Value { .. } => 1,
            Self::Lacking { .. } => 3,
            Self::NotRun { code, .. } => *code,
            Self::Undo { cause, .. } | Self::Of { cause, .. } => cause.exit_code(),
            Self::Several(errors) => errors.iter().map(|error| error.exit_code()).max().unwrap_or(2),
            _ => 2,
        }
    }

    /// The kernel's errno, when it has one.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::System { errno, .. } => Some(*errno),
            Self::Kernel { refusal, .. } | Self::Lacking { refusal, .. } => Some(refusal.errno),
            Self::Undo { cause, .. } | Self::Of { cause, .. } | Self::NotRun { cause, .. } => cause.errno(),
            _ => None,
        }
    }
}

impl Error {
    /// A value that is not of its kind: `must` follows "it must be".
    #[must_use]
    pub fn value(what: &'static str, value: &str, must: &str) -> Self {
        Failure::Value { what, value: value.to_owned(), must: must.to_owned() }.into()
    }

    /// Something that was asked for does not exist; `remedy` ends the sentence or begins the next.
    #[must_use]
    pub fn not_found(kind: &'static str, name: &str, remedy: &'static str) -> Self {
        Failure::NotFound { kind, name: name.to_owned(), remedy }.into()
    }

    /// A failed system call: "cannot DOING OBJECT".
    #[must_use]
    pub fn system(doing: &'static str, object: &dyn Display, errno: Errno) -> Self {
        Failure::System { doing, object: object.to_string(), errno }.into()
    }

    /// A refused netlink request: "cannot DOING OBJECT".
    #[must_use]
    pub fn kernel(doing: &'static str, object: &dyn Display, refusal: Refusal) -> Self {
        Failure::Kernel { doing, object: object.to_string(), refusal }.into()
    }

    /// One error for all that failed, named by object when there were several objects; none when nothing failed.
    pub fn collect(mut failures: Vec<(String, Self)>, several: bool) -> Result<()> {
        let of = |(object, cause): (String, Self)| {
            if several { Failure::Of { object, cause }.into() } else { cause }
        };
        match (failures.pop(), failures.is_empty()) {
            (None, _) => Ok(()),
            (Some(only), true) => Err(of(only)),
            (Some(last), false) => {
                failures.push(last);
                Err(Failure::Several(failures.into_iter().map(of).collect()).into())
            }
        }
    }
}
