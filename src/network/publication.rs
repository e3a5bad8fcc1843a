//! Publishing ports and withdrawing them: elements of the maps `publish_on` and `publish_any`.
//!
//! The ports are recorded before they are published, under the name of the device, so that whatever stops us, the record leads
//! to the elements. Only with the lock held alone: an address of the host's own and "every address" conflict, and the maps do
//! not know.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::element::concatenate;

use super::definition::Network;
use super::endpoint::{self, Endpoint};
use super::firewall::{family, octets};
use super::publish::{self, Protocol, Published, Spec};
use super::undo::{Step, Undo};
use super::{lease, options, registry};
use crate::error::{Doing, Error, Failure, Result};
use crate::json::Json;
use crate::kernel::firewall::{Entry, Firewall};
use crate::kernel::{Rtnl, Selector, ruleset};
use crate::store::{Kind, Store};
use crate::sys::{Errno, port, random};

/// How many ports are tried before the host is said to have none left.
const CHOICES: u32 = 256;

/// Publishes what `specs` ask for: all of it or nothing.
pub fn publish(
    rtnl: &mut Rtnl,
    store: &Store,
    network: &Network,
    endpoint: &Endpoint,
    specs: &[Spec],
    undo: &mut Undo,
) -> Result<Vec<Published>> {
    let mut firewall = rtnl.firewall().doing("open", &"a netfilter socket")?;
    let mut ports: Vec<Published> = Vec::new();
    for wanted in specs.iter().flat_map(Spec::expand) {
        let mut published = wanted.on(wanted.host_port.unwrap_or_default());
        published.host = published.host.or_else(|| default_host(network));
        match wanted.host_port {
            Some(_) => check(rtnl, store, &mut firewall, endpoint, &published, &ports)?,
            None => published.host_port = choose(rtnl, store, &mut firewall, endpoint, &published, &ports)?,
        }
        ports.push(published);
    }
    undo.note(Step::RemoveRecord(Kind::Ports, endpoint.device.clone()));
    let targets = Targets::of(endpoint);
    let mut record = publish::to_record(&endpoint.device, endpoint.index, &ports);
    targets.add_to(&mut record);
    store.write(Kind::Ports, &endpoint.device, &record)?;
    let entries = entries_of(&targets, &ports);
    let changes: Vec<Request> = entries.iter().map(Entry::create).collect();
    match firewall.transact(&changes) {
        // Somebody deleted the table of one family. What is recorded, ours included, is what it will have.
        Err((_, refusal)) if refusal.errno == Errno::NOENT => {
            super::firewall::rebuild(rtnl, store, &registry::all(store)?)?;
        }
        outcome => {
            outcome.map_err(|(_, refusal)| refusal).doing("publish the ports of", &endpoint.sandbox)?;
        }
    }
    undo.note(Step::DeleteEntries(entries));
    forget_connections(&mut firewall, &targets, &ports);
    Ok(ports)
}

/// The network's own host address for ports that name none.
fn default_host(network: &Network) -> Option<IpAddr> {
    let host: Ipv4Addr = network.option(options::HOST_BINDING_IPV4)?.parse().ok()?;
    Some(IpAddr::V4(host)).filter(|host| !host.is_unspecified())
}

