//! `kill -9` at each system call in turn: the same command, or `gc`, and then `rm` leave nothing behind.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::collections::HashMap;

use support::{Host, PONTOON, have};

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
    let output = host.run("strace", &[&["-qq", "-o", "/run/trace", PONTOON], &words(command)[..]].concat());
    assert_eq!(output.code, 0, "{output:?}");
    let text = host.sh("cat /run/trace; rm /run/trace");
    text.lines().filter_map(|line| Some(line.split_once('(')?.0.to_owned())).collect()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn survive(case: &Case) {
    if !have(&["strace"]) {
        return;
    }
    let host = Host::new();
    host.sandbox("c1");
    host.sandbox("c2");
    let clean = host.traces();
    let prepare = || case.prepare.iter().for_each(|line| drop(host.ok(line)));
    prepare();
    let calls = system_calls(&host, case.command);
    let end = |at: &str| {
        for line in ["network rm -f lan bridge", "gc"] {
            let output = host.pontoon(&words(line));
            assert_eq!((output.code, output.err.as_str()), (0, ""), "{line} after {at}");
        }
        // A sandbox that is left alone may keep its own end, for as long as the kernel needs.
        assert_eq!(host.traces(), clean, "after {at}");
        for sandbox in ["c1", "c2"] {
            assert_eq!(host.devices(sandbox), ["lo"], "after {at}");
        }
    };
    end("the whole command");
    let mut counts: HashMap<&str, u32> = HashMap::new();
    let mut deaths = 0;
    for call in &calls {
        let count = counts.entry(call).or_default();
        *count += 1;
        if words(INNER).contains(&call.as_str()) {
            continue;
        }
        let at = format!("{} died at {call} {count}", case.command);
        prepare();
        let inject = format!("inject={call}:signal=KILL:when={count}");
        let died = host
            .run("strace", &[&["-qq", "-o", "/dev/null", "-e", &inject, PONTOON], &words(case.command)[..]].concat());
        assert_eq!(died.code, -1, "{at}: {died:?}");
        deaths += 1;
        // Looking works whatever was left.
        for line in ["network ls", "network inspect lan", "inspect c1"] {
            let output = host.pontoon(&words(line));
            let gone = line == "network inspect lan" && output.err.contains("network lan not found");
            assert!(gone || (output.code, output.err.as_str()) == (0, ""), "{line} after {at}: {output:?}");
        }
        for line in case.recover {
            let output = host.pontoon(&words(line));
            assert_eq!((output.code, output.err.as_str()), (0, ""), "{line} after {at}");
        }
        if let Some(devices) = case.devices {
            assert_eq!(host.devices(""), devices, "after {at}");
        }
        end(&at);
    }
    // The write of what is printed, the lock, and all that changes something.
    assert!(deaths >= 15, "{deaths} of {calls:?}");
}

const CONNECT: &[&str] = &[LAN, "network connect lan c2"];
const CONNECTED: &[&str] = &["lan0", "lo", "vethac110002", "vethac110003"];

#[test]
fn create_then_the_same() {
    survive(&Case { prepare: &[], command: LAN, recover: &[LAN_AGAIN], devices: Some(&["lan0", "lo"]) });
}

#[test]
fn create_then_gc() {
    survive(&Case { prepare: &[], command: LAN, recover: &["gc"], devices: None });
}

#[test]
fn connect_then_the_same() {
    let recover =
        &["network connect --ensure lan c1", "network connect --ensure lan c2", "ping -c 1 -W 2 --from c1 172.17.0.1"];
    survive(&Case { prepare: CONNECT, command: "network connect lan c1", recover, devices: Some(CONNECTED) });
}

#[test]
fn connect_then_gc() {
    survive(&Case { prepare: CONNECT, command: "network connect lan c1", recover: &["gc"], devices: None });
}

#[test]
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
fn connect_on_a_clean_host_then_the_same() {
    let recover = &["network connect --ensure bridge c1"];
    let devices: &[&str] = &["lo", "pontoon0", "vethac110002"];
    survive(&Case { prepare: &[], command: "network connect bridge c1", recover, devices: Some(devices) });
}

#[test]
fn connect_on_a_clean_host_then_gc() {
    survive(&Case { prepare: &[], command: "network connect bridge c1", recover: &["gc"], devices: None });
}

const DISCONNECT: &[&str] = &[LAN, "network connect lan c1", "network connect lan c2"];

#[test]
fn disconnect_then_the_same() {
    let recover = &["network disconnect -f lan c1"];
    let devices: &[&str] = &["lan0", "lo", "vethac110003"];
    survive(&Case { prepare: DISCONNECT, command: "network disconnect lan c1", recover, devices: Some(devices) });
}

#[test]
fn disconnect_then_gc() {
    survive(&Case { prepare: DISCONNECT, command: "network disconnect lan c1", recover: &["gc"], devices: None });
}

#[test]
fn rm_then_the_same() {
    let recover = &["network rm -f lan"];
    survive(&Case { prepare: DISCONNECT, command: "network rm -f lan", recover, devices: Some(&["lo"]) });
}

#[test]
fn rm_then_gc() {
    survive(&Case { prepare: DISCONNECT, command: "network rm -f lan", recover: &["gc"], devices: None });
}
