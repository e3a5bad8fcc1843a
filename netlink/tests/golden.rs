//! What we encode, against what iproute2 6.1 sent for the same thing (`scripts/capture-golden`).
//!
//! Compared as trees: type, flags, fixed struct, attributes by type and with their values, nests within. What may differ
//! unlisted: the order of attributes (the kernel has none) and the sequence number (a fresh one each time, by design).
//! Every other difference must be listed in [`CASES`] with its reason, exactly; one that has gone must be removed there.
#![cfg(target_endian = "little")] // as the captures are
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::net::{IpAddr, Ipv4Addr};

use pontoon_netlink::Request;
use pontoon_netlink::ack::Ack;
use pontoon_netlink::message::Messages;
use pontoon_netlink::names;
use pontoon_netlink::route::address::{self, NewAddress};
use pontoon_netlink::route::link::{self, Change, NewBridge, NewVeth, Peer, PortOptions, Selector};
use pontoon_netlink::route::neighbour::NUD_STALE;
use pontoon_netlink::route::{AF_INET, AF_INET6, neighbour, nsid, route};
use support::{captured, tree};

const MAC: [u8; 6] = [2, 0x42, 0xac, 0x11, 0, 2];
const NEIGHBOUR: [u8; 6] = [2, 0x42, 0xac, 0x11, 0, 0x12];
const ALIAS: &str = "pontoon bridge/container1 eth0 172.17.0.2/16";
/// The descriptors that happened to be free in `ip`.
const FD_VETH: i32 = 4;
const FD_NSID: i32 = 6;

/// A permitted difference, as [`tree::differences`] words it, and why it is one.
type Permitted = (&'static str, &'static str);

const BY_NAME: &str =
    "ip looks the index up first and then deletes by it; we let the kernel find the name: one round trip";
const NO_VFS: &str =
    "ip asks for virtual functions (RTEXT_FILTER_VF); we ask for no statistics (RTEXT_FILTER_SKIP_STATS)";
const PACKET: &str =
    "ip asks with AF_PACKET, which the kernel treats as AF_UNSPEC: neither has link operations of its own";
const SLAVE: &str =
    "ip names the port's options as a kind of link, bridge_slave; the kernel ignores both and goes by the master";
const FLAGS: &str =
    "ip writes flags below 256 into the struct; we always into IFA_FLAGS (3.14), which the kernel prefers";
const EXACT: &str =
    "ip deletes any route that fits (no protocol, no scope, no type given); we only the one that we add";
const STATE: &str = "ip writes the state that it writes into a new one; the kernel does not read it when deleting";
const PORT: &[Permitted] = &[("18.1: \"bridge_slave\" > absent", SLAVE), ("18.4: absent > \"bridge\"", SLAVE)];

struct Case {
    name: &'static str,
    ours: Request,
    permitted: &'static [Permitted],
}

