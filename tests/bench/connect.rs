//! `scripts/bench connect`: what starting costs, beside a C program that does nothing; and what attaching a sandbox costs, beside
//! `ip` and beside a minimal program that sends the same bytes. Each has a limit, and a verdict.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]

#[path = "../support/mod.rs"]
mod support;

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use support::Host;

/// Starts of each program, and attachments by each.
const STARTS: u32 = 1000;
const ROUNDS: u32 = 200;

/// The limits: what they are is in the verdicts.
const START: f64 = 1.3;
const CONNECT: f64 = 1.15;
const CALLS: f64 = 90.0;
const RESIDENT: f64 = 1024.0;

fn main() -> ExitCode {
    // `cargo test --benches` and `cargo bench` both come here; only the second, through scripts/bench, is to measure.
    if std::env::var("PONTOON_BENCH").as_deref() != Ok("connect") {
        println!("run by scripts/bench");
        return ExitCode::SUCCESS;
    }
    let pontoon = support::executable().to_owned();
    let minimal = std::env::var("PONTOON_MINIMAL").unwrap();
    let mut verdicts = Vec::new();
    for (name, program) in [("cc", "PONTOON_CC"), ("musl-gcc", "PONTOON_MUSL_GCC")] {
        if let Ok(program) = std::env::var(program) {
            verdicts.push(start(&pontoon, &program, name));
        }
    }
    let bench = Bench::new(pontoon, minimal);
    verdicts.push(bench.connect());
    verdicts.push(bench.calls());
    verdicts.push(bench.resident());
    bench.host.ok("network rm -f bench");
    println!();
    let failed = verdicts.iter().filter(|verdict| !verdict.holds()).count();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What was measured, and the most that it may be.
struct Verdict {
    what: String,
    value: f64,
    limit: f64,
}

impl Verdict {
    /// Says so, too.
    fn holds(&self) -> bool {
        let holds = self.value <= self.limit;
        let (what, value, limit) = (&self.what, self.value, self.limit);
        println!("{}: {what}: {value:.2}, at most {limit}", if holds { "ok" } else { "TOO MUCH" });
        holds
    }
}

/// `pontoon --version` beside a static C program that does nothing, made by the compiler `compiler`.
fn start(pontoon: &str, nothing: &str, compiler: &str) -> Verdict {
    let run = |program: &str, arguments: &[&str]| {
        let start = Instant::now();
        let status = Command::new(program).args(arguments).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{program}");
        start.elapsed()
    };
    // They take turns, so that whatever else the machine does happens to both.
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        times.0.push(run(pontoon, &["--version"]));
        times.1.push(run(nothing, &[]));
    }
    let (ours, theirs) = (median(times.0), median(times.1));
    println!("start: {} µs; a static C program by {compiler}: {} µs", ours.as_micros(), theirs.as_micros());
    let what = format!("--version / a static C program that does nothing, by {compiler}");
    Verdict { what, value: ours.as_secs_f64() / theirs.as_secs_f64(), limit: START }
}

/// A host with a network, and the programs that attach to it.
struct Bench {
    host: Host,
    pontoon: String,
    minimal: String,
    /// The bridge's interface index.
    bridge: String,
}

impl Bench {
    fn new(pontoon: String, minimal: String) -> Self {
        let host = Host::new();
        host.ok("network create --subnet 10.99.0.0/16 -o com.docker.network.bridge.name=br0 bench");
        host.sh("ip link set lo up");
        let bridge = host.sh("ip -o link show br0 | cut -d: -f1").trim().to_owned();
        Self { host, pontoon, minimal, bridge }
    }

