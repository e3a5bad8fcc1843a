//! nfnetlink: the tables, chains, rules and sets of `nf_tables`, and the entries of connection tracking.
//!
//! Each file holds one kind of object: its constants, the requests that change it, and what the kernel says of it.
//! Changes to `nf_tables` only travel in a [`Batch`](crate::batch::Batch); questions, and everything about connections,
//! are ordinary requests. Integers in attributes are big-endian. What a register holds, and so what a set's key, a comparison
//! or a mask is made of, is in the order that the packet or the kernel has it: addresses and ports big-endian, marks, states
//! and indexes native.
//!
//! # Source
//! `linux/netfilter/nfnetlink.h`, `linux/netfilter/nf_tables.h`, nft(8); the captures of `nft` in `tests/golden`.

use crate::attr::Attrs;
use crate::bytes;
use crate::message::{Message, Request};

pub mod chain;
pub mod conntrack;
pub mod element;
pub mod expression;
pub mod generation;
pub mod rule;
pub mod set;
pub mod table;

/// Length of `struct nfgenmsg`: family, version (0), resource id (16 bits, big-endian).
pub const NFGENMSG_LEN: usize = 4;

// linux/netfilter/nfnetlink.h: subsystems, the upper byte of a message's type
/// Connection tracking.
pub const NFNL_SUBSYS_CTNETLINK: u8 = 1;
/// Tables, chains, rules, sets.
pub const NFNL_SUBSYS_NFTABLES: u8 = 10;

// linux/netfilter.h: families. Those of IPv4 and IPv6 are AF_INET and AF_INET6.
/// All families, in questions.
pub const NFPROTO_UNSPEC: u8 = 0;
/// IPv4 and IPv6 together.
pub const NFPROTO_INET: u8 = 1;
/// IPv4: `ip` in nft.
pub const NFPROTO_IPV4: u8 = 2;
/// IPv6: `ip6` in nft.
pub const NFPROTO_IPV6: u8 = 10;

// linux/netfilter.h: verdicts
/// The packet ends here.
pub const NF_DROP: u32 = 0;
/// The packet passes this chain.
pub const NF_ACCEPT: u32 = 1;

// linux/netfilter/nf_tables.h
/// In a list: one of its members.
pub const NFTA_LIST_ELEM: u16 = 1;

/// The type of a message: subsystem and operation (`NFT_MSG_…`, `IPCTNL_MSG_…`).
#[must_use]
pub const fn kind(subsystem: u8, operation: u8) -> u16 {
    u16::from_be_bytes([subsystem, operation])
}

/// A request about `family` to `nf_tables`.
fn request(operation: u8, flags: u16, family: u8) -> Request {
    Request::new(kind(NFNL_SUBSYS_NFTABLES, operation), flags, &[family, 0, 0, 0])
}

/// Family and attributes of a message of `nf_tables` with this operation; `None` for every other message.
fn read<'a>(message: &Message<'a>, operation: u8) -> Option<(u8, Attrs<'a>)> {
    let ours = message.kind == kind(NFNL_SUBSYS_NFTABLES, operation) && message.payload.len() >= NFGENMSG_LEN;
    ours.then(|| (bytes::u8_at(message.payload, 0), Attrs::after(message.payload, NFGENMSG_LEN)))
}
