//! Rules: expressions, evaluated one after the other until one does not match or gives a verdict.
//!
//! # Source
//! `linux/netfilter/nf_tables.h` (`enum nft_rule_attributes`).

use super::expression::Expression;
use super::request;
use crate::message::{NLM_F_APPEND, NLM_F_CREATE, Request};

// linux/netfilter/nf_tables.h
/// Make a rule.
pub const NFT_MSG_NEWRULE: u8 = 6;
/// Delete rules.
pub const NFT_MSG_DELRULE: u8 = 8;

/// Table.
pub const NFTA_RULE_TABLE: u16 = 1;
/// Chain.
pub const NFTA_RULE_CHAIN: u16 = 2;
/// List of expressions.
pub const NFTA_RULE_EXPRESSIONS: u16 = 4;

/// `nft add rule FAMILY TABLE CHAIN …`: at the chain's end, also when it has such a rule already.
#[must_use]
pub fn append(family: u8, table: &str, chain: &str, expressions: &[Expression<'_>]) -> Request {
    let mut request = request(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family);
    request.attrs().text(NFTA_RULE_TABLE, table).text(NFTA_RULE_CHAIN, chain).list(NFTA_RULE_EXPRESSIONS, |list| {
        for expression in expressions {
            expression.write(list);
        }
    });
    request
}

/// `nft flush table FAMILY TABLE`: removes the rules of all its chains, and nothing else.
#[must_use]
pub fn flush(family: u8, table: &str) -> Request {
    let mut request = request(NFT_MSG_DELRULE, 0, family);
    request.attrs().text(NFTA_RULE_TABLE, table);
    request
}
