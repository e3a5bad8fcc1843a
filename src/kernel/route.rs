//! Routes.

use pontoon_netlink::route::{AF_INET, AF_INET6, route};

use super::rtnl::Rtnl;
use crate::error::Refusal;
use crate::types::family::Family;
pub use pontoon_netlink::route::route::{
    RT_TABLE_MAIN, RTM_F_CLONED, RTN_BLACKHOLE, RTN_LOCAL, RTN_PROHIBIT, RTN_THROW, RTN_UNICAST, RTN_UNREACHABLE, Route,
};

impl Rtnl {
    /// All routes of all tables of a family.
    pub fn routes(&mut self, family: Family) -> Result<Vec<Route>, Refusal> {
        let family = match family {
            Family::V4 => AF_INET,
            Family::V6 => AF_INET6,
        };
        self.client.dump(&route::dump(family), &Route::parse)
    }
}
