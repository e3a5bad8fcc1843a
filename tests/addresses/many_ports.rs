//! Ranges of ports, up to all that there are: published soon, with little memory, and checked like any other.

use std::time::{Duration, Instant};

use crate::support::traffic::{MOMENT, PATIENCE, Server, Transport};
use crate::support::{Host, executable, finish, needs};

fn host() -> Host {
    let host = Host::new();
    host.loopback_up();
    host.wire("outside", "192.0.2.2".parse().unwrap(), "2001:db8::2".parse().unwrap());
    host.ok("network create --subnet 10.1.0.0/24 --subnet fd00:1::/64 lan");
    (1..=3).for_each(|n| host.sandbox(&format!("c{n}")));
    host
}

/// How many elements nft lists in a map of ours.
fn elements(host: &Host, family: &str, map: &str) -> usize {
    let text = host.sh(&format!("nft -nn list map {family} pontoon {map}"));
    text.matches(" : 10.1.").count() + text.matches(" : fd00:1:").count()
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn all_ports_of_the_host_are_published_within_bounds_of_time_and_memory() {
    needs(&["ip", "nft"]);
    let host = host();
    // Address space, which is more than what is used: far less than the 261 MB it once took.
    let script = format!("ulimit -v 81920; exec {} network connect -p 1-65535:1-65535 lan c1", executable());
    let start = Instant::now();
    finish(host.command("sh").args(["-c", &script])).ok();
    // A bound that a busy machine and a slow build keep too; it was eleven seconds, and grew with the square.
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    for family in ["ip", "ip6"] {
        assert_eq!(elements(&host, family, "publish_any"), 65535);
    }
    let _server = Server::on_ports(&host, "c1", "c1", &[1, 4321, 65535]);
    for to in ["192.0.2.1", "2001:db8::1"] {
        for port in [1, 4321, 65535] {
            for transport in Transport::BOTH {
                let patience = if transport == Transport::Tcp { PATIENCE } else { MOMENT };
                let answer =
                    host.ask("outside", transport, (to.parse::<std::net::IpAddr>().unwrap(), port).into(), patience);
                let expected =
                    if transport == Transport::Tcp { format!("c1:{port} sees") } else { "refused".to_owned() };
                assert!(answer.starts_with(&expected), "{to} {port} {transport:?}: {answer}");
            }
        }
    }
    host.ok("network connect --ensure -p 1-65535:1-65535 lan c1");
    // Whatever rewrites them, keeps them.
    host.ok("sync");
    assert_eq!(elements(&host, "ip", "publish_any"), 65535);
    assert!(host.fails(2, "network connect -p 80 lan c2").ends_with("no free port of this host was found"));
    host.ok("network disconnect lan c1");
    for family in ["ip", "ip6"] {
        assert_eq!(elements(&host, family, "publish_any"), 0);
    }
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn one_port_that_is_taken_refuses_a_range_whole() {
    needs(&["ip", "nft"]);
    let host = host();
    host.ok("network connect -p 127.0.0.3:7777:80 -p [2001:db8::1]:8888:80 -p 9999:80/udp lan c1");
    let _process = Server::start(&host, "", "host", &["127.0.0.1:6666".parse().unwrap()]);
    let count = |host: &Host| {
        let of = |family| ["publish_any", "publish_on"].map(|map| elements(host, family, map));
        [of("ip"), of("ip6")].concat()
    };
    let before = (host.traces(), count(&host));
    for (range, words) in [
        ("7000-7900:1-901", "publish 7777/tcp: the port is already published by c1 (10.1.0.2:80)"),
        ("127.0.0.3:7000-7900:1-901", "publish 127.0.0.3:7777/tcp: the port is already published by c1"),
        ("8000-8900:1-901", "publish 8888/tcp: the port is already published by c1 (fd00:1::2:80)"),
        ("[2001:db8::1]:8000-8900:1-901", "publish [2001:db8::1]:8888/tcp: the port is already published by c1"),
        ("9900-9999:1-100/udp", "publish 9999/udp: the port is already published by c1"),
        ("192.0.2.1:9900-9999:1-100/udp", "publish 192.0.2.1:9999/udp: the port is already published by c1"),
        ("6600-6700:1-101", "publish 6666/tcp: the port is in use by a process of this host"),
    ] {
        let error = host.fails(2, &format!("network connect -p {range} lan c2"));
        assert!(error.contains(words), "{error}");
    }
    for (first, second, words) in [
        ("2000-2900:1-901", "2900:5", "2900/tcp: the port is named twice"),
        ("127.0.0.1:2000-2900:1-901", "2100-2200:1-101", "2100/tcp: the port is named twice"),
        ("2000-2900:1-901", "192.0.2.1:2777:5", "192.0.2.1:2777/tcp: the port is named twice"),
    ] {
        let error = host.fails(2, &format!("network connect -p {first} -p {second} lan c2"));
        assert!(error.contains(words), "{error}");
    }
    assert_eq!((host.traces(), count(&host)), before);
    // What only resembles all that, is had, by many addresses at once.
    host.ok("network connect -p 127.0.0.2:7000-7900:1-901 -p 127.0.0.4:7000-7900:1-901 -p 192.0.2.1:8000-8900:1-901 \
             -p 9900-9999:1-100 -p 6600-6665:1-66 -p 6667-6700:1-34/udp lan c2");
    assert_eq!(elements(&host, "ip", "publish_on"), 1 + 3 * 901);
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn what_a_range_meets_of_an_endpoint_that_is_gone_is_cleared_away() {
    needs(&["ip", "nft"]);
    let host = host();
    host.ok("network connect -p 3000-3200:1-201 -p 127.0.0.1:4000-4200:1-201 lan c1");
    host.sh("ip link del veth0a010002");
    let start = Instant::now();
    host.ok("network connect -p 3000-4200:1-1201 lan c2");
    // All of it in one transaction.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let _server = Server::on_ports(&host, "c2", "c2", &[101, 1101]);
    for (port, inner) in [(3100, 101), (4100, 1101)] {
        let answer = host.ask("outside", Transport::Tcp, ([192, 0, 2, 1], port).into(), PATIENCE);
        assert!(answer.starts_with(&format!("c2:{inner} sees")), "{answer}");
    }
    assert_eq!([elements(&host, "ip", "publish_any"), elements(&host, "ip", "publish_on")], [1201, 0]);
}
