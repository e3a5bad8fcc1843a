//! Where networks and endpoints are not what their records say: asked of the kernel, part by part, changing nothing.
//!
//! The list of parts is `difference`'s; what is asked here is what the recipes `create` and `attach` make.

use std::net::IpAddr;

use crate::error::{Doing, Result};
use crate::firewall::compare::{tables, unpublished};
use crate::firewall::{host, rebuild};
use crate::kernel::link::LOOPBACK_INDEX;
use crate::kernel::route::{RT_TABLE_MAIN, RTN_UNICAST};
use crate::kernel::{Link, PortFacts, Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::model::ports::PublishedPorts;
use crate::network::difference::{Difference, Findings, OfEndpoint, OfNetwork};
use crate::network::{bridge, default_route, endpoints};
use crate::session::Session;
use crate::store::{self, Store, networks};
use crate::sys::netns::Netns;
use crate::types::mac::Mac;

/// Looks at the host, and from it into sandboxes.
#[derive(Debug)]
pub struct Look<'a> {
    session: &'a Session,
    store: &'a Store,
    host: Rtnl,
    home: Netns,
    /// The recorded ports of all that live, once somebody has asked.
    living: Option<Vec<PublishedPorts>>,
}

/// A sandbox's interface, seen from inside.
#[derive(Debug)]
pub struct Inside {
    /// rtnetlink in the sandbox.
    pub rtnl: Rtnl,
    /// The interface that the port leads to; none when it is not in this sandbox any more.
    pub interface: Option<Link>,
}

impl<'a> Look<'a> {
    /// From the namespace that this process is in.
    pub fn new(session: &'a Session, store: &'a Store) -> Result<Self> {
        Ok(Self { session, store, host: session.rtnl()?, home: Session::home()?, living: None })
    }

    /// All of `networks`, their endpoints, and our tables.
    pub fn everything(&mut self, networks: &[Network]) -> Result<Findings> {
        let of_tables = tables(&self.host, self.store, &networks::all(self.store)?)?;
        let firewall = of_tables.into_iter().map(Difference::Firewall).collect();
        let mut findings = Findings { firewall, networks: Vec::new() };
        for network in networks {
            let differences = self.network(network)?;
            let mut of_endpoints = Vec::new();
            for endpoint in endpoints::of_network_wherever(&mut self.host, self.store, network)? {
                let differences = self.endpoint(network, &endpoint)?;
                if !differences.is_empty() {
                    of_endpoints.push(OfEndpoint { endpoint, differences });
                }
            }
            findings.networks.push(OfNetwork { network: network.clone(), differences, endpoints: of_endpoints });
        }
        Ok(findings)
    }

    /// The bridge, and the kernel's parameters for it.
    fn network(&mut self, network: &Network) -> Result<Vec<Difference>> {
        let name = network.bridge.to_string();
        let link = self.host.link(Selector::Name(&name)).doing("look up interface", &name)?;
        let Some(link) = link else { return Ok(vec![Difference::BridgeMissing(name)]) };
        if !link.is("bridge") {
            let kind = link.kind.unwrap_or_else(|| "a physical one".to_owned());
            return Ok(vec![Difference::NotABridge(name, kind)]);
        }
        let mut found = Vec::new();
        if !link.is_up() {
            found.push(Difference::BridgeDown(name.clone()));
        }
        // Of an adopted one it is its owner's; of one without a port it is the kernel's.
        if !network.adopted && link.carrier == Some(1) && link.mtu != network.mtu() {
            found.push(Difference::BridgeMtu(name.clone(), link.mtu, network.mtu()));
        }
        let has = self.host.addresses_of(link.index).doing("list the addresses of", &name)?;
        for (address, subnet) in bridge::addresses(network) {
            if !has.iter().any(|has| has.local == address && has.prefix_len == subnet.prefix_len()) {
                found.push(Difference::BridgeAddress(name.clone(), address, subnet.prefix_len()));
            }
        }
        for parameter in host::parameters(network)?.into_iter().chain(bridge::parameters(network)) {
            if let Some(is) = parameter.differs() {
                found.push(Difference::Parameter(parameter.path, is, parameter.value));
            }
        }
        Ok(found)
    }

    /// The host's side of an endpoint, the sandbox's, and its ports. Nothing of one that is gone or not finished: `gc` knows those.
    pub fn endpoint(&mut self, network: &Network, endpoint: &Endpoint) -> Result<Vec<Difference>> {
        let index = endpoint.index;
        let port = self.host.link(Selector::Index(index)).doing("look up interface", &endpoint.device)?;
        let Some(port) = port.filter(|port| port.name == endpoint.device) else { return Ok(Vec::new()) };
        let inside = self.inside(endpoint, &port)?;
        let up = inside.as_ref().and_then(|inside| inside.interface.as_ref()).is_some_and(Link::is_up);
        if !endpoint.is_recorded() && !up {
            return Ok(Vec::new());
        }
        let published = PublishedPorts::new(endpoint, store::endpoints::published(self.store, endpoint)?);
        let mut found = self.port(network, &port, !published.ports.is_empty())?;
        if let Some(inside) = inside {
            found.extend(self.interface(network, endpoint, inside)?);
        }
        if !published.ports.is_empty() {
            let living = match self.living.take() {
                Some(living) => living,
                None => rebuild::living(&self.host, self.store)?,
            };
            found.extend(unpublished(&self.host, &living, &published)?.into_iter().map(Difference::Unpublished));
            self.living = Some(living);
        }
        Ok(found)
    }

