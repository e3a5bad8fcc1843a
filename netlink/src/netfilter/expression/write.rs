//! How expressions are written: a list, each a name and a nest of attributes of its own.
//!
//! # Source
//! `linux/netfilter/nf_tables.h`.

use super::Expression;
use crate::attr::AttrWriter;
use crate::netfilter::{NF_ACCEPT, NF_DROP, NFTA_LIST_ELEM};

// linux/netfilter/nf_tables.h: registers
/// Where a verdict goes.
pub const NFT_REG_VERDICT: u8 = 0;

// linux/netfilter/nf_tables.h: verdicts beside NF_DROP and NF_ACCEPT
/// Continue in another chain, and come back at its end.
pub const NFT_JUMP: i32 = -3;

// linux/netfilter/nf_tables.h: what every expression has
/// Its kind, as text.
pub const NFTA_EXPR_NAME: u16 = 1;
/// Its attributes.
pub const NFTA_EXPR_DATA: u16 = 2;
/// Bytes.
pub const NFTA_DATA_VALUE: u16 = 1;
/// Nest of a verdict.
pub const NFTA_DATA_VERDICT: u16 = 2;
/// `NF_…` or `NFT_…`, signed.
pub const NFTA_VERDICT_CODE: u16 = 1;
/// Chain to jump to.
pub const NFTA_VERDICT_CHAIN: u16 = 2;

// linux/netfilter/nf_tables.h: meta
/// Destination register.
pub const NFTA_META_DREG: u16 = 1;
/// `NFT_META_…`.
pub const NFTA_META_KEY: u16 = 2;

// linux/netfilter/nf_tables.h: payload
/// Destination register.
pub const NFTA_PAYLOAD_DREG: u16 = 1;
/// `NFT_PAYLOAD_…`.
pub const NFTA_PAYLOAD_BASE: u16 = 2;
/// Bytes from the start of that header.
pub const NFTA_PAYLOAD_OFFSET: u16 = 3;
/// How many bytes.
pub const NFTA_PAYLOAD_LEN: u16 = 4;

// linux/netfilter/nf_tables.h: ct
/// Destination register.
pub const NFTA_CT_DREG: u16 = 1;
/// `NFT_CT_…`.
pub const NFTA_CT_KEY: u16 = 2;

// linux/netfilter/nf_tables.h: fib
/// Destination register.
pub const NFTA_FIB_DREG: u16 = 1;
/// `NFT_FIB_RESULT_…`.
pub const NFTA_FIB_RESULT: u16 = 2;
/// `NFTA_FIB_F_…`.
pub const NFTA_FIB_FLAGS: u16 = 3;
/// Kind of address, `RTN_…`, 32 bits, native.
pub const NFT_FIB_RESULT_ADDRTYPE: u8 = 3;
/// Of the destination address.
pub const NFTA_FIB_F_DADDR: u8 = 2;
/// Of the source address.
pub const NFTA_FIB_F_SADDR: u8 = 1;

// linux/netfilter/nf_tables.h: cmp
/// Source register.
pub const NFTA_CMP_SREG: u16 = 1;
/// `NFT_CMP_…`.
pub const NFTA_CMP_OP: u16 = 2;
/// What it is compared with.
pub const NFTA_CMP_DATA: u16 = 3;
/// Equal.
pub const NFT_CMP_EQ: u8 = 0;
/// Not equal.
pub const NFT_CMP_NEQ: u8 = 1;

// linux/netfilter/nf_tables.h: bitwise
/// Source register.
pub const NFTA_BITWISE_SREG: u16 = 1;
/// Destination register.
pub const NFTA_BITWISE_DREG: u16 = 2;
/// How many bytes.
pub const NFTA_BITWISE_LEN: u16 = 3;
/// The bits that stay.
pub const NFTA_BITWISE_MASK: u16 = 4;
/// The bits that are then turned over.
pub const NFTA_BITWISE_XOR: u16 = 5;

// linux/netfilter/nf_tables.h: lookup
/// Name of the set.
pub const NFTA_LOOKUP_SET: u16 = 1;
/// Source register: the key.
pub const NFTA_LOOKUP_SREG: u16 = 2;
/// Destination register: what a map gives.
pub const NFTA_LOOKUP_DREG: u16 = 3;
/// `NFT_LOOKUP_F_…`.
pub const NFTA_LOOKUP_FLAGS: u16 = 5;
/// Matches when it is not in the set.
pub const NFT_LOOKUP_F_INV: u8 = 1;

// linux/netfilter/nf_tables.h: immediate
/// Destination register.
pub const NFTA_IMMEDIATE_DREG: u16 = 1;
/// What goes there.
pub const NFTA_IMMEDIATE_DATA: u16 = 2;

// linux/netfilter/nf_tables.h: nat
/// `NFT_NAT_…`.
pub const NFTA_NAT_TYPE: u16 = 1;
/// `NFPROTO_…`.
pub const NFTA_NAT_FAMILY: u16 = 2;
/// Register of the address.
pub const NFTA_NAT_REG_ADDR_MIN: u16 = 3;
/// Register of the port.
pub const NFTA_NAT_REG_PROTO_MIN: u16 = 5;
/// The destination is translated.
pub const NFT_NAT_DNAT: u8 = 1;

