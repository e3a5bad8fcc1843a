//! Networks by name, id or id prefix, out of their records.

use super::definition::Network;
use super::id;
use crate::error::{Error, Failure, Result};
use crate::prelude::*;
use crate::store::{Kind, Store};

/// All networks whose records can be read, by name.
pub fn all(store: &Store) -> Result<&'static Vec<&'static Network>> {
    let mut networks = Vec::new();
    for (name, record) in store.all(Kind::Network)? {
        if let Some(network) = read(store, name, record) {
            networks.push(network);
        }
    }
    Ok(stay(networks))
}

/// The network called `name`; none when there is no such record.
pub fn by_name(store: &Store, name: Text) -> Result<Option<&'static Network>> {
    Ok(store.read(Kind::Network, name)?.and_then(|record| read(store, name, record)))
}

/// The network that `reference` names: by name, id, or unique beginning of an id.
pub fn find(store: &Store, reference: Text) -> Result<&'static Network> {
    // What can be no name is no file of ours either.
    if super::names::network_name(reference).is_ok()
        && let Some(network) = by_name(store, reference)?
    {
        return Ok(network);
    }
    let mut fitting = Vec::new();
    if id::is_prefix(reference) {
        for network in all(store)? {
            if network.id.starts_with(reference) {
                fitting.push(*network);
            }
        }
    }
    match fitting.as_slice() {
        [network] => Ok(network),
        [] => Err(Error::not_found(
            "network",
            reference,
            ". Create it with 'pontoon network create'; 'pontoon network ls' lists what there is.",
        )),
        _ => Err(Failure::Ambiguous { prefix: reference, count: fitting.len() }.into()),
    }
}

fn read(store: &Store, name: Text, record: &crate::json::Json) -> Option<&'static Network> {
    let network = Network::from_record(name, record);
    if network.is_none() {
        store.warn(Kind::Network, name, "is no record of a network");
    }
    network
}
