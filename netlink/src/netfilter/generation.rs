//! The generation of the rule set: a number that every committed batch raises.
//!
//! A batch which names the generation that it was planned for fails with `ERESTART` when another one came first.
//!
//! # Source
//! `linux/netfilter/nf_tables.h` (`enum nft_gen_attributes`).

use super::{NFPROTO_UNSPEC, read, request};
use crate::message::{Message, Request};

// linux/netfilter/nf_tables.h
/// What says the generation.
pub const NFT_MSG_NEWGEN: u8 = 15;
/// Ask for the generation.
pub const NFT_MSG_GETGEN: u8 = 16;

/// The number.
pub const NFTA_GEN_ID: u16 = 1;

/// Asks for the generation.
#[must_use]
pub fn get() -> Request {
    request(NFT_MSG_GETGEN, 0, NFPROTO_UNSPEC)
}

/// Reads the generation from an `NFT_MSG_NEWGEN` message; `None` for other types.
#[must_use]
pub fn parse(message: &Message<'_>) -> Option<u32> {
    let (_, attrs) = read(message, NFT_MSG_NEWGEN)?;
    attrs.be32(NFTA_GEN_ID)
}