impl Expression<'_> {
    /// Appends it to the list of a rule's expressions.
    pub(in crate::netfilter) fn write(&self, list: &mut AttrWriter<'_>) {
        list.list(NFTA_LIST_ELEM, |expression| {
            expression.text(NFTA_EXPR_NAME, self.name()).list(NFTA_EXPR_DATA, |data| self.write_data(data));
        });
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Meta { .. } => "meta",
            Self::Payload { .. } => "payload",
            Self::Ct { .. } => "ct",
            Self::FibDestinationType { .. } | Self::FibSourceType { .. } => "fib",
            Self::Equal { .. } | Self::NotEqual { .. } => "cmp",
            Self::Mask { .. } => "bitwise",
            Self::In { .. } | Self::NotIn { .. } | Self::Map { .. } => "lookup",
            // What nft calls a verdict is an immediate value for the verdict register.
            Self::Accept | Self::Drop | Self::Jump(_) => "immediate",
            Self::Dnat { .. } => "nat",
            Self::Masquerade => "masq",
        }
    }

    fn write_data(&self, data: &mut AttrWriter<'_>) {
        match *self {
            Self::Meta { key, to } => {
                number(data, NFTA_META_KEY, key);
                number(data, NFTA_META_DREG, to);
            }
            Self::Payload { base, offset, len, to } => {
                number(data, NFTA_PAYLOAD_DREG, to);
                number(data, NFTA_PAYLOAD_BASE, base);
                number(data, NFTA_PAYLOAD_OFFSET, offset);
                number(data, NFTA_PAYLOAD_LEN, len);
            }
            Self::Ct { key, to } => {
                number(data, NFTA_CT_KEY, key);
                number(data, NFTA_CT_DREG, to);
            }
            Self::FibDestinationType { to } => address_type(data, NFTA_FIB_F_DADDR, to),
            Self::FibSourceType { to } => address_type(data, NFTA_FIB_F_SADDR, to),
            Self::Equal { from, value } => compare(data, NFT_CMP_EQ, from, value),
            Self::NotEqual { from, value } => compare(data, NFT_CMP_NEQ, from, value),
            Self::Mask { register, mask } => {
                number(data, NFTA_BITWISE_SREG, register);
                number(data, NFTA_BITWISE_DREG, register);
                number(data, NFTA_BITWISE_LEN, 4);
                nested_bytes(data, NFTA_BITWISE_MASK, &mask);
                nested_bytes(data, NFTA_BITWISE_XOR, &[0; 4]);
            }
            Self::In { from, set } => look_up(data, set, from),
            Self::NotIn { from, set } => {
                look_up(data, set, from);
                number(data, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
            }
            Self::Map { from, map, to } => {
                look_up(data, map, from);
                number(data, NFTA_LOOKUP_DREG, to);
            }
            Self::Accept => verdict(data, NF_ACCEPT, None),
            Self::Drop => verdict(data, NF_DROP, None),
            Self::Jump(chain) => verdict(data, NFT_JUMP.cast_unsigned(), Some(chain)),
            Self::Dnat { family, address, port } => {
                number(data, NFTA_NAT_TYPE, NFT_NAT_DNAT);
                number(data, NFTA_NAT_FAMILY, family);
                number(data, NFTA_NAT_REG_ADDR_MIN, address);
                number(data, NFTA_NAT_REG_PROTO_MIN, port);
            }
            Self::Masquerade => {}
        }
    }
}

/// All numbers are 32 bits, big-endian, and small.
fn number(data: &mut AttrWriter<'_>, kind: u16, value: u8) {
    data.be32(kind, value.into());
}

/// Bytes in a nest of their own.
pub(in crate::netfilter) fn nested_bytes(data: &mut AttrWriter<'_>, kind: u16, value: &[u8]) {
    data.list(kind, |data| {
        data.bytes(NFTA_DATA_VALUE, value);
    });
}

fn compare(data: &mut AttrWriter<'_>, op: u8, from: u8, value: &[u8]) {
    number(data, NFTA_CMP_SREG, from);
    number(data, NFTA_CMP_OP, op);
    nested_bytes(data, NFTA_CMP_DATA, value);
}

/// `fib … type`: what kind of address it is to this host.
fn address_type(data: &mut AttrWriter<'_>, which: u8, to: u8) {
    number(data, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
    number(data, NFTA_FIB_FLAGS, which);
    number(data, NFTA_FIB_DREG, to);
}

fn look_up(data: &mut AttrWriter<'_>, set: &str, from: u8) {
    data.text(NFTA_LOOKUP_SET, set);
    number(data, NFTA_LOOKUP_SREG, from);
}

fn verdict(data: &mut AttrWriter<'_>, code: u32, chain: Option<&str>) {
    number(data, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    data.list(NFTA_IMMEDIATE_DATA, |data| {
        data.list(NFTA_DATA_VERDICT, |verdict| {
            verdict.be32(NFTA_VERDICT_CODE, code);
            if let Some(chain) = chain {
                verdict.text(NFTA_VERDICT_CHAIN, chain);
            }
        });
    });
}