/// Refuses a port that somebody has: another endpoint, also by way of "every address", or a process of the host.
fn check(
    rtnl: &mut Rtnl,
    store: &Store,
    firewall: &mut Firewall,
    endpoint: &Endpoint,
    published: &Published,
    before: &[Published],
) -> Result<()> {
    let refuse = |why: String| Err(refusal(published, why));
    if before.iter().any(|other| conflict(other, published)) {
        return refuse("the port is named twice".to_owned());
    }
    let targets = Targets::of(endpoint);
    let entries = entries_of(&targets, std::slice::from_ref(published));
    if entries.is_empty() {
        return refuse(["network ", &endpoint.network, " has no subnet of that family"].concat());
    }
    for entry in entries {
        for rival in rivals(firewall, &entry, published)? {
            let Some(data) = firewall.data(&rival).doing("look into the map", &rival.set)? else { continue };
            match holder(rtnl, store, &data)? {
                Some(holder) => return refuse(format!("the port is already published by {holder}")),
                // Its endpoint is gone: the element is garbage.
                None => firewall
                    .transact(&[rival.delete()])
                    .map_err(|(_, refusal)| refusal)
                    .doing("withdraw a port of an endpoint that is gone from", &rival.set)?,
            }
        }
    }
    for address in targets.hosts(published) {
        match port::probe(address, published.host_port, published.protocol.number()) {
            // A port that we may not bind, we may still translate.
            Ok(()) | Err(Errno::ACCESS) => {}
            Err(Errno::ADDRINUSE) => return refuse("the port is in use by a process of this host".to_owned()),
            Err(Errno::ADDRNOTAVAIL) => return refuse(format!("{address} is no address of this host")),
            Err(errno) => return Err(errno).doing("try port", &named(published)),
        }
    }
    Ok(())
}

