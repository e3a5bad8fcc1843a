//! The one error of the program, and how results become one.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;

use rustix::io::Errno;

use super::errno::Said;
use super::refusal::Refusal;
use super::remedy;
use crate::types::Invalid;
use crate::types::mac::Mac;

/// The result of everything that can fail. Boxed: results are passed on everywhere, and mostly they are fine.
pub type Result<T> = std::result::Result<T, Box<Error>>;

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The command line is wrong: what about it.
    Usage(String),
    /// A value on the command line is not of its kind.
    Value {
        /// The option or argument, as the user writes it.
        what: &'static str,
        /// What was given.
        value: String,
        /// What it must be, to follow "it must be".
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
        /// What to do, if that is not obvious; it ends the sentence or begins the next.
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
    /// A sandbox's name in `/run/netns` stands for no network namespace.
    NoNamespace {
        /// The name.
        name: String,
        /// Its file.
        path: String,
    },
    /// The directory of the records is one in which others may have a hand.
    StateDirectory {
        /// Its path.
        path: String,
        /// What about it, and what to do: `belongs to user 1000. Use another with --state-dir.`
        why: String,
    },
    /// Something that only a regular file can be is none.
    NoFile {
        /// Its path.
        path: String,
    },
    /// An id prefix fits several networks.
    Ambiguous {
        /// Of what: `networks`.
        kind: &'static str,
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
        /// By what, when known, to follow "in use".
        by: String,
    },
    /// A MAC is somebody else's on the same network.
    MacInUse {
        /// The MAC.
        mac: Mac,
        /// Whose: `bridge lan0 has it`.
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
    /// A container does not run.
    NotRunning {
        /// The container.
        container: String,
    },
    /// A container's command was not started, or what is asked of a container cannot be done.
    Container {
        /// The container.
        container: String,
        /// Why: `is paused. Unpause it first.`
        why: String,
    },
    /// What an option asks for cannot be had on this host.
    Limit {
        /// The option.
        option: &'static str,
        /// Why: `needs control groups, which …`.
        why: String,
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
        /// `network` or `the endpoint`.
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
    /// What the users of another tool expect to the letter: its exit code, and its line without ours in front.
    OtherTool {
        /// The process's exit code.
        code: u8,
        /// The line.
        line: &'static str,
    },
    /// A check found that something is not as configured; it has been printed.
    CheckFailed {
        /// How many of the probes.
        failed: usize,
        /// Of how many.
        of: usize,
        /// In how many things the host is not what the records say.
        differences: usize,
    },
    /// What was mended is not as it should be all the same: nothing we know of helps, or somebody is at it.
    StaysSo,
    /// An undo step failed too.
    Undo {
        /// The first failure.
        cause: Box<Error>,
        /// What could not be undone.
        left: Vec<Box<Error>>,
    },
    /// In one of several objects.
    Of {
        /// What was being worked on: `container1`.
        object: String,
        /// The failure.
        cause: Box<Error>,
    },
    /// A command was not run.
    NotRun {
        /// The process's exit code that says so: 125 our failure, 126 it cannot be executed, 127 it is not there.
        code: u8,
        /// The failure.
        cause: Box<Error>,
    },
    /// A container's command was not started, as its watcher told: [`Error::NotRun`] of another process.
    NotStarted {
        /// The process's exit code that says so.
        code: u8,
        /// Why.
        why: String,
    },
    /// Several objects failed; each is reported on a line of its own.
    Several(Vec<Box<Error>>),
}

impl Error {
    /// A value that is not of its kind: `must` follows "it must be".
    #[must_use]
    pub fn value(what: &'static str, value: &str, must: impl Display) -> Box<Self> {
        Box::new(Self::Value { what, value: value.to_owned(), must: must.to_string() })
    }

    /// Something that was asked for does not exist; `remedy` ends the sentence or begins the next.
    #[must_use]
    pub fn not_found(kind: &'static str, name: impl Display, remedy: &'static str) -> Box<Self> {
        Box::new(Self::NotFound { kind, name: name.to_string(), remedy })
    }

    /// What is asked of a container cannot be done, or was not: `why` follows its name.
    #[must_use]
    pub fn container(container: &str, why: &str) -> Box<Self> {
        Box::new(Self::Container { container: container.to_owned(), why: why.to_owned() })
    }

    /// A failed system call: "cannot DOING OBJECT".
    #[must_use]
    pub fn system(doing: &'static str, object: impl Display, errno: Errno) -> Box<Self> {
        Box::new(Self::System { doing, object: object.to_string(), errno })
    }

    /// A refused netlink request: "cannot DOING OBJECT".
    #[must_use]
    pub fn kernel(doing: &'static str, object: impl Display, refusal: Refusal) -> Box<Self> {
        Box::new(Self::Kernel { doing, object: object.to_string(), refusal })
    }

    /// A refused netlink request for want of a feature that `config` would bring: "cannot DOING OBJECT".
    #[must_use]
    pub fn lacking(doing: &'static str, object: impl Display, refusal: Refusal, config: &'static str) -> Box<Self> {
        Box::new(Self::Lacking { doing, object: object.to_string(), refusal, config })
    }

    /// One error for all that failed, named by object when there were several objects; none when nothing failed.
    pub fn collect(mut failures: Vec<(String, Box<Self>)>, several: bool) -> Result<()> {
        let of = |(object, cause): (String, Box<Self>)| {
            if several { Box::new(Self::Of { object, cause }) } else { cause }
        };
        match (failures.pop(), failures.is_empty()) {
            (None, _) => Ok(()),
            (Some(only), true) => Err(of(only)),
            (Some(last), false) => Err(Self::Several(failures.into_iter().chain([last]).map(of).collect()).into()),
        }
    }

    /// A failure after which not all could be undone; that alone when nothing is `left`.
    #[must_use]
    pub fn undo(cause: Box<Self>, left: Vec<Box<Self>>) -> Box<Self> {
        if left.is_empty() { cause } else { Box::new(Self::Undo { cause, left }) }
    }

    /// The process's exit code: 1 the command line is wrong, 2 the operation failed, 3 the kernel lacks a needed feature,
    /// 4 something is not as configured.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Value { .. } => 1,
            Self::Lacking { .. } | Self::Limit { .. } => 3,
            Self::CheckFailed { .. } => 4,
            Self::NotRun { code, .. } | Self::NotStarted { code, .. } | Self::OtherTool { code, .. } => *code,
            Self::Undo { cause, .. } | Self::Of { cause, .. } => cause.exit_code(),
            Self::Several(errors) => errors.iter().map(|error| error.exit_code()).max().unwrap_or(2),
            _ => 2,
        }
    }

    /// The exit code of who was to run a command: what says why the command was not run, or that it was our failure.
    #[must_use]
    pub fn exit_code_not_run(&self) -> u8 {
        match self {
            Self::NotRun { code, .. } | Self::NotStarted { code, .. } => *code,
            _ => 125,
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

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Value { what, value, must } => write!(f, "{what}: '{value}' is not valid: it must be {must}"),
            Self::System { doing, object, errno } => {
                write!(f, "cannot {doing} {object}: {}{}", Said(*errno), remedy::of_call(doing, *errno))
            }
            Self::Kernel { doing, object, refusal } => {
                write!(f, "cannot {doing} {object}: {refusal}{}", remedy::of_request(doing, refusal))
            }
            Self::Lacking { doing, object, refusal, config } => {
                write!(f, "cannot {doing} {object}: {refusal}. The kernel lacks {config}.")
            }
            Self::NotFound { kind, name, remedy } => write!(f, "{kind} {name} not found{remedy}"),
            Self::Exists { kind, name, remedy } => write!(f, "{kind} {name} already exists{remedy}"),
            Self::NoNamespace { name, path } => write!(
                f,
                "sandbox {name}: '{path}' is not valid: it must be a network namespace, which that file is not. \
                 'pontoon ip netns del {name}' removes it."
            ),
            Self::StateDirectory { path, why } => write!(f, "state directory {path} {why}"),
            Self::NoFile { path } => write!(f, "{path} is no regular file. Remove it."),
            Self::Ambiguous { kind, prefix, count } => {
                write!(f, "id prefix {prefix} is ambiguous: it fits {count} {kind}. Give more of it.")
            }
            Self::Overlap { subnet, with } => {
                write!(f, "subnet {subnet} overlaps {with}. Choose another with --subnet.")
            }
            Self::NoFreePool => f.write_str(
                "all default address pools overlap networks, addresses or routes of this host. Give one with --subnet.",
            ),
            Self::BadAddress { address, why } => write!(f, "address {address} {why}"),
            Self::AddressInUse { address, by } => write!(f, "address {address} is already in use{by}"),
            Self::MacInUse { mac, by } => {
                write!(f, "MAC {mac} is not free on this network: {by}. Choose another with --mac-address.")
            }
            Self::PoolExhausted { network, pool } => write!(
                f,
                "no free address is left on network {network} ({pool}). Disconnect a sandbox, or use a larger subnet."
            ),
            Self::BridgeFull { bridge } => {
                write!(f, "bridge {bridge} has 1023 ports, as many as the kernel allows. Use another network.")
            }
            Self::ActiveEndpoints { network, sandboxes } => write!(
                f,
                "network {network} has active endpoints: {}. Disconnect them, or use -f.",
                sandboxes.join(", ")
            ),
            Self::AlreadyConnected { sandbox, network } => {
                write!(f, "sandbox {sandbox} is already connected to network {network}")
            }
            Self::NotRunning { container } => write!(f, "container {container} is not running"),
            Self::Container { container, why } => write!(f, "container {container} {why}"),
            Self::Limit { option, why } => write!(f, "{option} {why}"),
            Self::NotConnected { sandbox, network } => {
                write!(f, "sandbox {sandbox} is not connected to network {network}")
            }
            Self::Differs { kind, name, differences } => {
                write!(f, "{kind} {name} exists and differs: {}", differences.join(", "))
            }
            Self::NotABridge { device, kind } => write!(
                f,
                "interface {device} is not a bridge but {kind}. Remove it, or choose another name with -o com.docker.network.bridge.name=NAME."
            ),
            Self::BridgeTaken { bridge, network } => write!(f, "bridge {bridge} belongs to network {network}"),
            Self::OtherTool { line, .. } => f.write_str(line),
            Self::Port { port, why } => write!(f, "publish {port}: {why}"),
            Self::CheckFailed { failed, of, differences } => {
                write!(f, "{failed} of {of} probes failed")?;
                match differences {
                    0 => Ok(()),
                    1 => f.write_str(", and 1 thing is not what the records say"),
                    many => write!(f, ", and {many} things are not what the records say"),
                }
            }
            Self::StaysSo => f.write_str("cannot be mended"),
            Self::Undo { cause, left } => {
                write!(f, "{cause}; and undoing failed: {}. 'pontoon gc' removes what is left.", List(left))
            }
            Self::Of { object, cause } => write!(f, "{object}: {cause}"),
            Self::NotRun { cause, .. } => cause.fmt(f),
            Self::NotStarted { why, .. } => f.write_str(why),
            Self::Several(errors) => List(errors).fmt(f),
        }
    }
}

