//! Requests of ours, read by netlink-packet-route.

use std::net::IpAddr;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use netlink_packet_route::link::{
    InfoBridgePort, InfoData, InfoKind, InfoPortData, InfoPortKind, InfoVeth, LinkAttribute, LinkExtentMask, LinkFlags,
    LinkInfo, LinkMessage,
};
use netlink_packet_route::neighbour::{NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::nsid::NsidAttribute;
use netlink_packet_route::route::{RouteAttribute, RouteMessage, RouteProtocol, RouteScope, RouteType};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Their};
use pontoon_netlink::Request;
use pontoon_netlink::route::address::{self, NewAddress};
use pontoon_netlink::route::link::{self, Change, NewBridge, NewVeth, Peer, PortOptions, Selector};
use pontoon_netlink::route::{neighbour, nsid, route};

use crate::CASES;
use crate::support::random::Random;

const CHANGE: u16 = NLM_F_REQUEST | NLM_F_ACK;
const CREATE: u16 = CHANGE | NLM_F_CREATE | NLM_F_EXCL;

/// What netlink-packet-route reads, and the flags in the header.
fn read(request: &Request) -> (u16, Their) {
    let bytes = request.to_bytes(7).unwrap();
    let message = NetlinkMessage::<Their>::deserialize(&bytes).unwrap_or_else(|e| panic!("{e:?}: {bytes:02x?}"));
    assert_eq!(message.header.length as usize, bytes.len());
    assert_eq!((message.header.sequence_number, message.header.port_number), (7, 0));
    let NetlinkPayload::InnerMessage(inner) = message.payload else { panic!("{:?}", message.payload) };
    (message.header.flags, inner)
}

/// Whether two lists hold the same, in any order.
fn same<T: std::fmt::Debug>(theirs: &[T], expected: &[T]) {
    let sorted = |list: &[T]| {
        let mut list: Vec<String> = list.iter().map(|item| format!("{item:?}")).collect();
        list.sort();
        list
    };
    assert_eq!(sorted(theirs), sorted(expected));
}

fn selector<'a>(random: &mut Random, name: &'a str) -> (Selector<'a>, u32, Option<LinkAttribute>) {
    let index = 1 + random.u32() / 2;
    if random.chance() {
        (Selector::Index(index), index, None)
    } else {
        (Selector::Name(name), 0, Some(LinkAttribute::IfName(name.to_owned())))
    }
}

#[test]
fn a_new_bridge() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let (name, mac, mtu) = (random.name(), random.maybe(Random::mac), random.maybe(Random::u32));
        let (flags, Their::NewLink(link)) = read(&link::new_bridge(&NewBridge { name: &name, mac, mtu })) else {
            panic!()
        };
        assert_eq!((flags, link.header), (CREATE, LinkMessage::default().header));
        let mut expected =
            vec![LinkAttribute::IfName(name), LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Bridge)])];
        expected.extend(mac.map(|mac| LinkAttribute::Address(mac.to_vec())));
        expected.extend(mtu.map(LinkAttribute::Mtu));
        same(&link.attributes, &expected);
    }
}

#[test]
fn a_new_veth() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let (name, peer_name, mac) = (random.name(), random.name(), random.maybe(Random::mac));
        let (mtu, master, group) = (random.maybe(Random::u32), random.maybe(Random::u32), random.maybe(Random::u32));
        let netns = random.maybe(|r| i32::from(r.u8()));
        let peer = Peer { name: &peer_name, mac, mtu, netns };
        let request = link::new_veth(&NewVeth { name: &name, mtu, master, group, mac: None, peer });
        let (flags, Their::NewLink(link)) = read(&request) else { panic!() };
        assert_eq!((flags, link.header), (CREATE, LinkMessage::default().header));

        let info = link.attributes.iter().find_map(|a| if let LinkAttribute::LinkInfo(i) = a { Some(i) } else { None });
        let [LinkInfo::Kind(InfoKind::Veth), LinkInfo::Data(InfoData::Veth(veth))] = &info.unwrap()[..] else {
            panic!("{info:?}")
        };
        let InfoVeth::Peer(peer) = veth else { panic!("{veth:?}") };
        assert_eq!(peer.header, LinkMessage::default().header);
        let mut expected = vec![LinkAttribute::IfName(peer_name)];
        expected.extend(mac.map(|mac| LinkAttribute::Address(mac.to_vec())));
        expected.extend(mtu.map(LinkAttribute::Mtu));
        expected.extend(netns.map(LinkAttribute::NetNsFd));
        same(&peer.attributes, &expected);

        let mut expected = vec![LinkAttribute::IfName(name), LinkAttribute::LinkInfo(info.unwrap().clone())];
        expected.extend(mtu.map(LinkAttribute::Mtu));
        expected.extend(master.map(LinkAttribute::Controller));
        expected.extend(group.map(LinkAttribute::Group));
        same(&link.attributes, &expected);
    }
}

