//! Routes.
//!
//! # Source
//! `linux/rtnetlink.h` (`struct rtmsg`, `enum rtattr_type_t`), rtnetlink(7).

use alloc::vec::Vec;
use core::net::IpAddr;

use super::{AF_INET, AF_INET6, family};
use crate::attr::{Attr, Attrs};
use crate::bytes;
use crate::message::{Message, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request, align};

// linux/rtnetlink.h
/// Add a route; also what describes one.
pub const RTM_NEWROUTE: u16 = 24;
/// Remove a route.
pub const RTM_DELROUTE: u16 = 25;
/// Ask for routes.
pub const RTM_GETROUTE: u16 = 26;

/// Length of `struct rtmsg`.
pub const RTMSG_LEN: usize = 12;

/// Destination.
pub const RTA_DST: u16 = 1;
/// Source prefix that the route is for.
pub const RTA_SRC: u16 = 2;
/// Outgoing link.
pub const RTA_OIF: u16 = 4;
/// Next hop.
pub const RTA_GATEWAY: u16 = 5;
/// Metric.
pub const RTA_PRIORITY: u16 = 6;
/// Preferred source address.
pub const RTA_PREFSRC: u16 = 7;
/// MTU and the like, in a nest.
pub const RTA_METRICS: u16 = 8;
/// Several next hops.
pub const RTA_MULTIPATH: u16 = 9;
/// Realms.
pub const RTA_FLOW: u16 = 11;
/// Life time of an IPv6 route.
pub const RTA_CACHEINFO: u16 = 12;
/// Table, 32 bits.
pub const RTA_TABLE: u16 = 15;
/// Next hop of the other family.
pub const RTA_VIA: u16 = 18;
/// Router preference of an IPv6 route.
pub const RTA_PREF: u16 = 20;
/// Id of a next hop object (5.3).
pub const RTA_NH_ID: u16 = 30;

/// The main table.
pub const RT_TABLE_MAIN: u32 = 254;
/// The local table.
pub const RT_TABLE_LOCAL: u32 = 255;
/// Anywhere.
pub const RT_SCOPE_UNIVERSE: u8 = 0;
/// On this link.
pub const RT_SCOPE_LINK: u8 = 253;
/// On this host.
pub const RT_SCOPE_HOST: u8 = 254;
/// Route by an administrator at boot: what `ip route add` writes.
pub const RTPROT_BOOT: u8 = 3;
/// Route by the kernel.
pub const RTPROT_KERNEL: u8 = 2;
/// An ordinary route.
pub const RTN_UNICAST: u8 = 1;

fn rtmsg(family: u8, dst_len: u8) -> [u8; RTMSG_LEN] {
    let [flag_a, flag_b, flag_c, flag_d] = 0_u32.to_ne_bytes();
    [family, dst_len, 0, 0, 254, RTPROT_BOOT, RT_SCOPE_UNIVERSE, RTN_UNICAST, flag_a, flag_b, flag_c, flag_d]
}

/// `ip route add default via GATEWAY dev IF`; fails with `EEXIST` when there is a default route already.
#[must_use]
pub fn add_default(gateway: IpAddr, index: u32) -> Request {
    let mut request = Request::new(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &rtmsg(family(gateway), 0));
    request.attrs().ip(RTA_GATEWAY, gateway).u32(RTA_OIF, index);
    request
}

/// `ip route del default via GATEWAY dev IF`.
#[must_use]
pub fn delete_default(gateway: IpAddr, index: u32) -> Request {
    let mut request = Request::new(RTM_DELROUTE, NLM_F_ACK, &rtmsg(family(gateway), 0));
    request.attrs().ip(RTA_GATEWAY, gateway).u32(RTA_OIF, index);
    request
}

/// Asks for all routes of a family (`AF_INET`, `AF_INET6`).
#[must_use]
pub fn dump(family: u8) -> Request {
    let mut body = [0; RTMSG_LEN];
    if let Some(first) = body.first_mut() {
        *first = family;
    }
    Request::new(RTM_GETROUTE, NLM_F_DUMP, &body)
}

/// A route as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `AF_INET` or `AF_INET6`.
    pub family: u8,
    /// Destination address; the unspecified one with length 0 is the default route.
    pub destination: IpAddr,
    /// Length of the destination's prefix in bits.
    pub prefix_len: u8,
    /// `RTPROT_…`.
    pub protocol: u8,
    /// `RT_SCOPE_…`.
    pub scope: u8,
    /// `RTN_…`.
    pub kind: u8,
    /// `RTM_F_…` and `RTNH_F_…`.
    pub flags: u32,
    /// Table.
    pub table: u32,
    /// Type of service.
    pub tos: u8,
    /// Source prefix that the route is for, and its length in bits.
    pub from: Option<(IpAddr, u8)>,
    /// Next hop.
    pub gateway: Option<IpAddr>,
    /// Next hop of the other family.
    pub via: Option<IpAddr>,
    /// Outgoing link.
    pub link: Option<u32>,
    /// Id of a next hop object.
    pub next_hop_id: Option<u32>,
    /// Realms: from in the upper half, to in the lower.
    pub realms: Option<u32>,
    /// Preferred source address.
    pub source: Option<IpAddr>,
    /// Metric.
    pub metric: Option<u32>,
    /// Router preference of an IPv6 route: 0 medium, 1 high, 3 low.
    pub preference: Option<u8>,
    /// Ticks of 1/100 s (`USER_HZ`) until it expires.
    pub expires: Option<i32>,
    /// Why packets are refused: a negative errno.
    pub error: Option<u32>,
    /// `RTA_METRICS`, as it came.
    pub metrics: Vec<u8>,
    /// `RTA_MULTIPATH`, as it came.
    pub multipath: Vec<u8>,
}

