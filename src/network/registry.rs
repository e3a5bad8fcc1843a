//! Networks by name, id or id prefix, out of their records.

use super::definition::Network;
use super::id;
use crate::error::{Failure, Result};
use crate::store::{Kind, Store};

/// All networks whose records can be read, by name.
pub fn all(store: &Store) -> Result<Vec<Box<Network>>> {
    let records = store.all(Kind::Network)?;
    Ok(records.iter().filter_map(|(name, record)| read(store, name, record)).collect())
}

/// The network called `name`; none when there is no such record.
pub fn by_name(store: &Store, name: &str) -> Result<Option<Box<Network>>> {
    Ok(store.read(Kind::Network, name)?.and_then(|record| read(store, name, &record)))
}

/// The network that `reference` names: by name, id, or unique beginning of an id.
pub fn find(store: &Store, reference: &str) -> Result<Box<Network>> {
    // What can be no name is no file of ours either.
    if super::names::network_name(reference).is_ok()
        && let Some(network) = by_name(store, reference)?
    {
        return Ok(network);
    }
    let mut fitting = if id::is_prefix(reference) { all(store)? } else { Vec::new() };
    fitting.retain(|network| network.id.starts_with(reference));
    match (fitting.pop(), fitting.len()) {
        (Some(network), 0) => Ok(network),
        (Some(_), others) => Err(Failure::Ambiguous { prefix: reference.to_owned(), count: others + 1 }.into()),
        (None, _) => Err(Failure::NotFound {
            kind: "network",
            name: reference.to_owned(),
            remedy: ". Create it with 'pontoon network create'; 'pontoon network ls' lists what there is.",
        }
        .into()),
    }
}

fn read(store: &Store, name: &str, record: &crate::json::Json) -> Option<Box<Network>> {
    let network = Network::from_record(name, record);
    if network.is_none() {
        store.warn(Kind::Network, name, "is no record of a network");
    }
    network
}
