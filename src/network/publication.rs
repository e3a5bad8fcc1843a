//! Publishing ports and withdrawing them: elements of the maps `publish_on` and `publish_any`.
//!
//! The ports are recorded before they are published, under the name of the device, so that whatever stops us, the record leads
//! to the elements. Only with the lock held alone: an address of the host's own and "every address" conflict, and the maps do
//! not know.

use core::net::IpAddr;

use pontoon_netlink::Request;
use pontoon_netlink::bytes;
use pontoon_netlink::netfilter::element::concatenate;

use super::definition::Network;
use super::endpoint::{self, Endpoint};
use super::firewall::{self, family, octets};
use super::publish::{self, ANY, Protocol, Published, Record};
use super::undo::{Step, Undo};
use super::{lease, look, options, registry};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::firewall::{Entry, Firewall};
use crate::kernel::{Rtnl, ruleset};
use crate::prelude::*;
use crate::store::{Kind, Store};
use crate::sys::{Errno, port, random};

/// How many ports are tried before the host is said to have none left.
const CHOICES: u32 = 256;

/// Publishes what is `wanted`: all of it or nothing.
pub fn publish(
    rtnl: &mut Rtnl,
    store: &Store,
    network: &Network,
    endpoint: &Endpoint,
    wanted: &[Published],
    undo: &mut Undo,
) -> Result<()> {
    let mut firewall = firewall::open(rtnl)?;
    let mut finder = Finder { rtnl, store, firewall: &mut firewall, endpoint, ports: Vec::new() };
    for port in wanted {
        let mut published = *port;
        if published.host.is_none() {
            published.host = default_host(network);
        }
        if published.host_port == 0 {
            finder.choose(&mut published)?;
        } else {
            finder.check(&published)?;
        }
        finder.ports.push(published);
    }
    let ports = finder.ports.leak();
    let record = Record::new(endpoint, ports);
    undo.note(Step::RemoveRecord(Kind::Ports, endpoint.device));
    store.write(Kind::Ports, endpoint.device, &record.to_json())?;
    let entries = entries_of(record);
    let mut changes = Vec::new();
    ask(entries, Entry::create, &mut changes);
    match firewall.transact(&changes) {
        // Somebody deleted the table of one family. What is recorded, ours included, is what it will have.
        Err(refusal) if refusal.errno == Errno::NOENT => firewall::rebuild(rtnl, store, registry::all(store)?)?,
        outcome => outcome.doing("publish the ports of", &endpoint.sandbox)?,
    }
    undo.note(Step::DeleteEntries(entries));
    forget_connections(&mut firewall, record);
    Ok(())
}

/// The network's own host address for ports that name none.
fn default_host(network: &Network) -> Option<&'static IpAddr> {
    let host: IpAddr = network.option(options::HOST_BINDING_IPV4)?.parse().ok()?;
    (host.is_ipv4() && !host.is_unspecified()).then(|| &*stay(host))
}

/// Finds out what can be published for an endpoint.
struct Finder<'a> {
    rtnl: &'a mut Rtnl,
    store: &'a Store,
    firewall: &'a mut Firewall,
    endpoint: &'a Endpoint,
    /// Those of its ports that can be.
    ports: Vec<Published>,
}

