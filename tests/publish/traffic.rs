//! Published ports: what is asked for is had, what cannot be had changes nothing, and what replaces something does so at once.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::support::traffic::{MOMENT, PATIENCE, Server, Transport};
use crate::support::{Host, needs};
use rustix::net::{AddressFamily, SocketType, bind, listen};

const HOST: [&str; 2] = ["192.0.2.1", "2001:db8::1"];

/// A host with a wire to `outside`, a network `lan` of both families, and sandboxes `c1`, `c2`, ….
fn host(sandboxes: u32) -> Host {
    let host = Host::new();
    host.loopback_up();
    host.wire("outside", "192.0.2.2".parse().unwrap(), "2001:db8::2".parse().unwrap());
    host.ok("network create --subnet 10.1.0.0/24 --subnet fd00:1::/64 lan");
    (1..=sandboxes).for_each(|n| host.sandbox(&format!("c{n}")));
    host
}

fn to(address: &str, port: u16) -> SocketAddr {
    (address.parse::<IpAddr>().unwrap(), port).into()
}

/// What a client outside gets from a port of the host: of each transport, over IPv4 and IPv6; the sources it is seen at apart.
fn from_outside(host: &Host, port: u16, patience: Duration) -> Vec<String> {
    let ask = |address, transport| host.ask("outside", transport, to(address, port), patience);
    let answers = HOST.iter().flat_map(|address| Transport::BOTH.map(|transport| ask(address, transport)));
    answers.map(|answer| answer.split(' ').next().unwrap().to_owned()).collect()
}

/// Everything that a refused command could have changed, a line each; what a link is up to is not for commands to say.
fn state(host: &Host) -> Vec<String> {
    let text = host.sh(
        "nft list ruleset; ip -o link show type bridge; ip -o link show type veth
         find /run -type f -not -path '/run/netns/*' | sort | while read -r file; do echo $file; cat $file; echo; done",
    );
    let still = |line: &str| match line.split_once(": <") {
        Some((name, rest)) => [name, rest.split_once("link/").unwrap().1].concat(),
        None => line.to_owned(),
    };
    text.lines().map(still).collect()
}

/// The lines that are not in both.
fn changes(before: &[String], after: &[String]) -> Vec<String> {
    let only = |these: &[String], others: &[String]| {
        these.iter().filter(|line| !others.contains(line)).cloned().collect::<Vec<_>>()
    };
    [only(before, after), only(after, before)].concat()
}

