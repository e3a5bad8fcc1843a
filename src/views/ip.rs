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

use core::net::IpAddr;

use super::names::Table;
use super::page::Page;
use crate::prelude::*;

pub use super::names::{find, value_of};
pub use address::addresses;
pub use link::links;
pub use neighbour::neighbours;
pub use netns::namespaces;
pub use route::{parse_prefix, routes};

/// How to print.
#[derive(Debug, Default)]
pub struct Format {
    /// JSON.
    pub json: bool,
    /// `-details`.
    pub details: bool,
    /// `-brief`.
    pub brief: bool,
    /// `-oneline`.
    pub oneline: bool,
    /// `AF_INET` or `AF_INET6`; 0 for both.
    pub family: u8,
}

impl Format {
    fn page(&self) -> Page {
        let mut page = Page::new(self.json);
        if self.oneline {
            page.oneline();
        }
        page.open("[");
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
    pub kind: Option<Text>,
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
    pub links: Vec<(u32, Text, u32)>,
    /// Namespaces: name below `/run/netns`, and id where there is one.
    pub namespaces: Vec<(Text, Option<i32>)>,
}

impl Names {
    fn link(&self, index: u32) -> Text {
        match self.links.iter().find(|link| link.0 == index) {
            Some((_, name, _)) => name,
            None if index == 0 => "*",
            None => numbered("if", index.into(), ""),
        }
    }

    fn flags(&self, index: u32) -> u32 {
        self.links.iter().find(|link| link.0 == index).map_or(0, |link| link.2)
    }

    fn namespace(&self, id: i32) -> Option<Text> {
        self.namespaces.iter().find(|space| space.1 == Some(id)).map(|space| space.0)
    }
}

/// Appends two hexadecimal digits.
pub fn push_hex(out: &mut String, byte: u8) {
    push_digit(out, byte >> 4);
    push_digit(out, byte & 15);
}

/// Appends one hexadecimal digit.
fn push_digit(out: &mut String, half: u8) {
    out.push(char::from_digit(half.into(), 16).unwrap_or_default());
}

/// Bytes in hexadecimal, `separator` between them.
pub fn hex_bytes(bytes: &[u8], separator: Text) -> Text {
    let mut out = String::new();
    for (position, byte) in bytes.iter().enumerate() {
        if position > 0 {
            out.push_str(separator);
        }
        push_hex(&mut out, *byte);
    }
    out.keep()
}

fn numbered(before: Text, number: i64, after: Text) -> Text {
    text!("{before}{number}{after}")
}

/// As C's `%#x`.
fn hex(value: u64) -> Text {
    if value == 0 { "0" } else { text!("{value:#x}") }
}

/// An address as C's `inet_ntop` writes it; it differs from Rust in IPv4-compatible addresses (`::10.0.0.1`).
fn ip(address: IpAddr) -> Text {
    if let IpAddr::V6(v6) = address
        && let [0, 0, 0, 0, 0, 0, high @ 1..=u16::MAX, low] = v6.segments()
    {
        let v4 = core::net::Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
        return text!("::{v4}");
    }
    address.to_text()
}

fn prefix(address: IpAddr, len: u8) -> Text {
    let all = if address.is_ipv4() { 32 } else { 128 };
    let address = ip(address);
    if len == all { address } else { text!("{address}/{len}") }
}

/// `RT_SCOPE_…` by name.
pub const SCOPES: Table = "0 global,200 site,253 link,254 host,255 nowhere";

/// `RTPROT_…` by name.
pub const PROTOCOLS: Table = "0 unspec,1 redirect,2 kernel,3 boot,4 static,8 gated,9 ra,10 mrt,11 zebra,12 bird,\
    13 dnrouted,14 xorp,15 ntk,16 dhcp,18 keepalived,42 babel,186 bgp,187 isis,188 ospf,189 rip,192 eigrp";

/// Tables that have a name.
pub const TABLES: Table = "253 default,254 main,255 local";

/// `NUD_…` by name and number of the bit.
pub const STATES: Table = "0 INCOMPLETE,1 REACHABLE,2 STALE,3 DELAY,4 PROBE,5 FAILED,6 NOARP,7 PERMANENT";
