//! Which network gives a sandbox its default route: the first that leads outside; and handing it on when that one is left.

use std::net::IpAddr;

use crate::error::{Doing, Errno, Error, Result};
use crate::kernel::{Request, Rtnl, request};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::store::{Store, endpoints, networks};
use crate::types::family::Family;

/// The default routes that an interface with `addresses` on `network` gives; an internal network gives none.
#[must_use]
pub fn requests(network: &Network, index: u32, addresses: &[IpAddr]) -> Vec<Request> {
    let pools = addresses.iter().filter(|_| !network.internal).filter_map(|address| network.pool_of(*address));
    pools.map(|pool| request::add_default_route(pool.gateway, index)).collect()
}

/// Whether it is this endpoint that gives its sandbox the default route of a family: of its endpoints that live, the first on a network
/// that leads outside.
pub fn is_given_by(host: &Rtnl, store: &Store, endpoint: &Endpoint, family: Family) -> Result<bool> {
    for other in endpoints::of_sandbox(store, endpoint.inode)? {
        if other.address(family).is_none() || !host.has_link(&other.device, other.index)? {
            continue;
        }
        if networks::by_name(store, &other.network)?.is_some_and(|network| !network.internal) {
            return Ok(other.device == endpoint.device);
        }
    }
    // None is recorded.
    Ok(true)
}

/// As Docker: when the network that gave the default route is left, the one that was joined next gives it. `left` is the endpoint
/// that has gone, whose record is still there.
pub fn pass_on(inside: &mut Rtnl, store: &Store, left: &Endpoint) -> Result<()> {
    let mut others = endpoints::of_sandbox(store, left.inode)?;
    others.retain(|endpoint| endpoint.key() != left.key());
    for endpoint in others {
        let Some(network) = networks::by_name(store, &endpoint.network)? else { continue };
        let index = inside.index_of(&endpoint.ifname).doing("look up interface", &endpoint.ifname)?;
        let Some(index) = index else { continue };
        let addresses: Vec<_> = endpoint.addresses().addresses().collect();
        let routes = requests(&network, index, &addresses);
        // There is one already; or the interface is down or on its way out, and gives none.
        let tolerated =
            |_: usize, errno: Errno| matches!(errno, Errno::EXIST | Errno::NODEV | Errno::NETDOWN | Errno::NETUNREACH);
        inside
            .change_all(&routes, &tolerated)
            .map_err(|(_, refusal)| Error::kernel("add the default route by", &endpoint.ifname, refusal))?;
    }
    Ok(())
}
