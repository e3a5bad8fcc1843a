//! Which subnets a new network gets: those asked for, or the first default pool that nothing on this host overlaps.

use core::net::{IpAddr, Ipv6Addr};

use super::definition::{Pool, Wanted};
use super::subnet::Subnet;
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::Address;
use crate::prelude::*;
use crate::sys::random;

/// A subnet that is taken, and by what: `network lan (10.0.0.0/24)`, `address 10.0.0.1/24 of eth0`, `route to 10.0.0.0/8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The subnet.
    pub subnet: Subnet,
    /// What takes it.
    pub by: Text,
}

/// The first of Docker's default address pools that is free: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in parts
/// of /20.
fn first_default(taken: &[Taken]) -> Result<&'static Subnet> {
    for number in 17..48 {
        let (address, prefix_len) =
            if number < 32 { ([172, number, 0, 0], 16) } else { ([192, 168, (number - 32) << 4, 0], 20) };
        let subnet = Subnet::around(&IpAddr::from(address), prefix_len);
        if overlapped(&subnet, taken).is_none() {
            return Ok(stay(subnet));
        }
    }
    Err(Failure::NoFreePool.into())
}

/// The pools of the network that is wanted, IPv4 first, given what is taken on this host, and what addresses are `present` on
/// the bridge already.
pub fn choose(wanted: &Wanted, taken: &[Taken], present: &[&Address]) -> Result<&'static [&'static Pool]> {
    let mut pools: Vec<&'static Pool> = Vec::new();
    for ipv4 in &[true, false] {
        let ipv4 = *ipv4;
        let mut of_family = wanted.subnets.iter().filter(|subnet| subnet.is_ipv4() == ipv4);
        let given = of_family.next();
        if let Some(second) = of_family.next() {
            return Err(Error::value(
                "--subnet",
                second.to_text(),
                "the only one of its family: a bridge network has one IPv4 and one IPv6 subnet",
            ));
        }
        let subnet = match given {
            Some(subnet) => subnet,
            None if !wanted.wants(ipv4) => continue,
            None if ipv4 => first_default(taken)?,
            None => random_ula()?,
        };
        check(subnet, taken)?;
        pools.push(pool(wanted, subnet, given.is_some(), present)?);
    }
    all_used(wanted, &pools)?;
    Ok(pools.leak())
}

fn overlapped<'a>(subnet: &Subnet, taken: &'a [Taken]) -> Option<&'a Taken> {
    taken.iter().find(|taken| taken.subnet.overlaps(subnet))
}

fn check(subnet: &Subnet, taken: &[Taken]) -> Result<()> {
    if subnet.host_mask() == 0 {
        return Err(Error::value("--subnet", subnet.to_text(), "large enough for a gateway and one sandbox"));
    }
    match overlapped(subnet, taken) {
        None => Ok(()),
        Some(taken) => Err(Failure::Overlap { subnet: subnet.to_text(), with: taken.by }.into()),
    }
}

/// A random unique local subnet: `fd`, 40 random bits, a zero subnet number (RFC 4193).
fn random_ula() -> Result<&'static Subnet> {
    let mut random = [0; 8];
    random::fill(&mut random).doing("get", &"random bytes")?;
    let prefix = u64::from_be_bytes(random) & 0x00ff_ffff_ffff_0000 | 0xfd00_0000_0000_0000;
    Ok(stay(Subnet::around(&IpAddr::V6(Ipv6Addr::from(u128::from(prefix) << 64)), 64)))
}

/// The pool for `subnet`, with the gateway, range and auxiliary addresses that lie in it.
fn pool(wanted: &Wanted, subnet: &Subnet, subnet_given: bool, present: &[&Address]) -> Result<&'static Pool> {
    let given = wanted.gateways.iter().find(|gateway| subnet.contains(gateway));
    let aux = wanted.aux_where(&|address| subnet.contains(address));
    let is_free = |address: &IpAddr| !aux.iter().any(|(_, aux)| aux == address);
    let gateway = match given {
        Some(gateway) => {
            usable(subnet, gateway)?;
            if !is_free(gateway) {
                return Err(Error::in_use(gateway, ": it is an --aux-address too"));
            }
            *gateway
        }
        // The first host, unless that one is spoken for.
        None => {
            let (mut host, last) = subnet.host_numbers();
            loop {
                let address = subnet.host(host).filter(|_| host <= last);
                let none = || Failure::PoolExhausted { network: wanted.name, pool: subnet.to_text() };
                let address = address.ok_or_else(none)?;
                if is_free(&address) {
                    break address;
                }
                host += 1;
            }
        }
    };
    Ok(stay(Pool {
        subnet: *subnet,
        subnet_given,
        gateway,
        gateway_given: given.is_some(),
        gateway_was_there: present.iter().any(|address| address.local == gateway),
        ip_range: wanted.ip_ranges.iter().copied().find(|range| subnet.covers(range)),
        aux: aux.leak(),
    }))
}

/// Refuses the network and broadcast addresses of `subnet`, and what lies outside it.
pub fn usable(subnet: &Subnet, address: &IpAddr) -> Result<()> {
    let (first, last) = subnet.host_numbers();
    let host = subnet.host_number(address);
    let why = if !subnet.contains(address) {
        "is not in subnet"
    } else if host < first {
        "is the network address of"
    } else if host > last {
        "is the broadcast address of"
    } else {
        return Ok(());
    };
    Err(Error::bad_address(address, text!("{why} {subnet}")))
}

