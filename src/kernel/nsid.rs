//! Namespace ids.

use pontoon_netlink::route::nsid;

use super::rtnl::Rtnl;
use crate::error::{Errno, Refusal};
use crate::sys::netns::Netns;

impl Rtnl {
    /// The id by which this namespace knows `other`; none when it has none, or on kernels before 4.0.
    pub fn id_of(&mut self, other: &Netns) -> Result<Option<i32>, Refusal> {
        match self.client.get(&nsid::get(other.number()), &nsid::parse) {
            Err(refusal) if refusal.errno == Errno::OPNOTSUPP => Ok(None),
            result => result,
        }
    }
}