/// Errors in one line.
struct List<'a>(&'a [Box<Error>]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            let between = if position == 0 { "" } else { ", " };
            write!(f, "{between}{error}")?;
        }
        Ok(())
    }
}

/// Says of a refused call or request what was being done, to which object: `cannot DOING OBJECT: …`.
pub trait Doing<T> {
    /// `doing` follows "cannot"; `object` is spelled out only when something failed.
    fn doing(self, doing: &'static str, object: impl Display) -> Result<T>;
}

impl<T> Doing<T> for std::result::Result<T, Errno> {
    fn doing(self, doing: &'static str, object: impl Display) -> Result<T> {
        self.map_err(|errno| Error::system(doing, object, errno))
    }
}

impl<T> Doing<T> for std::result::Result<T, Refusal> {
    fn doing(self, doing: &'static str, object: impl Display) -> Result<T> {
        self.map_err(|refusal| Error::kernel(doing, object, refusal))
    }
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, doing: &'static str, object: impl Display) -> Result<T> {
        // One without an errno is std's own, such as the end of a file that came too soon.
        self.map_err(|error| Error::system(doing, object, Errno::from_io_error(&error).unwrap_or(Errno::IO)))
    }
}

/// Says of text that is no value of its kind which option or argument it was given for.
pub trait GivenFor<T> {
    /// `what` is the option or argument as the user writes it, `value` what was given.
    fn given_for(self, what: &'static str, value: &str) -> Result<T>;
}

impl<T> GivenFor<T> for std::result::Result<T, Invalid> {
    fn given_for(self, what: &'static str, value: &str) -> Result<T> {
        self.map_err(|invalid| Error::value(what, value, invalid))
    }
}
