//! What is switched on at the host for networks' sake is switched off with the last one, unless it was on before; and what the
//! kernel does beside it is made up for.

use crate::support::{Host, needs};

/// All parameters of both families, but for those of interfaces that come and go.
fn parameters(host: &Host) -> String {
    host.sh("cd /proc/sys/net; grep -rsH . ipv4/ip_forward ipv4/conf ipv6/conf | grep -v -e stable_secret | sort")
}

const NETWORKS: [&str; 2] = [
    "network create --subnet 10.9.0.0/24 --subnet fd00:9::/64 lan",
    "network create --subnet 10.8.0.0/24 -o com.docker.network.bridge.name=own0 own",
];

fn host() -> Host {
    needs(&["ip"]);
    let host = Host::new();
    host.sh("ip link add own0 type bridge; ip link set own0 up; ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up");
    host
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn everything_that_was_off_is_off_again() {
    let host = host();
    let before = parameters(&host);
    for create in NETWORKS {
        host.ok(create);
    }
    let forwarding = "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding";
    assert_eq!(host.sh(forwarding), "1\n1\n");
    host.ok("network rm lan");
    // The other one still needs IPv4.
    assert_eq!(host.sh(forwarding), "1\n0\n");
    host.ok("network rm own");
    assert_eq!(parameters(&host), before);
    host.sh("test ! -e /run/pontoon");
}

/// Networks come and go on a host that `script` has set up, and nothing is otherwise afterwards.
fn is_as_before(script: &str) {
    let host = host();
    host.sh(script);
    let before = parameters(&host);
    for create in NETWORKS {
        host.ok(create);
    }
    host.ok("network rm lan own");
    assert_eq!(parameters(&host), before);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn everything_that_was_on_stays_on() {
    is_as_before(
        "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
         echo 1 > /proc/sys/net/ipv4/conf/own0/route_localnet",
    );
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn an_interface_that_forwarded_by_itself_goes_on() {
    is_as_before("echo 1 > /proc/sys/net/ipv4/conf/up0/forwarding; echo 1 > /proc/sys/net/ipv6/conf/up0/forwarding");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_host_that_becomes_a_router_keeps_those_that_it_heard_of() {
    let host = host();
    // As the kernel would have learned it of an advertisement.
    host.sh("ip -6 route add default via fe80::1 dev up0 proto ra expires 1800");
    host.ok(NETWORKS[0]);
    assert_eq!(host.sh("cat /proc/sys/net/ipv6/conf/up0/accept_ra"), "2\n");
    assert!(host.sh("ip -6 route show default").contains("via fe80::1 dev up0"), "{}", host.sh("ip -6 route"));
    host.ok("network rm lan");
    assert_eq!(host.sh("cat /proc/sys/net/ipv6/conf/up0/accept_ra"), "1\n");
    assert!(host.sh("ip -6 route show default").contains("via fe80::1 dev up0"), "{}", host.sh("ip -6 route"));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_default_of_the_administrators_does_not_keep_a_network_from_forwarding() {
    let host = host();
    host.sh("echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/conf/default/forwarding
             echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter");
    host.ok("network create --subnet 10.9.0.0/24 -o com.docker.network.bridge.name=lan0 lan");
    let of_bridge = host.sh("cd /proc/sys/net/ipv4/conf/lan0; cat forwarding rp_filter");
    assert_eq!(of_bridge, "1\n2\n");
}