impl Finder<'_> {
    /// Refuses a port that somebody has: another endpoint, also by way of "every address", or a process of the host.
    fn check(&mut self, published: &Published) -> Result<()> {
        match self.obstacle(published)? {
            None => Ok(()),
            Some(why) => Err(refusal(published, why)),
        }
    }

    /// Why a port cannot be published.
    fn obstacle(&mut self, published: &Published) -> Result<Option<Text>> {
        if self.ports.iter().any(|other| conflict(other, published)) {
            return Ok(Some("the port is named twice"));
        }
        let hosts = published.hosts(self.endpoint.addresses());
        if hosts.is_empty() {
            return Ok(Some(text!("network {} has no subnet of that family", self.endpoint.network)));
        }
        for host in hosts {
            for rival in self.rivals(published, host)? {
                let Some(data) = data(self.firewall, rival)? else { continue };
                if let Some(holder) = self.holder(data)? {
                    return Ok(Some(text!("the port is already published by {holder}")));
                }
                // Its endpoint is gone: the element is garbage.
                let withdrawn = self.firewall.transact(&[rival.delete()]);
                withdrawn.doing("withdraw a port of an endpoint that is gone from", &rival.set())?;
            }
        }
        for host in hosts {
            match port::probe(host, published.host_port, published.protocol.number()) {
                // A port that we may not bind, we may still translate.
                Ok(()) | Err(Errno::ACCESS) => {}
                Err(Errno::ADDRINUSE) => return Ok(Some("the port is in use by a process of this host")),
                Err(Errno::ADDRNOTAVAIL) => return Ok(Some(text!("{host} is no address of this host"))),
                Err(errno) => return Err(Error::system("try port", &named(published), errno)),
            }
        }
        Ok(None)
    }

    /// What must be free for the port of `host` to be had: itself, and for one address that of "every address", and the reverse,
    /// be it an address that the host lists or another one of 127.0.0.0/8.
    fn rivals(&mut self, published: &Published, host: &IpAddr) -> Result<Vec<&'static Entry>> {
        let own = port_entry(host, published, &[]);
        let mut rivals = vec![own];
        if host.is_unspecified() {
            let found = self.firewall.find_ending(own, ruleset::PUBLISH_ON, &mut rivals);
            found.doing("look into the map", &ruleset::PUBLISH_ON)?;
        } else {
            let [ipv4, ipv6] = &ANY;
            rivals.push(port_entry(if host.is_ipv4() { ipv4 } else { ipv6 }, published, &[]));
        }
        Ok(rivals)
    }

    /// Gives `published` a port that is free, out of those the host gives out by itself.
    fn choose(&mut self, published: &mut Published) -> Result<()> {
        let (first, last) = port::local_range();
        let count = u32::from(last - first) + 1;
        let mut start = [0; 4];
        random::fill(&mut start).doing("get", &"random bytes")?;
        let start = u32::from_ne_bytes(start);
        for step in 0..CHOICES.min(count) {
            let offset = u16::try_from(start.wrapping_add(step) % count).unwrap_or_default();
            published.host_port = first.saturating_add(offset);
            if self.obstacle(published)?.is_none() {
                return Ok(());
            }
        }
        published.host_port = 0;
        Err(refusal(published, "no free port of this host was found"))
    }

    /// Who has the target that a map's data names, when its endpoint lives: `container1 (172.17.0.2:80)`.
    fn holder(&mut self, data: &[u8]) -> Result<Option<Text>> {
        // Behind the address, the port and two bytes that fill it up.
        let Some((address, [high, low, ..])) = data.split_last_chunk::<4>() else { return Ok(None) };
        let Some(address) = bytes::ip(address) else { return Ok(None) };
        let owner = self.owner(&address)?;
        Ok(owner.map(|owner| text!("{owner} ({address}:{})", u16::from_be_bytes([*high, *low]))))
    }

    /// The endpoint that has an address, when it lives.
    fn owner(&mut self, address: &IpAddr) -> Result<Option<Text>> {
        for network in registry::all(self.store)? {
            let Some(pool) = network.pool(address.is_ipv4()) else { continue };
            if !pool.subnet.contains(address) {
                continue;
            }
            for endpoint in endpoint::records_of(self.store, network)? {
                if endpoint.lease == *address || endpoint.ipv6 == Some(*address) {
                    return Ok(endpoint.lives(self.rtnl)?.then_some(endpoint.sandbox));
                }
            }
            // Not recorded: the device itself tells.
            let link = look::link(self.rtnl, lease::device_name(&pool.subnet, address))?;
            return Ok(link.map(|link| text!("interface {}", link.name)));
        }
        Ok(None)
    }
}

/// Adds a request for each of `entries` to `requests`.
pub fn ask(entries: &[&'static Entry], request: fn(&Entry) -> Request, requests: &mut Vec<Request>) {
    for entry in entries {
        requests.push(request(entry));
    }
}

/// The elements of an endpoint's ports.
fn entries_of(record: &Record) -> &'static [&'static Entry] {
    let mut entries = Vec::new();
    for published in record.ports {
        for host in published.hosts(record.targets) {
            let Some(target) = record.targets.iter().find(|target| target.is_ipv4() == host.is_ipv4()) else {
                continue;
            };
            let data = concatenate(&[octets(target), &published.port.to_be_bytes()]).leak();
            entries.push(port_entry(host, published, data));
        }
    }
    entries.leak()
}