/// Refuses options that no subnet took up: silently dropped, they would be a surprise later.
fn all_used(wanted: &Wanted, pools: &[&'static Pool]) -> Result<()> {
    let within = |address: &IpAddr| {
        if pools.iter().any(|pool| pool.subnet.contains(address)) {
            return Ok(());
        }
        Err(Error::bad_address(address, text!("is not in subnet {}", subnets(pools))))
    };
    for gateway in &wanted.gateways {
        within(gateway)?;
    }
    for (_, address) in &wanted.aux_where(&|_| true) {
        within(address)?;
    }
    for range in &wanted.ip_ranges {
        if !pools.iter().any(|pool| pool.ip_range.as_ref() == Some(range)) {
            let must = text!("the only one within subnet {}", subnets(pools));
            return Err(Error::value("--ip-range", range.to_text(), must));
        }
    }
    let (mut has_ipv4, mut has_ipv6) = (false, false);
    for gateway in &wanted.gateways {
        let has_one = if gateway.is_ipv4() { &mut has_ipv4 } else { &mut has_ipv6 };
        if core::mem::replace(has_one, true) {
            return Err(Error::value("--gateway", gateway.to_text(), "the only one of its family"));
        }
    }
    Ok(())
}

fn subnets(pools: &[&'static Pool]) -> Text {
    match pools {
        [one, two] => text!("{} or {}", one.subnet, two.subnet),
        _ => pools.first().map_or("", |pool| pool.subnet.to_text()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn subnet(text: Text) -> Subnet {
        Subnet::parse(text).unwrap()
    }

    fn taken(text: Text) -> Taken {
        Taken { subnet: subnet(text), by: text }
    }

    fn wanted(subnets: &[Text]) -> Wanted {
        Wanted { name: "x", subnets: subnets.iter().map(|s| subnet(s)).collect(), ..Wanted::default() }
    }

    fn chosen(taken: &[Taken]) -> Result<Text> {
        choose(&wanted(&[]), taken, &[]).map(|pools| pools[0].subnet.to_text())
    }

    #[test]
    fn default_pools_are_dockers_in_order() {
        assert_eq!(chosen(&[]), Ok("172.17.0.0/16"));
        assert_eq!(chosen(&[taken("172.17.3.0/24")]), Ok("172.18.0.0/16"));
        assert_eq!(chosen(&[taken("172.16.0.0/12")]), Ok("192.168.0.0/20"));
        assert_eq!(chosen(&[taken("172.16.0.0/12"), taken("192.168.1.0/24")]), Ok("192.168.16.0/20"));
        assert_eq!(chosen(&[taken("172.16.0.0/12"), taken("192.168.0.0/16")]), Err(Failure::NoFreePool.into()));
        let all_but = |text| [taken("172.16.0.0/12"), taken("192.168.0.0/17"), taken("192.168.128.0/18"), taken(text)];
        assert_eq!(chosen(&all_but("192.168.192.0/19")), Ok("192.168.224.0/20"));
    }

    #[test]
    fn the_gateway_is_the_first_host_that_is_free() {
        let mut wanted = wanted(&["10.0.0.0/24", "fd00::/64"]);
        let pools = choose(&wanted, &[], &[]).unwrap();
        assert_eq!(pools[0].gateway.to_text(), "10.0.0.1");
        assert_eq!(pools[1].gateway.to_text(), "fd00::1");
        wanted.aux.push(("printer", "10.0.0.1"));
        assert_eq!(choose(&wanted, &[], &[]).unwrap()[0].gateway.to_text(), "10.0.0.2");
        wanted.gateways.push("10.0.0.1".parse().unwrap());
        assert!(matches!(choose(&wanted, &[], &[]), Err(error) if matches!(*error, Failure::AddressInUse { .. })));
    }

    #[test]
    fn what_no_subnet_takes_up_is_refused() {
        for gateway in ["10.1.0.1", "10.0.0.0", "10.0.0.255", "fd00::1"] {
            let wanted = Wanted { gateways: vec![gateway.parse().unwrap()], ..wanted(&["10.0.0.0/24"]) };
            assert!(
                matches!(choose(&wanted, &[], &[]), Err(error) if matches!(*error, Failure::BadAddress { .. })),
                "{gateway}"
            );
        }
        let ranges = Wanted { ip_ranges: vec![subnet("10.0.0.0/16")], ..wanted(&["10.0.0.0/24"]) };
        assert!(matches!(choose(&ranges, &[], &[]), Err(error) if matches!(*error, Failure::Value { .. })));
        assert!(
            matches!(choose(&wanted(&["10.0.0.0/24", "10.1.0.0/24"]), &[], &[]), Err(error) if matches!(*error, Failure::Value { .. }))
        );
        assert!(
            matches!(choose(&wanted(&["10.0.0.0/32"]), &[], &[]), Err(error) if matches!(*error, Failure::Value { .. }))
        );
        assert!(
            matches!(choose(&wanted(&["10.0.0.0/24"]), &[taken("10.0.0.0/8")], &[]), Err(error) if matches!(*error, Failure::Overlap { .. }))
        );
    }

    #[test]
    fn ipv6_without_a_subnet_is_a_random_unique_local_one() {
        let wanted = Wanted { ipv6: true, ..wanted(&[]) };
        let pools = choose(&wanted, &[], &[]).unwrap();
        assert_eq!(pools.len(), 2);
        assert!(subnet("fd00::/8").covers(&pools[1].subnet));
        assert_eq!(pools[1].subnet.prefix_len(), 64);
        assert_ne!(pools[1].subnet, choose(&wanted, &[], &[]).unwrap()[1].subnet);
    }
}
