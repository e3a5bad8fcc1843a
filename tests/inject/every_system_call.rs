//! The verbs, the faults, and what must hold after each.
//!
//! By default one in `SAMPLE` injections is made; with `PONTOON_INJECT_EVERY=1` and `--nocapture` all of them are, and figures printed.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::state;
use crate::support::{Host, Output, executable, needs};

/// What becomes of a system call.
const FAULTS: [&str; 7] =
    ["error=EPERM", "error=ENOMEM", "error=ENOSPC", "error=EINTR", "error=ENOBUFS", "error=EMFILE", "signal=KILL"];

/// System calls that change nothing outside the process, nor ask anything that matters: its start, its memory and its end.
const INNER: &str = "fcntl brk mmap munmap mremap mprotect rt_sigaction rt_sigprocmask sigaltstack poll getrandom \
                     clock_gettime prctl arch_prctl set_tid_address set_robust_list rseq prlimit64 readlink exit_group \
                     sched_getaffinity gettid getpid uname execve";

const SAMPLE: usize = 160;
const WORKERS: usize = 3;

/// A verb.
struct Case {
    prepare: &'static [&'static str],
    command: &'static str,
    /// The same, where what is so already is no error.
    again: &'static str,
}

const LAN: &str = "network create --subnet 10.9.0.0/24 --subnet fd00:9::/64 -o com.docker.network.bridge.name=lan0 lan";
const TWO: &str = "network create --subnet 10.8.0.0/24 -o com.docker.network.bridge.name=two0 two";

const CASES: [Case; 7] = [
    Case {
        prepare: &[],
        command: LAN,
        again: "network create --ensure --subnet 10.9.0.0/24 --subnet fd00:9::/64 -o com.docker.network.bridge.name=lan0 lan",
    },
    Case {
        prepare: &[LAN, "network connect -p 9090:90 lan c2"],
        command: "network connect -p 8080:80 -p 127.0.0.1:9053:53/udp lan c1",
        again: "network connect --ensure -p 8080:80 -p 127.0.0.1:9053:53/udp lan c1",
    },
    Case {
        prepare: &[],
        command: "network connect -p 8080:80 bridge c1",
        again: "network connect --ensure -p 8080:80 bridge c1",
    },
    Case {
        prepare: &[LAN, TWO, "network connect -p 8080:80 -p 9053:53/udp lan c1", "network connect two c1"],
        command: "network disconnect lan c1",
        again: "network disconnect -f lan c1",
    },
    Case {
        prepare: &[LAN, "network connect -p 8080:80 -p 9053:53/udp lan c1", "network connect lan c2"],
        command: "network rm -f lan",
        again: "network rm -f lan",
    },
    Case { prepare: &[], command: "ip netns add new", again: "ip netns add new" },
    Case { prepare: &["ip netns add old"], command: "ip netns del old", again: "ip netns del old" },
];

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn prepared(case: &Case) -> Host {
    let host = Host::new();
    host.loopback_up();
    for name in ["c1", "c2"] {
        host.sandbox(name);
        // As the first connection does, for good.
        host.sh(&format!("ip -n {name} link set lo up"));
    }
    for line in case.prepare {
        host.ok(line);
    }
    host
}

/// The command with a fault at the `count`th `call`.
fn with_fault(host: &Host, command: &str, fault: &Fault) -> Output {
    let inject = format!("inject={}:{}:when={}", fault.call, fault.kind, fault.count);
    let strace = ["-qq", "-o", "/dev/null", "-e", &inject, executable()];
    host.run("strace", &[&strace, &words(command)[..]].concat())
}

struct Fault {
    call: String,
    count: u32,
    kind: &'static str,
}

/// Each system call of the command with each fault.
fn faults(case: &Case) -> Vec<Fault> {
    let host = prepared(case);
    host.run("strace", &[&["-qq", "-o", "/run/trace", executable()], &words(case.command)[..]].concat()).ok();
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut all = Vec::new();
    for line in host.sh("cat /run/trace").lines() {
        let Some((call, _)) = line.split_once('(') else { continue };
        let count = counts.entry(call.to_owned()).or_default();
        *count += 1;
        if !words(INNER).contains(&call) {
            all.extend(FAULTS.map(|kind| Fault { call: call.to_owned(), count: *count, kind }));
        }
    }
    all
}

