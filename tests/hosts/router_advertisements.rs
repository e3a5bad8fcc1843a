//! What a sandbox says about routers is nobody's instruction: no route, no address, on the host or in another sandbox.

use std::net::{Ipv6Addr, SocketAddrV6};

use rustix::net::{AddressFamily, SendFlags, SocketType, ipproto, sendto, sockopt};

use crate::support::{Host, needs};

/// A Router Advertisement (RFC 4861): lifetime 1800 s, and a prefix `2001:db8:bad::/64` to make addresses of.
fn advertisement() -> Vec<u8> {
    let mut packet = vec![134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0];
    packet.extend([3, 4, 64, 0xc0, 0, 0, 0x0e, 0x10, 0, 0, 0x0e, 0x10, 0, 0, 0, 0]);
    packet.extend("2001:db8:bad::".parse::<Ipv6Addr>().unwrap().octets());
    packet
}

/// Sends it from `eth0` of a sandbox, which gives itself the address that it takes.
fn advertise(host: &Host, sandbox: &str) {
    host.sh_in(
        sandbox,
        "echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6; ip addr add fe80::bad/64 dev eth0 nodad; ip link set eth0 up",
    );
    let index: u32 = host.sh_in(sandbox, "ip -o link show eth0 | cut -d: -f1").trim().parse().unwrap();
    let kind = (AddressFamily::INET6, SocketType::RAW, Some(ipproto::ICMPV6));
    let socket = host.sockets(sandbox, &[kind]).unwrap().remove(0);
    sockopt::set_ipv6_multicast_hops(&socket, 255).unwrap();
    let to = SocketAddrV6::new("ff02::1".parse().unwrap(), 0, 0, index);
    for _ in 0..3 {
        sendto(&socket, &advertisement(), SendFlags::empty(), &to).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn learned(host: &Host, sandbox: &str) -> String {
    let look = "ip -6 route show proto ra; ip -6 addr show dynamic";
    if sandbox.is_empty() { host.sh(look) } else { host.sh_in(sandbox, look) }
}

/// Whether the packet is one that the kernel would follow, where nobody told it not to.
fn is_followed_elsewhere(host: &Host) -> bool {
    host.sh("ip netns add free; ip netns add liar; ip link add v0 type veth peer name v1
             ip link set v0 netns free name eth0; ip link set v1 netns liar name eth0
             ip -n free link set eth0 up; ip -n liar link set eth0 up; sleep 2");
    advertise(host, "liar");
    !learned(host, "free").is_empty()
}

fn nobody_learns(create: &str) {
    needs(&["ip"]);
    let host = Host::new();
    host.ok(&format!("network create -o com.docker.network.bridge.name=lan0 {create} lan"));
    for name in ["liar", "b"] {
        host.ok(&format!("ip netns add {name}"));
        host.ok(&format!("network connect lan {name}"));
    }
    advertise(&host, "liar");
    assert_eq!(learned(&host, ""), "", "the host");
    assert_eq!(learned(&host, "b"), "", "another sandbox");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_packet_would_be_followed_elsewhere() {
    needs(&["ip"]);
    assert!(is_followed_elsewhere(&Host::new()));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn on_a_network_of_ipv4_alone() {
    nobody_learns("");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn on_a_network_with_ipv6() {
    nobody_learns("--ipv6");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn on_an_internal_network_where_the_host_does_not_forward() {
    nobody_learns("--internal --ipv6");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_network_without_ipv6_gives_none_not_even_a_link_local_address() {
    needs(&["ip"]);
    let host = Host::new();
    host.ok("network create -o com.docker.network.bridge.name=lan0 lan");
    host.ok("ip netns add c1");
    host.ok("network connect lan c1");
    // As long as duplicate address detection would take.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    for (sandbox, device) in [("c1", "eth0"), ("", "lan0"), ("", "vethac110002")] {
        let look = format!("ip -6 addr show dev {device}");
        let found = if sandbox.is_empty() { host.sh(&look) } else { host.sh_in(sandbox, &look) };
        assert_eq!(found, "", "{device}");
    }
}
