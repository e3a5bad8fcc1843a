//! Ports that are chosen: out of those that the host gives out by itself, and none that its administrator keeps back.

use crate::support::traffic::{PATIENCE, Server, Transport};
use crate::support::{Host, needs};

fn host() -> Host {
    let host = Host::new();
    host.loopback_up();
    host.ok("network create --subnet 10.1.0.0/24 lan");
    host
}

fn sysctl(host: &Host, name: &str, value: &str) {
    host.sh(&format!("echo '{value}' > /proc/sys/net/ipv4/{name}"));
}

/// The ports of the host that the kernel leads to sandboxes, as nft tells.
fn published(host: &Host) -> Vec<u16> {
    let text = host.sh("nft -nn list map ip pontoon publish_any");
    let ports = text.split([',', '{', '}']).filter(|part| part.contains(" : 10.1.0."));
    let mut ports: Vec<u16> =
        ports.map(|part| part.split(" : ").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap()).collect();
    ports.sort_unstable();
    ports
}

#[test]
#[ignore = "needs nft (nftables)"]
fn reserved_ports_are_never_chosen() {
    needs(&["nft"]);
    let host = host();
    sysctl(&host, "ip_local_port_range", "40000 40019");
    sysctl(&host, "ip_local_reserved_ports", "1,40000-40003,40005,40007-40018,50000-50010");
    let mut sandboxes = Vec::new();
    for n in 0..3 {
        let name = format!("c{n}");
        host.sandbox(&name);
        host.ok(&format!("network connect -p 80 lan {name}"));
        sandboxes.push(name);
    }
    assert_eq!(published(&host), [40004, 40006, 40019]);
    let servers: Vec<_> = sandboxes.iter().map(|name| Server::on_ports(&host, name, name, &[80])).collect();
    for port in [40004, 40006, 40019] {
        let answer = host.ask("", Transport::Tcp, ([10, 1, 0, 1], port).into(), PATIENCE);
        assert!(answer.contains(":80 sees 10.1.0.1"), "{answer}");
    }
    drop(servers);
    // All that is left is kept back.
    host.sandbox("c3");
    let before = host.traces();
    let error = host.fails(2, "network connect -p 80 lan c3");
    assert!(error.ends_with("no free port of this host was found"), "{error}");
    assert_eq!(host.traces(), before);
    // By name it is to be had, as a process may bind it.
    host.ok("network connect -p 40005:80 lan c3");
    assert_eq!(published(&host), [40004, 40005, 40006, 40019]);
}

#[test]
#[ignore = "needs nft (nftables)"]
fn the_last_free_port_among_thousands_is_found() {
    needs(&["nft"]);
    let host = host();
    // The kernel's list of them is longer than a page: every other port, then all but one.
    sysctl(&host, "ip_local_port_range", "20000 30999");
    let every_other: Vec<_> = (20000..30000).step_by(2).map(|port| port.to_string()).collect();
    sysctl(&host, "ip_local_reserved_ports", &format!("{},30000-30997", every_other.join(",")));
    host.sandbox("c1");
    host.ok("network connect -p 20001-29999:1-9999 lan c1");
    host.sandbox("c2");
    for _ in 0..2 {
        host.ok("network connect -p 80 lan c2");
        let chosen: Vec<_> = published(&host).into_iter().filter(|port| *port > 29999).collect();
        assert!(matches!(chosen[..], [30998 | 30999]), "{chosen:?}");
        host.ok("network disconnect lan c2");
    }
    host.ok("network connect -p 80 -p 81 lan c2");
    let chosen: Vec<_> = published(&host).into_iter().filter(|port| *port > 29999).collect();
    assert_eq!(chosen.len(), 2, "{chosen:?}");
    host.sandbox("c3");
    let error = host.fails(2, "network connect -p 80 lan c3");
    assert!(error.ends_with("no free port of this host was found"), "{error}");
}

#[test]
#[ignore = "needs nft (nftables)"]
fn with_every_port_kept_back_none_is_chosen() {
    needs(&["nft"]);
    let host = host();
    host.sandbox("c1");
    sysctl(&host, "ip_local_reserved_ports", "1-65535");
    let error = host.fails(2, "network connect -p 80 lan c1");
    assert!(error.ends_with("no free port of this host was found"), "{error}");
    // A sandbox's own list is its own.
    sysctl(&host, "ip_local_reserved_ports", "");
    host.sh_in("c1", "echo 1-65535 > /proc/sys/net/ipv4/ip_local_reserved_ports");
    host.ok("network connect -p 80 lan c1");
    assert_eq!(published(&host).len(), 1);
}
