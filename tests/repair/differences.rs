//! What a network and an endpoint consist of, part by part: somebody takes it away, `check` says so, `sync` makes it right and says
//! what it did, and `connect --ensure` does so for its endpoint.

use crate::support::{Host, needs};
use serde_json::Value;

/// A host with the network `lan` on the bridge `lan0`, IPv4 and IPv6, `a` and `b` on it, a port of `a` published.
fn host() -> Host {
    let host = Host::new();
    host.loopback_up();
    host.ok("network create --subnet 10.0.0.0/24 --subnet fd00::/64 -o com.docker.network.bridge.name=lan0 lan");
    for sandbox in ["a", "b"] {
        host.sandbox(sandbox);
    }
    host.ok("network connect -p 8080:80 lan a");
    host.ok("network connect lan b");
    host
}

/// Everything that is compared, as other tools print it.
fn state(host: &Host) -> Vec<String> {
    let inside = "ip -br link show; ip -br addr show dev eth0; ip route; ip -6 route show default";
    let text = host.sh(
        "ip -br link show; ip -br addr show dev lan0; bridge -d link show; nft list ruleset
         for p in net/ipv4/ip_forward net/ipv6/conf/all/forwarding net/ipv4/conf/lan0/forwarding net/ipv4/conf/lan0/route_localnet \
             net/ipv6/conf/lan0/forwarding net/ipv6/conf/lan0/accept_ra net/ipv4/conf/lan0/accept_redirects
         do echo $p $(cat /proc/sys/$p); done",
    ) + &host.sh_in("a", inside);
    // The order in which a set was filled says nothing, nor how wide a column is, nor which index a peer elsewhere has, nor a state of
    // the link layer that comes a moment later, nor link-local addresses, which nobody gave.
    let says = |word: &&str| !word.is_empty() && (!word.starts_with("fe80::") || *word == "fe80::1/64");
    let plain = |line: &str| {
        let line = line.replace(" UNKNOWN ", " UP ").replace("@if", " @if").replace("@lan0", " @lan0");
        let mut words: Vec<_> = line.split([' ', ',']).filter(says).filter(|word| !word.starts_with("@if")).collect();
        words.retain(|word| *word != "@lan0:");
        words.sort_unstable();
        words.join(" ")
    };
    let mut lines: Vec<String> = text.lines().map(plain).collect();
    lines.sort();
    lines
}

/// Fails with the lines that are not the same.
#[track_caller]
fn assert_same(before: &[String], now: &[String], damage: &str) {
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(only(now, before), only(before, now), "{damage}");
}

