//! Sandboxes: how they are named on the command line, and what they are attached to.

use std::fmt;

use super::definition::Network;
use super::endpoint::{self, Endpoint};
use super::{bridge, registry};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::Rtnl;
use crate::store::Store;
use crate::sys::Errno;
use crate::sys::netns::{self, Netns};

/// How a sandbox is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxRef {
    /// By its name in `/run/netns`.
    Name(String),
    /// By a path to a namespace file: anything with a `/`.
    Path(String),
    /// By a process in it: `pid:N`.
    Pid(u32),
}

impl SandboxRef {
    /// Reads a name, a path, or `pid:N`.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(pid) = text.strip_prefix("pid:") {
            return match pid.parse() {
                Ok(pid) if pid > 0 => Ok(Self::Pid(pid)),
                _ => Err(Error::value("sandbox", text, "'pid:' and a process id")),
            };
        }
        if let Some(name) = text.strip_prefix(&format!("{}/", netns::DIRECTORY)).filter(|name| !name.contains('/')) {
            return Self::parse(name);
        }
        if text.contains('/') {
            return Ok(Self::Path(text.to_owned()));
        }
        sandbox_name(text)?;
        Ok(Self::Name(text.to_owned()))
    }

    /// Opens its namespace.
    pub fn open(&self) -> Result<Netns> {
        let opened = match self {
            Self::Name(name) => Netns::open(&netns::pinned_path(name)),
            Self::Path(path) => Netns::open(path),
            Self::Pid(pid) => Netns::of_process(*pid),
        };
        opened.map_err(|errno| self.refused(errno))
    }

    /// rtnetlink inside `namespace`, which is this sandbox's. Only on entering it shows when it is one of another kind.
    pub fn rtnl(&self, namespace: &Netns, home: &Netns, verbose: bool) -> Result<Rtnl> {
        Rtnl::open_in(namespace, home, verbose).map_err(|errno| self.refused(errno))
    }

    /// The endpoints of this sandbox, whose namespace is `namespace`, each with its network.
    pub fn endpoints(
        &self,
        namespace: &Netns,
        host: &mut Rtnl,
        store: &Store,
        verbose: bool,
    ) -> Result<Vec<(Box<Network>, Box<Endpoint>)>> {
        let home = host.netns().doing("open", &"the namespace of the host")?;
        let inode = namespace.inode().doing("look at sandbox", self)?;
        let interfaces = self.rtnl(namespace, &home, verbose)?.links().doing("list the interfaces of sandbox", self)?;
        let mut attached = Vec::new();
        for network in registry::all(store)? {
            if let Some(endpoint) = endpoint::recorded(host, store, &network, inode)? {
                attached.push((network, endpoint));
                continue;
            }
            let Some(bridge) = bridge::index(host, &network)? else { continue };
            for interface in &interfaces {
                if let Some(endpoint) = endpoint::by_interface(host, &network, bridge, inode, interface)? {
                    attached.push((network, endpoint));
                    break;
                }
            }
        }
        Ok(attached)
    }

    fn refused(&self, errno: Errno) -> Error {
        match (errno, self) {
            (Errno::NOENT, Self::Name(name)) => Failure::NotFound {
                kind: "sandbox",
                name: name.clone(),
                remedy: ". Create it with 'pontoon ip netns add'; 'pontoon ip netns list' lists what there is.",
            }
            .into(),
            (Errno::NOENT | Errno::SRCH, Self::Pid(pid)) => {
                Failure::NotFound { kind: "process", name: pid.to_string(), remedy: "" }.into()
            }
            (Errno::NOENT, Self::Path(path)) => {
                Failure::NotFound { kind: "namespace file", name: path.clone(), remedy: "" }.into()
            }
            (Errno::INVAL, _) => {
                Error::value("sandbox", &self.to_string(), "a network namespace, which that file is not")
            }
            _ => Failure::System { doing: "enter sandbox", object: self.to_string(), errno }.into(),
        }
    }
}

impl fmt::Display for SandboxRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(text) | Self::Path(text) => f.write_str(text),
            Self::Pid(pid) => write!(f, "pid:{pid}"),
        }
    }
}

/// Checks the name of a sandbox: a file name of at most 64 bytes.
pub fn sandbox_name(text: &str) -> Result<()> {
    let good = (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && !matches!(text, "." | "..")
        && !text.bytes().any(|b| b == b'/' || b <= b' ' || b == 0x7f);
    if good { Ok(()) } else { Err(Error::value("sandbox name", text, "1 to 64 bytes without '/' or spaces")) }
}

/// Finds the pinned sandbox that this namespace knows as `id`: name and open namespace.
pub fn by_netnsid(rtnl: &mut Rtnl, id: i32) -> Option<(String, Netns)> {
    let names = netns::pinned_names().unwrap_or_default();
    names.into_iter().find_map(|name| {
        let namespace = Netns::open(&netns::pinned_path(&name)).ok()?;
        let known = rtnl.id_of(&namespace).ok()??;
        (known == id).then_some((name, namespace))
    })
}