    fn port(&mut self, network: &Network, port: &Link, publishes: bool) -> Result<Vec<Difference>> {
        let device = || port.name.clone();
        let mut found = Vec::new();
        let bridge = bridge::index(&self.host, network)?;
        if port.master.is_none() || port.master != bridge {
            found.push(Difference::OffBridge(device(), network.bridge.to_string()));
        }
        if !port.is_up() {
            found.push(Difference::PortDown(device()));
        }
        if !network.adopted && port.mtu != network.mtu() {
            found.push(Difference::PortMtu(device(), port.mtu, network.mtu()));
        }
        let (facts, wanted) = (PortFacts::of(port), bridge::port_options(network, publishes));
        // A kernel that does not say cannot do it either.
        for (option, is, should) in
            [("isolated", facts.isolated, wanted.isolated), ("hairpin", facts.hairpin, Some(wanted.hairpin))]
        {
            let should = should.unwrap_or_default();
            if is.is_some_and(|is| is != should) {
                found.push(Difference::PortOption(device(), option, should));
            }
        }
        Ok(found)
    }

    fn interface(&mut self, network: &Network, endpoint: &Endpoint, inside: Inside) -> Result<Vec<Difference>> {
        let Inside { mut rtnl, interface } = inside;
        let Some(interface) = interface else {
            return Ok(vec![Difference::InterfaceMissing(endpoint.ifname.clone())]);
        };
        let name = || endpoint.ifname.clone();
        let mut found = Vec::new();
        if interface.name != endpoint.ifname {
            found.push(Difference::InterfaceName(interface.name.clone(), name()));
        }
        let mac = Mac::from_bytes(&interface.address).unwrap_or(endpoint.mac);
        if mac != endpoint.mac {
            found.push(Difference::InterfaceMac(name(), mac, endpoint.mac));
        }
        if interface.mtu != network.mtu() {
            found.push(Difference::InterfaceMtu(name(), interface.mtu, network.mtu()));
        }
        let loopback = rtnl.link(Selector::Index(LOOPBACK_INDEX)).doing("look up interface", "lo")?;
        if loopback.is_some_and(|loopback| !loopback.is_up()) {
            found.push(Difference::LoopbackDown);
        }
        let has = rtnl.addresses_of(interface.index).doing("list the addresses of", endpoint.label())?;
        for address in endpoint.addresses().addresses() {
            let prefix_len = network.pool_of(address).map_or(0, |pool| pool.subnet.prefix_len());
            if !has.iter().any(|has| has.local == address && has.prefix_len == prefix_len) {
                found.push(Difference::Address(name(), address, prefix_len));
            }
        }
        if !interface.is_up() {
            found.push(Difference::InterfaceDown(name()));
        }
        for gateway in self.missing_default_routes(network, endpoint, &mut rtnl)? {
            found.push(Difference::DefaultRoute(gateway, name()));
        }
        Ok(found)
    }

    /// The gateways of the families that the sandbox has no default route of, be it another's, where it is this endpoint that gives it.
    fn missing_default_routes(&self, network: &Network, endpoint: &Endpoint, inside: &mut Rtnl) -> Result<Vec<IpAddr>> {
        let mut missing = Vec::new();
        for pool in network.pools.iter().filter(|_| !network.internal) {
            let family = pool.family();
            if endpoint.address(family).is_none() {
                continue;
            }
            let routes = inside.routes(family).doing("list the routes of", endpoint.label())?;
            let leads_out = routes
                .iter()
                .any(|route| route.prefix_len == 0 && route.table == RT_TABLE_MAIN && route.kind == RTN_UNICAST);
            if !leads_out && default_route::is_given_by(&self.host, self.store, endpoint, family)? {
                missing.push(pool.gateway);
            }
        }
        Ok(missing)
    }

    /// The sandbox's side of an endpoint whose host's side is `port`; none where there is no way in, or nobody can tell that it is
    /// the right one.
    ///
    /// Which interface it is the host's side says, by index: names and addresses inside are the sandbox's own to choose.
    pub fn inside(&mut self, endpoint: &Endpoint, port: &Link) -> Result<Option<Inside>> {
        let Ok(namespace) = endpoints::namespace(&mut self.host, endpoint) else { return Ok(None) };
        let Some(id) = endpoints::identity(&mut self.host, &namespace)?.filter(|id| *id >= 0) else { return Ok(None) };
        let Ok(mut rtnl) = Rtnl::open_in(&namespace, &self.home, self.session.report) else { return Ok(None) };
        if port.link_netnsid != Some(id) {
            return Ok(Some(Inside { rtnl, interface: None }));
        }
        let peer = endpoints::peer_index(port);
        let interface = rtnl.link(Selector::Index(peer)).doing("look up interface", &endpoint.ifname)?;
        Ok(Some(Inside { rtnl, interface }))
    }

    /// rtnetlink on the host.
    pub fn host(&mut self) -> &mut Rtnl {
        &mut self.host
    }
}
