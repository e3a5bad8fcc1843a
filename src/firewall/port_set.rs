//! Ports of the host, each of an address or of every address of a family, and which of them meet.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::ports::{Protocol, PublishedPort, PublishedPorts};
use crate::types::family::{Family, PerFamily};

const ALL: (IpAddr, IpAddr) =
    (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::new(!0, !0, !0, !0, !0, !0, !0, !0)));

/// Ports in their order, so that those of one number are found at once, however many there are.
#[derive(Debug, Default)]
pub struct PortSet {
    ports: BTreeSet<(u16, u8, IpAddr)>,
}

impl PortSet {
    /// Takes in a port of `host`, unspecified for every address of its family.
    pub fn insert(&mut self, host: IpAddr, protocol: u8, port: u16) {
        self.ports.insert((port, protocol, host));
    }

    /// Takes in what `port` publishes for an endpoint that has these families.
    pub fn take_in(&mut self, port: &PublishedPort, has: PerFamily<bool>) {
        for host in port.hosts(has) {
            self.insert(host, port.protocol.number(), port.host_port);
        }
    }

    /// Takes in all ports of a record.
    pub fn take_in_all(&mut self, record: &PublishedPorts) {
        record.ports.iter().for_each(|port| self.take_in(port, record.targets().present()));
    }

    /// The hosts of this port that meet `host`: itself, every address, or, where that is every address, each.
    pub fn meeting(&self, host: IpAddr, protocol: Protocol, port: u16) -> impl Iterator<Item = IpAddr> {
        let (first, last) = ((port, protocol.number(), ALL.0), (port, protocol.number(), ALL.1));
        let same = self.ports.range(first..=last).map(|(_, _, other)| *other);
        same.filter(move |other| {
            Family::of(*other) == Family::of(host)
                && (*other == host || other.is_unspecified() || host.is_unspecified())
        })
    }
}

/// Which of `records` has a port that meets this one of `host`.
pub fn meeting<'a>(
    records: &'a [PublishedPorts],
    host: IpAddr,
    port: &PublishedPort,
) -> impl Iterator<Item = &'a PublishedPorts> {
    let port = *port;
    records.iter().filter(move |record| {
        let mut own = PortSet::default();
        own.take_in_all(record);
        own.meeting(host, port.protocol, port.host_port).next().is_some()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_one_address_meets_that_of_every_address_of_its_family() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut set = PortSet::default();
        set.insert(ip("127.0.0.1"), 6, 80);
        set.insert(ip("::"), 6, 80);
        set.insert(ip("0.0.0.0"), 17, 80);
        let meets = |host: &str, protocol, port| set.meeting(ip(host), protocol, port).next().is_some();
        for (host, protocol, port, expected) in [
            ("127.0.0.1", Protocol::Tcp, 80, true),
            ("127.0.0.2", Protocol::Tcp, 80, false),
            ("0.0.0.0", Protocol::Tcp, 80, true),
            ("::1", Protocol::Tcp, 80, true),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Protocol::Tcp, 80, true),
            ("127.0.0.2", Protocol::Udp, 80, true),
            ("::", Protocol::Udp, 80, false),
            ("127.0.0.1", Protocol::Tcp, 81, false),
            ("127.0.0.1", Protocol::Sctp, 80, false),
        ] {
            assert_eq!(meets(host, protocol, port), expected, "{host} {protocol:?} {port}");
        }
    }
}
