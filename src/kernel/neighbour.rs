//! Neighbours.

use std::net::IpAddr;

use pontoon_netlink::route::neighbour;

use crate::error::Refusal;
pub use pontoon_netlink::route::neighbour::{NTF_EXT_LEARNED, NUD_NOARP, NUD_PERMANENT, NUD_STALE};

use super::rtnl::Rtnl;
use pontoon_netlink::route::neighbour::Neighbour;

impl Rtnl {
    /// All neighbours.
    pub fn neighbours(&mut self) -> Result<Vec<Neighbour>, Refusal> {
        self.client.dump(&neighbour::dump(), &Neighbour::parse)
    }

    /// Has the kernel forget a neighbour.
    pub fn delete_neighbour(&mut self, index: u32, address: IpAddr) -> Result<(), Refusal> {
        self.client.change(&neighbour::delete(index, address))
    }
}
