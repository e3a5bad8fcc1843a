//! `brctl show` and `ethtool -S` against bridge-utils and ethtool on the same state, byte for byte.

use crate::support::{Host, executable, needs};

#[test]
#[ignore = "needs ip (iproute2) and brctl (bridge-utils)"]
fn brctl_show_is_the_same() {
    needs(&["ip", "brctl"]);
    let host = Host::new();
    // bridge-utils reads /sys, and a mount of sysfs shows the namespace it was mounted in.
    host.run("mount", &["-t", "sysfs", "none", "/sys"]).ok();
    let same = |words: &[&str]| {
        let ours = host.pontoon(&[&["brctl"], words].concat()).ok();
        assert_eq!(ours, host.run("brctl", words).ok(), "{words:?}");
        ours
    };
    same(&["show"]);
    host.sh(
        "ip link add br1 type bridge; ip link add br0 address 02:42:ac:11:00:01 type bridge stp_state 1 priority 4096
        ip link add br-27ce2ec58da9 type bridge
        for i in 9 10 2; do ip link add v$i type veth peer name w$i; ip link set v$i master br0; done; ip link set w2 master br1",
    );
    assert_eq!(
        same(&["show", "br0"]),
        "bridge name\tbridge id\t\tSTP enabled\tinterfaces\nbr0\t\t1000.0242ac110001\tyes\t\tv10\n\t\t\t\t\t\t\tv2\n\t\t\t\t\t\t\tv9\n"
    );
    same(&["show"]);
    same(&["show", "br1", "br0"]);
    // A bridge that is not there is exit code 2, as everywhere in pontoon; the others are shown.
    assert_eq!(host.fails(2, "brctl show nope"), "pontoon: brctl show nope: bridge nope not found");
    assert_eq!(host.fails(2, "brctl show lo"), "pontoon: brctl show lo: bridge lo not found: the interface is none.");
    assert_eq!(host.run("brctl", &["show", "nope", "br1"]).out, host.pontoon(&["brctl", "show", "nope", "br1"]).out);
    assert!(host.ok("-j brctl show br1").starts_with(r#"[{"name":"br1","id":"8000."#));
    host.fails(1, "brctl addbr br9");
    host.fails(1, "brctl");
}

#[test]
#[ignore = "needs ip (iproute2) and ethtool"]
fn ethtool_statistics_are_the_same() {
    needs(&["ip", "ethtool"]);
    let host = Host::new();
    host.sh("ip netns add c1; ip link add v1 type veth peer name eth0 netns c1; ip link add name a numtxqueues 3 numrxqueues 3 type veth peer name b");
    for name in ["v1", "a", "b"] {
        let ours = host.ok(&format!("ethtool -S {name}"));
        assert_eq!(ours, host.run("ethtool", &["-S", name]).ok());
        assert!(ours.starts_with("NIC statistics:\n     peer_ifindex: "), "{ours}");
    }
    let inside = host.ok(&format!("ip netns exec c1 {} ethtool -S eth0", executable()));
    let index = host.ok("ip -br -j link show v1");
    assert!(!index.is_empty() && inside.starts_with("NIC statistics:\n     peer_ifindex: "));
    // Without counters: the same words and exit code.
    let (ours, theirs) = (host.pontoon(&["ethtool", "-S", "lo"]), host.run("ethtool", &["-S", "lo"]));
    assert_eq!(ours, theirs);
    // Without an interface: pontoon's own exit code, and its name.
    assert_eq!(host.fails(2, "ethtool -S nope"), "pontoon: ethtool nope: interface nope not found");
    assert_eq!(
        host.fails(2, "ethtool -S a-name-that-is-too-long"),
        "pontoon: ethtool a-name-that-is-too-long: interface a-name-that-is-too-long not found"
    );
    host.fails(1, "ethtool v1");
    host.fails(1, "ethtool -S");
}

#[test]
fn the_applets_are_chosen_by_the_name_of_the_program() {
    let host = Host::new();
    host.sh(&format!("for name in ip brctl ethtool; do ln -s {} /run/$name; done", executable()));
    assert_eq!(host.run("/run/ip", &["-j", "a"]).ok(), host.ok("ip -j a"));
    assert_eq!(host.run("/run/brctl", &["show"]).ok(), host.ok("brctl show"));
    assert_eq!(host.run("/run/ethtool", &["-S", "lo"]), host.pontoon(&["ethtool", "-S", "lo"]));
    host.run("/run/ip", &["netns", "add", "web"]).ok();
    assert_eq!(host.run("/run/ip", &["netns"]).ok(), "web\n");
}
