//! What our parsers make of captured dumps, against what `nft -j` and `conntrack -L` printed of the same bytes.
#![cfg(target_endian = "little")] // as the captures are
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeMap;

use pontoon_netlink::message::{Message, Messages};
use pontoon_netlink::netfilter::chain::Chain;
use pontoon_netlink::netfilter::conntrack::{Connection, Tuple};
use pontoon_netlink::netfilter::element::Elements;
use pontoon_netlink::netfilter::set::{NFT_SET_INTERVAL, NFT_SET_MAP, Set};
use pontoon_netlink::netfilter::table::Table;
use pontoon_netlink::netfilter::{generation, set};
use serde_json::{Value, json};
use support::captured;

fn all<T>(name: &str, mut parse: impl FnMut(&Message<'_>) -> Option<T>) -> Vec<T> {
    let captured = captured::read(name);
    captured.datagrams.iter().flat_map(|datagram| Messages::new(datagram)).filter_map(|m| parse(&m)).collect()
}

/// The objects of one kind that `nft -j list ruleset` printed.
fn printed(kind: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/replies-nft.json");
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    json["nftables"].as_array().unwrap().iter().filter_map(|object| object.get(kind).cloned()).collect()
}

fn family(number: u8) -> &'static str {
    match number {
        1 => "inet",
        2 => "ip",
        10 => "ip6",
        other => panic!("family {other}"),
    }
}

#[test]
fn tables_and_chains() {
    let tables: Vec<Value> =
        all("replies-nft", Table::parse).iter().map(|t| json!([family(t.family), t.name])).collect();
    let theirs: Vec<Value> = printed("table").iter().map(|t| json!([t["family"], t["name"]])).collect();
    assert_eq!(tables, theirs);

    let hooks = ["prerouting", "input", "forward", "output", "postrouting"];
    let ours: Vec<Value> = all("replies-nft", Chain::parse)
        .iter()
        .map(|chain| {
            let hook = chain.hook.map(|(hook, _)| hooks[usize::try_from(hook).unwrap()]);
            let policy = chain.policy.map(|policy| ["drop", "accept"][usize::try_from(policy).unwrap()]);
            let priority = chain.hook.map(|(_, priority)| priority);
            json!([family(chain.family), chain.table, chain.name, chain.kind, hook, priority, policy])
        })
        .collect();
    let theirs: Vec<Value> = printed("chain")
        .iter()
        .map(|c| json!([c["family"], c["table"], c["name"], c["type"], c["hook"], c["prio"], c["policy"]]))
        .collect();
    // nft asks for all chains, and lists them by table.
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 12);
}

#[test]
fn sets_and_elements() {
    let types = [
        ("ifname", set::IFNAME),
        ("ipv4_addr", set::IPV4_ADDR),
        ("ipv6_addr", set::IPV6_ADDR),
        ("inet_proto", set::INET_PROTO),
        ("inet_service", set::INET_SERVICE),
    ];
    let sets = all("replies-nft", Set::parse);
    let theirs = [printed("set"), printed("map")].concat();
    assert_eq!((sets.len(), theirs.len()), (14, 14));
    let mut elements: BTreeMap<(u8, String), usize> = BTreeMap::new();
    all("replies-nft", |m| {
        let list = Elements::parse(m)?;
        assert_eq!(list.table, "pontoon");
        let key = (list.family, list.set.clone());
        *elements.entry(key).or_default() += list.filter(|element| !element.interval_end).count();
        Some(())
    });
    for object in &theirs {
        let found = sets.iter().find(|s| object["name"] == s.name && object["family"] == family(s.family)).unwrap();
        let numbers = |value: &Value| {
            let names: Vec<&str> = match value {
                Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
                // nft 1.0.6 prints what a map gives as text.
                names => names.as_str().unwrap().split(" . ").collect(),
            };
            let concatenated = names.len() > 1;
            names.iter().fold((0, 0), |(number, len), name| {
                let (_, part) = types.iter().find(|(known, _)| known == name).unwrap();
                let words = if concatenated { u32::from(part.len).next_multiple_of(4) } else { part.len.into() };
                (number << 6 | u32::from(part.number), len + words)
            })
        };
        assert_eq!(found.key, numbers(&object["type"]), "{object}");
        assert_eq!(found.data, object.get("map").map(numbers), "{object}");
        assert_eq!(found.flags & NFT_SET_MAP != 0, object.get("map").is_some(), "{object}");
        assert_eq!(found.flags & NFT_SET_INTERVAL != 0, object.get("flags") == Some(&json!(["interval"])), "{object}");
        let count = elements.get(&(found.family, found.name.clone())).copied().unwrap_or_default();
        assert_eq!(count, object["elem"].as_array().map_or(0, Vec::len), "{object}");
    }
    assert_eq!(elements.values().sum::<usize>(), 7);
    assert!(!all("replies-nft", generation::parse).is_empty());
}

/// `src=… dst=… [sport=… dport=…]`.
fn words(tuple: &Tuple) -> String {
    let ports = tuple.ports.map_or(String::new(), |(from, to)| format!(" sport={from} dport={to}"));
    format!("src={} dst={}{ports}", tuple.source, tuple.destination)
}

#[test]
fn connections() {
    for (name, count) in [("replies-connections-ipv4", 3), ("replies-connections-ipv6", 1)] {
        let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let connections = all(name, Connection::parse);
        assert_eq!((connections.len(), text.lines().count()), (count, count));
        for (connection, line) in connections.iter().zip(text.lines()) {
            let said: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(said[3], connection.original.protocol.to_string(), "{line}");
            for tuple in [connection.original, connection.reply] {
                assert!(line.contains(&words(&tuple)), "{tuple:?}: {line}");
            }
            assert!(said.contains(&format!("mark={}", connection.mark).as_str()), "{line}");
            assert!(said.contains(&format!("id={}", connection.id.unwrap()).as_str()), "{line}");
            // IPS_SEEN_REPLY, IPS_ASSURED
            assert_eq!(connection.status & 2 == 0, said.contains(&"[UNREPLIED]"), "{line}");
            assert_eq!(connection.status & 4 != 0, said.contains(&"[ASSURED]"), "{line}");
        }
    }
}
