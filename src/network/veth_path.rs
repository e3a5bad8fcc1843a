//! The way from a sandbox's interface out: the other end of the veth pair, its bridge, the default routes.
//!
//! Kernel facts, so that it explains what Docker, Podman or `ip` made as well as what we did; and of ours what is published.

use std::net::IpAddr;

use pontoon_netlink::route::link::IFF_LOOPBACK;

use super::places::{Facts, HOST, Place, Places};
use super::publish::{self, Published};
use super::sandbox::SandboxRef;
use crate::error::{Failure, Result};
use crate::kernel::{Address, Link, Route};
use crate::store::Store;

/// One end of a veth pair, or another device on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Where it is.
    pub place: Place,
    /// The link; without a name when only its index is known.
    pub link: Box<Link>,
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
pub struct Story {
    /// Where the interface is.
    pub sandbox: Place,
    /// The interface; none in a sandbox that has no interface but `lo`.
    pub interface: Option<Box<End>>,
    /// The other end of the veth pair, when it is one.
    pub peer: Option<Box<End>>,
    /// The bridge that the other end is a port of; without another end, the one that the interface is a port of.
    pub bridge: Option<Box<End>>,
    /// What we published for it, spelled out.
    pub ports: Vec<Published>,
    /// The sandbox's default routes; none when it may not be entered.
    pub default_routes: Option<Vec<WayOut>>,
    /// The host's.
    pub host_default_routes: Vec<WayOut>,
    /// Position of the sandbox and index of the interface, to sort by and to know a pair again.
    order: (usize, u32),
    other: (usize, u32),
}

