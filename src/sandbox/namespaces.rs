//! The network namespaces that this host knows of, and what is in each of them.
//!
//! Known are the host's own, those with a name in `/run/netns`, and those of running processes; they are looked for in this
//! order, and each is listed once. Only numbers are kept: a thousand open namespaces would be too many descriptors.

use super::reference::SandboxRef;
use crate::error::{Doing, Refusal, Report, Result};
use crate::kernel::route::{RT_TABLE_MAIN, RTN_UNICAST};
use crate::kernel::{Address, Link, Route, Rtnl, Selector};
use crate::sys::netns::{self, Netns};
use crate::sys::{file, process};
use crate::types::family::Family;

/// Where a namespace is, in the words there are for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamespaceName {
    /// It is the one this process is in.
    Host,
    /// It has a name in `/run/netns`.
    Named(String),
    /// It is known by a path only, which the user gave.
    Path(String),
    /// It is known by a process only.
    Process {
        /// The lowest of the ids of its processes.
        pid: u32,
        /// That process's name.
        name: String,
    },
    /// It is known by its id in another namespace only; or not even that.
    Unknown(Option<i32>),
}

impl NamespaceName {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Host => "the host".to_owned(),
            Self::Named(name) | Self::Path(name) => name.clone(),
            Self::Process { pid, name } => format!("pid:{pid} ({name})"),
            Self::Unknown(None) => "an unknown namespace".to_owned(),
            Self::Unknown(Some(id)) => format!("a namespace without name or process, id {id} here"),
        }
    }
}

/// The position of the host in [`Namespaces`].
pub const HOST: usize = 0;

/// What is in one namespace.
#[derive(Debug, Default)]
pub struct Contents {
    /// Its links.
    pub links: Vec<Link>,
    /// Their addresses.
    pub addresses: Vec<Address>,
    /// Its default routes.
    pub default_routes: Vec<Route>,
}

impl Contents {
    /// The link with index `index`.
    #[must_use]
    pub fn link(&self, index: u32) -> Option<&Link> {
        self.links.iter().find(|link| link.index == index)
    }
}

#[derive(Debug)]
struct Known {
    name: NamespaceName,
    inode: u64,
    contents: Option<Contents>,
    /// The ids by which this namespace knows others, with their positions.
    ids: Vec<(i32, usize)>,
    /// How many of the others it has been asked about.
    asked: usize,
}

/// The namespaces known so far.
#[derive(Debug)]
pub struct Namespaces {
    home: Netns,
    report: Report,
    known: Vec<Known>,
    processes_listed: bool,
}

impl Namespaces {
    /// Starts with the host and the names in `/run/netns`.
    pub fn survey(report: Report) -> Result<Self> {
        let home = Rtnl::open(report).and_then(|rtnl| rtnl.netns());
        let home = home.doing("open", "the current namespace")?;
        let inode = home.inode().doing("look at", "the current namespace")?;
        let mut all = Self { home, report, known: Vec::new(), processes_listed: false };
        all.add(NamespaceName::Host, inode);
        for name in netns::pinned_names().doing("list", netns::DIRECTORY)? {
            // A file on which no namespace is mounted (any more) is nothing to look into.
            if let Ok(inode) = Netns::open(&netns::pinned_path(&name)).and_then(|netns| netns.inode()) {
                all.add(NamespaceName::Named(name), inode);
            }
        }
        Ok(all)
    }

    /// How many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Adds the namespaces of running processes that have not been listed yet; without a procfs there are none.
    pub fn add_processes(&mut self) {
        if std::mem::replace(&mut self.processes_listed, true) {
            return;
        }
        for process in process::all().unwrap_or_default() {
            if self.known.iter().all(|known| known.inode != process.netns) {
                let name = process::name(process.pid);
                self.add(NamespaceName::Process { pid: process.pid, name }, process.netns);
            }
        }
    }

    /// The position of the namespace that the user calls `sandbox`, under whatever name it is listed.
    pub fn find(&mut self, sandbox: &SandboxRef) -> Result<usize> {
        let inode = sandbox.open()?.inode().doing("look at", sandbox)?;
        let position = |all: &Self| all.known.iter().position(|known| known.inode == inode);
        if let Some(position) = position(self) {
            return Ok(position);
        }
        self.add_processes();
        // Still unknown: a thread's, or one that has neither name nor process but a path.
        let name = match sandbox {
            SandboxRef::Name(name) => NamespaceName::Named(name.clone()),
            SandboxRef::Path(path) => NamespaceName::Path(path.clone()),
            SandboxRef::Pid(pid) => NamespaceName::Process { pid: *pid, name: process::name(*pid) },
        };
        self.add(name, inode);
        Ok(position(self).unwrap_or(HOST))
    }