#[test]
fn a_change() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let (name, alias) = (random.name(), random.maybe(Random::alias));
        let (link, index, by_name) = selector(&mut random, &name);
        let (up, mac, mtu) = (random.maybe(Random::chance), random.maybe(Random::mac), random.maybe(Random::u32));
        let master = random.maybe(Random::u32);
        let port = random.maybe(|r| PortOptions { isolated: r.maybe(Random::chance), hairpin: r.chance() });
        let change = Change { up, name: None, alias: alias.as_deref(), mac, mtu, master, port, addr_gen_mode: None };
        let (flags, Their::NewLink(message)) = read(&link::set(link, &change)) else { panic!() };
        assert_eq!((flags, message.header.index), (CHANGE, index));
        assert_eq!(message.header.change_mask, if up.is_some() { LinkFlags::Up } else { LinkFlags::empty() });
        assert_eq!(message.header.flags, if up == Some(true) { LinkFlags::Up } else { LinkFlags::empty() });

        let mut expected: Vec<LinkAttribute> = by_name.into_iter().collect();
        expected.extend(mac.map(|mac| LinkAttribute::Address(mac.to_vec())));
        expected.extend(mtu.map(LinkAttribute::Mtu));
        expected.extend(master.map(LinkAttribute::Controller));
        expected.extend(alias.map(LinkAttribute::IfAlias));
        if let Some(port) = port {
            let isolated = port.isolated.map(InfoBridgePort::Isolated);
            let options = isolated.into_iter().chain([InfoBridgePort::HairpinMode(port.hairpin)]).collect();
            let data = InfoPortData::BridgePort(options);
            let info = vec![LinkInfo::PortKind(InfoPortKind::Bridge), LinkInfo::PortData(data)];
            expected.push(LinkAttribute::LinkInfo(info));
        }
        same(&message.attributes, &expected);
    }
}

#[test]
fn deleting_and_asking_for_links() {
    let no_statistics = || LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]);
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let name = random.name();
        let (link, index, by_name) = selector(&mut random, &name);
        let (flags, Their::DelLink(message)) = read(&link::delete(link)) else { panic!() };
        assert_eq!((flags, message.header.index), (CHANGE, index));
        same(&message.attributes, &by_name.clone().into_iter().collect::<Vec<_>>());

        let number = random.u32();
        let (flags, Their::DelLink(message)) = read(&link::delete_group(number)) else { panic!() };
        assert_eq!((flags, message.header.index), (CHANGE, 0));
        same(&message.attributes, &[LinkAttribute::Group(number)]);

        let namespace = random.maybe(|r| i32::from(r.u8()));
        let (flags, Their::GetLink(message)) = read(&link::get(link, namespace)) else { panic!() };
        assert_eq!((flags, message.header.index), (NLM_F_REQUEST, index));
        let mut expected: Vec<LinkAttribute> = by_name.into_iter().chain([no_statistics()]).collect();
        expected.extend(namespace.map(LinkAttribute::IfNetnsId));
        same(&message.attributes, &expected);

        let master = random.maybe(Random::u32);
        let (flags, Their::GetLink(message)) = read(&link::dump(master)) else { panic!() };
        assert_eq!((flags, message.header), (NLM_F_REQUEST | NLM_F_DUMP, LinkMessage::default().header));
        let mut expected = vec![no_statistics()];
        expected.extend(master.map(LinkAttribute::Controller));
        same(&message.attributes, &expected);
    }
}

