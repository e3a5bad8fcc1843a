//! `kill -9` at each system call in turn: the same command, or `gc`, and then `rm` leave nothing behind.

use std::collections::HashMap;

use crate::support::{Host, executable, needs};

/// System calls that change nothing outside the process: to die at one is to die at the next that does.
const INNER: &str = "fcntl brk mmap munmap mremap mprotect rt_sigaction rt_sigprocmask sigaltstack poll getrandom \
                     clock_gettime prctl arch_prctl set_tid_address set_robust_list rseq prlimit64 readlink exit_group \
                     sched_getaffinity gettid getpid fstat newfstatat fstatfs uname execve pread64 lseek";

/// A command, and how to go on when it died.
struct Case {
    prepare: &'static [&'static str],
    command: &'static str,
    recover: &'static [&'static str],
    /// The host's devices after `recover`, before the network is removed.
    devices: Option<&'static [&'static str]>,
}

const LAN: &str = "network create --ipv6 -o com.docker.network.bridge.name=lan0 lan";
const LAN_AGAIN: &str = "network create --ensure --ipv6 -o com.docker.network.bridge.name=lan0 lan";

/// The system calls of a command, in order.
fn system_calls(host: &Host, command: &str) -> Vec<String> {
    let output = host.run("strace", &[&["-qq", "-o", "/run/trace", executable()], &words(command)[..]].concat());
    assert_eq!(output.code, 0, "{output:?}");
    let text = host.sh("cat /run/trace; rm /run/trace");
    text.lines().filter_map(|line| Some(line.split_once('(')?.0.to_owned())).collect()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn survive(case: &Case) {
    needs(&["strace", "nft"]);
    // Most of the time is the kernel's, waiting for nobody to look at a deleted device any more.
    let deaths: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|part| scope.spawn(move || die_and_recover(case, part))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    // The lock, the write of what is printed, and all that changes something.
    assert!(deaths >= 15, "{deaths}");
}

const WORKERS: usize = 3;

/// Dies at every third of the system calls, on a host of its own: how often that was.
fn die_and_recover(case: &Case, part: usize) -> usize {
    let host = Host::new();
    host.sandbox("c1");
    host.sandbox("c2");
    // What the first network switches on stays on, and the second one makes fewer calls.
    host.sh("for conf in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 > /proc/sys/net/$conf; done");
    let clean = host.traces();
    let prepare = || case.prepare.iter().for_each(|line| drop(host.ok(line)));
    prepare();
    let calls = system_calls(&host, case.command);
    let quiet = |line: &str, at: &str| {
        let output = host.pontoon(&words(line));
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{line} after {at}");
    };
    let end = |at: &str| {
        quiet("network rm -f lan bridge", at);
        quiet("gc", at);
        assert_eq!(host.traces(), clean, "after {at}");
        assert_eq!(host.run("nft", &["list", "ruleset"]).ok(), "", "after {at}");
        assert_eq!(
            (host.devices("c1"), host.devices("c2")),
            (vec!["lo".to_owned()], vec!["lo".to_owned()]),
            "after {at}"
        );
    };
    end("the whole command");
    let mut counts: HashMap<&str, u32> = HashMap::new();
    let mut deaths = Vec::new();
    for call in &calls {
        let count = counts.entry(call).or_default();
        *count += 1;
        if !words(INNER).contains(&call.as_str()) {
            deaths.push((call, *count));
        }
    }
    let mine: Vec<_> = deaths.into_iter().skip(part).step_by(WORKERS).collect();
    for (call, count) in &mine {
        let at = format!("{} died at {call} {count}", case.command);
        prepare();
        let inject = format!("inject={call}:signal=KILL:when={count}");
        let strace = ["-qq", "-o", "/dev/null", "-e", &inject, executable()];
        let died = host.run("strace", &[&strace, &words(case.command)[..]].concat());
        // How many addresses the host has, and so how many look-ups a published port takes, changes from run to run: the last
        // ones may not come. Then nobody died, and what follows must hold all the more.
        let may_not_come = matches!(call.as_str(), "sendto" | "recvfrom");
        assert!(died.code == -1 || died.code == 0 && may_not_come, "{at}: {died:?}");
        // Looking works whatever was left.
        quiet("inspect c1", &at);
        let shown = host.pontoon(&["network", "inspect", "lan"]);
        assert!(shown.code == 0 || shown.err.contains("network lan not found"), "after {at}: {shown:?}");
        case.recover.iter().for_each(|line| quiet(line, &at));
        if case.command.contains("-p ") || case.prepare.iter().any(|line| line.contains("-p ")) {
            published_is_recorded(&host, &at);
        }
        if let Some(devices) = case.devices {
            assert_eq!(host.devices(""), devices, "after {at}");
        }
        end(&at);
    }
    mine.len()
}

/// No element without an endpoint, and no endpoint without its ports.
fn published_is_recorded(host: &Host, at: &str) {
    let rules = host.run("nft", &["list", "ruleset"]).ok();
    let published = rules.contains("tcp . 8080 : 172.17.0.");
    let recorded = ["c1", "c2"].iter().any(|name| host.pontoon(&["port", name]).out.contains("80/tcp -> 0.0.0.0:8080"));
    assert_eq!(published, recorded, "after {at}: {rules}");
}

const CONNECT: &[&str] = &[LAN, "network connect lan c2"];
const CONNECTED: &[&str] = &["lan0", "lo", "vethac110002", "vethac110003"];

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn create_then_the_same() {
    survive(&Case { prepare: &[], command: LAN, recover: &[LAN_AGAIN], devices: Some(&["lan0", "lo"]) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn create_then_gc() {
    survive(&Case { prepare: &[], command: LAN, recover: &["gc"], devices: None });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn connect_then_the_same() {
    let recover =
        &["network connect --ensure lan c1", "network connect --ensure lan c2", "ping -c 1 -W 2 --from c1 172.17.0.1"];
    survive(&Case { prepare: CONNECT, command: "network connect lan c1", recover, devices: Some(CONNECTED) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn connect_then_gc() {
    survive(&Case { prepare: CONNECT, command: "network connect lan c1", recover: &["gc"], devices: None });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn connect_with_an_address_of_ones_own_then_the_same() {
    let command = "network connect --ip 172.17.0.3 --ip6 fd00:1::9 lan c1";
    let recover = &["network connect --ensure --ip 172.17.0.3 --ip6 fd00:1::9 lan c1"];
    let prepare = &[
        "network create --subnet 172.17.0.0/16 --subnet fd00:1::/64 -o com.docker.network.bridge.name=lan0 lan",
        "network connect lan c2",
    ];
    survive(&Case { prepare, command, recover, devices: Some(CONNECTED) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn connect_on_a_clean_host_then_the_same() {
    let recover = &["network connect --ensure bridge c1"];
    let devices: &[&str] = &["lo", "pontoon0", "vethac110002"];
    survive(&Case { prepare: &[], command: "network connect bridge c1", recover, devices: Some(devices) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn connect_on_a_clean_host_then_gc() {
    survive(&Case { prepare: &[], command: "network connect bridge c1", recover: &["gc"], devices: None });
}

const DISCONNECT: &[&str] = &[LAN, "network connect lan c1", "network connect lan c2"];

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn disconnect_then_the_same() {
    let recover = &["network disconnect -f lan c1"];
    let devices: &[&str] = &["lan0", "lo", "vethac110003"];
    survive(&Case { prepare: DISCONNECT, command: "network disconnect lan c1", recover, devices: Some(devices) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn disconnect_then_gc() {
    survive(&Case { prepare: DISCONNECT, command: "network disconnect lan c1", recover: &["gc"], devices: None });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn rm_then_the_same() {
    let recover = &["network rm -f lan"];
    survive(&Case { prepare: DISCONNECT, command: "network rm -f lan", recover, devices: Some(&["lo"]) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn rm_then_gc() {
    survive(&Case { prepare: DISCONNECT, command: "network rm -f lan", recover: &["gc"], devices: None });
}

const PUBLISHED: &[&str] = &[LAN, "network connect -p 8080:80 -p 9053:53/udp lan c1", "network connect lan c2"];

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn connect_with_ports_then_the_same() {
    let command = "network connect -p 8080:80 -p 9053:53/udp lan c1";
    let recover = &["network connect --ensure -p 8080:80 -p 9053:53/udp lan c1", "port c1 80/tcp"];
    survive(&Case { prepare: CONNECT, command, recover, devices: Some(CONNECTED) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn connect_with_ports_then_gc() {
    let command = "network connect -p 8080:80 lan c1";
    survive(&Case { prepare: CONNECT, command, recover: &["gc"], devices: None });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn disconnect_with_ports_then_the_same() {
    let recover = &["network disconnect -f lan c1"];
    let devices: &[&str] = &["lan0", "lo", "vethac110003"];
    survive(&Case { prepare: PUBLISHED, command: "network disconnect lan c1", recover, devices: Some(devices) });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn disconnect_with_ports_then_gc() {
    survive(&Case { prepare: PUBLISHED, command: "network disconnect lan c1", recover: &["gc"], devices: None });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn rm_with_ports_then_the_same() {
    survive(&Case { prepare: PUBLISHED, command: "network rm -f lan", recover: &["network rm -f lan"], devices: None });
}

#[test]
#[ignore = "needs strace and nft (nftables)"]
fn sync_then_the_same() {
    survive(&Case {
        prepare: PUBLISHED,
        command: "sync",
        recover: &["sync", "port c1 80/tcp"],
        devices: Some(CONNECTED),
    });
}
