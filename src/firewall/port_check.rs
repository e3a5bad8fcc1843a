//! Who has a port of the host: another endpoint, also by way of "every address", or a process.
//!
//! An endpoint has what the kernel's maps say and what its record says: somebody may have flushed the maps, and whoever died between
//! the record and the publication comes back to it. A few ports are looked up in the kernel's maps one by one, which costs the same however many are published. For many, such as a
//! range, the maps are read once.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::elements;
use super::port_set::{self, PortSet};
use super::ruleset::{PUBLISH_ANY, PUBLISH_ON};
use crate::error::{Doing, Errno, Error, Result};
use crate::kernel::nftables::{Element, Nftables};
use crate::kernel::{Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::lease;
use crate::model::network::Network;
use crate::model::ports::{PortMapping, PublishedPort, PublishedPorts};
use crate::sandbox::abandoned;
use crate::store::{Store, endpoints, networks};
use crate::sys::{bind, random};
use crate::types::family::{Family, PerFamily};

/// How many ports are looked up before the maps are read as a whole.
const FEW: u32 = 64;

/// The ports that an endpoint takes, one after the other; each is free, or is refused.
pub struct PortCheck<'a> {
    rtnl: &'a mut Rtnl,
    nftables: Nftables,
    store: &'a Store,
    network: &'a Network,
    targets: PerFamily<Option<IpAddr>>,
    taken: Vec<PublishedPort>,
    /// The same, to be found by number.
    spoken_for: PortSet,
    /// How many ports have been looked up in the maps.
    looked_up: u32,
    /// What the maps may hold, once it was read.
    published: Option<PortSet>,
    /// What is recorded of other endpoints, living or gone.
    records: Vec<PublishedPorts>,
    /// The same, to be found by number.
    recorded: PortSet,
    /// Who was found to have an address, if anybody.
    holders: BTreeMap<IpAddr, Option<String>>,
    /// Elements of endpoints that are gone.
    garbage: Vec<Element>,
    /// Addresses that have been found to be one host's.
    hosts: Vec<IpAddr>,
}

impl<'a> PortCheck<'a> {
    /// For ports of `endpoint`.
    pub fn new(rtnl: &'a mut Rtnl, store: &'a Store, network: &'a Network, endpoint: &Endpoint) -> Result<Self> {
        let nftables = rtnl.nftables().doing("open", "a netfilter socket")?;
        let mut records: Vec<PublishedPorts> = store.all()?;
        records.retain(|record| record.device != endpoint.device);
        let mut recorded = PortSet::default();
        for record in &records {
            recorded.take_in_all(record);
        }
        Ok(Self {
            rtnl,
            nftables,
            store,
            network,
            targets: endpoint.addresses(),
            taken: Vec::new(),
            spoken_for: PortSet::default(),
            looked_up: 0,
            published: None,
            records,
            recorded,
            holders: BTreeMap::new(),
            garbage: Vec::new(),
            hosts: Vec::new(),
        })
    }

    /// What has been taken; what was in the way of endpoints that are gone is withdrawn, in one transaction.
    pub fn taken(mut self) -> Result<Vec<PublishedPort>> {
        // One may have been met more than once.
        let place = |element: &Element| (element.family == Family::V6, element.set, element.key.clone());
        self.garbage.sort_by_cached_key(place);
        self.garbage.dedup();
        let withdrawn = self.nftables.delete_if_same(&self.garbage);
        withdrawn.doing("withdraw ports of endpoints that are gone from", "the firewall")?;
        Ok(self.taken)
    }

    /// Takes the port that `mapping` names, or one that is free where it names none.
    pub fn take(&mut self, mapping: PortMapping) -> Result<()> {
        let host = mapping.host.or_else(|| self.network.default_host());
        let named = |port| PublishedPort { host, ..mapping.on(port) };
        if named(0).hosts(self.targets.present()).next().is_none() {
            let why = format!("network {} has no subnet of that family", self.network.name);
            return Err(Error::Port { port: named(mapping.host_port.unwrap_or_default()).named(), why }.into());
        }
        let port = match mapping.host_port {
            None => self.choose(named(0))?,
            Some(port) => match self.objection(&named(port))? {
                None => named(port),
                Some(why) => return Err(Error::Port { port: named(port).named(), why }.into()),
            },
        };
        self.spoken_for.take_in(&port, PerFamily::BOTH);
        self.taken.push(port);
        Ok(())
    }

    /// A port that is free, out of those the host gives out by itself.
    fn choose(&mut self, wanted: PublishedPort) -> Result<PublishedPort> {
        let ports = bind::LocalPorts::read();
        let start = u32::from_ne_bytes(random::bytes().doing("get", "random bytes")?);
        for host_port in ports.from(start) {
            let candidate = PublishedPort { host_port, ..wanted };
            if self.objection(&candidate)?.is_none() {
                return Ok(candidate);
            }
        }
        Err(Error::Port { port: wanted.named(), why: "no free port of this host was found".to_owned() }.into())
    }

    /// Why a port cannot be had; none when it can.
    fn objection(&mut self, port: &PublishedPort) -> Result<Option<String>> {
        let named = |host| self.spoken_for.meeting(host, port.protocol, port.host_port).next().is_some();
        if port.hosts(PerFamily::BOTH).any(named) {
            return Ok(Some("the port is named twice".to_owned()));
        }
        for host in port.hosts(self.targets.present()) {
            for rival in self.rivals(host, port)? {
                if let Some(holder) = self.holder_of(&rival)? {
                    return Ok(Some(format!("the port is already published by {holder}")));
                }
            }
            if let Some(holder) = self.recorded_holder(host, port)? {
                return Ok(Some(format!("the port is already published by {holder}")));
            }
        }
        self.process_objection(port)
    }

