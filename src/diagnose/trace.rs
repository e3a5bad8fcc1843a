//! The way from a sandbox's interface out: the other end of the veth pair, its bridge, the default routes.
//!
//! Kernel facts, so that it explains what Docker, Podman or `ip` made as well as what we did; and of ours what is published.

use std::net::IpAddr;

use crate::error::{Error, Result};
use crate::kernel::link::IFF_LOOPBACK;
use crate::kernel::{Address, Link, Route};
use crate::model::ports::{self, PublishedPort};
use crate::sandbox::SandboxRef;
use crate::sandbox::namespaces::{Contents, HOST, NamespaceName, Namespaces};
use crate::store::{Store, endpoints};
use crate::types::family::PerFamily;

/// One end of a veth pair, or another device on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Where it is.
    pub namespace: NamespaceName,
    /// The link; without a name when only its index is known.
    pub link: Link,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// The name of the bridge it is a port of.
    pub master: Option<String>,
}

/// A default route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    /// The next hop.
    pub gateway: Option<IpAddr>,
    /// The device it leaves by; none when there are several.
    pub device: Option<String>,
    /// Its metric, when it has one.
    pub metric: Option<u32>,
}

/// The way of one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VethPath {
    /// Where the interface is.
    pub sandbox: NamespaceName,
    /// The interface; none in a sandbox that has no interface but `lo`.
    pub interface: Option<Box<End>>,
    /// The other end of the veth pair, when it is one.
    pub peer: Option<Box<End>>,
    /// The bridge that the other end is a port of; without another end, the one that the interface is a port of.
    pub bridge: Option<Box<End>>,
    /// What we published for it, spelled out.
    pub ports: Vec<PublishedPort>,
    /// The sandbox's default routes; none when it may not be entered.
    pub default_routes: Option<Vec<WayOut>>,
    /// The host's.
    pub host_default_routes: Vec<WayOut>,
    /// Position of the sandbox and index of the interface, to sort by and to know a pair again.
    order: (usize, u32),
    other: (usize, u32),
}

impl VethPath {
    /// Looks up what is published for the interface. Records that cannot be read are none: everybody may look.
    pub fn look_up_ports(&mut self, store: &Store) {
        let (Some(inside), Some(port)) = (&self.interface, &self.peer) else { return };
        if port.namespace != NamespaceName::Host {
            return;
        }
        let ports = endpoints::published_by(store, &port.link.name, port.link.index).unwrap_or_default();
        let v4 = inside.addresses.iter().any(|address| address.local.is_ipv4());
        let global = |address: IpAddr| matches!(address, IpAddr::V6(v6) if !v6.is_unicast_link_local());
        let v6 = inside.addresses.iter().any(|address| global(address.local));
        // Of a sandbox that may not be entered no address is known.
        let unknown = !v4 && !v6;
        self.ports = ports::spelled_out(&ports, PerFamily { v4: v4 || unknown, v6: v6 || unknown });
    }
}

/// The position of a namespace that is not known.
const NOWHERE: usize = usize::MAX;

/// An end whose place may be known.
struct Found {
    position: usize,
    end: Box<End>,
}

/// What the user calls `target`: an address, a sandbox, or an interface of the host.
pub fn trace(all: &mut Namespaces, target: &str) -> Result<Vec<VethPath>> {
    if let Ok(address) = target.parse() {
        return of_address(all, address);
    }
    match SandboxRef::parse(target)? {
        SandboxRef::Name(name) => {
            let named = NamespaceName::Named(name.clone());
            if let Some(position) = (0..all.len()).find(|position| all.name(*position) == named) {
                return of_sandbox(all, position);
            }
            let links = &all.contents(HOST)?.links;
            let link = links.iter().find(|link| link.name == name && !target.contains('/')).cloned();
            if let Some(link) = link {
                return Ok(of_link(all, HOST, &link));
            }
            // A second name of a known namespace; or none, which is the error.
            match all.find(&SandboxRef::Name(name.clone())) {
                Ok(position) => of_sandbox(all, position),
                Err(error) if matches!(*error, Error::NotFound { .. }) => {
                    let remedy = ": it is neither a name in /run/netns nor an interface of the host";
                    Err(Error::NotFound { kind: "sandbox or interface", name, remedy }.into())
                }
                Err(error) => Err(error),
            }
        }
        sandbox => {
            let position = all.find(&sandbox)?;
            of_sandbox(all, position)
        }
    }
}

