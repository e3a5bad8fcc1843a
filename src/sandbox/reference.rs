//! How a sandbox is named on the command line, and opening it.

use std::fmt;

use crate::error::{Errno, Error, GivenFor, Report, Result};
use crate::kernel::Rtnl;
use crate::sys::file;
use crate::sys::netns::{self, Netns};
use crate::types::name;

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
        if let Some(pid) = text.strip_prefix(name::PROCESS) {
            return match pid.parse() {
                Ok(pid) if pid > 0 => Ok(Self::Pid(pid)),
                _ => Err(Error::value("sandbox", text, "'pid:' and a process id")),
            };
        }
        // A name that others gave and that is none here stays a path.
        if let Some(name) = text.strip_prefix(&format!("{}/", netns::DIRECTORY)).filter(|n| name::sandbox(n).is_ok()) {
            return Self::named(name);
        }
        if text.contains('/') {
            return Ok(Self::Path(text.to_owned()));
        }
        Self::named(text)
    }

    fn named(name: &str) -> Result<Self> {
        name::sandbox(name).given_for("sandbox name", name)?;
        Ok(Self::Name(name.to_owned()))
    }

    /// The file that its namespace is seen as.
    #[must_use]
    pub fn file(&self) -> String {
        match self {
            Self::Name(name) => netns::pinned_path(name),
            Self::Path(path) => path.clone(),
            Self::Pid(pid) => format!("/proc/{pid}/ns/net"),
        }
    }

    /// Whether something is there under that name.
    #[must_use]
    pub fn is_there(&self) -> bool {
        file::exists(&self.file())
    }

    /// Opens its namespace.
    pub fn open(&self) -> Result<Netns> {
        let opened = match self {
            Self::Name(_) | Self::Path(_) => Netns::open_when_made(&self.file()),
            Self::Pid(pid) => Netns::of_process(*pid),
        };
        opened.map_err(|errno| self.refused(errno))
    }

    /// rtnetlink inside `namespace`, which is this sandbox's. Only on entering it shows when it is one of another kind.
    pub fn rtnl(&self, namespace: &Netns, home: &Netns, report: Report) -> Result<Rtnl> {
        Rtnl::open_in(namespace, home, report).map_err(|errno| self.refused(errno))
    }

    fn refused(&self, errno: Errno) -> Box<Error> {
        match (errno, self) {
            (Errno::NOENT, Self::Name(name)) => Error::not_found(
                "sandbox",
                name,
                ". Create it with 'pontoon ip netns add'; 'pontoon ip netns list' lists what there is.",
            ),
            (Errno::NOENT | Errno::SRCH, Self::Pid(pid)) => Error::not_found("process", pid, ""),
            (Errno::NOENT, Self::Path(path)) => Error::not_found("namespace file", path, ""),
            (Errno::INVAL, Self::Name(name)) => Error::NoNamespace { name: name.clone(), path: self.file() }.into(),
            (Errno::INVAL, _) => {
                Error::value("sandbox", &self.to_string(), "a network namespace, which that file is not")
            }
            _ => Error::system("enter sandbox", self, errno),
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
