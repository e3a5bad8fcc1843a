//! Publishing ports and withdrawing them: elements of the maps `publish_on` and `publish_any`.
//!
//! The ports are recorded before they are published, under the name of the device, so that whatever stops us, the record leads
//! to the elements. Only with the lock held alone: an address of the host's own and "every address" conflict, and the maps do
//! not know.

use super::port_check::PortCheck;
use super::{conntrack, elements, rebuild};
use crate::error::{Doing, Errno, Error, Result};
use crate::kernel::Rtnl;
use crate::kernel::nftables::{add_all, create_all};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::model::ports::{PortSpec, PublishedPorts};
use crate::store::{Kind, Store, endpoints, networks};
use crate::undo::{Step, Undo};

/// How many ports are made elements of at a time.
const PART: usize = 500;

/// Publishes what `specs` ask for: all of it or nothing.
pub fn publish(
    rtnl: &mut Rtnl,
    store: &Store,
    network: &Network,
    endpoint: &Endpoint,
    specs: &[PortSpec],
    undo: &mut Undo,
) -> Result<()> {
    let mut check = PortCheck::new(rtnl, store, network, endpoint)?;
    for mapping in specs.iter().flat_map(PortSpec::expand) {
        check.take(mapping)?;
    }
    let published = PublishedPorts::new(endpoint, check.taken()?);
    let elements = elements::of_ports(&published);
    // Before the request: of one whose answer is lost nobody knows whether it was carried out.
    undo.note(Step::WithdrawPorts { device: endpoint.device.clone(), elements });
    store.write(&endpoint.device, &published)?;
    let mut nftables = rtnl.nftables().doing("open", "a netfilter socket")?;
    // Part by part: all elements of a large range, as they are here, are several times as large as the requests.
    let parts = published.ports.chunks(PART);
    let changes: Vec<_> =
        parts.flat_map(|part| create_all(&elements::of_some_ports(part, published.targets()))).collect();
    let outcome = nftables.transact(&changes);
    drop(changes);
    match outcome {
        // Somebody deleted the table of one family. What is recorded, ours included, is what it will have.
        Err(refusal) if refusal.errno == Errno::NOENT => rebuild::rebuild(rtnl, store, &networks::all(store)?)?,
        outcome => outcome.doing("publish the ports of", &endpoint.sandbox)?,
    }
    conntrack::forget_udp(&mut nftables, &published).doing("forget the connections of", &endpoint.sandbox)
}

/// Publishes again what is recorded of an endpoint, where it is missing.
pub fn restore(rtnl: &Rtnl, store: &Store, endpoint: &Endpoint) -> Result<()> {
    let published = PublishedPorts::new(endpoint, endpoints::published(store, endpoint)?);
    let changes = add_all(&elements::of_ports(&published));
    if changes.is_empty() {
        return Ok(());
    }
    let mut nftables = rtnl.nftables().doing("open", "a netfilter socket")?;
    nftables.transact(&changes).doing("publish the ports of", &endpoint.sandbox)
}

/// Withdraws the ports recorded under the endpoint's device: its own, or those of one that had the device's name before. The record
/// goes last: as long as something fails it leads the next one here.
pub fn withdraw(rtnl: &Rtnl, store: &Store, endpoint: &Endpoint) -> Result<()> {
    let Some(published) = store.read::<PublishedPorts>(&endpoint.device)? else { return Ok(()) };
    if let Some(mut nftables) = rtnl.nftables_if_any().doing("withdraw the ports of", endpoint.label())? {
        let withdrawn = nftables.delete_if_same(&elements::of_ports(&published));
        withdrawn.doing("withdraw the ports of", endpoint.label())?;
        let forgotten = conntrack::forget_udp(&mut nftables, &published);
        forgotten.doing("forget the connections of", endpoint.label())?;
    }
    store.remove(Kind::Ports, &endpoint.device)
}

/// A port cannot be published where nothing leads in.
pub fn refuse_internal(network: &Network, specs: &[PortSpec]) -> Result<()> {
    if network.internal && !specs.is_empty() {
        let why = format!("network {} is internal: nothing leads into it", network.name);
        return Err(Error::Port { port: "-p".to_owned(), why }.into());
    }
    Ok(())
}
