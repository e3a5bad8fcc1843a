//! nfnetlink's messages and attributes.

use super::table::Shape::{self, Big, BigFlags, BigSigned, Bytes, Ip, Nest, Number, Text};
use super::table::{Choice, Content, Field, Object, attributes, messages};
use crate::batch;
use crate::netfilter::expression::write;
use crate::netfilter::{
    self, NFGENMSG_LEN, NFNL_SUBSYS_CTNETLINK, NFNL_SUBSYS_NFTABLES, chain, conntrack, element, generation, rule, set,
    table,
};

pub(super) static OBJECTS: [Object; 8] = [
    Object {
        messages: messages!(nft: table::NFT_MSG_NEWTABLE, table::NFT_MSG_GETTABLE, table::NFT_MSG_DELTABLE),
        content: &TABLE,
    },
    Object { messages: messages!(nft: chain::NFT_MSG_NEWCHAIN, chain::NFT_MSG_GETCHAIN), content: &CHAIN },
    Object {
        messages: messages!(nft: rule::NFT_MSG_NEWRULE, rule::NFT_MSG_GETRULE, rule::NFT_MSG_DELRULE),
        content: &RULE,
    },
    Object { messages: messages!(nft: set::NFT_MSG_NEWSET, set::NFT_MSG_GETSET), content: &SET },
    Object {
        messages: messages!(
            nft: element::NFT_MSG_NEWSETELEM, element::NFT_MSG_GETSETELEM, element::NFT_MSG_DELSETELEM
        ),
        content: &ELEMENTS,
    },
    Object { messages: messages!(nft: generation::NFT_MSG_NEWGEN, generation::NFT_MSG_GETGEN), content: &GENERATION },
    Object {
        messages: messages!(
            ctnl: conntrack::IPCTNL_MSG_CT_NEW, conntrack::IPCTNL_MSG_CT_GET, conntrack::IPCTNL_MSG_CT_DELETE
        ),
        content: &CONNECTION,
    },
    Object { messages: messages!(nfnl: batch::NFNL_MSG_BATCH_BEGIN, batch::NFNL_MSG_BATCH_END), content: &BATCH },
];

const fn nft(operation: u8) -> u16 {
    netfilter::kind(NFNL_SUBSYS_NFTABLES, operation)
}

const fn ctnl(operation: u8) -> u16 {
    netfilter::kind(NFNL_SUBSYS_CTNETLINK, operation)
}

const fn nfnl(kind: u16) -> u16 {
    kind
}

/// What every message of nfnetlink has behind its header.
const NFGENMSG: Content =
    Content { head: NFGENMSG_LEN, fields: &[Field::number("nfgen_family", 0, 1)], attributes: &[], whose: "" };

static TABLE: Content = Content {
    attributes: attributes! {
        table::NFTA_TABLE_NAME => Text,
        table::NFTA_TABLE_FLAGS => BigFlags,
        table::NFTA_TABLE_USE => Big,
    },
    ..NFGENMSG
};

static CHAIN: Content = Content {
    attributes: attributes! {
        chain::NFTA_CHAIN_TABLE => Text,
        chain::NFTA_CHAIN_NAME => Text,
        chain::NFTA_CHAIN_HOOK => Nest(&HOOK),
        chain::NFTA_CHAIN_POLICY => Big,
        chain::NFTA_CHAIN_TYPE => Text,
    },
    ..NFGENMSG
};

static HOOK: Content = Content::of(attributes! {
    chain::NFTA_HOOK_HOOKNUM => Big,
    chain::NFTA_HOOK_PRIORITY => BigSigned,
});

static RULE: Content = Content {
    attributes: attributes! {
        rule::NFTA_RULE_TABLE => Text,
        rule::NFTA_RULE_CHAIN => Text,
        rule::NFTA_RULE_EXPRESSIONS => Nest(&EXPRESSION_LIST),
        rule::NFTA_RULE_USERDATA => Bytes,
    },
    ..NFGENMSG
};

static EXPRESSION_LIST: Content = Content {
    whose: " of an expression",
    ..Content::of(attributes! {netfilter::NFTA_LIST_ELEM => Nest(&EXPRESSION),})
};

static EXPRESSION: Content = Content::of(attributes! {
    write::NFTA_EXPR_NAME => Text,
    write::NFTA_EXPR_DATA => Shape::Choice(&OF_EXPRESSION),
});

static OF_EXPRESSION: Choice = Choice {
    by: write::NFTA_EXPR_NAME,
    contents: &[
        ("meta", &META),
        ("payload", &PAYLOAD),
        ("ct", &CT),
        ("fib", &FIB),
        ("cmp", &CMP),
        ("bitwise", &BITWISE),
        ("lookup", &LOOKUP),
        ("immediate", &IMMEDIATE),
        ("nat", &NAT),
    ],
};

