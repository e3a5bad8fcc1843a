//! Which subnets a new network gets: those asked for, or the first default pool that nothing on this host overlaps.
//!
//! A route to more than the subnet, such as a VPN's to 0.0.0.0/1 or a company's to 10.0.0.0/8, is no reason to refuse it: the
//! bridge's own is narrower, and so it wins. What lies within the subnet would be cut off, and an equal route is ambiguous.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::special;
use crate::error::{Doing, Error, Result};
use crate::model::network::Pool;
use crate::model::spec::NetworkSpec;
use crate::sys::random;
use crate::types::family::Family;
use crate::types::subnet::Subnet;

/// A subnet that is in use, and by what: `network lan (10.0.0.0/24)`, `address 10.0.0.1/24 of eth0`, `route to 10.0.0.0/8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// The subnet.
    pub subnet: Subnet,
    /// What takes it.
    pub by: String,
    /// By a network of ours: those never overlap, whichever is the wider.
    pub ours: bool,
}

impl InUse {
    /// Whether `subnet` cannot be had beside it.
    fn refuses(&self, subnet: Subnet) -> bool {
        if self.ours { self.subnet.overlaps(&subnet) } else { subnet.covers(&self.subnet) }
    }
}

/// Docker's default address pools: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in parts of /20.
fn defaults() -> impl Iterator<Item = Subnet> {
    let class_b = (17..=31).map(|second| Subnet::around(IpAddr::V4(Ipv4Addr::new(172, second, 0, 0)), 16));
    let class_c = (0..16).map(|part| Subnet::around(IpAddr::V4(Ipv4Addr::new(192, 168, part << 4, 0)), 20));
    class_b.chain(class_c)
}

/// The pools of the network that is wanted, IPv4 first, given what is taken on this host.
pub fn choose(spec: &NetworkSpec, taken: &[InUse]) -> Result<Vec<Pool>> {
    let mut pools = Vec::new();
    for family in Family::BOTH {
        let mut named = spec.subnets.iter().filter(|subnet| subnet.family() == family);
        let subnet = named.next().copied();
        if let Some(second) = named.next() {
            return Err(Error::value(
                "--subnet",
                &second.to_string(),
                "the only one of its family: a bridge network has one IPv4 and one IPv6 subnet",
            ));
        }
        let needed = spec.wants(family);
        match subnet {
            Some(subnet) => pools.push(pool(spec, check(subnet, taken)?, true)?),
            None if needed && family == Family::V4 => {
                pools.push(pool(spec, free_default(taken).ok_or(Error::NoFreePool)?, false)?);
            }
            None if needed => pools.push(pool(spec, check(random_ula()?, taken)?, false)?),
            None => {}
        }
    }
    all_used(spec, &pools)?;
    Ok(pools)
}

/// The first default pool that nothing overlaps. Where each is overlapped, the first of those that lie in the widest of what they
/// can be had beside: a route to everything says less about a pool than one to the company's network.
fn free_default(taken: &[InUse]) -> Option<Subnet> {
    let narrowest = |subnet: &Subnet| {
        let overlapping = taken.iter().filter(|taken| taken.subnet.overlaps(subnet));
        overlapping.map(|taken| taken.subnet.prefix_len()).max().unwrap_or_default()
    };
    defaults().filter(|subnet| !taken.iter().any(|taken| taken.refuses(*subnet))).min_by_key(narrowest)
}

fn check(subnet: Subnet, taken: &[InUse]) -> Result<Subnet> {
    if let Some((block, what)) = special::block_in(subnet) {
        return Err(Error::value("--subnet", &subnet.to_string(), format!("outside {block}, which is {what}")));
    }
    let (first, last) = subnet.host_numbers();
    if last - first < 1 {
        return Err(Error::value("--subnet", &subnet.to_string(), "large enough for a gateway and one sandbox"));
    }
    match taken.iter().find(|taken| taken.refuses(subnet)) {
        None => Ok(subnet),
        Some(taken) => Err(Error::Overlap { subnet: subnet.to_string(), with: taken.by.clone() }.into()),
    }
}

/// A random unique local subnet: `fd`, 40 random bits, a zero subnet number (RFC 4193).
fn random_ula() -> Result<Subnet> {
    let random: [u8; 8] = random::bytes().doing("get", "random bytes")?;
    let prefix = u64::from_be_bytes(random) & 0x00ff_ffff_ffff_0000 | 0xfd00_0000_0000_0000;
    Ok(Subnet::around(IpAddr::V6(Ipv6Addr::from(u128::from(prefix) << 64)), 64))
}

