//! Which subnets, gateways and addresses a network has, and where it is put when nobody says.

use crate::support::{Host, needs};
use serde_json::{Value, json};

fn config(host: &Host, name: &str) -> Value {
    let text = host.ok(&format!("network inspect {name}"));
    serde_json::from_str::<Value>(&text).unwrap()[0]["IPAM"]["Config"].clone()
}

fn subnet(host: &Host, name: &str) -> String {
    config(host, name)[0]["Subnet"].as_str().unwrap().to_owned()
}

#[test]
fn default_pools_are_taken_in_order_and_end() {
    let host = Host::new();
    for n in 0..31 {
        host.ok(&format!("network create n{n}"));
    }
    for (name, expected) in [
        ("n0", "172.17.0.0/16"),
        ("n1", "172.18.0.0/16"),
        ("n14", "172.31.0.0/16"),
        ("n15", "192.168.0.0/20"),
        ("n30", "192.168.240.0/20"),
    ] {
        assert_eq!(subnet(&host, name), expected);
    }
    let before = host.traces();
    let error = host.fails(2, "network create one-more");
    assert!(
        error.contains("all default address pools overlap") && error.ends_with("Give one with --subnet."),
        "{error}"
    );
    assert_eq!(host.traces(), before);
    // One that was given back is given out again.
    host.ok("network rm n7");
    host.ok("network create again");
    assert_eq!(subnet(&host, "again"), "172.24.0.0/16");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn default_pools_step_over_the_hosts_addresses_and_routes() {
    needs(&["ip"]);
    let host = Host::new();
    // A physical network's address, a VPN's route to far more, a host route, and an address on a device that is down.
    host.sh("ip link add up0 type bridge; ip link set up0 up; ip addr add 172.17.5.1/24 dev up0
             ip route add 172.20.0.0/14 dev up0; ip route add 172.24.1.2/32 dev up0
             ip link add down0 type bridge; ip addr add 172.18.0.1/30 dev down0
             ip route add default via 172.17.5.2; ip route add 172.25.0.0/16 via 172.17.5.2 table 77
             ip addr add 172.26.0.1 peer 172.27.0.1 dev up0");
    let mut given = Vec::new();
    for n in 0..4 {
        host.ok(&format!("network create n{n}"));
        given.push(subnet(&host, &format!("n{n}")));
    }
    // 172.26.0.1 is the host's own, though what it leads to lies in 172.27.0.0/16.
    assert_eq!(given, ["172.19.0.0/16", "172.28.0.0/16", "172.29.0.0/16", "172.30.0.0/16"]);
}

#[test]
fn ipv6_without_a_subnet_is_a_unique_local_one() {
    let host = Host::new();
    host.ok("network create --ipv6 lan");
    let pools = config(&host, "lan");
    assert_eq!(pools[0], json!({"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}));
    let (subnet, gateway) = (pools[1]["Subnet"].as_str().unwrap(), pools[1]["Gateway"].as_str().unwrap());
    assert!(subnet.starts_with("fd") && subnet.ends_with("::/64"), "{subnet}");
    assert_eq!(gateway, subnet.replace("::/64", "::1"));
    host.sandbox("c1");
    host.ok("network connect lan c1");
    let bridge = host.devices("").into_iter().find(|name| name.starts_with("br-")).unwrap();
    assert_eq!(host.addresses(""), ["172.17.0.1".to_owned(), format!("{gateway}/64 {bridge}")]);
    assert_eq!(host.addresses("c1"), ["172.17.0.2".to_owned(), format!("{}/64 eth0", subnet.replace("::/64", "::2"))]);
    assert_eq!(host.default_routes("c1"), ["172.17.0.1 eth0".to_owned(), format!("{gateway} eth0")]);
}

#[test]
fn a_network_may_have_ipv6_alone() {
    let host = Host::new();
    host.ok("network create --subnet fd00:66::/64 six");
    assert_eq!(config(&host, "six"), json!([{"Subnet": "fd00:66::/64"}]));
    for sandbox in ["c1", "c2"] {
        host.sandbox(sandbox);
        host.ok(&format!("network connect six {sandbox}"));
    }
    assert_eq!(host.addresses("c1"), ["fd00:66::2/64 eth0"]);
    assert_eq!(host.addresses("c2"), ["fd00:66::3/64 eth0"]);
    assert_eq!(host.default_routes("c1"), ["fd00:66::1 eth0"]);
    let six: Value = serde_json::from_str(&host.ok("inspect c2")).unwrap();
    let six = &six[0]["NetworkSettings"]["Networks"]["six"];
    assert_eq!((&six["GlobalIPv6Address"], &six["IPAddress"]), (&json!("fd00:66::3"), &json!("")));
    // Reached, and not only configured.
    host.ok("ping -c 1 -W 2 fd00:66::3");
    host.ok("ping -c 1 -W 2 --from c1 fd00:66::3");
    // Its end, in a subnet of four.
    host.ok("network create --subnet fd00:67::/126 tiny");
    for sandbox in ["c1", "c2"] {
        host.ok(&format!("network connect tiny {sandbox}"));
    }
    host.sandbox("c3");
    let error = host.fails(2, "network connect tiny c3");
    assert!(error.contains("no free address is left on network tiny (fd00:67::/126)"), "{error}");
}

#[test]
fn ranges_and_auxiliary_addresses_bound_what_is_given_out() {
    let host = Host::new();
    host.ok("network create --subnet 10.0.0.0/24 --ip-range 10.0.0.64/30 --aux-address router=10.0.0.65 \
             --aux-address 10.0.0.1=10.0.0.1 lan");
    assert_eq!(
        config(&host, "lan"),
        json!([{"Subnet": "10.0.0.0/24", "IPRange": "10.0.0.64/30",
                "AuxiliaryAddresses": {"router": "10.0.0.65", "10.0.0.1": "10.0.0.1"}}])
    );
    assert_eq!(host.addresses(""), ["10.0.0.2"], "the gateway is the first address that is free");
    let mut given = Vec::new();
    for n in 0..3 {
        host.sandbox(&format!("c{n}"));
        host.ok(&format!("network connect lan c{n}"));
        given.extend(host.addresses(&format!("c{n}")));
    }
    assert_eq!(given, ["10.0.0.64", "10.0.0.66", "10.0.0.67"]);
    host.sandbox("c3");
    let error = host.fails(2, "network connect lan c3");
    assert!(error.contains("no free address is left on network lan (10.0.0.64/30)"), "{error}");
    let error = host.fails(2, "network connect --ip 10.0.0.65 lan c3");
    assert!(error.contains("it is an auxiliary address of the network"), "{error}");
    // Outside the range, by hand, is allowed, as with Docker.
    host.ok("network connect --ip 10.0.0.200 lan c3");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_mtu_is_on_the_bridge_and_on_both_ends() {
    needs(&["ip"]);
    let host = Host::new();
    host.ok("network create -o com.docker.network.driver.mtu=1400 -o com.docker.network.bridge.name=lan0 lan");
    host.sandbox("c1");
    host.ok("network connect lan c1");
    let mtu = |namespace: &str, name: &str| {
        let text = host.sh(&format!("ip {namespace} -j link show {name}"));
        serde_json::from_str::<Value>(&text).unwrap()[0]["mtu"].clone()
    };
    assert_eq!(
        (mtu("", "lan0"), mtu("", "vethac110002"), mtu("-n c1", "eth0")),
        (json!(1400), json!(1400), json!(1400))
    );
    host.ok("network create -o com.docker.network.driver.mtu=9000 -o com.docker.network.bridge.name=jumbo0 jumbo");
    host.ok("network connect jumbo c1");
    assert_eq!(
        (mtu("", "jumbo0"), mtu("", "vethac120002"), mtu("-n c1", "eth1")),
        (json!(9000), json!(9000), json!(9000))
    );
    for (mtu, more, least) in [("67", "", 68), ("65536", "", 68), ("x", "", 68), ("1279", "--ipv6", 1280)] {
        let error = host.fails(1, &format!("network create {more} -o com.docker.network.driver.mtu={mtu} bad"));
        assert!(error.ends_with(&format!("it must be a number of bytes from {least} to 65535")), "{error}");
    }
}