static META: Content = Content::of(attributes! {write::NFTA_META_DREG => Big, write::NFTA_META_KEY => Big,});
static PAYLOAD: Content = Content::of(attributes! {
    write::NFTA_PAYLOAD_DREG => Big,
    write::NFTA_PAYLOAD_BASE => Big,
    write::NFTA_PAYLOAD_OFFSET => Big,
    write::NFTA_PAYLOAD_LEN => Big,
});
static CT: Content = Content::of(attributes! {write::NFTA_CT_DREG => Big, write::NFTA_CT_KEY => Big,});
static FIB: Content = Content::of(attributes! {
    write::NFTA_FIB_DREG => Big,
    write::NFTA_FIB_RESULT => Big,
    write::NFTA_FIB_FLAGS => BigFlags,
});
static CMP: Content = Content::of(attributes! {
    write::NFTA_CMP_SREG => Big,
    write::NFTA_CMP_OP => Big,
    write::NFTA_CMP_DATA => Nest(&DATA),
});
static BITWISE: Content = Content::of(attributes! {
    write::NFTA_BITWISE_SREG => Big,
    write::NFTA_BITWISE_DREG => Big,
    write::NFTA_BITWISE_LEN => Big,
    write::NFTA_BITWISE_MASK => Nest(&DATA),
    write::NFTA_BITWISE_XOR => Nest(&DATA),
});
static LOOKUP: Content = Content::of(attributes! {
    write::NFTA_LOOKUP_SET => Text,
    write::NFTA_LOOKUP_SREG => Big,
    write::NFTA_LOOKUP_DREG => Big,
    write::NFTA_LOOKUP_FLAGS => BigFlags,
});
static IMMEDIATE: Content = Content::of(attributes! {
    write::NFTA_IMMEDIATE_DREG => Big,
    write::NFTA_IMMEDIATE_DATA => Nest(&DATA),
});
static NAT: Content = Content::of(attributes! {
    write::NFTA_NAT_TYPE => Big,
    write::NFTA_NAT_FAMILY => Big,
    write::NFTA_NAT_REG_ADDR_MIN => Big,
    write::NFTA_NAT_REG_PROTO_MIN => Big,
});

/// What a register holds.
static DATA: Content = Content::of(attributes! {
    write::NFTA_DATA_VALUE => Bytes,
    write::NFTA_DATA_VERDICT => Nest(&VERDICT),
});
static VERDICT: Content = Content::of(attributes! {
    write::NFTA_VERDICT_CODE => BigSigned,
    write::NFTA_VERDICT_CHAIN => Text,
});

static SET: Content = Content {
    attributes: attributes! {
        set::NFTA_SET_TABLE => Text,
        set::NFTA_SET_NAME => Text,
        set::NFTA_SET_FLAGS => BigFlags,
        set::NFTA_SET_KEY_TYPE => Big,
        set::NFTA_SET_KEY_LEN => Big,
        set::NFTA_SET_DATA_TYPE => Big,
        set::NFTA_SET_DATA_LEN => Big,
        set::NFTA_SET_ID => Big,
        set::NFTA_SET_USERDATA => Bytes,
    },
    ..NFGENMSG
};

static ELEMENTS: Content = Content {
    attributes: attributes! {
        element::NFTA_SET_ELEM_LIST_TABLE => Text,
        element::NFTA_SET_ELEM_LIST_SET => Text,
        element::NFTA_SET_ELEM_LIST_ELEMENTS => Nest(&ELEMENT_LIST),
    },
    ..NFGENMSG
};

static ELEMENT_LIST: Content =
    Content { whose: " of an element", ..Content::of(attributes! {netfilter::NFTA_LIST_ELEM => Nest(&ELEMENT),}) };

static ELEMENT: Content = Content::of(attributes! {
    element::NFTA_SET_ELEM_KEY => Nest(&DATA),
    element::NFTA_SET_ELEM_DATA => Nest(&DATA),
    element::NFTA_SET_ELEM_FLAGS => BigFlags,
});

static GENERATION: Content = Content { attributes: attributes! {generation::NFTA_GEN_ID => Big,}, ..NFGENMSG };

static BATCH: Content = Content { attributes: attributes! {batch::NFNL_BATCH_GENID => Big,}, ..NFGENMSG };

static CONNECTION: Content = Content {
    attributes: attributes! {
        conntrack::CTA_TUPLE_ORIG => Nest(&TUPLE),
        conntrack::CTA_TUPLE_REPLY => Nest(&TUPLE),
        conntrack::CTA_STATUS => BigFlags,
        conntrack::CTA_MARK => Big,
        conntrack::CTA_ID => Big,
        conntrack::CTA_ZONE => Big,
        conntrack::CTA_STATUS_MASK => BigFlags,
    },
    ..NFGENMSG
};

static TUPLE: Content = Content::of(attributes! {
    conntrack::CTA_TUPLE_IP => Nest(&TUPLE_IP),
    conntrack::CTA_TUPLE_PROTO => Nest(&TUPLE_PROTO),
    conntrack::CTA_TUPLE_ZONE => Big,
});
static TUPLE_IP: Content = Content::of(attributes! {
    conntrack::CTA_IP_V4_SRC => Ip,
    conntrack::CTA_IP_V4_DST => Ip,
    conntrack::CTA_IP_V6_SRC => Ip,
    conntrack::CTA_IP_V6_DST => Ip,
});
static TUPLE_PROTO: Content = Content::of(attributes! {
    conntrack::CTA_PROTO_NUM => Number,
    conntrack::CTA_PROTO_SRC_PORT => Big,
    conntrack::CTA_PROTO_DST_PORT => Big,
});
