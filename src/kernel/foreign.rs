//! Tables and chains of others.

use pontoon_netlink::netfilter::table::NFT_TABLE_F_DORMANT;
use pontoon_netlink::netfilter::{NFPROTO_UNSPEC, chain};

use super::firewall::Firewall;
use super::{Chain, List, Refusal, kept};

impl Firewall {
    /// The chains of all tables of all families.
    pub fn chains(&mut self) -> Result<List<Chain>, Refusal> {
        self.socket.dump(&chain::dump(NFPROTO_UNSPEC), &|message| kept(Chain::parse(message)))
    }

    /// Whether the chains of a table see no packets.
    pub fn is_dormant(&mut self, family: u8, name: &str) -> bool {
        matches!(self.table_flags(family, name), Ok(Some(flags)) if flags & NFT_TABLE_F_DORMANT != 0)
    }
}
