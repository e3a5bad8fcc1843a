//! What subnets are in use on this host: by networks, by addresses, by routes.

use std::net::{IpAddr, Ipv6Addr};

use super::pools::InUse;
use crate::error::{Doing, Errno, Result};
use crate::kernel::Rtnl;
use crate::kernel::route::{RT_TABLE_LOCAL, RTN_UNICAST};
use crate::model::network::Network;
use crate::types::family::Family;
use crate::types::subnet::Subnet;

/// Everything that a new subnet must not overlap. What `adopted`, a bridge that the network takes over, has is not counted.
pub fn all(rtnl: &mut Rtnl, networks: &[Network], adopted: Option<u32>) -> Result<Vec<InUse>> {
    let mut in_use = Vec::new();
    for network in networks {
        in_use.extend(
            network
                .pools
                .iter()
                .map(|pool| InUse { subnet: pool.subnet, by: format!("network {} ({})", network.name, pool.subnet) }),
        );
    }
    for address in rtnl.addresses().doing("list", "addresses")? {
        let subnet = Subnet::around(address.peer, address.prefix_len);
        if adopted != Some(address.index) && !is_everywhere(subnet) {
            let by = format!("address {}/{} of this host", address.local, address.prefix_len);
            in_use.push(InUse { subnet, by });
        }
    }
    for family in Family::BOTH {
        let routes = match rtnl.routes(family) {
            // A kernel without this family has no routes in it.
            Err(refusal) if matches!(refusal.errno, Errno::OPNOTSUPP | Errno::AFNOSUPPORT) => Vec::new(),
            result => result.doing("list", "routes")?,
        };
        for route in routes {
            let subnet = Subnet::around(route.destination, route.prefix_len);
            let own = adopted.is_some() && route.link == adopted;
            if route.kind == RTN_UNICAST
                && route.table != RT_TABLE_LOCAL
                && route.prefix_len > 0
                && !own
                && !is_everywhere(subnet)
            {
                in_use.push(InUse { subnet, by: format!("the route to {subnet} of this host") });
            }
        }
    }
    Ok(in_use)
}

/// Loopback, link-local and multicast subnets are on every host and no network's business.
fn is_everywhere(subnet: Subnet) -> bool {
    match subnet.network() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_multicast(),
        IpAddr::V6(v6) => v6 == Ipv6Addr::LOCALHOST || v6.is_unicast_link_local() || v6.is_multicast(),
    }
}
