//! What others may put in our way: names that a terminal would obey, and files among the records that are none.

use crate::support::Host;
use std::time::{Duration, Instant};

#[test]
fn a_name_that_is_how_a_process_is_named_is_refused() {
    let host = Host::new();
    for line in ["ip netns add pid:5", "ip netns attach pid:5 1"] {
        let error = host.fails(1, line);
        assert!(error.contains("'pid:5' is not valid") && error.contains("stand for a process"), "{error}");
    }
    // One that iproute2 made is reached by its path, and removed.
    host.sandbox("c1");
    host.sh("touch /run/netns/pid:5; mount --bind /run/netns/c1 /run/netns/pid:5");
    assert!(host.ok("ip -n /run/netns/pid:5 link").contains("lo:"));
    host.ok("ip netns del pid:5");
    assert!(!host.sh("ls /run/netns").contains("pid:5"));
}

#[test]
fn no_error_holds_a_control_character() {
    let host = Host::new();
    for name in ["a\u{1b}[2Jb", "a\rb", "a\u{9b}31mb", "a\u{7f}b", "a\nb"] {
        for verb in
            ["network create", "network rm", "network connect bridge", "ip netns add", "inspect", "trace", "frobnicate"]
        {
            let mut words: Vec<&str> = verb.split(' ').collect();
            words.push(name);
            for json in [false, true] {
                let front: &[&str] = if json { &["-j"] } else { &[] };
                let output = host.pontoon(&[front, &words].concat());
                assert_ne!(output.code, 0, "{words:?}");
                let inside = output.err.trim_end_matches('\n');
                assert!(!inside.contains(char::is_control), "{words:?}: {inside:?}");
                assert!(!json || serde_json::from_str::<serde_json::Value>(inside).is_ok(), "{words:?}: {inside:?}");
            }
        }
    }
}

#[test]
fn a_fifo_among_the_records_hangs_nobody() {
    let host = Host::new();
    host.ok("network create lan");
    host.sandbox("c1");
    host.ok("network connect lan c1");
    for kind in ["networks/odd.json", "endpoints/odd.json", "ports/odd.json", "hints/lan"] {
        host.sh(&format!(
            "mkdir -p /run/pontoon/{0}; rm -f /run/pontoon/{kind}; mkfifo /run/pontoon/{kind}",
            kind.split('/').next().unwrap()
        ));
    }
    let begin = Instant::now();
    for line in ["network ls", "network inspect lan", "inspect c1", "sync", "gc", "check", "network disconnect lan c1"]
    {
        host.pontoon(&line.split(' ').collect::<Vec<_>>());
    }
    host.ok("network connect lan c1");
    host.ok("network rm -f lan");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert!(!host.sh("ls /sys/class/net").contains("veth"));
}

#[test]
fn a_link_where_the_new_record_goes_leads_nowhere() {
    let host = Host::new();
    host.sh(
        "echo precious > /run/victim; mkdir -p /run/pontoon/networks; ln -s /run/victim /run/pontoon/networks/.lan.new",
    );
    host.ok("network create lan");
    assert_eq!(host.sh("cat /run/victim"), "precious\n");
    assert!(host.ok("network ls").contains("lan"));
}
