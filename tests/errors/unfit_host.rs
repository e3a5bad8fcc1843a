//! What a host can be like and fail us: no permission, no or read-only directories, files that are no records.

use std::os::unix::process::CommandExt as _;

use crate::support::{Host, Output, executable, finish, needs_root};
use rustix::process::{Gid, Uid};
use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set, set_thread_res_gid, set_thread_res_uid};
use serde_json::Value;

/// Runs pontoon with the words of `line` as root without any capability, or as nobody.
fn unprivileged(host: &Host, nobody: bool, line: &str) -> Output {
    let mut command = host.command("/run/bin/pontoon");
    let give_up = move || {
        for capability in CapabilitySet::all().iter() {
            // Those that this kernel does not know are not there to give up.
            let _ = remove_capability_from_bounding_set(capability);
        }
        if nobody {
            let (uid, gid) = (Uid::from_raw(65534), Gid::from_raw(65534));
            rustix::thread::set_thread_groups(&[])?;
            set_thread_res_gid(gid, gid, gid)?;
            set_thread_res_uid(uid, uid, uid)?;
        }
        Ok(())
    };
    // SAFETY: only system calls between fork and exec; the child has one thread.
    unsafe { command.pre_exec(give_up) };
    finish(command.args(line.split_whitespace()))
}

const AS_ROOT: &str = "Run it as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN.";

/// A host with the sandbox `c1`, and pontoon where anybody can reach it.
fn host_for_anybody() -> Host {
    let host = Host::new();
    host.sh(&format!(
        "chmod 755 /run; mkdir /run/bin; cat {} > /run/bin/pontoon; chmod 755 /run/bin /run/bin/pontoon",
        executable()
    ));
    host.sandbox("c1");
    host
}

/// Runs the line with and without `-j`: it must fail with these words and a remedy, and change nothing.
fn refused(host: &Host, nobody: bool, line: &str, words: &str) {
    let before = host.traces();
    let error = unprivileged(host, nobody, line).fails(2);
    assert_eq!(error, format!("pontoon: {line}: {words}. {AS_ROOT}"));
    let json: Value = serde_json::from_str(&unprivileged(host, nobody, &format!("-j {line}")).fails(2)).unwrap();
    assert_eq!(json["errno"], if words.contains("EPERM") { "EPERM" } else { "EACCES" });
    assert_eq!(host.traces(), before, "{line}");
}

#[test]
fn without_permission() {
    let host = host_for_anybody();
    let clean = host.traces();
    let not_permitted = "EPERM (Operation not permitted)";
    let create = "network create -o com.docker.network.bridge.name=lan0 lan";
    let error = unprivileged(&host, false, create).fails(2);
    assert_eq!(error, format!("pontoon: network create lan: cannot create bridge lan0: {not_permitted}. {AS_ROOT}"));
    assert_eq!(host.traces(), clean);
    refused(&host, false, "network connect bridge c1", &format!("cannot create bridge pontoon0: {not_permitted}"));
    host.ok(create);
    refused(&host, false, "network connect lan c1", &format!("cannot enter sandbox c1: {not_permitted}"));
    refused(&host, false, "network disconnect lan c1", &format!("cannot enter sandbox c1: {not_permitted}"));
    refused(&host, false, "network rm lan", &format!("cannot delete the ports of lan0: {not_permitted}"));
    assert!(unprivileged(&host, false, "network ls").ok().contains(" lan "), "looking is free");
    host.ok("network rm lan");
    assert_eq!(host.traces(), clean);
}

/// In a user namespace of one user there is no other.
#[test]
#[ignore = "needs root"]
fn as_root_without_permission_as_nobody() {
    needs_root();
    let host = host_for_anybody();
    let clean = host.traces();
    host.ok("network create -o com.docker.network.bridge.name=lan0 lan");
    let denied = "EACCES (Permission denied)";
    refused(&host, true, "network ls", &format!("cannot read /run/pontoon/networks: {denied}"));
    refused(&host, true, "network create two", &format!("cannot lock /run/pontoon/lock: {denied}"));
    refused(&host, true, "network connect lan c1", &format!("cannot lock /run/pontoon/lock: {denied}"));
    refused(&host, true, "network rm lan", &format!("cannot lock /run/pontoon/lock: {denied}"));
    host.ok("network rm lan");
    refused(&host, true, "network create lan", &format!("cannot create /run/pontoon: {denied}"));
    assert_eq!(host.traces(), clean);
}

#[test]
fn without_a_directory_for_the_records() {
    let host = Host::new();
    let before = host.traces();
    let error = host.fails(2, "--state-dir /run/none/pontoon network create lan");
    let remedy = "directory /run/none not found. Mount a tmpfs there, or use --state-dir.";
    assert_eq!(error, format!("pontoon: network create lan: {remedy}"));
    host.sandbox("c1");
    let error = host.fails(2, "--state-dir /run/none/pontoon network connect bridge c1");
    assert_eq!(error, format!("pontoon: network connect bridge c1: {remedy}"));
    host.remove_sandbox("c1");
    host.sh("echo > /run/file");
    let error = host.fails(2, "--state-dir /run/file network create lan");
    assert!(error.contains("cannot lock /run/file/lock: ENOTDIR (Not a directory)"), "{error}");
    host.sh("rm /run/file; rmdir /run/netns");
    assert_eq!(host.traces(), before);
    // Elsewhere is as good.
    host.ok("--state-dir /run/elsewhere network create lan");
    assert_eq!(host.ok("--state-dir /run/elsewhere network rm lan"), "lan\n");
    assert_eq!(host.traces(), before);
}

