//! What a bridge says of itself, and of a port.

use pontoon_netlink::Attrs;
use pontoon_netlink::route::bridge::{IFLA_BR_BRIDGE_ID, IFLA_BR_STP_STATE, IFLA_BRPORT_ISOLATED, IFLA_BRPORT_MODE};

use pontoon_netlink::route::link::Link;

/// What a bridge says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgeFacts {
    /// `IFLA_BR_BRIDGE_ID`: two bytes of priority, big-endian, and the MAC address; empty when the kernel did not say.
    pub id: Vec<u8>,
    /// Whether it speaks the spanning tree protocol.
    pub stp: bool,
}

impl BridgeFacts {
    /// Those in `link`, which is a bridge.
    #[must_use]
    pub fn of(link: &Link) -> Self {
        let data = Attrs::new(&link.data);
        Self {
            id: data.bytes(IFLA_BR_BRIDGE_ID).to_vec(),
            stp: data.u32(IFLA_BR_STP_STATE).is_some_and(|state| state != 0),
        }
    }
}

/// What a bridge says of a port; none of what the kernel does not know, or of what is no port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortFacts {
    /// No frames to other isolated ports.
    pub isolated: Option<bool>,
    /// Frames may leave by the port they came in by.
    pub hairpin: Option<bool>,
}

impl PortFacts {
    /// Those in `link`.
    #[must_use]
    pub fn of(link: &Link) -> Self {
        let data = Attrs::new(&link.port_data);
        let flag = |kind| data.find(kind).map(|attr| attr.u8() != 0);
        Self { isolated: flag(IFLA_BRPORT_ISOLATED), hairpin: flag(IFLA_BRPORT_MODE) }
    }
}
