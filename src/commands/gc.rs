//! `gc`: removes what crashes, and other people's deletions, have left: half-made endpoints, records of what is gone.

use crate::commands::{Context, print};
use crate::error::{Doing, Result};
use crate::json::Json;
use crate::kernel::{Link, Rtnl, Selector};
use crate::network::definition::Network;
use crate::network::endpoint::{self, Endpoint};
use crate::network::{bridge, firewall, look, publish, registry};
use crate::prelude::*;
use crate::store::{Kind, Store};
use crate::sys::file;

/// What a record of each kind is called. Hints go last, for they need networks only.
static RECORDS: [(Kind, Text); 5] = [
    (Kind::Network, "record of network"),
    (Kind::Endpoint, "record of endpoint"),
    (Kind::Claim, "claim"),
    (Kind::Ports, "published ports of"),
    (Kind::Hint, "hint"),
];

/// Carries it out: alone, so that whoever left something half-made is known to be dead. Prints a line for each thing removed.
pub fn run(context: &Context, dry_run: bool) -> Result<()> {
    if !file::exists(context.state_dir) {
        return Ok(());
    }
    let store = if dry_run { context.look() } else { context.exclusive()? };
    let rtnl = context.rtnl()?;
    let mut removed = String::new();
    let networks = registry::all(store)?;
    for network in networks {
        for port in half_made(rtnl, store, network)? {
            if !dry_run {
                rtnl.delete_link(Selector::Index(port.index)).doing("delete interface", &port.name)?;
            }
            removed.push_str(text!("half-made endpoint {} of network {}\n", port.name, network.name));
        }
    }
    for (kind, what) in &RECORDS {
        for name in store.names(*kind)? {
            if !is_garbage(rtnl, store, networks, *kind, name)? {
                continue;
            }
            removed.push_str(text!("{what} {name}\n"));
            if !dry_run {
                store.remove(*kind, name)?;
            }
        }
    }
    for path in store.garbage()? {
        if !dry_run {
            file::remove(path).doing("remove", &path)?;
        }
        removed.push_str(text!("file {path}\n"));
    }
    // What the firewall has of endpoints that are gone goes by writing it anew.
    if !dry_run {
        firewall::rebuild(rtnl, store, networks)?;
    }
    print(&removed)
}

/// Whether a record says nothing of the world any more. One that cannot be read is none, but a file to be removed.
fn is_garbage(rtnl: &Rtnl, store: &Store, networks: &[&Network], kind: Kind, name: Text) -> Result<bool> {
    if kind == Kind::Hint {
        return Ok(!networks.iter().any(|network| network.short_id() == name));
    }
    let Some(record) = store.read(kind, name)? else { return Ok(false) };
    let of_device = match kind {
        Kind::Endpoint => Endpoint::from_record(record)
            .filter(|endpoint| networks.iter().any(|network| network.id == endpoint.network_id))
            .map(|endpoint| (endpoint.device, i64::from(endpoint.index))),
        Kind::Ports => publish::Record::from_json(record).map(|ports| (ports.device, ports.index.into())),
        Kind::Claim => {
            let device = record.get("device").and_then(Json::text).unwrap_or_default();
            Some((device, record.get("index").and_then(Json::number).unwrap_or_default()))
        }
        Kind::Network | Kind::Hint => return Ok(Network::from_record(name, record).is_none()),
    };
    let Some((device, recorded)) = of_device else { return Ok(true) };
    // A name may be given out again, an index is not.
    let index = look::index_of(rtnl, device)?;
    Ok(index.is_none_or(|index| i64::from(index) != recorded))
}

/// Ports of the network that no record knows and that are not finished: their maker died between two steps. The sandbox's
/// side is set up last, so as long as that is down there is no carrier.
fn half_made(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<Vec<&'static Link>> {
    let mut half_made = Vec::new();
    let Some(bridge) = bridge::index(rtnl, network)? else { return Ok(half_made) };
    let ports = rtnl.ports(bridge).doing("list the ports of", &network.bridge)?;
    if ports.is_empty() {
        return Ok(half_made);
    }
    let records = endpoint::records_of(store, network)?;
    for port in ports {
        let recorded = records.iter().any(|record| record.device == port.name && record.index == port.index);
        let lease = Endpoint::from_link(network, port).is_some();
        let finished = port.is_up() && port.carrier == Some(1);
        if lease && !recorded && !finished {
            half_made.push(*port);
        }
    }
    Ok(half_made)
}
