//! Netlink attributes: type, length, value; nests hold attributes again.
//!
//! What belongs here: how they are laid out. What does not: which of them there are, for each kind of object has its own.
//!
//! ```
//! use pontoon_netlink::attr::Attrs;
//! use pontoon_netlink::message::{Messages, Request};
//! use pontoon_netlink::route::link::{IFINFOMSG_LEN, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO, RTM_NEWLINK};
//!
//! let mut request = Request::new(RTM_NEWLINK, 0, &[0; IFINFOMSG_LEN]);
//! request.attrs().text(IFLA_IFNAME, "br0").nest(IFLA_LINKINFO, |info| {
//!     info.text(IFLA_INFO_KIND, "bridge");
//! });
//!
//! let bytes = request.to_bytes(1).unwrap();
//! let message = Messages::new(&bytes).next().unwrap();
//! let attrs = Attrs::after(message.payload, IFINFOMSG_LEN);
//! assert_eq!(attrs.nest(IFLA_LINKINFO).text(IFLA_INFO_KIND).as_deref(), Some("bridge"));
//! for attr in attrs {
//!     match attr.kind {
//!         IFLA_IFNAME => assert_eq!(attr.text(), "br0"),
//!         _ => assert_eq!(attr.kind, IFLA_LINKINFO),
//!     }
//! }
//! ```
//!
//! # Source
//! `linux/netlink.h` (`struct nlattr`), netlink(7).

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::bytes::{self, align};

/// Length of `struct nlattr`.
pub const HEADER_LEN: usize = 4;

// linux/netlink.h
/// The value is a list of attributes.
pub const NLA_F_NESTED: u16 = 1 << 15;
/// The value is in network byte order.
pub const NLA_F_NET_BYTEORDER: u16 = 1 << 14;
/// The bits of a type that are the type.
pub const NLA_TYPE_MASK: u16 = !(NLA_F_NESTED | NLA_F_NET_BYTEORDER);

/// Appends attributes to a message; every method returns the writer, so that they chain.
#[derive(Debug)]
pub struct AttrWriter<'a> {
    bytes: &'a mut Vec<u8>,
    overflow: &'a mut bool,
}

impl<'a> AttrWriter<'a> {
    pub(crate) fn new(bytes: &'a mut Vec<u8>, overflow: &'a mut bool) -> Self {
        Self { bytes, overflow }
    }

    /// Raw bytes, padded to four.
    pub fn bytes(&mut self, kind: u16, value: &[u8]) -> &mut Self {
        let Ok(len) = u16::try_from(HEADER_LEN + value.len()) else {
            *self.overflow = true;
            return self;
        };
        self.bytes.extend_from_slice(&len.to_ne_bytes());
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(value);
        self.bytes.resize(align(self.bytes.len()), 0);
        self
    }

    /// One byte.
    pub fn u8(&mut self, kind: u16, value: u8) -> &mut Self {
        self.bytes(kind, &[value])
    }

    /// 32 bits, native order.
    pub fn u32(&mut self, kind: u16, value: u32) -> &mut Self {
        self.bytes(kind, &value.to_ne_bytes())
    }

    /// 32 bits, native order, when there is a value; else no attribute.
    pub fn optional_u32(&mut self, kind: u16, value: Option<u32>) -> &mut Self {
        match value {
            Some(value) => self.u32(kind, value),
            None => self,
        }
    }

    /// 32 bits with sign, native order.
    pub fn i32(&mut self, kind: u16, value: i32) -> &mut Self {
        self.bytes(kind, &value.to_ne_bytes())
    }

    /// 16 bits, network order.
    pub fn be16(&mut self, kind: u16, value: u16) -> &mut Self {
        self.bytes(kind, &value.to_be_bytes())
    }

    /// 32 bits, network order.
    pub fn be32(&mut self, kind: u16, value: u32) -> &mut Self {
        self.bytes(kind, &value.to_be_bytes())
    }

    /// Text with a closing NUL.
    pub fn text(&mut self, kind: u16, value: &str) -> &mut Self {
        let mut with_nul = Vec::with_capacity(value.len() + 1);
        with_nul.extend_from_slice(value.as_bytes());
        with_nul.push(0);
        self.bytes(kind, &with_nul)
    }

    /// An address, four or sixteen bytes in network order.
    pub fn ip(&mut self, kind: u16, value: IpAddr) -> &mut Self {
        match value {
            IpAddr::V4(v4) => self.bytes(kind, &v4.octets()),
            IpAddr::V6(v6) => self.bytes(kind, &v6.octets()),
        }
    }

