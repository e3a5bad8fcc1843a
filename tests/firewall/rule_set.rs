//! The rule set: what `nft` reads in it, that it comes and goes with the networks, and that it comes back when somebody flushed it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::traffic::{Client, MOMENT, PATIENCE, Server, Transport};
use crate::support::{Host, needs};
use serde_json::Value;

const DESIGN: &str = include_str!("ruleset.nft");
const V4: &str = "192.0.2.1:8080";
const V6: &str = "[2001:db8::1]:8080";

/// The design for IPv6: the loopback address instead of the loopback network.
fn design_ip6() -> String {
    let words =
        [("table ip ", "table ip6 "), ("ipv4_addr", "ipv6_addr"), ("127.0.0.0/8", "::1"), ("dnat ip ", "dnat ip6 ")];
    let text = words.iter().fold(DESIGN.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("ip saddr", "ip6 saddr").replace("ip daddr", "ip6 daddr")
}

/// Our table of a family as nft reads it, elements and handles apart.
fn table(host: &Host, family: &str) -> Vec<Value> {
    let text = host.sh(&format!("nft -j list table {family} pontoon"));
    let mut all = serde_json::from_str::<Value>(&text).unwrap()["nftables"].as_array().unwrap().clone();
    all.retain(|object| object.get("metainfo").is_none());
    for value in all.iter_mut().flat_map(|object| object.as_object_mut().unwrap().values_mut()) {
        let value = value.as_object_mut().unwrap();
        value.remove("elem");
        value.remove("handle");
    }
    all.sort_by_key(|object| {
        (object.get("rule").is_some(), if object.get("rule").is_some() { String::new() } else { object.to_string() })
    });
    all
}

fn host() -> Host {
    let host = Host::new();
    host.loopback_up();
    host.sh("for conf in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 > /proc/sys/net/$conf; done");
    host.wire("outside", "192.0.2.2".parse().unwrap(), "2001:db8::2".parse().unwrap());
    host.ok("network create --subnet 10.1.0.0/24 --subnet fd00:1::/64 lan");
    host.ok("network create --subnet 10.2.0.0/24 --subnet fd00:2::/64 wan");
    for (network, name, publish) in [("lan", "c1", "-p 8080:80 -p 8080:80/udp"), ("wan", "c2", "")] {
        host.sandbox(name);
        host.ok(&format!("network connect {publish} {network} {name}"));
    }
    host
}

fn ask(host: &Host, from: &str, to: &str, patient: bool) -> [String; 2] {
    let to: SocketAddr = to.parse().unwrap();
    Transport::BOTH.map(|transport| host.ask(from, transport, to, if patient { PATIENCE } else { MOMENT }))
}

/// Whether published ports lead in and networks are apart.
#[track_caller]
fn works(host: &Host) {
    let rows = [
        ("outside", V4, "c1:80 sees 192.0.2.2"),
        ("outside", V6, "c1:80 sees 2001:db8::2"),
        ("c2", "192.0.2.2:80", "outside:80 sees 192.0.2.1"),
        ("c2", "[2001:db8::2]:80", "outside:80 sees 2001:db8::1"),
        ("c2", "10.1.0.2:80", "nothing"),
        ("c2", "[fd00:1::2]:80", "nothing"),
    ];
    let client = |(from, to, answer): (&str, &str, &str), transport| Client {
        sandbox: from.to_owned(),
        transport,
        to: to.parse().unwrap(),
        patience: if answer == "nothing" { MOMENT } else { PATIENCE },
    };
    let clients: Vec<_> =
        rows.iter().flat_map(|row| Transport::BOTH.map(|transport| client(*row, transport))).collect();
    let expected: Vec<_> = rows.iter().flat_map(|row| [row.2; 2]).collect();
    assert_eq!(host.ask_all(&clients), expected);
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn nft_reads_the_design_in_it() {
    needs(&["ip", "nft"]);
    let (ours, designed) = (host(), Host::new());
    for (family, text) in [("ip", DESIGN.to_owned()), ("ip6", design_ip6())] {
        designed.sh(&format!("nft -f - <<'END'\n{text}\nEND"));
        let (ours, designed) = (table(&ours, family), table(&designed, family));
        assert_eq!(designed.len(), 33, "a table, 7 sets and maps, 6 chains, 19 rules");
        for (ours, designed) in ours.iter().zip(&designed) {
            assert_eq!(ours.to_string(), designed.to_string());
        }
        assert_eq!(ours.len(), designed.len());
    }
    // What nft prints it takes.
    ours.sh("nft list ruleset > /run/listed; nft -c -f /run/listed");
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn it_comes_with_the_first_network_and_goes_with_the_last() {
    needs(&["ip", "nft"]);
    let host = Host::new();
    host.sh("nft add table inet other; nft 'add chain inet other forward { type filter hook forward priority 0; policy accept; }'
             nft add rule inet other forward meta mark 7 drop; nft add table ip mine; nft add chain ip mine pontoon");
    let before = host.sh("nft -j list ruleset");
    let tables = || host.sh("nft list tables | grep pontoon || true");
    host.ok("network create lan");
    assert_eq!(tables(), "table ip pontoon\n");
    host.ok("network create --ipv6 wan");
    assert_eq!(tables(), "table ip pontoon\ntable ip6 pontoon\n");
    host.sandbox("c1");
    host.ok("network connect -p 8080:80 wan c1");
    host.ok("network rm lan");
    host.fails(2, "network rm wan");
    host.ok("network rm -f wan");
    assert_eq!(tables(), "");
    host.ok("network create --internal --subnet fd00:1::/64 six");
    assert_eq!(tables(), "table ip6 pontoon\n");
    host.ok("network prune -f");
    assert_eq!(host.sh("nft -j list ruleset"), before);
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn it_comes_back_when_somebody_flushed_it() {
    needs(&["ip", "nft"]);
    let host = host();
    let _servers = ["c1", "c2", "outside"].map(|name| Server::on_ports(&host, name, name, &[80]));
    works(&host);
    // Which of the tables nft lists first, is a matter of their age.
    let listed = || host.sh("for family in ip ip6; do nft list table $family pontoon 2>/dev/null || true; done");
    let right = listed();
    for (harm, n) in [
        "nft flush ruleset",
        "nft delete table ip pontoon",
        "nft delete table ip6 pontoon",
        "nft flush table ip pontoon",
        // Not even one that is not ours at all.
        "nft delete table ip pontoon; nft add table ip pontoon; nft add set ip pontoon bridges '{ type ipv4_addr; }'",
        "nft add table ip pontoon '{ flags dormant; }'",
        "nft flush map ip6 pontoon publish_any; nft flush set ip pontoon bridges; nft add element ip pontoon bridges { eth7 }",
    ]
    .iter()
    .zip(3..)
    {
        host.sh(harm);
        assert!(listed() != right, "{harm}");
        host.ok("sync");
        assert!(listed() == right, "{harm}: {}", listed());
        works(&host);
        // The next change, whatever it is, notices a table that is gone.
        if n < 6 {
            host.sh(harm);
            let name = format!("c{n}");
            host.sandbox(&name);
            host.ok(&format!("network connect -p {n}000:80 lan {name}"));
            works(&host);
            let _server = Server::on_ports(&host, &name, &name, &[80]);
            assert_eq!(ask(&host, "outside", &format!("192.0.2.1:{n}000"), true)[0], format!("{name}:80 sees 192.0.2.2"));
            host.ok(&format!("network disconnect lan {name}"));
            assert!(listed() == right, "{harm}: {}", listed());
        }
    }
    // Also a removal.
    for change in ["network disconnect lan c1", "network rm wan"] {
        host.sh("nft flush ruleset");
        host.ok(&change.replace("rm", "rm -f"));
    }
    host.sh("nft flush ruleset");
    host.ok("network rm lan");
    assert_eq!(host.sh("nft list tables"), "");
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn no_packet_sees_half_of_it() {
    needs(&["ip", "nft"]);
    let host = host();
    let _servers = ["c1", "c2", "outside"].map(|name| Server::on_ports(&host, name, name, &[80]));
    works(&host);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..40 {
                host.ok(if n % 4 == 3 { "network create third" } else { "sync" });
                if n % 4 == 3 {
                    host.ok("network rm third");
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        let clients = scope.spawn(|| {
            let mut asked = 0;
            while !done.load(Ordering::Relaxed) {
                assert_eq!(ask(&host, "outside", V4, true), ["c1:80 sees 192.0.2.2"; 2]);
                assert_eq!(ask(&host, "outside", V6, true), ["c1:80 sees 2001:db8::2"; 2]);
                asked += 4;
            }
            asked
        });
        while !done.load(Ordering::Relaxed) {
            assert_eq!(ask(&host, "c2", "10.1.0.2:80", false), ["nothing"; 2]);
        }
        assert!(clients.join().unwrap() > 20);
    });
}

/// A plain connect, which publishes nothing, must not leave a network without one family's isolation.
#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn one_family_s_table_deleted_is_noticed_by_a_plain_connect() {
    needs(&["ip", "nft"]);
    for table in ["ip", "ip6"] {
        let host = Host::new();
        host.sandbox("c1");
        host.ok("network create --ipv6 lan");
        let rules = |family: &str| host.sh(&format!("nft list table {family} pontoon"));
        let before = ["ip", "ip6"].map(rules);
        host.sh(&format!("nft delete table {table} pontoon"));
        host.ok("network connect lan c1");
        assert_eq!(["ip", "ip6"].map(rules), before, "{table}");
    }
}
