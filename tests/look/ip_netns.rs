//! `ip netns`: the same files as iproute2's, and nothing left behind by a failure.

use crate::support::{Host, Output, executable, needs, needs_root};

#[test]
#[ignore = "needs ip (iproute2)"]
fn namespaces_of_ours_are_iproute2s_and_the_reverse() {
    needs(&["ip"]);
    let host = Host::new();
    assert_eq!(host.ok("ip netns"), "");
    host.ok("ip netns add ours");
    host.sh("ip netns add theirs; ip -n ours link set lo up; ip link add v type veth peer name e netns theirs");
    for line in ["netns", "netns list", "netns show", "-j netns list", "-n theirs netns list"] {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(host.ok(&format!("ip {line}")), host.run("ip", &words).ok(), "{line}");
    }
    assert_eq!(host.ok("ip netns list"), "theirs (id: 0)\nours\n");
    // Loopback was down until somebody set it up.
    assert!(host.ok("ip -n theirs link show lo").contains("<LOOPBACK> "));
    assert!(host.ok("ip -n ours link show lo").contains("<LOOPBACK,UP,LOWER_UP> "));
    host.ok("ip netns del theirs");
    host.sh("ip netns del ours; test -z \"$(ls /run/netns)\"");
    // Where there is no directory iproute2 prints no JSON at all.
    host.sh("umount /run/netns; rmdir /run/netns");
    assert_eq!(host.ok("ip -j netns list"), "[]\n");
}

#[test]
fn a_name_that_is_taken_or_missing_is_an_error_and_changes_nothing() {
    let host = Host::new();
    host.ok("ip netns add web");
    let before = host.sh("stat -L -c %i /run/netns/web");
    assert_eq!(host.fails(2, "ip netns add web"), "pontoon: ip netns add web: sandbox web already exists");
    let pid = host.anchor_pid();
    assert_eq!(
        host.fails(2, &format!("ip netns attach web {pid}")),
        format!("pontoon: ip netns attach web {pid}: sandbox web already exists")
    );
    assert_eq!(host.sh("stat -L -c %i /run/netns/web"), before);
    assert_eq!(host.fails(2, "ip netns del nope"), "pontoon: ip netns del nope: sandbox nope not found");
    assert_eq!(
        host.fails(2, "ip netns attach new 4194304"),
        "pontoon: ip netns attach new 4194304: process 4194304 not found"
    );
    assert_eq!(host.ok("ip netns"), "web\n");
}

#[test]
fn names_that_are_no_file_names_are_refused() {
    let host = Host::new();
    let long = "x".repeat(65);
    for name in [".", "..", "a/b", "/run/netns/x", &long] {
        let message = host.fails(1, &format!("ip netns add {name}"));
        assert!(
            message.contains("it must be 1 to 64 bytes without '/' or spaces, and not begin with '-' or 'pid:'"),
            "{message}"
        );
    }
    assert_eq!(host.pontoon(&["ip", "netns", "add", ""]).code, 1);
    assert_eq!(host.sh("ls /run"), "");
}

#[test]
fn a_file_left_by_a_crash_is_taken_over_or_removed() {
    let host = Host::new();
    host.ok("ip netns add web");
    host.sh("touch /run/netns/left /run/netns/over; chmod 0 /run/netns/left /run/netns/over");
    assert_eq!(host.ok("ip netns pids web"), "");
    assert!(
        host.fails(125, "ip netns exec left true").contains("it must be a network namespace, which that file is not")
    );
    host.ok("ip netns del left");
    host.ok("ip netns add over");
    assert!(host.ok("ip -n over link").contains("lo:"));
    // A file with something in it is nobody's crash.
    host.sh("echo precious >/run/netns/mine");
    host.fails(2, "ip netns add mine");
    assert_eq!(host.sh("cat /run/netns/mine"), "precious\n");
}

#[test]
fn of_many_that_add_one_name_at_once_exactly_one_succeeds() {
    let host = Host::new();
    for round in ["fresh", "left"] {
        if round == "left" {
            host.sh("touch /run/netns/left");
        }
        let children: Vec<_> = (0..20)
            .map(|_| {
                let mut command = host.command(executable());
                command.args(["ip", "netns", "add", round]).stderr(std::process::Stdio::null());
                command.spawn().expect("the program starts")
            })
            .collect();
        let codes: Vec<i32> =
            children.into_iter().map(|mut c| c.wait().ok().and_then(|s| s.code()).unwrap_or(-1)).collect();
        assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{round}: {codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == 2).count(), 19, "{round}: {codes:?}");
        assert_eq!(host.sh(&format!("grep -c ' /run/netns/{round} ' /proc/self/mountinfo")), "1\n");
    }
    assert_eq!(host.sh("grep -c ' /run/netns ' /proc/self/mountinfo"), "1\n");
}

