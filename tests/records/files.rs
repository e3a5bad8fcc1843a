//! Only regular files are records, nothing is written through a link, and nobody else may have a hand in the directory.

use std::os::unix::net::UnixListener;

use crate::support::{Host, Output, executable, needs_root};

/// Runs pontoon, for ten seconds at most.
fn within(host: &Host, line: &str) -> Output {
    let words: Vec<&str> = line.split_whitespace().collect();
    let output = host.run("timeout", &[&["10", executable()], &words[..]].concat());
    assert_ne!(output.code, 124, "it hangs: {line}");
    output
}

/// What is put in the way, by a shell command that is given its place.
const OBSTACLES: [&str; 5] = ["mkfifo", "mkdir", "ln -s /run/precious", "ln -s /run/fifo", "mksock"];

fn obstruct(host: &Host, obstacle: &str, place: &str) {
    host.sh("test -e /run/fifo || { mkfifo /run/fifo; echo precious >/run/precious; }");
    if obstacle == "mksock" {
        drop(UnixListener::bind(format!("/proc/{}/root{place}", host.anchor_pid())).unwrap());
    } else {
        host.sh(&format!("{obstacle} {place}"));
    }
}

#[test]
fn what_is_no_regular_file_among_the_records_hangs_nobody() {
    for obstacle in OBSTACLES {
        let host = Host::new();
        host.sandbox("c1");
        host.ok("network create lan");
        host.ok("network connect -p 8080:80 lan c1");
        host.sh("mkdir -p /run/pontoon/claims");
        for kind in ["networks", "endpoints", "claims", "ports", "hints"] {
            obstruct(&host, obstacle, &format!("/run/pontoon/{kind}/odd.json"));
        }
        let place = "/run/pontoon/networks/odd.json";
        let listed = within(&host, "network ls");
        assert_eq!((listed.code, listed.out.lines().count()), (0, 2), "{obstacle}: {listed:?}");
        let means = if obstacle == "mkdir" {
            "is no file but a directory; ignored"
        } else {
            "is no file; ignored ('pontoon gc' removes it)"
        };
        assert_eq!(listed.err, format!("pontoon: warning: {place} {means}\n"), "{obstacle}");
        for line in [
            "inspect c1",
            "network inspect lan",
            "port c1",
            "check lan",
            "network disconnect lan c1",
            "network connect lan c1",
            "network create other",
            "network rm other",
            "sync",
        ] {
            let output = within(&host, line);
            assert_eq!(output.code, 0, "{obstacle}: {line}: {output:?}");
        }
        let output = within(&host, "gc");
        assert_eq!(output.code, 0, "{obstacle}: {output:?}");
        if obstacle == "mkdir" {
            assert!(host.sh("ls /run/pontoon/networks").contains("odd.json"), "a directory is somebody's");
        } else {
            assert_eq!(host.sh("find /run/pontoon -name odd.json"), "", "{obstacle}");
        }
        assert_eq!(host.sh("cat /run/precious"), "precious\n");
    }
}

#[test]
fn what_is_in_the_way_of_a_record_or_a_hint_is_not_written_to() {
    for obstacle in OBSTACLES {
        let host = Host::new();
        host.sandbox("c1");
        host.ok("network create lan");
        let id = host.ok("network ls -q").trim().to_owned();
        host.sh("mkdir -p /run/pontoon/hints");
        obstruct(&host, obstacle, "/run/pontoon/networks/.wan.new");
        obstruct(&host, obstacle, &format!("/run/pontoon/hints/{id}.json"));
        for line in ["network create wan", "network connect lan c1", "network inspect wan", "network disconnect lan c1"]
        {
            let output = within(&host, line);
            assert_eq!((output.code, output.err.as_str()), (0, ""), "{obstacle}: {line}");
        }
        assert_eq!(host.sh("cat /run/precious"), "precious\n", "{obstacle}");
        // Even one that cannot be removed is in nobody's way a second time.
        host.ok("network rm wan");
        host.ok("network create wan");
    }
}

