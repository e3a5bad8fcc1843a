//! Routes.

use pontoon_netlink::route::route;

use super::{Refusal, Route, Rtnl};

impl Rtnl {
    /// All routes of all tables of a family (`AF_INET`, `AF_INET6`).
    pub fn routes(&mut self, family: u8) -> Result<Vec<Route>, Refusal> {
        self.socket.dump(&route::dump(family), &Route::parse)
    }
}