/// What `check` lists beside the matrices.
fn checked(host: &Host) -> Vec<String> {
    let output = host.pontoon(&["-j", "check", "-W", "0.2"]);
    let all: Value = serde_json::from_str(&output.out).unwrap();
    let differences = all["differences"].as_array().unwrap();
    assert_eq!(output.code, if differences.is_empty() && all["failed"] == 0 { 0 } else { 4 }, "{output:?}");
    let mut found: Vec<_> = differences.iter().map(|one| one["difference"].as_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

/// What is done to the host, and what `check` says of it.
const DAMAGE: &[(&str, &[&str])] = &[
    (
        "ip -n a addr del 10.0.0.2/24 dev eth0",
        &["eth0 lacks address 10.0.0.2/24", "no default route, by 10.0.0.1 on eth0"],
    ),
    ("ip -n a addr del fd00::2/64 dev eth0", &["eth0 lacks address fd00::2/64"]),
    ("ip -n a route del default", &["no default route, by 10.0.0.1 on eth0"]),
    ("ip -n a -6 route del default", &["no default route, by fd00::1 on eth0"]),
    (
        "ip -n a link set eth0 down",
        &[
            "eth0 is down",
            "eth0 lacks address fd00::2/64",
            "no default route, by 10.0.0.1 on eth0",
            "no default route, by fd00::1 on eth0",
        ],
    ),
    ("ip -n a link set lo down", &["lo is down"]),
    ("ip -n a link set eth0 mtu 1400", &["MTU of eth0 is 1400, not 1500"]),
    (
        "ip -n a link set eth0 address 02:00:00:00:00:09",
        &["MAC address of eth0 is 02:00:00:00:00:09, not 02:42:0a:00:00:02"],
    ),
    (
        "ip -n a link set eth0 down; ip -n a link set eth0 name wan; ip -n a link set wan up",
        &[
            "eth0 is called wan",
            "eth0 lacks address fd00::2/64",
            "no default route, by 10.0.0.1 on eth0",
            "no default route, by fd00::1 on eth0",
        ],
    ),
    ("ip link set veth0a000002 nomaster", &["veth0a000002 is not a port of lan0"]),
    ("ip link set veth0a000002 down", &["veth0a000002 is down"]),
    ("ip link set veth0a000002 type bridge_slave hairpin off", &["hairpin of veth0a000002 is off, not on"]),
    ("ip link set veth0a000002 type bridge_slave isolated on", &["isolated of veth0a000002 is on, not off"]),
    ("ip link set lan0 down", &["lan0 is down", "lan0 lacks address fd00::1/64", "lan0 lacks address fe80::1/64"]),
    (
        "ip addr flush dev lan0",
        &["lan0 lacks address 10.0.0.1/24", "lan0 lacks address fd00::1/64", "lan0 lacks address fe80::1/64"],
    ),
    ("ip link set lan0 mtu 1400", &["MTU of lan0 is 1400, not 1500"]),
    ("ip link del lan0", &["bridge lan0 is missing"]),
    (
        "echo 0 > /proc/sys/net/ipv4/ip_forward",
        &["net.ipv4.conf.lan0.forwarding is 0, not 1", "net.ipv4.ip_forward is 0, not 1"],
    ),
    ("echo 0 > /proc/sys/net/ipv6/conf/lan0/forwarding", &["net.ipv6.conf.lan0.forwarding is 0, not 1"]),
    ("echo 0 > /proc/sys/net/ipv4/conf/lan0/route_localnet", &["net.ipv4.conf.lan0.route_localnet is 0, not 1"]),
    ("echo 2 > /proc/sys/net/ipv6/conf/lan0/accept_ra", &["net.ipv6.conf.lan0.accept_ra is 2, not 0"]),
    (
        "nft flush ruleset",
        &["port 8080:80/tcp is not published", "table ip pontoon is missing", "table ip6 pontoon is missing"],
    ),
    ("nft delete table ip6 pontoon", &["port 8080:80/tcp is not published", "table ip6 pontoon is missing"]),
    ("nft flush chain ip pontoon forward", &["rules of table ip pontoon are not those that pontoon wrote"]),
    ("nft insert rule ip6 pontoon forward drop", &["rules of table ip6 pontoon are not those that pontoon wrote"]),
    ("nft delete element ip pontoon bridges '{ lan0 }'", &["set bridges of table ip pontoon lacks what networks need"]),
    (
        "nft delete element ip6 pontoon masquerade_subnets '{ fd00::/64 }'",
        &["set masquerade_subnets of table ip6 pontoon lacks what networks need"],
    ),
    ("nft add element ip pontoon bridges '{ eth7 }'", &["set bridges of table ip pontoon has what is no network's"]),
    ("nft add table ip pontoon '{ flags dormant; }'", &["table ip pontoon is dormant"]),
    ("nft delete element ip pontoon publish_any '{ tcp . 8080 }'", &["port 8080:80/tcp is not published"]),
];

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn whatever_is_taken_away_check_says_and_sync_makes_right() {
    needs(&["ip", "nft"]);
    let host = host();
    let before = state(&host);
    assert_eq!(checked(&host), [""; 0]);
    assert_eq!((host.ok("sync").as_str(), host.ok("-j sync").trim()), ("", "[]"));
    for (damage, expected) in DAMAGE {
        host.sh(damage);
        assert_eq!(checked(&host), *expected, "{damage}");
        let text = host.ok("sync");
        for difference in *expected {
            assert!(text.lines().any(|line| line.ends_with(difference)), "{damage}: {text}");
        }
        assert_eq!(checked(&host), [""; 0], "{damage}");
        assert_eq!(host.ok("sync"), "", "{damage}");
        for address in ["10.0.0.2", "fd00::2"] {
            host.ok(&format!("ping -c 1 -W 2 --from b {address}"));
        }
        assert_same(&before, &state(&host), damage);
    }
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn ensure_makes_its_endpoint_right() {
    needs(&["ip", "nft"]);
    let host = host();
    let before = state(&host);
    for (damage, _) in DAMAGE.iter().filter(|(_, expected)| {
        let of_endpoint = ["eth0", "veth0a000002", "lo is", "port 8080", "bridge lan0 is missing"];
        expected.iter().any(|words| of_endpoint.iter().any(|word| words.contains(word)))
    }) {
        host.sh(damage);
        host.ok("network connect --ensure -p 8080:80 lan a");
        assert_eq!(checked(&host), [""; 0], "{damage}");
        assert_same(&before, &state(&host), damage);
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_default_route_is_given_by_the_network_that_gave_it() {
    needs(&["ip"]);
    let host = Host::new();
    host.sandbox("a");
    for (name, subnet, options) in [("zoo", 1, ""), ("ape", 2, ""), ("in", 3, "--internal")] {
        host.ok(&format!("network create --subnet 10.{subnet}.0.0/24 {options} {name}"));
        host.ok(&format!("network connect {name} a"));
    }
    let before = host.default_routes("a");
    assert_eq!(before, ["10.1.0.1 eth0"]);
    host.sh("ip -n a route del default; ip -n a link set eth1 down; ip -n a addr del 10.3.0.2/24 dev eth2");
    let expected = ["eth1 is down", "eth2 lacks address 10.3.0.2/24", "no default route, by 10.1.0.1 on eth0"];
    assert_eq!(checked(&host), expected);
    host.ok("sync");
    assert_eq!((host.default_routes("a"), checked(&host)), (before, Vec::new()));
    // A way out of the sandbox's own choice is its own business.
    host.sh("ip -n a route replace default via 10.2.0.1");
    assert_eq!((checked(&host).len(), host.ok("sync").as_str()), (0, ""));
    assert_eq!(host.default_routes("a"), ["10.2.0.1 eth1"]);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_cannot_be_mended_is_said_and_the_rest_is_mended() {
    needs(&["ip"]);
    let host = host();
    host.sh("ip -n b link set eth0 netns a name far; ip -n a addr del 10.0.0.2/24 dev eth0");
    let output = host.pontoon(&["sync"]);
    assert!(output.out.contains("a on network lan: eth0 lacks address 10.0.0.2/24\n"), "{output:?}");
    assert_eq!(output.fails(2), "pontoon: sync: b on network lan: eth0 is not in the sandbox: cannot be mended");
    assert_eq!(checked(&host), ["eth0 is not in the sandbox"]);
}