#[test]
fn addresses() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let (address, index, prefix_len) = (random.ip(), random.u32(), random.u8());
        let broadcast = random.maybe(Random::v4).filter(|_| address.is_ipv4());
        let no_dad = address.is_ipv6() && random.chance();
        let new = NewAddress { index, address, prefix_len, broadcast, no_dad };
        let check = |message: &AddressMessage| {
            let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
            let header = &message.header;
            assert_eq!((header.family, header.prefix_len, header.index), (family, prefix_len, index));
            assert_eq!((header.flags.bits(), u8::from(header.scope)), (0, 0));
        };
        let (flags, Their::NewAddress(message)) = read(&address::add(&new)) else { panic!() };
        assert_eq!(flags, CREATE);
        check(&message);
        let mut expected = vec![AddressAttribute::Local(address), AddressAttribute::Address(address)];
        expected.extend(broadcast.map(AddressAttribute::Broadcast));
        expected.extend(no_dad.then_some(AddressAttribute::Flags(AddressFlags::Nodad)));
        same(&message.attributes, &expected);

        let (flags, Their::DelAddress(message)) = read(&address::delete(&new)) else { panic!() };
        assert_eq!(flags, CHANGE);
        check(&message);
        same(&message.attributes, &[AddressAttribute::Local(address), AddressAttribute::Address(address)]);

        let link = random.maybe(Random::u32);
        let (flags, Their::GetAddress(message)) = read(&address::dump(link)) else { panic!() };
        assert_eq!((flags, message.header.index), (NLM_F_REQUEST | NLM_F_DUMP, link.unwrap_or(0)));
        assert_eq!((message.header.family, message.attributes.len()), (AddressFamily::Unspec, 0));
    }
}

#[test]
fn default_routes() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let (gateway, index) = (random.ip(), random.u32());
        let family = if gateway.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
        let check = |message: RouteMessage| {
            let header = message.header;
            assert_eq!((header.address_family, header.destination_prefix_length, header.table), (family, 0, 254));
            let how = (header.protocol, header.scope, header.kind, header.flags.bits());
            assert_eq!(how, (RouteProtocol::Boot, RouteScope::Universe, RouteType::Unicast, 0));
            same(&message.attributes, &[RouteAttribute::Gateway(gateway.into()), RouteAttribute::Oif(index)]);
        };
        let (flags, Their::NewRoute(message)) = read(&route::add_default(gateway, index)) else { panic!() };
        assert_eq!(flags, CREATE);
        check(message);
        let (flags, Their::DelRoute(message)) = read(&route::delete_default(gateway, index)) else { panic!() };
        assert_eq!(flags, CHANGE);
        check(message);
        let (flags, Their::GetRoute(message)) = read(&route::dump(u8::from(family))) else { panic!() };
        let mut expected = RouteMessage::default();
        expected.header.address_family = family;
        assert_eq!((flags, message), (NLM_F_REQUEST | NLM_F_DUMP, expected));
    }
}

#[test]
fn neighbours_and_namespace_ids() {
    let (flags, Their::GetNeighbour(message)) = read(&neighbour::dump()) else { panic!() };
    assert_eq!((flags, message), (NLM_F_REQUEST | NLM_F_DUMP, NeighbourMessage::default()));
    for address in ["10.1.2.3", "fd00::1:2"] {
        let address: IpAddr = address.parse().unwrap();
        let mac = [2, 0x42, 10, 1, 2, 3];
        let (flags, Their::NewNeighbour(message)) = read(&neighbour::add(7, address, &mac, neighbour::NUD_STALE))
        else {
            panic!()
        };
        let mut expected = NeighbourMessage::default();
        expected.header.family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
        expected.header.ifindex = 7;
        expected.header.state = NeighbourState::Stale;
        expected.attributes =
            vec![NeighbourAttribute::Destination(address.into()), NeighbourAttribute::LinkLayerAddress(mac.to_vec())];
        assert_eq!((flags, message), (CREATE, expected));
    }
    let (flags, Their::GetNsId(message)) = read(&nsid::dump()) else { panic!() };
    assert_eq!((flags, message.attributes.len()), (NLM_F_REQUEST | NLM_F_DUMP, 0));
    for fd in 0..1000 {
        let (flags, Their::GetNsId(message)) = read(&nsid::get(fd)) else { panic!() };
        assert_eq!(flags, NLM_F_REQUEST);
        same(&message.attributes, &[NsidAttribute::Fd(fd.unsigned_abs())]);
    }
}
