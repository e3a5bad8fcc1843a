//! Making a network: from what is wanted to a definition, and from that to a bridge.

use core::mem::take;

use super::definition::{DEFAULT_NETWORK, Network, Wanted, value};
use super::names::{self, IfName};
use super::subnet::Subnet;
use super::undo::{Step, Undo};
use super::{bridge, firewall, id, options, pool, registry, taken, time};
use crate::error::{Doing, Failure, Result};
use crate::kernel::Rtnl;
use crate::prelude::*;
use crate::store::{Kind, Store};

/// Works out the definition of the network that is wanted: its id, its bridge, its subnets. Changes nothing, but uses `wanted` up:
/// labels and options are the network's then.
pub fn define(rtnl: &mut Rtnl, store: &Store, wanted: &mut Wanted) -> Result<&'static Network> {
    names::network_name(wanted.name)?;
    let networks = registry::all(store)?;
    let id = id::random()?;
    let named = value(&wanted.options, options::BRIDGE_NAME);
    let bridge = match named {
        Some(name) => IfName::parse(options::BRIDGE_NAME, name)?,
        None => IfName::parse("bridge", text!("br-{}", id::short(id)))?,
    };
    let adopted = if named.is_some() { adoptable(rtnl, networks, bridge)? } else { None };
    let present: &[_] = match adopted {
        Some(index) => rtnl.addresses_of(index).doing("list the addresses of", &bridge)?,
        None => &[],
    };
    // As Docker: a bridge that has an IPv4 address already says which subnet is meant.
    if wanted.subnets.is_empty()
        && let Some(own) = present.iter().find(|address| address.local.is_ipv4())
    {
        wanted.subnets.push(Subnet::around(&own.local, own.prefix_len));
        if wanted.gateways.is_empty() {
            wanted.gateways.push(own.local);
        }
    }
    let pools = pool::choose(wanted, taken::all(rtnl, networks, adopted)?, present)?;
    Ok(stay(Network {
        name: wanted.name,
        id,
        created: time::now(),
        bridge,
        adopted: adopted.is_some(),
        internal: wanted.internal,
        ipv6: wanted.wants(false),
        pools,
        labels: take(&mut wanted.labels).leak(),
        options: take(&mut wanted.options).leak(),
    }))
}

/// The index of the bridge under the name that was asked for; none when the name is free.
fn adoptable(rtnl: &mut Rtnl, networks: &[&'static Network], name: IfName) -> Result<Option<u32>> {
    if let Some(network) = networks.iter().find(|network| network.bridge == name) {
        return Err(Failure::BridgeTaken { bridge: name.as_text(), network: network.name }.into());
    }
    Ok(bridge::existing(rtnl, name)?.map(|link| link.index))
}

/// Writes the record, then makes the bridge: after a crash in between, `--ensure`, `connect` or `rm` finds the record.
pub fn make(rtnl: &mut Rtnl, store: &Store, network: &'static Network) -> Result<()> {
    let mut undo = Undo::default();
    let result = record_and_build(rtnl, store, network, &mut undo);
    undo.settle(result, rtnl, store)
}

fn record_and_build(rtnl: &mut Rtnl, store: &Store, network: &'static Network, undo: &mut Undo) -> Result<()> {
    undo.note(Step::RemoveRecord(Kind::Network, network.name));
    store.write(Kind::Network, network.name, &network.to_record())?;
    match bridge::existing(rtnl, network.bridge)? {
        Some(link) => {
            undo.note(Step::ReleaseBridge(network, link.index));
            bridge::equip(rtnl, network, link.index)
        }
        None => bridge::create(rtnl, network, undo).map(drop),
    }?;
    guard(rtnl, store, network)
}

/// Lets the host forward, and writes the firewall; it, being one transaction, comes last and needs no undoing.
fn guard(rtnl: &Rtnl, store: &Store, network: &Network) -> Result<()> {
    firewall::prepare_host(network)?;
    firewall::rebuild(rtnl, store, registry::all(store)?)
}

/// Makes a network that is recorded whole again.
pub fn repair(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    repair_bridge(rtnl, store, network)?;
    firewall::rebuild(rtnl, store, registry::all(store)?)
}

/// Makes all networks whole again, and the firewall, in one transaction.
pub fn repair_all(rtnl: &mut Rtnl, store: &Store) -> Result<()> {
    let networks = registry::all(store)?;
    for network in networks {
        repair_bridge(rtnl, store, network)?;
    }
    firewall::rebuild(rtnl, store, networks)
}

fn repair_bridge(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let mut undo = Undo::default();
    let result = match bridge::existing(rtnl, network.bridge) {
        Ok(Some(link)) => bridge::equip(rtnl, network, link.index),
        Ok(None) => bridge::ensure(rtnl, store, network, &mut undo).map(drop),
        Err(error) => Err(error),
    };
    let result = result.and_then(|()| firewall::prepare_host(network));
    undo.settle(result, rtnl, store)
}

/// The network that is there without being created, as it is when nobody says otherwise.
pub fn default_network() -> Result<&'static mut Wanted> {
    let wanted = stay(Wanted { name: DEFAULT_NETWORK, ..Wanted::default() });
    wanted.complete()?;
    Ok(wanted)
}
