//! Neighbours.

use pontoon_netlink::route::neighbour;

use super::{Neighbour, Refusal, Rtnl};

impl Rtnl {
    /// All neighbours.
    pub fn neighbours(&mut self) -> Result<Vec<Neighbour>, Refusal> {
        self.socket.dump(&neighbour::dump(), Neighbour::parse)
    }
}
