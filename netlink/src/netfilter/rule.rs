//! Rules: expressions, evaluated one after the other until one does not match or gives a verdict.
//!
//! # Source
//! `linux/netfilter/nf_tables.h` (`enum nft_rule_attributes`).

use alloc::string::String;
use alloc::vec::Vec;

use super::expression::Expression;
use super::{read, request};
use crate::message::{Message, NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, Request};

// linux/netfilter/nf_tables.h
/// Make a rule; also what describes one.
pub const NFT_MSG_NEWRULE: u8 = 6;
/// Ask for rules.
pub const NFT_MSG_GETRULE: u8 = 7;
/// Delete rules.
pub const NFT_MSG_DELRULE: u8 = 8;

/// Table.
pub const NFTA_RULE_TABLE: u16 = 1;
/// Chain.
pub const NFTA_RULE_CHAIN: u16 = 2;
/// List of expressions.
pub const NFTA_RULE_EXPRESSIONS: u16 = 4;
/// What its maker notes of it, at most 256 bytes: types of one byte, lengths of one byte, values. Type 0 is a comment; nft passes
/// over those that it does not know.
pub const NFTA_RULE_USERDATA: u16 = 7;

/// `nft add rule FAMILY TABLE CHAIN …`: at the chain's end, also when it has such a rule already.
#[must_use]
pub fn append(family: u8, table: &str, chain: &str, expressions: &[Expression<'_>]) -> Request {
    append_noted(family, table, chain, expressions, &[])
}

/// As [`append`], with user data where there is any.
#[must_use]
pub fn append_noted(family: u8, table: &str, chain: &str, expressions: &[Expression<'_>], user_data: &[u8]) -> Request {
    let mut request = request(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family);
    let mut attrs = request.attrs();
    attrs.text(NFTA_RULE_TABLE, table).text(NFTA_RULE_CHAIN, chain).list(NFTA_RULE_EXPRESSIONS, |list| {
        for expression in expressions {
            expression.write(list);
        }
    });
    if !user_data.is_empty() {
        attrs.bytes(NFTA_RULE_USERDATA, user_data);
    }
    request
}

/// Asks for the rules of a table. Kernels before 4.20 send those of all: filter again.
#[must_use]
pub fn dump(family: u8, table: &str) -> Request {
    let mut request = request(NFT_MSG_GETRULE, NLM_F_DUMP, family);
    request.attrs().text(NFTA_RULE_TABLE, table);
    request
}

/// A rule as the kernel describes it; what it does is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `NFPROTO_…`.
    pub family: u8,
    /// Table.
    pub table: String,
    /// Chain.
    pub chain: String,
    /// `NFTA_RULE_USERDATA`, as it came.
    pub user_data: Vec<u8>,
}

impl Rule {
    /// Reads an `NFT_MSG_NEWRULE` message; `None` for other types.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        let (family, attrs) = read(message, NFT_MSG_NEWRULE)?;
        Some(Self {
            family,
            table: attrs.text(NFTA_RULE_TABLE)?,
            chain: attrs.text(NFTA_RULE_CHAIN)?,
            user_data: attrs.bytes(NFTA_RULE_USERDATA).to_vec(),
        })
    }
}

/// `nft flush table FAMILY TABLE`: removes the rules of all its chains, and nothing else.
#[must_use]
pub fn flush(family: u8, table: &str) -> Request {
    let mut request = request(NFT_MSG_DELRULE, 0, family);
    request.attrs().text(NFTA_RULE_TABLE, table);
    request
}
