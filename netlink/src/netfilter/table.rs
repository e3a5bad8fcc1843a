//! Tables: what chains and sets belong to. Deleting one deletes everything in it.
//!
//! # Source
//! `linux/netfilter/nf_tables.h` (`enum nft_table_attributes`).

use alloc::string::String;

use super::{read, request};
use crate::message::{Message, NLM_F_DUMP, Request};

// linux/netfilter/nf_tables.h
/// Make a table; also what describes one.
pub const NFT_MSG_NEWTABLE: u8 = 0;
/// Ask for tables.
pub const NFT_MSG_GETTABLE: u8 = 1;
/// Delete a table.
pub const NFT_MSG_DELTABLE: u8 = 2;

/// Name.
pub const NFTA_TABLE_NAME: u16 = 1;
/// `NFT_TABLE_F_…`.
pub const NFTA_TABLE_FLAGS: u16 = 2;
/// How many chains, sets and the like are in it.
pub const NFTA_TABLE_USE: u16 = 3;

/// Its chains see no packet.
pub const NFT_TABLE_F_DORMANT: u32 = 0x1;

/// `nft add table FAMILY NAME`; a table that is there stays as it is, unless `NLM_F_EXCL` is added to the request's flags.
///
/// To replace a table with everything in it, send this, [`delete`] and this again at the start of one batch: the first
/// makes sure that the second finds something.
#[must_use]
pub fn new(family: u8, name: &str) -> Request {
    let mut request = request(NFT_MSG_NEWTABLE, 0, family);
    request.attrs().text(NFTA_TABLE_NAME, name).be32(NFTA_TABLE_FLAGS, 0);
    request
}

/// `nft delete table FAMILY NAME`, with everything in it; fails with `ENOENT` when there is none.
#[must_use]
pub fn delete(family: u8, name: &str) -> Request {
    let mut request = request(NFT_MSG_DELTABLE, 0, family);
    request.attrs().text(NFTA_TABLE_NAME, name);
    request
}

/// Asks for one table; the kernel answers `ENOENT` when there is none.
#[must_use]
pub fn get(family: u8, name: &str) -> Request {
    let mut request = request(NFT_MSG_GETTABLE, 0, family);
    request.attrs().text(NFTA_TABLE_NAME, name);
    request
}

/// Asks for all tables of a family (`NFPROTO_UNSPEC`: of all).
#[must_use]
pub fn dump(family: u8) -> Request {
    request(NFT_MSG_GETTABLE, NLM_F_DUMP, family)
}

/// A table as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `NFPROTO_…`.
    pub family: u8,
    /// Name.
    pub name: String,
    /// `NFT_TABLE_F_…`.
    pub flags: u32,
    /// How many chains, sets and the like are in it.
    pub uses: u32,
}

impl Table {
    /// Reads an `NFT_MSG_NEWTABLE` message; `None` for other types.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        let (family, attrs) = read(message, NFT_MSG_NEWTABLE)?;
        Some(Self {
            family,
            name: attrs.text(NFTA_TABLE_NAME)?,
            flags: attrs.be32(NFTA_TABLE_FLAGS).unwrap_or_default(),
            uses: attrs.be32(NFTA_TABLE_USE).unwrap_or_default(),
        })
    }
}
