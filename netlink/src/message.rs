//! The netlink header: a request under construction, and the messages of a datagram.
//!
//! What belongs here: the header and its flags. What does not: what any type of message holds.
//!
//! # Source
//! `linux/netlink.h`, RFC 3549 section 2.3.2, netlink(7).

use alloc::vec::Vec;

use crate::attr::AttrWriter;
use crate::bytes::{self, align};

/// Length of `struct nlmsghdr`.
pub const HEADER_LEN: usize = 16;

// linux/netlink.h
/// Nothing, to be ignored.
pub const NLMSG_NOOP: u16 = 1;
/// An error or, with errno 0, an acknowledgement.
pub const NLMSG_ERROR: u16 = 2;
/// The end of a dump.
pub const NLMSG_DONE: u16 = 3;

/// A request to the kernel.
pub const NLM_F_REQUEST: u16 = 0x1;
/// Asks for an acknowledgement.
pub const NLM_F_ACK: u16 = 0x4;
/// The dump was inconsistent: something changed while it ran.
pub const NLM_F_DUMP_INTR: u16 = 0x10;
/// Asks for all objects instead of one.
pub const NLM_F_DUMP: u16 = 0x300;
/// Replace what exists.
pub const NLM_F_REPLACE: u16 = 0x100;
/// Fail with `EEXIST` when it exists.
pub const NLM_F_EXCL: u16 = 0x200;
/// Create when it does not exist.
pub const NLM_F_CREATE: u16 = 0x400;
/// Add to the end of a list.
pub const NLM_F_APPEND: u16 = 0x800;
/// In an ACK: the request is not echoed beyond its header.
pub const NLM_F_CAPPED: u16 = 0x100;
/// In an ACK: attributes follow.
pub const NLM_F_ACK_TLVS: u16 = 0x200;

/// One request: header, a fixed struct, attributes.
///
/// The length in the header is right whenever [`Request::to_bytes`] is called; the sequence number is the sender's business.
///
/// ```
/// use pontoon_netlink::Request;
/// use pontoon_netlink::message::NLM_F_ACK;
/// use pontoon_netlink::route::link::{IFINFOMSG_LEN, IFLA_GROUP, RTM_DELLINK};
///
/// let mut request = Request::new(RTM_DELLINK, NLM_F_ACK, &[0; IFINFOMSG_LEN]);
/// request.attrs().u32(IFLA_GROUP, 77);
/// // Header, struct, attribute.
/// assert_eq!(request.to_bytes(1).unwrap().len(), 16 + 16 + 8);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    bytes: Vec<u8>,
    overflow: bool,
}

impl Request {
    /// A request of type `kind` (`RTM_NEWLINK`, …) with `NLM_F_REQUEST` and `flags`, followed by the fixed struct `body`.
    #[must_use]
    pub fn new(kind: u16, flags: u16, body: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&kind.to_ne_bytes());
        bytes.extend_from_slice(&(flags | NLM_F_REQUEST).to_ne_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(body);
        bytes.resize(align(bytes.len()), 0);
        Self { bytes, overflow: false }
    }

    /// The place where attributes are appended.
    pub fn attrs(&mut self) -> AttrWriter<'_> {
        AttrWriter::new(&mut self.bytes, &mut self.overflow)
    }

    /// The request's flags.
    #[must_use]
    pub fn flags(&self) -> u16 {
        bytes::u16_at(&self.bytes, 6)
    }

    /// Sets further flags.
    pub fn add_flags(&mut self, flags: u16) {
        let flags = (self.flags() | flags).to_ne_bytes();
        bytes::put(&mut self.bytes, 6, &flags);
    }

    /// The same request, of which the kernel says nothing but that it refuses it. That is enough where one follows in the same datagram
    /// that is answered: the kernel takes them in order.
    #[must_use]
    pub fn answered_if_refused(&self) -> Self {
        let mut request = self.clone();
        let flags = (self.flags() & !NLM_F_ACK).to_ne_bytes();
        bytes::put(&mut request.bytes, 6, &flags);
        request
    }

    /// The finished message with its length and `sequence` filled in; `None` when an attribute was longer than its
    /// 16-bit length field can say (the message would be a different one from what was asked for).
    #[must_use]
    pub fn to_bytes(&self, sequence: u32) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        self.append_to(&mut out, sequence)?;
        Some(out)
    }

    /// Appends what [`Request::to_bytes`] gives to `out`.
    #[must_use]
    pub fn append_to(&self, out: &mut Vec<u8>, sequence: u32) -> Option<()> {
        if self.overflow {
            return None;
        }
        let len = u32::try_from(self.bytes.len()).ok()?;
        out.extend_from_slice(&len.to_ne_bytes());
        out.extend_from_slice(self.bytes.get(4..8)?);
        out.extend_from_slice(&sequence.to_ne_bytes());
        out.extend_from_slice(self.bytes.get(12..)?);
        Some(())
    }
}

