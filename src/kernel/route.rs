//! Routes.

use pontoon_netlink::route::route;

use super::{List, Refusal, Route, Rtnl, kept};

impl Rtnl {
    /// All routes of all tables of a family (`AF_INET`, `AF_INET6`).
    pub fn routes(&mut self, family: u8) -> Result<List<Route>, Refusal> {
        self.socket.dump(&route::dump(family), &|message| kept(Route::parse(message)))
    }
}
