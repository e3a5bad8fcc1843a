//! Ports of the host: whether a process has one.

use std::net::{IpAddr, SocketAddr};

use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, bind, connect, ipproto, socket_with, sockopt};

use super::{Errno, procfs};

/// Whether a process could have `port` of `address` now, found out by taking it for a moment: `EADDRINUSE` when another has it,
/// `EADDRNOTAVAIL` when the address is none of this host's. `protocol` is the IP protocol's number.
///
/// The unspecified address stands for all of its family.
pub fn try_port(address: IpAddr, port: u16, protocol: u8) -> Result<(), Errno> {
    let (kind, protocol): (SocketType, Protocol) = match protocol {
        6 => (SocketType::STREAM, ipproto::TCP),
        17 => (SocketType::DGRAM, ipproto::UDP),
        _ => (SocketType::STREAM, ipproto::SCTP),
    };
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = match socket_with(family, kind, SocketFlags::CLOEXEC, Some(protocol)) {
        // A kernel without the protocol has no process that speaks it.
        Err(Errno::PROTONOSUPPORT | Errno::AFNOSUPPORT) => return Ok(()),
        result => result?,
    };
    if kind == SocketType::STREAM {
        // Connections that are long closed do not keep a port from a listener.
        sockopt::set_socket_reuseaddr(&socket, true)?;
    }
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, true)?;
    }
    bind(&socket, &SocketAddr::new(address, port))
}

/// Whether packets to `address` are for many: multicast, or a broadcast address of one of the host's networks. The kernel lets a
/// process bind those too, for it may listen to them; nobody connects to them.
pub fn is_for_many(address: IpAddr) -> Result<bool, Errno> {
    match address {
        IpAddr::V4(v4) if v4.is_multicast() || v4.is_broadcast() => return Ok(true),
        IpAddr::V6(v6) => return Ok(v6.is_multicast()),
        IpAddr::V4(_) => {}
    }
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
    // Sends nothing. Without SO_BROADCAST, EACCES is what the route's kind is told by; ip(7).
    match connect(&socket, &SocketAddr::new(address, 9)) {
        Err(Errno::ACCESS) => Ok(true),
        // Whatever else there is to say, `bind` says.
        _ => Ok(false),
    }
}

/// The first and last port that the host gives out by itself.
#[must_use]
pub fn local_range() -> (u16, u16) {
    let text = procfs::read_sysctl("net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut numbers = text.split_whitespace().filter_map(|number| number.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(first), Some(last)) if first <= last => (first, last),
        // The kernel's own default.
        _ => (32_768, 60_999),
    }
}