/// One message that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// `nlmsg_type`.
    pub kind: u16,
    /// `nlmsg_flags`.
    pub flags: u16,
    /// `nlmsg_seq`: that of the request it answers.
    pub sequence: u32,
    /// `nlmsg_pid`: the port id of the socket it is for.
    pub port: u32,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl Message<'_> {
    /// Appends the message's bytes, as they came, to `out`, which then can be read by [`Messages`] again.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        // A payload is a part of a datagram whose length fits the 32 bits of the header.
        let len = u32::try_from(HEADER_LEN + self.payload.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_ne_bytes());
        out.extend_from_slice(&self.kind.to_ne_bytes());
        out.extend_from_slice(&self.flags.to_ne_bytes());
        out.extend_from_slice(&self.sequence.to_ne_bytes());
        out.extend_from_slice(&self.port.to_ne_bytes());
        out.extend_from_slice(self.payload);
        out.resize(align(out.len()), 0);
    }
}

/// The messages of one datagram, in order.
///
/// Ends at the first header whose length is impossible: nothing behind it can be trusted.
///
/// ```
/// use pontoon_netlink::message::{Messages, NLMSG_DONE};
/// use pontoon_netlink::route::nsid;
///
/// let datagram = [nsid::get(3).to_bytes(1).unwrap(), nsid::dump().to_bytes(2).unwrap()].concat();
/// let sequences: Vec<u32> = Messages::new(&datagram).map(|message| message.sequence).collect();
/// assert_eq!(sequences, [1, 2]);
/// assert!(Messages::new(&datagram).all(|message| message.kind != NLMSG_DONE));
/// ```
#[derive(Debug, Clone)]
pub struct Messages<'a> {
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    /// Reads `datagram`.
    #[must_use]
    pub fn new(datagram: &'a [u8]) -> Self {
        Self { rest: datagram }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        let header = self.rest.get(..HEADER_LEN)?;
        let len = usize::try_from(bytes::u32_at(header, 0)).ok()?;
        let payload = self.rest.get(HEADER_LEN..len)?;
        self.rest = self.rest.get(align(len)..).unwrap_or_default();
        Some(Message {
            kind: bytes::u16_at(header, 4),
            flags: bytes::u16_at(header, 6),
            sequence: bytes::u32_at(header, 8),
            port: bytes::u32_at(header, 12),
            payload,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_can_be_read_again() {
        let first = Message { kind: 3, flags: 2, sequence: 7, port: 9, payload: &[1, 2, 3, 4, 5] };
        let second = Message { payload: &[], ..first };
        let mut bytes = Vec::new();
        first.append_to(&mut bytes);
        second.append_to(&mut bytes);
        assert_eq!(Messages::new(&bytes).collect::<Vec<_>>(), [first, second]);
    }

    #[test]
    fn a_request_knows_its_length_and_sequence() {
        let mut request = Request::new(16, NLM_F_ACK, &[7; 16]);
        request.attrs().u32(1, 9);
        let bytes = request.to_bytes(42).unwrap();
        assert_eq!(bytes.len(), 16 + 16 + 8);
        let message = Messages::new(&bytes).next().unwrap();
        assert_eq!((message.kind, message.flags, message.sequence, message.port), (16, 5, 42, 0));
        assert_eq!(message.payload.len(), 24);
    }

    #[test]
    fn impossible_lengths_end_the_datagram() {
        for len in [0_u32, 15, 17, u32::MAX] {
            let mut bytes = [0_u8; 16];
            bytes[..4].copy_from_slice(&len.to_ne_bytes());
            assert_eq!(Messages::new(&bytes).count(), 0, "length {len}");
        }
        assert_eq!(Messages::new(&[0; 15]).count(), 0);
    }

    #[test]
    fn two_messages_in_one_datagram_are_both_read() {
        let mut datagram = Request::new(1, 0, &[1, 2, 3]).to_bytes(1).unwrap();
        datagram.extend(Request::new(2, 0, &[]).to_bytes(2).unwrap());
        assert_eq!(Messages::new(&datagram).map(|m| m.kind).collect::<Vec<_>>(), [1, 2]);
    }
}
