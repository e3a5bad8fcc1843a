//! `pontoon ip` against iproute2 on the same state, byte for byte.
//!
//! Permitted differences, each with its reason, are in `differences_that_are_meant`; everything else is compared as it comes.

use crate::support::{Host, executable, needs};

/// A host with one of everything: a bridge with a port whose other end is in a named namespace, one whose other end is in a namespace
/// without a name, a pair inside one namespace with one end down, a bridge without carrier; addresses of all sorts; routes;
/// neighbours.
const STATE: &str = "
    ip link set lo up
    ip netns add c1; ip netns add c2; ip netns add empty
    ip link add br0 type bridge; ip link set br0 up
    ip link add v1 type veth peer name eth0 netns c1
    ip link set v1 master br0 up mtu 1400; ip -n c1 link set lo up; ip -n c1 link set eth0 up mtu 1400
    ip link add v2 type veth peer name eth0 netns c2
    ip link set v2 master br0 up; ip -n c2 link set eth0 up
    touch /run/c2; mount --bind /run/netns/c2 /run/c2; umount /run/netns/c2; rm /run/netns/c2
    ip link add a1 type veth peer name a2; ip link set a1 up
    ip link add br1 type bridge; ip link set br1 up
    ip link set v1 alias 'pontoon bridge/c1 \"eth0\"' group 7
    bridge link set dev v1 isolated on hairpin on
    ip addr add 10.0.0.1/24 brd + dev br0; ip addr add 10.0.0.2/24 dev br0; ip addr add 10.0.0.3/24 brd 10.0.0.255 dev br0 label br0:x
    ip addr add 10.9.9.9 peer 10.9.9.10/32 dev br0 scope link
    ip addr add 10.8.0.1/24 dev br0 valid_lft 1000 preferred_lft 0
    ip addr add 10.7.0.1/24 dev br0 valid_lft 3000 preferred_lft 2000 metric 50 noprefixroute
    ip addr add fd00::1/64 dev br0 nodad; ip addr add fd00::2/64 dev br0 nodad preferred_lft 0
    ip addr add fd00::3/64 dev br0 nodad valid_lft 3000 preferred_lft 2000 mngtmpaddr
    ip addr add fd01::1 peer fd01::2/128 dev br0 nodad
    ip addr add ::10.1.2.3/96 dev a1 nodad; ip addr add fd02::1/64 dev br1
    ip -n c1 addr add 10.0.0.7/24 brd + dev eth0; ip -n c1 route add default via 10.0.0.1
    ip route add default via 10.0.0.9; ip route add default via 10.0.0.8 metric 100 proto static
    ip route add 10.5.0.0/16 via 10.0.0.9 mtu lock 1400 rtt 1500ms hoplimit 9 congctl reno
    ip route add 10.6.0.0/16 nexthop via 10.0.0.9 weight 1 nexthop via 10.0.0.8 weight 3
    ip route add 10.4.0.0/16 via inet6 fe80::1 dev br0 onlink; ip route add unreachable 10.3.0.0/16; ip route add blackhole 10.2.0.0/16
    ip route add 10.1.0.0/16 dev br1 src 10.0.0.1 table 77; ip route add 10.1.1.1 dev br0 tos 0x0c proto 77
    ip -6 route add default via fd00::9; ip -6 route add unreachable fd05::/16; ip -6 route add fd06::/64 via fd00::9 expires 1000
    ip -6 route add fd07::/64 nexthop via fd00::9 nexthop via fd00::8; ip -6 route add fd08::/64 dev br0 pref high mtu 1300
    ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:01 dev br0; ip neigh add 10.0.0.78 lladdr 02:00:00:00:00:02 dev br0 nud stale
    ip neigh add fd00::77 lladdr 02:00:00:00:00:03 dev br0 router; ip neigh add 10.0.0.79 dev br0 nud noarp lladdr 02:00:00:00:00:04
    ip neigh add proxy 10.0.0.80 dev br0
";