    fn add(&mut self, name: NamespaceName, inode: u64) {
        // Two names may be one namespace: the first counts.
        if self.known.iter().all(|known| known.inode != inode) {
            self.known.push(Known { name, inode, contents: None, ids: Vec::new(), asked: 0 });
        }
    }

    /// Where the namespace at `position` is.
    #[must_use]
    pub fn name(&self, position: usize) -> NamespaceName {
        self.known.get(position).map_or(NamespaceName::Unknown(None), |known| known.name.clone())
    }

    /// What is in the namespace at `position`; looked at once. Fails where it may not be entered.
    pub fn contents(&mut self, position: usize) -> Result<&Contents> {
        if self.known.get(position).is_some_and(|known| known.contents.is_none()) {
            let mut rtnl = self.rtnl(position)?;
            let contents = read(&mut rtnl).doing("look into", "the namespace")?;
            if let Some(known) = self.known.get_mut(position) {
                known.contents = Some(contents);
            }
        }
        Ok(self.contents_read(position))
    }

    /// What is in the namespace at `position`, as far as it has been looked at.
    #[must_use]
    pub fn contents_read(&self, position: usize) -> &Contents {
        static NOTHING: Contents = Contents { links: Vec::new(), addresses: Vec::new(), default_routes: Vec::new() };
        self.known.get(position).and_then(|known| known.contents.as_ref()).unwrap_or(&NOTHING)
    }

    /// The position of the namespace that the one at `position` knows by `id`.
    pub fn by_id(&mut self, position: usize, id: i32) -> Option<usize> {
        loop {
            self.ask_ids(position);
            let found = self.known.get(position)?.ids.iter().find(|(known, _)| *known == id);
            if found.is_some() || self.processes_listed {
                return found.map(|(_, position)| *position);
            }
            self.add_processes();
        }
    }

    /// Asks the namespace at `position` by which id it knows each of those that it has not been asked about.
    fn ask_ids(&mut self, position: usize) {
        let Some(known) = self.known.get(position) else { return };
        let others = known.asked..self.known.len();
        if others.is_empty() {
            return;
        }
        let mut found = Vec::new();
        if let Ok(mut rtnl) = self.rtnl(position) {
            for other in others {
                let id = self.open(other).ok().and_then(|netns| rtnl.id_of(&netns).ok().flatten());
                found.extend(id.map(|id| (id, other)));
            }
        }
        let asked = self.known.len();
        if let Some(known) = self.known.get_mut(position) {
            known.ids.extend(found);
            known.asked = asked;
        }
    }

    /// Asks the namespace at `position` about a link of the one that it knows by `id` (4.20).
    pub fn link_across(&self, position: usize, id: i32, index: u32) -> Option<Link> {
        self.rtnl(position).ok()?.link_in(id, Selector::Index(index)).ok().flatten()
    }

    fn open(&self, position: usize) -> Result<Netns> {
        match self.name(position) {
            NamespaceName::Named(name) => SandboxRef::Name(name).open(),
            NamespaceName::Path(path) => SandboxRef::Path(path).open(),
            NamespaceName::Process { pid, .. } => SandboxRef::Pid(pid).open(),
            NamespaceName::Host | NamespaceName::Unknown(_) => {
                Rtnl::open(self.report).and_then(|rtnl| rtnl.netns()).doing("open", "the current namespace")
            }
        }
    }

    fn rtnl(&self, position: usize) -> Result<Rtnl> {
        if position == HOST {
            return Rtnl::open(self.report).doing("open", "a netlink socket");
        }
        let namespace = self.open(position)?;
        Rtnl::open_in(&namespace, &self.home, self.report).doing("enter", self.name(position).words())
    }
}

fn read(rtnl: &mut Rtnl) -> std::result::Result<Contents, Refusal> {
    let (links, addresses) = (rtnl.links()?, rtnl.addresses()?);
    let mut default_routes = Vec::new();
    for family in Family::BOTH {
        // A kernel without IPv6 has no routes of it.
        default_routes.extend(rtnl.routes(family).unwrap_or_default());
    }
    default_routes.retain(|r| r.prefix_len == 0 && r.table == RT_TABLE_MAIN && r.kind == RTN_UNICAST);
    Ok(Contents { links, addresses, default_routes })
}

/// The names below `/run/netns` in the directory's order, with the ids by which the namespace of `rtnl` knows them.
#[must_use]
pub fn ids(rtnl: &mut Rtnl) -> Vec<(String, Option<i32>)> {
    // A directory that cannot be read, or a file that is no namespace, has no ids; that is no reason to show nothing.
    let names = file::list_as_is(netns::DIRECTORY).unwrap_or_default();
    let with_id = |name: String| {
        let namespace = Netns::open(&netns::pinned_path(&name)).ok();
        let id = namespace.and_then(|namespace| rtnl.id_of(&namespace).ok().flatten());
        (name, id)
    };
    names.into_iter().map(with_id).collect()
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
