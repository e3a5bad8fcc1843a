//! When a bridge passes on what a new port sends: not with the request that sets the other end up, but once the kernel has noticed.
//!
//! A first packet that is sent before is lost, and asked for again a second later.

use std::fmt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::Doing;
use crate::error::Result;
use crate::kernel::{BridgeFacts, Link, PortState, Rtnl};

/// How long the kernel is given. It notices within a few milliseconds, and at once when it is asked about the link (6.8).
const PATIENCE: Duration = Duration::from_millis(250);
const STEP: Duration = Duration::from_millis(1);

/// What keeps a bridge from passing frames of a port on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The bridge is down.
    Down,
    /// The spanning tree protocol looks for loops first: that long at the most.
    LooksForLoops(Duration),
    /// The spanning tree protocol keeps it from closing a loop.
    Loop,
    /// The kernel has not noticed yet.
    Slow,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Down => f.write_str("it is down"),
            Self::LooksForLoops(most) => {
                write!(f, "its spanning tree protocol looks for loops first, for {} s", most.as_secs())
            }
            Self::Loop => f.write_str("its spanning tree protocol has found a loop"),
            Self::Slow => f.write_str("it does not forward yet"),
        }
    }
}

/// Waits until the bridge with index `bridge` passes on what its port with index `port` sends, and sends by it. What stands in the
/// way, where that takes longer.
pub fn wait(rtnl: &mut Rtnl, bridge: u32, port: u32) -> Result<Option<Obstacle>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let links = rtnl.links_at(&[port, bridge]).doing("look up interfaces", format_args!("{port} and {bridge}"))?;
        let [Some(port), Some(bridge)] = links.as_slice() else { return Ok(None) };
        match obstacle(port, bridge) {
            Some(Obstacle::Slow) if Instant::now() < deadline => sleep(STEP),
            found => return Ok(found),
        }
    }
}

fn obstacle(port: &Link, bridge: &Link) -> Option<Obstacle> {
    let delay = BridgeFacts::of(bridge).forward_delay;
    match PortState::of(port) {
        _ if !bridge.is_up() => Some(Obstacle::Down),
        PortState::Listening => Some(Obstacle::LooksForLoops(2 * delay)),
        PortState::Learning => Some(Obstacle::LooksForLoops(delay)),
        PortState::Blocking => Some(Obstacle::Loop),
        // With its first port the bridge itself comes to life, a moment later.
        PortState::Forwarding if bridge.is_running() => None,
        PortState::Forwarding | PortState::Disabled => Some(Obstacle::Slow),
    }
}
