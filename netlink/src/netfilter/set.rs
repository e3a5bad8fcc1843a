//! Sets and maps: hash tables and intervals that rules look keys up in.
//!
//! The kernel knows lengths only. What the bytes mean is nft's own business: it numbers its types in
//! `NFTA_SET_KEY_TYPE`, and keeps the byte order in the set's user data, which is what `nft list` reads back.
//!
//! # Source
//! `linux/netfilter/nf_tables.h` (`enum nft_set_attributes`); nft(8), data types; the captures of `nft` in `tests/golden`.

use alloc::string::String;

use super::{read, request};
use crate::bytes;
use crate::message::{Message, NLM_F_CREATE, NLM_F_DUMP, Request};

// linux/netfilter/nf_tables.h
/// Make a set; also what describes one.
pub const NFT_MSG_NEWSET: u8 = 9;
/// Ask for sets.
pub const NFT_MSG_GETSET: u8 = 10;

/// Table.
pub const NFTA_SET_TABLE: u16 = 1;
/// Name.
pub const NFTA_SET_NAME: u16 = 2;
/// `NFT_SET_…`.
pub const NFTA_SET_FLAGS: u16 = 3;
/// nft's number for the type of the key.
pub const NFTA_SET_KEY_TYPE: u16 = 4;
/// Length of the key in bytes.
pub const NFTA_SET_KEY_LEN: u16 = 5;
/// nft's number for the type of a map's data.
pub const NFTA_SET_DATA_TYPE: u16 = 6;
/// Length of a map's data in bytes.
pub const NFTA_SET_DATA_LEN: u16 = 7;
/// A number for the set within its batch; the kernel insists on one.
pub const NFTA_SET_ID: u16 = 10;
/// What nft wants to remember.
pub const NFTA_SET_USERDATA: u16 = 13;

/// Keys are intervals.
pub const NFT_SET_INTERVAL: u32 = 0x4;
/// It is a map.
pub const NFT_SET_MAP: u32 = 0x8;

/// A type of nft's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    /// nft's number for it, six bits.
    pub number: u8,
    /// Length in bytes.
    pub len: u8,
    /// nft's number for its byte order: 1 native, 2 big-endian.
    pub order: u8,
}

/// `ipv4_addr`.
pub const IPV4_ADDR: Type = Type { number: 7, len: 4, order: 2 };
/// `ipv6_addr`.
pub const IPV6_ADDR: Type = Type { number: 8, len: 16, order: 2 };
/// `inet_proto`: transport protocol.
pub const INET_PROTO: Type = Type { number: 12, len: 1, order: 2 };
/// `inet_service`: port.
pub const INET_SERVICE: Type = Type { number: 13, len: 2, order: 2 };
/// `ifname`: name of a device, filled up with zeros. nft calls its order native.
pub const IFNAME: Type = Type { number: 41, len: 16, order: 1 };

/// nft's number, the length in bytes, and nft's number for the byte order of a key of these types.
///
/// Of several, each starts a new word of four bytes; the numbers stand side by side, and there is no byte order.
fn concatenation(types: &[Type]) -> (u32, u32, u32) {
    if let [only] = types {
        return (only.number.into(), only.len.into(), only.order.into());
    }
    types.iter().fold((0, 0, 0), |(number, len, _), next| {
        let words = u32::from(next.len).next_multiple_of(4);
        (number << 6 | u32::from(next.number), len + words, 0)
    })
}

/// A set, or a map when it has data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSet<'a> {
    /// `NFPROTO_…`.
    pub family: u8,
    /// Table.
    pub table: &'a str,
    /// Name.
    pub name: &'a str,
    /// Any number, different from those of the other sets of the same batch.
    pub id: u32,
    /// Whether the keys are intervals; only for keys of one type, for the kernels before 5.6.
    pub interval: bool,
    /// Types of the key.
    pub key: &'a [Type],
    /// Types of a map's data; none for a set.
    pub data: &'a [Type],
}

/// `nft add set FAMILY TABLE NAME { type KEY . …; flags interval; }`, or `add map … { type KEY . … : DATA . …; }`.
///
/// Since Linux 5.3 a set that is there, and alike, stays as it is, unless `NLM_F_EXCL` is added to the request's flags.
#[must_use]
pub fn new(new: &NewSet<'_>) -> Request {
    let mut request = request(NFT_MSG_NEWSET, NLM_F_CREATE, new.family);
    let (key, key_len, key_order) = concatenation(new.key);
    let map = !new.data.is_empty();
    let flags = if new.interval { NFT_SET_INTERVAL } else { 0 } | if map { NFT_SET_MAP } else { 0 };
    // libnftnl's udata: kind, length, value. 0 is the key's byte order, 1 the data's; 32 bits, native.
    let [a, b, c, d] = key_order.to_ne_bytes();
    let mut remembered = [0, 4, a, b, c, d, 1, 4, 0, 0, 0, 0];
    let mut attrs = request.attrs();
    attrs
        .text(NFTA_SET_TABLE, new.table)
        .text(NFTA_SET_NAME, new.name)
        .be32(NFTA_SET_FLAGS, flags)
        .be32(NFTA_SET_KEY_TYPE, key)
        .be32(NFTA_SET_KEY_LEN, key_len)
        .be32(NFTA_SET_ID, new.id);
    let mut len = 6;
    if map {
        let (data, data_len, data_order) = concatenation(new.data);
        attrs.be32(NFTA_SET_DATA_TYPE, data).be32(NFTA_SET_DATA_LEN, data_len);
        bytes::put(&mut remembered, 8, &data_order.to_ne_bytes());
        len = remembered.len();
    }
    attrs.bytes(NFTA_SET_USERDATA, remembered.get(..len).unwrap_or_default());
    request
}

/// Asks for one set; the kernel answers `ENOENT` when there is none.
#[must_use]
pub fn get(family: u8, table: &str, name: &str) -> Request {
    let mut request = request(NFT_MSG_GETSET, 0, family);
    request.attrs().text(NFTA_SET_TABLE, table).text(NFTA_SET_NAME, name);
    request
}

/// Asks for all sets of a table.
#[must_use]
pub fn dump(family: u8, table: &str) -> Request {
    let mut request = request(NFT_MSG_GETSET, NLM_F_DUMP, family);
    request.attrs().text(NFTA_SET_TABLE, table);
    request
}

/// A set or map as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// `NFPROTO_…`.
    pub family: u8,
    /// Table.
    pub table: String,
    /// Name.
    pub name: String,
    /// `NFT_SET_…`.
    pub flags: u32,
    /// nft's number for the type of the key, and its length in bytes.
    pub key: (u32, u32),
    /// The same for a map's data.
    pub data: Option<(u32, u32)>,
}

impl Set {
    /// Reads an `NFT_MSG_NEWSET` message; `None` for other types.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        let (family, attrs) = read(message, NFT_MSG_NEWSET)?;
        Some(Self {
            family,
            table: attrs.text(NFTA_SET_TABLE)?,
            name: attrs.text(NFTA_SET_NAME)?,
            flags: attrs.be32(NFTA_SET_FLAGS).unwrap_or_default(),
            key: (attrs.be32(NFTA_SET_KEY_TYPE).unwrap_or_default(), attrs.be32(NFTA_SET_KEY_LEN).unwrap_or_default()),
            data: attrs.be32(NFTA_SET_DATA_TYPE).zip(attrs.be32(NFTA_SET_DATA_LEN)),
        })
    }
}
