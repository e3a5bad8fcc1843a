//! Links, addresses, routes and neighbours as `ip` of iproute2 6.1 prints them when not on a terminal.
//!
//! # Source
//! The output of iproute2 6.1; ip(8). Each file holds one object.

mod address;
mod details;
mod link;
mod neighbour;
mod netns;
mod route;

use std::net::IpAddr;

use super::printer::Page;
use crate::types::family::Family;

pub use address::addresses;
pub use link::links;
pub use neighbour::neighbours;
pub use netns::namespaces;
pub use route::{parse_prefix, routes};

/// How to print.
#[derive(Debug, Clone, Copy, Default)]
pub struct Format {
    /// JSON.
    pub json: bool,
    /// `-details`.
    pub details: bool,
    /// `-brief`.
    pub brief: bool,
    /// `-oneline`.
    pub oneline: bool,
    /// Only this one.
    pub family: Option<Family>,
}

impl Format {
    fn page(self) -> Page {
        let mut page = if self.oneline { Page::new(self.json).oneline() } else { Page::new(self.json) };
        page.open("", '[');
        page
    }
}

/// A prefix and its length; no address stands for the default route.
pub type Prefix = (Option<IpAddr>, u8);

/// What to print.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only what belongs to this link.
    pub link: Option<u32>,
    /// Only links that are up.
    pub up: bool,
    /// Only ports of this bridge.
    pub master: Option<u32>,
    /// Only links of this kind; `bridge_slave` for ports of a kind.
    pub kind: Option<String>,
    /// Only links of this group.
    pub group: Option<u32>,
    /// Only of this scope.
    pub scope: Option<u8>,
    /// Only routes of this table; none for all of them.
    pub table: Option<u32>,
    /// Only routes of this protocol.
    pub protocol: Option<u8>,
    /// Only the route to exactly this prefix.
    pub to: Option<Prefix>,
    /// Only neighbours in one of these states; none for iproute2's usual ones.
    pub states: Option<u16>,
}

/// What things are called.
#[derive(Debug, Default)]
pub struct Names {
    /// Links: index, name, flags.
    pub links: Vec<(u32, String, u32)>,
    /// Namespaces: id, name below `/run/netns`.
    pub namespaces: Vec<(i32, String)>,
}

impl Names {
    fn link(&self, index: u32) -> String {
        match self.links.iter().find(|link| link.0 == index) {
            Some((_, name, _)) => name.clone(),
            None if index == 0 => "*".to_owned(),
            None => numbered("if", index.into(), ""),
        }
    }

    fn flags(&self, index: u32) -> u32 {
        self.links.iter().find(|link| link.0 == index).map_or(0, |link| link.2)
    }

    fn namespace(&self, id: i32) -> Option<&str> {
        self.namespaces.iter().find(|space| space.0 == id).map(|space| space.1.as_str())
    }
}

/// Appends two hexadecimal digits.
pub fn push_hex(out: &mut String, byte: u8) {
    for half in [byte >> 4, byte & 15] {
        out.extend(char::from_digit(half.into(), 16));
    }
}

/// Bytes in hexadecimal, `separator` between them.
fn hex_bytes(bytes: &[u8], separator: &str) -> String {
    let mut out = String::new();
    for (position, byte) in bytes.iter().enumerate() {
        if position > 0 {
            out.push_str(separator);
        }
        push_hex(&mut out, *byte);
    }
    out
}

fn numbered(before: &str, number: i64, after: &str) -> String {
    let mut out = String::from(before);
    out.push_str(&number.to_string());
    out.push_str(after);
    out
}

/// As C's `%#x`.
fn hex(value: u64) -> String {
    if value == 0 { "0".to_owned() } else { format!("{value:#x}") }
}

/// An address as C's `inet_ntop` writes it; it differs from Rust in IPv4-compatible addresses (`::10.0.0.1`).
fn ip(address: IpAddr) -> String {
    if let IpAddr::V6(v6) = address
        && let [0, 0, 0, 0, 0, 0, high @ 1..=u16::MAX, low] = v6.segments()
    {
        let v4 = std::net::Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
        return String::from("::") + &v4.to_string();
    }
    address.to_string()
}

fn prefix(address: IpAddr, len: u8) -> String {
    let all = if address.is_ipv4() { 32 } else { 128 };
    let mut out = ip(address);
    if len != all {
        out.push_str(&numbered("/", len.into(), ""));
    }
    out
}

/// The value that `name` stands for in `table`; else `name` as a number.
pub fn value_of(table: &[(u8, &str)], name: &str) -> Option<u8> {
    let named = table.iter().find(|(_, known)| *known == name).map(|(value, _)| *value);
    named.or_else(|| name.parse().ok())
}

fn name_of(table: &[(u8, &str)], value: u8) -> String {
    let named = table.iter().find(|(known, _)| *known == value).map(|(_, name)| (*name).to_owned());
    named.unwrap_or_else(|| value.to_string())
}

/// `RT_SCOPE_…` by name.
pub const SCOPES: &[(u8, &str)] = &[(0, "global"), (200, "site"), (253, "link"), (254, "host"), (255, "nowhere")];

/// `RTPROT_…` by name.
pub const PROTOCOLS: &[(u8, &str)] = &[
    (0, "unspec"),
    (1, "redirect"),
    (2, "kernel"),
    (3, "boot"),
    (4, "static"),
    (8, "gated"),
    (9, "ra"),
    (10, "mrt"),
    (11, "zebra"),
    (12, "bird"),
    (13, "dnrouted"),
    (14, "xorp"),
    (15, "ntk"),
    (16, "dhcp"),
    (18, "keepalived"),
    (42, "babel"),
    (186, "bgp"),
    (187, "isis"),
    (188, "ospf"),
    (189, "rip"),
    (192, "eigrp"),
];

/// Tables that have a name.
pub const TABLES: &[(u8, &str)] = &[(253, "default"), (254, "main"), (255, "local")];

/// `NUD_…` by name, as bits.
pub const STATES: &[(u8, &str)] = &[
    (0x01, "INCOMPLETE"),
    (0x02, "REACHABLE"),
    (0x04, "STALE"),
    (0x08, "DELAY"),
    (0x10, "PROBE"),
    (0x20, "FAILED"),
    (0x40, "NOARP"),
    (0x80, "PERMANENT"),
];
