//! `ip`, `brctl` and `ethtool` against what the real ones printed on a host with Docker: the same devices are made here, by `ip`,
//! with the names, indexes and addresses they had there.

use std::time::{Duration, Instant};

use crate::support::golden::golden;
use crate::support::{Host, executable, needs};

/// The bridges: name, index, MAC address, MTU.
const BRIDGES: [(&str, u32, &str, u32); 3] = [
    ("docker0", 5, "02:42:1d:b8:09:5e", 1500),
    ("br-b80cff972ede", 30, "02:42:bb:bd:50:02", 1400),
    ("br-27ce2ec58da9", 39, "02:42:7e:40:6d:d4", 1500),
];

/// The bridges' ports, in the order of their containers: name, index (the other end's is one less), MAC address, place of the bridge.
const PORTS: [(&str, u32, &str, usize); 5] = [
    ("veth039d881", 7, "fe:a4:0a:b5:62:11", 0),
    ("veth5100c0a", 9, "be:49:68:16:7b:05", 0),
    ("vethc768108", 32, "3e:5a:5b:f5:5f:fd", 1),
    ("veth78bce12", 34, "7e:04:e4:4d:e8:d9", 1),
    ("veth1003e33", 41, "f2:2b:95:02:b9:87", 2),
];

fn host() -> Host {
    needs(&["ip"]);
    let host = Host::new();
    // No duplicate address detection, which takes a second or two.
    host.sh("echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad");
    for (name, index, mac, mtu) in BRIDGES {
        host.sh(&format!("ip link add {name} index {index} address {mac} mtu {mtu} txqueuelen 0 type bridge"));
    }
    for (n, (name, index, mac, bridge)) in (1..).zip(PORTS) {
        let (bridge, _, _, mtu) = BRIDGES[bridge];
        let peer = index - 1;
        // Docker's namespaces have no name in /run/netns; the last column is an id of the kernel's.
        host.sandbox(&format!("container{n}"));
        host.sh(&format!(
            "ip link add {name} index {index} address {mac} mtu {mtu} txqueuelen 0 numtxqueues 1 numrxqueues 1 type veth \
                 peer name eth0 index {peer} address 02:42:ac:11:00:0{} mtu {mtu} txqueuelen 0 \
                 numtxqueues 1 numrxqueues 1 netns container{n}
             ip -n container{n} link set lo up; ip -n container{n} -6 addr flush dev lo",
            n + 1
        ));
        host.sh_in(&format!("container{n}"), "echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6");
        host.sh(&format!("ip -n container{n} link set eth0 up; ip link set {name} master {bridge} up"));
    }
    host.sh("ip addr add 172.17.0.1/16 brd + dev docker0; ip addr add 10.61.0.254/24 brd + dev br-b80cff972ede
         ip addr add 10.71.0.1/30 brd + dev br-27ce2ec58da9
         ip addr add fe80::1/64 dev br-b80cff972ede; ip addr add fd00:61::1/64 dev br-b80cff972ede
         for bridge in docker0 br-b80cff972ede br-27ce2ec58da9; do ip link set $bridge up; done
         ip -n container1 addr add 172.17.0.2/16 brd + dev eth0; ip -n container1 route add default via 172.17.0.1");
    host
}

/// Without the counters that a kernel with `CONFIG_PAGE_POOL_STATS` has, and Docker's host had not.
fn without_page_pools(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.contains("_pp_")).collect()
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_a_docker_host_shows_outside() {
    let host = host();
    assert_eq!(host.ok("brctl show"), golden("brctl-show.txt"));
    assert_eq!(without_page_pools(&host.ok("ethtool -S veth039d881")), golden("ethtool-outside.txt"));
    for name in ["container1", "container2", "container3", "container4", "container5"] {
        host.sh(&format!("touch /run/{name}; mount --bind /run/netns/{name} /run/{name}"));
        host.remove_sandbox(name);
    }
    let expected = golden("ip-a-outside.txt");
    let of_docker = || {
        let shown = host.ok("ip a");
        shown[shown.find("5: docker0").unwrap()..].to_owned()
    };
    // The kernel sees the carrier, and what comes with it, a moment later.
    let end = Instant::now() + Duration::from_secs(10);
    while of_docker() != expected && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(of_docker(), expected);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_a_docker_host_shows_inside() {
    let host = host();
    host.sh(&format!("ln -s {} /run/ethtool", executable()));
    assert_eq!(host.ok("ip -n container1 route"), golden("ip-route-inside.txt"));
    assert_eq!(
        without_page_pools(&host.ok("ip netns exec container1 /run/ethtool -S eth0")),
        golden("ethtool-inside.txt")
    );
    assert_eq!(host.ok("ip -n container1 a"), golden("ip-a-inside.txt"));
}