/// All veth pairs that there are, each once.
pub fn trace_all(all: &mut Namespaces) -> Vec<VethPath> {
    all.add_processes();
    let mut paths = Vec::new();
    for position in 0..all.len() {
        // Of what we may not enter we see the other ends.
        if all.contents(position).is_ok() {
            add(all, &mut paths, position, false, &|link: &Link| link.is("veth"));
        }
    }
    paths
}

fn of_address(all: &mut Namespaces, address: IpAddr) -> Result<Vec<VethPath>> {
    let mut position = 0;
    loop {
        if position == all.len() {
            all.add_processes();
        }
        if position == all.len() {
            let remedy = ": no interface of the host, of a sandbox in /run/netns or of a process has it";
            return Err(Error::not_found("address", address, remedy));
        }
        if let Ok(contents) = all.contents(position) {
            let holder = contents.addresses.iter().find(|known| known.local == address);
            if let Some(link) = holder.and_then(|known| contents.link(known.index)).cloned() {
                return Ok(of_link(all, position, &link));
            }
        }
        position += 1;
    }
}

fn of_sandbox(all: &mut Namespaces, position: usize) -> Result<Vec<VethPath>> {
    all.contents(position)?;
    let mut paths = Vec::new();
    add(all, &mut paths, position, true, &|link: &Link| link.flags & IFF_LOOPBACK == 0);
    if paths.is_empty() {
        paths.push(assemble(all, None, None, (position, 0)));
    }
    Ok(paths)
}

/// A link's path; for a bridge, those of its ports.
fn of_link(all: &mut Namespaces, position: usize, link: &Link) -> Vec<VethPath> {
    let mut paths = Vec::new();
    if link.is("bridge") {
        add(all, &mut paths, position, true, &|port: &Link| port.master == Some(link.index));
    }
    if paths.is_empty() {
        paths.push(path_of(all, position, true, link));
    }
    paths
}

/// Adds the paths of those links at `position` that are `wanted` and are on no path yet.
fn add(all: &mut Namespaces, paths: &mut Vec<VethPath>, position: usize, asked: bool, wanted: &dyn Fn(&Link) -> bool) {
    let links: Vec<Link> = all.contents_read(position).links.iter().filter(|link| wanted(link)).cloned().collect();
    for link in links {
        let this = (position, link.index);
        if paths.iter().all(|path| path.order != this && path.other != this) {
            let path = path_of(all, position, asked, &link);
            let at = paths.partition_point(|other| other.order < path.order);
            paths.insert(at, path);
        }
    }
}

/// The path that `link` is in, the same from both of its ends; of two sandboxes, the one that was `asked` about comes first.
fn path_of(all: &mut Namespaces, position: usize, asked: bool, link: &Link) -> VethPath {
    let near = Found { position, end: end(all, position, link) };
    let far = link.is("veth").then(|| far_end(all, position, link));
    let (interface, peer) = match far {
        Some(far) if leads_out(&near, &far, asked) => (far, Some(near)),
        far => (near, far),
    };
    let order = (interface.position, interface.end.link.index);
    assemble(all, Some(interface), peer, order)
}

/// Whether `near` is the end that leads out: the host's; in one namespace, the bridge's port. Else the order decides.
fn leads_out(near: &Found, far: &Found, asked: bool) -> bool {
    let (a, b) = (&near.end.link, &far.end.link);
    if near.position != far.position {
        return near.position == HOST || (!asked && far.position != HOST && far.position < near.position);
    }
    if a.master.is_some() == b.master.is_some() { a.index > b.index } else { a.master.is_some() }
}