fn host() -> Host {
    needs(&["ip", "bridge"]);
    let host = Host::new();
    host.sh(STATE);
    // Until duplicate address detection is over, addresses and routes change by themselves.
    for _ in 0..100 {
        if !host.sh("ip addr; ip -n c1 addr").contains("tentative") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    std::thread::sleep(std::time::Duration::from_millis(100));
    host
}

/// What ticks between two calls: lifetimes of addresses, the rest of a route's life, a bridge's timers.
fn still(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let marks = ["valid_lft ", "preferred_lft ", "_life_time\":", "expires ", "\"expires\":", "_timer ", "_timer\":"];
    while let Some((at, mark)) = marks.iter().filter_map(|m| rest.find(m).map(|at| (at, m))).min() {
        let (before, after) = rest.split_at(at + mark.len());
        let number = after.trim_start_matches(|c: char| c == ' ' || c == '.' || c.is_ascii_digit());
        // What is not a number, and what is for ever, or over, stands still.
        let value = after.strip_suffix(number).unwrap_or_default().trim();
        out.push_str(before);
        out.push_str(if matches!(value, "" | "0" | "4294967295") { value } else { "N" });
        rest = number;
    }
    out + rest
}

/// Compares one call. The kernel reports carriers and addresses late: what changed meanwhile is asked for again.
#[track_caller]
fn same(host: &Host, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let theirs = || still(&host.run("ip", &words).clone_ok(line));
    for _ in 0..50 {
        let before = theirs();
        let ours = still(&host.run(executable(), &[&["ip"], words.as_slice()].concat()).clone_ok(line));
        if before == theirs() {
            assert_eq!(ours, before, "ip {line}");
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("ip {line}: never the same twice");
}

impl crate::support::Output {
    #[track_caller]
    fn clone_ok(&self, line: &str) -> String {
        assert!(self.code == 0 && self.err.is_empty(), "ip {line}: {self:?}");
        self.out.clone()
    }
}

#[track_caller]
fn all_same(host: &Host, options: &[&str], objects: &[&str]) {
    for option in options {
        for object in objects {
            same(host, &format!("{option} {object}"));
        }
    }
}

const OPTIONS: &[&str] =
    &["", "-j", "-d", "-d -j", "-br", "-br -j", "-o", "-4", "-4 -j", "-n c1", "-n c1 -d -j", "-details -json"];

#[test]
#[ignore = "needs ip (iproute2) and bridge (iproute2)"]
fn links_are_the_same() {
    let host = host();
    let objects = [
        "link",
        "l",
        "link show dev v1",
        "link show br0",
        "link ls dev lo",
        "l sh up",
        "link list type bridge",
        "link show type veth",
        "link show type bridge_slave",
        "link show group 7",
        "link show group default",
    ];
    let here: Vec<&str> = objects.iter().copied().filter(|o| !o.contains("v1") && !o.contains("br0")).collect();
    all_same(&host, &OPTIONS[..9], &objects);
    all_same(&host, &OPTIONS[9..], &here);
    all_same(
        &host,
        &["", "-j", "-d"],
        &["link show master br0", "link show up master br0", "link show dev v2", "link show a2"],
    );
}

#[test]
#[ignore = "needs ip (iproute2) and bridge (iproute2)"]
fn addresses_are_the_same() {
    let host = host();
    let objects = [
        "a",
        "addr",
        "address show up",
        "addr show scope link",
        "a s scope global",
        "addr list type bridge",
        "addr show dev lo",
    ];
    all_same(&host, OPTIONS, &objects);
    all_same(
        &host,
        &["", "-j", "-4", "-6", "-br", "-d"],
        &["addr show dev br0", "a show br0 up", "a show v1", "a show dev a2", "addr show a1"],
    );
    all_same(&host, &["", "-j", "-br"], &["addr show master br0", "addr show group 7"]);
}

#[test]
#[ignore = "needs ip (iproute2) and bridge (iproute2)"]
fn routes_are_the_same() {
    let host = host();
    let objects = [
        "r",
        "route",
        "route show table all",
        "route show table main",
        "r s proto kernel",
        "route show scope link",
        "r ls default",
        "route show proto static",
        "ro show to 10.0.0.0/24",
    ];
    all_same(&host, OPTIONS, &objects);
    all_same(
        &host,
        &["", "-j", "-d"],
        &["route show dev br0", "route show table 77", "route show table local", "route show 10.1.1.1"],
    );
    let v6 = [
        "route",
        "route show table all",
        "route show dev br0",
        "r show table local",
        "r show default",
        "r show fd08::/64",
    ];
    all_same(&host, &["-6", "-6 -j", "-6 -d", "-f inet6"], &v6);
}

#[test]
#[ignore = "needs ip (iproute2) and bridge (iproute2)"]
fn neighbours_are_the_same() {
    let host = host();
    let objects = ["n", "neigh", "neighbour show", "neigh show dev br0", "n show nud all", "n s nud permanent"];
    all_same(&host, &["", "-j", "-br", "-br -j", "-4", "-6", "-d"], &objects);
    all_same(&host, &["", "-n c1", "-j -n c1"], &["neigh", "neigh show to 10.0.0.78"]);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn loopback_alone_is_the_same_down_and_up() {
    needs(&["ip"]);
    let host = Host::new();
    for prepare in ["true", "ip link set lo up", "ip addr flush dev lo", "ip link set lo down"] {
        host.sh(prepare);
        for line in
            ["a", "-d l", "-j a", "-br a", "-br l", "-o a", "-6 a", "-j -4 a", "r show table all", "-j r", "n", "-j n"]
        {
            same(&host, line);
        }
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn tentative_and_duplicate_addresses_and_states_without_carrier_are_the_same() {
    needs(&["ip"]);
    let host = Host::new();
    host.sh("ip link add name a type veth peer name b; ip link set dev a up; ip link set dev b up; ip addr add fd00::1/64 dev a");
    same(&host, "a");
    host.sh("ip link set dev b addr 02:00:00:00:00:01; ip link set dev a down; ip link set dev a mtu 9000 txqueuelen 0 promisc on arp off allmulticast on");
    for line in ["a", "-d l", "-j a", "-br l", "-j -d l"] {
        same(&host, line);
    }
    host.sh("ip link property add dev a altname another-name-that-is-rather-long; ip link set dev a up");
    same(&host, "l show another-name-that-is-rather-long");
    same(&host, "-j l");
}

#[test]
#[ignore = "needs ip (iproute2) and bridge (iproute2)"]
fn differences_that_are_meant() {
    let host = host();
    // An interface that is not there is exit code 2, as everywhere in pontoon, with one line that names it; iproute2 exits with 1.
    assert_eq!(host.fails(2, "ip addr show nope"), "pontoon: ip addr: interface nope not found");
    assert_eq!(host.fails(2, "ip route show dev nope"), "pontoon: ip route: interface nope not found");
    assert_eq!(host.fails(2, "ip link show master nope"), "pontoon: ip link: interface nope not found");
    // A table without routes is empty; iproute2 prints the kernel's refusal, or half a JSON list.
    assert_eq!(host.ok("ip route show table 12345"), "");
    assert_eq!(host.ok("ip -j route show table 12345"), "[]\n");
    // The kernel's IPv6 part tells an index without its namespace, and iproute2 takes it for one of this namespace (`v1@br0`).
    let (ours, theirs) = (host.ok("ip -6 addr"), host.run("ip", &["-6", "addr"]).ok());
    assert!(ours.contains(": v1@if"), "{ours}");
    let at = |text: &str| -> String {
        text.lines().map(|line| line.split_once('@').map_or(line, |(name, _)| name)).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(still(&at(&ours)), still(&at(&theirs)));
    // Names in /etc/iproute2 (`openr`, `CS1`) are not looked for: the numbers are shown, with or without such files.
    host.sh("ip route add 10.1.1.2 dev br0 tos 0x20 proto 99");
    assert_eq!(host.ok("ip route show 10.1.1.2"), "10.1.1.2 tos 0x20 dev br0 proto 99 scope link \n");
    // Control characters are escaped in JSON; iproute2 leaves most of them bare, which no JSON reader accepts.
    host.sh("ip link set v2 alias \"$(printf 'a\\001b')\"");
    assert!(host.ok("ip -j link show v2").contains(r#""ifalias":"a\u0001b""#));
}

#[test]
fn what_the_applet_does_not_do_is_refused() {
    let host = Host::new();
    for line in [
        "ip addr add 10.0.0.1/8 dev lo",
        "ip link set lo up",
        "ip route add default via 10.0.0.1",
        "ip rule",
        "ip",
        "ip -z addr",
    ] {
        let message = host.fails(1, line);
        assert!(message.contains("See 'pontoon ip"), "{message}");
    }
    assert!(host.ok("ip help").starts_with("Usage: pontoon ip"));
    assert_eq!(host.ok("ip addr --help"), host.ok("ip --help"));
    assert!(host.fails(2, "ip -n nope addr").starts_with("pontoon: ip addr: sandbox nope not found."));
    assert!(host.fails(1, "ip -n /etc/passwd addr").contains("it must be a network namespace"));
    assert_eq!(host.fails(2, "ip -n pid:4194304 addr"), "pontoon: ip addr: process 4194304 not found");
    assert_eq!(host.ok("ip addr --json"), host.ok("-j ip addr"));
}

#[test]
fn a_namespace_is_named_by_name_path_or_process() {
    let host = Host::new();
    host.ok("ip netns add web");
    let own = host.ok("ip addr");
    assert_eq!(host.ok("ip -n web link"), host.ok("ip -n /run/netns/web link"));
    assert_eq!(host.ok(&format!("ip -n pid:{} addr", host.anchor_pid())), own);
}
