//! Blocks of addresses that no network can be made of, whatever the host has.
//!
//! Those that are only set apart, such as 240.0.0.0/4, 169.254.0.0/16 or `2001:db8::/32`, work on Linux and are left to whoever wants
//! them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::types::subnet::{Subnet, number};

/// A block, and what it is, to follow "which is".
pub type Block = (Subnet, &'static str);

/// Tried on Linux 6.18: either the kernel takes no such address or route, or no sandbox that has one is reached. In 0.0.0.0/8 one
/// is by its neighbours, on newer kernels; other hosts do not forward to it.
///
/// # Source
/// RFC 6890, RFC 4291, RFC 5771
fn blocks() -> [Block; 8] {
    let v4 = |address: [u8; 4], prefix_len| Subnet::around(IpAddr::V4(Ipv4Addr::from(address)), prefix_len);
    let v6 = |address: Ipv6Addr, prefix_len| Subnet::around(IpAddr::V6(address), prefix_len);
    [
        (v4([0, 0, 0, 0], 8), "for hosts that have no address yet (RFC 6890)"),
        (v4([127, 0, 0, 0], 8), "loopback (RFC 6890)"),
        (v4([224, 0, 0, 0], 4), "multicast (RFC 5771)"),
        (v4([255, 255, 255, 255], 32), "broadcast (RFC 6890)"),
        (v6(Ipv6Addr::UNSPECIFIED, 127), "no address and loopback (RFC 6890)"),
        (v6(Ipv4Addr::UNSPECIFIED.to_ipv6_mapped(), 96), "IPv4 in IPv6's words (RFC 6890)"),
        (v6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10), "link-local: every interface has it (RFC 6890)"),
        (v6(Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8), "multicast (RFC 4291)"),
    ]
}

/// The block that some host's address in `subnet` would lie in; its own address and its broadcast address are no host's.
#[must_use]
pub fn block_in(subnet: Subnet) -> Option<Block> {
    let start = number(subnet.network());
    let (first, last) = subnet.host_numbers();
    blocks().into_iter().find(|(block, _)| {
        let begin = number(block.network());
        block.family() == subnet.family() && begin <= start + last && start + first <= begin + block.host_mask()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn block(text: &str) -> Option<String> {
        block_in(text.parse().unwrap()).map(|(block, _)| block.to_string())
    }

    #[test]
    fn what_is_beside_a_block_is_not_in_it() {
        for text in ["1.0.0.0/8", "126.0.0.0/8", "128.0.0.0/2", "223.255.255.0/24", "240.0.0.0/4", "255.255.255.252/30"]
        {
            assert_eq!(block(text), None, "{text}");
        }
        for text in ["::2/127", "::1:0:0/96", "fe00::/9", "fec0::/10", "fe40::/10", "fc00::/7", "2000::/3"] {
            assert_eq!(block(text), None, "{text}");
        }
    }

    #[test]
    fn every_overlap_is_found() {
        for (text, expected) in [
            ("0.0.0.0/0", "0.0.0.0/8"),
            ("127.255.255.0/24", "127.0.0.0/8"),
            ("64.0.0.0/2", "127.0.0.0/8"),
            ("239.255.255.0/24", "224.0.0.0/4"),
            ("255.255.255.254/31", "255.255.255.255/32"),
            ("255.255.255.255/32", "255.255.255.255/32"),
            ("::/0", "::/127"),
            ("::1/128", "::/127"),
            ("::/96", "::/127"),
            ("febf:ffff::/32", "fe80::/10"),
            ("8000::/1", "fe80::/10"),
            ("ffff:ffff::/32", "ff00::/8"),
        ] {
            assert_eq!(block(text).as_deref(), Some(expected), "{text}");
        }
    }
}