#[test]
#[ignore = "needs unshare (util-linux)"]
fn a_failure_takes_the_name_back() {
    needs(&["unshare"]);
    // A limit of no further namespace lets unshare fail after the file was created. It holds in the user namespace in which it is
    // set, so that must be one of our own, with a /run of its own: the machine's limit stays as it is.
    let executable = executable();
    let script = format!(
        "mount -t tmpfs none /run; {executable} ip netns add web; echo 2 >/proc/sys/user/max_net_namespaces
        {executable} ip netns add more && exit 9; ls /run/netns"
    );
    let output = Host::new().run("unshare", &["--user", "--map-root-user", "--net", "--mount", "sh", "-c", &script]);
    let limited = !output.err.contains("max_net_namespaces") && !output.err.contains("unshare:");
    assert!(limited, "this test needs user namespaces with limits of their own: {output:?}");
    assert!(output.err.contains("cannot create a network namespace: ENOSPC"), "{output:?}");
    assert_eq!((output.code, output.out.as_str()), (0, "web\n"));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn processes_find_their_namespace_and_namespaces_their_processes() {
    needs(&["ip"]);
    let host = Host::new();
    host.ok("ip netns add web");
    let pid = host.anchor_pid();
    assert_eq!(host.ok(&format!("ip netns identify {pid}")), "\n");
    host.ok(&format!("ip netns attach host {pid}"));
    assert_eq!(host.ok(&format!("ip netns identify {pid}")), "host\n");
    assert_eq!(host.ok("ip netns identify"), "host\n");
    assert_eq!(host.ok("ip netns exec web sh -c true"), "");
    let executable = executable();
    let inside =
        format!("{executable} ip netns identify; ip netns identify; {executable} ip netns pids web | grep -qx $$");
    assert_eq!(host.pontoon(&["ip", "netns", "exec", "web", "sh", "-ec", &inside]).ok(), "web\nweb\n");
    let own = host.ok("ip netns pids host");
    assert!(own.lines().any(|line| line == pid.to_string()), "{own}");
    assert_eq!(host.ok(&format!("ip netns pids pid:{pid}")).lines().next(), own.lines().next());
}

#[test]
fn a_command_runs_inside_with_its_own_files_and_devices() {
    let host = Host::new();
    host.ok("ip netns add web");
    let exec =
        |host: &Host, words: &[&str]| -> Output { host.pontoon(&[&["ip", "netns", "exec", "web"], words].concat()) };
    assert_eq!(exec(&host, &["sh", "-c", "exit 7"]).code, 7);
    assert_eq!(exec(&host, &["true", "-h", "--help"]).ok(), "");
    assert_eq!(
        exec(&host, &["/nope"]).fails(127),
        "pontoon: ip netns exec web: cannot run /nope: ENOENT (No such file or directory)"
    );
    assert_eq!(exec(&host, &["/etc"]).code, 126);
    assert_eq!(
        host.fails(125, "ip netns exec nope true"),
        "pontoon: ip netns exec nope: sandbox nope not found. Create it with 'pontoon ip netns add'; 'pontoon ip netns list' lists what there is."
    );
    host.fails(1, "ip netns exec web");
    assert_eq!(exec(&host, &["ls", "/sys/class/net"]).ok(), "lo\n");
    // /etc/netns/NAME/resolv.conf, on an /etc of our own so that the machine's stays as it is.
    host.sh(
        "mkdir /run/etc; cp /etc/passwd /etc/group /run/etc; echo 'nameserver 192.0.2.1' >/run/etc/resolv.conf
        mkdir -p /run/etc/netns/web; echo 'nameserver 192.0.2.2' >/run/etc/netns/web/resolv.conf; mount --bind /run/etc /etc",
    );
    assert_eq!(exec(&host, &["cat", "/etc/resolv.conf"]).ok(), "nameserver 192.0.2.2\n");
    assert_eq!(host.sh("cat /etc/resolv.conf"), "nameserver 192.0.2.1\n");
    // What cannot be bound is said, and the command runs all the same.
    host.sh("echo x >/run/etc/netns/web/nope.conf");
    let output = exec(&host, &["cat", "/etc/resolv.conf"]);
    assert_eq!((output.code, output.out.as_str()), (0, "nameserver 192.0.2.2\n"));
    assert!(output.err.contains("cannot bind /etc/netns/web/nope.conf over /etc/nope.conf: ENOENT"), "{}", output.err);
}

/// A procfs of one's own is root's alone.
#[test]
#[ignore = "needs root"]
fn as_root_everything_works_without_proc_and_sys() {
    needs_root();
    let host = Host::new();
    host.sh("umount -l /sys || true; umount -l /proc || mount -t tmpfs none /proc; test ! -e /proc/self");
    host.ok("ip netns add web");
    host.ok("ip netns add db");
    let pid = host.anchor_pid();
    host.ok(&format!("ip netns attach host {pid}"));
    assert!(host.ok("ip addr").contains("1: lo: <LOOPBACK>"));
    assert!(host.ok("ip -n web -d link").contains("promiscuity 0"));
    assert_eq!(host.ok("ip netns exec web cat /etc/hostname"), host.sh("cat /etc/hostname"));
    assert_eq!(host.ok("ip netns"), "host\ndb\nweb\n");
    assert_eq!(host.ok(&format!("ip netns identify {pid}")), "host\n");
    assert!(host.ok("ip netns pids host").lines().any(|line| line == pid.to_string()));
    assert_eq!(host.ok("brctl show"), "");
    assert_eq!(host.pontoon(&["ethtool", "-S", "lo"]).fails(94), "no stats available");
    host.ok("ip netns del web");
    assert_eq!(host.ok("ip netns"), "host\ndb\n");
}
