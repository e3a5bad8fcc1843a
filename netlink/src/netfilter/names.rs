//! Names of the attributes we send, so that an error can say which of them the kernel meant.
//!
//! [`crate::route::names::blamed`] finds the attribute, for requests of every kind. The kernel points into an expression no
//! deeper than at its name, so that names below are not needed.

use super::expression::write;
use super::{NFNL_SUBSYS_CTNETLINK, NFNL_SUBSYS_NFTABLES, NFTA_LIST_ELEM, kind};
use super::{chain, conntrack, element, rule, set, table};

type Names = &'static [(&'static [u16], &'static str)];

const fn nft(operation: u8) -> u16 {
    kind(NFNL_SUBSYS_NFTABLES, operation)
}
const NEWTABLE: u16 = nft(table::NFT_MSG_NEWTABLE);
const DELTABLE: u16 = nft(table::NFT_MSG_DELTABLE);
const NEWCHAIN: u16 = nft(chain::NFT_MSG_NEWCHAIN);
const GETCHAIN: u16 = nft(chain::NFT_MSG_GETCHAIN);
const NEWRULE: u16 = nft(rule::NFT_MSG_NEWRULE);
const DELRULE: u16 = nft(rule::NFT_MSG_DELRULE);
const NEWSET: u16 = nft(set::NFT_MSG_NEWSET);
const GETSET: u16 = nft(set::NFT_MSG_GETSET);
const NEWSETELEM: u16 = nft(element::NFT_MSG_NEWSETELEM);
const DELSETELEM: u16 = nft(element::NFT_MSG_DELSETELEM);
const CT_NEW: u16 = kind(NFNL_SUBSYS_CTNETLINK, conntrack::IPCTNL_MSG_CT_NEW);
const CT_DELETE: u16 = kind(NFNL_SUBSYS_CTNETLINK, conntrack::IPCTNL_MSG_CT_DELETE);

/// The names of a request of type `kind`, and the deepest path of nests in it; none when it is not netfilter's.
pub(crate) fn table(kind: u16) -> Option<(Names, &'static [u16])> {
    match kind {
        NEWTABLE..=DELTABLE => Some((TABLE, &[])),
        NEWCHAIN..=GETCHAIN => Some((CHAIN, &[chain::NFTA_CHAIN_HOOK])),
        NEWRULE | DELRULE => Some((RULE, &[EXPRESSIONS, NFTA_LIST_ELEM])),
        NEWSET..=GETSET => Some((SET, &[])),
        NEWSETELEM..=DELSETELEM => Some((ELEMENT, &[ELEMENTS, NFTA_LIST_ELEM])),
        CT_NEW..=CT_DELETE => Some((CONNECTION, &[])),
        _ => None,
    }
}

const EXPRESSIONS: u16 = rule::NFTA_RULE_EXPRESSIONS;
const ELEMENTS: u16 = element::NFTA_SET_ELEM_LIST_ELEMENTS;

const TABLE: Names =
    &[(&[table::NFTA_TABLE_NAME], "NFTA_TABLE_NAME"), (&[table::NFTA_TABLE_FLAGS], "NFTA_TABLE_FLAGS")];

const CHAIN: Names = &[
    (&[chain::NFTA_CHAIN_TABLE], "NFTA_CHAIN_TABLE"),
    (&[chain::NFTA_CHAIN_NAME], "NFTA_CHAIN_NAME"),
    (&[chain::NFTA_CHAIN_HOOK], "NFTA_CHAIN_HOOK"),
    (&[chain::NFTA_CHAIN_POLICY], "NFTA_CHAIN_POLICY"),
    (&[chain::NFTA_CHAIN_TYPE], "NFTA_CHAIN_TYPE"),
];

const RULE: Names = &[
    (&[rule::NFTA_RULE_TABLE], "NFTA_RULE_TABLE"),
    (&[rule::NFTA_RULE_CHAIN], "NFTA_RULE_CHAIN"),
    (&[EXPRESSIONS], "NFTA_RULE_EXPRESSIONS"),
    (&[EXPRESSIONS, NFTA_LIST_ELEM], "NFTA_LIST_ELEM of an expression"),
    (&[EXPRESSIONS, NFTA_LIST_ELEM, write::NFTA_EXPR_NAME], "NFTA_EXPR_NAME"),
    (&[EXPRESSIONS, NFTA_LIST_ELEM, write::NFTA_EXPR_DATA], "NFTA_EXPR_DATA"),
];

const SET: Names = &[
    (&[set::NFTA_SET_TABLE], "NFTA_SET_TABLE"),
    (&[set::NFTA_SET_NAME], "NFTA_SET_NAME"),
    (&[set::NFTA_SET_FLAGS], "NFTA_SET_FLAGS"),
    (&[set::NFTA_SET_KEY_LEN], "NFTA_SET_KEY_LEN"),
    (&[set::NFTA_SET_DATA_LEN], "NFTA_SET_DATA_LEN"),
];

const ELEMENT: Names = &[
    (&[element::NFTA_SET_ELEM_LIST_TABLE], "NFTA_SET_ELEM_LIST_TABLE"),
    (&[element::NFTA_SET_ELEM_LIST_SET], "NFTA_SET_ELEM_LIST_SET"),
    (&[ELEMENTS], "NFTA_SET_ELEM_LIST_ELEMENTS"),
    (&[ELEMENTS, NFTA_LIST_ELEM], "NFTA_LIST_ELEM of an element"),
    (&[ELEMENTS, NFTA_LIST_ELEM, element::NFTA_SET_ELEM_KEY], "NFTA_SET_ELEM_KEY"),
    (&[ELEMENTS, NFTA_LIST_ELEM, element::NFTA_SET_ELEM_DATA], "NFTA_SET_ELEM_DATA"),
];

const CONNECTION: Names = &[(&[conntrack::CTA_TUPLE_ORIG], "CTA_TUPLE_ORIG"), (&[conntrack::CTA_ID], "CTA_ID")];
