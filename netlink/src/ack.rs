//! What the kernel answers to a change: `NLMSG_ERROR` with an errno and, since 4.12, extended acknowledgement attributes.
//!
//! Which attribute of the request they point at, says [`names::blamed`](crate::names::blamed).
//!
//! # Source
//! `linux/netlink.h` (`struct nlmsgerr`, `enum nlmsgerr_attrs`), Documentation/userspace-api/netlink/intro.rst.

use alloc::string::String;

use crate::attr::Attrs;
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
        let attributes = if message.flags & NLM_F_ACK_TLVS != 0 { attributes } else { Attrs::new(&[]) };
        Some(Self {
            errno,
            message: attributes.text(NLMSGERR_ATTR_MSG),
            offset: attributes.u32(NLMSGERR_ATTR_OFFS),
            missing: attributes.u32(NLMSGERR_ATTR_MISS_TYPE).and_then(|kind| u16::try_from(kind).ok()),
            missing_nest: attributes.u32(NLMSGERR_ATTR_MISS_NEST),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use alloc::vec::Vec;

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
}