fn assemble(all: &mut Namespaces, interface: Option<Found>, peer: Option<Found>, order: (usize, u32)) -> VethPath {
    // Where this fails there is no way out to be seen.
    let host_default_routes = all.contents(HOST).map(ways_out).unwrap_or_default();
    let default_routes = all.contents(order.0).map(ways_out).ok().filter(|_| order.0 != NOWHERE);
    let leaves = peer.as_ref().or(interface.as_ref());
    let bridge = leaves.and_then(|from| {
        let link = all.contents_read(from.position).link(from.end.link.master?)?;
        Some(end(all, from.position, link))
    });
    let sandbox = interface.as_ref().map_or_else(|| all.name(order.0), |found| found.end.namespace.clone());
    let other = peer.as_ref().map_or((NOWHERE, 0), |found| (found.position, found.end.link.index));
    let (interface, peer) = (interface.map(|found| found.end), peer.map(|found| found.end));
    let ports = Vec::new();
    VethPath { sandbox, interface, peer, bridge, ports, default_routes, host_default_routes, order, other }
}

/// The link at `position` with what belongs to it.
fn end(all: &Namespaces, position: usize, link: &Link) -> Box<End> {
    let contents = all.contents_read(position);
    let addresses = contents.addresses.iter().filter(|address| address.index == link.index).cloned().collect();
    let master = link.master.and_then(|index| contents.link(index)).map(|master| master.name.clone());
    Box::new(End { namespace: all.name(position), link: link.clone(), addresses, master })
}

/// The other end of the veth `link` in the namespace at `position`.
fn far_end(all: &mut Namespaces, position: usize, link: &Link) -> Found {
    // Before 5.11 the peer's index is left out when it happens to be the same. 0 means that the peer is being removed.
    let index = link.link.unwrap_or(link.index);
    let id = link.link_netnsid;
    let there = match id {
        None => Some(position),
        Some(id) if id >= 0 => all.by_id(position, id),
        Some(_) => by_looking(all, position, link, index),
    };
    if let Some(there) = there {
        let _ = all.contents(there);
        if let Some(link) = all.contents_read(there).link(index) {
            return Found { position: there, end: end(all, there, link) };
        }
    }
    let across = id.filter(|id| *id >= 0).and_then(|id| all.link_across(position, id, index));
    let mut link = across.unwrap_or_default();
    link.index = index;
    // In this namespace, but not there: removed meanwhile.
    let there = there.filter(|there| *there != position);
    let namespace = there.map_or(NamespaceName::Unknown(id.filter(|id| *id >= 0)), |there| all.name(there));
    // A master there is of no use without its name.
    link.master = None;
    let end = Box::new(End { namespace, link, addresses: Vec::new(), master: None });
    Found { position: there.unwrap_or(NOWHERE), end }
}

/// A peer whose namespace has no id here: some kernels give none on their own. Only looking for the other half helps.
fn by_looking(all: &mut Namespaces, position: usize, link: &Link, index: u32) -> Option<usize> {
    all.add_processes();
    (0..all.len()).find(|there| {
        let fits = |other: &Link| other.is("veth") && other.link.unwrap_or(other.index) == link.index;
        let Ok(contents) = all.contents(*there) else { return false };
        let id = contents.link(index).filter(|other| fits(other)).and_then(|other| other.link_netnsid);
        id.is_some_and(|id| all.by_id(*there, id) == Some(position))
    })
}

fn ways_out(contents: &Contents) -> Vec<WayOut> {
    let device = |route: &Route| route.link.and_then(|index| contents.link(index)).map(|link| link.name.clone());
    let way = |route: &Route| WayOut { gateway: route.gateway, device: device(route), metric: route.metric };
    contents.default_routes.iter().map(way).collect()
}