#[test]
fn what_is_in_the_way_of_the_lock_is_named() {
    for obstacle in OBSTACLES {
        for name in ["lock", "lock.next"] {
            let host = Host::new();
            host.sandbox("c1");
            host.ok("network create lan");
            host.sh(&format!("rm -f /run/pontoon/{name}"));
            obstruct(&host, obstacle, &format!("/run/pontoon/{name}"));
            // Who only passes the turnstile does not mind what it is made of, unless it leads elsewhere.
            let shares = name == "lock" || obstacle.starts_with("ln");
            for line in ["network connect lan c1", "network create wan"] {
                if line.contains("connect") && !shares {
                    continue;
                }
                let error = within(&host, line).fails(2);
                let words = format!("/run/pontoon/{name} is no regular file. Remove it.");
                assert_eq!(error, format!("pontoon: {line}: {words}"), "{obstacle}");
            }
        }
    }
}

#[test]
fn a_fifo_among_the_names_of_namespaces_hangs_nobody() {
    let host = Host::new();
    host.ok("ip netns add web");
    host.sh("mkfifo /run/netns/fifo");
    host.ok("network create lan");
    for line in ["ip netns list", "network connect lan web", "trace web", "network inspect lan", "gc", "sync"] {
        let output = within(&host, line);
        assert_eq!(output.code, 0, "{line}: {output:?}");
    }
    for line in ["network connect lan fifo", "ip netns pids fifo", "ip netns add fifo"] {
        within(&host, line).fails(2);
    }
    within(&host, "network connect lan /run/netns/./fifo").fails(1);
    assert_eq!(host.sh("stat -c %F /run/netns/fifo"), "fifo\n");
    host.ok("ip netns del fifo");
}

#[test]
fn a_state_directory_that_others_may_write_is_refused() {
    let host = Host::new();
    host.sandbox("c1");
    let lines = [
        "network create lan",
        "network ls",
        "network connect bridge c1",
        "network disconnect lan c1",
        "inspect c1",
        "network rm lan",
        "gc",
        "sync",
    ];
    for mode in ["770", "1777", "702"] {
        host.sh(&format!("mkdir -m {mode} /run/state"));
        for line in lines {
            let error = within(&host, &format!("--state-dir /run/state {line}")).fails(2);
            let words = format!(
                "state directory /run/state may be written by others (mode {mode}). \
                 Take that from them with 'chmod go-w', or use another with --state-dir."
            );
            assert_eq!(error, format!("pontoon: {line}: {words}"));
        }
        assert_eq!(host.sh("ls -A /run/state; rmdir /run/state"), "");
    }
    // Others may look.
    host.sh("mkdir -m 755 /run/state");
    host.ok("--state-dir /run/state network create lan");
    host.ok("--state-dir /run/state network rm lan");
}

#[test]
#[ignore = "needs root"]
fn as_root_a_state_directory_of_somebody_else_is_refused() {
    needs_root();
    let host = Host::new();
    host.sh("mkdir -m 700 /run/theirs /run/ours; chown 1234 /run/theirs; ln -s theirs /run/to-theirs; ln -s ours /run/to-ours");
    host.sh("ln -s ours /run/their-link; chown -h 1234 /run/their-link; ln -s nowhere /run/to-nothing");
    for (directory, words) in [
        ("theirs", "belongs to user 1234. Use another with --state-dir."),
        ("to-theirs", "belongs to user 1234. Use another with --state-dir."),
        ("their-link", "is a link of user 1234. Use another with --state-dir."),
        ("to-nothing", "is a link that leads nowhere. Use another with --state-dir."),
    ] {
        for line in ["network create lan", "network ls"] {
            if directory == "to-nothing" && line == "network ls" {
                continue;
            }
            let error = within(&host, &format!("--state-dir /run/{directory} {line}")).fails(2);
            assert_eq!(error, format!("pontoon: {line}: state directory /run/{directory} {words}"));
        }
    }
    assert_eq!(host.sh("ls -A /run/theirs /run/ours"), "/run/ours:\n\n/run/theirs:\n");
    // A link of one's own is as good as what it leads to.
    host.ok("--state-dir /run/to-ours network create lan");
    assert_eq!(host.ok("--state-dir /run/ours network ls -q"), host.ok("--state-dir /run/to-ours network ls -q"));
    host.ok("--state-dir /run/to-ours network rm lan");
}
