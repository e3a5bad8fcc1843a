//! Who has a port of the host: another endpoint, also by way of "every address", or a process.

use std::net::IpAddr;

use super::elements;
use super::ruleset::PUBLISH_ON;
use crate::error::{Doing, Errno, Error, Result};
use crate::kernel::nftables::{Element, Nftables};
use crate::kernel::{Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::lease;
use crate::model::network::Network;
use crate::model::ports::{PortMapping, PublishedPort};
use crate::sandbox::abandoned;
use crate::store::{Store, endpoints, networks};
use crate::sys::{bind, random};
use crate::types::family::PerFamily;

/// The ports that an endpoint takes, one after the other; each is free, or is refused.
pub struct PortCheck<'a> {
    rtnl: &'a mut Rtnl,
    nftables: Nftables,
    store: &'a Store,
    network: &'a Network,
    targets: PerFamily<Option<IpAddr>>,
    taken: Vec<PublishedPort>,
    /// Addresses that have been found to be one host's.
    hosts: Vec<IpAddr>,
}

impl<'a> PortCheck<'a> {
    /// For ports of `endpoint`.
    pub fn new(rtnl: &'a mut Rtnl, store: &'a Store, network: &'a Network, endpoint: &Endpoint) -> Result<Self> {
        let nftables = rtnl.nftables().doing("open", "a netfilter socket")?;
        Ok(Self { rtnl, nftables, store, network, targets: endpoint.addresses(), taken: Vec::new(), hosts: Vec::new() })
    }

    /// What has been taken.
    #[must_use]
    pub fn taken(self) -> Vec<PublishedPort> {
        self.taken
    }

    /// Takes the port that `mapping` names, or one that is free where it names none.
    pub fn take(&mut self, mapping: PortMapping) -> Result<()> {
        let host = mapping.host.or_else(|| self.network.default_host());
        let named = |port| PublishedPort { host, ..mapping.on(port) };
        let port = match mapping.host_port {
            None => self.choose(named(0))?,
            Some(port) => match self.objection(&named(port))? {
                None => named(port),
                Some(why) => return Err(Error::Port { port: named(port).named(), why }.into()),
            },
        };
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
        if self.taken.iter().any(|other| other.meets(port)) {
            return Ok(Some("the port is named twice".to_owned()));
        }
        let elements = elements::of_port(port, self.targets);
        if elements.is_empty() {
            return Ok(Some(format!("network {} has no subnet of that family", self.network.name)));
        }
        for element in elements {
            for rival in self.rivals(&element, port)? {
                if let Some(holder) = self.holder_of(&rival)? {
                    return Ok(Some(format!("the port is already published by {holder}")));
                }
            }
        }
        self.process_objection(port)
    }

    /// The elements that must not be there for `element` to be had: itself, and for one address "every address", and the reverse,
    /// be it an address that the host lists or another one of 127.0.0.0/8.
    fn rivals(&mut self, element: &Element, port: &PublishedPort) -> Result<Vec<Element>> {
        let mut rivals = vec![element.clone()];
        if element.set == PUBLISH_ON {
            rivals.push(elements::of_host_port(element.family.unspecified(), port));
        } else {
            rivals.extend(self.nftables.ending_as(element, PUBLISH_ON).doing("look into the map", PUBLISH_ON)?);
        }
        Ok(rivals)
    }

    /// Who has published a port; an element whose endpoint is gone is garbage, and removed.
    fn holder_of(&mut self, element: &Element) -> Result<Option<String>> {
        let Some(data) = self.nftables.data(element).doing("look into the map", element.set)? else { return Ok(None) };
        if let Some((address, port)) = elements::target(element.family, &data)
            && let Some(holder) = self.endpoint_at(address)?
        {
            return Ok(Some(format!("{holder} ({address}:{port})")));
        }
        let withdrawn = self.nftables.transact(&[element.delete()]);
        withdrawn.doing("withdraw a port of an endpoint that is gone from", element.set)?;
        Ok(None)
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
        let has = PerFamily { v4: self.targets.v4.is_some(), v6: self.targets.v6.is_some() };
        for address in port.hosts(has) {
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
