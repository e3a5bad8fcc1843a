//! `check`: who reached whom, and whether that is as configured.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::support::{Host, needs};
use serde_json::Value;

const ISOLATED: &str = "-o com.docker.network.bridge.enable_icc=false";

/// Makes a network with the subnets `10.N.0.0/24` and `fd00:N::/64` and connects new sandboxes to it.
fn network(host: &Host, name: &str, subnet: u8, options: &str, sandboxes: &[&str]) {
    let subnets = format!("--subnet 10.{subnet}.0.0/24 --subnet fd00:{subnet}::/64");
    host.ok(&format!("network create {subnets} -o com.docker.network.bridge.name=br{subnet} {options} {name}"));
    for sandbox in sandboxes {
        host.sh(&format!("ip netns add {sandbox}"));
        host.ok(&format!("network connect {name} {sandbox}"));
    }
}

fn numbered(count: u8) -> Vec<String> {
    (1..=count).map(|number| format!("c{number}")).collect()
}

/// Without what is said of forwarding, which `probe.rs` looks at.
fn without_notes(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with("note: /proc/sys/")).collect()
}

/// The result of a check that finds something: what it prints, and the one line on standard error.
fn finds(host: &Host, line: &str) -> String {
    finds_as(host, line, line)
}

/// As [`finds`], where the error names the command otherwise than it was given: without options.
fn finds_as(host: &Host, line: &str, subject: &str) -> String {
    let output = host.pontoon(&line.split_whitespace().collect::<Vec<_>>());
    let text = without_notes(&output.out);
    let error = output.fails(4);
    let (good, of) = text.lines().last().unwrap().strip_suffix(" as configured").unwrap().split_once(" of ").unwrap();
    let failed = of.parse::<u32>().unwrap() - good.parse::<u32>().unwrap();
    assert!(error.starts_with(&format!("pontoon: {subject}: {failed} of {of} probes failed")), "{error}");
    text
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_matrix_for_each_network_and_family() {
    needs(&["ip"]);
    let host = Host::new();
    network(&host, "lan", 1, "", &["a", "b"]);
    network(&host, "guests", 2, ISOLATED, &["c", "d"]);
    host.ok("network connect guests a");
    let guests = "\
from \\ to host    c       d       a
host      -       ok      ok      ok
c         ok      -       blocked blocked
d         ok      blocked -       blocked
a         ok      blocked blocked -
";
    let lan = "\
from \\ to host    a       b
host      -       ok      ok
a         ok      -       ok
b         ok      ok      -
";
    let guests = format!("network guests (10.2.0.0/24)\n{guests}\nnetwork guests (fd00:2::/64)\n{guests}\n");
    let lan = format!("network lan (10.1.0.0/24)\n{lan}\nnetwork lan (fd00:1::/64)\n{lan}\n");
    assert_eq!(without_notes(&host.ok("check")), format!("{guests}{lan}36 of 36 as configured\n"));
    assert_eq!(without_notes(&host.ok("check lan")), format!("{lan}12 of 12 as configured\n"));
    // Somebody opens the ports.
    for port in ["veth0a020002", "veth0a020003", "veth0a020004"] {
        host.sh(&format!("ip link set {port} type bridge_slave isolated off"));
    }
    // Where bridged packets go through the firewall too, that holds as well.
    host.sh("for t in /proc/sys/net/bridge/bridge-nf-call-*tables; do [ ! -e $t ] || echo 0 > $t; done");
    let text = finds(&host, "check guests");
    assert!(text.contains("c         ok      -       OPEN    OPEN\n"), "{text}");
    assert!(text.ends_with("12 of 24 as configured\n"), "{text}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_does_not_answer_is_said_with_the_reason() {
    needs(&["ip"]);
    let host = Host::new();
    network(&host, "lan", 1, "", &["up", "down", "bare"]);
    host.sh("ip -n down link set eth0 down; ip -n bare addr del 10.1.0.4/24 dev eth0");
    let text = finds(&host, "check lan");
    let expected = "\
network lan (10.1.0.0/24)
from \\ to host    up      down    bare
host      -       ok      FAIL    FAIL
up        ok      -       FAIL    FAIL
down      FAIL    FAIL    -       FAIL
bare      FAIL    FAIL    FAIL    -
down: cannot send to 10.1.0.1: ENETUNREACH (Network is unreachable)
bare: cannot send to 10.1.0.1: ENETUNREACH (Network is unreachable)

network lan (fd00:1::/64)
from \\ to host    up      down    bare
host      -       ok      FAIL    ok
up        ok      -       FAIL    ok
down      FAIL    FAIL    -       FAIL
bare      ok      ok      FAIL    -
down: cannot send to fd00:1::1: ENETUNREACH (Network is unreachable)

down on network lan: eth0 lacks address fd00:1::3/64
down on network lan: eth0 is down
down on network lan: no default route, by 10.1.0.1 on eth0
down on network lan: no default route, by fd00:1::1 on eth0
bare on network lan: eth0 lacks address 10.1.0.4/24
bare on network lan: no default route, by 10.1.0.1 on eth0

8 of 24 as configured
";
    assert_eq!(text, expected);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_sandbox_that_cannot_be_entered_has_tried_nothing() {
    needs(&["ip"]);
    let host = Host::new();
    network(&host, "guests", 2, ISOLATED, &["a", "b"]);
    let mut inside = host.command("ip").args(["netns", "exec", "b", "sleep", "60"]).spawn().unwrap();
    host.sh("until ip netns pids b | grep -q .; do sleep 0.01; done; ip netns del b");
    let rows = "a         ok      -       blocked\nb         FAIL    FAIL    -\nb: sandbox b not found. ";
    let text = finds(&host, "check");
    assert!(text.contains(rows) && text.ends_with("8 of 12 as configured\n"), "{text}");
    // Another one took the name; and it is known by another name again.
    host.sh("ip netns add b");
    let text = finds(&host, "check");
    assert!(text.contains("\nb: sandbox of veth0a020003 not found"), "{text}");
    host.sh(&format!("ip netns attach other {}", inside.id()));
    host.ok("check");
    inside.kill().unwrap();
    inside.wait().unwrap();
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_network_without_endpoints_is_fine_and_one_without_bridge_is_not() {
    needs(&["ip"]);
    let host = Host::new();
    assert_eq!(without_notes(&host.ok("check")), "0 of 0 as configured\n");
    network(&host, "lan", 1, "", &[]);
    network(&host, "gone", 2, "", &[]);
    host.sh("ip link del br2");
    let empty = "network lan (10.1.0.0/24): no endpoints\n\nnetwork lan (fd00:1::/64): no endpoints\n\n";
    assert_eq!(without_notes(&host.ok("check lan")), format!("{empty}0 of 0 as configured\n"));
    assert_eq!(finds(&host, "check"), format!("{empty}network gone: bridge br2 is missing\n\n0 of 0 as configured\n"));
    let error = host.fails(2, "check nowhere");
    assert!(error.starts_with("pontoon: check nowhere: network nowhere not found"), "{error}");
    host.fails(1, "check -W soon");
    host.fails(1, "check --all");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn json_tells_of_every_probe() {
    needs(&["ip"]);
    let host = Host::new();
    network(&host, "lan", 1, "", &["a"]);
    network(&host, "guests", 2, ISOLATED, &["b", "c"]);
    host.sh("ip -n c link set eth0 down");
    let output = host.pontoon(&["check", "-j"]);
    assert_eq!(output.code, 4, "{output:?}");
    let error: Value = serde_json::from_str(&output.err).unwrap();
    assert_eq!(error["error"], "check: 4 of 16 probes failed, and 4 things are not what the records say");
    let all: Value = serde_json::from_str(&output.out).unwrap();
    assert_eq!((&all["failed"], &all["of"]), (&4.into(), &16.into()));
    let of = |name: &str, family: &str| -> Vec<Value> {
        let mut networks = all["networks"].as_array().unwrap().iter();
        let found = networks.find(|network| network["name"] == name && network["family"] == family);
        found.unwrap()["probes"].as_array().unwrap().clone()
    };
    let lan = of("lan", "inet6");
    assert_eq!(lan.len(), 2);
    assert_eq!(
        (&lan[0]["from"], &lan[0]["to"], &lan[0]["address"]),
        (&"host".into(), &"a".into(), &"fd00:1::2".into())
    );
    assert_eq!(lan[1]["address"], "fd00:1::1");
    for probe in &lan {
        assert_eq!(
            (&probe["expected"], &probe["answered"], &probe["error"]),
            (&true.into(), &true.into(), &Value::Null)
        );
        assert!(probe["us"].as_u64().unwrap() < 1_000_000, "{probe}");
    }
    let guests = of("guests", "inet");
    let pair = |from: &str, to: &str| guests.iter().find(|probe| probe["from"] == from && probe["to"] == to).unwrap();
    let blocked = pair("b", "c");
    assert_eq!(
        (&blocked["expected"], &blocked["answered"], &blocked["us"]),
        (&false.into(), &false.into(), &Value::Null)
    );
    assert_eq!(pair("c", "host")["error"], "cannot send to 10.2.0.1: ENETUNREACH (Network is unreachable)");
    assert_eq!(
        (pair("b", "host")["answered"].as_bool(), pair("host", "c")["answered"].as_bool()),
        (Some(true), Some(false))
    );
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn of_many_endpoints_only_those_that_fail_are_listed_and_soon() {
    needs(&["ip"]);
    let host = Host::new();
    let names = numbered(30);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    network(&host, "lan", 1, "", &names);
    // What an administrator has set must outlast it; what the probes have made must not: the table is everybody's.
    host.sh("ip -n c1 neigh add 10.1.0.31 dev eth0 lladdr 02:42:0a:01:00:1f");
    let start = Instant::now();
    let expected = "network lan (10.1.0.0/24)\n\nnetwork lan (fd00:1::/64)\n\n1860 of 1860 as configured\n";
    assert_eq!(without_notes(&host.ok("check")), expected);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let left = host.sh("ip -n c1 neigh show to 10.1.0.0/24; ip -n c2 neigh show to 10.1.0.0/24");
    assert_eq!(left.trim_end(), "10.1.0.31 dev eth0 lladdr 02:42:0a:01:00:1f PERMANENT");

    host.sh("ip -n c7 addr del 10.1.0.8/24 dev eth0");
    let start = Instant::now();
    let text = finds(&host, "check lan");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(text.lines().filter(|line| line.starts_with("FAIL")).count(), 60, "{text}");
    assert!(text.starts_with("network lan (10.1.0.0/24)\nFAIL host -> c7\nFAIL c1 -> c7\n"), "{text}");
    assert!(text.contains("\nFAIL c7 -> host\nFAIL c7 -> c1\n"), "{text}");
}

/// The lines of a check's result that begin with FAIL, each with the subnet it is about.
fn failures(text: &str) -> BTreeSet<(String, String)> {
    let mut subnet = String::new();
    let mut all = BTreeSet::new();
    for line in text.lines() {
        if let Some((_, rest)) = line.strip_prefix("network ").and_then(|line| line.split_once(" (")) {
            rest.split_once(')').unwrap().0.clone_into(&mut subnet);
        } else if let Some(pair) = line.strip_prefix("FAIL ") {
            all.insert((subnet.clone(), pair.to_owned()));
        }
    }
    all
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn of_very_many_endpoints_host_and_next_one_find_what_all_pairs_find() {
    needs(&["ip"]);
    let host = Host::new();
    let names = numbered(66);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    network(&host, "lan", 1, "", &names);
    let ring = "the host with each, each with the next; --full tries all pairs";
    let expected = format!("network lan (10.1.0.0/24): {ring}\n\nnetwork lan (fd00:1::/64): {ring}\n\n");
    assert_eq!(without_notes(&host.ok("check")), format!("{expected}396 of 396 as configured\n"));
    assert_eq!(host.sh("ip neigh show dev br1; ip -n c1 neigh; ip -n c66 neigh"), "");

    // An address, an interface, a port are lost; wrong neighbours of the sandbox, of the host, of one for the next. An address
    // that only ARP tells is none.
    host.sh("ip -n c5 addr del 10.1.0.6/24 dev eth0; ip -n c10 link set eth0 down; ip link set veth0a010015 nomaster
        ip -n c30 neigh replace 10.1.0.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
        ip neigh replace 10.1.0.41 lladdr 02:00:00:00:00:02 dev br1 nud permanent
        ip -n c50 neigh replace 10.1.0.52 lladdr 02:00:00:00:00:03 dev eth0 nud permanent
        ip -n c60 link set eth0 address 02:00:00:00:00:60");
    let some = failures(&finds_as(&host, "check lan -W 0.3", "check lan"));
    let all = failures(&finds_as(&host, "check lan -W 0.3 --full", "check lan"));
    let mut expected = BTreeSet::new();
    for (subnet, with_all, with_host, pairs) in [
        ("10.1.0.0/24", &[5, 10, 20][..], &[30, 40][..], &[(50, 51), (51, 50)][..]),
        ("fd00:1::/64", &[10, 20][..], &[][..], &[][..]),
    ] {
        let mut add = |from: &str, to: &str| expected.insert((subnet.to_owned(), format!("{from} -> {to}")));
        let name = |number: &u8| format!("c{number}");
        for lost in with_all {
            for other in (1..=66).filter(|other| other != lost).map(|other| name(&other)).chain(["host".to_owned()]) {
                add(&name(lost), &other);
                add(&other, &name(lost));
            }
        }
        for wrong in with_host {
            add(&name(wrong), "host");
            add("host", &name(wrong));
        }
        for (from, to) in pairs {
            add(&name(from), &name(to));
        }
    }
    assert_eq!(all, expected);
    let number = |name: &str| name.strip_prefix('c').map(|number| number.parse::<u8>().unwrap());
    expected.retain(|(_, pair)| {
        let (from, to) = pair.split_once(" -> ").unwrap();
        number(from).zip(number(to)).is_none_or(|(from, to)| to == from % 66 + 1)
    });
    assert_eq!(some, expected);
    let left = host.sh(
        "ip neigh show dev br1 nud permanent; ip -n c30 neigh show nud permanent; ip -n c50 neigh show nud permanent",
    );
    assert_eq!(left.lines().count(), 3, "{left}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn long_names_are_cut_where_they_do_not_fit() {
    needs(&["ip"]);
    let host = Host::new();
    let names: Vec<String> = (1..=6).map(|number| format!("a-sandbox-of-a-long-name-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    network(&host, "lan", 1, "", &names[..1]);
    let text = without_notes(&host.ok("check"));
    assert!(text.contains("\nfrom \\ to       host            …-a-long-name-1\n"), "{text}");
    for name in &names[1..] {
        host.sh(&format!("ip netns add {name}"));
        host.ok(&format!("network connect lan {name}"));
    }
    let text = without_notes(&host.ok("check"));
    assert!(text.contains("\n…-a-long-name-6 ok"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.lines().nth(1).unwrap().ends_with("…-name-6"), "{text}");
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn what_is_lost_is_asked_for_once_more() {
    needs(&["ip", "nft"]);
    let host = Host::new();
    network(&host, "lan", 1, "", &["a", "b"]);
    let lose = |count: u8| {
        format!(
            "ip netns exec a nft 'flush ruleset; add table inet t; add chain inet t in {{ type filter hook input priority 0; }};
                add rule inet t in icmp type echo-request ip saddr 10.1.0.3 limit rate 1/day burst {count} packets drop'"
        )
    };
    host.sh(&lose(1));
    host.ok("check");
    host.sh(&lose(2));
    let text = finds(&host, "check");
    assert!(text.contains("b         ok      FAIL    -\n") && text.ends_with("11 of 12 as configured\n"), "{text}");
}