/// What was wrong after one fault; nothing if nothing was.
fn trouble(case: &Case, fault: &Fault, after: &[String]) -> Option<String> {
    let host = prepared(case);
    let output = with_fault(&host, case.command, fault);
    let lines: Vec<_> = output.err.lines().filter(|line| !line.starts_with("pontoon: warning: ")).collect();
    let killed = fault.kind == "signal=KILL";
    let orderly = match output.code {
        0 => lines.is_empty(),
        2 | 3 => lines.len() == 1 && lines[0].starts_with("pontoon: ") && !killed,
        -1 => killed,
        _ => false,
    };
    if !orderly {
        return Some(format!("{output:?}"));
    }
    // What succeeded has done all of it; so has what could not say so.
    let done = output.code == 0 || output.err.contains("cannot write the result");
    if !done {
        let line = if killed { case.again } else { case.command };
        let again = host.pontoon(&words(line));
        let was_done = again.code == 2 && ["already exists", "not found"].iter().any(|said| again.err.contains(said));
        if again.code != 0 && !(case.command.starts_with("ip ") && was_done) {
            return Some(format!("{output:?}, and then {again:?}"));
        }
    }
    let difference = state::difference(&state::of(&host), after);
    (!difference.is_empty()).then(|| format!("{output:?}, and then\n{}", difference.join("\n")))
}

/// As [`trouble`], but for `gc` in the place of the same command, and the end of all networks after it.
fn trouble_of_gc(case: &Case, fault: &Fault, clean: &[String]) -> Option<String> {
    let host = prepared(case);
    let output = with_fault(&host, case.command, fault);
    let gc = host.pontoon(&["gc"]);
    if (gc.code, gc.err.as_str()) != (0, "") {
        return Some(format!("{output:?}, and then {gc:?}"));
    }
    let wrong = state::unowned(&host);
    if !wrong.is_empty() {
        return Some(format!("{output:?}, and after gc\n{}", wrong.join("\n")));
    }
    host.ok("network rm -f lan two bridge");
    host.ok("gc");
    let difference = state::difference(&state::of(&host), clean);
    (!difference.is_empty()).then(|| format!("{output:?}, and after gc and rm\n{}", difference.join("\n")))
}

fn every() -> usize {
    std::env::var("PONTOON_INJECT_EVERY").map_or(SAMPLE, |every| every.parse().unwrap())
}

#[test]
#[ignore = "needs strace, ip (iproute2) and nft (nftables)"]
fn a_fault_at_every_system_call_leaves_nothing_that_the_same_command_or_gc_does_not_mend() {
    needs(&["strace", "ip", "nft"]);
    let (every, mut figures, mut troubles) = (every(), Vec::new(), Vec::new());
    let clean = state::of(&prepared(&CASES[0]));
    for case in &CASES {
        let faults = faults(case);
        let undisturbed = prepared(case);
        undisturbed.ok(case.command);
        let after = state::of(&undisturbed);
        let netns = case.command.starts_with("ip ");
        let (next, found, made) = (AtomicUsize::new(0), Mutex::new(Vec::new()), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(fault) = faults.get(next.fetch_add(every, Ordering::Relaxed)) {
                        made.fetch_add(1, Ordering::Relaxed);
                        let mut trouble = trouble(case, fault, &after);
                        if trouble.is_none() && !netns {
                            trouble = trouble_of_gc(case, fault, &clean);
                        }
                        let Some(trouble) = trouble else { continue };
                        let Fault { call, count, kind } = fault;
                        found.lock().unwrap().push(format!("{}: {call} {count} {kind}: {trouble}", case.command));
                    }
                });
            }
        });
        let found = found.into_inner().unwrap();
        figures.push(format!(
            "{}: {} of {} faults made, {} left something",
            case.command,
            made.into_inner(),
            faults.len(),
            found.len()
        ));
        troubles.extend(found);
    }
    println!("{}", figures.join("\n"));
    assert!(troubles.is_empty(), "{}\n\n{}", troubles.join("\n\n"), figures.join("\n"));
}
