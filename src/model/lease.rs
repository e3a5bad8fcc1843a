//! Leases: the host-side device whose name stands for an address.
//!
//! `vethac110002` is 172.17.0.2. Creating the device is the allocation: the kernel refuses the second one of a name.

use std::net::{IpAddr, Ipv4Addr};

use crate::types::subnet::{Subnet, address, number};

/// The name of the device that leases `address` of `subnet`.
///
/// IPv4: the address's eight hex digits. IPv6-only networks: the low 32 bits, xor a hash of the prefix, so that two networks
/// rarely meet in a name.
#[must_use]
pub fn device_name(subnet: &Subnet, address: IpAddr) -> String {
    let low = low_bits(number(address));
    match address {
        IpAddr::V4(_) => format!("veth{low:08x}"),
        IpAddr::V6(_) => format!("veth{:08x}", low ^ prefix_hash(subnet)),
    }
}

/// The address of `subnet` that the device called `name` leases; none when its name is no lease of this subnet.
#[must_use]
pub fn leased_address(subnet: &Subnet, name: &str) -> Option<IpAddr> {
    let digits = name.strip_prefix("veth").filter(|d| d.len() == 8 && !d.bytes().any(|b| b.is_ascii_uppercase()))?;
    let bits = u32::from_str_radix(digits, 16).ok()?;
    let found = match subnet.network() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(bits)),
        network @ IpAddr::V6(_) => {
            let low = u128::from(bits ^ prefix_hash(subnet));
            address(network, number(network) & !0xffff_ffff | low)
        }
    };
    subnet.contains(found).then_some(found)
}

/// FNV-1a over the prefix's sixteen bytes and its length.
fn prefix_hash(subnet: &Subnet) -> u32 {
    let bytes = number(subnet.network()).to_be_bytes().into_iter().chain([subnet.prefix_len()]);
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn low_bits(number: u128) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or_default()
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
        ] {
            let subnet: Subnet = subnet.parse().unwrap();
            let address = subnet.host(host).unwrap();
            let name = device_name(&subnet, address);
            assert_eq!(name.len(), 12);
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
    }

    #[test]
    fn ipv6_networks_do_not_meet_in_their_first_names() {
        let name = |text: &str| {
            let subnet: Subnet = text.parse().unwrap();
            device_name(&subnet, subnet.host(2).unwrap())
        };
        assert_ne!(name("fd00:1::/64"), name("fd00:2::/64"));
    }
}
