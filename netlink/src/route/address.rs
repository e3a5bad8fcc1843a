//! Addresses of links.
//!
//! # Source
//! `linux/if_addr.h`, rtnetlink(7).

use alloc::string::String;
use core::net::{IpAddr, Ipv4Addr};

use super::{AF_UNSPEC, family};
use crate::attr::Attrs;
use crate::bytes;
use crate::message::{Message, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request};

// linux/rtnetlink.h
/// Add an address; also what describes one.
pub const RTM_NEWADDR: u16 = 20;
/// Remove an address.
pub const RTM_DELADDR: u16 = 21;
/// Ask for addresses.
pub const RTM_GETADDR: u16 = 22;

/// Length of `struct ifaddrmsg`.
pub const IFADDRMSG_LEN: usize = 8;

// linux/if_addr.h
/// The address; on a point-to-point link, the other side's.
pub const IFA_ADDRESS: u16 = 1;
/// This side's address.
pub const IFA_LOCAL: u16 = 2;
/// IPv4: name of the device or alias.
pub const IFA_LABEL: u16 = 3;
/// IPv4 broadcast address.
pub const IFA_BROADCAST: u16 = 4;
/// IPv6 anycast address.
pub const IFA_ANYCAST: u16 = 5;
/// Life times and stamps.
pub const IFA_CACHEINFO: u16 = 6;
/// 32 bits of flags; the struct's own field holds eight.
pub const IFA_FLAGS: u16 = 8;
/// Priority of the route that the address brings.
pub const IFA_RT_PRIORITY: u16 = 9;
/// Where the address came from (5.18).
pub const IFA_PROTO: u16 = 11;

/// Not the first address of its subnet.
pub const IFA_F_SECONDARY: u32 = 0x01;
/// No duplicate address detection: usable at once.
pub const IFA_F_NODAD: u32 = 0x02;
/// Preferred no longer.
pub const IFA_F_DEPRECATED: u32 = 0x20;
/// Detection runs.
pub const IFA_F_TENTATIVE: u32 = 0x40;
/// Without a life time.
pub const IFA_F_PERMANENT: u32 = 0x80;

/// An infinite life time.
pub const INFINITY_LIFE_TIME: u32 = u32::MAX;

fn ifaddrmsg(family: u8, prefix_len: u8, scope: u8, index: u32) -> [u8; IFADDRMSG_LEN] {
    let [a, b, c, d] = index.to_ne_bytes();
    [family, prefix_len, 0, scope, a, b, c, d]
}

/// An address to add or remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAddress {
    /// Index of the link.
    pub index: u32,
    /// The address.
    pub address: IpAddr,
    /// Length of its prefix in bits.
    pub prefix_len: u8,
    /// IPv4 broadcast address.
    pub broadcast: Option<Ipv4Addr>,
    /// IPv6: `IFA_F_NODAD`.
    pub no_dad: bool,
}

/// `ip addr add ADDRESS/LEN [broadcast B] dev IF [nodad]`; fails with `EEXIST` when it is there.
#[must_use]
pub fn add(new: &NewAddress) -> Request {
    let body = ifaddrmsg(family(new.address), new.prefix_len, 0, new.index);
    let mut request = Request::new(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body);
    let mut attrs = request.attrs();
    attrs.ip(IFA_LOCAL, new.address).ip(IFA_ADDRESS, new.address);
    if let Some(broadcast) = new.broadcast {
        attrs.ip(IFA_BROADCAST, IpAddr::V4(broadcast));
    }
    if new.no_dad {
        attrs.u32(IFA_FLAGS, IFA_F_NODAD);
    }
    request
}

/// `ip addr del ADDRESS/LEN dev IF`.
#[must_use]
pub fn delete(old: &NewAddress) -> Request {
    let body = ifaddrmsg(family(old.address), old.prefix_len, 0, old.index);
    let mut request = Request::new(RTM_DELADDR, NLM_F_ACK, &body);
    request.attrs().ip(IFA_LOCAL, old.address).ip(IFA_ADDRESS, old.address);
    request
}

/// Asks for all addresses; only those of link `index` where the kernel filters (4.20, strict).
#[must_use]
pub fn dump(index: Option<u32>) -> Request {
    Request::new(RTM_GETADDR, NLM_F_DUMP, &ifaddrmsg(AF_UNSPEC, 0, 0, index.unwrap_or(0)))
}

/// An address as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `AF_INET` or `AF_INET6`.
    pub family: u8,
    /// Length of the prefix in bits.
    pub prefix_len: u8,
    /// `RT_SCOPE_…`.
    pub scope: u8,
    /// Index of the link.
    pub index: u32,
    /// `IFA_F_…`.
    pub flags: u32,
    /// This side's address.
    pub local: IpAddr,
    /// The other side's on a point-to-point link; else the same as [`Address::local`].
    pub peer: IpAddr,
    /// IPv4 broadcast address.
    pub broadcast: Option<IpAddr>,
    /// IPv6 anycast address.
    pub anycast: Option<IpAddr>,
    /// IPv4 label.
    pub label: Option<String>,
    /// `IFAPROT_…` (5.18).
    pub protocol: Option<u8>,
    /// Priority of the route that the address brings.
    pub metric: Option<u32>,
    /// Seconds it stays preferred, and seconds it stays valid; [`INFINITY_LIFE_TIME`] is for ever.
    pub lifetimes: Option<(u32, u32)>,
}

impl Address {
    /// Reads an `RTM_NEWADDR` (or `RTM_DELADDR`) message; `None` for other types or without an address.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        if !matches!(message.kind, RTM_NEWADDR | RTM_DELADDR) {
            return None;
        }
        // struct ifaddrmsg: family, length of the prefix, flags, scope, index.
        let [family, prefix_len, flags, scope, index @ ..] = bytes::array::<IFADDRMSG_LEN>(message.payload, 0);
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let mut address = Self {
            family,
            prefix_len,
            scope,
            index: u32::from_ne_bytes(index),
            flags: flags.into(),
            local: unknown,
            peer: unknown,
            broadcast: None,
            anycast: None,
            label: None,
            protocol: None,
            metric: None,
            lifetimes: None,
        };
        let (mut local, mut peer) = (None, None);
        for attr in Attrs::after(message.payload, IFADDRMSG_LEN) {
            match attr.kind {
                IFA_ADDRESS => peer = attr.ip(),
                IFA_LOCAL => local = attr.ip(),
                IFA_LABEL => address.label = Some(attr.text()),
                IFA_BROADCAST => address.broadcast = attr.ip(),
                IFA_ANYCAST => address.anycast = attr.ip(),
                // struct ifa_cacheinfo: preferred, valid, …
                IFA_CACHEINFO => address.lifetimes = Some((attr.u32(), bytes::u32_at(attr.value, 4))),
                IFA_FLAGS => address.flags = attr.u32(),
                IFA_RT_PRIORITY => address.metric = Some(attr.u32()),
                IFA_PROTO => address.protocol = Some(attr.u8()),
                _ => {}
            }
        }
        address.local = local.or(peer)?;
        address.peer = peer.unwrap_or(address.local);
        Some(address)
    }
}
