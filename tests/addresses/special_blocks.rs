//! Address blocks that no network can have, and those that only look so.

use crate::reaches;
use crate::support::{Host, needs};

#[test]
fn subnets_that_cannot_work_are_refused_with_the_reason() {
    let host = Host::new();
    let before = host.traces();
    for (subnet, block) in [
        ("0.0.0.0/0", "0.0.0.0/8"),
        ("0.0.0.0/1", "0.0.0.0/8"),
        ("0.0.0.0/8", "0.0.0.0/8"),
        ("0.5.0.0/16", "0.0.0.0/8"),
        ("126.0.0.0/7", "127.0.0.0/8"),
        ("127.0.0.0/8", "127.0.0.0/8"),
        ("127.5.0.0/16", "127.0.0.0/8"),
        ("192.0.0.0/2", "224.0.0.0/4"),
        ("224.0.0.0/4", "224.0.0.0/4"),
        ("224.0.0.0/20", "224.0.0.0/4"),
        ("239.1.0.0/16", "224.0.0.0/4"),
        ("255.255.255.254/31", "255.255.255.255/32"),
        ("::/0", "::/127"),
        ("::/64", "::/127"),
        ("::/127", "::/127"),
        ("::ffff:0:0/96", "::ffff:0.0.0.0/96"),
        ("::ffff:10.0.0.0/104", "::ffff:0.0.0.0/96"),
        ("::/80", "::/127"),
        ("fe80::/64", "fe80::/10"),
        ("fe80::/10", "fe80::/10"),
        ("fe90:1::/64", "fe80::/10"),
        ("fe00::/8", "fe80::/10"),
        ("ff00::/8", "ff00::/8"),
        ("ff05::/64", "ff00::/8"),
    ] {
        for more in ["", "--dry-run", "--ipv6", "--internal"] {
            let error = host.fails(1, &format!("network create {more} --subnet {subnet} no"));
            let reason = format!("is not valid: it must be outside {block}, which is ");
            assert!(error.contains("--subnet: '") && error.contains(&reason), "{subnet}: {error}");
        }
    }
    assert_eq!(host.traces(), before);
}

#[test]
fn reserved_documentation_and_link_local_blocks_work_and_are_had() {
    let host = Host::new();
    host.loopback_up();
    host.sandbox("c1");
    for subnet in [
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "250.1.0.0/16",
        "255.255.255.0/24",
        "::5:0:0/96",
        "64:ff9b::/96",
        "100::/64",
        "2001:db8::/32",
        "2002::/16",
        "fc00::/7",
        "8000::/16",
    ] {
        host.ok(&format!("network create --subnet {subnet} lan"));
        host.ok("network connect lan c1");
        let address = host.addresses("c1").remove(0);
        reaches(&host, address.split('/').next().unwrap());
        host.ok("network rm -f lan");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_bridge_that_was_there_gives_no_such_subnet_either() {
    needs(&["ip"]);
    let host = Host::new();
    host.sh("ip link add lan0 type bridge; ip addr add 127.5.0.1/16 dev lan0");
    let before = host.traces();
    let error = host.fails(1, "network create -o com.docker.network.bridge.name=lan0 lan");
    assert!(
        error.contains("'127.5.0.0/16' is not valid: it must be outside 127.0.0.0/8, which is loopback"),
        "{error}"
    );
    assert_eq!(host.traces(), before);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_port_is_not_published_on_an_address_that_is_no_hosts() {
    needs(&["ip"]);
    let host = Host::new();
    host.loopback_up();
    host.sh("ip link add up0 type bridge; ip link set up0 up; ip addr add 192.0.2.1/24 broadcast + dev up0");
    host.sandbox("c1");
    host.ok("network create --subnet 10.1.0.0/24 --subnet fd00:1::/64 lan");
    let before = host.traces();
    // The kernel lets a process bind each of these.
    for address in
        ["224.0.0.1", "239.255.255.250", "255.255.255.255", "192.0.2.255", "192.0.2.0", "10.1.0.255", "[ff0e::1]"]
    {
        for protocol in ["tcp", "udp"] {
            let error = host.fails(2, &format!("network connect -p {address}:8080:80/{protocol} lan c1"));
            let bare = address.trim_matches(['[', ']']);
            assert!(error.contains(&format!("{bare} is no address of this host")), "{error}");
        }
    }
    assert_eq!(host.traces(), before);
    // All of 127.0.0.0/8 is, and what a route says is local.
    host.sh("ip route add local 198.51.100.0/24 dev lo");
    host.ok(
        "network connect -p 192.0.2.1:8080:80 -p 127.0.0.9:8080:80 -p 198.51.100.7:8080:80 -p 10.1.0.1:8080:80 lan c1",
    );
}
