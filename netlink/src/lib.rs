//! Netlink messages as bytes.
//!
//! What belongs here: encoding requests and decoding replies, exactly as the kernel's UAPI headers lay them out.
//! What does not: sockets, system calls, decisions. The crate does no I/O, needs no `std`, and has no dependency.
//!
//! Three rules keep it correct on old, new, 32-bit and big-endian kernels:
//! bytes are never cast to structs; a field the kernel did not send reads as zero; what we do not know is skipped.
//!
//! * [`message`]: the `nlmsghdr`, a request under construction, the messages of a datagram.
//! * [`attr`]: attributes, written in chains and nests, read by iterators.
//! * [`ack`]: what `NLMSG_ERROR` says, and which attribute of the request it points at.
//! * [`batch`]: nfnetlink's transactions: all or nothing.
//! * [`netfilter`]: nfnetlink: tables, chains, rules, sets, elements; tracked connections.
//! * [`route`]: rtnetlink: links, addresses, routes, neighbours, namespace ids.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod ack;
pub mod attr;
pub mod batch;
pub mod bytes;
pub mod message;
pub mod names;
pub mod netfilter;
pub mod route;

pub use attr::{Attr, AttrWriter, Attrs};
pub use message::{Message, Messages, Request};
