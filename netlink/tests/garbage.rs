//! No bytes make a parser panic or run on: random ones, captured replies cut, flipped and shifted, nests of garbage.
//!
//! The same parsers are fuzzed with coverage in `netlink/fuzz`; what that finds becomes a case here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use pontoon_netlink::ack::Ack;
use pontoon_netlink::batch::{Batch, Outcome, Place};
use pontoon_netlink::message::{HEADER_LEN, Messages};
use pontoon_netlink::names::{self, Protocol};
use pontoon_netlink::netfilter::chain::Chain;
use pontoon_netlink::netfilter::conntrack::Connection;
use pontoon_netlink::netfilter::element::{self, Element, Elements, Of};
use pontoon_netlink::netfilter::set::Set;
use pontoon_netlink::netfilter::table::Table;
use pontoon_netlink::netfilter::{NFPROTO_IPV4, generation};
use pontoon_netlink::route::address::Address;
use pontoon_netlink::route::link::{self, Link, NewVeth, Peer, Selector};
use pontoon_netlink::route::neighbour::Neighbour;
use pontoon_netlink::route::nsid;
use pontoon_netlink::route::route::Route;
use pontoon_netlink::{Attr, Attrs, Message};
use support::captured;
use support::random::Random;

/// Message types that some parser takes, and some that none does.
const KINDS: [u16; 24] = [
    0,
    1,
    2,
    3,
    16,
    17,
    18,
    20,
    21,
    24,
    25,
    28,
    29,
    88,
    89,
    0x100,
    0xa00,
    0xa03,
    0xa06,
    0xa09,
    0xa0c,
    0xa0d,
    0xa0f,
    u16::MAX,
];

/// Runs every reader over `bytes`, as a datagram, as a payload of each kind, and as attributes.
fn read_all(bytes: &[u8]) {
    let messages: Vec<Message<'_>> = Messages::new(bytes).collect();
    assert!(messages.len() <= bytes.len() / HEADER_LEN);
    messages.iter().for_each(read_message);
    messages.iter().for_each(tell);
    for kind in KINDS {
        tell(&Message { kind, flags: 0x201, sequence: 0, port: 0, payload: bytes });
        for flags in [0, 0x100, 0x200, 0x300] {
            read_message(&Message { kind, flags, sequence: 0, port: 0, payload: bytes });
        }
    }
    read_attrs(bytes, 0);
    // As a request of ours, which the kernel complains about.
    for number in [0, 1, 15, 16, 17, 32, 36, 48, 0x7fff_ffff, u32::MAX] {
        let ack = |missing| Ack { errno: 22, message: None, offset: Some(number), missing, missing_nest: Some(number) };
        let _ = names::blamed(bytes, &ack(None));
        let _ = names::blamed(bytes, &ack(Some(3)));
        let _ = element::position_at(bytes, number);
    }
}

fn read_message(message: &Message<'_>) {
    let _ = (Ack::parse(message), Link::parse(message), Address::parse(message));
    let _ = (Route::parse(message), Neighbour::parse(message), nsid::parse(message));
    let _ = (Table::parse(message), Chain::parse(message), Set::parse(message), generation::parse(message));
    let _ = Connection::parse(message);
    if let Some(elements) = Elements::parse(message) {
        let elements: Vec<Element<'_>> = elements.collect();
        assert!(elements.len() <= message.payload.len() / 4);
        assert!(elements.iter().all(|element| element.key.len() + element.data.len() <= message.payload.len()));
    }
    if let Some(link) = Link::parse(message) {
        read_attrs(&link.data, 0);
        read_attrs(&link.port_data, 0);
    }
}

/// Whatever it is, it is one line.
fn tell(message: &Message<'_>) {
    for protocol in [Protocol::Route, Protocol::Netfilter] {
        let line = names::describe(protocol, message).to_string();
        assert!(!line.is_empty() && line.chars().all(|c| !c.is_control()), "{line:?}");
    }
}

