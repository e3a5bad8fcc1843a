//! Neighbours: who has which hardware address.
//!
//! # Source
//! `linux/neighbour.h`, rtnetlink(7).

use alloc::vec::Vec;
use core::net::IpAddr;

use super::family;
use crate::attr::Attrs;
use crate::bytes;
use crate::message::{Message, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request};

// linux/rtnetlink.h
/// What describes a neighbour.
pub const RTM_NEWNEIGH: u16 = 28;
/// Remove a neighbour.
pub const RTM_DELNEIGH: u16 = 29;
/// Ask for neighbours.
pub const RTM_GETNEIGH: u16 = 30;

/// Length of `struct ndmsg`.
pub const NDMSG_LEN: usize = 12;

// linux/neighbour.h
/// Protocol address.
pub const NDA_DST: u16 = 1;
/// Hardware address.
pub const NDA_LLADDR: u16 = 2;
/// Where it came from, `RTPROT_…` (5.0).
pub const NDA_PROTOCOL: u16 = 12;
/// Further flags (5.16).
pub const NDA_FLAGS_EXT: u16 = 15;

/// Answered on behalf of another.
pub const NTF_PROXY: u8 = 0x08;
/// Learned outside of the kernel.
pub const NTF_EXT_LEARNED: u8 = 0x10;
/// In the hardware.
pub const NTF_OFFLOADED: u8 = 0x20;
/// A router.
pub const NTF_ROUTER: u8 = 0x80;
/// In [`NDA_FLAGS_EXT`]: kept alive by the kernel.
pub const NTF_EXT_MANAGED: u32 = 0x01;

/// Known, but not lately confirmed: used as it is, and asked about some seconds after.
pub const NUD_STALE: u16 = 0x04;
/// Needs no resolution.
pub const NUD_NOARP: u16 = 0x40;
/// Set by an administrator.
pub const NUD_PERMANENT: u16 = 0x80;

/// Asks for all neighbours.
#[must_use]
pub fn dump() -> Request {
    // struct ndmsg; AF_UNSPEC is 0.
    Request::new(RTM_GETNEIGH, NLM_F_DUMP, &[0; NDMSG_LEN])
}

/// `ip neigh add ADDRESS lladdr HARDWARE dev IF nud STATE`; `state` is `NUD_…`. `EEXIST` when one is there, in whatever state.
#[must_use]
pub fn add(index: u32, address: IpAddr, hardware: &[u8], state: u16) -> Request {
    let flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    let mut request = Request::new(RTM_NEWNEIGH, flags, &ndmsg(index, address, state));
    request.attrs().ip(NDA_DST, address).bytes(NDA_LLADDR, hardware);
    request
}

/// `ip neigh del ADDRESS dev IF`.
#[must_use]
pub fn delete(index: u32, address: IpAddr) -> Request {
    let mut request = Request::new(RTM_DELNEIGH, NLM_F_ACK, &ndmsg(index, address, 0));
    request.attrs().ip(NDA_DST, address);
    request
}

/// `struct ndmsg`: family, 3 bytes of padding, index, state, flags, type.
fn ndmsg(index: u32, address: IpAddr, state: u16) -> [u8; NDMSG_LEN] {
    let [i0, i1, i2, i3] = index.to_ne_bytes();
    let [s0, s1] = state.to_ne_bytes();
    [family(address), 0, 0, 0, i0, i1, i2, i3, s0, s1, 0, 0]
}

/// A neighbour as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// `AF_INET`, `AF_INET6` or `AF_BRIDGE`.
    pub family: u8,
    /// Index of the link.
    pub index: u32,
    /// `NUD_…`.
    pub state: u16,
    /// `NTF_…`.
    pub flags: u8,
    /// `RTN_…`.
    pub kind: u8,
    /// Protocol address.
    pub address: Option<IpAddr>,
    /// Hardware address; empty while unknown.
    pub hardware: Vec<u8>,
    /// `RTPROT_…`; 0 when it has none.
    pub protocol: u8,
    /// `NTF_EXT_…`.
    pub more_flags: u32,
}

impl Neighbour {
    /// Reads an `RTM_NEWNEIGH` message; `None` for other types.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        if message.kind != RTM_NEWNEIGH {
            return None;
        }
        let mut neighbour = Self {
            family: bytes::u8_at(message.payload, 0),
            index: bytes::u32_at(message.payload, 4),
            state: bytes::u16_at(message.payload, 8),
            flags: bytes::u8_at(message.payload, 10),
            kind: bytes::u8_at(message.payload, 11),
            address: None,
            hardware: Vec::new(),
            protocol: 0,
            more_flags: 0,
        };
        for attr in Attrs::after(message.payload, NDMSG_LEN) {
            match attr.kind {
                NDA_DST => neighbour.address = attr.ip(),
                NDA_LLADDR => neighbour.hardware = attr.value.to_vec(),
                NDA_PROTOCOL => neighbour.protocol = attr.u8(),
                NDA_FLAGS_EXT => neighbour.more_flags = attr.u32(),
                _ => {}
            }
        }
        Some(neighbour)
    }
}
