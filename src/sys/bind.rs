//! Ports of the host: whether a process has one.

use std::net::{IpAddr, SocketAddr};

use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, bind, ipproto, socket_with, sockopt};

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
