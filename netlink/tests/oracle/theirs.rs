//! Descriptions by netlink-packet-route, read by us.

use netlink_packet_core::{NetlinkMessage, NetlinkPayload};
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags, AddressHeaderFlags, AddressMessage, AddressProtocol, AddressScope, CacheInfo,
};
use netlink_packet_route::link::{
    InfoBridgePort, InfoKind, InfoPortData, InfoPortKind, LinkAttribute, LinkFlags, LinkInfo, LinkLayerType,
    LinkMessage, LinkMode, State,
};
use netlink_packet_route::neighbour::{NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState};
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use netlink_packet_route::route::{
    RouteAttribute, RouteCacheInfo, RouteFlags, RouteMessage, RouteMetric, RoutePreference, RouteProtocol, RouteScope,
    RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Their};
use pontoon_netlink::message::Messages;
use pontoon_netlink::route::address::Address;
use pontoon_netlink::route::bridge;
use pontoon_netlink::route::link::Link;
use pontoon_netlink::route::neighbour::Neighbour;
use pontoon_netlink::route::nsid;
use pontoon_netlink::route::route::Route;
use pontoon_netlink::{Attrs, Message};

use crate::CASES;
use crate::support::random::Random;

/// Two messages in one datagram, both of which `parse` must read alike.
fn read<T: std::fmt::Debug + PartialEq>(message: Their, parse: impl Fn(&Message<'_>) -> Option<T>) -> T {
    let mut message = NetlinkMessage::from(message);
    message.finalize();
    assert!(matches!(message.payload, NetlinkPayload::InnerMessage(_)));
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let datagram = [bytes.as_slice(), &bytes].concat();
    let mut read = Messages::new(&datagram).map(|message| parse(&message).unwrap());
    let (first, second) = (read.next().unwrap(), read.next().unwrap());
    assert_eq!((&first, read.next()), (&second, None));
    first
}

/// The list in a random order.
fn shuffled<T>(random: &mut Random, mut list: Vec<T>) -> Vec<T> {
    for at in (1..list.len()).rev() {
        list.swap(at, random.below(at + 1));
    }
    list
}

#[test]
fn links() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let mut expected = Link {
            hardware: random.pick(&[1, 772]),
            index: random.u32(),
            flags: random.u32(),
            name: random.name(),
            address: random.mac().to_vec(),
            broadcast: random.bytes(32),
            mtu: random.u32(),
            alias: random.maybe(Random::alias),
            link: random.maybe(Random::u32),
            link_netnsid: random.maybe(|r| r.u32().cast_signed()),
            master: random.maybe(Random::u32),
            qdisc: random.maybe(Random::name),
            txqlen: random.maybe(Random::u32),
            operstate: random.maybe(|r| r.u8() % 7),
            link_mode: random.maybe(|r| r.u8() % 2),
            group: random.maybe(Random::u32),
            promiscuity: random.maybe(Random::u32),
            carrier: random.maybe(Random::u8),
            kind: random.maybe(|r| r.pick(&["bridge", "veth", "dummy"]).to_owned()),
            ..Link::default()
        };
        let port = random.maybe(|r| (r.chance(), r.chance(), r.u32()));
        expected.port_kind = port.map(|_| "bridge".to_owned());

        let e = expected.clone();
        let mut list = vec![
            LinkAttribute::IfName(e.name),
            LinkAttribute::Address(e.address),
            LinkAttribute::Broadcast(e.broadcast),
            LinkAttribute::Mtu(e.mtu),
            // What we do not read.
            LinkAttribute::NumTxQueues(random.u32()),
            LinkAttribute::ProtoDown(random.u8()),
        ];
        list.extend(e.alias.map(LinkAttribute::IfAlias));
        list.extend(e.link.map(LinkAttribute::Link));
        list.extend(e.link_netnsid.map(LinkAttribute::LinkNetNsId));
        list.extend(e.master.map(LinkAttribute::Controller));
        list.extend(e.qdisc.map(LinkAttribute::Qdisc));
        list.extend(e.txqlen.map(LinkAttribute::TxQueueLen));
        list.extend(e.operstate.map(|state| LinkAttribute::OperState(State::from(state))));
        list.extend(e.link_mode.map(|mode| LinkAttribute::Mode(LinkMode::from(mode))));
        list.extend(e.group.map(LinkAttribute::Group));
        list.extend(e.promiscuity.map(LinkAttribute::Promiscuity));
        list.extend(e.carrier.map(LinkAttribute::Carrier));
        let mut info: Vec<LinkInfo> = Vec::new();
        info.extend(e.kind.map(|kind| {
            LinkInfo::Kind(match kind.as_str() {
                "bridge" => InfoKind::Bridge,
                "veth" => InfoKind::Veth,
                _ => InfoKind::Dummy,
            })
        }));
        if let Some((isolated, hairpin, cost)) = port {
            let options =
                [InfoBridgePort::Cost(cost), InfoBridgePort::Isolated(isolated), InfoBridgePort::HairpinMode(hairpin)];
            info.push(LinkInfo::PortKind(InfoPortKind::Bridge));
            info.push(LinkInfo::PortData(InfoPortData::BridgePort(options.to_vec())));
        }
        list.push(LinkAttribute::LinkInfo(info));

        let mut message = LinkMessage::default();
        message.header.link_layer_type = LinkLayerType::from(expected.hardware);
        message.header.index = expected.index;
        message.header.flags = LinkFlags::from_bits_retain(expected.flags);
        message.attributes = shuffled(&mut random, list);
        let ours = read(Their::NewLink(message), Link::parse);
        if let Some((isolated, hairpin, _)) = port {
            let option = |kind| Attrs::new(&ours.port_data).find(kind).map(|a| a.u8() != 0);
            assert_eq!(option(bridge::IFLA_BRPORT_ISOLATED), Some(isolated));
            assert_eq!(option(bridge::IFLA_BRPORT_MODE), Some(hairpin));
        }
        expected.port_data.clone_from(&ours.port_data);
        assert_eq!(ours, expected, "seed {seed}");
    }
}

