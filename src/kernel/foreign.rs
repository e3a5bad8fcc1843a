//! Tables and chains of others.

use pontoon_netlink::netfilter::table::{NFT_TABLE_F_DORMANT, Table};
use pontoon_netlink::netfilter::{NFPROTO_UNSPEC, chain, table};

use super::firewall::Firewall;
use super::{Chain, Refusal};
use crate::prelude::*;

impl Firewall {
    /// The chains of all tables of all families.
    pub fn chains(&mut self) -> Result<Vec<Chain>, Refusal> {
        self.socket.dump(&chain::dump(NFPROTO_UNSPEC), &Chain::parse)
    }

    /// Whether the chains of a table see packets: it is there, and not dormant.
    pub fn is_awake(&mut self, family: u8, name: &str) -> Result<bool, Refusal> {
        let table = self.socket.get(&table::get(family, name), &Table::parse)?;
        Ok(table.is_some_and(|table| table.flags & NFT_TABLE_F_DORMANT == 0))
    }
}
