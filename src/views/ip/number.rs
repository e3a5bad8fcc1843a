//! Numbers and addresses as C writes them, where Rust does otherwise.

use std::net::{IpAddr, Ipv4Addr};

/// As C's `%#x`.
pub fn hex(value: u64) -> String {
    if value == 0 { "0".to_owned() } else { format!("{value:#x}") }
}

/// An address as C's `inet_ntop` writes it; it differs from Rust in IPv4-compatible addresses (`::10.0.0.1`).
pub fn ip(address: IpAddr) -> String {
    if let IpAddr::V6(v6) = address
        && let [0, 0, 0, 0, 0, 0, high @ 1..=u16::MAX, low] = v6.segments()
    {
        return format!("::{}", Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    }
    address.to_string()
}
