//! Neighbours.

use std::net::IpAddr;

use pontoon_netlink::route::neighbour;

use super::{Neighbour, Refusal, Rtnl};

impl Rtnl {
    /// All neighbours.
    pub fn neighbours(&mut self) -> Result<Vec<Neighbour>, Refusal> {
        self.socket.dump(&neighbour::dump(), &Neighbour::parse)
    }

    /// Has the kernel forget a neighbour.
    pub fn delete_neighbour(&mut self, index: u32, address: IpAddr) -> Result<(), Refusal> {
        self.socket.change(&neighbour::delete(index, address))
    }
}
