//! Elements of sets and maps.
//!
//! An interval is two elements: its first key, and the key behind its last with [`NFT_SET_ELEM_INTERVAL_END`]; one that reaches
//! the highest key has no end.
//!
//! # Source
//! `linux/netfilter/nf_tables.h` (`enum nft_set_elem_attributes`).

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::expression::write::{NFTA_DATA_VALUE, nested_bytes};
use super::{NFGENMSG_LEN, NFTA_LIST_ELEM, read, request};
use crate::attr::{self, Attr, Attrs};
use crate::bytes::align;
use crate::message::{HEADER_LEN, Message, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request};

// linux/netfilter/nf_tables.h
/// Add elements; also what describes them.
pub const NFT_MSG_NEWSETELEM: u8 = 12;
/// Ask for elements.
pub const NFT_MSG_GETSETELEM: u8 = 13;
/// Remove elements.
pub const NFT_MSG_DELSETELEM: u8 = 14;

/// Table.
pub const NFTA_SET_ELEM_LIST_TABLE: u16 = 1;
/// Set.
pub const NFTA_SET_ELEM_LIST_SET: u16 = 2;
/// List of elements.
pub const NFTA_SET_ELEM_LIST_ELEMENTS: u16 = 3;

/// Nest of the key.
pub const NFTA_SET_ELEM_KEY: u16 = 1;
/// Nest of a map's data.
pub const NFTA_SET_ELEM_DATA: u16 = 2;
/// `NFT_SET_ELEM_…`.
pub const NFTA_SET_ELEM_FLAGS: u16 = 3;

/// The key is the first one behind an interval.
pub const NFT_SET_ELEM_INTERVAL_END: u32 = 0x1;

/// Which set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of<'a> {
    /// `NFPROTO_…`.
    pub family: u8,
    /// Table.
    pub table: &'a str,
    /// Name of the set or map.
    pub set: &'a str,
}

/// An element, to send or as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Element<'a> {
    /// The key; of several fields, as [`concatenate`] lays them out.
    pub key: &'a [u8],
    /// What a map gives for it; empty in sets.
    pub data: &'a [u8],
    /// Whether an interval ends before this key.
    pub interval_end: bool,
}

/// The fields one after the other, each filled up with zeros to words of four bytes, as they lie in registers.
///
/// ```
/// # use pontoon_netlink::netfilter::element::concatenate;
/// let key = concatenate(&[&[172, 17, 0, 2], &[6], &80_u16.to_be_bytes()]);
/// assert_eq!(key, [172, 17, 0, 2, 6, 0, 0, 0, 0, 80, 0, 0]);
/// ```
#[must_use]
pub fn concatenate(fields: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        out.extend_from_slice(field);
        out.resize(align(out.len()), 0);
    }
    out
}

/// The name of a device as a key of type `ifname`; `None` when it has more than 15 bytes.
#[must_use]
pub fn ifname(name: &str) -> Option<[u8; 16]> {
    let mut out = [0; 16];
    out.get_mut(..15)?.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    Some(out)
}

/// The first address of a subnet, and the first one behind it; none behind the highest.
///
/// Host bits of `address` are ignored; a length beyond the address's own means one address.
///
/// ```
/// # use pontoon_netlink::netfilter::element::interval;
/// let (first, behind) = interval([172, 17, 3, 4].into(), 16);
/// assert_eq!((first, behind), ([172, 17, 0, 0].into(), Some([172, 18, 0, 0].into())));
/// ```
#[must_use]
pub fn interval(address: IpAddr, prefix_len: u8) -> (IpAddr, Option<IpAddr>) {
    match address {
        IpAddr::V4(v4) => {
            let host = u32::MAX.checked_shr(prefix_len.into()).unwrap_or(0);
            let end = (v4.to_bits() | host).checked_add(1);
            (IpAddr::V4((v4.to_bits() & !host).into()), end.map(|end| IpAddr::V4(end.into())))
        }
        IpAddr::V6(v6) => {
            let host = u128::MAX.checked_shr(prefix_len.into()).unwrap_or(0);
            let end = (v6.to_bits() | host).checked_add(1);
            (IpAddr::V6((v6.to_bits() & !host).into()), end.map(|end| IpAddr::V6(end.into())))
        }
    }
}

/// `nft create element FAMILY TABLE SET { … }`: fails with `EEXIST` when a key is there already.
///
/// The request overflows (and cannot be sent) when the elements take more than 64 KiB: a thousand of the longest fit.
#[must_use]
pub fn create(of: &Of<'_>, elements: &[Element<'_>]) -> Request {
    list(of, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, elements)
}

