//! What subnets are in use on this host: by networks, by addresses, by routes. What that means for a new one, `pools` decides.

use std::net::{IpAddr, Ipv6Addr};

use super::pools::InUse;
use crate::error::{Doing, Errno, Result};
use crate::kernel::Rtnl;
use crate::kernel::route::{
    RT_TABLE_MAIN, RTM_F_CLONED, RTN_BLACKHOLE, RTN_LOCAL, RTN_PROHIBIT, RTN_THROW, RTN_UNICAST, RTN_UNREACHABLE, Route,
};
use crate::model::network::Network;
use crate::types::family::Family;
use crate::types::subnet::Subnet;

/// Everything that a new subnet may meet. What `adopted`, a bridge that the network takes over, has is not counted.
pub fn all(rtnl: &mut Rtnl, networks: &[Network], adopted: Option<u32>) -> Result<Vec<InUse>> {
    let mut in_use = Vec::new();
    for network in networks {
        in_use.extend(network.pools.iter().map(|pool| InUse {
            subnet: pool.subnet,
            by: format!("network {} ({})", network.name, pool.subnet),
            ours: true,
        }));
    }
    let addresses = rtnl.addresses().doing("list", "addresses")?;
    for address in &addresses {
        if adopted == Some(address.index) {
            continue;
        }
        let by = format!("address {}/{} of this host", address.local, address.prefix_len);
        // The address itself, and the subnet that is reached through it: its own, or that of the other end.
        let itself = Subnet::around(address.local, Family::of(address.local).width());
        let reached = Subnet::around(address.peer, address.prefix_len);
        let both = [itself, reached].into_iter().filter(|subnet| !is_everywhere(*subnet));
        in_use.extend(both.map(|subnet| InUse { subnet, by: by.clone(), ours: false }));
    }
    for family in Family::BOTH {
        for route in routes(rtnl, family)? {
            let own = adopted.is_some() && route.link == adopted;
            // Before 4.2, IPv6 lists what it has made for single destinations too.
            if own || route.flags & RTM_F_CLONED != 0 {
                continue;
            }
            let subnet = Subnet::around(route.destination, route.prefix_len);
            // Counted as an address already, or the adopted bridge's: older kernels say "lo" for IPv6.
            let of_address = route.kind == RTN_LOCAL
                && route.prefix_len == family.width()
                && addresses.iter().any(|address| address.local == route.destination);
            if leads_away(&route) && !of_address && route.prefix_len > 0 && !is_everywhere(subnet) {
                in_use.push(InUse { subnet, by: format!("the route to {subnet} of this host"), ours: false });
            }
            for router in routers(&route, |link| adopted != Some(link)) {
                let by = format!("the router {router} of this host's route to {subnet}");
                in_use.push(InUse { subnet: Subnet::around(router, Family::of(router).width()), by, ours: false });
            }
        }
    }
    Ok(in_use)
}

/// The routers that this host's routes lead to by way of the link with this index, each with what it is. Whoever has their address
/// takes the traffic.
pub fn routers_on(rtnl: &mut Rtnl, link: u32) -> Result<Vec<(IpAddr, String)>> {
    let mut found = Vec::new();
    for family in Family::BOTH {
        for route in routes(rtnl, family)? {
            let subnet = Subnet::around(route.destination, route.prefix_len);
            let by = format!("the router of this host's route to {subnet}");
            found.extend(routers(&route, |other| other == link).into_iter().map(|router| (router, by.clone())));
        }
    }
    Ok(found)
}

fn routes(rtnl: &mut Rtnl, family: Family) -> Result<Vec<Route>> {
    match rtnl.routes(family) {
        // A kernel without this family has no routes in it.
        Err(refusal) if matches!(refusal.errno, Errno::OPNOTSUPP | Errno::AFNOSUPPORT) => Ok(Vec::new()),
        result => result.doing("list", "routes"),
    }
}

/// Whether a route says something about where its destination is. Where nothing is sent, or what this host takes for itself, is
/// no less taken.
fn leads_away(route: &Route) -> bool {
    match route.kind {
        RTN_UNICAST | RTN_LOCAL | RTN_BLACKHOLE | RTN_UNREACHABLE | RTN_PROHIBIT => true,
        // In another table it says that this one is to be asked.
        RTN_THROW => route.table == RT_TABLE_MAIN,
        _ => false,
    }
}

/// The next hops of a route by way of links that `counts`. Most lie in what an address or a route of the host says already; with
/// `onlink` they need not.
fn routers(route: &Route, counts: impl Fn(u32) -> bool) -> Vec<IpAddr> {
    let hops = route.next_hops().into_iter().filter(|hop| counts(hop.link));
    let several = hops.filter_map(|hop| hop.gateway.or(hop.via));
    let single = route.gateway.or(route.via).filter(|_| route.link.is_none_or(&counts));
    let mut all: Vec<IpAddr> = single.into_iter().chain(several).collect();
    all.retain(|router| !is_everywhere(Subnet::around(*router, Family::of(*router).width())));
    all
}

/// Loopback, link-local and multicast subnets are on every host and no network's business.
fn is_everywhere(subnet: Subnet) -> bool {
    match subnet.network() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_multicast(),
        IpAddr::V6(v6) => v6 == Ipv6Addr::LOCALHOST || v6.is_unicast_link_local() || v6.is_multicast(),
    }
}
