//! Checking networks: who is to reach whom is tried from inside every sandbox.

use std::net::IpAddr;
use std::time::Duration;

use super::pinger::Pinger;
use super::plan::{Coverage, Group, Interface, MOST_IN_FULL, Member, Plan};
use crate::error::{Report, Result};
use crate::kernel::{Address, Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::network::{Network, Pool};
use crate::network::{bridge, endpoints};
use crate::session::Session;
use crate::store::Store;
use crate::sys::netns::Netns;
use crate::types::mac::Mac;

/// Pings everybody on `networks` from everybody, or, on a network of many and not in `full`, from some; `patience` is how long to
/// wait for an answer that is expected.
pub fn check<'a>(session: &Session, networks: &'a [Network], full: bool, patience: Duration) -> Result<Plan<'a>> {
    let mut survey = Survey {
        host: session.rtnl()?,
        home: Session::home()?,
        store: session.records(),
        pinger: Pinger::new(session)?,
        plan: Plan::default(),
        report: session.report,
        full,
    };
    for network in networks {
        survey.add(network)?;
    }
    let Survey { pinger, mut plan, .. } = survey;
    pinger.run(&mut plan, patience)?;
    Ok(plan)
}

/// Finds out who is on the networks.
struct Survey<'s, 'a> {
    host: Rtnl,
    home: Netns,
    store: Store,
    pinger: Pinger<'s>,
    plan: Plan<'a>,
    report: Report,
    full: bool,
}

impl<'a> Survey<'_, 'a> {
    /// Adds who is on a network, family by family, with a place to send from for each.
    fn add(&mut self, network: &'a Network) -> Result<()> {
        let bridge = bridge::index(&self.host, network)?;
        let endpoints = endpoints::of_network_wherever(&mut self.host, &self.store, network)?;
        let new = |pool: &Pool| Group::new(network, pool.subnet, bridge.is_none());
        let mut groups: Vec<Group<'a>> = network.pools.iter().map(new).collect();
        if let Some(bridge) = bridge
            && !endpoints.is_empty()
        {
            let inside = self.host.addresses_of(bridge).unwrap_or_default();
            for (group, pool) in groups.iter_mut().zip(&network.pools) {
                let interface = interface(&mut self.host, &inside, pool.gateway, None);
                let place = self.pinger.place(&self.home, pool.family()).map_err(|error| error.to_string());
                group.members.push(Member { name: "host".to_owned(), address: pool.gateway, interface, place });
            }
        }
        for endpoint in &endpoints {
            self.join(&mut groups, endpoint);
        }
        // One thing is missing, be it for one family or two.
        groups.truncate(if bridge.is_none() { 1 } else { groups.len() });
        for mut group in groups {
            if !self.full && group.members.len() > MOST_IN_FULL + 1 {
                group.coverage = Coverage::Ring;
            }
            self.plan.add(group);
        }
        Ok(())
    }

    /// Makes an endpoint a member of its network's groups.
    fn join(&mut self, groups: &mut [Group<'a>], endpoint: &Endpoint) {
        let namespace = endpoints::namespace(&mut self.host, endpoint);
        let mut inside = namespace.as_ref().ok().and_then(|it| Rtnl::open_in(it, &self.home, self.report).ok());
        let addresses = inside.as_mut().and_then(|inside| inside.addresses().ok()).unwrap_or_default();
        for group in groups {
            let family = group.subnet.family();
            let Some(address) = endpoint.address(family) else { continue };
            let place = match &namespace {
                Ok(namespace) => self.pinger.place(namespace, family).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            let given = Interface { index: None, mac: Some(endpoint.mac) };
            let found = inside.as_mut().map(|inside| interface(inside, &addresses, address, given.mac));
            let (name, interface) = (endpoint.label().to_owned(), found.unwrap_or(given));
            group.members.push(Member { name, address, interface, place });
        }
    }
}

/// The interface that has `address`, one of `addresses`; `given` is its MAC address where it cannot be seen.
fn interface(rtnl: &mut Rtnl, addresses: &[Address], address: IpAddr, given: Option<Mac>) -> Interface {
    let index = addresses.iter().find(|known| known.local == address).map(|known| known.index);
    let link = index.and_then(|index| rtnl.link(Selector::Index(index)).ok().flatten());
    let mac = link.and_then(|link| Mac::from_bytes(&link.address)).or(given);
    Interface { index, mac }
}
