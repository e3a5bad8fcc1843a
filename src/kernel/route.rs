//! Routes.

use pontoon_netlink::route::{AF_INET, AF_INET6, route};

use super::rtnl::Rtnl;
use crate::error::Refusal;
use crate::types::family::Family;
use pontoon_netlink::route::route::Route;

pub use pontoon_netlink::route::route::{RT_TABLE_LOCAL, RT_TABLE_MAIN, RTN_UNICAST};

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
