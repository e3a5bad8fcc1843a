//! Tracked connections.

use pontoon_netlink::netfilter::conntrack;

use super::client::absent;
use super::nftables::{Nftables, protocol};
use crate::error::{Errno, Refusal};
use crate::types::family::Family;

pub use pontoon_netlink::netfilter::conntrack::Connection;

impl Nftables {
    /// The tracked connections of a family.
    pub fn connections(&mut self, family: Family) -> Result<Vec<Connection>, Refusal> {
        self.client.dump(&conntrack::dump(protocol(family), 0), &Connection::parse)
    }

    /// Forgets a tracked connection; one that is gone is no error.
    pub fn forget(&mut self, connection: &Connection) -> Result<(), Refusal> {
        absent(Errno::NOENT, self.client.change(&conntrack::delete(connection)).map(Some)).map(drop)
    }
}
