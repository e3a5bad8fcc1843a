//! Ports of the host: whether a process has one.

use std::net::{IpAddr, SocketAddr};

use rustix::fs::OFlags;
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, bind, connect, ipproto, socket_with, sockopt};

use super::{Errno, procfs};

/// 32,768 ports of five digits, each with a comma.
const RESERVED_LEN: usize = 256 * 1024;

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

/// The ports that the host gives out by itself, out of which one may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPorts {
    first: u16,
    last: u16,
    /// First and last of each range that is kept back, in order.
    reserved: Vec<(u16, u16)>,
}

impl LocalPorts {
    /// Those of this process's network namespace.
    ///
    /// # Source
    /// Documentation/networking/ip-sysctl.rst, `ip_local_port_range` and `ip_local_reserved_ports`; they hold for IPv6 too.
    #[must_use]
    pub fn read() -> Self {
        let text = procfs::read_sysctl("net/ipv4/ip_local_port_range").unwrap_or_default();
        let mut numbers = text.split_whitespace().filter_map(|number| number.parse().ok());
        let (first, last) = match (numbers.next(), numbers.next()) {
            (Some(first), Some(last)) if first <= last => (first, last),
            // The kernel's own default.
            _ => (32_768, 60_999),
        };
        Self { first, last, reserved: ranges(&reserved_ports()) }
    }

    /// How many there are, those that are kept back included.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::from(self.last - self.first) + 1
    }

    /// All that may be chosen, from the one at `start` on and round to it again.
    pub fn from(&self, start: u32) -> impl Iterator<Item = u16> {
        let count = self.count();
        let port = move |step| {
            let offset = u16::try_from((start % count + step) % count).unwrap_or_default();
            self.first.saturating_add(offset)
        };
        (0..count).map(port).filter(|port| !self.is_reserved(*port))
    }

    fn is_reserved(&self, port: u16) -> bool {
        let behind = self.reserved.partition_point(|(first, _)| *first <= port);
        let range = behind.checked_sub(1).and_then(|position| self.reserved.get(position));
        range.is_some_and(|(_, last)| port <= *last)
    }
}

/// What the kernel says of the ports that are kept back: `1000-2000,3000`. In one read, for a second one is answered with nothing:
/// every other port makes some 200 kB.
fn reserved_ports() -> String {
    let read = || {
        let fd = procfs::open_file("sys/net/ipv4/ip_local_reserved_ports", OFlags::RDONLY)?;
        let mut bytes = vec![0_u8; RESERVED_LEN];
        let len = rustix::io::retry_on_intr(|| rustix::io::read(&fd, bytes.as_mut_slice()))?;
        bytes.truncate(len);
        Ok::<_, Errno>(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// Reads `1000-2000,3000`.
fn ranges(text: &str) -> Vec<(u16, u16)> {
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.parse().ok()?, last.parse().ok()?))
    };
    let mut ranges: Vec<_> = text.trim().split(',').filter_map(range).collect();
    ranges.sort_unstable();
    ranges
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reserved_ports_are_left_out() {
        let reserved = ranges("3,10-12,14,65535\n");
        assert_eq!(reserved, [(3, 3), (10, 12), (14, 14), (65535, 65535)]);
        let ports = LocalPorts { first: 9, last: 15, reserved };
        assert_eq!(ports.from(0).collect::<Vec<_>>(), [9, 13, 15]);
        assert_eq!(ports.from(4).collect::<Vec<_>>(), [13, 15, 9]);
        assert_eq!(ports.from(u32::MAX).count(), 3);
        let all = LocalPorts { first: 1, last: 65535, reserved: ranges("1-65535") };
        assert_eq!(all.from(7).next(), None);
        let last = LocalPorts { first: 65534, last: 65535, reserved: ranges("") };
        assert_eq!(last.from(1).collect::<Vec<_>>(), [65535, 65534]);
    }
}
