//! Elements: `nft` must print ours as we meant them, and what comes back must be what went in.

use std::net::IpAddr;

use pontoon_netlink::Request;
use pontoon_netlink::batch::Place;
use pontoon_netlink::netfilter::element::{self, Element, Elements, Of, concatenate, ifname, interval};
use pontoon_netlink::netfilter::{NFPROTO_IPV4, NFPROTO_IPV6};

use crate::socket::Socket;
use crate::support::namespace::{inside, sh};
use crate::support::ruleset::{self, TABLE};
use crate::{EEXIST, ENOENT};

const TCP: &[u8] = &[6];
const UDP: &[u8] = &[17];

fn of(family: u8, set: &'static str) -> Of<'static> {
    Of { family, table: TABLE, set }
}

fn bytes(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn address(text: &str) -> Vec<u8> {
    bytes(text.parse().unwrap())
}

/// Key and data of a published port.
fn published(on: Option<&str>, protocol: &[u8], port: u16, to: &str, to_port: u16) -> (Vec<u8>, Vec<u8>) {
    let (on, port) = (on.map(address), port.to_be_bytes());
    let fields: Vec<&[u8]> = on.as_deref().into_iter().chain([protocol, &port]).collect();
    (concatenate(&fields), concatenate(&[&address(to), &to_port.to_be_bytes()]))
}

fn element((key, data): &(Vec<u8>, Vec<u8>)) -> Element<'_> {
    Element { key, data, interval_end: false }
}

fn key(key: &[u8]) -> Element<'_> {
    Element { key, ..Element::default() }
}

/// The two elements of a subnet (one, where it reaches the highest address), as one request of `what`.
fn subnet(what: fn(&Of<'_>, &[Element<'_>]) -> Request, set: &'static str, ip: &str, len: u8) -> Request {
    let ip: IpAddr = ip.parse().unwrap();
    let (first, behind) = interval(ip, len);
    let (first, behind) = (bytes(first), behind.map(bytes));
    let end = behind.as_deref().map(|key| Element { key, data: &[], interval_end: true });
    let elements: Vec<Element<'_>> = [key(&first)].into_iter().chain(end).collect();
    what(&of(if ip.is_ipv4() { NFPROTO_IPV4 } else { NFPROTO_IPV6 }, set), &elements)
}

/// `elements = { … }` of a set, without line breaks.
fn listed(family: &str, set: &str) -> String {
    let text = sh(&format!("nft list set {family} pontoon {set} 2>/dev/null || nft list map {family} pontoon {set}"));
    let elements = text.split_once("elements = ").map_or("", |(_, rest)| rest.split('}').next().unwrap());
    let mut elements: Vec<&str> = elements.trim_matches(['{', ' ', '\n']).split(',').map(str::trim).collect();
    elements.sort_unstable();
    elements.join(", ")
}

/// Key, data and end flag of all elements, sorted.
fn dumped(socket: &mut Socket, of: &Of<'_>) -> Vec<(Vec<u8>, Vec<u8>, bool)> {
    let mut all = Vec::new();
    let take = |e: Element<'_>| (e.key.to_vec(), e.data.to_vec(), e.interval_end);
    let lists = socket.ask(&element::dump(of), |message| {
        let elements = Elements::parse(message)?;
        assert_eq!((elements.family, elements.table.as_str(), elements.set.as_str()), (of.family, of.table, of.set));
        Some(elements.map(take).collect::<Vec<_>>())
    });
    all.extend(lists.unwrap().concat());
    all.sort();
    all
}

