//! What our parsers make of captured dumps, against what `ip -j` printed of the same bytes.
//!
//! For every object we build the keys of the list for its kind from what was parsed: those and only those must be in ip's object, with
//! the same values. Keys outside of the list are those which pontoon does not parse.
#![cfg(target_endian = "little")] // as the captures are
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeMap;
use std::net::IpAddr;

use pontoon_netlink::Attrs;
use pontoon_netlink::message::{Message, Messages};
use pontoon_netlink::route::address::{self, Address};
use pontoon_netlink::route::bridge;
use pontoon_netlink::route::link::{self, Link};
use pontoon_netlink::route::neighbour::Neighbour;
use pontoon_netlink::route::nsid;
use pontoon_netlink::route::route::Route;
use serde_json::{Map, Value, json};
use support::captured;

type Object = Map<String, Value>;

const LINK: &[&str] = &[
    "ifindex",
    "ifname",
    "flags",
    "mtu",
    "qdisc",
    "operstate",
    "linkmode",
    "group",
    "txqlen",
    "link_type",
    "address",
    "broadcast",
    "promiscuity",
    "ifalias",
    "master",
    "link",
    "link_index",
    "link_netnsid",
];
const ADDRESS: &[&str] = &[
    "family",
    "local",
    "address",
    "prefixlen",
    "broadcast",
    "scope",
    "label",
    "metric",
    "secondary",
    "deprecated",
    "dynamic",
    "tentative",
    "nodad",
    "valid_life_time",
    "preferred_life_time",
];
const ROUTE: &[&str] =
    &["type", "dst", "gateway", "dev", "table", "protocol", "scope", "prefsrc", "metric", "pref", "expires"];
const NEIGHBOUR: &[&str] = &["dst", "dev", "lladdr", "state", "router"];

/// Puts `value` under `key` when there is one.
fn put(object: &mut Object, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value.into());
    }
}

fn same(covered: &[&str], theirs: &Value, ours: &Object) {
    for key in covered {
        assert_eq!(ours.get(*key), theirs.get(key), "{key} of {theirs}");
    }
}

fn all<T>(name: &str, parse: impl Fn(&Message<'_>) -> Option<T>) -> Vec<T> {
    let captured = captured::read(name);
    captured.datagrams.iter().flat_map(|datagram| Messages::new(datagram)).filter_map(|m| parse(&m)).collect()
}

/// Index to name, from the links which the same command asked for.
fn names(name: &str) -> BTreeMap<u32, String> {
    all(name, Link::parse).into_iter().map(|link| (link.index, link.name)).collect()
}

fn mac(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":")
}

fn word(words: &[(u32, &str)], number: u32) -> String {
    words.iter().find(|(n, _)| *n == number).map_or(number.to_string(), |(_, word)| (*word).to_owned())
}

fn scope(number: u8) -> String {
    word(&[(0, "global"), (253, "link"), (254, "host")], number.into())
}

fn flags(flags: u32) -> Vec<&'static str> {
    let no_carrier = flags & link::IFF_UP != 0 && flags & link::IFF_RUNNING == 0;
    let words = [
        (link::IFF_LOOPBACK, "LOOPBACK"),
        (2, "BROADCAST"),
        (0x1000, "MULTICAST"),
        (link::IFF_UP, "UP"),
        (link::IFF_LOWER_UP, "LOWER_UP"),
    ];
    let set = words.into_iter().filter(|(bit, _)| flags & bit != 0).map(|(_, word)| word);
    no_carrier.then_some("NO-CARRIER").into_iter().chain(set).collect()
}

