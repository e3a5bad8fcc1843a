//! Neighbours.

use pontoon_netlink::route::neighbour;

use super::{Errno, Neighbour, Refusal, Rtnl};

impl Rtnl {
    /// All neighbours.
    pub fn neighbours(&mut self) -> Result<Vec<Neighbour>, Refusal> {
        self.socket.dump(&neighbour::dump(), &Neighbour::parse)
    }

    /// Has the kernel forget neighbours. One that it has forgotten by itself is no error.
    pub fn delete_neighbours(&mut self, known: &[Neighbour]) -> Result<(), Refusal> {
        // So few at once that the acknowledgements fit into the socket's buffer.
        for some in known.chunks(64) {
            let requests: Vec<_> = some.iter().filter_map(neighbour::delete).collect();
            let gone = |_: usize, errno: Errno| errno == Errno::NOENT;
            self.socket.change_all(&requests, &gone).map_err(|(_, refusal)| refusal)?;
        }
        Ok(())
    }
}
