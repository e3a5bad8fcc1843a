//! A step that fails, or whose answer is lost: what fails is told, what was done is undone or can be finished by the same command.

use crate::support::{Host, Output, executable, needs};

const LAN: &str = "network create --subnet 10.9.0.0/24 -o com.docker.network.bridge.name=lan0 lan";

/// Runs pontoon with what strace calls an injection.
fn with_fault(host: &Host, fault: &str, line: &str) -> Output {
    let inject = format!("inject={fault}");
    let words: Vec<_> = line.split_whitespace().collect();
    host.run("strace", &[&["-qq", "-o", "/dev/null", "-e", &inject, executable()], &words[..]].concat())
}

/// The `number`s, from 1, of the system calls `call` of a command whose lines, as strace prints them, contain `word`.
fn numbers(host: &Host, call: &str, word: &str, line: &str) -> Vec<usize> {
    let words: Vec<_> = line.split_whitespace().collect();
    let trace = ["-qq", "-o", "/run/trace", "-e", &format!("trace={call}"), executable()];
    host.run("strace", &[&trace, &words[..]].concat()).ok();
    let text = host.sh("cat /run/trace; rm /run/trace");
    let numbered = text.lines().enumerate().filter(|(_, line)| line.contains(word));
    numbered.map(|(index, _)| index + 1).collect()
}

fn published(host: &Host) -> bool {
    host.run("nft", &["list", "ruleset"]).ok().contains("8080 : 10.9.0.2 . 80")
}

fn with_a_port(sandboxes: &[&str]) -> Host {
    let host = Host::new();
    for name in sandboxes {
        host.sandbox(name);
    }
    host.ok(LAN);
    host.ok("network connect -p 8080:80 lan c1");
    host
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn a_port_that_cannot_be_withdrawn_is_told_and_withdrawn_by_the_next_try() {
    needs(&["strace", "nft"]);
    let sockets = numbers(&with_a_port(&["c1"]), "socket", "NETLINK_NETFILTER", "network disconnect lan c1");
    assert!(!sockets.is_empty());
    for number in sockets {
        for errno in ["ENFILE", "ENOMEM", "EMFILE"] {
            let host = with_a_port(&["c1", "c2"]);
            let fault = format!("socket:error={errno}:when={number}");
            let error = with_fault(&host, &fault, "network disconnect lan c1").fails(2);
            assert!(error.contains(errno), "{error}");
            host.ok("network disconnect lan c1");
            assert!(!published(&host));
            // The next one that gets the address has nothing of it.
            host.ok("network connect --ip 10.9.0.2 lan c2");
            assert!(!published(&host));
            assert_eq!(host.ok("port c2"), "");
        }
    }
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn a_port_that_could_not_be_withdrawn_is_not_the_next_ones() {
    needs(&["strace", "nft"]);
    let host = with_a_port(&["c1", "c2"]);
    let sockets = numbers(&host, "socket", "NETLINK_NETFILTER", "network disconnect lan c1");
    host.ok("network connect -p 8080:80 lan c1");
    let fault = format!("socket:error=ENFILE:when={}", sockets[0]);
    with_fault(&host, &fault, "network disconnect lan c1").fails(2);
    // Nobody tries again: the address goes to another, the port does not.
    host.ok("network connect --ip 10.9.0.2 lan c2");
    assert!(!published(&host));
    host.ok("network connect -p 8080:80 lan c1");
    host.ok("gc");
    let rules = host.sh("nft list ruleset");
    assert!(rules.contains("8080 : 10.9.0.4 . 80"), "{rules}");
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn a_network_whose_look_ups_fail_is_not_gone() {
    needs(&["strace", "nft"]);
    let remove = "network rm -f lan";
    for call in ["socket", "sendto", "recvfrom", "ioctl", "openat"] {
        let count = numbers(&with_a_port(&["c1"]), call, "", remove).len();
        for number in 1..=count {
            let host = with_a_port(&["c1"]);
            let output = with_fault(&host, &format!("{call}:error=ENOMEM:when={number}"), remove);
            if output.code != 0 {
                output.fails(2);
                host.ok(remove);
            }
            assert_eq!(host.sh("nft list ruleset"), "", "{call} {number}");
            assert_eq!(host.devices(""), ["lo"], "{call} {number}");
            assert_eq!(host.sh("cat /proc/sys/net/ipv4/ip_forward"), "0\n", "{call} {number}");
            assert_eq!(host.ok("network ls -q"), "", "{call} {number}");
        }
    }
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn a_port_whose_publication_is_not_answered_is_withdrawn() {
    needs(&["strace", "nft"]);
    let connect = "network connect -p 8080:80 lan c1";
    let fresh = || {
        let host = Host::new();
        host.sandbox("c1");
        host.ok(LAN);
        host
    };
    let answers = numbers(&fresh(), "recvfrom", "", connect).len();
    let mut failed = 0;
    for number in 1..=answers {
        let host = fresh();
        let output = with_fault(&host, &format!("recvfrom:error=ENOBUFS:when={number}"), connect);
        if output.code == 0 {
            assert!(published(&host), "{number}");
            continue;
        }
        output.fails(2);
        failed += 1;
        assert!(!published(&host) && host.devices("") == ["lan0", "lo"], "{number}");
        host.ok(connect);
        assert!(published(&host), "{number}");
    }
    assert!(failed > 5, "{failed} of {answers}");
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn a_bridge_whose_maker_fails_afterwards_goes_with_the_network() {
    needs(&["strace", "nft"]);
    for call in ["ioctl", "sendto", "recvfrom", "openat", "write", "socket"] {
        let count = numbers(&Host::new(), call, "", LAN).len();
        for number in 1..=count {
            let host = Host::new();
            let output = with_fault(&host, &format!("{call}:error=ENOMEM:when={number}"), LAN);
            if output.code != 0 && !output.err.contains("cannot write the result") {
                output.fails(2);
                assert_eq!(host.devices(""), ["lo"], "{call} {number}");
                assert_eq!(host.sh("nft list ruleset"), "", "{call} {number}");
                assert_eq!(host.sh("cat /proc/sys/net/ipv4/ip_forward"), "0\n", "{call} {number}");
                host.ok(LAN);
            }
            // It is ours, not adopted: it goes.
            host.ok("network rm lan");
            assert_eq!(host.devices(""), ["lo"], "{call} {number}");
        }
    }
}
