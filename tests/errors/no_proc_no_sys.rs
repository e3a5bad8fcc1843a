//! Before `/init` has mounted anything: no `/proc`, no `/sys`.

use crate::support::{Host, needs_root};

/// A host without `/proc` and `/sys`: unmounted, or, where a user namespace does not let go of them, hidden.
fn host() -> Host {
    let host = Host::new();
    host.sandbox("c1");
    host.sandbox("c2");
    host.sh("for dir in /sys /proc; do umount -n -l $dir 2> /dev/null || mount -n -t tmpfs tmpfs $dir; done
             test ! -e /proc/self -a ! -e /proc/sys -a ! -e /sys/class");
    host
}

/// Whether a process may have a procfs that nobody else sees: not in a user namespace within somebody else's processes.
fn may_have_proc() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn networks_and_endpoints_need_neither() {
    let host = host();
    let left = || host.sh("find /run -not -path /run/netns | sort");
    let before = left();
    // Without a procfs nobody can let the host forward, and an internal network wants none of that.
    let internal = if may_have_proc() { "" } else { "--internal" };
    host.ok(&format!("network create --ipv6 {internal} -o com.docker.network.bridge.name=lan0 lan"));
    assert!(host.ok("network ls").contains(" lan "));
    host.ok("network connect lan c1");
    host.ok("network connect --ip 172.17.0.99 lan c2");
    let lan = host.ok("network inspect lan");
    assert!(lan.contains("\"Name\": \"c1\"") && lan.contains("172.17.0.99/16"), "{lan}");
    assert!(host.ok("inspect c1").contains("\"IPAddress\": \"172.17.0.2\""));
    // Without records too.
    host.sh("rm /run/pontoon/endpoints/*");
    assert_eq!(host.ok("network inspect lan"), lan);
    if may_have_proc() {
        host.ok("ping -c 1 -W 2 --from c1 172.17.0.99");
    }
    assert_eq!(host.ok("gc"), "");
    host.ok("network disconnect lan c1");
    assert!(host.fails(2, "network connect lan c1 --ip 172.17.0.99").contains("is already in use by lan/c2"));
    assert_eq!(host.ok("network rm -f lan"), "lan\n");
    assert_eq!(left(), before);
    assert!(host.fails(2, "network inspect lan").contains("not found"));
}

/// Without a procfs nobody can make a host forward.
#[test]
#[ignore = "needs root"]
fn as_root_the_default_network_comes_by_itself_there_too() {
    needs_root();
    let host = host();
    host.ok("network connect bridge c1");
    host.ok("network connect --ensure bridge c1");
    host.ok("network disconnect bridge c1");
    host.ok("network rm bridge");
    assert_eq!(host.sh("ls -A /run"), "netns\n");
}

#[test]
fn ipv6_that_is_off_by_default_is_turned_on() {
    let host = Host::new();
    host.sandbox("c1");
    host.sh("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
             for dir in /sys /proc; do umount -n -l $dir 2> /dev/null || mount -n -t tmpfs tmpfs $dir; done");
    if may_have_proc() {
        host.ok("network create --subnet fd00:5::/64 six");
        host.ok("network connect six c1");
        host.ok("ping -c 1 -W 2 fd00:5::2");
        host.ok("network rm -f six");
    } else {
        let error = host.fails(2, "network create --subnet fd00:5::/64 six");
        assert!(error.contains("IPv6 is disabled on this device") && error.contains("disable_ipv6"), "{error}");
        assert_eq!(host.sh("ls -A /run"), "netns\n");
    }
}
