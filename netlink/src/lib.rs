//! Netlink messages as bytes.
//!
//! What belongs here: encoding requests and decoding replies, exactly as the kernel's UAPI headers lay them out.
//! What does not: sockets, system calls, decisions. The crate does no I/O, needs no `std`, and has no dependency.
//!
//! Three rules keep it correct on old, new, 32-bit and big-endian kernels:
//! bytes are never cast to structs; a field the kernel did not send reads as zero; what we do not know is skipped.
//!
//! From the bottom up, each using only those above it:
//!
//! * [`bytes`]: integers and addresses at an offset, alignment.
//! * [`attr`]: attributes, written in chains and nests, read by iterators.
//! * [`message`]: the `nlmsghdr`, a request under construction, the messages of a datagram.
//! * [`ack`]: what `NLMSG_ERROR` says.
//! * [`route`]: rtnetlink: links, addresses, routes, neighbours, namespace ids.
//! * [`netfilter`]: nfnetlink: tables, chains, rules, sets, elements; tracked connections.
//! * [`batch`]: nfnetlink's transactions: all or nothing.
//! * [`names`]: all of that by the kernel's names: the attribute that an error is about, a line for a log.
//!
//! # A request, and what comes back
//!
//! ```
//! use pontoon_netlink::ack::Ack;
//! use pontoon_netlink::route::link::{self, Link, Selector};
//! use pontoon_netlink::{Messages, Request};
//!
//! let sequence = 1;
//! let request = link::get(Selector::Name("eth0"), None).to_bytes(sequence).unwrap();
//! // Sent by a socket of NETLINK_ROUTE. What the kernel answers looks like this:
//! let mut reply = Request::new(link::RTM_NEWLINK, 0, &[0; link::IFINFOMSG_LEN]);
//! reply.attrs().text(link::IFLA_IFNAME, "eth0").u32(link::IFLA_MTU, 1500);
//! let datagram = reply.to_bytes(sequence).unwrap();
//!
//! for message in Messages::new(&datagram).filter(|message| message.sequence == sequence) {
//!     if let Some(refused) = Ack::parse(&message).filter(|ack| ack.errno != 0) {
//!         panic!("errno {}: {:?}", refused.errno, refused.message);
//!     }
//!     if let Some(link) = Link::parse(&message) {
//!         assert_eq!((link.name.as_str(), link.mtu), ("eth0", 1500));
//!     }
//! }
//! ```
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

/// The examples of the README are tests, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