/// The elements of a map, in nft's words.
fn elements(host: &Host, family: &str, map: &str) -> usize {
    let text = host.sh(&format!("nft list map {family} pontoon {map}"));
    text.matches(" : 10.").count() + text.matches(" : fd00:").count()
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn several_ports_and_ranges() {
    needs(&["ip", "nft"]);
    let host = host(2);
    host.ok("network connect -p 8000-8002:9000-9002 -p 8000-8002:9000-9002/udp -p 8100:9000 -p [2001:db8::1]:8101:9000/UDP lan c1");
    let _server = Server::on_ports(&host, "c1", "c1", &[9000, 9001, 9002]);
    for n in 0..3 {
        assert_eq!(from_outside(&host, 8000 + n, PATIENCE), vec![format!("c1:{}", 9000 + n); 4]);
    }
    assert_eq!(from_outside(&host, 8100, MOMENT), ["c1:9000", "refused", "c1:9000", "refused"]);
    assert_eq!(from_outside(&host, 8101, MOMENT), ["refused", "refused", "refused", "c1:9000"]);
    assert_eq!(from_outside(&host, 8003, MOMENT), ["refused"; 4]);
    // Of one address alone, and of the other protocol, a port is still to be had; what is withdrawn, is.
    host.ok("network connect -p 192.0.2.1:8101:80/udp -p 8101:81 lan c2");
    let _server = Server::on_ports(&host, "c2", "c2", &[80, 81]);
    assert_eq!(from_outside(&host, 8101, PATIENCE), ["c2:81", "c2:80", "c2:81", "c1:9000"]);
    host.ok("network disconnect lan c1");
    assert_eq!(from_outside(&host, 8000, MOMENT), ["refused"; 4]);
    assert_eq!([elements(&host, "ip", "publish_any"), elements(&host, "ip", "publish_on")], [1, 1]);
    assert_eq!([elements(&host, "ip6", "publish_any"), elements(&host, "ip6", "publish_on")], [1, 0]);
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn the_networks_own_host_address_stands_where_none_is_named() {
    needs(&["ip", "nft"]);
    let host = host(2);
    host.ok("network create --subnet 10.2.0.0/24 -o com.docker.network.bridge.host_binding_ipv4=127.0.0.1 inner");
    host.ok("network connect -p 8080:80 inner c1");
    host.ok("network connect -p 192.0.2.1:8080:80 inner c2");
    let _servers = ["c1", "c2"].map(|name| Server::on_ports(&host, name, name, &[80]));
    assert_eq!(host.ask("", Transport::Tcp, to("127.0.0.1", 8080), PATIENCE), "c1:80 sees 10.2.0.1");
    assert_eq!(from_outside(&host, 8080, MOMENT), ["c2:80", "refused", "refused", "refused"]);
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn a_port_alone_takes_a_free_one() {
    needs(&["ip", "nft"]);
    let host = host(4);
    host.sh("echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range");
    host.ok("network connect -p 40001:81 lan c1");
    let _busy = Server::on_ports(&host, "", "host", &[40003]);
    host.ok("network connect -p 80 lan c2");
    host.ok("network connect -p 80 lan c3");
    let _servers = ["c2", "c3"].map(|name| Server::on_ports(&host, name, name, &[80]));
    let mut answers = [40000, 40002].map(|port| from_outside(&host, port, PATIENCE));
    answers.sort();
    assert_eq!(answers, [["c2:80", "refused", "c2:80", "refused"], ["c3:80", "refused", "c3:80", "refused"]]);
    let before = state(&host);
    host.fails(2, "network connect -p 80 lan c4");
    assert_eq!(changes(&before, &state(&host)), [""; 0]);
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn what_cannot_be_had_changes_nothing() {
    needs(&["ip", "nft"]);
    let host = host(3);
    host.ok("network create --internal secret");
    host.ok("network create --subnet fd00:6::/64 six");
    host.ok("network create --subnet 10.4.0.0/24 four");
    host.ok("network connect -p 8080:80 -p 192.0.2.1:8443:443 -p 127.0.0.2:8445:443 -p 5353:53/udp lan c1");
    let _process = Server::start(&host, "", "host", &[to("0.0.0.0", 9000), to("127.0.0.1", 9001)]);
    // As most servers do: one socket for both families.
    let both = host.sockets("", &[(AddressFamily::INET6, SocketType::STREAM, None)]).unwrap();
    bind(&both[0], &to("::", 9002)).unwrap();
    listen(&both[0], 1).unwrap();
    let before = state(&host);
    for (specs, words) in [
        ("-p 8080:80", "8080/tcp: the port is already published by c1"),
        ("-p 127.0.0.1:8080:80", "127.0.0.1:8080/tcp: the port is already published by c1"),
        ("-p [2001:db8::1]:8080:80", "[2001:db8::1]:8080/tcp: the port is already published by c1"),
        ("-p 8443:443", "8443/tcp: the port is already published by c1"),
        ("-p 8445:443", "8445/tcp: the port is already published by c1"),
        ("-p 127.0.0.3:8080:80", "127.0.0.3:8080/tcp: the port is already published by c1"),
        ("-p 192.0.2.1:8443:80", "192.0.2.1:8443/tcp: the port is already published by c1"),
        ("-p 5353:54/udp", "5353/udp: the port is already published by c1"),
        ("-p 7000:80 -p 8078-8082:78-82", "8080/tcp: the port is already published by c1"),
        ("-p 9000:80", "9000/tcp: the port is in use by a process of this host"),
        ("-p 192.0.2.1:9000:80/udp", "192.0.2.1:9000/udp: the port is in use by a process of this host"),
        ("-p 9001:80", "9001/tcp: the port is in use by a process of this host"),
        ("-p 9002:80", "9002/tcp: the port is in use by a process of this host"),
        ("-p 7000:80 -p 7000:81", "7000/tcp: the port is named twice"),
        ("-p 7000:80 -p 192.0.2.1:7000:81", "192.0.2.1:7000/tcp: the port is named twice"),
        ("-p 198.51.100.9:7000:80", "198.51.100.9:7000/tcp: 198.51.100.9 is no address of this host"),
        ("-p [2001:db8::9]:7000:80", "[2001:db8::9]:7000/tcp: 2001:db8::9 is no address of this host"),
    ] {
        let error = host.fails(2, &format!("network connect {specs} lan c2"));
        assert!(
            error.starts_with("pontoon: network connect lan c2: publish ") && error.contains(words),
            "{specs}: {error}"
        );
        assert_eq!(changes(&before, &state(&host)), [""; 0], "{specs}");
    }
    for (network, specs, words) in [
        ("six", "-p 192.0.2.1:7000:80", "192.0.2.1:7000/tcp: network six has no subnet of that family"),
        (
            "four",
            "-p 7001:80 -p [2001:db8::1]:7000:80",
            "[2001:db8::1]:7000/tcp: network four has no subnet of that family",
        ),
    ] {
        let error = host.fails(2, &format!("network connect {specs} {network} c2"));
        assert!(error.ends_with(words), "{error}");
    }
    for spec in ["80:80", "80", "127.0.0.1:80:80/udp"] {
        let error = host.fails(2, &format!("network connect -p {spec} secret c2"));
        assert!(error.contains("network secret is internal"), "{error}");
    }
    for spec in
        "0:80 80:0 65536:80 80:65536 80:80/icmp 80:80/ 1-2:1-3 1-3:5 5-4:5-4 a:b : 80: [::1]:80:80 ::1:80:80 1.2.3:80:80 +80:80 80-:80"
            .split(' ')
    {
        let error = host.fails(1, &format!("network connect -p {spec} lan c2"));
        assert!(error.contains(&format!("-p: '{spec}' is not valid")), "{error}");
    }
    assert_eq!(changes(&before, &state(&host)), [""; 0]);
    // What only resembles all that, is had.
    host.ok("network connect -p 5353:53 -p 127.0.0.1:8443:443 -p 192.0.2.1:9001:80 -p 9002:80/udp lan c2");
}

/// A peer outside that never stops sending from one port of its own to port 5300 of the host.
struct Peer {
    socket: UdpSocket,
}

impl Peer {
    fn new(host: &Host, address: &str) -> Self {
        let family = crate::support::traffic::family(address.parse().unwrap());
        let socket = host.sockets("outside", &[(family, SocketType::DGRAM, None)]).unwrap().pop().unwrap();
        rustix::net::connect(&socket, &to(address, 5300)).unwrap();
        let socket = UdpSocket::from(socket);
        socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        Self { socket }
    }

    /// Sends until the answer is from `name`: how long that took; answers under way count as silence.
    fn reach(&self, name: &str) -> Duration {
        let start = Instant::now();
        let mut buffer = [0; 128];
        while start.elapsed() < PATIENCE {
            let _ = self.socket.send(b"?");
            let length = self.socket.recv(&mut buffer).unwrap_or(0);
            if buffer[..length].starts_with(name.as_bytes()) {
                return start.elapsed();
            }
        }
        panic!("{name} was not reached");
    }

    /// Sends in vain for a moment.
    fn knock(&self) {
        let start = Instant::now();
        while start.elapsed() < MOMENT {
            let _ = self.socket.send(b"?");
            let _ = self.socket.recv(&mut [0; 128]);
        }
    }
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn a_peer_that_keeps_sending_reaches_the_new_sandbox_at_once() {
    needs(&["ip", "nft"]);
    let host = host(3);
    let peers = HOST.map(|address| Peer::new(&host, address));
    // Neighbours are known when time is taken.
    peers.iter().for_each(Peer::knock);
    for (n, name) in [(0, "c1"), (1, "c2"), (2, "c3")] {
        match n {
            0 => {}
            1 => drop(host.ok("network disconnect lan c1")),
            // This one goes without a word, when the kernel comes to it.
            _ => {
                host.remove_sandbox("c2");
                host.sh("while grep -q veth0a010003 /proc/net/dev; do sleep 0.01; done");
            }
        }
        if n == 1 {
            peers.iter().for_each(Peer::knock);
        }
        host.ok(&format!("network connect -p 5300:80/udp lan {name}"));
        let _server = Server::on_ports(&host, name, name, &[80]);
        let times = peers.each_ref().map(|peer| peer.reach(name));
        assert!(times.iter().all(|time| *time < MOMENT), "{name}: {times:?}");
    }
}
