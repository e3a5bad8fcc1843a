//! Everything the kernel says of a link, for `ip -details link`: attributes that have no field in [`Link`].
//!
//! # Source
//! `linux/if_link.h`.

use alloc::vec::Vec;

use super::link::{IFINFOMSG_LEN, Link};
pub use super::link::{IFLA_AF_SPEC, IFLA_INET6_ADDR_GEN_MODE};
use crate::attr::{Attr, Attrs};
use crate::message::Message;

// linux/if_link.h
/// Number of transmit queues.
pub const IFLA_NUM_TX_QUEUES: u16 = 31;
/// Number of receive queues.
pub const IFLA_NUM_RX_QUEUES: u16 = 32;
/// Id of the physical port.
pub const IFLA_PHYS_PORT_ID: u16 = 34;
/// Id of the physical switch.
pub const IFLA_PHYS_SWITCH_ID: u16 = 36;
/// Name of the physical port.
pub const IFLA_PHYS_PORT_NAME: u16 = 38;
/// 1 when a protocol holds it down.
pub const IFLA_PROTO_DOWN: u16 = 39;
/// Most segments of a packet that is split later.
pub const IFLA_GSO_MAX_SEGS: u16 = 40;
/// Largest such packet in bytes.
pub const IFLA_GSO_MAX_SIZE: u16 = 41;
/// Smallest MTU in bytes.
pub const IFLA_MIN_MTU: u16 = 50;
/// Largest MTU in bytes.
pub const IFLA_MAX_MTU: u16 = 51;
/// Properties, in a nest: [`IFLA_ALT_IFNAME`](super::link::IFLA_ALT_IFNAME).
pub const IFLA_PROP_LIST: u16 = 52;
/// Permanent hardware address.
pub const IFLA_PERM_ADDRESS: u16 = 54;
/// Name of the parent device on its bus.
pub const IFLA_PARENT_DEV_NAME: u16 = 56;
/// Name of that bus.
pub const IFLA_PARENT_DEV_BUS_NAME: u16 = 57;
/// Largest packet put together from received ones, in bytes.
pub const IFLA_GRO_MAX_SIZE: u16 = 58;
/// Largest packet that the hardware splits, in bytes.
pub const IFLA_TSO_MAX_SIZE: u16 = 59;
/// Most segments it splits one into.
pub const IFLA_TSO_MAX_SEGS: u16 = 60;
/// Number of users of all multicast.
pub const IFLA_ALLMULTI: u16 = 61;

/// A link with all its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// What is known by name.
    pub link: Link,
    attributes: Vec<u8>,
}

impl Details {
    /// As [`Link::parse`].
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        let link = Link::parse(message)?;
        Some(Self { link, attributes: message.payload.get(IFINFOMSG_LEN..).unwrap_or_default().to_vec() })
    }

    /// All attributes.
    #[must_use]
    pub fn attributes(&self) -> Attrs<'_> {
        Attrs::new(&self.attributes)
    }

    /// The attribute of type `kind`.
    #[must_use]
    pub fn find(&self, kind: u16) -> Option<Attr<'_>> {
        self.attributes().find(kind)
    }
}
