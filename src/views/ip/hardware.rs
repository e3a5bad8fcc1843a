//! Hardware types and addresses.

use pontoon_netlink::bytes;

use super::number::ip;
use crate::views::hex;

/// Ethernet; `linux/if_arp.h`.
pub const ARPHRD_ETHER: u16 = 1;
const ARPHRD_TUNNEL: u16 = 768;
const ARPHRD_TUNNEL6: u16 = 769;
const ARPHRD_SIT: u16 = 776;
const ARPHRD_IPGRE: u16 = 778;
const ARPHRD_IP6GRE: u16 = 823;

/// A hardware type as it is called behind `link/`.
pub fn link_type(hardware: u16) -> String {
    let name = match hardware {
        ARPHRD_ETHER => "ether",
        32 => "infiniband",
        280 => "can",
        512 => "ppp",
        519 => "rawip",
        ARPHRD_TUNNEL => "ipip",
        ARPHRD_TUNNEL6 => "tunnel6",
        772 => "loopback",
        ARPHRD_SIT => "sit",
        ARPHRD_IPGRE => "gre",
        801 => "ieee802.11",
        ARPHRD_IP6GRE => "gre6",
        824 => "netlink",
        0xfffe => "none",
        _ => return format!("[{hardware}]"),
    };
    name.to_owned()
}

/// An address of this hardware type; that of a tunnel is an IP address.
pub fn address(address: &[u8], hardware: u16) -> String {
    let tunnel = matches!(hardware, ARPHRD_TUNNEL | ARPHRD_TUNNEL6 | ARPHRD_SIT | ARPHRD_IPGRE | ARPHRD_IP6GRE);
    match bytes::ip(address) {
        Some(address) if tunnel => ip(address),
        _ => hex::bytes(address, ":"),
    }
}