/// The pool for `subnet`, with the gateway, range and auxiliary addresses that lie in it.
fn pool(spec: &NetworkSpec, subnet: Subnet, subnet_given: bool) -> Result<Pool> {
    let gateway_given = spec.gateways.iter().copied().find(|gateway| subnet.contains(*gateway));
    let ip_range = spec.ip_ranges.iter().copied().find(|range| subnet.covers(range));
    let aux: BTreeMap<_, _> = spec
        .aux
        .iter()
        .filter(|(_, address)| subnet.contains(**address))
        .map(|(name, address)| (name.clone(), *address))
        .collect();
    if let Some(gateway) = gateway_given {
        usable(&subnet, gateway)?;
    }
    // The first host, unless that one is spoken for.
    let (first, last) = subnet.host_numbers();
    let is_free = |address: &IpAddr| !aux.values().any(|aux| aux == address);
    let count = u128::try_from(aux.len()).unwrap_or(u128::MAX);
    let mut hosts = (first..=last.min(first.saturating_add(count))).filter_map(|host| subnet.host(host));
    let gateway = match gateway_given {
        Some(gateway) if !is_free(&gateway) => {
            return Err(Error::AddressInUse { address: gateway, by: ": it is an --aux-address too".to_owned() }.into());
        }
        Some(gateway) => gateway,
        None => hosts
            .find(is_free)
            .ok_or_else(|| Error::PoolExhausted { network: spec.name.clone(), pool: subnet.to_string() })?,
    };
    Ok(Pool {
        subnet,
        subnet_given,
        gateway,
        gateway_given: gateway_given.is_some(),
        gateway_was_there: false,
        ip_range,
        aux,
    })
}

/// Refuses the network and broadcast addresses of `subnet`, and what lies outside it.
pub fn usable(subnet: &Subnet, address: IpAddr) -> Result<()> {
    if !subnet.contains(address) {
        return Err(Error::BadAddress { address, why: format!("is not in subnet {subnet}") }.into());
    }
    let (first, last) = subnet.host_numbers();
    let host = subnet.host_number(address);
    if host < first {
        return Err(Error::BadAddress { address, why: format!("is the network address of {subnet}") }.into());
    }
    if host > last {
        return Err(Error::BadAddress { address, why: format!("is the broadcast address of {subnet}") }.into());
    }
    Ok(())
}