    /// A nest: `fill` writes what is inside. It is closed when `fill` returns, so that it cannot stay open.
    ///
    /// The type carries no `NLA_F_NESTED`: rtnetlink takes both, and kernels before 5.2 compare some types bare.
    pub fn nest(&mut self, kind: u16, fill: impl FnOnce(&mut AttrWriter<'_>)) -> &mut Self {
        self.nest_with(kind, &[], fill)
    }

    /// A nest whose attributes follow a fixed struct, as in `VETH_INFO_PEER`.
    pub fn nest_with(&mut self, kind: u16, head: &[u8], fill: impl FnOnce(&mut AttrWriter<'_>)) -> &mut Self {
        let start = self.bytes.len();
        self.bytes(kind, head);
        fill(&mut AttrWriter { bytes: self.bytes, overflow: self.overflow });
        self.close(start)
    }

    /// A nest with `NLA_F_NESTED`, as netfilter's tools have always sent it; netfilter reads both.
    pub fn list(&mut self, kind: u16, fill: impl FnOnce(&mut AttrWriter<'_>)) -> &mut Self {
        self.nest_with(kind | NLA_F_NESTED, &[], fill)
    }

    /// Writes the length of the nest that began at `start`.
    fn close(&mut self, start: usize) -> &mut Self {
        let Ok(len) = u16::try_from(self.bytes.len().saturating_sub(start)) else {
            *self.overflow = true;
            return self;
        };
        bytes::put(self.bytes, start, &len.to_ne_bytes());
        self
    }
}

/// One attribute that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attr<'a> {
    /// The type, without the flag bits.
    pub kind: u16,
    /// The value, without padding.
    pub value: &'a [u8],
}

impl<'a> Attr<'a> {
    /// One byte; zero when empty.
    #[must_use]
    pub fn u8(&self) -> u8 {
        bytes::u8_at(self.value, 0)
    }

    /// 16 bits, native order, zero-filled.
    #[must_use]
    pub fn u16(&self) -> u16 {
        bytes::u16_at(self.value, 0)
    }

    /// 32 bits, native order, zero-filled.
    #[must_use]
    pub fn u32(&self) -> u32 {
        bytes::u32_at(self.value, 0)
    }

    /// 32 bits with sign, native order, zero-filled.
    #[must_use]
    pub fn i32(&self) -> i32 {
        i32::from_ne_bytes(bytes::array(self.value, 0))
    }

    /// 64 bits, native order, zero-filled.
    #[must_use]
    pub fn u64(&self) -> u64 {
        bytes::u64_at(self.value, 0)
    }

    /// 16 bits, network order, zero-filled.
    #[must_use]
    pub fn be16(&self) -> u16 {
        u16::from_be_bytes(bytes::array(self.value, 0))
    }

    /// 32 bits, network order, zero-filled.
    #[must_use]
    pub fn be32(&self) -> u32 {
        u32::from_be_bytes(bytes::array(self.value, 0))
    }

    /// Text up to the first NUL; what is not UTF-8 is replaced, for a name may hold any byte.
    #[must_use]
    pub fn text(&self) -> String {
        let end = self.value.iter().position(|b| *b == 0).unwrap_or(self.value.len());
        String::from_utf8_lossy(self.value.get(..end).unwrap_or_default()).into_owned()
    }

    /// An address of four or sixteen bytes.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        bytes::ip(self.value)
    }

    /// The attributes inside.
    #[must_use]
    pub fn attrs(&self) -> Attrs<'a> {
        Attrs::new(self.value)
    }
}

/// The attributes of a message or nest, in order.
///
/// Ends at the first header whose length is impossible.
#[derive(Debug, Clone)]
pub struct Attrs<'a> {
    rest: &'a [u8],
}

impl<'a> Attrs<'a> {
    /// Reads the attributes in `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Reads the attributes behind a fixed struct of `len` bytes; none when `bytes` is shorter.
    #[must_use]
    pub fn after(bytes: &'a [u8], len: usize) -> Self {
        Self { rest: bytes.get(align(len)..).unwrap_or_default() }
    }

    /// The first attribute of type `kind`.
    ///
    /// Each look goes through the list from its start: who wants many of the attributes of a long list, iterates instead.
    #[must_use]
    pub fn find(&self, kind: u16) -> Option<Attr<'a>> {
        Iterator::find(&mut self.clone(), |attr| attr.kind == kind)
    }

    /// The first attribute of type `kind` as [`Attr::u8`].
    #[must_use]
    pub fn u8(&self, kind: u16) -> Option<u8> {
        self.find(kind).map(|attr| attr.u8())
    }

    /// The first attribute of type `kind` as [`Attr::u32`].
    #[must_use]
    pub fn u32(&self, kind: u16) -> Option<u32> {
        self.find(kind).map(|attr| attr.u32())
    }

    /// The first attribute of type `kind` as [`Attr::be16`].
    #[must_use]
    pub fn be16(&self, kind: u16) -> Option<u16> {
        self.find(kind).map(|attr| attr.be16())
    }

    /// The first attribute of type `kind` as [`Attr::be32`].
    #[must_use]
    pub fn be32(&self, kind: u16) -> Option<u32> {
        self.find(kind).map(|attr| attr.be32())
    }

    /// The first attribute of type `kind` as [`Attr::text`].
    #[must_use]
    pub fn text(&self, kind: u16) -> Option<String> {
        self.find(kind).map(|attr| attr.text())
    }

    /// The first attribute of type `kind` as [`Attr::ip`].
    #[must_use]
    pub fn ip(&self, kind: u16) -> Option<IpAddr> {
        self.find(kind)?.ip()
    }

    /// The value of the first attribute of type `kind`; empty when there is none.
    #[must_use]
    pub fn bytes(&self, kind: u16) -> &'a [u8] {
        self.find(kind).map_or(&[], |attr| attr.value)
    }

    /// The attributes in the first attribute of type `kind`; none when there is none.
    #[must_use]
    pub fn nest(&self, kind: u16) -> Attrs<'a> {
        Attrs::new(self.bytes(kind))
    }
}

impl<'a> Iterator for Attrs<'a> {
    type Item = Attr<'a>;

    fn next(&mut self) -> Option<Attr<'a>> {
        // struct nlattr: length, type.
        let [len_a, len_b, kind_a, kind_b] = *self.rest.first_chunk::<HEADER_LEN>()?;
        let len = usize::from(u16::from_ne_bytes([len_a, len_b]));
        let value = self.rest.get(HEADER_LEN..len)?;
        self.rest = self.rest.get(align(len)..).unwrap_or_default();
        Some(Attr { kind: u16::from_ne_bytes([kind_a, kind_b]) & NLA_TYPE_MASK, value })
    }
}

#[cfg(test)]
mod tests;
