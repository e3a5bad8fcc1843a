//! Networks by name, id or id prefix, out of their records.

use super::records::Store;
use crate::error::{Error, Result};
use crate::model::network::Network;
use crate::types::{id, name};

/// All networks whose records can be read, by name.
pub fn all(store: &Store) -> Result<Vec<Network>> {
    store.all()
}

/// The network called `name`; none when there is no such record.
pub fn by_name(store: &Store, name: &str) -> Result<Option<Network>> {
    store.read(name)
}

/// The network that `reference` names: by name, id, or unique beginning of an id.
pub fn find(store: &Store, reference: &str) -> Result<Network> {
    // What can be no name is no file of ours either.
    if name::network(reference).is_ok()
        && let Some(network) = by_name(store, reference)?
    {
        return Ok(network);
    }
    let mut fitting = if id::is_prefix(reference) { all(store)? } else { Vec::new() };
    fitting.retain(|network| network.id.starts_with(reference));
    match (fitting.pop(), fitting.len()) {
        (Some(network), 0) => Ok(network),
        (Some(_), others) => {
            Err(Error::Ambiguous { kind: "networks", prefix: reference.to_owned(), count: others + 1 }.into())
        }
        (None, _) => Err(Error::not_found(
            "network",
            reference,
            ". Create it with 'pontoon network create'; 'pontoon network ls' lists what there is.",
        )),
    }
}