#[test]
fn addresses() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let v4 = random.chance();
        let ip = |random: &mut Random| if v4 { random.v4().into() } else { random.v6().into() };
        let (local, peer) = (ip(&mut random), random.maybe(ip));
        let expected = Address {
            family: if v4 { 2 } else { 10 },
            prefix_len: random.u8(),
            scope: random.u8(),
            index: random.u32(),
            flags: random.u32(),
            local,
            peer: peer.unwrap_or(local),
            broadcast: random.maybe(|r| r.v4().into()),
            anycast: random.maybe(|r| r.v6().into()),
            label: random.maybe(Random::name),
            protocol: random.maybe(Random::u8),
            metric: random.maybe(Random::u32),
            lifetimes: random.maybe(|r| (r.u32(), r.u32())),
        };
        // IPv6 has no IFA_LOCAL unless there is a peer.
        let mut list = vec![AddressAttribute::Address(expected.peer)];
        if v4 || peer.is_some() || random.chance() {
            list.push(AddressAttribute::Local(local));
        }
        let wide = random.chance();
        let flags = if wide { expected.flags } else { expected.flags & 0xff };
        let expected = Address { flags, ..expected };
        list.extend(wide.then_some(AddressAttribute::Flags(AddressFlags::from_bits_retain(flags))));
        if let Some(std::net::IpAddr::V4(broadcast)) = expected.broadcast {
            list.push(AddressAttribute::Broadcast(broadcast));
        }
        if let Some(std::net::IpAddr::V6(anycast)) = expected.anycast {
            list.push(AddressAttribute::Anycast(anycast));
        }
        list.extend(expected.label.clone().map(AddressAttribute::Label));
        list.extend(expected.protocol.map(|p| AddressAttribute::Protocol(AddressProtocol::from(p))));
        list.extend(expected.metric.map(AddressAttribute::RoutePriority));
        list.extend(expected.lifetimes.map(|(preferred, valid)| {
            let mut info = CacheInfo::default();
            (info.ifa_preferred, info.ifa_valid, info.cstamp) = (preferred, valid, random.u32());
            AddressAttribute::CacheInfo(info)
        }));
        let mut message = AddressMessage::default();
        message.header.family = if v4 { AddressFamily::Inet } else { AddressFamily::Inet6 };
        message.header.prefix_len = expected.prefix_len;
        message.header.scope = AddressScope::from(expected.scope);
        message.header.index = expected.index;
        message.header.flags = AddressHeaderFlags::from_bits_retain(flags.to_le_bytes()[0]);
        message.attributes = shuffled(&mut random, list);
        assert_eq!(read(Their::NewAddress(message), Address::parse), expected, "seed {seed}");
    }
}

