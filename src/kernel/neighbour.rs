//! Neighbours.

use core::net::IpAddr;

use pontoon_netlink::route::neighbour;

use super::{List, Neighbour, Refusal, Rtnl, kept};

impl Rtnl {
    /// All neighbours.
    pub fn neighbours(&mut self) -> Result<List<Neighbour>, Refusal> {
        self.socket.dump(&neighbour::dump(), &|message| kept(Neighbour::parse(message)))
    }

    /// Has the kernel forget a neighbour.
    pub fn delete_neighbour(&mut self, index: u32, address: IpAddr) -> Result<(), Refusal> {
        self.socket.change(&neighbour::delete(index, address))
    }
}
