//! What subnets are taken on this host: by networks, by addresses, by routes.

use core::net::IpAddr;

use pontoon_netlink::route::route::{RT_TABLE_LOCAL, RTN_UNICAST};
use pontoon_netlink::route::{AF_INET, AF_INET6};

use super::definition::Network;
use super::pool::Taken;
use super::subnet::Subnet;
use crate::error::{Doing, Result};
use crate::kernel::Rtnl;
use crate::prelude::*;
use crate::sys::Errno;

/// Everything that a new subnet must not overlap. What `adopted`, a bridge that the network takes over, has is not counted.
pub fn all(rtnl: &mut Rtnl, networks: &[&'static Network], adopted: Option<u32>) -> Result<&'static [Taken]> {
    let mut taken = Vec::new();
    let mut take = |subnet: &Subnet, by: Text| taken.push(Taken { subnet: *subnet, by });
    for network in networks {
        for pool in network.pools {
            take(&pool.subnet, text!("network {} ({})", network.name, pool.subnet));
        }
    }
    for address in rtnl.addresses().doing("list", &"addresses")? {
        let subnet = Subnet::around(&address.peer, address.prefix_len);
        if adopted != Some(address.index) && !is_everywhere(&subnet) {
            take(&subnet, text!("address {}/{} of this host", address.local, address.prefix_len));
        }
    }
    for family in &[AF_INET, AF_INET6] {
        let routes = match rtnl.routes(*family) {
            // A kernel without this family has no routes in it.
            Err(refusal) if matches!(refusal.errno, Errno::OPNOTSUPP | Errno::AFNOSUPPORT) => continue,
            result => result.doing("list", &"routes")?,
        };
        for route in routes {
            let subnet = Subnet::around(&route.destination, route.prefix_len);
            let own = adopted.is_some() && route.link == adopted;
            if route.kind == RTN_UNICAST
                && route.table != RT_TABLE_LOCAL
                && route.prefix_len > 0
                && !own
                && !is_everywhere(&subnet)
            {
                take(&subnet, text!("the route to {subnet} of this host"));
            }
        }
    }
    Ok(taken.leak())
}

/// Loopback, link-local and multicast subnets are on every host and no network's business.
fn is_everywhere(subnet: &Subnet) -> bool {
    match subnet.network() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_multicast(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local() || v6.is_multicast(),
    }
}