impl Story {
    /// Looks up what is published for the interface. Records that cannot be read are none: everybody may look.
    pub fn look_up_ports(&mut self, store: &Store) {
        let (Some(inside), Some(port)) = (&self.interface, &self.peer) else { return };
        if port.place != Place::Host {
            return;
        }
        let ports = publish::of_device(store, &port.link.name, port.link.index).unwrap_or_default();
        let v4 = inside.addresses.iter().any(|address| address.local.is_ipv4());
        let global = |address: IpAddr| matches!(address, IpAddr::V6(v6) if !v6.is_unicast_link_local());
        let v6 = inside.addresses.iter().any(|address| global(address.local));
        // Of a sandbox that may not be entered no address is known.
        let unknown = !v4 && !v6;
        publish::spell_out(&ports, v4 || unknown, v6 || unknown, &mut self.ports);
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
pub fn trace(places: &mut Places, target: &str) -> Result<Vec<Box<Story>>> {
    if let Ok(address) = target.parse() {
        return of_address(places, address);
    }
    match SandboxRef::parse(target)? {
        SandboxRef::Name(name) => {
            let named = Place::Named(name.clone());
            if let Some(position) = (0..places.len()).find(|position| places.place(*position) == named) {
                return of_sandbox(places, position);
            }
            let links = &places.facts(HOST)?.links;
            let link = links.iter().find(|link| link.name == name && !target.contains('/')).cloned();
            if let Some(link) = link {
                return Ok(of_link(places, HOST, &link));
            }
            // A second name of a known namespace; or none, which is the error.
            match places.find(&SandboxRef::Name(name.clone())) {
                Ok(position) => of_sandbox(places, position),
                Err(error) if matches!(*error, Failure::NotFound { .. }) => Err(Failure::NotFound {
                    kind: "sandbox or interface",
                    name,
                    remedy: ": it is neither a name in /run/netns nor an interface of the host",
                }
                .into()),
                Err(error) => Err(error),
            }
        }
        sandbox => {
            let position = places.find(&sandbox)?;
            of_sandbox(places, position)
        }
    }
}

/// All veth pairs that there are, each once.
pub fn trace_all(places: &mut Places) -> Vec<Box<Story>> {
    places.add_processes();
    let mut stories = Vec::new();
    for position in 0..places.len() {
        // Of what we may not enter we see the other ends.
        if places.facts(position).is_ok() {
            add(places, &mut stories, position, false, &|link: &Link| link.is("veth"));
        }
    }
    stories
}

fn of_address(places: &mut Places, address: IpAddr) -> Result<Vec<Box<Story>>> {
    let mut position = 0;
    loop {
        if position == places.len() {
            places.add_processes();
        }
        if position == places.len() {
            let remedy = ": no interface of the host, of a sandbox in /run/netns or of a process has it";
            return Err(Failure::NotFound { kind: "address", name: address.to_string(), remedy }.into());
        }
        if let Ok(facts) = places.facts(position) {
            let holder = facts.addresses.iter().find(|known| known.local == address);
            if let Some(link) = holder.and_then(|known| facts.link(known.index)).cloned() {
                return Ok(of_link(places, position, &link));
            }
        }
        position += 1;
    }
}

fn of_sandbox(places: &mut Places, position: usize) -> Result<Vec<Box<Story>>> {
    places.facts(position)?;
    let mut stories = Vec::new();
    add(places, &mut stories, position, true, &|link: &Link| link.flags & IFF_LOOPBACK == 0);
    if stories.is_empty() {
        stories.push(tell(places, None, None, (position, 0)));
    }
    Ok(stories)
}

/// A link's story; for a bridge, those of its ports.
fn of_link(places: &mut Places, position: usize, link: &Link) -> Vec<Box<Story>> {
    let mut stories = Vec::new();
    if link.is("bridge") {
        add(places, &mut stories, position, true, &|port: &Link| port.master == Some(link.index));
    }
    if stories.is_empty() {
        stories.push(story(places, position, true, link));
    }
    stories
}

/// Adds the stories of those links at `position` that are `wanted` and are in no story yet.
fn add(
    places: &mut Places,
    stories: &mut Vec<Box<Story>>,
    position: usize,
    asked: bool,
    wanted: &dyn Fn(&Link) -> bool,
) {
    let links: Vec<Box<Link>> = places.facts_read(position).links.iter().filter(|link| wanted(link)).cloned().collect();
    for link in links {
        let this = (position, link.index);
        if stories.iter().all(|story| story.order != this && story.other != this) {
            let story = story(places, position, asked, &link);
            let at = stories.partition_point(|other| other.order < story.order);
            stories.insert(at, story);
        }
    }
}

/// The story that `link` is in, the same from both of its ends; of two sandboxes, the one that was `asked` about comes first.
fn story(places: &mut Places, position: usize, asked: bool, link: &Link) -> Box<Story> {
    let near = Found { position, end: end(places, position, link) };
    let far = link.is("veth").then(|| far_end(places, position, link));
    let (interface, peer) = match far {
        Some(far) if leads_out(&near, &far, asked) => (far, Some(near)),
        far => (near, far),
    };
    let order = (interface.position, interface.end.link.index);
    tell(places, Some(interface), peer, order)
}

/// Whether `near` is the end that leads out: the host's; in one namespace, the bridge's port. Else the order decides.
fn leads_out(near: &Found, far: &Found, asked: bool) -> bool {
    let (a, b) = (&near.end.link, &far.end.link);
    if near.position != far.position {
        return near.position == HOST || (!asked && far.position != HOST && far.position < near.position);
    }
    if a.master.is_some() == b.master.is_some() { a.index > b.index } else { a.master.is_some() }
}

fn tell(places: &mut Places, interface: Option<Found>, peer: Option<Found>, order: (usize, u32)) -> Box<Story> {
    // Where this fails there is no way out to be seen.
    let host_default_routes = places.facts(HOST).map(ways_out).unwrap_or_default();
    let default_routes = places.facts(order.0).map(ways_out).ok().filter(|_| order.0 != NOWHERE);
    let leaves = peer.as_ref().or(interface.as_ref());
    let bridge = leaves.and_then(|from| {
        let link = places.facts_read(from.position).link(from.end.link.master?)?;
        Some(end(places, from.position, link))
    });
    let sandbox = interface.as_ref().map_or_else(|| places.place(order.0), |found| found.end.place.clone());
    let other = peer.as_ref().map_or((NOWHERE, 0), |found| (found.position, found.end.link.index));
    let (interface, peer) = (interface.map(|found| found.end), peer.map(|found| found.end));
    let ports = Vec::new();
    Box::new(Story { sandbox, interface, peer, bridge, ports, default_routes, host_default_routes, order, other })
}

/// The link at `position` with what belongs to it.
fn end(places: &Places, position: usize, link: &Link) -> Box<End> {
    let facts = places.facts_read(position);
    let addresses = facts.addresses.iter().filter(|address| address.index == link.index).cloned().collect();
    let master = link.master.and_then(|index| facts.link(index)).map(|master| master.name.clone());
    Box::new(End { place: places.place(position), link: Box::new(link.clone()), addresses, master })
}

/// The other end of the veth `link` in the namespace at `position`.
fn far_end(places: &mut Places, position: usize, link: &Link) -> Found {
    // Before 5.11 the peer's index is left out when it happens to be the same. 0 means that the peer is being removed.
    let index = link.link.unwrap_or(link.index);
    let id = link.link_netnsid;
    let there = match id {
        None => Some(position),
        Some(id) if id >= 0 => places.by_id(position, id),
        Some(_) => by_looking(places, position, link, index),
    };
    if let Some(there) = there {
        let _ = places.facts(there);
        if let Some(link) = places.facts_read(there).link(index) {
            return Found { position: there, end: end(places, there, link) };
        }
    }
    let across = id.filter(|id| *id >= 0).and_then(|id| places.link_across(position, id, index));
    let mut link = across.unwrap_or_default();
    link.index = index;
    // In this namespace, but not there: removed meanwhile.
    let there = there.filter(|there| *there != position);
    let place = there.map_or(Place::Unknown(id.filter(|id| *id >= 0)), |there| places.place(there));
    // A master there is of no use without its name.
    link.master = None;
    let end = Box::new(End { place, link, addresses: Vec::new(), master: None });
    Found { position: there.unwrap_or(NOWHERE), end }
}

/// A peer whose namespace has no id here: some kernels give none on their own. Only looking for the other half helps.
fn by_looking(places: &mut Places, position: usize, link: &Link, index: u32) -> Option<usize> {
    places.add_processes();
    (0..places.len()).find(|there| {
        let fits = |other: &Link| other.is("veth") && other.link.unwrap_or(other.index) == link.index;
        let Ok(facts) = places.facts(*there) else { return false };
        let id = facts.link(index).filter(|other| fits(other)).and_then(|other| other.link_netnsid);
        id.is_some_and(|id| places.by_id(*there, id) == Some(position))
    })
}

fn ways_out(facts: &Facts) -> Vec<WayOut> {
    let device = |route: &Route| route.link.and_then(|index| facts.link(index)).map(|link| link.name.clone());
    let way = |route: &Route| WayOut { gateway: route.gateway, device: device(route), metric: route.metric };
    facts.default_routes.iter().map(way).collect()
}
