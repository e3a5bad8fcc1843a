//! Removing what crashes, and other people's deletions, have left: half-made endpoints, records of what is gone.

use std::fmt;

use crate::error::{Doing, Result};
use crate::firewall::{host, rebuild};
use crate::kernel::{Link, Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::model::ports::PublishedPorts;
use crate::network::{bridge, endpoints};
use crate::session::Session;
use crate::store::records::{Contents, Record};
use crate::store::{self, Claim, Kind, Store, networks};
use crate::sys::file;

/// Something that has been removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Garbage {
    /// An endpoint whose maker died between two steps.
    HalfMade {
        /// Its device.
        device: String,
        /// Its network.
        network: String,
    },
    /// A record.
    Record(Kind, String),
    /// A file that is no record.
    File(String),
}

impl fmt::Display for Garbage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HalfMade { device, network } => write!(f, "half-made endpoint {device} of network {network}"),
            Self::Record(Kind::Network, name) => write!(f, "record of network {name}"),
            Self::Record(Kind::Endpoint, name) => write!(f, "record of endpoint {name}"),
            Self::Record(Kind::Claim, name) => write!(f, "claim {name}"),
            Self::Record(Kind::Ports, name) => write!(f, "published ports of {name}"),
            Self::Record(Kind::Hint, name) => write!(f, "hint {name}"),
            Self::Record(Kind::Container, name) => write!(f, "record of container {name}"),
            Self::Record(Kind::State, name) => write!(f, "state of container {name}"),
            Self::Record(Kind::Host, name) => write!(f, "kernel parameters {name}"),
            Self::File(path) => write!(f, "file {path}"),
        }
    }
}

/// Carries it out: alone, so that whoever left something half-made is known to be dead. With `dry_run` changes nothing.
pub fn collect(session: &Session, dry_run: bool) -> Result<Vec<Garbage>> {
    let store = if dry_run {
        session.records()
    } else {
        let Some(store) = session.exclusive_if_any()? else { return Ok(Vec::new()) };
        store
    };
    let mut rtnl = session.rtnl()?;
    let networks = networks::all(&store)?;
    let mut garbage = Vec::new();
    for network in &networks {
        for port in half_made(&mut rtnl, &store, network)? {
            if !dry_run {
                rtnl.delete_link(Selector::Index(port.index)).doing("delete interface", &port.name)?;
            }
            garbage.push(Garbage::HalfMade { device: port.name, network: network.name.clone() });
        }
    }
    // What the firewall and the host have of what is gone goes first: as long as that fails, the records lead there.
    if !dry_run {
        host::restore(&store, &networks)?;
        rebuild::rebuild(&rtnl, &store, &networks)?;
    }
    for (kind, name) in dead_records(&rtnl, &store, &networks)? {
        if !dry_run {
            store.remove(kind, &name)?;
        }
        garbage.push(Garbage::Record(kind, name));
    }
    for path in store.garbage()? {
        if !dry_run {
            file::remove(&path).doing("remove", &path)?;
        }
        garbage.push(Garbage::File(path));
    }
    Ok(garbage)
}

/// Ports of the network that no record knows and that are not finished: their maker died between two steps. The sandbox's
/// side is set up last, so as long as that is down there is no carrier.
fn half_made(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<Vec<Link>> {
    let Some(bridge) = bridge::index(rtnl, network)? else { return Ok(Vec::new()) };
    let mut ports = rtnl.ports(bridge).doing("list the ports of", &network.bridge)?;
    if ports.is_empty() {
        return Ok(ports);
    }
    let records = store::endpoints::of_network(store, network)?;
    ports.retain(|port| {
        let recorded = records.iter().any(|record| record.device == port.name && record.index == port.index);
        let lease = endpoints::from_name(network, port).is_some();
        let finished = port.is_up() && port.carrier == Some(1);
        lease && !recorded && !finished
    });
    Ok(ports)
}

/// Records that are another's, or of what is gone.
fn dead_records(rtnl: &Rtnl, store: &Store, networks: &[Network]) -> Result<Vec<(Kind, String)>> {
    let known = |endpoint: &Endpoint| networks.iter().any(|network| network.id == endpoint.network_id);
    let networks_dead = dead(store, |_: &Network| Ok(false))?;
    let endpoints_dead =
        dead(store, |endpoint: &Endpoint| Ok(!known(endpoint) || !rtnl.has_link(&endpoint.device, endpoint.index)?))?;
    let claims_dead = dead(store, |claim: &Claim| Ok(!rtnl.has_link(&claim.device, claim.index)?))?;
    let ports_dead = dead(store, |ports: &PublishedPorts| Ok(!rtnl.has_link(&ports.device, ports.index)?))?;
    let mut hints = store.names(Kind::Hint)?;
    hints.retain(|name| !networks.iter().any(|network| network.short_id() == name));
    let hints_dead = hints.into_iter().map(|name| (Kind::Hint, name)).collect();
    Ok([networks_dead, endpoints_dead, claims_dead, ports_dead, hints_dead].concat())
}

/// The records of a kind that are another's, or `is_dead`.
fn dead<T: Record>(store: &Store, is_dead: impl Fn(&T) -> Result<bool>) -> Result<Vec<(Kind, String)>> {
    let mut found = Vec::new();
    for name in store.names(T::KIND)? {
        let garbage = match store.contents::<T>(&name)? {
            Contents::Record(record) => is_dead(&record)?,
            Contents::Other => true,
            // Listed as a file.
            Contents::Nothing | Contents::Unreadable(_) => false,
        };
        if garbage {
            found.push((T::KIND, name));
        }
    }
    Ok(found)
}
