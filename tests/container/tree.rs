//! A root file system made of busybox alone.

use crate::support::{Host, Output, needs, needs_root};

/// Where it is on the test's host.
pub const TREE: &str = "/run/trees/busybox";

/// A host with a tree called `busybox`.
pub fn host() -> Host {
    needs_root();
    needs(&["busybox"]);
    let host = Host::new();
    host.sh(&format!(
        "mkdir -p {TREE}/bin {TREE}/etc {TREE}/tmp; cp $(command -v busybox) {TREE}/bin/busybox
         for name in $(busybox --list); do [ $name = busybox ] || ln -s busybox {TREE}/bin/$name; done
         printf 'root:x:0:0:root:/root:/bin/sh\\nwww:x:33:34::/tmp:/bin/sh\\n' >{TREE}/etc/passwd
         printf 'root:x:0:\\nwww:x:34:\\nlog:x:50:root,www\\n' >{TREE}/etc/group"
    ));
    host
}

/// Runs pontoon with these words, for half a minute at most.
pub fn pontoon(host: &Host, words: &[&str]) -> Output {
    let mut command = host.command("timeout");
    command.arg("30").arg(crate::support::executable()).args(words).env("PONTOON_ROOTFS_DIR", "/run/trees");
    crate::support::finish(&mut command)
}

/// Runs a shell script in a container of its own, which must end well.
#[track_caller]
pub fn inside(host: &Host, options: &str, script: &str) -> String {
    let options: Vec<&str> = options.split_whitespace().collect();
    pontoon(host, &[&["run", "--rm"], options.as_slice(), &["busybox", "sh", "-c", script]].concat()).ok()
}

/// Runs pontoon with the words of `line`; it must succeed.
#[track_caller]
pub fn ok(host: &Host, line: &str) -> String {
    pontoon(host, &line.split_whitespace().collect::<Vec<_>>()).ok()
}

/// What is left on a host on which there is no container any more, beside the default network.
pub fn left(host: &Host) -> String {
    host.sh(
        "ls /run/netns; ls -A /run/pontoon/run /run/pontoon/containers /run/pontoon/states /run/pontoon/endpoints /run/pontoon/ports 2>/dev/null || true
         ls /sys/class/net | grep veth || true; grep -c /run/pontoon/run /proc/mounts || true",
    )
}
