//! Names: who is told of whom, at once, and what is left alone.

use crate::tree::{TREE, host, inside, ok, pontoon};

#[test]
#[ignore = "needs root and busybox"]
fn as_root_who_is_on_a_network_is_known_by_name_at_once() {
    let host = host();
    ok(&host, "network create lan");
    ok(&host, "run -d --name client --network lan busybox sleep 600");
    ok(&host, "run -d --name srv --network lan --network-alias db -p 8080:80 busybox sleep 600");
    let id = ok(&host, "ps -q --no-trunc --filter name=srv");
    for name in ["srv", "db", &id[..12]] {
        assert!(ok(&host, &format!("exec client ping -c 1 -W 2 {name}")).contains(" 1 packets received"), "{name}");
    }
    // Another process, another address: the client that stays finds it, and so does the published port.
    ok(&host, "stop -t 0 srv");
    assert_eq!(pontoon(&host, &["exec", "client", "ping", "-c", "1", "-W", "1", "srv"]).code, 1);
    ok(&host, "run -d --name other --network lan --ip 172.17.0.3 busybox sleep 600");
    ok(&host, "start srv");
    assert!(ok(&host, "exec client ping -c 1 -W 2 db").contains("(172.17.0.4)"));
    let script = "while :; do echo hello | nc -l -p 80; done";
    pontoon(&host, &["exec", "-d", "srv", "sh", "-c", script]).ok();
    let answer = host.sh(
        "ip link set lo up; for i in 1 2 3 4 5; do sleep 0.2; busybox nc -w 2 127.0.0.1 8080 </dev/null && break; done",
    );
    assert_eq!(answer, "hello\n");
    // A plain sandbox has a name, too, and knows the others'.
    host.sandbox("plain");
    ok(&host, "network connect lan plain");
    assert!(ok(&host, "exec client ping -c 1 -W 2 plain").contains(" 1 packets received"));
    let hosts = ok(&host, "ip netns exec plain cat /etc/hosts");
    assert!(hosts.contains("\tsrv db ") && hosts.contains("\tclient "), "{hosts}");
    ok(&host, "network disconnect lan plain");
    assert!(!ok(&host, "exec client cat /etc/hosts").contains("plain"));
    ok(&host, "rename other another");
    assert!(ok(&host, "exec client cat /etc/hosts").contains("\tanother "));
    // Who is on another network is not known.
    assert!(!inside(&host, "--network bridge", "cat /etc/hosts").contains("srv"));
    ok(&host, "rm -f client srv another");
    ok(&host, "network rm lan");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_nothing_is_written_to_the_tree() {
    let host = host();
    // The mount points that every tree has.
    host.sh(&format!(
        "mkdir -p {TREE}/proc {TREE}/sys {TREE}/dev; echo secret >{TREE}/etc/secret; ln -s secret {TREE}/etc/link"
    ));
    let list = || host.sh(&format!("find {TREE} -newer /run/stamp -o -path '*/etc/*' | sort; cat /etc/hosts | cksum"));
    host.sh("touch /run/stamp; sleep 0.1");
    let before = list();
    let seen = inside(
        &host,
        "--hostname box --add-host db:10.0.0.9 --dns 192.0.2.1",
        "cat /etc/hostname /etc/resolv.conf /etc/link; grep 'db$' /etc/hosts; hostname",
    );
    assert_eq!(seen, "box\nnameserver 192.0.2.1\nsecret\n10.0.0.9\tdb\nbox\n");
    let seen = inside(&host, "--read-only", "touch /x 2>&1; touch /etc/x 2>&1; cat /etc/link; grep -c . /etc/hosts");
    assert_eq!(seen, "touch: /x: Read-only file system\ntouch: /etc/x: Read-only file system\nsecret\n7\n");
    assert_eq!(list(), before);
}
