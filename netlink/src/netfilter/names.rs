//! Names of the attributes we send, so that an error can say which of them the kernel meant.
//!
//! [`crate::route::names::blamed`] finds the attribute, for requests of every kind. The kernel points into an expression no
//! deeper than at its name, so that names below are not needed.

use super::expression::write;
use super::{NFGENMSG_LEN, NFNL_SUBSYS_CTNETLINK, NFNL_SUBSYS_NFTABLES, NFTA_LIST_ELEM, kind};
use super::{chain, conntrack, element, rule, set, table};
use crate::route::names::{Requests, names};

const fn nft(operation: u8) -> u16 {
    kind(NFNL_SUBSYS_NFTABLES, operation)
}

const fn conntrack(operation: u8) -> u16 {
    kind(NFNL_SUBSYS_CTNETLINK, operation)
}

const EXPRESSIONS: u16 = rule::NFTA_RULE_EXPRESSIONS;
const ELEMENTS: u16 = element::NFTA_SET_ELEM_LIST_ELEMENTS;

pub(crate) const TABLE: Requests = Requests {
    kinds: nft(table::NFT_MSG_NEWTABLE)..=nft(table::NFT_MSG_DELTABLE),
    fixed_len: NFGENMSG_LEN,
    names: names! {
        [table::NFTA_TABLE_NAME], "NFTA_TABLE_NAME";
        [table::NFTA_TABLE_FLAGS], "NFTA_TABLE_FLAGS";
    },
};

pub(crate) const CHAIN: Requests = Requests {
    kinds: nft(chain::NFT_MSG_NEWCHAIN)..=nft(chain::NFT_MSG_GETCHAIN),
    fixed_len: NFGENMSG_LEN,
    names: names! {
        [chain::NFTA_CHAIN_TABLE], "NFTA_CHAIN_TABLE";
        [chain::NFTA_CHAIN_NAME], "NFTA_CHAIN_NAME";
        [chain::NFTA_CHAIN_HOOK], "NFTA_CHAIN_HOOK";
        // A nest, of which nothing is named.
        [chain::NFTA_CHAIN_HOOK, 0], "";
        [chain::NFTA_CHAIN_POLICY], "NFTA_CHAIN_POLICY";
        [chain::NFTA_CHAIN_TYPE], "NFTA_CHAIN_TYPE";
    },
};

pub(crate) const RULE: Requests = Requests {
    kinds: nft(rule::NFT_MSG_NEWRULE)..=nft(rule::NFT_MSG_DELRULE),
    fixed_len: NFGENMSG_LEN,
    names: names! {
        [rule::NFTA_RULE_TABLE], "NFTA_RULE_TABLE";
        [rule::NFTA_RULE_CHAIN], "NFTA_RULE_CHAIN";
        [EXPRESSIONS], "NFTA_RULE_EXPRESSIONS";
        [EXPRESSIONS, NFTA_LIST_ELEM], "NFTA_LIST_ELEM of an expression";
        [EXPRESSIONS, NFTA_LIST_ELEM, write::NFTA_EXPR_NAME], "NFTA_EXPR_NAME";
        [EXPRESSIONS, NFTA_LIST_ELEM, write::NFTA_EXPR_DATA], "NFTA_EXPR_DATA";
    },
};

pub(crate) const SET: Requests = Requests {
    kinds: nft(set::NFT_MSG_NEWSET)..=nft(set::NFT_MSG_GETSET),
    fixed_len: NFGENMSG_LEN,
    names: names! {
        [set::NFTA_SET_TABLE], "NFTA_SET_TABLE";
        [set::NFTA_SET_NAME], "NFTA_SET_NAME";
        [set::NFTA_SET_FLAGS], "NFTA_SET_FLAGS";
        [set::NFTA_SET_KEY_LEN], "NFTA_SET_KEY_LEN";
        [set::NFTA_SET_DATA_LEN], "NFTA_SET_DATA_LEN";
    },
};

pub(crate) const ELEMENT: Requests = Requests {
    kinds: nft(element::NFT_MSG_NEWSETELEM)..=nft(element::NFT_MSG_DELSETELEM),
    fixed_len: NFGENMSG_LEN,
    names: names! {
        [element::NFTA_SET_ELEM_LIST_TABLE], "NFTA_SET_ELEM_LIST_TABLE";
        [element::NFTA_SET_ELEM_LIST_SET], "NFTA_SET_ELEM_LIST_SET";
        [ELEMENTS], "NFTA_SET_ELEM_LIST_ELEMENTS";
        [ELEMENTS, NFTA_LIST_ELEM], "NFTA_LIST_ELEM of an element";
        [ELEMENTS, NFTA_LIST_ELEM, element::NFTA_SET_ELEM_KEY], "NFTA_SET_ELEM_KEY";
        [ELEMENTS, NFTA_LIST_ELEM, element::NFTA_SET_ELEM_DATA], "NFTA_SET_ELEM_DATA";
    },
};

pub(crate) const CONNECTION: Requests = Requests {
    kinds: conntrack(conntrack::IPCTNL_MSG_CT_NEW)..=conntrack(conntrack::IPCTNL_MSG_CT_DELETE),
    fixed_len: NFGENMSG_LEN,
    names: names! {[conntrack::CTA_TUPLE_ORIG], "CTA_TUPLE_ORIG"; [conntrack::CTA_ID], "CTA_ID";},
};
