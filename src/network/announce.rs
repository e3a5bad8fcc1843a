//! Telling the hosts of a link whose an address is now, so that none of them goes on sending to who had it before: for half a minute
//! they would, if the address comes back with another MAC.
//!
//! Before Linux 4.13 hosts overlook it for IPv4 where they heard of the address less than a second before.
//!
//! # Source
//! RFC 5227 section 3 (ARP announcement), RFC 4861 section 7.2.6 (unsolicited neighbour advertisement).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::sys::packet::PacketSocket;
use crate::types::mac::Mac;

// linux/if_ether.h
const ETH_P_ARP: u16 = 0x0806;
const ETH_P_IPV6: u16 = 0x86dd;

const BROADCAST: [u8; 6] = [0xff; 6];
/// That of [`ALL_NODES`].
const ALL_NODES_MAC: [u8; 6] = [0x33, 0x33, 0, 0, 0, 1];
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

const ICMPV6: u8 = 58;

/// Tells that the interface with this index and `mac` has `addresses`. What cannot be sent is no loss but of time: those who have it
/// wrong find out by themselves.
pub fn announce(socket: &PacketSocket, index: u32, mac: Mac, addresses: impl Iterator<Item = IpAddr>) {
    for address in addresses {
        let _ = match address {
            IpAddr::V4(v4) => socket.send(index, ETH_P_ARP, BROADCAST, &arp_announcement(mac, v4)),
            IpAddr::V6(v6) => socket.send(index, ETH_P_IPV6, ALL_NODES_MAC, &advertisement(mac, v6)),
        };
    }
}

/// A request for one's own address (RFC 826): Ethernet, IPv4, lengths, operation; then sender and target.
fn arp_announcement(mac: Mac, address: Ipv4Addr) -> Vec<u8> {
    let mut packet = vec![0, 1, 0x08, 0x00, 6, 4, 0, 1];
    packet.extend(mac.0);
    packet.extend(address.octets());
    packet.extend([0; 6]);
    packet.extend(address.octets());
    packet
}

/// A neighbour advertisement to all nodes, below its IPv6 header.
fn advertisement(mac: Mac, address: Ipv6Addr) -> Vec<u8> {
    // Type 136; the flag "override"; the address; option 2, the link-layer address, of one unit of eight bytes.
    let mut message = vec![136, 0, 0, 0, 0x20, 0, 0, 0];
    message.extend(address.octets());
    message.extend([2, 1]);
    message.extend(mac.0);
    let checksum = checksum(address, ALL_NODES, &message).to_be_bytes();
    message.splice(2..4, checksum);
    // Version 6; length of the payload, which is 32; hop limit 255, or nobody listens.
    let mut packet = vec![0x60, 0, 0, 0, 0, 32, ICMPV6, 255];
    packet.extend(address.octets());
    packet.extend(ALL_NODES.octets());
    packet.extend(message);
    packet
}

/// RFC 4443 section 2.3: over a header of the addresses, length and protocol, and `message`, whose own is zero and whose length even.
fn checksum(from: Ipv6Addr, to: Ipv6Addr, message: &[u8]) -> u16 {
    let length = u64::try_from(message.len()).unwrap_or_default();
    let mut sum = words(&from.octets()) + words(&to.octets()) + words(message) + length + u64::from(ICMPV6);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

/// The sum of the 16-bit words that `bytes` are.
fn words(bytes: &[u8]) -> u64 {
    bytes.chunks_exact(2).map(|pair| pair.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))).sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const MAC: Mac = Mac([2, 0, 0, 0, 0, 9]);

    #[test]
    fn an_arp_announcement_asks_for_the_address_that_it_tells() {
        let packet = arp_announcement(MAC, Ipv4Addr::new(10, 9, 0, 7));
        let expected = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 10, 9, 0, 7, 0, 0, 0, 0, 0, 0, 10, 9, 0, 7];
        assert_eq!(packet, expected);
    }

    #[test]
    fn an_advertisement_is_as_long_as_it_says_and_sums_up() {
        let packet = advertisement(MAC, "fd00:9::7".parse().unwrap());
        assert_eq!(packet.len(), 40 + 32);
        let message = packet.get(40..).unwrap();
        assert_eq!(message.get(..2), Some(&[136, 0][..]));
        // A sum that is right makes the sum of everything zero.
        assert_eq!(checksum("fd00:9::7".parse().unwrap(), ALL_NODES, message), 0);
    }
}