fn link_object(link: &Link, links: &[Box<Link>]) -> Object {
    let find = |index| links.iter().find(|link| link.index == index).unwrap();
    let mut out = Object::new();
    put(&mut out, "ifindex", Some(link.index));
    put(&mut out, "ifname", Some(link.name.clone()));
    // ip's own invention: the link below (of a veth: its peer) is down.
    let below = link.link.filter(|_| link.link_netnsid.is_none()).map(find);
    let below_down = below.filter(|below| !below.is_up()).map(|_| "M-DOWN");
    put(&mut out, "flags", Some(flags(link.flags).into_iter().chain(below_down).collect::<Vec<_>>()));
    put(&mut out, "mtu", Some(link.mtu));
    put(&mut out, "qdisc", link.qdisc.clone());
    let states = [(0, "UNKNOWN"), (2, "DOWN"), (3, "LOWERLAYERDOWN"), (6, "UP")];
    put(&mut out, "operstate", link.operstate.map(|state| word(&states, state.into())));
    put(&mut out, "linkmode", link.link_mode.map(|mode| word(&[(0, "DEFAULT")], mode.into())));
    put(&mut out, "group", link.group.map(|group| word(&[(0, "default")], group)));
    put(&mut out, "txqlen", link.txqlen);
    put(&mut out, "link_type", Some(word(&[(1, "ether"), (772, "loopback")], link.hardware.into())));
    put(&mut out, "address", Some(mac(&link.address)));
    put(&mut out, "broadcast", Some(mac(&link.broadcast)));
    put(&mut out, "promiscuity", link.promiscuity);
    put(&mut out, "ifalias", link.alias.clone());
    put(&mut out, "master", link.master.map(|index| find(index).name.clone()));
    put(&mut out, "link_netnsid", link.link_netnsid);
    put(&mut out, "link", below.map(|below| below.name.clone()));
    put(&mut out, "link_index", link.link.filter(|_| link.link_netnsid.is_some()));
    out
}

#[test]
fn links() {
    for (name, count) in [("replies-links", 7), ("replies-links-inside", 2)] {
        let links = all(name, Link::parse);
        let theirs = captured::json(name);
        assert_eq!(theirs.len(), count, "{name}");
        for object in &theirs {
            let link = links.iter().find(|link| json!(link.index) == object["ifindex"]).unwrap();
            same(LINK, object, &link_object(link, &links));
            let info = &object["linkinfo"];
            assert_eq!(json!(link.kind), info["info_kind"], "{object}");
            assert_eq!(json!(link.port_kind), info["info_slave_kind"], "{object}");
            let port = |kind| Attrs::new(&link.port_data).find(kind).map(|a| a.u8() != 0);
            assert_eq!(json!(port(bridge::IFLA_BRPORT_MODE)), info["info_slave_data"]["hairpin"], "{object}");
            assert_eq!(json!(port(bridge::IFLA_BRPORT_ISOLATED)), info["info_slave_data"]["isolated"], "{object}");
            let data = Attrs::new(&link.data);
            let stp = data.find(bridge::IFLA_BR_STP_STATE).map(|a| a.u32());
            assert_eq!(json!(stp), info["info_data"]["stp_state"], "{object}");
            if let Some(id) = data.find(bridge::IFLA_BR_BRIDGE_ID) {
                // ip does not pad the MAC's digits here.
                let [high, low, mac @ ..] = id.value else { panic!("{id:?}") };
                let mac: Vec<String> = mac.iter().map(|b| format!("{b:x}")).collect();
                assert_eq!(json!(format!("{high:02x}{low:02x}.{}", mac.join(":"))), info["info_data"]["bridge_id"]);
            }
        }
    }
}

fn address_object(address: &Address) -> Object {
    let mut out = Object::new();
    let has = |flag| (address.flags & flag != 0).then_some(true);
    put(&mut out, "family", Some(if address.family == 2 { "inet" } else { "inet6" }));
    put(&mut out, "local", Some(address.local.to_string()));
    put(&mut out, "address", (address.peer != address.local).then(|| address.peer.to_string()));
    put(&mut out, "prefixlen", Some(address.prefix_len));
    put(&mut out, "broadcast", address.broadcast.map(|ip| ip.to_string()));
    put(&mut out, "scope", Some(scope(address.scope)));
    put(&mut out, "label", address.label.clone());
    put(&mut out, "metric", address.metric);
    // The same bit means "temporary" for IPv6; there are no such addresses here.
    put(&mut out, "secondary", has(address::IFA_F_SECONDARY));
    put(&mut out, "deprecated", has(address::IFA_F_DEPRECATED));
    put(&mut out, "dynamic", (address.flags & address::IFA_F_PERMANENT == 0).then_some(true));
    put(&mut out, "tentative", has(address::IFA_F_TENTATIVE));
    put(&mut out, "nodad", has(address::IFA_F_NODAD));
    put(&mut out, "preferred_life_time", address.lifetimes.map(|(preferred, _)| preferred));
    put(&mut out, "valid_life_time", address.lifetimes.map(|(_, valid)| valid));
    out
}

#[test]
fn addresses() {
    let addresses = all("replies-addresses", Address::parse);
    let mut count = 0;
    for link in captured::json("replies-addresses") {
        let ours: Vec<&Address> = addresses.iter().filter(|a| json!(a.index) == link["ifindex"]).collect();
        let theirs = link["addr_info"].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len(), "{link}");
        for object in theirs {
            let address = ours.iter().find(|a| json!(a.local.to_string()) == object["local"]).unwrap();
            same(ADDRESS, object, &address_object(address));
            count += 1;
        }
    }
    assert_eq!(count, addresses.len());
    assert!(count >= 15, "{count}");
}

