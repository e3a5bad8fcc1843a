//! Tracked connections: real packets through the rule set's maps, found and forgotten.

use std::net::UdpSocket;
use std::time::Duration;

use pontoon_netlink::netfilter::conntrack::{self, Connection, IPS_DST_NAT};
use pontoon_netlink::netfilter::element::{self, Element, Of, concatenate};
use pontoon_netlink::netfilter::{NFPROTO_IPV4, NFPROTO_IPV6};

use crate::ENOENT;
use crate::socket::Socket;
use crate::support::namespace::{inside, sh};
use crate::support::ruleset::{self, TABLE};

const UDP: u8 = 17;

/// A published port of an address of this host leads to another address of it (and 5300 ports further), in `publish_on` or
/// `publish_any`.
fn publish(family: u8, on: Option<&[u8]>, port: u16, to: &[u8]) -> pontoon_netlink::Request {
    let (port, to_port) = (port.to_be_bytes(), (5300 + port).to_be_bytes());
    let fields: Vec<&[u8]> = on.into_iter().chain([&[UDP] as &[u8], &port]).collect();
    let data = concatenate(&[to, &to_port]);
    let set = if on.is_some() { "publish_on" } else { "publish_any" };
    let element = Element { key: &concatenate(&fields), data: &data, interval_end: false };
    element::create(&Of { family, table: TABLE, set }, &[element])
}

#[test]
fn translated_connections_are_found_and_forgotten() {
    if !inside("connections::translated_connections_are_found_and_forgotten", &["nft", "ip", "conntrack"]) {
        return;
    }
    sh("ip link set lo up; for a in 10.0.0.1 10.0.0.2 fd00::1 fd00::2; do ip addr add $a dev lo; done");
    let mut socket = Socket::open();
    let v6 = |last| {
        let mut address = [0; 16];
        (address[0], address[15]) = (0xfd, last);
        address
    };
    socket.commit(
        &[
            ruleset::requests(NFPROTO_IPV4),
            ruleset::requests(NFPROTO_IPV6),
            vec![
                publish(NFPROTO_IPV4, None, 53, &[10, 0, 0, 2]),
                publish(NFPROTO_IPV4, Some(&[10, 0, 0, 1]), 54, &[10, 0, 0, 2]),
                publish(NFPROTO_IPV6, None, 53, &v6(2)),
                publish(NFPROTO_IPV6, Some(&v6(1)), 54, &v6(2)),
            ],
        ]
        .concat(),
    );
    for (family, host, container) in [(NFPROTO_IPV4, "10.0.0.1", "10.0.0.2"), (NFPROTO_IPV6, "[fd00::1]", "[fd00::2]")]
    {
        let plain = UdpSocket::bind(format!("{container}:99")).unwrap();
        let client = UdpSocket::bind(format!("{host}:0")).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut buffer = [0; 9];
        for port in [54, 53] {
            let server = UdpSocket::bind(format!("{container}:{}", 5300 + port)).unwrap();
            server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            client.send_to(b"ping", format!("{host}:{port}")).unwrap();
            let (len, from) = server.recv_from(&mut buffer).unwrap();
            assert_eq!((&buffer[..len], from), (b"ping".as_slice(), client.local_addr().unwrap()));
            server.send_to(b"pong", from).unwrap();
            assert_eq!(client.recv_from(&mut buffer).unwrap().1, format!("{host}:{port}").parse().unwrap());
        }
        client.send_to(b"other", plain.local_addr().unwrap()).unwrap();

        let all = socket.ask(&conntrack::dump(family, 0), Connection::parse).unwrap();
        assert_eq!(all.len(), 3);
        let translated = socket.ask(&conntrack::dump(family, IPS_DST_NAT), Connection::parse).unwrap();
        // The kernel filters since 5.17; before that, the caller does.
        let mut translated: Vec<_> = translated.into_iter().filter(|c| c.status & IPS_DST_NAT != 0).collect();
        translated.sort_by_key(|c| c.original.ports);
        let [first, second] = translated[..] else { panic!("{all:#?}") };
        let (server, client) = (plain.local_addr().unwrap(), client.local_addr().unwrap());
        assert_eq!((first.original.source, first.original.destination), (client.ip(), client.ip()));
        assert_eq!((first.original.protocol, first.original.ports), (UDP, Some((client.port(), 53))));
        assert_eq!((first.reply.source, first.reply.destination), (server.ip(), client.ip()));
        assert_eq!((first.reply.protocol, first.reply.ports), (UDP, Some((5353, client.port()))));
        assert_eq!((first.mark, first.zone, first.original.zone), (0, None, None));
        assert_eq!(second.original.ports, Some((client.port(), 54)));

        // Not one that took its place.
        let other = Connection { id: first.id.map(|id| !id), ..first };
        assert_eq!(socket.ask(&conntrack::delete(&other), |_| Some(())), Err(ENOENT));
        assert_eq!(socket.ask(&conntrack::delete(&first), |_| Some(())), Ok(vec![]));
        assert_eq!(socket.ask(&conntrack::delete(&first), |_| Some(())), Err(ENOENT));
        let left = sh(&format!("conntrack -L -f ipv{} 2>/dev/null", if family == NFPROTO_IPV4 { 4 } else { 6 }));
        assert_eq!((left.lines().count(), left.contains("dport=54"), left.contains("dport=53 ")), (2, true, false));
    }
}

#[test]
fn zones_marks_and_protocols_without_ports() {
    if !inside("connections::zones_marks_and_protocols_without_ports", &["conntrack"]) {
        return;
    }
    sh("for zone in 0 7; do conntrack -I -w $zone -p udp -s 192.0.2.7 -d 192.0.2.1 --sport 1 --dport 2 -t 60 -m $zone; done
        conntrack -I -p icmp -s 192.0.2.7 -d 192.0.2.1 --icmp-type 8 --icmp-code 0 --icmp-id 7 -t 60
        conntrack -I --orig-zone 9 -p udp -s 192.0.2.7 -d 192.0.2.9 --sport 1 --dport 2 -t 60");
    let mut socket = Socket::open();
    let mut all = socket.ask(&conntrack::dump(0, 0), Connection::parse).unwrap();
    all.sort_by_key(|c| (c.original.protocol, c.original.destination, c.zone));
    let seen: Vec<_> =
        all.iter().map(|c| (c.original.protocol, c.original.ports, c.zone, c.original.zone, c.mark)).collect();
    let ports = Some((1, 2));
    assert_eq!(
        seen,
        [
            (1, None, None, None, 0),
            (17, ports, None, None, 0),
            (17, ports, Some(7), None, 7),
            (17, ports, None, Some(9), 0)
        ]
    );
    // Each is found by what is known of it, where its protocol has ports.
    for (left, connection) in [(3, 2), (2, 1), (1, 3)] {
        assert_eq!(
            socket.ask(&conntrack::delete(&all[connection]), |_| Some(())),
            Ok(vec![]),
            "{:#?}",
            all[connection]
        );
        assert_eq!(socket.ask(&conntrack::dump(0, 0), Connection::parse).unwrap().len(), left);
    }
}
