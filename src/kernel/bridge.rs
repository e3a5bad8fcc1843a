//! What a bridge says of itself, and of a port.

use std::time::Duration;

use pontoon_netlink::Attrs;
use pontoon_netlink::route::bridge::{
    BR_STATE_BLOCKING, BR_STATE_FORWARDING, BR_STATE_LEARNING, BR_STATE_LISTENING, IFLA_BR_BRIDGE_ID,
    IFLA_BR_FORWARD_DELAY, IFLA_BR_STP_STATE, IFLA_BRPORT_ISOLATED, IFLA_BRPORT_MODE, IFLA_BRPORT_STATE,
};

use pontoon_netlink::route::link::Link;

/// What a bridge says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgeFacts {
    /// `IFLA_BR_BRIDGE_ID`: two bytes of priority, big-endian, and the MAC address; empty when the kernel did not say.
    pub id: Vec<u8>,
    /// Whether it speaks the spanning tree protocol.
    pub stp: bool,
    /// How long it listens, and then learns, before a port forwards.
    pub forward_delay: Duration,
}

impl BridgeFacts {
    /// Those in `link`, which is a bridge.
    #[must_use]
    pub fn of(link: &Link) -> Self {
        let data = Attrs::new(&link.data);
        Self {
            id: data.bytes(IFLA_BR_BRIDGE_ID).to_vec(),
            stp: data.u32(IFLA_BR_STP_STATE).is_some_and(|state| state != 0),
            // In hundredths of a second.
            forward_delay: Duration::from_millis(
                data.u32(IFLA_BR_FORWARD_DELAY).map_or(0, |ticks| u64::from(ticks) * 10),
            ),
        }
    }
}

/// What a bridge does with the frames of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortState {
    /// Nothing: the port is down, or the kernel has not noticed that it is up.
    Disabled,
    /// Looks for loops.
    Listening,
    /// Learns addresses, and looks for loops.
    Learning,
    /// Passes them on.
    Forwarding,
    /// Nothing, for there would be a loop.
    Blocking,
}

impl PortState {
    /// That of `link`, which is a bridge's port. Before 4.0 only the ports' own messages have it: what is operational is taken to
    /// forward.
    #[must_use]
    pub fn of(link: &Link) -> Self {
        match Attrs::new(&link.port_data).u8(IFLA_BRPORT_STATE) {
            Some(BR_STATE_LISTENING) => Self::Listening,
            Some(BR_STATE_LEARNING) => Self::Learning,
            Some(BR_STATE_FORWARDING) => Self::Forwarding,
            Some(BR_STATE_BLOCKING) => Self::Blocking,
            None if link.is_running() => Self::Forwarding,
            _ => Self::Disabled,
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
