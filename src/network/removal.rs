//! Taking down: endpoints, and networks with all that is on them. "Already gone" is done: this is the recovery path too.

use super::attach;
use super::choice::Addresses;
use super::definition::Network;
use super::endpoint::{self, Endpoint};
use crate::error::{Doing, Result};
use crate::kernel::{Rtnl, Selector};
use crate::store::{Kind, Store};

/// Removes an endpoint: its device, then what is recorded of it.
pub fn remove_endpoint(rtnl: &mut Rtnl, store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    rtnl.delete_link(Selector::Index(endpoint.index)).doing("delete interface", &endpoint.device)?;
    forget_endpoint(store, network, endpoint)
}

/// Removes what is recorded of an endpoint.
pub fn forget_endpoint(store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    let addresses = Addresses { lease: endpoint.lease, ipv6: endpoint.ipv6 };
    if let Some(ipv6) = addresses.claimed(network) {
        store.remove(Kind::Claim, &attach::claim_name(network, ipv6))?;
    }
    store.remove(Kind::Endpoint, &endpoint.key())
}

/// Removes a network: its ports in one request, its bridge unless it was there before us, what is recorded of its endpoints,
/// and last its own record, so that whatever stops us the same command can go on.
pub fn remove_network(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let bridge = network.bridge.as_str();
    rtnl.delete_group(network.group()).doing("delete the ports of", &bridge)?;
    if network.adopted {
        release_bridge(rtnl, network)?;
    } else if let Some(link) = super::bridge::existing(rtnl, network)? {
        rtnl.delete_link(Selector::Index(link.index)).doing("delete bridge", &bridge)?;
    }
    for endpoint in endpoint::records_of(store, network)? {
        forget_endpoint(store, network, &endpoint)?;
    }
    for kind in [Kind::Endpoint, Kind::Claim] {
        let prefix = format!("{}-", network.short_id());
        for name in store.names(kind)?.iter().filter(|name| name.starts_with(&prefix)) {
            store.remove(kind, name)?;
        }
    }
    store.remove(Kind::Hint, network.short_id())?;
    store.remove(Kind::Network, &network.name)
}

/// Gives an adopted bridge back: without the gateway addresses that we gave it.
fn release_bridge(rtnl: &mut Rtnl, network: &Network) -> Result<()> {
    let Some(bridge) = super::bridge::index(rtnl, network)? else { return Ok(()) };
    // What was there before us is not ours to take.
    let addresses = rtnl.addresses_of(bridge).doing("list the addresses of", &network.bridge)?;
    for pool in network.pools.iter().filter(|pool| !pool.gateway_was_there) {
        if addresses.iter().any(|address| address.local == pool.gateway) {
            rtnl.delete_address(bridge, pool.gateway, pool.subnet.prefix_len())
                .doing("remove address", &pool.gateway)?;
        }
    }
    Ok(())
}