#[test]
fn nft_prints_our_elements() {
    if !inside("elements::nft_prints_our_elements", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    let (a, b) = (ifname("br-a").unwrap(), ifname("fifteen-letters").unwrap());
    let on = published(Some("10.1.2.3"), TCP, 80, "172.17.0.2", 8080);
    let any = published(None, UDP, 53, "172.17.0.3", 5353);
    let on6 = published(Some("fd00::1"), TCP, 443, "fd00:17::2", 8443);
    let any6 = published(None, &[132], 9, "fd00:17::3", 65535);
    let talk = concatenate(&[&a, &b]);
    socket.commit(
        &[
            // In the transaction that makes the sets.
            ruleset::requests(NFPROTO_IPV4),
            ruleset::requests(NFPROTO_IPV6),
            vec![
                element::create(&of(NFPROTO_IPV4, "bridges"), &[key(&a), key(&b)]),
                element::create(&of(NFPROTO_IPV4, "talk"), &[key(&talk)]),
                element::create(&of(NFPROTO_IPV4, "publish_on"), &[element(&on)]),
                element::create(&of(NFPROTO_IPV4, "publish_any"), &[element(&any)]),
                element::create(&of(NFPROTO_IPV6, "publish_on"), &[element(&on6)]),
                element::create(&of(NFPROTO_IPV6, "publish_any"), &[element(&any6)]),
            ],
        ]
        .concat(),
    );
    assert_eq!(listed("ip", "bridges"), r#""br-a", "fifteen-letters""#);
    assert_eq!(listed("ip", "talk"), r#""br-a" . "fifteen-letters""#);
    assert_eq!(listed("ip", "publish_on"), "10.1.2.3 . tcp . 80 : 172.17.0.2 . 8080");
    assert_eq!(listed("ip", "publish_any"), "udp . 53 : 172.17.0.3 . 5353");
    assert_eq!(listed("ip6", "publish_on"), "fd00::1 . tcp . 443 : fd00:17::2 . 8443");
    assert_eq!(listed("ip6", "publish_any"), "sctp . 9 : fd00:17::3 . 65535");

    let json = sh("nft -j list ruleset");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let maps: Vec<&serde_json::Value> =
        json["nftables"].as_array().unwrap().iter().filter_map(|o| o.get("map")).collect();
    let elements = |family, name| &maps.iter().find(|m| m["family"] == family && m["name"] == name).unwrap()["elem"];
    assert_eq!(
        elements("ip", "publish_on"),
        &serde_json::json!([[{"concat": ["10.1.2.3", "tcp", 80]}, {"concat": ["172.17.0.2", 8080]}]])
    );
    assert_eq!(
        elements("ip6", "publish_any"),
        &serde_json::json!([[{"concat": ["sctp", 9]}, {"concat": ["fd00:17::3", 65535]}]])
    );

    // And back.
    assert_eq!(dumped(&mut socket, &of(NFPROTO_IPV4, "publish_on")), [(on.0.clone(), on.1.clone(), false)]);
    assert_eq!(dumped(&mut socket, &of(NFPROTO_IPV6, "publish_on")), [(on6.0.clone(), on6.1.clone(), false)]);
    assert_eq!(dumped(&mut socket, &of(NFPROTO_IPV4, "bridges")).len(), 2);
    assert_eq!(dumped(&mut socket, &of(NFPROTO_IPV4, "talk")), [(talk, vec![], false)]);
    assert_eq!(dumped(&mut socket, &of(NFPROTO_IPV4, "internal")), []);
    let data = |message: &pontoon_netlink::Message<'_>| Some(Elements::parse(message)?.next()?.data.to_vec());
    assert_eq!(socket.ask(&element::get(&of(NFPROTO_IPV4, "publish_on"), &on.0), data), Ok(vec![on.1]));
    assert_eq!(socket.ask(&element::get(&of(NFPROTO_IPV4, "publish_on"), &[9; 12]), data), Err(ENOENT));
    assert_eq!(socket.ask(&element::get(&of(NFPROTO_IPV4, "none"), &[9; 12]), data), Err(ENOENT));
    assert_eq!(socket.ask(&element::dump(&of(NFPROTO_IPV4, "none")), data), Err(ENOENT));
}

#[test]
fn intervals_are_subnets() {
    if !inside("elements::intervals_are_subnets", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    socket.commit(&[ruleset::requests(NFPROTO_IPV4), ruleset::requests(NFPROTO_IPV6)].concat());
    let create = element::create;
    // Neighbours, the last one, one address; each in a transaction of its own, as networks come.
    for (ip, len) in [("172.18.0.1", 16), ("172.17.0.9", 16), ("172.19.0.0", 16), ("10.0.0.1", 32), ("255.0.0.0", 8)] {
        socket.commit(&[subnet(create, "subnets", ip, len)]);
    }
    assert_eq!(listed("ip", "subnets"), "10.0.0.1, 172.17.0.0/16, 172.18.0.0/16, 172.19.0.0/16, 255.0.0.0/8");
    for (ip, len) in [("fd00:17::5", 64), ("fd00:17:0:1::", 64), ("ff00::", 8)] {
        socket.commit(&[subnet(create, "subnets", ip, len)]);
    }
    assert_eq!(listed("ip6", "subnets"), "fd00:17:0:1::/64, fd00:17::/64, ff00::/8");
    let last = (vec![255, 0, 0, 0], vec![], false);
    assert!(dumped(&mut socket, &of(NFPROTO_IPV4, "subnets")).contains(&last));

    // The same again, an overlap, and one that is not there.
    for (what, ip, len, errno) in [
        (create as fn(&Of<'_>, &[Element<'_>]) -> Request, "172.18.0.0", 16, EEXIST),
        (create, "172.18.4.0", 24, EEXIST),
        (create, "172.16.0.0", 12, EEXIST),
        (element::delete, "192.168.0.0", 24, ENOENT),
        (element::delete, "172.18.0.0", 24, ENOENT),
    ] {
        let refused = socket.refused(&[subnet(what, "subnets", ip, len)]);
        let refused: Vec<(Place, i32)> = refused.iter().map(|(place, errno, _)| (*place, *errno)).collect();
        assert_eq!(refused, [(Place::Change(0), errno)], "{ip}/{len}");
    }
    assert_eq!(listed("ip", "subnets"), "10.0.0.1, 172.17.0.0/16, 172.18.0.0/16, 172.19.0.0/16, 255.0.0.0/8");

    socket.commit(&[subnet(element::add, "subnets", "172.18.0.0", 16)]);
    for (ip, len) in [("172.18.0.1", 16), ("10.0.0.1", 32), ("255.0.0.0", 8)] {
        socket.commit(&[subnet(element::delete, "subnets", ip, len)]);
    }
    assert_eq!(listed("ip", "subnets"), "172.17.0.0/16, 172.19.0.0/16");
    // In the gap again, with its neighbours gone in the same transaction.
    socket.commit(&[
        subnet(element::delete, "subnets", "172.17.0.0", 16),
        subnet(element::delete, "subnets", "172.19.0.0", 16),
        subnet(create, "subnets", "172.18.0.0", 16),
    ]);
    assert_eq!(listed("ip", "subnets"), "172.18.0.0/16");
}

#[test]
fn a_taken_key_is_refused_and_named() {
    if !inside("elements::a_taken_key_is_refused_and_named", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    socket.commit(&ruleset::requests(NFPROTO_IPV4));
    let port = |port| published(None, TCP, port, "172.17.0.2", 80);
    let ports: Vec<_> = (8000..8010).map(port).collect();
    let of = of(NFPROTO_IPV4, "publish_any");
    socket.commit(&[element::create(&of, &[element(&ports[6])])]);

    // Which of the elements: the kernel points at it.
    let elements: Vec<Element<'_>> = ports.iter().map(element).collect();
    let (refused, batch) = socket.batch(&[element::create(&of, &elements)], None);
    let [(place, ack)] = &refused[..] else { panic!("{refused:?}") };
    assert_eq!((*place, ack.errno), (Place::Change(0), EEXIST));
    assert_eq!(element::position_at(batch.message(*place), ack.offset.unwrap()), Some(6));
    let blamed = pontoon_netlink::names::blamed(batch.message(*place), ack);
    assert_eq!(blamed.as_deref(), Some("NFTA_LIST_ELEM of an element"));
    assert_eq!(listed("ip", "publish_any"), "tcp . 8006 : 172.17.0.2 . 80");

    // Added again they stay, but not with other data.
    socket.commit(&[element::add(&of, &elements)]);
    let other = published(None, TCP, 8003, "172.17.0.9", 80);
    assert_eq!(socket.refused(&[element::add(&of, &[element(&other)])])[0].1, EEXIST);

    // Twice in one request.
    let twice = [element(&other), element(&other)];
    socket.commit(&[element::delete(&of, &elements)]);
    assert_eq!(socket.refused(&[element::create(&of, &twice)])[0].1, EEXIST);
    assert_eq!(dumped(&mut socket, &of), []);

    // Gone already, and which.
    socket.commit(&[element::create(&of, &elements[..5])]);
    let (refused, batch) = socket.batch(&[element::delete(&of, &elements)], None);
    assert_eq!(refused[0].1.errno, ENOENT);
    assert_eq!(element::position_at(batch.message(refused[0].0), refused[0].1.offset.unwrap()), Some(5));
    assert_eq!(dumped(&mut socket, &of).len(), 5);
    // No elements: nothing, not everything.
    socket.commit(&[element::delete(&of, &[])]);
    assert_eq!(dumped(&mut socket, &of).len(), 5);
    // By key alone.
    socket.commit(&[element::delete(&of, &[key(&ports[0].0)])]);
    assert_eq!(dumped(&mut socket, &of).len(), 4);
}

#[test]
fn five_thousand_ports_in_one_transaction() {
    if !inside("elements::five_thousand_ports_in_one_transaction", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    for family in [NFPROTO_IPV4, NFPROTO_IPV6] {
        let (on, to) = if family == NFPROTO_IPV4 { ("10.0.0.1", "172.17.0.2") } else { ("fd00::1", "fd00:17::2") };
        let ports: Vec<_> = (1..=5000).map(|port| published(Some(on), TCP, port, to, port)).collect();
        let elements: Vec<Element<'_>> = ports.iter().map(element).collect();
        let of = of(family, "publish_on");
        let requests = elements.chunks(1000).map(|some| element::create(&of, some)).collect();
        socket.commit(&[ruleset::requests(family), requests].concat());
        let dumped = dumped(&mut socket, &of);
        assert_eq!(dumped.len(), 5000);
        assert_eq!((&dumped[4999].0, &dumped[4999].1), (&ports[4999].0, &ports[4999].1));
    }
}