    fn connect(&self) -> Verdict {
        let ours = |name: &str, _: u32| drop(self.host.ok(&format!("network connect bench {name}")));
        let least = |name: &str, round: u32| {
            let address = format!("10.99.{}.{}", 100 + round / 200, 2 + round % 200);
            self.host.run(&self.minimal, &[&self.bridge, &format!("/run/netns/{name}"), &address]).ok();
        };
        let ip = |name: &str, round: u32| self.by_ip(name, round);
        let make = |name: &str| drop(self.host.ok(&format!("ip netns add {name}")));
        let make_by_ip = |name: &str| drop(self.host.run("ip", &["netns", "add", name]).ok());

        let mut rows = [
            Row::new("pontoon", &make, &ours),
            Row::new("minimal program", &make, &least),
            Row::new("ip, five processes", &make_by_ip, &ip),
        ];
        // Those that are compared take turns.
        for round in 0..ROUNDS {
            for row in &mut rows {
                row.measure(&self.host, round);
            }
        }
        println!("median of {ROUNDS}, milliseconds, each started as processes");
        println!("{:<22}{:>10}{:>20}", "", "connect", "sandbox + connect");
        let [ours, least, ip] = rows.map(Row::print);
        println!("ip / pontoon: {:.2}", ip / ours);
        Verdict { what: "network connect / the minimal program".to_owned(), value: ours / least, limit: CONNECT }
    }

    fn by_ip(&self, name: &str, round: u32) {
        let (port, address) = (format!("v{round}"), format!("10.99.{}.{}/16", 200 + round / 200, 2 + round % 200));
        let run = |line: &str| drop(self.host.run("ip", &line.split(' ').collect::<Vec<_>>()).ok());
        run(&format!("link add {port} mtu 1500 master br0 up type veth peer name eth0 netns {name}"));
        run(&format!("-n {name} link set lo up"));
        run(&format!("-n {name} addr add {address} dev eth0"));
        run(&format!("-n {name} link set eth0 up"));
        run(&format!("-n {name} route add default via 10.99.0.1"));
    }

    /// System calls of one connect, execve among them.
    fn calls(&self) -> Verdict {
        let connect = ["network", "connect", "bench", "counted"];
        self.host.ok("ip netns add counted");
        self.host
            .run("strace", &[&["-qq", "-f", "-o", "/run/trace", self.pontoon.as_str()], &connect[..]].concat())
            .ok();
        self.host.ok("ip netns del counted");
        let calls = self.host.sh("wc -l </run/trace; rm /run/trace").trim().parse().unwrap();
        Verdict { what: "system calls of network connect".to_owned(), value: calls, limit: CALLS }
    }

    /// The most memory that one connect has resident.
    fn resident(&self) -> Verdict {
        self.host.ok("ip netns add resident");
        let connect = ["resident", &self.pontoon, "network", "connect", "bench", "resident"];
        let kib = self.host.run(&self.minimal, &connect).ok().trim().parse().unwrap();
        self.host.ok("ip netns del resident");
        Verdict { what: "KiB resident in network connect".to_owned(), value: kib, limit: RESIDENT }
    }
}

/// One way to attach: its times alone, and together with making the sandbox.
struct Row<'a> {
    name: &'a str,
    make: &'a dyn Fn(&str),
    attach: &'a dyn Fn(&str, u32),
    alone: Vec<Duration>,
    whole: Vec<Duration>,
}

impl<'a> Row<'a> {
    fn new(name: &'a str, make: &'a dyn Fn(&str), attach: &'a dyn Fn(&str, u32)) -> Self {
        Self { name, make, attach, alone: Vec::new(), whole: Vec::new() }
    }

    fn measure(&mut self, host: &Host, round: u32) {
        let name = format!("s{round}");
        let start = Instant::now();
        (self.make)(&name);
        let attaching = Instant::now();
        (self.attach)(&name, round);
        self.alone.push(attaching.elapsed());
        self.whole.push(start.elapsed());
        host.run("ip", &["netns", "del", &name]).ok();
    }

    /// Prints the medians; gives that of attaching alone, in milliseconds.
    fn print(self) -> f64 {
        let milliseconds = |times| median(times).as_secs_f64() * 1000.0;
        let (alone, whole) = (milliseconds(self.alone), milliseconds(self.whole));
        println!("{:<22}{alone:>10.2}{whole:>20.2}", self.name);
        alone
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
