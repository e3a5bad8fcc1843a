//! What older kernels lack, with the system calls in question failing as they do there.

use crate::support::{Host, executable, finish, needs};

#[test]
#[ignore = "needs strace"]
fn before_4_7_netlink_sockets_take_no_ioctl_for_devices() {
    needs(&["strace"]);
    let host = Host::new();
    let inject = "inject=setsockopt:error=ENOPROTOOPT";
    finish(host.command("strace").args(["-o", "/dev/null", "-e", inject, executable(), "ip", "addr"])).ok();
    host.ok("network create lan");
    host.ok("ip netns add c1");
    let log = host.sh("mktemp").trim().to_owned();
    let strace = ["-qq", "-y", "-o", &log, "-e", inject, "-e", "trace=ioctl,setsockopt", executable()];
    for line in [&["network", "connect", "lan", "c1"] as &[&str], &["ethtool", "-S", "vethac110002"]] {
        let output = finish(host.command("strace").args(strace).args(line));
        assert_eq!(output.code, 0, "{line:?}: {}", output.err);
        // What asks for the namespace of a socket asks the socket, and can do without.
        let calls = host.sh(&format!("grep -E 'SIOCGIFINDEX|SIOCETHTOOL' {log}"));
        assert!(calls.contains("SIOC") && !calls.contains("NETLINK"), "{line:?}: {calls}");
    }
    host.sh(&format!("rm {log}"));
}
