//! Address choice, on networks that exist only here.
#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::BTreeMap;

use crate::ipam::pools;
use crate::model::spec::NetworkSpec;

fn network(subnets: &[&str], change: impl FnOnce(&mut NetworkSpec)) -> Network {
    let mut wanted = NetworkSpec { name: "lan".into(), ..NetworkSpec::default() };
    wanted.subnets = subnets.iter().map(|s| s.parse().unwrap()).collect();
    change(&mut wanted);
    Network {
        name: "lan".into(),
        id: "ab".repeat(32),
        created: String::new(),
        bridge: "br0".parse().unwrap(),
        adopted: false,
        internal: false,
        ipv6: wanted.wants(Family::V6),
        pools: pools::choose(&wanted, &[]).unwrap(),
        labels: BTreeMap::new(),
        options: BTreeMap::new(),
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn all(network: &Network, hint: Option<&str>) -> Vec<String> {
    candidates(network, PerFamily::default(), hint.map(ip)).unwrap().map(|a| a.lease.to_string()).collect()
}

#[test]
fn every_free_address_is_tried_once_from_the_hint_on() {
    let lan = network(&["10.0.0.0/29"], |_| {});
    assert_eq!(all(&lan, None), ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"]);
    assert_eq!(all(&lan, Some("10.0.0.3")), ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2", "10.0.0.3"]);
    assert_eq!(all(&lan, Some("10.0.0.6")), all(&lan, None));
    assert_eq!(all(&lan, Some("192.168.0.1")), all(&lan, None));
    assert_eq!(all(&network(&["10.0.0.0/30"], |_| {}), None), ["10.0.0.2"]);
}

#[test]
fn ranges_and_auxiliary_addresses_are_heeded() {
    let lan = network(&["10.0.0.0/24"], |wanted| {
        wanted.ip_ranges = vec!["10.0.0.252/30".parse().unwrap()];
        wanted.aux = BTreeMap::from([("printer".into(), ip("10.0.0.253"))]);
    });
    assert_eq!(all(&lan, None), ["10.0.0.252", "10.0.0.254"]);
}

#[test]
fn both_families_have_the_same_host_number() {
    let lan = network(&["10.0.0.0/24", "fd00::/64"], |_| {});
    let first = candidates(&lan, PerFamily::default(), None).unwrap().next().unwrap();
    assert_eq!(first, Addresses { lease: ip("10.0.0.2"), ipv6: Some(ip("fd00::2")) });
    assert_eq!(first.claimed(&lan), None);
    let asked = candidates(&lan, PerFamily { v4: Some(ip("10.0.0.200")), v6: None }, None).unwrap().collect::<Vec<_>>();
    assert_eq!(asked, [Addresses { lease: ip("10.0.0.200"), ipv6: Some(ip("fd00::c8")) }]);
    let asked = candidates(&lan, PerFamily { v4: None, v6: Some(ip("fd00::c8")) }, None).unwrap().collect::<Vec<_>>();
    assert_eq!(asked, [Addresses { lease: ip("10.0.0.200"), ipv6: Some(ip("fd00::c8")) }]);
    let odd = candidates(&lan, PerFamily { v4: Some(ip("10.0.0.9")), v6: Some(ip("fd00::1:0:0")) }, None)
        .unwrap()
        .next()
        .unwrap();
    assert_eq!(odd.claimed(&lan), Some(ip("fd00::1:0:0")));
}

#[test]
fn an_ipv6_only_network_leases_ipv6() {
    let six = network(&["fd00::/126"], |_| {});
    assert_eq!(all(&six, None), ["fd00::2", "fd00::3"]);
    let huge = network(&["fd00::/64"], |_| {});
    assert_eq!(candidates(&huge, PerFamily::default(), None).unwrap().take(3).count(), 3);
}

#[test]
fn addresses_that_cannot_be_had_say_why() {
    let lan = network(&["10.0.0.0/24"], |wanted| wanted.aux = BTreeMap::from([("printer".into(), ip("10.0.0.9"))]));
    let why = |ipv4: Option<&str>, ipv6: Option<&str>| match candidates(
        &lan,
        PerFamily { v4: ipv4.map(ip), v6: ipv6.map(ip) },
        None,
    ) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert_eq!(why(Some("10.1.0.1"), None), "address 10.1.0.1 is not in subnet 10.0.0.0/24");
    assert_eq!(why(Some("10.0.0.0"), None), "address 10.0.0.0 is the network address of 10.0.0.0/24");
    assert_eq!(why(Some("10.0.0.255"), None), "address 10.0.0.255 is the broadcast address of 10.0.0.0/24");
    assert_eq!(why(Some("10.0.0.1"), None), "address 10.0.0.1 is already in use: it is the gateway of the network");
    assert_eq!(
        why(Some("10.0.0.9"), None),
        "address 10.0.0.9 is already in use: it is an auxiliary address of the network"
    );
    assert_eq!(why(None, Some("fd00::2")), "address fd00::2 needs an IPv6 subnet, which network lan has not");
}
