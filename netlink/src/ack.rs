//! What the kernel answers to a change: `NLMSG_ERROR` with an errno and, since 4.12, extended acknowledgement attributes.
//!
//! # Source
//! `linux/netlink.h` (`struct nlmsgerr`, `enum nlmsgerr_attrs`), Documentation/userspace-api/netlink/intro.rst.

use alloc::string::String;
use alloc::vec::Vec;

use crate::attr::{Attr, Attrs};
use crate::bytes;
use crate::message::{HEADER_LEN, Message, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR};

// enum nlmsgerr_attrs
/// Text for a person.
pub const NLMSGERR_ATTR_MSG: u16 = 1;
/// Offset of the offending attribute from the request's header, in bytes.
pub const NLMSGERR_ATTR_OFFS: u16 = 2;
/// Type of the attribute that is missing.
pub const NLMSGERR_ATTR_MISS_TYPE: u16 = 5;
/// Offset of the nest in which it is missing.
pub const NLMSGERR_ATTR_MISS_NEST: u16 = 6;

/// The outcome of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ack {
    /// Positive errno; 0 is success.
    pub errno: i32,
    /// The kernel's words, also possible as a warning on success.
    pub message: Option<String>,
    /// Where in the request the offending attribute starts, in bytes from the header.
    pub offset: Option<u32>,
    /// The type of an attribute that is missing from the request.
    pub missing: Option<u16>,
    /// Where in the request the nest starts from which [`Ack::missing`] is missing; none means the top level.
    pub missing_nest: Option<u32>,
}

impl Ack {
    /// Reads an `NLMSG_ERROR` or `NLMSG_DONE`; `None` for every other message.
    ///
    /// `NLMSG_DONE` carries an errno too: a dump that failed half-way says so only there.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        let code = i32::from_ne_bytes(bytes::array(message.payload, 0));
        // Kernel errnos are negative; a positive one would be somebody else's message.
        let errno = code.checked_neg().unwrap_or(i32::MAX).max(0);
        let attributes = match message.kind {
            NLMSG_DONE => Attrs::after(message.payload, 4),
            NLMSG_ERROR => {
                // After the errno comes the request: its header only when capped, else all of it.
                let echoed = usize::try_from(bytes::u32_at(message.payload, 4)).unwrap_or(usize::MAX);
                let capped = message.flags & NLM_F_CAPPED != 0 || errno == 0;
                Attrs::after(message.payload, 4_usize.saturating_add(if capped { HEADER_LEN } else { echoed }))
            }
            _ => return None,
        };
        let mut ack = Self { errno, ..Self::default() };
        if message.flags & NLM_F_ACK_TLVS != 0 {
            for attr in attributes {
                ack.take(&attr);
            }
        }
        Some(ack)
    }

    fn take(&mut self, attr: &Attr<'_>) {
        match attr.kind {
            NLMSGERR_ATTR_MSG => self.message = Some(attr.text()),
            NLMSGERR_ATTR_OFFS => self.offset = Some(attr.u32()),
            NLMSGERR_ATTR_MISS_TYPE => self.missing = u16::try_from(attr.u32()).ok(),
            NLMSGERR_ATTR_MISS_NEST => self.missing_nest = Some(attr.u32()),
            _ => {}
        }
    }
}

/// The types of the attributes that enclose byte `offset` of `request`, outermost first; the last one is the attribute
/// that starts there.
///
/// Found by walking our own request: `fixed` is the length of the struct behind the header, and `nest_head` says, for the path
/// so far, whether that attribute is a nest and how long the struct at its start is.
#[must_use]
pub fn path_at(request: &[u8], fixed: usize, offset: usize, nest_head: impl Fn(&[u16]) -> Option<usize>) -> Vec<u16> {
    let mut path = Vec::new();
    let mut at = HEADER_LEN.saturating_add(fixed);
    let mut rest = Attrs::after(request, at);
    while let Some(attr) = rest.next() {
        let next = at.saturating_add(crate::message::align(crate::attr::HEADER_LEN + attr.value.len()));
        if offset == at {
            path.push(attr.kind);
            return path;
        }
        if offset > at && offset < next {
            path.push(attr.kind);
            let Some(head) = nest_head(&path) else { return path };
            at = at.saturating_add(crate::attr::HEADER_LEN).saturating_add(head);
            rest = Attrs::after(attr.value, head);
        } else {
            at = next;
        }
    }
    path
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::message::{Messages, Request};

    fn reply(kind: u16, flags: u16, body: &[u8], fill: impl FnOnce(&mut crate::AttrWriter<'_>)) -> Vec<u8> {
        let mut message = Request::new(kind, flags, body);
        fill(&mut message.attrs());
        message.to_bytes(1).unwrap()
    }

    #[test]
    fn an_acknowledgement_is_errno_zero() {
        let bytes = reply(NLMSG_ERROR, NLM_F_CAPPED, &[0; 20], |_| {});
        let ack = Ack::parse(&Messages::new(&bytes).next().unwrap()).unwrap();
        assert_eq!(ack, Ack::default());
    }

    #[test]
    fn extended_attributes_follow_the_echoed_request() {
        for capped in [true, false] {
            let mut body = (-22_i32).to_ne_bytes().to_vec();
            let echoed = Request::new(16, 0, &[3; 16]).to_bytes(1).unwrap();
            body.extend_from_slice(if capped { &echoed[..16] } else { &echoed });
            let flags = NLM_F_ACK_TLVS | if capped { NLM_F_CAPPED } else { 0 };
            let bytes = reply(NLMSG_ERROR, flags, &body, |a| {
                a.text(NLMSGERR_ATTR_MSG, "Invalid MTU").u32(NLMSGERR_ATTR_OFFS, 52).u32(NLMSGERR_ATTR_MISS_TYPE, 3);
            });
            let ack = Ack::parse(&Messages::new(&bytes).next().unwrap()).unwrap();
            assert_eq!(
                (ack.errno, ack.message.as_deref(), ack.offset, ack.missing),
                (22, Some("Invalid MTU"), Some(52), Some(3))
            );
        }
    }

    #[test]
    fn the_end_of_a_dump_carries_an_errno_too() {
        let bytes = reply(NLMSG_DONE, 0, &(-105_i32).to_ne_bytes(), |_| {});
        assert_eq!(Ack::parse(&Messages::new(&bytes).next().unwrap()).unwrap().errno, 105);
    }

    #[test]
    fn other_messages_are_no_acknowledgement() {
        let bytes = reply(16, 0, &[0; 20], |_| {});
        assert_eq!(Ack::parse(&Messages::new(&bytes).next().unwrap()), None);
    }

    #[test]
    fn an_offset_becomes_the_path_to_the_attribute() {
        let mut request = Request::new(16, 0, &[0; 16]);
        request.attrs().text(3, "veth0").nest(18, |info| {
            info.text(1, "veth").nest(2, |data| {
                data.nest_with(1, &[0; 16], |peer| {
                    peer.text(3, "eth0").u32(4, 1);
                });
            });
        });
        let bytes = request.to_bytes(0).unwrap();
        let nests = |path: &[u16]| match path {
            [18] | [18, 2] => Some(0),
            [18, 2, 1] => Some(16),
            _ => None,
        };
        assert_eq!(path_at(&bytes, 16, 32, nests), [3]);
        assert_eq!(path_at(&bytes, 16, bytes.len() - 8, nests), [18, 2, 1, 4]);
        assert_eq!(path_at(&bytes, 16, 10_000, nests), [] as [u16; 0]);
    }
}
