//! A bridge that was there before us: used when it is named, given back as it was.

use crate::support::{Host, needs};
use serde_json::{Value, json};

const OWN: &str = "-o com.docker.network.bridge.name=own0";

fn host() -> Host {
    needs(&["ip"]);
    let host = Host::new();
    host.sh("ip link add own0 address 02:00:00:00:00:09 type bridge; ip link set own0 up alias mine");
    host.sandbox("c1");
    host
}

fn link(host: &Host) -> Value {
    let show =
        |what: &str| serde_json::from_str::<Value>(&host.sh(&format!("ip -j {what} show own0"))).unwrap()[0].clone();
    let own = show("addr");
    let addresses = own["addr_info"].as_array().unwrap().iter().filter(|a| a["scope"] == "global");
    let addresses: Vec<_> = addresses.map(|a| a["local"].clone()).collect();
    json!({"index": own["ifindex"], "mac": own["address"], "alias": show("link")["ifalias"], "addresses": addresses})
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_bridge_that_was_there_is_used_and_stays() {
    let host = host();
    let (before, traces) = (link(&host), host.traces());
    host.ok(&format!("network create {OWN} --subnet 10.9.0.0/24 --subnet fd00:9::/64 lan"));
    host.ok("network connect lan c1");
    let mut expected = before.clone();
    expected["addresses"] = json!(["10.9.0.1", "fd00:9::1"]);
    assert_eq!(link(&host), expected);
    host.ok("ping -c 1 -W 2 10.9.0.2");
    host.ok("network rm -f lan");
    assert_eq!(link(&host), before);
    assert_eq!(host.traces(), traces);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn its_own_addresses_say_the_subnet_and_stay() {
    let host = host();
    host.sh("ip addr add 10.9.0.7/24 dev own0; ip addr add 192.0.2.1/24 dev own0");
    let (before, traces) = (link(&host), host.traces());
    host.ok(&format!("network create {OWN} lan"));
    let lan: Value = serde_json::from_str(&host.ok("network inspect lan")).unwrap();
    assert_eq!(lan[0]["IPAM"]["Config"], json!([{"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.7"}]));
    host.ok("network connect lan c1");
    assert_eq!(host.default_routes("c1"), ["10.9.0.7 eth0"]);
    assert_eq!(link(&host), before);
    host.ok("network rm -f lan");
    assert_eq!((link(&host), host.traces()), (before, traces));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_fails_leaves_it_as_it_was() {
    let host = host();
    // Too small an MTU for IPv6: only the second address is refused.
    host.sh("ip link set own0 mtu 1000");
    let (before, traces) = (link(&host), host.traces());
    let error = host.fails(2, &format!("network create {OWN} --subnet 10.9.0.0/24 --subnet fd00:9::/64 lan"));
    assert!(error.contains("cannot add address fd00:9::1 to own0"), "{error}");
    assert_eq!((link(&host), host.traces()), (before, traces));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn made_again_by_us_it_is_ours() {
    let host = host();
    host.ok(&format!("network create {OWN} --subnet 10.9.0.0/24 lan"));
    host.sh("ip link del own0");
    host.ok("network connect lan c1");
    host.ok("ping -c 1 -W 2 10.9.0.2");
    host.ok("network rm -f lan");
    assert_eq!(host.devices(""), ["lo"]);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn ensure_makes_it_whole_again_and_no_more() {
    let host = host();
    let create = format!("network create --ensure {OWN} --subnet 10.9.0.0/24 lan");
    host.ok(&create);
    let whole = link(&host);
    host.sh("ip addr flush dev own0; ip link set own0 down");
    host.ok(&create);
    assert_eq!(link(&host), whole);
    host.ok("network rm lan");
    assert_eq!(link(&host)["addresses"], json!([]));
    assert_eq!(link(&host)["alias"], "mine");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_bridge_is_one_networks_and_a_bridge() {
    let host = host();
    host.ok(&format!("network create {OWN} --subnet 10.9.0.0/24 lan"));
    host.sh("ip link add veth0 type veth peer name veth1");
    let traces = host.traces();
    let error = host.fails(2, &format!("network create {OWN} other"));
    assert_eq!(error, "pontoon: network create other: bridge own0 belongs to network lan");
    for (name, kind) in [("veth0", "veth"), ("lo", "a physical one")] {
        let error = host.fails(2, &format!("network create -o com.docker.network.bridge.name={name} other"));
        assert!(
            error.contains(&format!("interface {name} is not a bridge but {kind}. Remove it, or choose")),
            "{error}"
        );
    }
    assert_eq!(host.traces(), traces);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn its_mtu_is_not_lowered_by_sandboxes() {
    let host = host();
    host.sh("ip link add up0 mtu 9000 type veth peer name up1 mtu 9000; ip link set up0 master own0 up; ip link set own0 mtu 9000");
    let mtu = |show: &str| serde_json::from_str::<Value>(&host.sh(show)).unwrap()[0]["mtu"].clone();
    host.ok(&format!("network create {OWN} --subnet 10.9.0.0/24 lan"));
    host.ok("network connect lan c1");
    assert_eq!((mtu("ip -j link show own0"), mtu("ip -j link show veth0a090002")), (json!(9000), json!(9000)));
    assert_eq!(mtu("ip -n c1 -j link show eth0"), json!(1500));
    host.ok("network rm -f lan");
    assert_eq!(mtu("ip -j link show own0"), json!(9000));
}

/// A LAN: the bridge with an uplink, whose other end is a router, and the bridge's own address in its subnets.
fn lan() -> Host {
    let host = host();
    host.sh("ip link del own0; ip link add own0 type bridge; ip link set own0 up
             ip netns add router
             ip link add up0 address 52:54:00:00:00:01 master own0 type veth peer name eth0 netns router
             ip link set up0 up; ip -n router link set eth0 up
             ip -n router addr add 10.9.0.1/24 dev eth0; ip -n router addr add fd00:9::1/64 dev eth0 nodad
             ip addr add 10.9.0.7/24 dev own0; ip addr add fd00:9::7/64 dev own0 nodad
             ip route add default via 10.9.0.1; ip -6 route add default via fd00:9::1
             ip route add 198.51.100.0/24 nexthop via 10.9.0.2 nexthop via 10.9.0.3");
    host
}

const DUAL: &str = "--subnet 10.9.0.0/24 --subnet fd00:9::/64";

#[test]
#[ignore = "needs ip (iproute2)"]
fn its_routers_addresses_are_not_given_out() {
    let host = lan();
    host.ok(&format!("network create {OWN} {DUAL} --gateway 10.9.0.7 --gateway fd00:9::7 lan"));
    host.ok("network connect lan c1");
    // .1 is the default router, .2 and .3 are another's next hops.
    assert_eq!(host.addresses("c1"), ["10.9.0.4", "fd00:9::4/64 eth0"]);
    host.sandbox("c2");
    for (option, route) in [
        ("--ip 10.9.0.1", "address 10.9.0.1 is already in use: it is the router of this host's route to 0.0.0.0/0"),
        (
            "--ip 10.9.0.3",
            "address 10.9.0.3 is already in use: it is the router of this host's route to 198.51.100.0/24",
        ),
        (
            "--ip 10.9.0.9 --ip6 fd00:9::1",
            "address fd00:9::1 is already in use: it is the router of this host's route to ::/0",
        ),
    ] {
        let error = host.fails(2, &format!("network connect {option} lan c2"));
        assert!(error.ends_with(route), "{error}");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn nor_are_they_the_gateway() {
    let host = lan();
    let (before, traces) = (link(&host), host.traces());
    let error = host.fails(2, &format!("network create {OWN} {DUAL} lan"));
    let says = "address 10.9.0.1 is already in use: it is the router of this host's route to 0.0.0.0/0. Choose the bridge's own";
    assert!(error.contains(says), "{error}");
    assert_eq!((link(&host), host.traces()), (before, traces));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn its_mac_stays_whoever_comes_and_goes() {
    let host = lan();
    let before = link(&host);
    assert_eq!(before["mac"], "52:54:00:00:00:01");
    host.ok(&format!("network create {OWN} --subnet 10.9.0.0/24 --gateway 10.9.0.7 lan"));
    for round in 0..8 {
        host.sandbox(&format!("s{round}"));
        host.ok(&format!("network connect lan s{round}"));
        assert_eq!(link(&host), before, "round {round}");
    }
    for round in 0..8 {
        host.ok(&format!("network disconnect lan s{round}"));
        assert_eq!(link(&host), before, "round {round}");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn that_it_looks_for_loops_first_is_said() {
    let host = host();
    host.sh("ip link set own0 type bridge stp_state 1 forward_delay 200");
    host.ok(&format!("network create {OWN} --subnet 10.9.0.0/24 lan"));
    let output = host.pontoon(&["network", "connect", "lan", "c1"]);
    let says = "pontoon: warning: sandbox c1 is not reached by way of bridge own0 yet: its spanning tree protocol looks for loops first, for 4 s\n";
    assert_eq!((output.code, output.err.as_str()), (0, says));
    host.sandbox("c2");
    host.sh("ip link set own0 down");
    let output = host.pontoon(&["network", "connect", "lan", "c2"]);
    let says = "pontoon: warning: sandbox c2 is not reached by way of bridge own0 yet: it is down\n";
    assert_eq!((output.code, output.err.as_str()), (0, says));
}
