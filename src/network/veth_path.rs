//! The way from a sandbox's interface out: the other end of the veth pair, its bridge, the default routes.
//!
//! Kernel facts, so that it explains what Docker, Podman or `ip` made as well as what we did; and of ours what is published.

use core::net::IpAddr;

use pontoon_netlink::route::link::IFF_LOOPBACK;

use super::places::{Facts, HOST, Place, Places};
use super::publish::{self, Published};
use super::sandbox::SandboxRef;
use crate::error::{Error, Failure, Result};
use crate::kernel::{Address, Link};
use crate::prelude::*;
use crate::store::Store;

/// One end of a veth pair, or another device on the way.
#[derive(Debug, PartialEq, Eq)]
pub struct End {
    /// Where it is; `usize::MAX` when that is not known.
    position: usize,
    /// The same in words.
    pub place: &'static Place,
    /// The link; without a name when only its index is known.
    pub link: &'static Link,
    /// Its addresses.
    pub addresses: &'static [&'static Address],
    /// The name of the bridge it is a port of.
    pub master: Option<Text>,
}

/// A default route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    /// The next hop.
    pub gateway: Option<IpAddr>,
    /// The device it leaves by; none when there are several.
    pub device: Option<Text>,
    /// Its metric, when it has one.
    pub metric: Option<u32>,
}

/// The way of one interface.
#[derive(Debug, PartialEq, Eq)]
pub struct Story {
    /// Where the interface is.
    pub sandbox: &'static Place,
    /// The interface; none in a sandbox that has no interface but `lo`.
    pub interface: Option<&'static End>,
    /// The other end of the veth pair, when it is one.
    pub peer: Option<&'static End>,
    /// The bridge that the other end is a port of; without another end, the one that the interface is a port of.
    pub bridge: Option<&'static End>,
    /// What we published for it, spelled out.
    pub ports: Vec<Published>,
    /// The sandbox's default routes; none when it may not be entered.
    pub default_routes: Option<&'static [WayOut]>,
    /// The host's.
    pub host_default_routes: &'static [WayOut],
    /// Position of the sandbox and index of the interface, to sort by and to know a pair again.
    order: (usize, u32),
    other: (usize, u32),
}

impl Story {
    /// Looks up what is published for the interface. Records that cannot be read are none: everybody may look.
    pub fn look_up_ports(&mut self, store: &Store) {
        let (Some(inside), Some(port)) = (&self.interface, &self.peer) else { return };
        if *port.place != Place::Host {
            return;
        }
        let ports = publish::of_device(store, port.link.name, port.link.index).unwrap_or_default();
        let mut addresses = Vec::new();
        for address in inside.addresses {
            if !matches!(address.local, IpAddr::V6(v6) if v6.is_unicast_link_local()) {
                addresses.push(address.local);
            }
        }
        // Of a sandbox that may not be entered no address is known.
        let addresses = if addresses.is_empty() { &publish::ANY } else { addresses.as_slice() };
        publish::spell_out(ports, addresses, &mut self.ports);
    }
}

/// The position of a namespace that is not known.
const NOWHERE: usize = usize::MAX;