/// `nft add element FAMILY TABLE SET { … }`: a key that is there stays; in a map, `EEXIST` when its data is another.
#[must_use]
pub fn add(of: &Of<'_>, elements: &[Element<'_>]) -> Request {
    list(of, NFT_MSG_NEWSETELEM, NLM_F_CREATE, elements)
}

/// `nft delete element FAMILY TABLE SET { … }`: fails with `ENOENT` when a key is not there.
#[must_use]
pub fn delete(of: &Of<'_>, elements: &[Element<'_>]) -> Request {
    list(of, NFT_MSG_DELSETELEM, 0, elements)
}

/// `nft flush set FAMILY TABLE SET`: deletes all elements.
///
/// One batch may add elements with the same keys again: packets see the old ones until it is committed, then the new ones.
#[must_use]
pub fn flush(of: &Of<'_>) -> Request {
    let mut request = request(NFT_MSG_DELSETELEM, 0, of.family);
    request.attrs().text(NFTA_SET_ELEM_LIST_TABLE, of.table).text(NFTA_SET_ELEM_LIST_SET, of.set);
    request
}

/// Asks for one element; the kernel answers `ENOENT` when there is none.
#[must_use]
pub fn get(of: &Of<'_>, key: &[u8]) -> Request {
    list(of, NFT_MSG_GETSETELEM, 0, &[Element { key, ..Element::default() }])
}

/// Asks for all elements of a set.
#[must_use]
pub fn dump(of: &Of<'_>) -> Request {
    let mut request = request(NFT_MSG_GETSETELEM, NLM_F_DUMP, of.family);
    request.attrs().text(NFTA_SET_ELEM_LIST_TABLE, of.table).text(NFTA_SET_ELEM_LIST_SET, of.set);
    request
}

fn list(of: &Of<'_>, operation: u8, flags: u16, elements: &[Element<'_>]) -> Request {
    let mut request = request(operation, flags, of.family);
    let mut attrs = request.attrs();
    attrs.text(NFTA_SET_ELEM_LIST_TABLE, of.table).text(NFTA_SET_ELEM_LIST_SET, of.set);
    attrs.list(NFTA_SET_ELEM_LIST_ELEMENTS, |list| {
        for element in elements {
            list.list(NFTA_LIST_ELEM, |attrs| {
                if element.interval_end {
                    attrs.be32(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
                }
                for (kind, value) in [(NFTA_SET_ELEM_KEY, element.key), (NFTA_SET_ELEM_DATA, element.data)] {
                    if !value.is_empty() {
                        nested_bytes(attrs, kind, value);
                    }
                }
            });
        }
    });
    request
}

/// The position of the element that byte `offset` of `request` (a whole message, made here) lies in, from an error of the kernel's.
#[must_use]
pub fn position_at(request: &[u8], offset: u32) -> Option<usize> {
    let start = HEADER_LEN + NFGENMSG_LEN;
    let offset = usize::try_from(offset).ok()?;
    let mut at = start;
    let step = |attr: &Attr<'_>| align(attr::HEADER_LEN.saturating_add(attr.value.len()));
    let elements = Attrs::after(request, start).find_map(|attr| {
        let begin = at.saturating_add(attr::HEADER_LEN);
        at = at.saturating_add(step(&attr));
        (attr.kind == NFTA_SET_ELEM_LIST_ELEMENTS).then_some((begin, attr))
    });
    let (mut at, elements) = elements?;
    if offset < at {
        return None;
    }
    elements.attrs().position(|element| {
        at = at.saturating_add(step(&element));
        offset < at
    })
}

/// Elements of one set, as they came.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    /// `NFPROTO_…`.
    pub family: u8,
    /// Table.
    pub table: String,
    /// Name of the set or map.
    pub set: String,
    list: Attrs<'a>,
}

impl<'a> Elements<'a> {
    /// Reads an `NFT_MSG_NEWSETELEM` message; `None` for other types. A dump brings several of them.
    #[must_use]
    pub fn parse(message: &Message<'a>) -> Option<Self> {
        let (family, attrs) = read(message, NFT_MSG_NEWSETELEM)?;
        Some(Self {
            family,
            table: attrs.text(NFTA_SET_ELEM_LIST_TABLE)?,
            set: attrs.text(NFTA_SET_ELEM_LIST_SET)?,
            list: attrs.nest(NFTA_SET_ELEM_LIST_ELEMENTS),
        })
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let attrs = self.list.next()?.attrs();
        let flags = attrs.be32(NFTA_SET_ELEM_FLAGS).unwrap_or_default();
        Some(Element {
            key: attrs.nest(NFTA_SET_ELEM_KEY).bytes(NFTA_DATA_VALUE),
            data: attrs.nest(NFTA_SET_ELEM_DATA).bytes(NFTA_DATA_VALUE),
            interval_end: flags & NFT_SET_ELEM_INTERVAL_END != 0,
        })
    }
}