fn route_object(route: &Route, names: &BTreeMap<u32, String>) -> Object {
    let full = if route.family == 2 { 32 } else { 128 };
    let kinds =
        [(1, "unicast"), (2, "local"), (3, "broadcast"), (5, "multicast"), (6, "blackhole"), (7, "unreachable")];
    let mut out = Object::new();
    put(&mut out, "type", Some(word(&kinds, route.kind.into())));
    let destination = match route.prefix_len {
        0 => "default".to_owned(),
        len if len == full => route.destination.to_string(),
        len => format!("{}/{len}", route.destination),
    };
    put(&mut out, "dst", Some(destination));
    put(&mut out, "gateway", route.gateway.map(|ip| ip.to_string()));
    put(&mut out, "dev", route.link.map(|index| names[&index].clone()));
    put(&mut out, "table", Some(word(&[(254, "main"), (255, "local")], route.table)));
    put(&mut out, "protocol", Some(word(&[(2, "kernel"), (3, "boot"), (4, "static")], route.protocol.into())));
    put(&mut out, "scope", Some(scope(route.scope)));
    put(&mut out, "prefsrc", route.source.map(|ip| ip.to_string()));
    put(&mut out, "metric", route.metric);
    put(&mut out, "pref", route.preference.map(|p| word(&[(0, "medium"), (1, "high"), (3, "low")], p.into())));
    // Whole seconds of USER_HZ ticks.
    put(&mut out, "expires", route.expires.map(|ticks| ticks / 100));
    out
}

#[test]
fn routes() {
    for (name, count) in [("replies-routes-v4", 22), ("replies-routes-v6", 18), ("replies-routes-inside", 7)] {
        let (routes, names) = (all(name, Route::parse), names(name));
        let theirs = captured::json(name);
        assert!(theirs.len() >= count, "{name}: {}", theirs.len());
        assert_eq!(theirs.len(), routes.len(), "{name}");
        // In the kernel's order, as ip prints them.
        for (object, route) in theirs.iter().zip(&routes) {
            same(ROUTE, object, &route_object(route, &names));
            assert_eq!(object.get("metrics").is_some(), !route.metrics.is_empty(), "{object}");
            assert_eq!(object.get("nexthops").is_some(), !route.multipath.is_empty(), "{object}");
            if let Some(mtu) = object["metrics"][0]["mtu"].as_u64() {
                // RTAX_MTU
                assert_eq!(Attrs::new(&route.metrics).find(2).map(|a| a.u32().into()), Some(mtu), "{object}");
            }
        }
    }
}

#[test]
fn neighbours() {
    let name = "replies-neighbours";
    let (neighbours, names) = (all(name, Neighbour::parse), names(name));
    let theirs = captured::json(name);
    assert!(theirs.len() >= 5);
    let states = [(4, "STALE"), (0x20, "FAILED"), (0x40, "NOARP"), (0x80, "PERMANENT")];
    for object in &theirs {
        let found = neighbours.iter().find(|n| {
            n.address.map(|ip: IpAddr| json!(ip.to_string())).as_ref() == object.get("dst")
                && json!(names[&n.index]) == object["dev"]
        });
        let found = found.unwrap_or_else(|| panic!("{object}"));
        let mut ours = Object::new();
        put(&mut ours, "dst", found.address.map(|ip| ip.to_string()));
        put(&mut ours, "dev", Some(names[&found.index].clone()));
        put(&mut ours, "lladdr", (!found.hardware.is_empty()).then(|| mac(&found.hardware)));
        put(&mut ours, "state", Some(vec![word(&states, found.state.into())]));
        // NTF_ROUTER; ip prints a key without a value.
        put(&mut ours, "router", (found.flags & 0x80 != 0).then_some(Value::Null));
        same(NEIGHBOUR, object, &ours);
    }
}

#[test]
fn namespace_ids() {
    let ours: Vec<Value> = all("replies-nsids", nsid::parse).into_iter().map(Value::from).collect();
    let theirs: Vec<Value> = captured::json("replies-nsids").iter().map(|object| object["nsid"].clone()).collect();
    // ip asks for the id of each named namespace first, then for all ids.
    assert!(!theirs.is_empty() && theirs.iter().all(|id| ours.contains(id)), "{ours:?} {theirs:?}");
}
