//! `ping`: what it prints, when it ends, and from where it sends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Host, executable, needs};

/// A host whose loopback device is up.
fn host() -> Host {
    let host = Host::new();
    host.loopback_up();
    host
}

/// A host with 10.1.0.1 on `out`, tied to `eth0` with 10.1.0.2 in the sandbox `away`.
fn host_with_sandbox() -> Host {
    let host = host();
    host.sh("ip netns add away
        ip link add out type veth peer name eth0 netns away
        ip addr add 10.1.0.1/24 dev out; ip addr add fd01::1/64 dev out nodad; ip link set out up
        ip -n away addr add 10.1.0.2/24 dev eth0; ip -n away addr add fd01::2/64 dev eth0 nodad
        ip -n away link set eth0 up; ip -n away link set lo up");
    host
}

/// The text with every time and its digits made the same.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.split_once(" time=").or_else(|| line.split_once("max = ")) {
            Some((front, times)) => {
                assert!(times.split('/').all(|time| millis(time.trim_end_matches(" ms"))), "{line}");
                out.push_str(front);
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn millis(text: &str) -> bool {
    text.split_once('.').is_some_and(|(ms, us)| ms.parse::<u32>().is_ok() && us.len() == 3 && us.parse::<u32>().is_ok())
}

#[test]
fn replies_are_printed_as_the_walkthrough_shows_them() {
    let out = host().ok("ping -c 2 -i 0.1 127.0.0.1");
    let expected = "PING 127.0.0.1 (127.0.0.1): 56 data bytes\n\
        64 bytes from 127.0.0.1: seq=0 ttl=64\n64 bytes from 127.0.0.1: seq=1 ttl=64\n\n\
        --- 127.0.0.1 ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n\
        round-trip min/avg/\n";
    assert_eq!(without_times(&out), expected);
}

#[test]
#[ignore = "needs ip (iproute2) and busybox"]
fn it_prints_what_busybox_prints() {
    needs(&["ip", "busybox"]);
    let host = host_with_sandbox();
    for line in [
        "-c 2 -i 0.1 127.0.0.1",
        "-c 1 ::1",
        "-c 1 -6 fd01::2",
        "-q -c 2 -i 0.1 10.1.0.2",
        "-c 1 -s 3 127.0.0.1",
        "-c 1 -s 0 ::1",
        "-c 1 -s 1472 10.1.0.2",
        "-c 1 -s 3000 10.1.0.2",
        "-c 1 -I lo 127.0.0.1",
        "-c 1 -I 127.0.0.1 127.0.0.1",
        "-c 1 -I out 10.1.0.2",
        "-c 1 -W 1 10.1.0.9",
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ours = host.pontoon(&[&["ping"], words.as_slice()].concat());
        let theirs = host.run("busybox", &[&["ping"], words.as_slice()].concat());
        assert_eq!(without_times(&ours.out), without_times(&theirs.out), "{line}");
        assert_eq!((ours.code, ours.err), (theirs.code, theirs.err), "{line}");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn it_sends_from_inside_a_sandbox_named_in_any_way() {
    needs(&["ip"]);
    let host = host_with_sandbox();
    let mut inside = host.command("ip").args(["netns", "exec", "away", "sleep", "60"]).spawn().unwrap();
    let pid = format!("pid:{}", inside.id());
    host.sh("until ip netns pids away | grep -q .; do sleep 0.01; done");
    for sandbox in ["away", "/run/netns/away", &pid] {
        // 10.1.0.2 is an address of the sandbox: from the host it would go over the wire, and the interface is not the host's.
        for target in ["10.1.0.1", "fd01::1", "10.1.0.2", "127.0.0.1"] {
            host.ok(&format!("ping -c 1 -W 2 --from {sandbox} {target}"));
        }
        host.ok(&format!("ping -c 1 -W 2 -I eth0 --from {sandbox} 10.1.0.1"));
    }
    host.fails(2, "ping -c 1 -I eth0 10.1.0.2");
    inside.kill().unwrap();
    inside.wait().unwrap();
    let error = host.fails(2, "ping -c 1 --from nobody 10.1.0.1");
    assert!(error.starts_with("pontoon: ping 10.1.0.1: sandbox nobody not found"), "{error}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_link_local_address_takes_its_interface_behind_a_percent_sign() {
    needs(&["ip"]);
    let host = host_with_sandbox();
    host.sh("ip -n away addr add fe80::22/64 dev eth0 nodad; ip addr add fe80::11/64 dev out nodad");
    let out = host.ok("ping -c 1 -W 2 fe80::22%out");
    assert!(out.contains("64 bytes from fe80::22: seq=0 ttl=64"), "{out}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn lost_packets_are_exit_code_1_after_the_time_to_wait() {
    needs(&["ip"]);
    let host = host_with_sandbox();
    let began = Instant::now();
    let output = host.pontoon(&["ping", "-c", "2", "-i", "0.1", "-W", "0.5", "10.1.0.9"]);
    let took = began.elapsed();
    assert_eq!((output.code, output.err.as_str()), (1, ""));
    assert!(output.out.ends_with("\n2 packets transmitted, 0 packets received, 100% packet loss\n"), "{}", output.out);
    assert!(took >= Duration::from_millis(600) && took < Duration::from_secs(4), "{took:?}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_destination_without_a_route_is_an_error() {
    needs(&["ip"]);
    let host = host();
    host.sh("ip route add unreachable 10.9.0.0/24");
    assert_eq!(
        host.fails(2, "ping -c 1 10.9.0.1"),
        "pontoon: ping 10.9.0.1: cannot send to 10.9.0.1: EHOSTUNREACH (No route to host)"
    );
    assert_eq!(
        host.fails(2, "ping -c 1 10.8.0.1"),
        "pontoon: ping 10.8.0.1: cannot send to 10.8.0.1: ENETUNREACH (Network is unreachable)"
    );
}

#[test]
fn the_interval_is_kept_and_the_end_not_waited_for() {
    let began = Instant::now();
    host().ok("ping -c 4 -i 0.2 127.0.0.1");
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(600) && took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn each_line_comes_at_once_and_an_interrupt_prints_the_statistics() {
    let host = host();
    let mut child = host.command(executable()).args(["ping", "127.0.0.1"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    for expected in ["PING 127.0.0.1", "64 bytes from 127.0.0.1: seq=0", "64 bytes from 127.0.0.1: seq=1"] {
        line.clear();
        reader.read_line(&mut line).unwrap();
        assert!(line.starts_with(expected), "{line}");
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("\n--- 127.0.0.1 ping statistics ---\n2 packets transmitted, 2 packets received"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn it_takes_no_memory_for_as_long_as_it_goes_on() {
    let host = host();
    let mut child =
        host.command(executable()).args(["ping", "-i", "0.00002", "127.0.0.1"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let status = format!("/proc/{}/status", child.id());
    let mut kilobytes_after = |replies| {
        for _ in 0..replies {
            let line = lines.next().unwrap().unwrap();
            assert!(line.contains("127.0.0.1"), "{line}");
        }
        let status = std::fs::read_to_string(&status).unwrap();
        ["VmRSS:", "VmData:"].map(|field| {
            let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
            line.trim_end_matches(" kB").trim().parse::<u32>().unwrap()
        })
    };
    let [resident, data] = kilobytes_after(2000);
    let [resident_later, data_later] = kilobytes_after(20_000);
    child.kill().unwrap();
    child.wait().unwrap();
    // A request alone is 64 bytes. The kernel counts pages in use with some delay, but knows exactly what it has mapped.
    assert!(resident_later < resident + 256, "{resident} kB, then {resident_later} kB");
    assert_eq!(data_later, data);
}

#[test]
fn it_ends_when_nobody_reads_any_more() {
    let host = host();
    let mut child =
        host.command(executable()).args(["ping", "-i", "0.1", "127.0.0.1"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut String::new()).unwrap();
    drop(reader);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
#[ignore = "needs setpriv (util-linux)"]
fn a_ping_socket_serves_where_raw_ones_are_not_permitted() {
    needs(&["setpriv"]);
    let host = host();
    let without_raw = ["--bounding-set=-net_raw", "--inh-caps=-net_raw", "--", executable(), "ping", "-c", "1"];
    let ping = |target: &str| host.run("setpriv", &[&without_raw, [target].as_slice()].concat());
    // A new namespace permits ping sockets to nobody.
    for target in ["127.0.0.1", "::1"] {
        let refused = ping(target).fails(2);
        assert!(refused.contains("net.ipv4.ping_group_range"), "{refused}");
    }
    host.sh("echo '0 0' > /proc/sys/net/ipv4/ping_group_range");
    for target in ["127.0.0.1", "::1"] {
        let out = ping(target).ok();
        assert!(out.contains(&format!("64 bytes from {target}: seq=0 ttl=64 time=")), "{out}");
    }
}

#[test]
fn several_at_once_do_not_take_each_others_replies() {
    let host = host();
    let start = || {
        host.command(executable())
            .args(["ping", "-q", "-c", "20", "-i", "0.01", "127.0.0.1"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let all: Vec<_> = (0..8).map(|_| start()).collect();
    for child in all {
        let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert!(out.contains("\n20 packets transmitted, 20 packets received, 0% packet loss\n"), "{out}");
    }
}

#[test]
fn the_result_as_json() {
    let host = host();
    let value: serde_json::Value = serde_json::from_str(&host.ok("ping --json -c 2 -i 0.1 127.0.0.1")).unwrap();
    for (key, expected) in [("transmitted", 2), ("received", 2), ("duplicates", 0), ("loss", 0)] {
        assert_eq!(value.get(key).and_then(serde_json::Value::as_u64), Some(expected), "{key}");
    }
    assert!(value.get("min_us").unwrap().as_u64() <= value.get("max_us").unwrap().as_u64());
}

#[test]
fn a_wrong_command_line_is_exit_code_1() {
    let host = Host::new();
    assert_eq!(
        host.fails(1, "ping container1"),
        "pontoon: ping container1: HOST: 'container1' is not valid: it must be an IPv4 or IPv6 address; names are not looked up"
    );
    assert_eq!(
        host.fails(1, "ping -6 127.0.0.1"),
        "pontoon: ping 127.0.0.1: HOST: '127.0.0.1' is not valid: it must be an IPv6 address"
    );
    assert_eq!(host.fails(1, "ping"), "pontoon: ping: expected one HOST. See 'pontoon ping --help'.");
    for line in
        ["ping -c x ::1", "ping -s 65508 ::1", "ping -i 1e3 ::1", "ping -W -1 ::1", "ping -z ::1", "ping ::1 ::1"]
    {
        host.fails(1, line);
    }
}

#[test]
fn a_link_named_ping_is_ping() {
    let host = host();
    host.sh(&format!("ln -s {} /run/ping", executable()));
    let out = host.run("/run/ping", &["-c", "1", "127.0.0.1"]).ok();
    assert!(out.starts_with("PING 127.0.0.1 (127.0.0.1): 56 data bytes\n64 bytes from"), "{out}");
}
