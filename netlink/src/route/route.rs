//! Routes.
//!
//! # Source
//! `linux/rtnetlink.h` (`struct rtmsg`, `enum rtattr_type_t`), rtnetlink(7).

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{AF_INET, AF_INET6, family};
use crate::attr::{Attr, Attrs};
use crate::bytes::{self, align};
use crate::message::{Message, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request};

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
/// Anywhere.
pub const RT_SCOPE_UNIVERSE: u8 = 0;
/// Route by an administrator at boot: what `ip route add` writes.
pub const RTPROT_BOOT: u8 = 3;
/// An ordinary route.
pub const RTN_UNICAST: u8 = 1;
/// To this host itself.
pub const RTN_LOCAL: u8 = 2;
/// To nowhere, silently.
pub const RTN_BLACKHOLE: u8 = 6;
/// To nowhere; the sender is told that it cannot be reached.
pub const RTN_UNREACHABLE: u8 = 7;
/// To nowhere; the sender is told that it is prohibited.
pub const RTN_PROHIBIT: u8 = 8;
/// Not by this table: the next rule is asked.
pub const RTN_THROW: u8 = 9;
/// A flag: made by the kernel out of another route, for one destination.
pub const RTM_F_CLONED: u32 = 0x200;

/// `struct rtmsg` of an ordinary default route in the main table.
fn default_rtmsg(family: u8) -> [u8; RTMSG_LEN] {
    const MAIN: u8 = 254;
    [family, 0, 0, 0, MAIN, RTPROT_BOOT, RT_SCOPE_UNIVERSE, RTN_UNICAST, 0, 0, 0, 0]
}

/// `ip route add default via GATEWAY dev IF`; fails with `EEXIST` when there is a default route already.
#[must_use]
pub fn add_default(gateway: IpAddr, index: u32) -> Request {
    let mut request =
        Request::new(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &default_rtmsg(family(gateway)));
    request.attrs().ip(RTA_GATEWAY, gateway).u32(RTA_OIF, index);
    request
}

/// `ip route del default via GATEWAY dev IF`.
#[must_use]
pub fn delete_default(gateway: IpAddr, index: u32) -> Request {
    let mut request = Request::new(RTM_DELROUTE, NLM_F_ACK, &default_rtmsg(family(gateway)));
    request.attrs().ip(RTA_GATEWAY, gateway).u32(RTA_OIF, index);
    request
}

/// Asks for all routes of a family (`AF_INET`, `AF_INET6`).
#[must_use]
pub fn dump(family: u8) -> Request {
    let mut body = [0; RTMSG_LEN];
    bytes::put(&mut body, 0, &[family]);
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
        // struct rtmsg: family, lengths of destination and source, type of service, table, protocol, scope, type, flags.
        let [family, prefix_len, source_len, tos, table, protocol, scope, kind, flags @ ..] =
            bytes::array::<RTMSG_LEN>(message.payload, 0);
        let anywhere = match family {
            AF_INET => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            AF_INET6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            _ => return None,
        };
        let mut route = Self {
            family,
            destination: anywhere,
            prefix_len,
            protocol,
            scope,
            kind,
            flags: u32::from_ne_bytes(flags),
            table: table.into(),
            tos,
            from: None,
            gateway: None,
            via: None,
            link: None,
            next_hop_id: None,
            realms: None,
            source: None,
            metric: None,
            preference: None,
            expires: None,
            error: None,
            metrics: Vec::new(),
            multipath: Vec::new(),
        };
        for attr in Attrs::after(message.payload, RTMSG_LEN) {
            match attr.kind {
                RTA_DST => route.destination = attr.ip().unwrap_or(anywhere),
                RTA_SRC => route.from = attr.ip().map(|address| (address, source_len)),
                RTA_OIF => route.link = Some(attr.u32()),
                RTA_GATEWAY => route.gateway = attr.ip(),
                RTA_PRIORITY => route.metric = Some(attr.u32()),
                RTA_PREFSRC => route.source = attr.ip(),
                RTA_METRICS => route.metrics = attr.value.to_vec(),
                RTA_MULTIPATH => route.multipath = attr.value.to_vec(),
                RTA_FLOW => route.realms = Some(attr.u32()),
                RTA_CACHEINFO => {
                    // struct rta_cacheinfo: clntref, lastuse, expires, error, …; 0 is none of either.
                    let expires = i32::from_ne_bytes(bytes::array(attr.value, 8));
                    let error = bytes::u32_at(attr.value, 12);
                    route.expires = (expires != 0).then_some(expires);
                    route.error = (error != 0).then_some(error);
                }
                RTA_TABLE => route.table = attr.u32(),
                RTA_VIA => route.via = via(attr),
                RTA_PREF => route.preference = Some(attr.u8()),
                RTA_NH_ID => route.next_hop_id = Some(attr.u32()),
                _ => {}
            }
        }
        Some(route)
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
                gateway: attrs.ip(RTA_GATEWAY),
                via: attrs.find(RTA_VIA).and_then(via),
                realms: attrs.u32(RTA_FLOW),
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
