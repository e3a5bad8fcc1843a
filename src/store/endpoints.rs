//! What is recorded of endpoints, and of what is published for them. A record alone is no endpoint: the kernel knows which live.

use super::records::Store;
use crate::error::Result;
use crate::model::endpoint::{self, Endpoint};
use crate::model::network::Network;
use crate::model::ports::{PublishedPort, PublishedPorts};

/// What is recorded of a sandbox's endpoint on a network.
pub fn of(store: &Store, network: &Network, inode: u64) -> Result<Option<Endpoint>> {
    store.read(&endpoint::key(&network.id, inode))
}

/// What is recorded of a network's endpoints.
pub fn of_network(store: &Store, network: &Network) -> Result<Vec<Endpoint>> {
    let prefix = format!("{}-", network.short_id());
    store.all_named(|name| name.starts_with(&prefix))
}

/// What is recorded of a sandbox's endpoints, the one that was made first in front.
pub fn of_sandbox(store: &Store, inode: u64) -> Result<Vec<Endpoint>> {
    let suffix = format!("-{inode}");
    let mut endpoints: Vec<Endpoint> = store.all_named(|name| name.ends_with(&suffix))?;
    endpoints.sort_by(|a, b| a.created.cmp(&b.created));
    Ok(endpoints)
}

/// What is published for a device, by name and index: a name may be given out again, an index is not.
pub fn published_by(store: &Store, device: &str, index: u32) -> Result<Vec<PublishedPort>> {
    let record: Option<PublishedPorts> = store.read(device)?;
    let record = record.filter(|record| record.device == device && record.index == index);
    Ok(record.map(|record| record.ports).unwrap_or_default())
}

/// What is published for an endpoint.
pub fn published(store: &Store, endpoint: &Endpoint) -> Result<Vec<PublishedPort>> {
    published_by(store, &endpoint.device, endpoint.index)
}

/// Whose published ports these are, to be named: the sandbox, or the interface where no endpoint is recorded.
pub fn named(store: &Store, published: &PublishedPorts) -> Result<String> {
    let mut endpoints: Vec<Endpoint> = store.all()?;
    endpoints.retain(|endpoint| endpoint.device == published.device && endpoint.index == published.index);
    Ok(endpoints.pop().map_or_else(|| format!("interface {}", published.device), |endpoint| endpoint.sandbox))
}