fn read_attrs(bytes: &[u8], depth: usize) {
    let attrs: Vec<Attr<'_>> = Attrs::new(bytes).collect();
    assert!(attrs.len() <= bytes.len() / 4);
    for attr in attrs {
        let _ = (attr.u8(), attr.u16(), attr.u32(), attr.i32(), attr.u64(), attr.be32(), attr.text(), attr.ip());
        if depth < 8 {
            read_attrs(attr.value, depth + 1);
        }
    }
    for len in [0, 1, 7, 16, bytes.len(), usize::MAX] {
        assert!(Attrs::after(bytes, len).count() <= bytes.len() / 4);
        assert_eq!(Attrs::after(bytes, len).find(0xffff), None);
    }
}

fn captures() -> impl Iterator<Item = (String, Vec<u8>)> {
    captured::names("").into_iter().flat_map(|name| {
        let datagrams = captured::read(&name).datagrams;
        datagrams.into_iter().map(move |datagram| (name.clone(), datagram))
    })
}

#[test]
fn random_bytes() {
    for seed in 0..20_000 {
        read_all(&Random::new(seed).bytes(200));
    }
}

/// Random bytes get no further than the first length; so give them plausible ones.
#[test]
fn random_nests() {
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let mut bytes = random.bytes(40);
        for _ in 0..random.below(8) {
            let len = u16::try_from(bytes.len() + 4).unwrap().wrapping_add(u16::from(random.u8() % 8)).wrapping_sub(4);
            let kind: u16 = random.pick(&[0, 1, 2, 3, 4, 5, 8, 9, 12, 18, 26, 0x8001, 0x8003, 0x8012, 0x4001, 0xffff]);
            bytes = [&len.to_ne_bytes(), &kind.to_ne_bytes(), bytes.as_slice(), &random.bytes(9)].concat();
        }
        let fixed = if random.chance() { random.bytes(20) } else { vec![2, 0, 0, 0] };
        let body = [fixed.as_slice(), &bytes].concat();
        let len = u32::try_from(body.len() + 16).unwrap();
        let kind = random.pick(&KINDS);
        let header = [&len.to_ne_bytes()[..], &kind.to_ne_bytes(), &[random.u8(), random.u8() & 3], &[0; 8]].concat();
        read_all(&bytes);
        read_all(&[header, body].concat());
    }
}

#[test]
fn captures_cut_anywhere() {
    for (name, datagram) in captures() {
        // Long ones repeat themselves.
        for end in 0..datagram.len().min(2500) {
            read_all(&datagram[..end]);
        }
        let whole = Messages::new(&datagram).count();
        assert!(whole > 0, "{name}");
    }
}

#[test]
fn captures_with_flipped_bits() {
    for (at, (_, datagram)) in captures().enumerate() {
        let mut random = Random::new(u64::try_from(at).unwrap());
        for _ in 0..300 {
            let mut bytes = datagram.clone();
            for _ in 0..=random.below(6) {
                let position = random.below(bytes.len());
                match random.below(3) {
                    0 => bytes[position] ^= 1 << random.below(8),
                    1 => bytes[position] = random.pick(&[0, 1, 3, 4, 0x7f, 0xff]),
                    _ => bytes[position] = random.u8(),
                }
            }
            read_all(&bytes);
        }
    }
}

/// The same bytes at every alignment give the same messages.
#[test]
fn unaligned_slices() {
    for (name, datagram) in captures() {
        let read = |bytes: &[u8]| -> Vec<String> {
            Messages::new(bytes)
                .map(|m| {
                    let route = (Link::parse(&m), Address::parse(&m), Route::parse(&m));
                    let elements = Elements::parse(&m).map(Iterator::collect::<Vec<_>>);
                    let netfilter = (Table::parse(&m), Chain::parse(&m), Set::parse(&m), Connection::parse(&m));
                    format!("{:?} {route:?} {elements:?} {netfilter:?}", m.kind)
                })
                .collect()
        };
        let expected = read(&datagram);
        for shift in 1..8 {
            let shifted = [&vec![0xaa; shift], datagram.as_slice()].concat();
            assert_eq!(read(&shifted[shift..]), expected, "{name} shifted by {shift}");
            read_all(&shifted);
        }
    }
}