/// What the user calls `target`: an address, a sandbox, or an interface of the host.
pub fn trace(places: &mut Places, target: Text) -> Result<Vec<Box<Story>>> {
    if let Ok(address) = target.parse() {
        return of_address(places, address);
    }
    match SandboxRef::parse(target)? {
        SandboxRef::Name(name) => {
            let name = *name;
            let named = Place::Named(name);
            if let Some(position) = (0..places.len()).find(|position| *places.place(*position) == named) {
                return of_sandbox(places, position);
            }
            let links = &places.facts(HOST)?.links;
            let link = links.iter().find(|link| link.name == name && !target.contains('/')).copied();
            if let Some(link) = link {
                return Ok(of_link(places, HOST, link));
            }
            // A second name of a known namespace; or none, which is the error.
            match places.find(&SandboxRef::Name(name)) {
                Ok(position) => of_sandbox(places, position),
                Err(error) if matches!(*error, Failure::NotFound { .. }) => Err(Error::not_found(
                    "sandbox or interface",
                    name,
                    ": it is neither a name in /run/netns nor an interface of the host",
                )),
                Err(error) => Err(error),
            }
        }
        sandbox => {
            let position = places.find(sandbox)?;
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
            return Err(Error::not_found("address", address.to_text(), remedy));
        }
        if let Ok(facts) = places.facts(position) {
            let holder = facts.addresses.iter().find(|known| known.local == address);
            if let Some(link) = holder.and_then(|known| facts.link(known.index)) {
                return Ok(of_link(places, position, link));
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
fn of_link(places: &mut Places, position: usize, link: &'static Link) -> Vec<Box<Story>> {
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
    for link in places.facts_read(position).links {
        let this = (position, link.index);
        if wanted(link) && stories.iter().all(|story| story.order != this && story.other != this) {
            let story = story(places, position, asked, link);
            let at = stories.partition_point(|other| other.order < story.order);
            stories.insert(at, story);
        }
    }
}

/// The story that `link` is in, the same from both of its ends; of two sandboxes, the one that was `asked` about comes first.
fn story(places: &mut Places, position: usize, asked: bool, link: &'static Link) -> Box<Story> {
    let near = end(places, position, link);
    if !link.is("veth") {
        return tell(places, Some(near), None, near.order());
    }
    let far = far_end(places, position, link);
    let (interface, peer) = if leads_out(near, far, asked) { (far, near) } else { (near, far) };
    tell(places, Some(interface), Some(peer), interface.order())
}

/// Whether `near` is the end that leads out: the host's; in one namespace, the bridge's port. Else the order decides.
fn leads_out(near: &End, far: &End, asked: bool) -> bool {
    let (a, b) = (near.link, far.link);
    if near.position != far.position {
        return near.position == HOST || (!asked && far.position != HOST && far.position < near.position);
    }
    if a.master.is_some() == b.master.is_some() { a.index > b.index } else { a.master.is_some() }
}

fn tell(
    places: &mut Places,
    interface: Option<&'static End>,
    peer: Option<&'static End>,
    order: (usize, u32),
) -> Box<Story> {
    // Where this fails there is no way out to be seen.
    let host_default_routes = places.facts(HOST).map_or(&[] as &[_], ways_out);
    let default_routes = if order.0 == NOWHERE { None } else { places.facts(order.0).map(ways_out).ok() };
    let mut bridge = None;
    if let Some(from) = peer.or(interface)
        && let Some(index) = from.link.master
        && let Some(link) = places.facts_read(from.position).link(index)
    {
        bridge = Some(end(places, from.position, link));
    }
    let sandbox = interface.map_or_else(|| places.place(order.0), |end| end.place);
    let other = peer.map_or((NOWHERE, 0), End::order);
    let ports = Vec::new();
    Box::new(Story { sandbox, interface, peer, bridge, ports, default_routes, host_default_routes, order, other })
}

impl End {
    fn order(&self) -> (usize, u32) {
        (self.position, self.link.index)
    }
}

/// The link at `position` with what belongs to it.
fn end(places: &Places, position: usize, link: &'static Link) -> &'static End {
    let facts = places.facts_read(position);
    let mut addresses = Vec::new();
    for address in facts.addresses {
        if address.index == link.index {
            addresses.push(*address);
        }
    }
    let master = link.master.and_then(|index| facts.link(index)).map(|master| master.name);
    stay(End { position, place: places.place(position), link, addresses: addresses.leak(), master })
}

/// The other end of the veth `link` in the namespace at `position`.
fn far_end(places: &mut Places, position: usize, link: &'static Link) -> &'static End {
    // Before 5.11 the peer's index is left out when it happens to be the same. 0 means that the peer is being removed.
    let index = link.link.unwrap_or(link.index);
    // Below 0 it stands for a namespace that has no id here.
    let id = link.link_netnsid.filter(|id| *id >= 0);
    let there = match (link.link_netnsid, id) {
        (None, _) => Some(position),
        (_, Some(id)) => places.by_id(position, id),
        _ => by_looking(places, position, link, index),
    };
    if let Some(there) = there {
        let _ = places.facts(there);
        if let Some(link) = places.facts_read(there).link(index) {
            return end(places, there, link);
        }
    }
    let across = id.and_then(|id| places.link_across(position, id, index));
    let link = across.unwrap_or_else(|| stay(Link { index, ..Link::default() }));
    // In this namespace, but not there: removed meanwhile.
    let there = there.filter(|there| *there != position);
    let place = there.map_or_else(|| &*stay(Place::Unknown(id)), |there| places.place(there));
    // A master there is of no use without its name.
    stay(End { position: there.unwrap_or(NOWHERE), place, link, addresses: &[], master: None })
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

fn ways_out(facts: &Facts) -> &'static [WayOut] {
    let mut ways = Vec::new();
    for route in facts.default_routes {
        let device = route.link.and_then(|index| facts.link(index)).map(|link| link.name);
        ways.push(WayOut { gateway: route.gateway, device, metric: route.metric });
    }
    ways.leak()
}
