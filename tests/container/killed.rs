//! What is left when something is killed: nothing that the same command, `rm -f` or `gc` does not put right.

use crate::support::{executable, needs};
use crate::tree::{host, left, ok, pontoon};

#[test]
#[ignore = "needs root and busybox"]
fn as_root_whose_watcher_is_killed_is_dead_and_removed() {
    let host = host();
    for way in ["rm -f web", "gc", "start web"] {
        ok(&host, "run -d --name web -p 8080:80 busybox sleep 600");
        let pid: u32 = ok(&host, "inspect -f {{.State.Pid}} web").trim().parse().unwrap();
        let watcher = host.sh(&format!("grep PPid /proc/{pid}/status | cut -f2"));
        // The kernel kills the first process with it; whoever inherits what is left of that may take his time to bury it.
        let ended = format!("[ -z \"$(grep -hs ^State /proc/{pid}/status | grep -v Z)\" ]");
        host.sh(&format!(
            "kill -9 {}; for i in $(seq 100); do {ended} && exit 0; sleep 0.05; done; exit 1",
            watcher.trim()
        ));
        assert!(ok(&host, "ps -a").contains("Dead"));
        assert_eq!(ok(&host, "ps -q"), "");
        ok(&host, way);
        match way {
            "start web" => assert!(ok(&host, "ps").contains("Up ")),
            _ => assert!(!host.sh("ls /sys/class/net").contains("veth")),
        }
        ok(&host, "rm -f web");
        assert_eq!(left(&host), "0\n", "{way}");
    }
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_whose_first_process_is_killed_has_ended() {
    let host = host();
    ok(&host, "run -d --name web busybox sh -c 'sleep 600'");
    ok(&host, "run -d --name web2 busybox sleep 600");
    let pid = ok(&host, "inspect -f {{.State.Pid}} web2");
    host.sh(&format!("kill -9 {}", pid.trim()));
    assert_eq!(ok(&host, "wait web2"), "137\n");
    assert_eq!(ok(&host, "inspect -f {{.State.Status}} web2"), "exited\n");
    ok(&host, "rm -f web web2");
    assert_eq!(left(&host), "0\n");
}

#[test]
#[ignore = "needs root, busybox and strace"]
fn as_root_run_is_killed_at_each_of_its_calls() {
    needs(&["strace"]);
    let host = host();
    ok(&host, "run --rm busybox true");
    let mut kills = 0;
    for call in [
        "openat",
        "socket",
        "sendto",
        "recvfrom",
        "recvmsg",
        "sendmsg",
        "mkdirat",
        "mkdir",
        "mount",
        "renameat",
        "unshare",
        "setns",
        "fork",
        "clone",
        "socketpair",
        "pwrite64",
    ] {
        for number in 1..200 {
            let trace = format!("trace={call}");
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let output = host.run(
                "env",
                &[
                    "PONTOON_ROOTFS_DIR=/run/trees",
                    "timeout",
                    "20",
                    "strace",
                    "-qq",
                    "-e",
                    &trace,
                    "-e",
                    &inject,
                    executable(),
                    "run",
                    "-d",
                    "--name",
                    "web",
                    "-p",
                    "8080:80",
                    "busybox",
                    "sleep",
                    "600",
                ],
            );
            if output.code == 0 {
                ok(&host, "rm -f web");
                break;
            }
            kills += 1;
            pontoon(&host, &["gc"]).ok();
            pontoon(&host, &["rm", "-f", "web"]).ok();
            pontoon(&host, &["gc"]).ok();
            assert_eq!(left(&host), "0\n", "{call} {number}");
            if number > 12 {
                break;
            }
        }
    }
    println!("killed {kills} times");
    assert!(kills > 30);
    ok(&host, "run -d --name web -p 8080:80 busybox sleep 600");
    ok(&host, "rm -f web");
}
