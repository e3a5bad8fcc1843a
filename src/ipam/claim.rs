//! IPv6 addresses that no lease speaks for: those whose host number is not their IPv4 address's. A record claims them.

use std::net::IpAddr;

use super::allocate::Addresses;
use crate::error::{Doing, Error, Result};
use crate::kernel::{Link, Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::model::{alias, lease};
use crate::store::{Claim, Kind, Store};
use crate::types::family::Family;
use crate::types::subnet::number;
use crate::undo::{Step, Undo};

/// Claims an endpoint's IPv6 address, where its lease does not speak for it.
pub fn claim(store: &Store, network: &Network, endpoint: &Endpoint, undo: &mut Undo) -> Result<()> {
    let Some(ipv6) = Addresses::of(endpoint).claimed(network) else { return Ok(()) };
    let name = name(network, ipv6);
    undo.note(Step::RemoveRecord(Kind::Claim, name.clone()));
    store.write(&name, &Claim { device: endpoint.device.clone(), index: endpoint.index })
}

/// Gives an endpoint's claim back.
pub fn release(store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    match Addresses::of(endpoint).claimed(network) {
        Some(ipv6) => store.remove(Kind::Claim, &name(network, ipv6)),
        None => Ok(()),
    }
}

/// The device that claims `ipv6` on the network, when it lives.
pub fn claimant(host: &Rtnl, store: &Store, network: &Network, ipv6: IpAddr) -> Result<Option<String>> {
    let Some(claim) = store.read::<Claim>(&name(network, ipv6))? else { return Ok(None) };
    Ok(host.has_link(&claim.device, claim.index)?.then_some(claim.device))
}

/// With the lock held alone: refuses an IPv6 address that another endpoint has, by a claim or by its lease.
pub fn refuse_taken(host: &mut Rtnl, store: &Store, network: &Network, addresses: Addresses) -> Result<()> {
    let Some(address) = addresses.ipv6 else { return Ok(()) };
    let owner = match claimant(host, store, network, address)? {
        // The address that goes with the lease nobody else's lease has.
        None if addresses.claimed(network).is_some() => by_lease(host, network, address)?,
        claimant => claimant,
    };
    match owner {
        None => Ok(()),
        Some(device) => Err(Error::AddressInUse { address, by: holder(host, &device)? }.into()),
    }
}

/// The device whose lease has `address` with it: the lease of the same host number, unless it was given another by hand.
fn by_lease(host: &mut Rtnl, network: &Network, address: IpAddr) -> Result<Option<String>> {
    let (Some(v4), Some(v6)) = (network.pool(Family::V4), network.pool(Family::V6)) else { return Ok(None) };
    let Some(v4_address) = v4.subnet.host(v6.subnet.host_number(address)) else { return Ok(None) };
    let device = lease::device_name(&v4.subnet, v4_address);
    let link = host.link(Selector::Name(&device)).doing("look up interface", &device)?;
    let own = format!("{address}/");
    let has_another = |link: &Link| {
        // No alias, or somebody's own, says nothing against it.
        let alias = link.alias.as_deref().filter(|alias| alias::is_ours(alias));
        alias.is_some_and(|alias| !alias.split(' ').any(|word| word.starts_with(&own)))
    };
    Ok(link.filter(|link| !has_another(link)).map(|link| link.name))
}

/// What holds the lease `device`: its alias, to follow "is already in use".
pub fn holder(host: &mut Rtnl, device: &str) -> Result<String> {
    let link = host.link(Selector::Name(device)).doing("look up interface", device)?;
    let alias = link.and_then(|link| link.alias);
    let holder = alias.as_deref().and_then(alias::holder);
    Ok(holder.map_or_else(|| format!(" by interface {device}"), |holder| format!(" by {holder}")))
}

/// The name of the claim of an IPv6 address.
fn name(network: &Network, ipv6: IpAddr) -> String {
    format!("{}-{:x}", network.short_id(), number(ipv6))
}
