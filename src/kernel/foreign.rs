//! Tables and chains of others.

use pontoon_netlink::netfilter::table::{NFT_TABLE_F_DORMANT, Table};
use pontoon_netlink::netfilter::{NFPROTO_UNSPEC, chain, table};

use super::firewall::Firewall;
use super::{Chain, Refusal};

impl Firewall {
    /// The chains of all tables of all families.
    pub fn chains(&mut self) -> Result<Vec<Chain>, Refusal> {
        self.socket.dump(&chain::dump(NFPROTO_UNSPEC), &Chain::parse)
    }

    /// Whether the chains of a table see no packets.
    pub fn is_dormant(&mut self, family: u8, name: &str) -> bool {
        let table = self.socket.get(&table::get(family, name), &Table::parse);
        matches!(table, Ok(Some(table)) if table.flags & NFT_TABLE_F_DORMANT != 0)
    }
}
