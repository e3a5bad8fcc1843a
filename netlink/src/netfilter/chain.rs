//! Chains: lists of rules. Base chains hang on a hook of the kernel's; the others are jumped to.
//!
//! # Source
//! `linux/netfilter/nf_tables.h` (`enum nft_chain_attributes`, `enum nft_hook_attributes`), `linux/netfilter.h`.

use alloc::string::String;

use super::{read, request};
use crate::message::{Message, NLM_F_CREATE, NLM_F_DUMP, Request};

// linux/netfilter/nf_tables.h
/// Make a chain; also what describes one.
pub const NFT_MSG_NEWCHAIN: u8 = 3;
/// Ask for chains.
pub const NFT_MSG_GETCHAIN: u8 = 4;

/// Table.
pub const NFTA_CHAIN_TABLE: u16 = 1;
/// Name.
pub const NFTA_CHAIN_NAME: u16 = 3;
/// Nest of the hook.
pub const NFTA_CHAIN_HOOK: u16 = 4;
/// What becomes of a packet at the end of a base chain.
pub const NFTA_CHAIN_POLICY: u16 = 5;
/// Type of a base chain: `filter`, `nat`, `route`.
pub const NFTA_CHAIN_TYPE: u16 = 7;

/// Number of the hook.
pub const NFTA_HOOK_HOOKNUM: u16 = 1;
/// Priority on the hook; signed, the lowest first.
pub const NFTA_HOOK_PRIORITY: u16 = 2;

// linux/netfilter.h; the same numbers for IPv4, IPv6 and inet
/// Before routing.
pub const NF_INET_PRE_ROUTING: u32 = 0;
/// From one device to another.
pub const NF_INET_FORWARD: u32 = 2;
/// From this host.
pub const NF_INET_LOCAL_OUT: u32 = 3;
/// After routing.
pub const NF_INET_POST_ROUTING: u32 = 4;

// linux/netfilter_ipv4.h; those of linux/netfilter_ipv6.h are equal
/// `raw`: before connection tracking.
pub const NF_IP_PRI_RAW: i32 = -300;
/// `dstnat`.
pub const NF_IP_PRI_NAT_DST: i32 = -100;
/// `filter`.
pub const NF_IP_PRI_FILTER: i32 = 0;
/// `srcnat`.
pub const NF_IP_PRI_NAT_SRC: i32 = 100;

/// What makes a chain a base chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base<'a> {
    /// `filter` or `nat`.
    pub kind: &'a str,
    /// `NF_INET_…`.
    pub hook: u32,
    /// `NF_IP_PRI_…`; the lowest first.
    pub priority: i32,
    /// [`NF_ACCEPT`](super::NF_ACCEPT) or [`NF_DROP`](super::NF_DROP).
    pub policy: u32,
}

/// `nft add chain FAMILY TABLE NAME`, with what stands in braces when there is a `base`.
#[must_use]
pub fn new(family: u8, table: &str, name: &str, base: Option<&Base<'_>>) -> Request {
    let mut request = request(NFT_MSG_NEWCHAIN, NLM_F_CREATE, family);
    let mut attrs = request.attrs();
    attrs.text(NFTA_CHAIN_TABLE, table).text(NFTA_CHAIN_NAME, name);
    if let Some(base) = base {
        attrs.text(NFTA_CHAIN_TYPE, base.kind).be32(NFTA_CHAIN_POLICY, base.policy).list(NFTA_CHAIN_HOOK, |hook| {
            hook.be32(NFTA_HOOK_HOOKNUM, base.hook).be32(NFTA_HOOK_PRIORITY, base.priority.cast_unsigned());
        });
    }
    request
}

/// Asks for one chain; the kernel answers `ENOENT` when there is none.
#[must_use]
pub fn get(family: u8, table: &str, name: &str) -> Request {
    let mut request = request(NFT_MSG_GETCHAIN, 0, family);
    request.attrs().text(NFTA_CHAIN_TABLE, table).text(NFTA_CHAIN_NAME, name);
    request
}

/// Asks for all chains of a family (`NFPROTO_UNSPEC`: of all), of all tables.
#[must_use]
pub fn dump(family: u8) -> Request {
    request(NFT_MSG_GETCHAIN, NLM_F_DUMP, family)
}

/// A chain as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// `NFPROTO_…`.
    pub family: u8,
    /// Table.
    pub table: String,
    /// Name.
    pub name: String,
    /// Type of a base chain.
    pub kind: Option<String>,
    /// Number of the hook and priority of a base chain.
    pub hook: Option<(u32, i32)>,
    /// What becomes of a packet at the end of a base chain.
    pub policy: Option<u32>,
}

impl Chain {
    /// Reads an `NFT_MSG_NEWCHAIN` message; `None` for other types.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        let (family, attrs) = read(message, NFT_MSG_NEWCHAIN)?;
        let hook = attrs.find(NFTA_CHAIN_HOOK).map(|hook| {
            let number = |kind| hook.attrs().be32(kind).unwrap_or_default();
            (number(NFTA_HOOK_HOOKNUM), number(NFTA_HOOK_PRIORITY).cast_signed())
        });
        Some(Self {
            family,
            table: attrs.text(NFTA_CHAIN_TABLE)?,
            name: attrs.text(NFTA_CHAIN_NAME)?,
            kind: attrs.text(NFTA_CHAIN_TYPE),
            hook,
            policy: attrs.be32(NFTA_CHAIN_POLICY),
        })
    }
}
