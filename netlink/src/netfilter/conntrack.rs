//! Connections that the kernel tracks.
//!
//! # Source
//! `linux/netfilter/nfnetlink_conntrack.h`, `linux/netfilter/nf_conntrack_common.h`; the captures of `conntrack` in
//! `tests/golden`.

use core::net::IpAddr;

use super::{NFGENMSG_LEN, NFNL_SUBSYS_CTNETLINK, kind};
use crate::attr::{AttrWriter, Attrs};
use crate::message::{Message, NLM_F_ACK, NLM_F_DUMP, Request};

// linux/netfilter/nfnetlink_conntrack.h
/// What describes a connection.
pub const IPCTNL_MSG_CT_NEW: u8 = 0;
/// Ask for connections.
pub const IPCTNL_MSG_CT_GET: u8 = 1;
/// Forget a connection.
pub const IPCTNL_MSG_CT_DELETE: u8 = 2;

/// Nest: addresses and ports as the first packet had them.
pub const CTA_TUPLE_ORIG: u16 = 1;
/// Nest: those of the packets that come back.
pub const CTA_TUPLE_REPLY: u16 = 2;
/// `IPS_…`.
pub const CTA_STATUS: u16 = 3;
/// Mark.
pub const CTA_MARK: u16 = 8;
/// A number of its own.
pub const CTA_ID: u16 = 12;
/// Zone, 16 bits.
pub const CTA_ZONE: u16 = 18;
/// In a dump request: which bits of [`CTA_STATUS`] must be as given (5.17).
pub const CTA_STATUS_MASK: u16 = 26;

/// Nest of the addresses.
pub const CTA_TUPLE_IP: u16 = 1;
/// Nest of protocol and ports.
pub const CTA_TUPLE_PROTO: u16 = 2;
/// Zone of one direction, 16 bits.
pub const CTA_TUPLE_ZONE: u16 = 3;
/// IPv4 source.
pub const CTA_IP_V4_SRC: u16 = 1;
/// IPv4 destination.
pub const CTA_IP_V4_DST: u16 = 2;
/// IPv6 source.
pub const CTA_IP_V6_SRC: u16 = 3;
/// IPv6 destination.
pub const CTA_IP_V6_DST: u16 = 4;
/// Transport protocol, one byte.
pub const CTA_PROTO_NUM: u16 = 1;
/// Source port.
pub const CTA_PROTO_SRC_PORT: u16 = 2;
/// Destination port.
pub const CTA_PROTO_DST_PORT: u16 = 3;

// linux/netfilter/nf_conntrack_common.h
/// The destination is translated.
pub const IPS_DST_NAT: u32 = 1 << 5;

fn request(operation: u8, flags: u16, family: u8) -> Request {
    Request::new(kind(NFNL_SUBSYS_CTNETLINK, operation), flags, &[family, 0, 0, 0])
}

/// Asks for the connections of a family (`NFPROTO_UNSPEC`: of all) which have all bits of `status` (`IPS_…`) set.
///
/// Kernels before 5.17 ignore `status`: the caller filters what arrives, too.
#[must_use]
pub fn dump(family: u8, status: u32) -> Request {
    let mut request = request(IPCTNL_MSG_CT_GET, NLM_F_DUMP, family);
    if status != 0 {
        request.attrs().be32(CTA_STATUS, status).be32(CTA_STATUS_MASK, status);
    }
    request
}

/// Forgets one connection: the one that was described so, not a later one between the same ends. Fails with `ENOENT` when it
/// is gone.
#[must_use]
pub fn delete(connection: &Connection) -> Request {
    let family = if connection.original.source.is_ipv4() { super::NFPROTO_IPV4 } else { super::NFPROTO_IPV6 };
    let mut request = request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, family);
    let mut attrs = request.attrs();
    attrs.list(CTA_TUPLE_ORIG, |tuple| connection.original.write(tuple));
    if let Some(id) = connection.id {
        attrs.be32(CTA_ID, id);
    }
    if let Some(zone) = connection.zone {
        attrs.be16(CTA_ZONE, zone);
    }
    request
}

/// One direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuple {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// Transport protocol, `IPPROTO_…`.
    pub protocol: u8,
    /// Source and destination port; none where the protocol has no ports.
    pub ports: Option<(u16, u16)>,
    /// Zone of this direction alone.
    pub zone: Option<u16>,
}

impl Tuple {
    fn parse(attrs: &Attrs<'_>) -> Option<Self> {
        let addresses = attrs.nest(CTA_TUPLE_IP);
        let ip = |v4, v6| addresses.ip(v4).or_else(|| addresses.ip(v6));
        let protocol = attrs.nest(CTA_TUPLE_PROTO);
        Some(Self {
            source: ip(CTA_IP_V4_SRC, CTA_IP_V6_SRC)?,
            destination: ip(CTA_IP_V4_DST, CTA_IP_V6_DST)?,
            protocol: protocol.u8(CTA_PROTO_NUM)?,
            ports: protocol.be16(CTA_PROTO_SRC_PORT).zip(protocol.be16(CTA_PROTO_DST_PORT)),
            zone: attrs.be16(CTA_TUPLE_ZONE),
        })
    }

    fn write(&self, tuple: &mut AttrWriter<'_>) {
        let by = |ip: IpAddr, v4, v6| if ip.is_ipv4() { v4 } else { v6 };
        tuple.list(CTA_TUPLE_IP, |addresses| {
            addresses
                .ip(by(self.source, CTA_IP_V4_SRC, CTA_IP_V6_SRC), self.source)
                .ip(by(self.destination, CTA_IP_V4_DST, CTA_IP_V6_DST), self.destination);
        });
        tuple.list(CTA_TUPLE_PROTO, |protocol| {
            protocol.u8(CTA_PROTO_NUM, self.protocol);
            if let Some((source, destination)) = self.ports {
                protocol.be16(CTA_PROTO_SRC_PORT, source).be16(CTA_PROTO_DST_PORT, destination);
            }
        });
        if let Some(zone) = self.zone {
            tuple.be16(CTA_TUPLE_ZONE, zone);
        }
    }
}

/// A connection as the kernel describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// As the first packet was, before translation.
    pub original: Tuple,
    /// As what comes back is: its source is where the first packet went in the end.
    pub reply: Tuple,
    /// `IPS_…`.
    pub status: u32,
    /// Mark.
    pub mark: u32,
    /// A number of its own.
    pub id: Option<u32>,
    /// Zone.
    pub zone: Option<u16>,
}

impl Connection {
    /// Reads an `IPCTNL_MSG_CT_NEW` message; `None` for other types.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        if message.kind != kind(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW) {
            return None;
        }
        let attrs = Attrs::after(message.payload, NFGENMSG_LEN);
        Some(Self {
            original: Tuple::parse(&attrs.nest(CTA_TUPLE_ORIG))?,
            reply: Tuple::parse(&attrs.nest(CTA_TUPLE_REPLY))?,
            status: attrs.be32(CTA_STATUS).unwrap_or_default(),
            mark: attrs.be32(CTA_MARK).unwrap_or_default(),
            id: attrs.be32(CTA_ID),
            zone: attrs.be16(CTA_ZONE),
        })
    }
}
