//! Leases: the host-side device whose name stands for an address.
//!
//! `vethac110002` is 172.17.0.2. Creating the device is the allocation: the kernel refuses the second one of a name.

use std::net::{IpAddr, Ipv4Addr};

use crate::types::mix::mix;
use crate::types::subnet::{Subnet, address, halves, number};

/// What every name begins with.
const PREFIX: &str = "veth";

/// Digits of an IPv6 address's name: as many as an interface's name has room for, and enough for 64 bits.
const DIGITS: [u8; 62] = *b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const IPV6_LEN: usize = 11;

/// The name of the device that leases `address` of `subnet`.
///
/// IPv4: the address's eight hex digits. IPv6-only networks: eleven digits and letters for the address's low 64 bits, xor a hash of
/// the others and of the prefix's length. No two addresses of a network have one name, and two networks do not meet in a name
/// but by a chance of one in 2⁶⁴.
#[must_use]
pub fn device_name(subnet: &Subnet, address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("{PREFIX}{:08x}", u32::from(v4)),
        IpAddr::V6(_) => {
            let (high, low) = halves(number(address));
            format!("{PREFIX}{}", digits(low ^ hash(high, subnet)))
        }
    }
}

/// The address of `subnet` that the device called `name` leases; none when its name is no lease of this subnet. In an IPv6 subnet
/// wider than /64 it is the one whose bits behind the prefix, up to the 64th, are zero, and the alias tells of another.
#[must_use]
pub fn leased_address(subnet: &Subnet, name: &str) -> Option<IpAddr> {
    let rest = name.strip_prefix(PREFIX)?;
    let found = match subnet.network() {
        IpAddr::V4(_) => {
            let lower = rest.len() == 8 && !rest.bytes().any(|b| b.is_ascii_uppercase());
            IpAddr::V4(Ipv4Addr::from(u32::from_str_radix(rest, 16).ok().filter(|_| lower)?))
        }
        network @ IpAddr::V6(_) => {
            let (high, _) = halves(number(network));
            let low = of_digits(rest)? ^ hash(high, subnet);
            address(network, u128::from(high) << 64 | u128::from(low))
        }
    };
    subnet.contains(found).then_some(found)
}

fn hash(high: u64, subnet: &Subnet) -> u64 {
    mix(mix(high).wrapping_add(subnet.prefix_len().into()))
}

fn digits(mut number: u64) -> String {
    let mut text = [b'0'; IPV6_LEN];
    for digit in text.iter_mut().rev() {
        let value = usize::try_from(number % 62).unwrap_or_default();
        *digit = DIGITS.get(value).copied().unwrap_or(b'0');
        number /= 62;
    }
    text.iter().copied().map(char::from).collect()
}

fn of_digits(text: &str) -> Option<u64> {
    let value = |byte: u8| DIGITS.iter().position(|digit| *digit == byte).and_then(|value| u64::try_from(value).ok());
    if text.len() != IPV6_LEN {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, byte| number.checked_mul(62)?.checked_add(value(byte)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_each_others_inverse() {
        for (subnet, host) in [
            ("172.17.0.0/16", 2),
            ("10.0.0.0/30", 2),
            ("fd00:1::/64", 2),
            ("fd00:1::/120", 255),
            ("fd00::/64", 0xffff_ffff),
            ("fd00::/64", 0xffff_ffff_ffff_ffff),
            ("fd00:0:0:0:ff00::/72", 0x12_3456_789a_bcde),
            ("fd00::/48", 0xfedc_ba98_7654_3210),
        ] {
            let subnet: Subnet = subnet.parse().unwrap();
            let address = subnet.host(host).unwrap();
            let name = device_name(&subnet, address);
            // An interface's name has fifteen bytes at the most.
            assert_eq!(name.len(), if address.is_ipv4() { 12 } else { 15 });
            assert_eq!(leased_address(&subnet, &name), Some(address), "{name}");
        }
        let docker: Subnet = "172.17.0.0/16".parse().unwrap();
        assert_eq!(device_name(&docker, "172.17.0.2".parse().unwrap()), "vethac110002");
    }

    #[test]
    fn other_names_are_no_leases() {
        let subnet: Subnet = "172.17.0.0/16".parse().unwrap();
        for name in ["veth0", "vethac120002", "vethAC110002", "vethac11000g", "eth0", "", "veth+c110002"] {
            assert_eq!(leased_address(&subnet, name), None, "{name}");
        }
        let six: Subnet = "fd00:1::/72".parse().unwrap();
        for name in ["veth0", "vethac110002", "veth00000000000", "vethzzzzzzzzzzz", "veth0000000000-", "eth0", ""] {
            assert_eq!(leased_address(&six, name), None, "{name}");
        }
    }

    #[test]
    fn no_two_addresses_of_a_network_have_one_name() {
        let wide: Subnet = "fd00::/16".parse().unwrap();
        let mut names = Vec::new();
        for bit in 0..112 {
            names.push(device_name(&wide, wide.host(1 << bit | 5).unwrap()));
        }
        // The fifth host, by its two bits.
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 110 + 1);
    }

    #[test]
    fn ipv6_networks_do_not_meet_in_their_first_names() {
        let name = |text: &str| {
            let subnet: Subnet = text.parse().unwrap();
            device_name(&subnet, subnet.host(2).unwrap())
        };
        assert_ne!(name("fd00:1::/64"), name("fd00:2::/64"));
        assert_ne!(name("fd00:1::/64"), name("fd00:1::/65"));
    }
}
