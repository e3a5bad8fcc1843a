//! Neighbours.

use core::net::IpAddr;

use pontoon_netlink::route::neighbour;

use super::{List, Neighbour, Refusal, Rtnl, kept};
use crate::prelude::*;

impl Rtnl {
    /// All neighbours.
    pub fn neighbours(&mut self) -> Result<List<Neighbour>, Refusal> {
        self.socket.dump(&neighbour::dump(), &|message| kept(Neighbour::parse(message)))
    }

    /// Has the kernel forget the neighbours that are `wanted` gone. That one has gone by itself is no harm.
    pub fn forget_neighbours(
        &mut self,
        wanted: &dyn Fn(&neighbour::Neighbour<'_>, IpAddr) -> bool,
    ) -> Result<(), Refusal> {
        let mut requests = Vec::new();
        self.socket.pass(&neighbour::dump(), &mut |message| {
            if let Some(neighbour) = neighbour::Neighbour::parse(message)
                && let Some(address) = neighbour.address
                && wanted(&neighbour, address)
            {
                requests.push(neighbour::delete(neighbour.index, address));
            }
        })?;
        self.socket.change_all(&requests, &|_, _| true).map_err(|(_, refusal)| refusal)
    }
}