/// The elements that must not be there for `entry` to be had: itself, and for one address "every address", and the reverse, be
/// it an address that the host lists or another one of 127.0.0.0/8.
fn rivals(firewall: &mut Firewall, entry: &Entry, published: &Published) -> Result<Vec<Entry>> {
    let mut rivals = vec![entry.clone()];
    let ipv4 = entry.family == family(true);
    if entry.set == ruleset::PUBLISH_ON {
        let any = if ipv4 { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        rivals.push(port_entry(any, published));
        return Ok(rivals);
    }
    let single = firewall.ending_as(entry, ruleset::PUBLISH_ON).doing("look into the map", &ruleset::PUBLISH_ON)?;
    rivals.extend(single);
    Ok(rivals)
}

/// A port that is free, out of those the host gives out by itself.
fn choose(
    rtnl: &mut Rtnl,
    store: &Store,
    firewall: &mut Firewall,
    endpoint: &Endpoint,
    published: &Published,
    before: &[Published],
) -> Result<u16> {
    let (first, last) = port::local_range();
    let count = u32::from(last - first) + 1;
    let start = u32::from_ne_bytes(random::bytes().doing("get", &"random bytes")?);
    for step in 0..CHOICES.min(count) {
        let offset = u16::try_from(start.wrapping_add(step) % count).unwrap_or_default();
        let candidate = Published { host_port: first.saturating_add(offset), ..*published };
        match check(rtnl, store, firewall, endpoint, &candidate, before) {
            Ok(()) => return Ok(candidate.host_port),
            Err(error) if matches!(*error, Failure::Port { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Err(refusal(published, "no free port of this host was found".to_owned()))
}

/// Who has the target that a map's data names, when its endpoint lives: `container1 (172.17.0.2:80)`.
fn holder(rtnl: &mut Rtnl, store: &Store, data: &[u8]) -> Result<Option<String>> {
    let (address, port) = match data {
        [a, b, c, d, high, low, ..] if data.len() < 16 => {
            (IpAddr::V4(Ipv4Addr::new(*a, *b, *c, *d)), u16::from_be_bytes([*high, *low]))
        }
        _ => {
            let address = pontoon_netlink::bytes::array::<16>(data, 0);
            (IpAddr::V6(address.into()), u16::from_be_bytes(pontoon_netlink::bytes::array(data, 16)))
        }
    };
    for network in registry::all(store)? {
        let Some(pool) = network.pool(address.is_ipv4()).filter(|pool| pool.subnet.contains(address)) else { continue };
        for endpoint in endpoint::records_of(store, &network)? {
            if endpoint.lease == address || endpoint.ipv6 == Some(address) {
                return Ok(is_alive(rtnl, &endpoint)?.then(|| format!("{} ({address}:{port})", endpoint.sandbox)));
            }
        }
        // Not recorded: the device itself tells.
        let device = lease::device_name(&pool.subnet, address);
        let link = rtnl.link(Selector::Name(&device)).doing("look up interface", &device)?;
        return Ok(link.map(|link| format!("interface {} ({address}:{port})", link.name)));
    }
    Ok(None)
}

fn is_alive(rtnl: &Rtnl, endpoint: &Endpoint) -> Result<bool> {
    let index = rtnl.index_of(&endpoint.device).doing("look up interface", &endpoint.device)?;
    Ok(index == Some(endpoint.index))
}

/// Where published ports lead: the addresses of an endpoint. They stand in the ports' record too, so that it says all.
struct Targets {
    ipv4: Option<IpAddr>,
    ipv6: Option<IpAddr>,
}

impl Targets {
    fn of(endpoint: &Endpoint) -> Self {
        Self { ipv4: endpoint.ipv4(), ipv6: endpoint.v6() }
    }

    fn from_record(record: &Json) -> Self {
        let address = |key| record.get(key).and_then(Json::text).and_then(|text| text.parse().ok());
        Self { ipv4: address("ipv4"), ipv6: address("ipv6") }
    }

    fn add_to(&self, record: &mut Json) {
        for (key, address) in [("ipv4", self.ipv4), ("ipv6", self.ipv6)] {
            if let Some(address) = address {
                record.push(key, address.to_string());
            }
        }
    }

    fn get(&self, ipv4: bool) -> Option<IpAddr> {
        if ipv4 { self.ipv4 } else { self.ipv6 }
    }

    /// The addresses of the host that a port is published on, of the families that there are.
    fn hosts(&self, published: &Published) -> impl Iterator<Item = IpAddr> {
        published.families(self.ipv4.is_some(), self.ipv6.is_some()).into_iter().flatten()
    }
}

/// The elements of an endpoint's ports.
fn entries_of(targets: &Targets, ports: &[Published]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for published in ports {
        for host in targets.hosts(published) {
            let Some(target) = targets.get(host.is_ipv4()) else { continue };
            let mut entry = port_entry(host, published);
            entry.data = concatenate(&[&octets(target), &published.port.to_be_bytes()]);
            entries.push(entry);
        }
    }
    entries
}

/// The element for a port of `host`, of every address where that is the unspecified one; without its data.
fn port_entry(host: IpAddr, published: &Published) -> Entry {
    let (protocol, number) = ([published.protocol.number()], published.host_port.to_be_bytes());
    let (set, key) = if host.is_unspecified() {
        (ruleset::PUBLISH_ANY, concatenate(&[&protocol, &number]))
    } else {
        (ruleset::PUBLISH_ON, concatenate(&[&octets(host), &protocol, &number]))
    };
    Entry { family: family(host.is_ipv4()), set, key, data: Vec::new(), interval_end: false }
}

/// Whether two ports that are asked for together are the same for some address.
fn conflict(one: &Published, other: &Published) -> bool {
    let same_port = one.host_port == other.host_port && one.protocol == other.protocol;
    let meet =
        |a: IpAddr, b: IpAddr| a.is_ipv4() == b.is_ipv4() && (a == b || a.is_unspecified() || b.is_unspecified());
    let mut hosts = one.families(true, true).into_iter().flatten();
    same_port && hosts.any(|a| other.families(true, true).into_iter().flatten().any(|b| meet(a, b)))
}

/// A port as errors name it: `8080/tcp`, `127.0.0.1:8080/tcp`.
fn named(published: &Published) -> String {
    [&published.socket(), "/", published.protocol.name()].concat()
}

fn refusal(published: &Published, why: String) -> Error {
    Failure::Port { port: named(published), why }.into()
}

/// The elements of all ports of devices that live, from the records.
pub fn all_entries(rtnl: &Rtnl, store: &Store) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (_, record) in store.all(Kind::Ports).unwrap_or_default() {
        let Some((device, index, ports)) = publish::from_record(&record) else { continue };
        if rtnl.index_of(&device) == Ok(Some(index)) {
            entries.extend(entries_of(&Targets::from_record(&record), &ports));
        }
    }
    entries
}

/// Publishes again what is recorded of an endpoint, where it is missing.
pub fn restore(rtnl: &Rtnl, store: &Store, endpoint: &Endpoint) -> Result<()> {
    let ports = publish::of_endpoint(store, endpoint)?;
    let changes: Vec<Request> = entries_of(&Targets::of(endpoint), &ports).iter().map(Entry::add).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let mut firewall = rtnl.firewall().doing("open", &"a netfilter socket")?;
    firewall.transact(&changes).map_err(|(_, refusal)| refusal).doing("publish the ports of", &endpoint.sandbox)
}

/// Withdraws the ports recorded under the endpoint's device: its own, or those of one that had the device's name before.
pub fn withdraw(rtnl: &Rtnl, store: &Store, endpoint: &Endpoint) -> Result<()> {
    let Some(record) = store.read(Kind::Ports, &endpoint.device)? else { return Ok(()) };
    let ports = publish::from_record(&record).map(|(_, _, ports)| ports).unwrap_or_default();
    let targets = Targets::from_record(&record);
    if let Ok(mut firewall) = rtnl.firewall() {
        delete_entries(&mut firewall, &entries_of(&targets, &ports))?;
        forget_connections(&mut firewall, &targets, &ports);
    }
    store.remove(Kind::Ports, &endpoint.device)
}

/// Deletes elements, those of them that are there and lead where we think; the others are somebody else's by now.
pub fn delete_entries(firewall: &mut Firewall, entries: &[Entry]) -> Result<()> {
    let mut changes = Vec::new();
    for entry in entries {
        if firewall.data(entry).doing("look into the map", &entry.set)?.as_ref() == Some(&entry.data) {
            changes.push(entry.delete());
        }
    }
    firewall.transact(&changes).map_err(|(_, refusal)| refusal).doing("withdraw ports from", &ruleset::TABLE)
}

/// UDP has no end: a peer that keeps sending would be led where its first datagram went for ever. So what is tracked of the
/// host's port and of the sandbox's is forgotten whenever either changes. A kernel that cannot say has nothing to forget.
fn forget_connections(firewall: &mut Firewall, targets: &Targets, ports: &[Published]) {
    for ipv4 in [true, false] {
        let concerned: Vec<&Published> = ports.iter().filter(|p| p.protocol == Protocol::Udp).collect();
        let target = targets.get(ipv4);
        if concerned.is_empty() || target.is_none() {
            continue;
        }
        for connection in firewall.connections(family(ipv4)).unwrap_or_default() {
            let (original, reply) = (&connection.original, &connection.reply);
            let (Some((_, host_port)), Some((port, _))) = (original.ports, reply.ports) else { continue };
            let by_host_port = concerned.iter().any(|p| host_port == p.host_port);
            let by_target = target == Some(reply.source) && concerned.iter().any(|p| port == p.port);
            if original.protocol == Protocol::Udp.number() && (by_host_port || by_target) {
                let _ = firewall.forget(&connection);
            }
        }
    }
}

/// Whether these ports are what `specs` ask for; a port that was to be chosen may be any.
#[must_use]
pub fn are(ports: &[Published], specs: &[Spec]) -> bool {
    let wanted: Vec<_> = specs.iter().flat_map(Spec::expand).collect();
    let is = |(published, wanted): (&Published, &publish::Wanted)| {
        // The network's own host address stands where none was named.
        wanted.host.is_none_or(|host| published.host == Some(host))
            && wanted.host_port.is_none_or(|port| published.host_port == port)
            && (published.protocol, published.port) == (wanted.protocol, wanted.port)
    };
    ports.len() == wanted.len() && ports.iter().zip(&wanted).all(is)
}

/// A port cannot be published where nothing leads in.
pub fn refuse_internal(network: &Network, specs: &[Spec]) -> Result<()> {
    if network.internal && !specs.is_empty() {
        let why = ["network ", &network.name, " is internal: nothing leads into it"].concat();
        return Err(Failure::Port { port: "-p".to_owned(), why }.into());
    }
    Ok(())
}