#[test]
fn with_a_read_only_run() {
    let host = Host::new();
    host.sandbox("c1");
    host.sh("mount -o remount,bind,ro /run");
    let before = host.traces();
    for line in ["network create lan", "network connect bridge c1"] {
        let error = host.fails(2, line);
        let words = "cannot create /run/pontoon: EROFS (Read-only file system). The file system is mounted read-only.";
        assert_eq!(error, format!("pontoon: {line}: {words}"));
        assert_eq!(host.traces(), before);
    }
    host.sh("mount -o remount,bind,rw /run");
    host.ok("network create lan");
    host.ok("network connect lan c1");
    host.sh("mount -o remount,bind,ro /run");
    let before = host.sh("find /run | sort");
    assert!(host.ok("network inspect lan").contains("172.17.0.2/16"));
    for line in ["network create two", "network rm -f lan"] {
        let error = host.fails(2, line);
        assert!(error.contains("EROFS (Read-only file system). The file system is mounted read-only."), "{error}");
    }
    assert_eq!(host.sh("find /run | sort"), before);
}

#[test]
fn with_a_read_only_proc_sys() {
    let host = Host::new();
    host.sh("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; echo 1 > /proc/sys/net/ipv4/ip_forward
             mount --rbind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys");
    let before = host.traces();
    let error = host.fails(2, "network create --ipv6 -o com.docker.network.bridge.name=lan0 lan");
    let words = "cannot enable IPv6: write /proc/sys/net/ipv6/conf/lan0/disable_ipv6: EROFS (Read-only file system). \
                 The file system is mounted read-only.";
    assert_eq!(error, format!("pontoon: network create lan: {words}"));
    assert_eq!(host.traces(), before);
    // Where there is nothing to write it does not matter.
    host.sandbox("c1");
    host.ok("network create lan");
    host.ok("network connect lan c1");
    host.ok("ping -c 1 -W 2 172.17.0.2");
}

#[test]
fn with_a_read_only_proc_sys_that_is_not_right_for_a_network() {
    let host = Host::new();
    host.sh("mount --rbind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys");
    let before = host.traces();
    let error = host.fails(2, "network create lan");
    let words = "cannot write 1 to /proc/sys/net/ipv4/ip_forward: EROFS (Read-only file system). \
                 The file system is mounted read-only.";
    assert_eq!(error, format!("pontoon: network create lan: {words}"));
    assert_eq!(host.traces(), before);
    // An internal network leads nowhere.
    host.ok("network create --internal lan");
}

#[test]
fn files_that_are_no_records_are_named_once_and_ignored() {
    for (contents, what) in [
        ("''", "is empty"),
        ("'{\"name\":\"odd\",'", "is torn or no record of ours"),
        ("'[1,2]'", "is torn or no record of ours"),
        ("'hello'", "is torn or no record of ours"),
        ("'{\"version\":1}'", "is no record of a network"),
        ("'{\"version\":1.5}'", "is torn or no record of ours"),
    ] {
        let host = Host::new();
        host.sandbox("c1");
        host.ok("network create lan");
        let clean = host.traces();
        for name in ["networks/odd", "networks/odder", "endpoints/odd", "claims/odd"] {
            host.sh(&format!("cd /run/pontoon; mkdir -p endpoints claims; printf %s {contents} > {name}.json"));
        }
        let warning =
            format!("pontoon: warning: /run/pontoon/networks/odd.json {what}; ignored ('pontoon gc' removes it)\n");
        let listed = host.pontoon(&["network", "ls"]);
        assert_eq!(
            (listed.code, listed.err.as_str(), listed.out.lines().count()),
            (0, warning.as_str(), 2),
            "{contents}"
        );
        // A verb that does not read it does not speak of it.
        host.ok("network inspect lan");
        host.ok("network connect lan c1");
        host.ok("network disconnect lan c1");
        // In its own name something new may be made.
        assert_eq!(host.pontoon(&["network", "create", "odd"]).code, 0);
        host.ok("network rm -f odd");
        let output = host.pontoon(&["gc"]);
        assert_eq!((output.code, output.out.lines().count()), (0, 3), "{output:?}");
        assert_eq!(host.ok("gc"), "");
        host.sh("rmdir /run/pontoon/endpoints /run/pontoon/claims 2> /dev/null || true; rm -rf /run/pontoon/hints");
        assert_eq!(host.traces(), clean, "{contents}");
    }
}

#[test]
fn what_is_no_file_stops_nothing() {
    let host = Host::new();
    host.ok("network create lan");
    host.sh(
        "cd /run/pontoon/networks; mkdir dir.json; ln -s nowhere link.json; echo x > README; echo x > .hidden.json",
    );
    let listed = host.pontoon(&["network", "ls"]);
    assert_eq!((listed.code, listed.out.lines().count()), (0, 2), "{listed:?}");
    assert!(listed.err.starts_with("pontoon: warning: /run/pontoon/networks/dir.json is no file"), "{listed:?}");
    assert_eq!(listed.err.lines().count(), 1);
    host.ok("network rm lan");
    assert_eq!(host.devices(""), ["lo"]);
}

#[test]
fn in_a_sandbox_without_ipv6() {
    let host = Host::new();
    host.sandbox("c1");
    host.sh_in("c1", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
    host.ok("network create --subnet fd00:5::/64 six");
    let before = host.traces();
    let error = host.fails(2, "network connect six c1");
    assert_eq!(
        error,
        "pontoon: network connect six c1: cannot add address fd00:5::2 to eth0: EACCES (ipv6: IPv6 is disabled on this \
         device). Set net.ipv6.conf.INTERFACE.disable_ipv6 to 0 there."
    );
    assert_eq!((host.traces(), host.devices("c1")), (before, vec!["lo".to_owned()]));
}
