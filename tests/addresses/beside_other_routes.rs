//! Subnets beside the routes of others: a VPN's, a company's, an address of the host's own.

use serde_json::Value;

use crate::reaches;
use crate::support::{Host, needs};

/// A host with an uplink to a router, and a tunnel.
fn host() -> Host {
    let host = Host::new();
    host.loopback_up();
    host.sh("ip link add up0 type bridge; ip link set up0 up; ip addr add 198.51.100.2/24 dev up0
             ip addr add 2001:db8:100::2/64 nodad dev up0
             ip link add tun0 type bridge; ip link set tun0 up; ip addr add 203.0.113.9/32 dev tun0
             ip route add default via 198.51.100.1; ip route add default via 2001:db8:100::1");
    host
}

/// The global addresses of a device, as `ip` prints them.
fn addresses(host: &Host, device: &str) -> Vec<String> {
    let text = host.sh(&format!("ip -j addr show {device}"));
    let list = serde_json::from_str::<Value>(&text).unwrap()[0]["addr_info"].clone();
    let global = list.as_array().unwrap().iter().filter(|address| address["scope"] == "global");
    global.map(|a| format!("{}/{}", a["local"].as_str().unwrap(), a["prefixlen"])).collect()
}

/// By which device the host sends to `to`.
fn way(host: &Host, to: &str) -> String {
    let text = host.sh(&format!("ip -j route get {to}"));
    serde_json::from_str::<Value>(&text).unwrap()[0]["dev"].as_str().unwrap().to_owned()
}

/// Makes a network with these subnets, connects a sandbox and sends from host to sandbox and back.
fn works(host: &Host, subnets: &[&str]) {
    let options: Vec<_> = subnets.iter().flat_map(|subnet| ["--subnet", subnet]).collect();
    host.ok(&format!("network create -o com.docker.network.bridge.name=lan0 {} lan", options.join(" ")));
    host.sandbox("c1");
    host.ok("network connect lan c1");
    let gateways = addresses(host, "lan0");
    assert_eq!(gateways.len(), subnets.len(), "{gateways:?}");
    for address in host.addresses("c1") {
        let address = address.split('/').next().unwrap();
        assert_eq!(way(host, address), "lan0");
        reaches(host, address);
    }
    for gateway in gateways {
        reaches(host, &format!("--from c1 {}", gateway.split('/').next().unwrap()));
    }
    host.ok("network rm -f lan");
    host.remove_sandbox("c1");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_route_wider_than_the_wanted_subnet_stays_and_so_does_the_network() {
    needs(&["ip"]);
    for routes in [
        "0.0.0.0/1 dev tun0; 128.0.0.0/1 dev tun0; ::/1 dev tun0; 8000::/1 dev tun0",
        "10.0.0.0/8 via 198.51.100.1; fc00::/7 via 2001:db8:100::1",
        "10.0.0.0/8 via 198.51.100.1 table 77; fc00::/7 dev tun0 table 77",
        "10.1.0.0/16 dev tun0 proto static; fd00::/8 dev tun0",
        // What an administrator lets nowhere.
        "unreachable 10.0.0.0/8; unreachable fc00::/7",
        "blackhole 10.0.0.0/8; prohibit fd00::/8",
        // Two next hops.
        "10.0.0.0/8 nexthop via 198.51.100.1 nexthop dev tun0; fc00::/7 nexthop via 2001:db8:100::1 nexthop via 2001:db8:100::3",
    ] {
        let host = host();
        for route in routes.split("; ") {
            host.sh(&format!("ip route add {route}"));
        }
        let before = host.sh("ip route show table all; ip -6 route show table all");
        works(&host, &["10.1.2.0/24", "fd00:1:2::/64"]);
        let after = host.sh("ip route show table all; ip -6 route show table all");
        assert_eq!(before.lines().collect::<Vec<_>>(), after.lines().collect::<Vec<_>>());
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn an_address_of_the_host_in_a_wider_subnet_refuses_only_its_own_part() {
    needs(&["ip"]);
    let host = host();
    // A flat LAN with a prefix far too short, and a tunnel whose far end lies elsewhere.
    host.sh("ip addr add 10.9.9.9/8 dev up0; ip addr add fd00:9::9/16 nodad dev up0
             ip addr add 172.26.0.1 peer 172.27.0.1 dev tun0");
    works(&host, &["10.1.2.0/24", "fd00:1:2::/64"]);
    for (subnet, with) in [
        ("10.9.9.0/24", "address 10.9.9.9/8 of this host"),
        ("10.8.0.0/14", "address 10.9.9.9/8 of this host"),
        ("10.0.0.0/8", "address 10.9.9.9/8 of this host"),
        ("fd00:9::/64", "address fd00:9::9/16 of this host"),
        ("172.26.0.0/16", "address 172.26.0.1/32 of this host"),
        ("172.27.0.0/16", "address 172.26.0.1/32 of this host"),
    ] {
        let error = host.fails(2, &format!("network create --subnet {subnet} no"));
        assert!(error.contains(&format!("subnet {subnet} overlaps {with}")), "{error}");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn an_equal_or_a_narrower_route_refuses_a_subnet() {
    needs(&["ip"]);
    for (route, subnet) in [
        ("10.1.2.0/24 via 198.51.100.1", "10.1.2.0/24"),
        ("10.1.2.128/25 dev tun0", "10.1.2.0/24"),
        ("10.1.2.3/32 dev tun0", "10.1.2.0/24"),
        ("10.1.2.3/32 dev tun0 table 77", "10.1.2.0/24"),
        ("fd00:1:2::/64 via 2001:db8:100::1", "fd00:1:2::/64"),
        ("fd00:1:2::7/128 dev tun0", "fd00:1:2::/64"),
        // They win over the bridge's own route, or take a part of it away.
        ("unreachable 10.1.2.0/24", "10.1.2.0/24"),
        ("blackhole 10.1.2.0/26", "10.1.2.0/24"),
        ("prohibit 10.1.2.8/32", "10.1.2.0/24"),
        ("throw 10.1.2.0/24", "10.1.2.0/24"),
        ("unreachable fd00:1:2::/64", "fd00:1:2::/64"),
        // Every address of it is the host's own.
        ("local 10.1.2.0/25 dev lo", "10.1.2.0/24"),
        ("local fd00:1:2::/80 dev lo", "fd00:1:2::/64"),
    ] {
        let host = host();
        host.sh(&format!("ip route add {route}"));
        let before = host.traces();
        let error = host.fails(2, &format!("network create --subnet {subnet} no"));
        let destination = route.split(' ').find(|word| word.contains(['.', ':']) && word.contains('/')).unwrap();
        assert!(error.contains(&format!("overlaps the route to {destination} of this host")), "{route}: {error}");
        assert_eq!(host.traces(), before);
        assert_eq!(host.fails(2, &format!("network create --dry-run --subnet {subnet} no")), error);
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_router_of_the_host_is_never_taken_away() {
    needs(&["ip"]);
    let host = host();
    // As some clouds have it: a router that lies in no subnet of the host.
    host.sh("ip route replace default via 172.17.1.1 dev up0 onlink
             ip route add 203.0.113.128/25 nexthop via 172.18.1.1 dev up0 onlink nexthop via 172.19.1.1 dev up0 onlink
             ip -6 route add 2001:db8:200::/48 via fd00:1::1 dev up0 onlink");
    for (subnet, with) in [
        ("172.17.1.0/24", "the router 172.17.1.1 of this host's route to 0.0.0.0/0"),
        ("172.18.0.0/16", "the router 172.18.1.1 of this host's route to 203.0.113.128/25"),
        ("fd00:1::/64", "the router fd00:1::1 of this host's route to 2001:db8:200::/48"),
    ] {
        let error = host.fails(2, &format!("network create --subnet {subnet} no"));
        assert!(error.contains(&format!("subnet {subnet} overlaps {with}")), "{error}");
    }
    host.ok("network create -o com.docker.network.bridge.name=lan0 lan");
    assert_eq!(addresses(&host, "lan0"), ["172.20.0.1/16"]);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_network_of_ours_is_never_overlapped_by_a_wider_or_narrower_one() {
    needs(&["ip"]);
    let host = host();
    host.ok("network create --subnet 10.1.0.0/16 --subnet fd00:1::/48 lan");
    for subnet in ["10.1.0.0/16", "10.1.2.0/24", "10.0.0.0/8", "fd00:1:0:1::/64", "fd00::/16"] {
        let error = host.fails(2, &format!("network create --subnet {subnet} no"));
        assert!(error.contains(&format!("subnet {subnet} overlaps network lan (")), "{error}");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_choice_avoids_every_route_as_long_as_it_can_and_then_the_wide_ones_last() {
    needs(&["ip"]);
    let chosen = |host: &Host, name: &str| {
        host.ok(&format!("network create -o com.docker.network.bridge.name={name} {name}"));
        addresses(host, name)
    };
    // As long as a pool without any is left.
    let company = host();
    company.sh("ip route add 172.16.0.0/12 via 198.51.100.1; ip route add 192.168.0.0/17 dev tun0");
    assert_eq!(chosen(&company, "one"), ["192.168.128.1/20"]);
    // Everything goes through a tunnel.
    let tunnel = host();
    tunnel.sh("ip route add 0.0.0.0/1 dev tun0; ip route add 128.0.0.0/1 dev tun0; ip route add 172.17.3.0/24 dev tun0
               ip addr add 172.18.255.1/12 dev up0");
    // 172.16.0.0/12 is the LAN: of what only the tunnel has, the first.
    assert_eq!(chosen(&tunnel, "one"), ["192.168.0.1/20"]);
    assert_eq!(chosen(&tunnel, "two"), ["192.168.16.1/20"]);
    tunnel.sh("ip route add 192.168.0.0/16 via 198.51.100.1");
    // And then the LAN, but neither the address nor the narrower route in it.
    assert_eq!(chosen(&tunnel, "three"), ["172.19.0.1/16"]);
    // Equal routes are never taken.
    let full = host();
    full.sh("for n in $(seq 17 31); do ip route add 172.$n.0.0/16 dev tun0; done; ip route add 192.168.0.0/16 dev tun0
             for n in $(seq 0 16 240); do ip route add 192.168.$n.7/32 dev tun0; done");
    let error = full.fails(2, "network create no");
    assert!(
        error.contains("all default address pools overlap") && error.ends_with("Give one with --subnet."),
        "{error}"
    );
    full.sh("ip route del 192.168.64.7/32");
    assert_eq!(chosen(&full, "one"), ["192.168.64.1/20"]);
    // A route to all unique local addresses is no reason to have none.
    let six = host();
    six.sh("ip route add fc00::/7 via 2001:db8:100::1");
    six.ok("network create --ipv6 -o com.docker.network.bridge.name=six0 six");
    assert!(addresses(&six, "six0").iter().any(|address| address.starts_with("fd") && address.ends_with("::1/64")));
}
