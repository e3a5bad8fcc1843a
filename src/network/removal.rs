//! Taking down: endpoints, and networks with all that is on them. "Already gone" is done: this is the recovery path too.

use super::attach;
use super::choice::Addresses;
use super::definition::Network;
use super::endpoint::{self, Endpoint};
use super::{firewall, publication, registry};
use crate::error::{Doing, Result};
use crate::kernel::{Rtnl, Selector};
use crate::store::{Kind, Store};

/// Removes an endpoint: its device, then what is recorded of it.
pub fn remove_endpoint(rtnl: &mut Rtnl, store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    rtnl.delete_link(Selector::Index(endpoint.index)).doing("delete interface", &endpoint.device)?;
    forget_endpoint(rtnl, store, network, endpoint)
}

/// Removes what is recorded of an endpoint.
pub fn forget_endpoint(rtnl: &Rtnl, store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    // Its device may have been given out again meanwhile, and the ports under its name be somebody else's.
    let index = rtnl.index_of(&endpoint.device).doing("look up interface", &endpoint.device)?;
    if index.is_none_or(|index| index == endpoint.index) {
        publication::withdraw(rtnl, store, endpoint)?;
    }
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
    // Something else under its name is somebody else's, and the bridge is gone already.
    let link = rtnl.link(Selector::Name(bridge)).doing("look up interface", &bridge)?;
    if let Some(link) = link.filter(|link| link.is("bridge")) {
        // An adopted one stays; but with our alias it is the one that we made when that had been deleted.
        if network.adopted && link.alias.as_deref() != Some(network.bridge_alias().as_str()) {
            super::bridge::release(rtnl, network, link.index)?;
        } else {
            rtnl.delete_link(Selector::Index(link.index)).doing("delete bridge", &bridge)?;
        }
    }
    for endpoint in endpoint::records_of(store, network)? {
        forget_endpoint(rtnl, store, network, &endpoint)?;
    }
    for kind in [Kind::Endpoint, Kind::Claim] {
        let prefix = format!("{}-", network.short_id());
        for name in store.names(kind)?.iter().filter(|name| name.starts_with(&prefix)) {
            store.remove(kind, name)?;
        }
    }
    store.remove(Kind::Hint, network.short_id())?;
    let mut others = registry::all(store)?;
    others.retain(|other| other.id != network.id);
    firewall::rebuild(rtnl, store, &others)?;
    store.remove(Kind::Network, &network.name)
}
