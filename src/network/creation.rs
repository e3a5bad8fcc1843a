//! Making a network: from what is wanted to a definition, and from that to a bridge.

use super::definition::{DEFAULT_NETWORK, Network, Wanted};
use super::names::{self, IfName};
use super::subnet::Subnet;
use super::undo::{Step, Undo};
use super::{bridge, firewall, id, options, pool, registry, taken, time};
use crate::error::{Doing, Failure, Result};
use crate::kernel::{Rtnl, Selector};
use crate::store::{Kind, Store};

/// Works out the definition of the network that is wanted: its id, its bridge, its subnets. Changes nothing.
pub fn define(rtnl: &mut Rtnl, store: &Store, wanted: &Wanted) -> Result<Box<Network>> {
    names::network_name(&wanted.name)?;
    let networks = registry::all(store)?;
    let id = id::random()?;
    let option = |key: &str| wanted.options.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    let (bridge, adopted) = match option(options::BRIDGE_NAME) {
        Some(name) => {
            let bridge = IfName::parse(options::BRIDGE_NAME, name)?;
            let adopted = adoptable(rtnl, &networks, &bridge)?;
            (bridge, adopted)
        }
        None => (IfName::parse("bridge", &format!("br-{}", id::short(&id)))?, None),
    };
    let mut wanted = wanted.clone();
    let present = match adopted {
        Some(index) => rtnl.addresses_of(index).doing("list the addresses of", &bridge)?,
        None => Vec::new(),
    };
    // As Docker: a bridge that has an IPv4 address already says which subnet is meant.
    if let Some(own) = present.iter().find(|address| address.local.is_ipv4()).filter(|_| wanted.subnets.is_empty()) {
        wanted.subnets.push(Subnet::around(own.local, own.prefix_len));
        if wanted.gateways.is_empty() {
            wanted.gateways.push(own.local);
        }
    }
    let mut pools = pool::choose(&wanted, &taken::all(rtnl, &networks, adopted)?)?;
    for pool in &mut pools {
        pool.gateway_was_there = present.iter().any(|address| address.local == pool.gateway);
    }
    Ok(Box::new(Network {
        name: wanted.name.clone(),
        id,
        created: time::now(),
        bridge,
        adopted: adopted.is_some(),
        internal: wanted.internal,
        ipv6: wanted.wants_ipv6(),
        pools,
        labels: wanted.labels.clone(),
        options: wanted.options.clone(),
    }))
}

/// The index of the bridge under the name that was asked for; none when the name is free.
fn adoptable(rtnl: &mut Rtnl, networks: &[Box<Network>], bridge: &IfName) -> Result<Option<u32>> {
    if let Some(network) = networks.iter().find(|network| network.bridge == *bridge) {
        return Err(Failure::BridgeTaken { bridge: bridge.to_string(), network: network.name.clone() }.into());
    }
    let link = rtnl.link(Selector::Name(bridge.as_str())).doing("look up interface", &bridge)?;
    match link {
        None => Ok(None),
        Some(link) if link.is("bridge") => Ok(Some(link.index)),
        Some(link) => {
            let kind = link.kind.unwrap_or_else(|| "a physical one".to_owned());
            Err(Failure::NotABridge { device: bridge.to_string(), kind }.into())
        }
    }
}

/// Writes the record, then makes the bridge: after a crash in between, `--ensure`, `connect` or `rm` finds the record.
pub fn make(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let mut undo = Undo::default();
    let result = record_and_build(rtnl, store, network, &mut undo);
    undo.settle(result, rtnl, store)
}

fn record_and_build(rtnl: &mut Rtnl, store: &Store, network: &Network, undo: &mut Undo) -> Result<()> {
    undo.note(Step::RemoveRecord(Kind::Network, network.name.clone()));
    store.write(Kind::Network, &network.name, &network.to_record())?;
    match bridge::existing(rtnl, network)? {
        Some(link) => {
            undo.note(Step::ReleaseBridge(Box::new(network.clone()), link.index));
            bridge::equip(rtnl, network, link.index)
        }
        None => bridge::create(rtnl, network, undo).map(drop),
    }?;
    guard(rtnl, store, network)
}

/// Lets the host forward, and writes the firewall; it, being one transaction, comes last and needs no undoing.
fn guard(rtnl: &Rtnl, store: &Store, network: &Network) -> Result<()> {
    firewall::prepare_host(network)?;
    firewall::rebuild(rtnl, store, &registry::all(store)?)
}

/// Makes a network that is recorded whole again.
pub fn repair(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    repair_bridge(rtnl, store, network)?;
    firewall::rebuild(rtnl, store, &registry::all(store)?)
}

/// Makes all networks whole again, and the firewall, in one transaction.
pub fn repair_all(rtnl: &mut Rtnl, store: &Store) -> Result<()> {
    let networks = registry::all(store)?;
    for network in &networks {
        repair_bridge(rtnl, store, network)?;
    }
    firewall::rebuild(rtnl, store, &networks)
}

fn repair_bridge(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let mut undo = Undo::default();
    let result = match bridge::existing(rtnl, network) {
        Ok(Some(link)) => bridge::equip(rtnl, network, link.index),
        Ok(None) => bridge::ensure(rtnl, store, network, &mut undo).map(drop),
        Err(error) => Err(error),
    };
    let result = result.and_then(|()| firewall::prepare_host(network));
    undo.settle(result, rtnl, store)
}

/// The network that is there without being created, as it is when nobody says otherwise.
pub fn default_network() -> Result<Wanted> {
    Wanted { name: DEFAULT_NETWORK.to_owned(), ..Wanted::default() }.complete()
}
