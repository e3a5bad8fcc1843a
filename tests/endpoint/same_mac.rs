//! A MAC is one endpoint's on a network, and not the bridge's.

use crate::support::{Host, needs};

fn host(subnets: &str) -> Host {
    let host = Host::new();
    host.ok(&format!("network create {subnets} -o com.docker.network.bridge.name=lan0 lan"));
    for sandbox in ["a", "b"] {
        host.sandbox(sandbox);
    }
    host
}

fn refused(host: &Host, line: &str, by: &str) {
    let before = host.devices("");
    let error = host.fails(2, line);
    assert!(error.contains(" is not free on this network: "), "{error}");
    assert!(error.contains(&format!(": {by}. Choose another with --mac-address.")), "{error}");
    assert_eq!(host.devices(""), before);
}

#[test]
fn one_that_was_given() {
    let host = host("--subnet 10.9.0.0/24");
    host.ok("network connect --mac-address 02:00:00:00:00:0a lan a");
    refused(&host, "network connect --mac-address 02:00:00:00:00:0a lan b", "a has it");
    host.ok("network disconnect lan a");
    host.ok("network connect --mac-address 02:00:00:00:00:0a lan b");
}

#[test]
fn one_that_goes_with_an_address() {
    for (subnet, mac, other) in [
        ("10.9.0.0/24", "02:42:0a:09:00:02", "02:42:0a:09:00:03"),
        ("fd00:9::/64", "02:42:00:00:00:02", "02:42:00:00:00:03"),
    ] {
        let host = host(&format!("--subnet {subnet}"));
        host.ok("network connect lan a");
        refused(&host, &format!("network connect --mac-address {mac} lan b"), "a has it");
        host.ok("network disconnect lan a");
        // Whoever gets that address later would have it too.
        let kept = if subnet.starts_with("10.") { "10.9.0.2" } else { "fd00:9::2" };
        refused(&host, &format!("network connect --mac-address {mac} lan b"), &format!("it goes with address {kept}"));
        // The next address is .3, and the MAC its own.
        host.ok(&format!("network connect --mac-address {other} lan b"));
    }
}

#[test]
fn one_that_is_a_hash() {
    let host = host("--subnet fd00:9::/64");
    host.ok("network connect --ip6 fd00:9::1:2:3:4 lan a");
    let mac = host.ok("network inspect lan");
    let mac = mac.split("\"MacAddress\": \"").nth(1).unwrap().split('"').next().unwrap();
    refused(&host, &format!("network connect --mac-address {mac} lan b"), "a has it");
}

#[test]
fn the_bridges() {
    let host = host("--subnet 10.9.0.0/24");
    refused(&host, "network connect --mac-address 02:42:0a:09:00:01 lan a", "bridge lan0 has it");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn that_of_a_bridge_that_somebody_else_made() {
    needs(&["ip"]);
    let host = Host::new();
    host.sh("ip link add own0 address 02:42:0a:09:00:02 type bridge; ip link set own0 up");
    host.ok("network create --subnet 10.9.0.0/24 -o com.docker.network.bridge.name=own0 lan");
    host.sandbox("a");
    refused(&host, "network connect --mac-address 02:42:0a:09:00:02 lan a", "bridge own0 has it");
    refused(&host, "network connect --ip 10.9.0.2 lan a", "bridge own0 has it");
    // What goes with the first address is the bridge's: the second one is given.
    host.ok("network connect lan a");
    assert_eq!(host.addresses("a"), ["10.9.0.3"]);
}

#[test]
fn on_another_network_it_is_free() {
    let host = host("--subnet 10.9.0.0/24");
    host.ok("network create --subnet 10.8.0.0/24 other");
    host.ok("network connect --mac-address 02:00:00:00:00:0a lan a");
    host.ok("network connect --mac-address 02:00:00:00:00:0a other b");
}