fn case(name: &'static str, ours: Request, permitted: &'static [Permitted]) -> Case {
    Case { name, ours, permitted }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn links() -> Vec<Case> {
    let veth = NewVeth {
        name: "vethac110002",
        mtu: Some(1400),
        master: Some(2),
        group: Some(77),
        mac: None,
        peer: Peer { name: "eth0", mac: Some(MAC), mtu: Some(1400), netns: Some(FD_VETH) },
    };
    let bare = Peer { name: "vb", mac: None, mtu: None, netns: None };
    let bare = NewVeth { name: "va", mtu: None, master: None, group: None, mac: None, peer: bare };
    let bridge = NewBridge { name: "br0", mac: Some([2, 0x42, 0xac, 0x11, 0, 1]), mtu: Some(1400) };
    vec![
        case("bridge-new", link::new_bridge(&bridge), &[]),
        case("bridge-new-bare", link::new_bridge(&NewBridge { name: "br1", mac: None, mtu: None }), &[]),
        case("veth-new", link::new_veth(&veth), &[]),
        case("veth-new-bare", link::new_veth(&bare), &[]),
        case("link-delete", link::delete(Selector::Index(3)), &[]),
        case(
            "link-delete",
            link::delete(Selector::Name("br1")),
            &[("body[4]: 3 > 0", BY_NAME), ("3: absent > 62723100", BY_NAME)],
        ),
        case("link-delete-group", link::delete_group(77), &[]),
        case("link-get-by-name", link::get(Selector::Name("va"), None), &[("29: 09000000 > 08000000", NO_VFS)]),
        case("link-get-by-index", link::get(Selector::Index(5), None), &[("29: 09000000 > 08000000", NO_VFS)]),
        case("links-dump", link::dump(None), &[("body[0]: 17 > 0", PACKET), ("29: 01000000 > 08000000", NO_VFS)]),
        case(
            "links-dump-master",
            link::dump(Some(2)),
            &[("body[0]: 17 > 0", PACKET), ("29: 01000000 > 08000000", NO_VFS)],
        ),
    ]
}

fn changes() -> Vec<Case> {
    let set = |index, change: Change<'_>| link::set(Selector::Index(index), &change);
    let none = Change::default();
    let port = |isolated, hairpin| Some(PortOptions { isolated, hairpin });
    vec![
        case("link-up", set(4, Change { up: Some(true), ..none }), &[]),
        case("link-down", set(4, Change { up: Some(false), ..none }), &[]),
        case("link-alias", set(4, Change { alias: Some(ALIAS), ..none }), &[]),
        case("link-alias-none", set(4, Change { alias: Some(""), ..none }), &[]),
        case("link-mac", set(6, Change { mac: Some([2, 0x42, 0xac, 0x11, 0, 9]), ..none }), &[]),
        case("link-mtu", set(6, Change { mtu: Some(1280), ..none }), &[]),
        case("link-master", set(6, Change { master: Some(3), ..none }), &[]),
        case("link-no-master", set(6, Change { master: Some(0), ..none }), &[]),
        case("port-isolated-hairpin", set(4, Change { port: port(Some(true), true), ..none }), PORT),
        case("port-plain", set(4, Change { port: port(None, false), ..none }), PORT),
        case(
            "all-at-once",
            set(4, Change { up: Some(true), alias: Some(ALIAS), port: port(Some(true), false), ..none }),
            PORT,
        ),
    ]
}

fn addresses_and_routes() -> Vec<Case> {
    let broadcast = Some(Ipv4Addr::new(172, 17, 255, 255));
    let v4 = NewAddress { index: 2, address: ip("172.17.0.1"), prefix_len: 16, broadcast, no_dad: false };
    let v6 = NewAddress { index: 2, address: ip("fd00:17::1"), prefix_len: 64, broadcast: None, no_dad: true };
    let (via4, via6) = (ip("172.17.0.9"), ip("fd00:17::9"));
    vec![
        case("address-add-v4", address::add(&v4), &[]),
        case("address-add-v6", address::add(&v6), &[("body[2]: 2 > 0", FLAGS), ("8: absent > 02000000", FLAGS)]),
        case("address-delete-v4", address::delete(&v4), &[]),
        case("address-delete-v6", address::delete(&v6), &[]),
        case("addresses-dump", address::dump(None), &[]),
        case("addresses-dump-link", address::dump(Some(2)), &[]),
        case("route-add-v4", route::add_default(via4, 2), &[]),
        case("route-add-v6", route::add_default(via6, 2), &[]),
        case(
            "route-delete-v4",
            route::delete_default(via4, 2),
            &[("body[5]: 0 > 3", EXACT), ("body[6]: 255 > 0", EXACT), ("body[7]: 0 > 1", EXACT)],
        ),
        case(
            "route-delete-v6",
            route::delete_default(via6, 2),
            &[("body[5]: 0 > 3", EXACT), ("body[7]: 0 > 1", EXACT)],
        ),
        case("routes-dump-v4", route::dump(AF_INET), &[]),
        case("routes-dump-v6", route::dump(AF_INET6), &[]),
        case("neighbours-dump", neighbour::dump(), &[]),
        case("neighbour-add-v4", neighbour::add(2, ip("172.17.0.18"), &NEIGHBOUR, NUD_STALE), &[]),
        case("neighbour-add-v6", neighbour::add(2, ip("fd00:17::18"), &NEIGHBOUR, NUD_STALE), &[]),
        case("neighbour-delete-v4", neighbour::delete(2, ip("172.17.0.19")), &[("body[8]: 128 > 0", STATE)]),
        case("neighbour-delete-v6", neighbour::delete(2, ip("fd00:17::19")), &[("body[8]: 128 > 0", STATE)]),
        case("nsids-dump", nsid::dump(), &[]),
        case("nsid-get", nsid::get(FD_NSID), &[]),
    ]
}

#[test]
fn we_send_what_ip_sends() {
    let cases: Vec<Case> = [links(), changes(), addresses_and_routes()].into_iter().flatten().collect();
    let mut wrong = Vec::new();
    for Case { name, ours, permitted } in &cases {
        let captured = captured::read(name);
        let theirs = tree::message(&captured.datagrams[0]);
        let found = tree::differences(&theirs, &tree::message(&ours.to_bytes(0).unwrap()));
        let listed: Vec<&str> = permitted.iter().map(|(what, _)| *what).collect();
        for line in found.iter().filter(|line| !listed.contains(&line.as_str())) {
            wrong.push(format!("{name} ({}): unlisted: {line}", captured.command));
        }
        for line in listed.iter().filter(|line| !found.iter().any(|f| f == *line)) {
            wrong.push(format!("{name} ({}): listed, but not there: {line}", captured.command));
        }
    }
    assert!(wrong.is_empty(), "theirs > ours\n{}", wrong.join("\n"));

    let tested: Vec<&str> = cases.iter().map(|case| case.name).collect();
    let unused: Vec<String> = captured::names("")
        .into_iter()
        .filter(|name| !["replies-", "refusal-", "nft-", "conntrack-", "blamed"].iter().any(|p| name.starts_with(p)))
        .filter(|name| !tested.contains(&name.as_str()))
        .collect();
    assert!(unused.is_empty(), "captured, but not compared: {unused:?}");
}

/// What the kernel answered to refused requests of `ip`: errno, and the words that `ip` passed on.
#[test]
fn refusals_are_understood() {
    let errnos = [("exists", 17), ("gateway", 101), ("kind", 95), ("loop", 40), ("mtu-large", 22), ("mtu-small", 22)];
    let names = captured::names("refusal-");
    assert!(names.len() >= errnos.len());
    for name in names {
        let captured = captured::read(&name);
        let [request, reply] = &captured.datagrams[..] else { panic!("{name}: request and reply") };
        let message = Messages::new(reply).next().unwrap();
        assert_eq!(message.sequence, u32::from_ne_bytes(request[8..12].try_into().unwrap()), "{name}");
        let ack = Ack::parse(&message).unwrap();
        if let Some((_, errno)) = errnos.iter().find(|(known, _)| name == format!("refusal-{known}")) {
            assert_eq!(ack.errno, *errno, "{name}");
        }
        match captured.stderr.strip_prefix("Error: ") {
            Some(words) => assert_eq!(ack.message.as_deref(), words.strip_suffix('.'), "{name}"),
            None => assert_eq!((ack.message, captured.stderr.as_str()), (None, "RTNETLINK answers: File exists")),
        }
    }
}

/// The attribute which the kernel points at is found in the request, in nests too.
#[test]
fn the_kernel_blames_an_attribute() {
    let expected =
        ["IFLA_IFALIAS", "IFLA_MTU", "IFLA_MTU of the peer", "IFLA_IFNAME of the peer", "IFA_ADDRESS", "RTA_GATEWAY"];
    let captured = captured::read("blamed");
    assert_eq!(captured.datagrams.len(), expected.len() * 3);
    for (exchange, name) in captured.datagrams.chunks(3).zip(expected) {
        for reply in &exchange[1..] {
            let ack = Ack::parse(&Messages::new(reply).next().unwrap()).unwrap();
            // ERANGE
            assert_eq!((ack.errno, ack.message.as_deref()), (34, Some("Attribute failed policy validation")));
            assert_eq!(names::blamed(&exchange[0], &ack).as_deref(), Some(name));
        }
    }
}
