//! rtnetlink: links, addresses, routes, neighbours and namespace ids.
//!
//! Each file holds one kind of object: the constants and the struct at the front of its messages, the requests that
//! change it, and what the kernel says of it. All integers are in native order, all addresses in network order.
//!
//! # Source
//! rtnetlink(7), `linux/rtnetlink.h`.

pub mod address;
pub mod bridge;
pub mod details;
pub mod link;
pub mod neighbour;
pub mod nsid;
#[allow(clippy::module_inception)]
pub mod route;

// sys/socket.h; the same on every architecture.
/// Any address family.
pub const AF_UNSPEC: u8 = 0;
/// IPv4.
pub const AF_INET: u8 = 2;
/// IPv6.
pub const AF_INET6: u8 = 10;

/// The family of an address.
#[must_use]
pub fn family(ip: core::net::IpAddr) -> u8 {
    if ip.is_ipv4() { AF_INET } else { AF_INET6 }
}
