//! `gc`: removes what crashes, and other people's deletions, have left: half-made endpoints, records of what is gone.

use crate::commands::{Context, print};
use crate::error::{Doing, Result};
use crate::json::Json;
use crate::kernel::{Link, Rtnl, Selector};
use crate::network::definition::Network;
use crate::network::endpoint::{self, Endpoint};
use crate::network::{bridge, firewall, publish, registry};
use crate::store::{Kind, Store};
use crate::sys::file;

/// Carries it out: alone, so that whoever left something half-made is known to be dead. Prints a line for each thing removed.
pub fn run(context: &Context, dry_run: bool) -> Result<()> {
    if !file::exists(&context.state_dir) {
        return Ok(());
    }
    let store = if dry_run { Store::look(&context.state_dir) } else { Store::exclusive(&context.state_dir)? };
    let mut rtnl = context.rtnl()?;
    let mut removed = String::new();
    let networks = registry::all(&store)?;
    for network in &networks {
        for port in half_made(&mut rtnl, &store, network)? {
            if !dry_run {
                rtnl.delete_link(Selector::Index(port.index)).doing("delete interface", &port.name)?;
            }
            removed.extend(["half-made endpoint ", &port.name, " of network ", &network.name, "\n"]);
        }
    }
    let mut remove = |what: &str, kind: Kind, name: &str| {
        removed.extend([what, name, "\n"]);
        if dry_run { Ok(()) } else { store.remove(kind, name) }
    };
    for (name, record) in store.all(Kind::Network)? {
        if Network::from_record(&name, &record).is_none() {
            remove("record of network ", Kind::Network, &name)?;
        }
    }
    for (name, record) in store.all(Kind::Endpoint)? {
        let endpoint = Endpoint::from_record(&record);
        let endpoint = endpoint.filter(|endpoint| networks.iter().any(|network| network.id == endpoint.network_id));
        if !endpoint.map_or(Ok(false), |endpoint| is_live(&rtnl, &endpoint.device, endpoint.index.into()))? {
            remove("record of endpoint ", Kind::Endpoint, &name)?;
        }
    }
    for (name, record) in store.all(Kind::Claim)? {
        let device = record.get("device").and_then(Json::text).unwrap_or_default();
        let index = record.get("index").and_then(Json::number).unwrap_or_default();
        if !is_live(&rtnl, device, index)? {
            remove("claim ", Kind::Claim, &name)?;
        }
    }
    for (name, record) in store.all(Kind::Ports)? {
        let recorded = publish::from_record(&record);
        if !recorded.map_or(Ok(false), |(device, index, _)| is_live(&rtnl, &device, index.into()))? {
            remove("published ports of ", Kind::Ports, &name)?;
        }
    }
    for name in store.names(Kind::Hint)? {
        if !networks.iter().any(|network| network.short_id() == name) {
            remove("hint ", Kind::Hint, &name)?;
        }
    }
    for path in store.garbage()? {
        if !dry_run {
            file::remove(&path).doing("remove", &path)?;
        }
        removed.extend(["file ", &path, "\n"]);
    }
    // What the firewall has of endpoints that are gone goes by writing it anew.
    if !dry_run {
        firewall::rebuild(&rtnl, &store, &networks)?;
    }
    print(&removed)
}

/// Whether the device of a record is the one that it had then: a name may be given out again, an index is not.
fn is_live(rtnl: &Rtnl, device: &str, recorded: i64) -> Result<bool> {
    let index = rtnl.index_of(device).doing("look up interface", &device)?;
    Ok(index.is_some_and(|index| i64::from(index) == recorded))
}

/// Ports of the network that no record knows and that are not finished: their maker died between two steps. The sandbox's
/// side is set up last, so as long as that is down there is no carrier.
fn half_made(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<Vec<Box<Link>>> {
    let Some(bridge) = bridge::index(rtnl, network)? else { return Ok(Vec::new()) };
    let mut ports = rtnl.ports(bridge).doing("list the ports of", &network.bridge)?;
    if ports.is_empty() {
        return Ok(ports);
    }
    let records = endpoint::records_of(store, network)?;
    ports.retain(|port| {
        let recorded = records.iter().any(|record| record.device == port.name && record.index == port.index);
        let lease = Endpoint::from_link(network, port).is_some();
        let finished = port.is_up() && port.carrier == Some(1);
        lease && !recorded && !finished
    });
    Ok(ports)
}
