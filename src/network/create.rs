//! Making a network: from what is wanted to a definition, and from that to a bridge and a rule set.

use std::net::IpAddr;

use crate::error::{Doing, Error, GivenFor, Result};
use crate::firewall::{host, rebuild};
use crate::ipam::{in_use, pools};
use crate::kernel::{Address, Rtnl, Selector};
use crate::model::network::{Network, Pool};
use crate::model::options;
use crate::model::spec::NetworkSpec;
use crate::network::{bridge, mend};
use crate::session::Session;
use crate::store::{Kind, Store, networks};
use crate::sys::random;
use crate::types::family::Family;
use crate::types::ifname::IfName;
use crate::types::subnet::Subnet;
use crate::types::{id, name, time};
use crate::undo::{Step, Undo};

/// Makes the network that `spec` describes. With `ensure`, one that is there and exactly so is made whole and given instead.
pub fn create(session: &Session, spec: NetworkSpec, ensure: bool) -> Result<Network> {
    let spec = spec.complete()?;
    let mut rtnl = session.rtnl()?;
    let store = session.exclusive()?;
    if let Some(network) = existing(&store, &spec, ensure)? {
        mend::one(&mut rtnl, &store, &network)?;
        rebuild::rebuild(&rtnl, &store, &networks::all(&store)?)?;
        return Ok(network);
    }
    let network = define(&mut rtnl, &store, &spec)?;
    make(&mut rtnl, &store, &network)?;
    Ok(network)
}

/// What [`create`] would make; changes nothing.
pub fn dry_run(session: &Session, spec: NetworkSpec, ensure: bool) -> Result<Network> {
    let spec = spec.complete()?;
    let store = session.records();
    match existing(&store, &spec, ensure)? {
        Some(network) => Ok(network),
        None => define(&mut session.rtnl()?, &store, &spec),
    }
}

/// The network of that name, when `ensure` allows it and it is as wanted; none when there is none.
fn existing(store: &Store, spec: &NetworkSpec, ensure: bool) -> Result<Option<Network>> {
    name::network(&spec.name).given_for("network name", &spec.name)?;
    let Some(network) = networks::by_name(store, &spec.name)? else { return Ok(None) };
    if !ensure {
        let remedy = ". Remove it with 'pontoon network rm', or use --ensure.";
        return Err(Error::Exists { kind: "network", name: spec.name.clone(), remedy }.into());
    }
    let differences = spec.differences(&network);
    if differences.is_empty() {
        return Ok(Some(network));
    }
    Err(Error::Differs { kind: "network", name: spec.name.clone(), differences }.into())
}

/// Works out the definition of the network that is wanted: its id, its bridge, its subnets. Changes nothing.
pub fn define(rtnl: &mut Rtnl, store: &Store, spec: &NetworkSpec) -> Result<Network> {
    let networks = networks::all(store)?;
    let id = id::of_bytes(random::bytes().doing("get", "random bytes")?);
    let device = spec.options.get(options::BRIDGE_NAME).cloned().unwrap_or(format!("br-{}", id::short(&id)));
    let bridge: IfName = device.parse().given_for(options::BRIDGE_NAME, &device)?;
    let adopted = match spec.options.get(options::BRIDGE_NAME) {
        Some(_) => adoptable(rtnl, &networks, &bridge)?,
        None => None,
    };
    let present = match adopted {
        Some(index) => rtnl.addresses_of(index).doing("list the addresses of", &bridge)?,
        None => Vec::new(),
    };
    let spec = with_subnet_of(&present, spec.clone());
    let mut pools = pools::choose(&spec, &in_use::all(rtnl, &networks, adopted)?)?;
    if let Some(index) = adopted {
        refuse_routers(&pools, &in_use::routers_on(rtnl, index)?)?;
    }
    for pool in &mut pools {
        pool.gateway_was_there = present.iter().any(|address| address.local == pool.gateway);
    }
    Ok(Network {
        id,
        created: time::now(),
        bridge,
        adopted: adopted.is_some(),
        internal: spec.internal,
        ipv6: spec.wants(Family::V6),
        pools,
        name: spec.name,
        labels: spec.labels,
        options: spec.options,
    })
}

/// On a bridge that somebody else made the network takes nobody's address.
fn refuse_routers(pools: &[Pool], routers: &[(IpAddr, String)]) -> Result<()> {
    let taken = |pool: &Pool| routers.iter().find(|(router, _)| *router == pool.gateway);
    match pools.iter().find_map(taken) {
        None => Ok(()),
        Some((address, by)) => {
            let by = format!(": it is {by}. Choose the bridge's own address with --gateway.");
            Err(Error::AddressInUse { address: *address, by }.into())
        }
    }
}

/// As Docker: a bridge that has an IPv4 address already says which subnet is meant, where none was named.
fn with_subnet_of(present: &[Address], mut spec: NetworkSpec) -> NetworkSpec {
    let own = present.iter().find(|address| address.local.is_ipv4());
    if let Some(own) = own.filter(|_| spec.subnets.is_empty()) {
        spec.subnets.push(Subnet::around(own.local, own.prefix_len));
        if spec.gateways.is_empty() {
            spec.gateways.push(own.local);
        }
    }
    spec
}

/// The index of the bridge under the name that was asked for; none when the name is free.
fn adoptable(rtnl: &mut Rtnl, networks: &[Network], bridge: &IfName) -> Result<Option<u32>> {
    if let Some(network) = networks.iter().find(|network| network.bridge == *bridge) {
        return Err(Error::BridgeTaken { bridge: bridge.to_string(), network: network.name.clone() }.into());
    }
    let name = bridge.as_str();
    match rtnl.link(Selector::Name(name)).doing("look up interface", name)? {
        None => Ok(None),
        Some(link) => bridge::must_be_bridge(name, link).map(|link| Some(link.index)),
    }
}

/// Writes the record, then makes the bridge: after a crash in between, `--ensure`, `connect` or `rm` finds the record.
pub fn make(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let mut undo = Undo::default();
    let built = record_and_build(rtnl, store, network, &mut undo);
    let reached_the_host = built.is_ok();
    let result = built.and_then(|()| host::prepare(store, network)).and_then(|()| write_firewall(rtnl, store));
    undo.settle(result, rtnl, store).map_err(|cause| {
        // By now without this network: nothing is switched on for it, and the firewall, whose answer may be what was lost, has
        // nothing of it.
        let restored = if reached_the_host { restore_host(rtnl, store) } else { Ok(()) };
        Error::undo(cause, restored.err().into_iter().collect())
    })
}

fn write_firewall(rtnl: &Rtnl, store: &Store) -> Result<()> {
    rebuild::rebuild(rtnl, store, &networks::all(store)?)
}

fn restore_host(rtnl: &Rtnl, store: &Store) -> Result<()> {
    host::restore(store, &networks::all(store)?)?;
    write_firewall(rtnl, store)
}

fn record_and_build(rtnl: &mut Rtnl, store: &Store, network: &Network, undo: &mut Undo) -> Result<()> {
    undo.note(Step::RemoveRecord(Kind::Network, network.name.clone()));
    store.write(&network.name, network)?;
    match bridge::existing(rtnl, network)? {
        Some(link) => {
            bridge::releases(network, link.index).for_each(|step| undo.note(step));
            bridge::configure(rtnl, network, link.index)?;
        }
        None => drop(bridge::create(rtnl, network, undo)?),
    }
    Ok(())
}
