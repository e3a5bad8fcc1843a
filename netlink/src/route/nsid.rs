//! Namespace ids: the small numbers by which one namespace knows another.
//!
//! # Source
//! `linux/net_namespace.h`; Linux 4.0.

use crate::attr::Attrs;
use crate::message::{Message, NLM_F_DUMP, Request};

// linux/rtnetlink.h
/// What describes a namespace id.
pub const RTM_NEWNSID: u16 = 88;
/// Ask for a namespace id.
pub const RTM_GETNSID: u16 = 90;

// linux/net_namespace.h
/// The id; −1 when there is none.
pub const NETNSA_NSID: u16 = 1;
/// The namespace, by open descriptor.
pub const NETNSA_FD: u16 = 3;

/// Length of `struct rtgenmsg`, one byte, the family, padded to four.
pub const RTGENMSG_LEN: usize = 4;

/// Asks which id the namespace behind the open descriptor `fd` has here.
#[must_use]
pub fn get(fd: i32) -> Request {
    let mut request = Request::new(RTM_GETNSID, 0, &[0; RTGENMSG_LEN]);
    request.attrs().i32(NETNSA_FD, fd);
    request
}

/// Asks for all ids.
#[must_use]
pub fn dump() -> Request {
    Request::new(RTM_GETNSID, NLM_F_DUMP, &[0; RTGENMSG_LEN])
}

/// Reads the id from an `RTM_NEWNSID` message; `None` for other types or when the namespace has no id.
#[must_use]
pub fn parse(message: &Message<'_>) -> Option<i32> {
    if message.kind != RTM_NEWNSID {
        return None;
    }
    let id = Attrs::after(message.payload, RTGENMSG_LEN).u32(NETNSA_NSID)?.cast_signed();
    (id >= 0).then_some(id)
}