/// Every offset that the kernel may name in a request of ours.
#[test]
fn any_offset_may_be_blamed() {
    let peer = Peer { name: "eth0", mac: Some([2; 6]), mtu: Some(1), netns: Some(5) };
    let veth = NewVeth { name: "v", mtu: Some(1), master: Some(2), group: Some(3), mac: Some([2; 6]), peer };
    for request in [link::new_veth(&veth), link::delete(Selector::Name("a"))] {
        let bytes = request.to_bytes(1).unwrap();
        for offset in (0..200).chain([u32::MAX - 3, u32::MAX]) {
            for (missing, missing_nest) in [(None, None), (Some(1), None), (Some(u16::MAX), Some(offset))] {
                let ack = Ack { errno: 22, message: None, offset: Some(offset), missing, missing_nest };
                let _ = names::blamed(&bytes, &ack);
            }
            // A request cut short, of which the kernel cannot complain so.
            for end in 0..bytes.len() {
                let ack = Ack { errno: 22, offset: Some(offset), missing_nest: Some(offset), ..Ack::default() };
                let _ = names::blamed(&bytes[..end], &ack);
                let _ = names::blamed(&bytes[..end], &Ack { missing: Some(3), ..ack });
            }
        }
    }
}

/// A peer in a peer in a peer, as deep as lengths allow, is neither told to its end nor looked for with the stack.
#[test]
fn nests_without_end() {
    let attribute = |kind: u16, value: &[u8]| {
        let len = u16::try_from(value.len() + 4).unwrap();
        [&len.to_ne_bytes()[..], &kind.to_ne_bytes(), value].concat()
    };
    let mut inside = Vec::new();
    while inside.len() < 65_000 {
        let peer = attribute(link::VETH_INFO_PEER, &[&[0; 16], inside.as_slice()].concat());
        let kind = attribute(link::IFLA_INFO_KIND, b"veth");
        inside = attribute(link::IFLA_LINKINFO, &[kind, attribute(link::IFLA_INFO_DATA, &peer)].concat());
    }
    let payload = [&[0; 16], inside.as_slice()].concat();
    let message = Message { kind: link::RTM_NEWLINK, flags: 1, sequence: 0, port: 0, payload: &payload };
    let line = names::describe(Protocol::Route, &message).to_string();
    assert!(
        line.len() < 400 && line.contains("IFLA_LINKINFO{IFLA_INFO_KIND=veth IFLA_INFO_DATA{VETH_INFO_PEER{"),
        "{line}"
    );
    let mut request = Vec::new();
    message.append_to(&mut request);
    let innermost = u32::try_from(request.len() - 4).unwrap();
    let ack = Ack { errno: 22, offset: Some(innermost), ..Ack::default() };
    assert_eq!(names::blamed(&request, &ack).as_deref(), Some("VETH_INFO_PEER"));
}

/// Every offset in a request of elements leads to one of them, or to none.
#[test]
fn any_offset_may_be_an_elements() {
    let of = Of { family: NFPROTO_IPV4, table: "pontoon", set: "bridges" };
    let elements = [Element { key: &[1; 12], data: &[2; 8], interval_end: true }; 3];
    let bytes = element::create(&of, &elements).to_bytes(1).unwrap();
    let list = bytes.len() - 3 * 48;
    for offset in (0..300).chain([u32::MAX - 3, u32::MAX]) {
        let at = usize::try_from(offset).unwrap();
        let expected = (list..bytes.len()).contains(&at).then(|| (at - list) / 48);
        assert_eq!(element::position_at(&bytes, offset), expected, "{offset}");
        for end in 0..bytes.len() {
            let _ = element::position_at(&bytes[..end], offset);
        }
    }
}

/// A batch hears anything.
#[test]
fn a_batch_hears_anything() {
    let of = Of { family: NFPROTO_IPV4, table: "pontoon", set: "bridges" };
    let batch = Batch::new(&[element::dump(&of), element::dump(&of)], u32::MAX - 1, None).unwrap();
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let payload = random.bytes(60);
        let (kind, sequence) =
            (random.pick(&[0, 1, 2, 3]), random.pick(&[0, 1, 2, u32::MAX - 1, u32::MAX, u32::MAX - 2]));
        let message = Message { kind, flags: u16::from(random.u8()) << 8, sequence, port: 0, payload: &payload };
        let mut outcome = Outcome::default();
        let _ = outcome.take(&batch, &message);
        for (place, ack) in &outcome.refused {
            assert!(!batch.message(*place).is_empty() && ack.errno > 0);
            let _ = names::blamed(batch.message(*place), ack);
        }
    }
    assert!(batch.message(Place::Change(usize::MAX)).is_empty());
}
