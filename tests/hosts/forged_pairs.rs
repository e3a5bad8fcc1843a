//! A sandbox chooses indexes, names and addresses of what is inside it: none of them makes somebody else's endpoint its own.

use crate::support::{Host, needs};

/// A sandbox `a` whose `eth0` has the indexes of the pair of `victim`, the other end elsewhere.
fn forged(host: &Host, up: bool) -> (String, String) {
    host.ok("network create --subnet 10.9.0.0/24 lan");
    for name in ["victim", "a", "elsewhere"] {
        host.ok(&format!("ip netns add {name}"));
    }
    host.ok("network connect lan victim");
    let port =
        host.sh("cat /sys/class/net/veth0a090002/ifindex 2> /dev/null || ip -o link show veth0a090002 | cut -d: -f1");
    let inner = host.sh("ip -n victim -o link show eth0 | cut -d: -f1");
    let (port, inner) = (port.trim().to_owned(), inner.trim().to_owned());
    // An index is free in a namespace of one's own as long as nothing has it there.
    host.sh(&format!("ip -n a link add index {inner} name eth0 type veth peer index {port} name p netns elsewhere"));
    if up {
        host.sh("ip -n a link set eth0 up; ip -n elsewhere link set p up");
    }
    (port, inner)
}

fn victim_is_well(host: &Host) {
    assert_eq!(host.addresses("victim"), ["10.9.0.2"]);
    host.ok("ping -c 1 -W 2 10.9.0.2");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn connecting_its_maker_removes_nothing_of_the_victim() {
    needs(&["ip"]);
    for up in [false, true] {
        let host = Host::new();
        forged(&host, up);
        host.ok("network connect lan a");
        victim_is_well(&host);
        assert_eq!(host.addresses("a"), ["10.9.0.3"]);
        host.ok("network disconnect lan a");
        victim_is_well(&host);
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn it_is_no_endpoint_of_its_maker() {
    needs(&["ip"]);
    let host = Host::new();
    forged(&host, true);
    assert!(!host.ok("inspect a").contains("10.9.0.2"), "{}", host.ok("inspect a"));
    let refused = host.fails(2, "network disconnect lan a");
    assert!(refused.contains("sandbox a is not connected to network lan"), "{refused}");
    victim_is_well(&host);
}
