//! What can go wrong, as data: what was being done, to which object, what the kernel said, what to do about it.
//!
//! The words are in [`words`]; nothing else in the program writes error texts.

mod words;

use core::fmt::Display;
use core::net::IpAddr;

use crate::prelude::*;
use crate::sys::Errno;
use crate::sys::socket::Refusal;

/// The result of everything that can fail.
pub type Result<T> = core::result::Result<T, Error>;

/// A failure, one pointer wide: results are passed around everywhere, and mostly they are fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(&'static Failure);

/// What failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The command line is wrong: what about it.
    Usage(Text),
    /// No failure, but the end of reading the command line all the same: this text is to be printed, help or the version.
    Print(Text),
    /// A value on the command line is not of its kind: the option or argument, the value, what it must be.
    Value {
        /// The option or argument, as the user writes it.
        what: Text,
        /// What was given.
        value: Text,
        /// What it must be, to follow "it".
        must: Text,
    },
    /// A system call failed.
    System {
        /// What was being done, to follow "cannot": `read`, `pin the namespace`.
        doing: Text,
        /// To which object.
        object: Text,
        /// What the kernel said.
        errno: Errno,
    },
    /// The kernel refused a netlink request.
    Kernel {
        /// What was being done, to follow "cannot": `create bridge`.
        doing: Text,
        /// To which object.
        object: Text,
        /// What the kernel said.
        refusal: Refusal,
    },
    /// The kernel lacks a feature.
    Lacking {
        /// What was being done, to follow "cannot".
        doing: Text,
        /// To which object.
        object: Text,
        /// What the kernel said.
        refusal: Refusal,
        /// The name of its configuration option.
        config: Text,
    },
    /// Something that was asked for does not exist.
    NotFound {
        /// `network`, `sandbox`, `interface`, ….
        kind: Text,
        /// Its name.
        name: Text,
        /// What to do, if that is not obvious.
        remedy: Text,
    },
    /// Something that is to be created exists.
    Exists {
        /// `network`, `sandbox`, `interface`, ….
        kind: Text,
        /// Its name.
        name: Text,
        /// What to do.
        remedy: Text,
    },
    /// An id prefix fits several networks.
    Ambiguous {
        /// The prefix.
        prefix: Text,
        /// How many it fits.
        count: usize,
    },
    /// A subnet overlaps something.
    Overlap {
        /// The subnet.
        subnet: Text,
        /// What it overlaps: `network lan (10.0.0.0/24)`, `address 10.0.0.1/24 of eth0`, `route to 10.0.0.0/8`.
        with: Text,
    },
    /// No default pool is free.
    NoFreePool,
    /// An address is not in the subnet it must be in, or is one of its reserved ones.
    BadAddress {
        /// The address.
        address: IpAddr,
        /// Why: `is not in subnet 10.0.0.0/24`, `is the network address of …`.
        why: Text,
    },
    /// An address is taken.
    AddressInUse {
        /// The address.
        address: IpAddr,
        /// By what, when known.
        by: Text,
    },
    /// All addresses of a network are taken.
    PoolExhausted {
        /// The network.
        network: Text,
        /// Its pool.
        pool: Text,
    },
    /// A bridge has as many ports as it can.
    BridgeFull {
        /// The bridge.
        bridge: Text,
    },
    /// A network is in use.
    ActiveEndpoints {
        /// The network.
        network: Text,
        /// What is attached.
        sandboxes: Vec<Text>,
    },
    /// A sandbox is on the network already.
    AlreadyConnected {
        /// The sandbox.
        sandbox: Text,
        /// The network.
        network: Text,
    },
    /// A sandbox is not on the network.
    NotConnected {
        /// The sandbox.
        sandbox: Text,
        /// The network.
        network: Text,
    },
    /// `--ensure` found it different.
    Differs {
        /// `network` or `endpoint`.
        kind: Text,
        /// Its name.
        name: Text,
        /// Each difference: `subnet is 10.0.0.0/24, not 10.0.1.0/24`.
        differences: Vec<Text>,
    },
    /// The device under a network's bridge name is no bridge.
    NotABridge {
        /// The device.
        device: Text,
        /// What it is.
        kind: Text,
    },
    /// A bridge is another network's.
    BridgeTaken {
        /// The bridge.
        bridge: Text,
        /// The network that has it.
        network: Text,
    },
    /// A port cannot be published.
    Port {
        /// The port: `8080/tcp`.
        port: Text,
        /// Why: `the port is already published by …`.
        why: Text,
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
        object: Text,
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
        Self(stay(failure))
    }
}

impl core::ops::Deref for Error {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        self.0
    }
}

/// Says of a refused call or request what was being done, to which object: `cannot DOING OBJECT: …`.
pub trait Doing<T> {
    /// `doing` follows "cannot"; `object` is spelled out only when something failed.
    fn doing(self, doing: Text, object: &dyn Display) -> Result<T>;
}

impl<T> Doing<T> for core::result::Result<T, Errno> {
    fn doing(self, doing: Text, object: &dyn Display) -> Result<T> {
        self.map_err(|errno| Error::system(doing, object, errno))
    }
}

impl<T> Doing<T> for core::result::Result<T, Refusal> {
    fn doing(self, doing: Text, object: &dyn Display) -> Result<T> {
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
    pub fn value(what: Text, value: Text, must: Text) -> Self {
        Failure::Value { what, value, must }.into()
    }

    /// Something that was asked for does not exist; `remedy` ends the sentence or begins the next.
    #[must_use]
    pub fn not_found(kind: Text, name: Text, remedy: Text) -> Self {
        Failure::NotFound { kind, name, remedy }.into()
    }

    /// A failed system call: "cannot DOING OBJECT".
    #[must_use]
    pub fn system(doing: Text, object: &dyn Display, errno: Errno) -> Self {
        Failure::System { doing, object: object.to_text(), errno }.into()
    }

    /// A refused netlink request: "cannot DOING OBJECT".
    #[must_use]
    pub fn kernel(doing: Text, object: &dyn Display, refusal: Refusal) -> Self {
        Failure::Kernel { doing, object: object.to_text(), refusal }.into()
    }

    /// An address that cannot be had, and why: `is not in subnet 10.0.0.0/24`.
    #[must_use]
    pub fn bad_address(address: &IpAddr, why: Text) -> Self {
        Failure::BadAddress { address: *address, why }.into()
    }

    /// An address that is taken, by what.
    #[must_use]
    pub fn in_use(address: &IpAddr, by: Text) -> Self {
        Failure::AddressInUse { address: *address, by }.into()
    }

    /// One error for all that failed, named by object when there were several objects; none when nothing failed.
    pub fn collect(failures: Vec<(Text, Self)>, several: bool) -> Result<()> {
        let mut errors = Vec::new();
        for (object, cause) in failures {
            errors.push(if several { Failure::Of { object, cause }.into() } else { cause });
        }
        if errors.len() > 1 {
            return Err(Failure::Several(errors).into());
        }
        errors.pop().map_or(Ok(()), Err)
    }
}
