//! Networks of IPv6 alone: any two of their addresses can be had at once.

use serde_json::Value;

use crate::reaches;
use crate::support::{Host, needs};

/// Addresses that agree in their low 32 bits, some also in the low 64.
const ALIKE: [&str; 5] =
    ["fd00:1:2:3::5", "fd00:1:2:4::5", "fd00:1:2:3:1::5", "fd00:1:2:3:0:1:0:5", "fd00:1:2:3:ffff:ffff:0:5"];

fn link(host: &Host, arguments: &str) -> Value {
    serde_json::from_str::<Value>(&host.sh(&format!("ip -j {arguments}"))).unwrap()
}

/// The ports of bridge `lan0`: name and the addresses in the alias, sorted.
fn ports(host: &Host) -> Vec<(String, String)> {
    let links = link(host, "link show master lan0");
    let text = |link: &Value, key: &str| link[key].as_str().unwrap_or_default().to_owned();
    let alias = |link: &Value| text(link, "ifalias").split(' ').next_back().unwrap_or_default().to_owned();
    let mut ports: Vec<_> = links.as_array().unwrap().iter().map(|link| (text(link, "ifname"), alias(link))).collect();
    ports.sort();
    ports
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn addresses_that_agree_in_their_low_bits_are_had_at_once_and_each_is_reached() {
    needs(&["ip"]);
    let host = Host::new();
    host.loopback_up();
    host.ok("network create -o com.docker.network.bridge.name=lan0 --subnet fd00:1:2::/48 lan");
    for (n, address) in ALIKE.iter().enumerate() {
        host.sandbox(&format!("c{n}"));
        host.ok(&format!("network connect --ip6 {address} lan c{n}"));
    }
    assert_eq!(ports(&host).len(), ALIKE.len());
    for (n, address) in ALIKE.iter().enumerate() {
        let inside = link(&host, &format!("-n c{n} addr show eth0"));
        let own = inside[0]["addr_info"].as_array().unwrap().iter().any(|a| a["local"] == *address);
        assert!(own, "{inside}");
        reaches(&host, address);
        for other in ALIKE.iter().filter(|other| *other != address) {
            reaches(&host, &format!("--from c{n} {other}"));
        }
    }
    // No two have one MAC: that would only work for a while.
    let macs = link(&host, "-6 neigh show dev lan0");
    let mut macs: Vec<_> = macs.as_array().unwrap().iter().filter_map(|one| one["lladdr"].as_str()).collect();
    macs.sort_unstable();
    macs.dedup();
    assert_eq!(macs.len(), ALIKE.len());
    host.ok("check");
    // Each is still its own when nothing but the kernel tells, and is given back alone.
    host.sh("rm /run/pontoon/endpoints/*");
    for (n, address) in ALIKE.iter().enumerate() {
        let error = host.fails(2, &format!("network connect lan c{n}"));
        assert!(error.contains("is already connected"), "{error}");
        let shown: Value = serde_json::from_str(&host.ok(&format!("inspect c{n}"))).unwrap();
        assert_eq!(shown[0]["NetworkSettings"]["Networks"]["lan"]["GlobalIPv6Address"], **address);
        assert!(host.ok(&format!("trace c{n}")).contains(address));
    }
    assert_eq!(host.ok("gc"), "");
    host.ok("network disconnect lan c1");
    assert_eq!(ports(&host).len(), ALIKE.len() - 1);
    let still: Vec<_> = ports(&host).into_iter().map(|(_, alias)| alias).collect();
    assert!(!still.contains(&format!("{}/48", ALIKE[1])), "{still:?}");
    host.sandbox("new");
    let error = host.fails(2, &format!("network connect --ip6 {} lan new", ALIKE[0]));
    assert!(error.contains(&format!("address {} is already in use by lan/c0", ALIKE[0])), "{error}");
    host.ok(&format!("network connect --ip6 {} lan new", ALIKE[1]));
    reaches(&host, ALIKE[1]);
    host.ok("network rm -f lan");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_is_chosen_by_itself_stays_clear_of_what_was_chosen_by_hand() {
    needs(&["ip"]);
    let host = Host::new();
    host.loopback_up();
    host.ok("network create -o com.docker.network.bridge.name=lan0 --subnet fd00:1::/64 lan");
    for (n, address) in ["fd00:1::7:0:0:2", "fd00:1::8:0:0:2", "fd00:1::7:0:0:3", "fd00:1::4"].iter().enumerate() {
        host.sandbox(&format!("hand{n}"));
        host.ok(&format!("network connect --ip6 {address} lan hand{n}"));
    }
    let mut given = Vec::new();
    for n in 0..4 {
        host.sandbox(&format!("c{n}"));
        host.ok(&format!("network connect lan c{n}"));
        given.extend(host.addresses(&format!("c{n}")));
    }
    // None is stepped over but the one that is taken.
    assert_eq!(given, ["fd00:1::2/64 eth0", "fd00:1::3/64 eth0", "fd00:1::5/64 eth0", "fd00:1::6/64 eth0"]);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_half_made_endpoint_is_known_by_its_name_alone() {
    needs(&["ip"]);
    let host = Host::new();
    host.ok("network create -o com.docker.network.bridge.name=lan0 --subnet fd00:1:0:0:ff00::/72 lan");
    host.sandbox("c1");
    host.ok("network connect --ip6 fd00:1::ff12:3456:789a:bcde lan c1");
    let (name, alias) = ports(&host).remove(0);
    assert_eq!(alias, "fd00:1::ff12:3456:789a:bcde/72");
    host.ok("network disconnect lan c1");
    assert_eq!(ports(&host), []);
    // As a maker leaves it that was killed after its first step.
    host.sh(&format!("ip link add {name} master lan0 type veth peer name eth0 netns c1"));
    assert_eq!(host.ok("gc --dry-run"), format!("half-made endpoint {name} of network lan\n"));
    // What only looks like it is left alone.
    host.sh("ip link add vethac110002 master lan0 type veth peer name x1 netns c1
             ip link add veth0000000000 master lan0 type veth peer name x2 netns c1");
    assert_eq!(host.ok("gc"), format!("half-made endpoint {name} of network lan\n"));
    assert_eq!(ports(&host).len(), 2);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_device_name_of_another_familys_lease_is_never_in_the_way() {
    needs(&["ip"]);
    let host = Host::new();
    host.ok("network create --subnet 10.1.0.0/24 four");
    host.ok("network create -o com.docker.network.bridge.name=lan0 --subnet fd00:1::/64 lan");
    host.sandbox("c1");
    host.ok("network connect lan c1");
    host.ok("network connect four c1");
    let (name, _) = ports(&host).remove(0);
    // IPv4's are eight hexadecimal digits, IPv6's as long as a name can be.
    assert_eq!((name.len(), &name[..4]), (15, "veth"));
    host.sh("ip link show veth0a010002");
}