    /// The elements that must not be there for `host`'s to be had: itself, and for one address "every address", and the reverse,
    /// be it an address that the host lists or another one of 127.0.0.0/8.
    fn rivals(&mut self, host: IpAddr, port: &PublishedPort) -> Result<Vec<Element>> {
        self.looked_up = self.looked_up.saturating_add(1);
        if self.looked_up > FEW && self.published.is_none() {
            self.published = Some(self.read_maps()?);
        }
        if let Some(published) = &self.published {
            // While the kernel enlarges a map, a dump of it may pass over some; of ours the records know.
            let both = [published, &self.recorded].into_iter();
            let meeting = both.flat_map(|set| set.meeting(host, port.protocol, port.host_port));
            return Ok(meeting.map(|other| elements::of_host_port(other, port)).collect());
        }
        let element = elements::of_host_port(host, port);
        let mut rivals = vec![element.clone()];
        if element.set == PUBLISH_ON {
            rivals.push(elements::of_host_port(element.family.unspecified(), port));
        } else {
            rivals.extend(self.nftables.ending_as(&element, PUBLISH_ON).doing("look into the map", PUBLISH_ON)?);
        }
        Ok(rivals)
    }

    /// What the maps hold.
    fn read_maps(&mut self) -> Result<PortSet> {
        let mut published = PortSet::default();
        for family in Family::BOTH {
            // Every key ends as no key does.
            let any = elements::of_any_key(family, PUBLISH_ANY);
            for map in [PUBLISH_ANY, PUBLISH_ON] {
                let found = self.nftables.ending_as(&any, map).doing("look into the map", map)?;
                for (host, protocol, port) in found.iter().filter_map(elements::host_port) {
                    published.insert(host, protocol, port);
                }
            }
        }
        Ok(published)
    }

    /// The living endpoint that a port is recorded of, whether or not the maps have it.
    fn recorded_holder(&mut self, host: IpAddr, port: &PublishedPort) -> Result<Option<String>> {
        if self.recorded.meeting(host, port.protocol, port.host_port).next().is_none() {
            return Ok(None);
        }
        for record in port_set::meeting(&self.records, host, port) {
            if self.rtnl.has_link(&record.device, record.index)? && !abandoned::is_gone_soon(self.rtnl, &record.device)?
            {
                return Ok(Some(endpoints::named(self.store, record)?));
            }
        }
        Ok(None)
    }

    /// Who has published a port; an element whose endpoint is gone is garbage.
    fn holder_of(&mut self, element: &Element) -> Result<Option<String>> {
        let Some(data) = self.nftables.data(element).doing("look into the map", element.set)? else { return Ok(None) };
        if let Some((address, port)) = elements::target(element.family, &data)
            && let Some(holder) = self.holder_at(address)?
        {
            return Ok(Some(format!("{holder} ({address}:{port})")));
        }
        self.garbage.push(Element { data, ..element.clone() });
        Ok(None)
    }

    /// As [`Self::endpoint_at`], asked once.
    fn holder_at(&mut self, address: IpAddr) -> Result<Option<String>> {
        if let Some(known) = self.holders.get(&address) {
            return Ok(known.clone());
        }
        let holder = self.endpoint_at(address)?;
        self.holders.insert(address, holder.clone());
        Ok(holder)
    }

    /// The endpoint that has `address` and lives.
    fn endpoint_at(&mut self, address: IpAddr) -> Result<Option<String>> {
        for network in networks::all(self.store)? {
            let Some(pool) = network.pool_of(address).filter(|pool| pool.subnet.contains(address)) else { continue };
            let mut recorded = endpoints::of_network(self.store, &network)?;
            recorded.retain(|endpoint| endpoint.addresses().addresses().any(|own| own == address));
            if let Some(endpoint) = recorded.pop() {
                let lives = self.rtnl.has_link(&endpoint.device, endpoint.index)?
                    && !abandoned::is_gone_soon(self.rtnl, &endpoint.device)?;
                return Ok(lives.then_some(endpoint.sandbox));
            }
            // Not recorded: the device itself tells.
            let device = lease::device_name(&pool.subnet, address);
            let link = self.rtnl.link(Selector::Name(&device)).doing("look up interface", &device)?;
            return Ok(link.map(|link| format!("interface {}", link.name)));
        }
        Ok(None)
    }

    /// Whether an address is one host's, unlike multicast and broadcast; each is looked at once.
    fn is_hosts(&mut self, address: IpAddr) -> Result<bool> {
        if address.is_unspecified() || self.hosts.contains(&address) {
            return Ok(true);
        }
        let for_many = bind::is_for_many(address).doing("look at address", address)?;
        if !for_many {
            self.hosts.push(address);
        }
        Ok(!for_many)
    }

    /// Why no process of the host could listen on a port now.
    fn process_objection(&mut self, port: &PublishedPort) -> Result<Option<String>> {
        for address in port.hosts(self.targets.present()) {
            if !self.is_hosts(address)? {
                return Ok(Some(format!("{address} is no address of this host")));
            }
            match bind::try_port(address, port.host_port, port.protocol.number()) {
                // A port that we may not bind, we may still translate.
                Ok(()) | Err(Errno::ACCESS) => {}
                Err(Errno::ADDRINUSE) => return Ok(Some("the port is in use by a process of this host".to_owned())),
                Err(Errno::ADDRNOTAVAIL) => return Ok(Some(format!("{address} is no address of this host"))),
                Err(errno) => return Err(errno).doing("try port", port.named()),
            }
        }
        Ok(None)
    }
}
