//! Neighbours.

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
}