/// The element for a port of `host`, of every address where that is the unspecified one.
fn port_entry(host: &IpAddr, published: &Published, data: &'static [u8]) -> &'static Entry {
    let mut set = ruleset::PUBLISH_ON;
    let mut address = octets(host);
    if host.is_unspecified() {
        (set, address) = (ruleset::PUBLISH_ANY, &[]);
    }
    let key = concatenate(&[address, &[published.protocol.number()], &published.host_port.to_be_bytes()]);
    Entry::new(family(host.is_ipv4()), set, key.leak(), data)
}

/// Whether two ports that are asked for together are the same for some address.
fn conflict(one: &Published, other: &Published) -> bool {
    if one.host_port != other.host_port || one.protocol != other.protocol {
        return false;
    }
    let (Some(a), Some(b)) = (one.host, other.host) else { return true };
    a.is_ipv4() == b.is_ipv4() && (a == b || a.is_unspecified() || b.is_unspecified())
}

/// A port as errors name it: `8080/tcp`, `127.0.0.1:8080/tcp`.
fn named(published: &Published) -> Text {
    text!("{}/{}", published.socket(), published.protocol.name())
}

fn refusal(published: &Published, why: Text) -> Error {
    Failure::Port { port: named(published), why }.into()
}

/// The elements of all ports of devices that live, from the records.
pub fn all_entries(rtnl: &Rtnl, store: &Store) -> &'static [&'static Entry] {
    let mut entries = Vec::new();
    let Ok(records) = store.all(Kind::Ports) else { return &[] };
    for (_, json) in records {
        let Some(record) = Record::from_json(json) else { continue };
        if rtnl.index_of(record.device) == Ok(Some(record.index)) {
            for entry in entries_of(record) {
                entries.push(*entry);
            }
        }
    }
    entries.leak()
}

/// Publishes again what is recorded of an endpoint, where it is missing.
pub fn restore(rtnl: &Rtnl, store: &Store, endpoint: &Endpoint) -> Result<()> {
    let ports = publish::of_endpoint(store, endpoint)?;
    let record = Record::new(endpoint, ports);
    let mut changes = Vec::new();
    ask(entries_of(record), Entry::add, &mut changes);
    if changes.is_empty() {
        return Ok(());
    }
    firewall::open(rtnl)?.transact(&changes).doing("publish the ports of", &endpoint.sandbox)
}

/// Withdraws the ports recorded under the endpoint's device: its own, or those of one that had the device's name before.
pub fn withdraw(rtnl: &Rtnl, store: &Store, endpoint: &Endpoint) -> Result<()> {
    let Some(json) = store.read(Kind::Ports, endpoint.device)? else { return Ok(()) };
    if let Some(record) = Record::from_json(json)
        && let Ok(mut firewall) = rtnl.firewall()
    {
        delete_entries(&mut firewall, entries_of(record))?;
        forget_connections(&mut firewall, record);
    }
    store.remove(Kind::Ports, endpoint.device)
}

/// Deletes elements, those of them that are there and lead where we think; the others are somebody else's by now.
pub fn delete_entries(firewall: &mut Firewall, entries: &[&'static Entry]) -> Result<()> {
    let mut changes = Vec::new();
    for entry in entries {
        if data(firewall, entry)? == Some(entry.data()) {
            changes.push(entry.delete());
        }
    }
    firewall.transact(&changes).doing("withdraw ports from", &ruleset::TABLE)
}

/// What the map gives for the key of `entry`; none when it is not there.
fn data(firewall: &mut Firewall, entry: &Entry) -> Result<Option<&'static [u8]>> {
    firewall.data(entry).doing("look into the map", &entry.set())
}

/// UDP has no end: a peer that keeps sending would be led where its first datagram went for ever. So what is tracked of the
/// host's port and of the sandbox's is forgotten whenever either changes. A kernel that cannot say has nothing to forget.
fn forget_connections(firewall: &mut Firewall, record: &Record) {
    let concerned = |is: &dyn Fn(&Published) -> bool| record.ports.iter().any(|p| p.protocol == Protocol::Udp && is(p));
    if !concerned(&|_| true) {
        return;
    }
    for target in record.targets {
        let Ok(connections) = firewall.connections(family(target.is_ipv4())) else { continue };
        for connection in connections {
            let (original, reply) = (&connection.original, &connection.reply);
            let (Some((_, host_port)), Some((port, _))) = (original.ports, reply.ports) else { continue };
            if original.protocol == Protocol::Udp.number()
                && concerned(&|p| host_port == p.host_port || *target == reply.source && port == p.port)
            {
                let _ = firewall.forget(connection);
            }
        }
    }
}

/// Whether these ports are what is `wanted`.
#[must_use]
pub fn are(ports: &[Published], wanted: &[Published]) -> bool {
    ports.len() == wanted.len() && ports.iter().zip(wanted).all(|(port, wanted)| port.is(wanted))
}

/// A port cannot be published where nothing leads in.
pub fn refuse_internal(network: &Network, wanted: &[Published]) -> Result<()> {
    if network.internal && !wanted.is_empty() {
        let why = text!("network {} is internal: nothing leads into it", network.name);
        return Err(Failure::Port { port: "-p", why }.into());
    }
    Ok(())
}
