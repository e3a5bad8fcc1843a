//! What we encode, against what nft 1.0.6 and conntrack 1.4.7 sent for the same thing (`scripts/capture-golden`).
//!
//! Compared as trees: type, flags, fixed struct, attributes by their path and with their values. What may differ unlisted: the
//! order of attributes of different types (the kernel has none) and the sequence number. Every other difference must be listed
//! in the case with its reason, exactly; one that has gone must be removed there.
#![cfg(target_endian = "little")] // as the captures are
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::net::IpAddr;

use pontoon_netlink::Request;
use pontoon_netlink::batch::Batch;
use pontoon_netlink::message::NLM_F_EXCL;
use pontoon_netlink::netfilter::conntrack::{self, Connection, Tuple};
use pontoon_netlink::netfilter::element::{self, Element, Of, concatenate, ifname, interval};
use pontoon_netlink::netfilter::{NFPROTO_IPV4, NFPROTO_IPV6, chain, generation, set, table};
use support::ruleset::{self, TABLE};
use support::{captured, flat};

/// A permitted difference: where (the message's position in its capture, and path), and why it is one.
type Permitted<'a> = (usize, &'a str, &'a str);

const ACK: &str = "nft looks whether errors wait in the socket; we await the acknowledgement of the last change";

/// Compares the messages of a capture with ours.
fn same(name: &str, ours: &[Vec<u8>], permitted: &[Permitted<'_>]) {
    let captured = captured::read(name);
    assert_eq!(captured.datagrams.len(), ours.len(), "{name}");
    let mut found = Vec::new();
    for (number, (theirs, ours)) in captured.datagrams.iter().zip(ours).enumerate() {
        // The kernel does not look at the types of a list's members; libnftnl counts them up.
        let lists: &[&str] =
            if (0x0a0c..=0x0a0e).contains(&u16::from_le_bytes([theirs[4], theirs[5]])) { &["3"] } else { &[] };
        let differences = flat::differences(&flat::message(theirs, lists, false), &flat::message(ours, lists, true));
        found.extend(differences.into_iter().map(|line| (number, line)));
    }
    let listed: Vec<(usize, &str)> = permitted.iter().map(|(number, what, _)| (*number, *what)).collect();
    let found: Vec<(usize, &str)> = found.iter().map(|(number, what)| (*number, what.as_str())).collect();
    let unlisted: Vec<_> = found.iter().filter(|line| !listed.contains(line)).collect();
    let gone: Vec<_> = listed.iter().filter(|line| !found.contains(line)).collect();
    assert!(
        unlisted.is_empty() && gone.is_empty(),
        "{name}: theirs > ours\n{unlisted:#?}\nlisted, but not there: {gone:#?}"
    );
}

/// Compares a capture with a batch of `changes`.
fn batch(name: &str, changes: &[Request], permitted: &[Permitted<'_>]) {
    let batch = Batch::new(changes, 0, None).unwrap();
    let mut rest = batch.bytes();
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let len = usize::try_from(u32::from_ne_bytes(rest[..4].try_into().unwrap())).unwrap();
        messages.push(rest[..len].to_vec());
        rest = &rest[len..];
    }
    same(name, &messages, permitted);
}

const ID: &str = "nft finds sets by NFTA_LOOKUP_SET_ID too; the name is enough, within a batch also";
const TYPEOF: &str =
    "nft remembers that a key is a concatenation, without saying of what; it lists the set the same without";

const RULE_SET: &[Permitted<'_>] = &[
    (10, "13: 000400000000030800040d0000000100 > 000400000000", TYPEOF),
    (13, MAP, TYPEOF),
    (14, MAP, TYPEOF),
    (15, "4.1[1].2.4: 00000001 > absent", ID),
    (18, "4.1[3].2.4: 00000006 > absent", ID),
    (19, "4.1[2].2.4: 00000007 > absent", ID),
    (20, "4.1[1].2.4: 00000001 > absent", ID),
    (20, "4.1[3].2.4: 00000005 > absent", ID),
    (21, "4.1[1].2.4: 00000001 > absent", ID),
    (22, "4.1[1].2.4: 00000001 > absent", ID),
    (22, "4.1[6].2.4: 00000004 > absent", ID),
    (23, "4.1[1].2.4: 00000001 > absent", ID),
    (23, "4.1[3].2.4: 00000001 > absent", ID),
    (25, "4.1[2].2.4: 00000003 > absent", ID),
    (26, "4.1[1].2.4: 00000002 > absent", ID),
    (27, "4.1[1].2.4: 00000002 > absent", ID),
    (29, "4.1[1].2.4: 00000001 > absent", ID),
    (29, "4.1[3].2.4: 00000001 > absent", ID),
    (30, "flags: 0xc01 > 0xc05", ACK),
];
const MAP: &str =
    "13: 000400000000010400000000030800040d0000000100040800040d0000000100060400000000 > 000400000000010400000000";

#[test]
fn rule_sets() {
    for (name, family) in [("nft-ruleset-ip", NFPROTO_IPV4), ("nft-ruleset-ip6", NFPROTO_IPV6)] {
        batch(name, &ruleset::requests(family), RULE_SET);
    }
}

fn of(family: u8, set: &'static str) -> Of<'static> {
    Of { family, table: TABLE, set }
}

fn address(text: &str) -> Vec<u8> {
    match text.parse().unwrap() {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn key(key: &[u8]) -> Element<'_> {
    Element { key, ..Element::default() }
}

#[test]
fn elements() {
    const NUMBER: &str = "nft numbers the sets for each batch anew; the name is enough";
    let (a, b, long) = (ifname("br-a").unwrap(), ifname("br-b").unwrap(), ifname("fifteen-letters").unwrap());
    let talk = concatenate(&[&a, &b]);
    let on = concatenate(&[&address("10.1.2.3"), &[6], &80_u16.to_be_bytes()]);
    let on6 = concatenate(&[&address("fd00::1"), &[6], &443_u16.to_be_bytes()]);
    let any = concatenate(&[&[17], &53_u16.to_be_bytes()]);
    let any6 = concatenate(&[&[132], &9_u16.to_be_bytes()]);
    let to = |address_: &str, port: u16| concatenate(&[&address(address_), &port.to_be_bytes()]);
    let (create, v4, v6) = (element::create, NFPROTO_IPV4, NFPROTO_IPV6);
    let element = |key, data| Element { key, data, interval_end: false };
    batch(
        "nft-elements",
        &[
            create(&of(v4, "bridges"), &[key(&a), key(&long)]),
            create(&of(v4, "talk"), &[key(&talk)]),
            create(&of(v4, "publish_on"), &[element(&on, &to("172.17.0.2", 8080))]),
            element::add(&of(v4, "publish_any"), &[element(&any, &to("172.17.0.2", 5353))]),
            create(&of(v6, "publish_on"), &[element(&on6, &to("fd00:17::2", 8443))]),
            create(&of(v6, "publish_any"), &[element(&any6, &to("fd00:17::2", 65535))]),
        ],
        &[
            (1, "4: 00000001 > absent", NUMBER),
            (2, "4: 00000003 > absent", NUMBER),
            (3, "4: 00000006 > absent", NUMBER),
            (4, "4: 00000007 > absent", NUMBER),
            (5, "4: 0000000d > absent", NUMBER),
            (6, "4: 0000000e > absent", NUMBER),
            (6, "flags: 0x601 > 0x605", ACK),
        ],
    );
    batch(
        "nft-elements-delete",
        &[element::delete(&of(v4, "bridges"), &[key(&long)]), element::delete(&of(v4, "publish_any"), &[key(&any)])],
        &[(2, "flags: 0x1 > 0x5", ACK)],
    );
    let mut get = element::get(&of(v4, "publish_on"), &on);
    get.add_flags(pontoon_netlink::message::NLM_F_ACK);
    same("nft-element-get", &[get.to_bytes(0).unwrap()], &[]);
}

/// A subnet with two elements, as a request of `what`.
fn subnet(what: fn(&Of<'_>, &[Element<'_>]) -> Request, ip: &str, len: u8) -> Request {
    let (first, behind) = interval(ip.parse().unwrap(), len);
    let (first, behind) = (address(&first.to_string()), address(&behind.unwrap().to_string()));
    let family = if first.len() == 4 { NFPROTO_IPV4 } else { NFPROTO_IPV6 };
    what(&of(family, "subnets"), &[key(&first), Element { interval_end: true, ..key(&behind) }])
}

#[test]
fn intervals() {
    const NUMBER: &str = "nft numbers the sets for each batch anew; the name is enough";
    const FIRST: &str =
        "nft opens an empty set with an end at the lowest address; the kernel needs none, and nft lists it the same";
    let create = element::create;
    batch(
        "nft-intervals",
        &[
            subnet(create, "192.168.7.0", 24),
            subnet(create, "fd00:17::", 64),
            subnet(element::delete, "172.17.0.0", 16),
        ],
        &[
            (1, "4: 00000004 > absent", NUMBER),
            (2, "3.1.1.1: 00000000000000000000000000000000 > fd000017000000000000000000000000", FIRST),
            (2, "3.1.3: 00000001 > absent", FIRST),
            (2, "3.1[1].1.1: fd000017000000000000000000000000 > fd000017000000010000000000000000", FIRST),
            (2, "3.1[1].3: absent > 00000001", FIRST),
            (2, "3.1[2].1.1: fd000017000000010000000000000000 > absent", FIRST),
            (2, "3.1[2].3: 00000001 > absent", FIRST),
            (2, "4: 0000000b > absent", NUMBER),
            (3, "flags: 0x1 > 0x5", ACK),
        ],
    );
    batch(
        "nft-interval-first",
        &[subnet(create, "172.17.0.0", 16)],
        &[
            (1, "flags: 0x601 > 0x605", ACK),
            (1, "3.1.1.1: 00000000 > ac110000", FIRST),
            (1, "3.1.3: 00000001 > absent", FIRST),
            (1, "3.1[1].1.1: ac110000 > ac120000", FIRST),
            (1, "3.1[1].3: absent > 00000001", FIRST),
            (1, "3.1[2].1.1: ac120000 > absent", FIRST),
            (1, "3.1[2].3: 00000001 > absent", FIRST),
            (1, "4: 00000004 > absent", NUMBER),
        ],
    );
}

#[test]
fn tables_and_questions() {
    let mut exclusive = table::new(NFPROTO_IPV4, "other");
    exclusive.add_flags(NLM_F_EXCL);
    batch("nft-table-again", &[exclusive, table::delete(NFPROTO_IPV4, "other")], &[(2, "flags: 0x1 > 0x5", ACK)]);
    let ask = |name, ours: Request| same(name, &[ours.to_bytes(0).unwrap()], &[]);
    ask("nft-generation", generation::get());
    ask("nft-tables", table::dump(0));
    ask("nft-chains", chain::dump(0));
    ask("nft-sets", set::dump(NFPROTO_IPV4, TABLE));
    ask("nft-elements-dump", element::dump(&of(NFPROTO_IPV4, "bridges")));
}

#[test]
fn connections() {
    const WHOLE: &str =
        "conntrack sends all that it knows of a connection; the kernel reads the first tuple, id and zone";
    const OWN: &str =
        "conntrack does not ask for this very connection; we do not want to forget one that came in its place";
    let ip = |text: &str| text.parse().unwrap();
    let ends = Tuple {
        source: ip("192.0.2.7"),
        destination: ip("192.0.2.1"),
        protocol: 17,
        ports: Some((40000, 53)),
        zone: None,
    };
    let connection = Connection { original: ends, reply: ends, status: 0, mark: 0, id: Some(0x0102_0304), zone: None };
    same("conntrack-dump", &[conntrack::dump(NFPROTO_IPV4, 0).to_bytes(0).unwrap()], &[]);
    same(
        "conntrack-delete",
        &[conntrack::delete(&connection).to_bytes(0).unwrap()],
        &[
            (0, "12: absent > 01020304", OWN),
            (0, "2.1.1: ac110002 > absent", WHOLE),
            (0, "2.1.2: c0000207 > absent", WHOLE),
            (0, "2.2.1: 11 > absent", WHOLE),
            (0, "2.2.2: 14e9 > absent", WHOLE),
            (0, "2.2.3: 9c40 > absent", WHOLE),
            (0, "24.1: 00000000 > absent", WHOLE),
            (0, "24.2: 00000000 > absent", WHOLE),
            (0, "24.3: 00000000 > absent", WHOLE),
            (0, "3: 00000008 > absent", WHOLE),
            (0, "7: 00000257 > absent", WHOLE),
            (0, "8: 00000000 > absent", WHOLE),
        ],
    );
}

#[test]
fn every_capture_is_compared() {
    let source = include_str!("golden_netfilter.rs");
    for name in ["nft-", "conntrack-"].into_iter().flat_map(captured::names) {
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not compared");
    }
}