impl Route {
    /// Reads an `RTM_NEWROUTE` (or `RTM_DELROUTE`) message of IPv4 or IPv6; `None` for others.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        if !matches!(message.kind, RTM_NEWROUTE | RTM_DELROUTE) {
            return None;
        }
        let family = bytes::u8_at(message.payload, 0);
        let anywhere = match family {
            AF_INET => IpAddr::V4(core::net::Ipv4Addr::UNSPECIFIED),
            AF_INET6 => IpAddr::V6(core::net::Ipv6Addr::UNSPECIFIED),
            _ => return None,
        };
        let attrs = Attrs::after(message.payload, RTMSG_LEN);
        let ip = |kind| attrs.find(kind).and_then(|a| a.ip());
        let number = |kind| attrs.find(kind).map(|a| a.u32());
        let raw = |kind| attrs.find(kind).map(|a| a.value.to_vec()).unwrap_or_default();
        Some(Self {
            family,
            destination: ip(RTA_DST).unwrap_or(anywhere),
            prefix_len: bytes::u8_at(message.payload, 1),
            protocol: bytes::u8_at(message.payload, 5),
            scope: bytes::u8_at(message.payload, 6),
            kind: bytes::u8_at(message.payload, 7),
            flags: bytes::u32_at(message.payload, 8),
            table: number(RTA_TABLE).unwrap_or(u32::from(bytes::u8_at(message.payload, 4))),
            tos: bytes::u8_at(message.payload, 3),
            from: ip(RTA_SRC).map(|address| (address, bytes::u8_at(message.payload, 2))),
            gateway: ip(RTA_GATEWAY),
            via: attrs.find(RTA_VIA).and_then(via),
            link: number(RTA_OIF),
            next_hop_id: number(RTA_NH_ID),
            realms: number(RTA_FLOW),
            source: ip(RTA_PREFSRC),
            metric: number(RTA_PRIORITY),
            preference: attrs.find(RTA_PREF).map(|a| a.u8()),
            // struct rta_cacheinfo: clntref, lastuse, expires, error, …
            expires: attrs
                .find(RTA_CACHEINFO)
                .map(|a| i32::from_ne_bytes(bytes::array(a.value, 8)))
                .filter(|ticks| *ticks != 0),
            error: attrs.find(RTA_CACHEINFO).map(|a| bytes::u32_at(a.value, 12)).filter(|error| *error != 0),
            metrics: raw(RTA_METRICS),
            multipath: raw(RTA_MULTIPATH),
        })
    }

    /// The next hops of a route that has several.
    #[must_use]
    pub fn next_hops(&self) -> Vec<NextHop> {
        // struct rtnexthop: length, flags, weight − 1, link; attributes follow.
        const LEN: usize = 8;
        let mut hops = Vec::new();
        let mut rest = self.multipath.as_slice();
        while rest.len() >= LEN {
            let Some(hop) = rest.get(..usize::from(bytes::u16_at(rest, 0))).filter(|hop| hop.len() >= LEN) else {
                break;
            };
            let attrs = Attrs::after(hop, LEN);
            hops.push(NextHop {
                flags: bytes::u8_at(hop, 2).into(),
                weight: u16::from(bytes::u8_at(hop, 3)) + 1,
                link: bytes::u32_at(hop, 4),
                gateway: attrs.find(RTA_GATEWAY).and_then(|a| a.ip()),
                via: attrs.find(RTA_VIA).and_then(via),
                realms: attrs.find(RTA_FLOW).map(|a| a.u32()),
            });
            rest = rest.get(align(hop.len())..).unwrap_or_default();
        }
        hops
    }
}

/// One of several next hops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextHop {
    /// `RTNH_F_…`.
    pub flags: u32,
    /// Its share.
    pub weight: u16,
    /// Outgoing link.
    pub link: u32,
    /// Next hop.
    pub gateway: Option<IpAddr>,
    /// Next hop of the other family.
    pub via: Option<IpAddr>,
    /// Realms: from in the upper half, to in the lower.
    pub realms: Option<u32>,
}

/// `struct rtvia`: a family in two bytes, an address.
fn via(attr: Attr<'_>) -> Option<IpAddr> {
    bytes::ip(attr.value.get(2..)?)
}