#[test]
fn routes() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let v4 = random.chance();
        let ip = |random: &mut Random| if v4 { random.v4().into() } else { random.v6().into() };
        let anywhere = if v4 { [0; 4].into() } else { [0; 16].into() };
        let destination: Option<std::net::IpAddr> = random.maybe(ip);
        let (table, wide, mtu) = (random.u32(), random.chance(), random.maybe(Random::u32));
        let seconds = random.maybe(|r| 1 + i32::from(r.u8()));
        let expected = Route {
            family: if v4 { 2 } else { 10 },
            destination: destination.unwrap_or(anywhere),
            prefix_len: random.u8(),
            protocol: random.u8(),
            scope: random.u8(),
            kind: random.u8(),
            flags: random.u32(),
            table: if wide { table } else { table & 0xff },
            gateway: random.maybe(ip),
            link: random.maybe(Random::u32),
            source: random.maybe(ip),
            metric: random.maybe(Random::u32),
            preference: random.maybe(|r| r.pick(&[0, 1, 3])),
            expires: seconds.map(|seconds| seconds * 100),
            metrics: Vec::new(),
            multipath: Vec::new(),
            // Not written below: as if the kernel had not sent them.
            tos: 0,
            from: None,
            via: None,
            next_hop_id: None,
            realms: None,
            error: None,
        };
        let mut list = Vec::new();
        list.extend(destination.map(|ip| RouteAttribute::Destination(ip.into())));
        list.extend(wide.then_some(RouteAttribute::Table(table)));
        list.extend(expected.gateway.map(|ip| RouteAttribute::Gateway(ip.into())));
        list.extend(expected.link.map(RouteAttribute::Oif));
        list.extend(expected.source.map(|ip| RouteAttribute::PrefSource(ip.into())));
        list.extend(expected.metric.map(RouteAttribute::Priority));
        list.extend(expected.preference.map(|p| RouteAttribute::Preference(RoutePreference::from(p))));
        list.extend(mtu.map(|mtu| RouteAttribute::Metrics(vec![RouteMetric::Mtu(mtu)])));
        list.extend(seconds.map(|seconds| {
            let mut info = RouteCacheInfo::parse(&[0; 32]).unwrap();
            info.expires = seconds.unsigned_abs() * 100;
            RouteAttribute::CacheInfo(info)
        }));
        let mut message = RouteMessage::default();
        message.header.address_family = if v4 { AddressFamily::Inet } else { AddressFamily::Inet6 };
        message.header.destination_prefix_length = expected.prefix_len;
        message.header.table = table.to_le_bytes()[0];
        message.header.protocol = RouteProtocol::from(expected.protocol);
        message.header.scope = RouteScope::from(expected.scope);
        message.header.kind = RouteType::from(expected.kind);
        message.header.flags = RouteFlags::from_bits_retain(expected.flags);
        message.attributes = shuffled(&mut random, list);
        let ours = read(Their::NewRoute(message), Route::parse);
        // RTAX_MTU
        assert_eq!(Attrs::new(&ours.metrics).find(2).map(|a| a.u32()), mtu);
        assert_eq!(ours, Route { metrics: ours.metrics.clone(), ..expected }, "seed {seed}");
    }
}

#[test]
fn neighbours_and_namespace_ids() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let v4 = random.chance();
        let expected = Neighbour {
            family: if v4 { 2 } else { 10 },
            index: random.u32(),
            state: random.pick(&[1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80]),
            flags: random.u8(),
            kind: random.u8(),
            address: random.maybe(|r| if v4 { r.v4().into() } else { r.v6().into() }),
            hardware: random.bytes(32),
            protocol: 0,
            more_flags: 0,
        };
        let mut list = vec![NeighbourAttribute::Probes(random.u32())];
        list.extend(expected.address.map(|ip| NeighbourAttribute::Destination(ip.into())));
        list.push(NeighbourAttribute::LinkLayerAddress(expected.hardware.clone()));
        let mut message = NeighbourMessage::default();
        message.header.family = if v4 { AddressFamily::Inet } else { AddressFamily::Inet6 };
        message.header.ifindex = expected.index;
        message.header.state = NeighbourState::from(expected.state);
        message.header.flags = NeighbourFlags::from_bits_retain(expected.flags);
        message.header.kind = RouteType::from(expected.kind);
        message.attributes = shuffled(&mut random, list);
        assert_eq!(read(Their::NewNeighbour(message), Neighbour::parse), expected, "seed {seed}");

        let id = random.u32().cast_signed();
        let mut message = NsidMessage::default();
        message.attributes = shuffled(&mut random, vec![NsidAttribute::Id(id), NsidAttribute::CurrentNsid(9)]);
        assert_eq!(read(Their::NewNsId(message), |m| Some(nsid::parse(m))), (id >= 0).then_some(id));
    }
}