/// Refuses options that no subnet took up: silently dropped, they would be a surprise later.
fn all_used(spec: &NetworkSpec, pools: &[Pool]) -> Result<()> {
    let subnets = || pools.iter().map(|pool| pool.subnet.to_string()).collect::<Vec<_>>().join(" or ");
    let in_a_pool = |address: IpAddr| pools.iter().any(|pool| pool.subnet.contains(address));
    for address in spec.gateways.iter().chain(spec.aux.values()) {
        if !in_a_pool(*address) {
            return Err(Error::BadAddress { address: *address, why: format!("is not in subnet {}", subnets()) }.into());
        }
    }
    for range in &spec.ip_ranges {
        if !pools.iter().any(|pool| pool.ip_range == Some(*range)) {
            return Err(Error::value(
                "--ip-range",
                &range.to_string(),
                format!("the only one within subnet {}", subnets()),
            ));
        }
    }
    for (position, gateway) in spec.gateways.iter().enumerate() {
        if spec.gateways.iter().take(position).any(|earlier| Family::of(*earlier) == Family::of(*gateway)) {
            return Err(Error::value("--gateway", &gateway.to_string(), "the only one of its family"));
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        text.parse().unwrap()
    }

    fn taken(text: &str) -> InUse {
        InUse { subnet: subnet(text), by: text.to_owned(), ours: false }
    }

    fn network(text: &str) -> InUse {
        InUse { ours: true, ..taken(text) }
    }

    fn wanted(subnets: &[&str]) -> NetworkSpec {
        NetworkSpec { name: "x".into(), subnets: subnets.iter().map(|s| subnet(s)).collect(), ..NetworkSpec::default() }
    }

    fn chosen(taken: &[InUse]) -> Result<String> {
        choose(&wanted(&[]), taken).map(|pools| pools[0].subnet.to_string())
    }

    #[test]
    fn default_pools_are_dockers_in_order() {
        assert_eq!(chosen(&[]), Ok("172.17.0.0/16".into()));
        assert_eq!(chosen(&[taken("172.17.3.0/24")]), Ok("172.18.0.0/16".into()));
        assert_eq!(chosen(&[taken("172.16.0.0/12")]), Ok("192.168.0.0/20".into()));
        assert_eq!(chosen(&[taken("172.16.0.0/12"), taken("192.168.1.0/24")]), Ok("192.168.16.0/20".into()));
        assert_eq!(chosen(&[network("172.16.0.0/12"), network("192.168.0.0/16")]), Err(Error::NoFreePool.into()));
        assert_eq!(defaults().count(), 31);
    }

    #[test]
    fn the_widest_routes_are_overlapped_first_and_narrow_ones_never() {
        let halves = [taken("0.0.0.0/1"), taken("128.0.0.0/1")];
        assert_eq!(chosen(&halves), Ok("172.17.0.0/16".into()));
        assert_eq!(chosen(&[halves.as_slice(), &[taken("172.16.0.0/12")]].concat()), Ok("192.168.0.0/20".into()));
        let both = [taken("172.16.0.0/12"), taken("192.168.0.0/16")];
        assert_eq!(chosen(&both), Ok("172.17.0.0/16".into()));
        assert_eq!(chosen(&[both.as_slice(), &[taken("172.17.0.9/32")]].concat()), Ok("172.18.0.0/16".into()));
        assert_eq!(chosen(&[both.as_slice(), &[network("172.0.0.0/8")]].concat()), Ok("192.168.0.0/20".into()));
        assert_eq!(chosen(&[network("172.0.0.0/8"), network("192.0.0.0/8")]), Err(Error::NoFreePool.into()));
    }

    #[test]
    fn only_what_lies_within_a_named_subnet_refuses_it() {
        let refused = |taken: InUse| match choose(&wanted(&["10.0.0.0/24"]), &[taken]) {
            Ok(_) => false,
            Err(error) => matches!(*error, Error::Overlap { .. }),
        };
        for (text, alone, network_of_ours) in [
            ("10.0.0.0/8", false, true),
            ("10.0.0.0/23", false, true),
            ("10.0.0.0/24", true, true),
            ("10.0.0.128/25", true, true),
            ("10.0.0.7/32", true, true),
            ("10.0.1.0/24", false, false),
        ] {
            assert_eq!((refused(taken(text)), refused(network(text))), (alone, network_of_ours), "{text}");
        }
    }

    #[test]
    fn the_gateway_is_the_first_host_that_is_free() {
        let mut wanted = wanted(&["10.0.0.0/24", "fd00::/64"]);
        let pools = choose(&wanted, &[]).unwrap();
        assert_eq!(pools[0].gateway.to_string(), "10.0.0.1");
        assert_eq!(pools[1].gateway.to_string(), "fd00::1");
        wanted.aux.insert("printer".into(), "10.0.0.1".parse().unwrap());
        assert_eq!(choose(&wanted, &[]).unwrap()[0].gateway.to_string(), "10.0.0.2");
        wanted.gateways.push("10.0.0.1".parse().unwrap());
        assert!(matches!(choose(&wanted, &[]), Err(error) if matches!(*error, Error::AddressInUse { .. })));
    }

    #[test]
    fn what_no_subnet_takes_up_is_refused() {
        for gateway in ["10.1.0.1", "10.0.0.0", "10.0.0.255", "fd00::1"] {
            let wanted = NetworkSpec { gateways: vec![gateway.parse().unwrap()], ..wanted(&["10.0.0.0/24"]) };
            assert!(
                matches!(choose(&wanted, &[]), Err(error) if matches!(*error, Error::BadAddress { .. })),
                "{gateway}"
            );
        }
        let ranges = NetworkSpec { ip_ranges: vec![subnet("10.0.0.0/16")], ..wanted(&["10.0.0.0/24"]) };
        assert!(matches!(choose(&ranges, &[]), Err(error) if matches!(*error, Error::Value { .. })));
        assert!(
            matches!(choose(&wanted(&["10.0.0.0/24", "10.1.0.0/24"]), &[]), Err(error) if matches!(*error, Error::Value { .. }))
        );
        assert!(matches!(choose(&wanted(&["10.0.0.0/32"]), &[]), Err(error) if matches!(*error, Error::Value { .. })));
    }

    #[test]
    fn ipv6_without_a_subnet_is_a_random_unique_local_one() {
        let wanted = NetworkSpec { ipv6: true, ..wanted(&[]) };
        let pools = choose(&wanted, &[]).unwrap();
        assert_eq!(pools.len(), 2);
        assert!(subnet("fd00::/8").covers(&pools[1].subnet));
        assert_eq!(pools[1].subnet.prefix_len(), 64);
        assert_ne!(pools[1].subnet, choose(&wanted, &[]).unwrap()[1].subnet);
    }
}
