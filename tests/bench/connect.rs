//! `scripts/bench connect`: what attaching a sandbox costs, beside `ip` and beside a minimal program that sends the same bytes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]

#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use support::Host;

const ROUNDS: u32 = 60;

fn main() {
    // `cargo test --benches` and `cargo bench` both come here; only the second, through scripts/bench, is to measure.
    let Ok(minimal) = std::env::var("PONTOON_MINIMAL") else {
        println!("run by scripts/bench");
        return;
    };
    let host = Host::new();
    host.ok("network create --subnet 10.99.0.0/16 -o com.docker.network.bridge.name=br0 bench");
    host.sh("ip link set lo up");
    let index = host.sh("cat /sys/class/net/br0/ifindex || ip -o link show br0 | cut -d: -f1").trim().to_owned();
    let index = if index.is_empty() { "2".to_owned() } else { index };

    let pontoon = |name: &str, _: u32| {
        host.ok(&format!("network connect bench {name}"));
    };
    let floor = |name: &str, round: u32| {
        let address = format!("10.99.{}.{}", 100 + round / 200, 2 + round % 200);
        host.run(&minimal, &[&index, &format!("/run/netns/{name}"), &address]).ok();
    };
    let ip = |name: &str, round: u32| {
        let (port, address) = (format!("v{round}"), format!("10.99.{}.{}/16", 200 + round / 200, 2 + round % 200));
        let run = |arguments: &[&str]| drop(host.run("ip", arguments).ok());
        run(&[
            "link", "add", &port, "mtu", "1500", "master", "br0", "up", "type", "veth", "peer", "name", "eth0",
            "netns", name,
        ]);
        run(&["-n", name, "link", "set", "lo", "up"]);
        run(&["-n", name, "addr", "add", &address, "dev", "eth0"]);
        run(&["-n", name, "link", "set", "eth0", "up"]);
        run(&["-n", name, "route", "add", "default", "via", "10.99.0.1"]);
    };
    let make_by_pontoon = |name: &str| drop(host.ok(&format!("ip netns add {name}")));
    let make_by_ip = |name: &str| drop(host.run("ip", &["netns", "add", name]).ok());

    println!("median of {ROUNDS}, milliseconds, each started as processes");
    println!("{:<22}{:>10}{:>20}", "", "connect", "sandbox + connect");
    let ours = measure(&host, &make_by_pontoon, &pontoon);
    let least = measure(&host, &make_by_pontoon, &floor);
    let theirs = measure(&host, &make_by_ip, &ip);
    for (name, (connect, whole)) in [("pontoon", ours), ("minimal program", least), ("ip, five processes", theirs)] {
        println!("{name:<22}{:>10.2}{:>20.2}", milliseconds(connect), milliseconds(whole));
    }
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!("pontoon / minimal: {:.2}   ip / pontoon: {:.2}", ratio(ours.0, least.0), ratio(theirs.0, ours.0));
    host.ok("network rm -f bench");
}

/// Medians of the attachment alone, and together with making the sandbox.
fn measure(host: &Host, make: &dyn Fn(&str), attach: &dyn Fn(&str, u32)) -> (Duration, Duration) {
    let mut times = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let name = format!("s{round}");
        let start = Instant::now();
        make(&name);
        let attaching = Instant::now();
        attach(&name, round);
        times.0.push(attaching.elapsed());
        times.1.push(start.elapsed());
        host.run("ip", &["netns", "del", &name]).ok();
    }
    (median(times.0), median(times.1))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
