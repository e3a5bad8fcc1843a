//! A host with a network of each sort, and the hosts around it, each with servers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::support::Host;
use crate::support::traffic::Server;

/// Name and options of each network; its number is its place, counted from 1: `10.N.0.0/24`, `fd00:N::/64`.
const NETWORKS: [(&str, &str); 5] = [
    ("a", ""),
    ("b", ""),
    ("i", "--internal"),
    ("s", "-o com.docker.network.bridge.enable_icc=false"),
    ("p", "-o com.docker.network.bridge.enable_ip_masquerade=false"),
];

/// Sandboxes: the letter is the network's, the digit one less than the host number; and what they publish.
const SANDBOXES: [(&str, &str); 11] = [
    (
        "a1",
        "-p 8080:80 -p 8080:80/udp -p 127.0.0.1:8081:80 -p 127.0.0.1:8081:80/udp -p 192.0.2.1:8082:80 \
            -p 192.0.2.1:8082:80/udp -p [2001:db8::1]:8082:80 -p [2001:db8::1]:8082:80/udp",
    ),
    ("a2", ""),
    ("a3", ""),
    ("b1", "-p 9090:80/tcp -p 9090:80/udp"),
    ("i1", ""),
    ("i2", ""),
    ("s1", "-p 7070:80 -p 7070:80/udp"),
    ("s2", ""),
    ("s3", ""),
    ("p1", "-p 6060:80 -p 6060:80/udp"),
    ("p2", ""),
];

/// Hosts on wires of their own, the host's other end being `.1`: name, IPv4 network; the IPv6 one has the place as its number.
const WIRES: [(&str, [u8; 3]); 3] = [("outside", [192, 0, 2]), ("left", [198, 51, 100]), ("right", [203, 0, 113])];

pub struct Topology {
    // Before the host: they are stopped while it is there.
    pub servers: Vec<Server>,
    pub host: Host,
}

impl Topology {
    /// All of them, everybody serving on ports 80 and 81, the host on 22 and, on 127.0.0.1 alone, on 23. The host forwarded before.
    pub fn new() -> Self {
        Self::on_a_host_that_forwards(1)
    }

    /// As [`Topology::new`], on a host that forwards only for the networks' sake.
    pub fn where_nothing_was_forwarded() -> Self {
        Self::on_a_host_that_forwards(0)
    }

    fn on_a_host_that_forwards(on: u8) -> Self {
        let mut topology = Self { servers: Vec::new(), host: Host::new() };
        topology.host.loopback_up();
        topology.host.sh(&format!(
            "for conf in ipv4/ip_forward ipv6/conf/all/forwarding; do echo {on} > /proc/sys/net/$conf; done"
        ));
        for (name, _) in WIRES {
            topology.host.wire(name, Self::address(name, true), Self::address(name, false));
        }
        for ((name, options), n) in NETWORKS.iter().zip(1..) {
            let bridge = format!("-o com.docker.network.bridge.name=br-{name}");
            topology
                .host
                .ok(&format!("network create --subnet 10.{n}.0.0/24 --subnet fd00:{n}::/64 {bridge} {options} {name}"));
        }
        for (name, publish) in SANDBOXES {
            topology.host.sandbox(name);
            let (network, ip) = (&name[..1], Self::address(name, true));
            topology.host.ok(&format!("network connect --ip {ip} {publish} {network} {name}"));
        }
        for name in SANDBOXES.map(|one| one.0).into_iter().chain(WIRES.map(|one| one.0)) {
            topology.servers.push(Server::on_ports(&topology.host, name, name, &[80, 81]));
        }
        topology.servers.push(Server::on_ports(&topology.host, "", "host", &[22]));
        topology.servers.push(Server::start(&topology.host, "", "host", &[(Ipv4Addr::LOCALHOST, 23).into()]));
        topology.bend_routes();
        topology
    }

    /// What no network gives, and somebody with root inside, or on the same wire, can give himself.
    fn bend_routes(&self) {
        // A way for what only masquerading, or nobody, leads back; IPv6 needs none that is not there already.
        self.host.sh_in("i1", "ip route add default via 10.3.0.1; ip route add default via fd00:3::1");
        // Isolated ports, each over the gateway.
        for (from, to) in [("s3", 3), ("s2", 4)] {
            self.host.sh_in(
                from,
                &format!(
                    "for family in ipv4 ipv6; do for of in all eth0; do echo 0 > /proc/sys/net/$family/conf/$of/accept_redirects; done; done
                     ip route add 10.4.0.{to}/32 via 10.4.0.1; ip route add fd00:4::{to}/128 via fd00:4::1"
                ),
            );
        }
        // 127.0.0.0/8 over the wire, and no longer an address of one's own.
        for (from, gateway) in [("a3", "10.1.0.1"), ("outside", "192.0.2.1")] {
            self.host.sh_in(
                from,
                &format!(
                    "for of in all eth0; do echo 1 > /proc/sys/net/ipv4/conf/$of/route_localnet; done
                     ip -4 addr flush dev lo
                     ip route add 127.0.0.0/8 via {gateway} src {}",
                    Self::address(from, true)
                ),
            );
        }
    }

    /// The address that a name stands for: a sandbox, a host on a wire, `host` (its end of the wire to `outside`), `loopback`,
    /// `gw-NETWORK`.
    pub fn address(name: &str, ipv4: bool) -> IpAddr {
        let wire = |place: usize, number: u8| {
            let [a, b, c] = WIRES[place].1;
            let place = u16::try_from(place).unwrap();
            if ipv4 {
                Ipv4Addr::new(a, b, c, number).into()
            } else {
                Ipv6Addr::new(0x2001, 0xdb8, place, 0, 0, 0, 0, number.into()).into()
            }
        };
        let inside = |network: &str, number: u8| {
            let n = u8::try_from(1 + NETWORKS.iter().position(|one| one.0 == network).unwrap()).unwrap();
            if ipv4 {
                Ipv4Addr::new(10, n, 0, number).into()
            } else {
                Ipv6Addr::new(0xfd00, n.into(), 0, 0, 0, 0, 0, number.into()).into()
            }
        };
        match (name, WIRES.iter().position(|one| one.0 == name)) {
            ("host", _) => wire(0, 1),
            ("loopback", _) if ipv4 => Ipv4Addr::LOCALHOST.into(),
            ("loopback", _) => Ipv6Addr::LOCALHOST.into(),
            (_, Some(place)) => wire(place, 2),
            _ => match name.strip_prefix("gw-") {
                Some(network) => inside(network, 1),
                None => inside(&name[..1], name[1..].parse::<u8>().unwrap() + 1),
            },
        }
    }
}
