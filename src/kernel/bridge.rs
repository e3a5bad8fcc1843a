//! What a bridge says of itself.

use pontoon_netlink::Attrs;
use pontoon_netlink::route::bridge::{IFLA_BR_BRIDGE_ID, IFLA_BR_STP_STATE};

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
