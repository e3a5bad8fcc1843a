//! What a container may do, and what it must not be able to.

use crate::tree::{TREE, host, inside, left, ok, pontoon};

#[test]
#[ignore = "needs root and busybox"]
fn as_root_rights_are_dockers_default() {
    let host = host();
    // As a container of Docker 20.10 shows them, but for NoNewPrivs, which is on here, and a second filter for clone3.
    let status = inside(&host, "", "grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups)' /proc/self/status");
    let of = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim().to_owned();
    assert_eq!(
        (of("CapEff:"), of("CapBnd:"), of("CapPrm:")),
        ("00000000a80425fb".into(), "00000000a80425fb".into(), "00000000a80425fb".into())
    );
    assert_eq!(
        (of("CapInh:"), of("CapAmb:"), of("NoNewPrivs:"), of("Seccomp:")),
        ("0000000000000000".into(), "0000000000000000".into(), "1".into(), "2".into())
    );
    let caps = |options: &str| inside(&host, options, "grep CapEff /proc/self/status").trim().to_owned();
    assert!(caps("--cap-drop ALL --cap-add NET_ADMIN").ends_with("0000000000001000"));
    assert!(caps("--user www").ends_with("0000000000000000"));
    // All that we have.
    assert_eq!(caps("--privileged"), host.sh("grep CapEff /proc/self/status").trim());
    assert!(
        inside(&host, "--security-opt no-new-privileges=false", "grep -E 'NoNew|Seccomp:' /proc/self/status")
            .contains("NoNewPrivs:\t0\nSeccomp:\t2")
    );
    assert!(inside(&host, "--security-opt seccomp=unconfined", "grep Seccomp: /proc/self/status").contains('0'));
    assert_eq!(inside(&host, "--user www", "id"), "uid=33(www) gid=34(www) groups=34(www),50(log)\n");
    assert_eq!(inside(&host, "--user 1000:1001", "id -u; id -g; echo $HOME"), "1000\n1001\n/\n");
    assert_eq!(inside(&host, "-e A=1 -e PATH=/bin --hostname h", "echo $A $PATH $HOSTNAME $HOME"), "1 /bin h /root\n");
    assert!(
        inside(&host, "--ulimit nofile=100:200 --ulimit core=0", "cat /proc/self/limits")
            .contains("Max open files            100                  200 ")
    );
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_it_sees_what_docker_shows() {
    let host = host();
    let devices = inside(
        &host,
        "",
        "ls /dev | tr '\\n' ' '; cat /dev/null; head -c 4 /dev/zero | wc -c; ls /proc/self/fd | wc -l; readlink /proc/self/cwd",
    );
    assert_eq!(devices, "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero 4\n4\n/\n");
    let mounts = inside(&host, "", "cat /proc/self/mounts");
    for line in [
        "proc /proc proc rw,nosuid,nodev,noexec,relatime",
        "tmpfs /dev tmpfs rw,nosuid,nodev,relatime,size=65536k,mode=755",
        "devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666",
        "sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime",
        "mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime",
        "proc /proc/bus proc ro,nosuid,nodev,noexec,relatime",
        "proc /proc/fs proc ro,nosuid,nodev,noexec,relatime",
        "proc /proc/irq proc ro,nosuid,nodev,noexec,relatime",
        "proc /proc/sys proc ro,nosuid,nodev,noexec,relatime",
        "tmpfs /sys/firmware tmpfs ro,relatime",
    ] {
        assert!(mounts.contains(line), "{line}: {mounts}");
    }
    // Nothing of the host's file systems is left below.
    assert!(!mounts.lines().any(|line| line.contains("/run/netns") || line.contains("/run/pontoon")), "{mounts}");
    assert_eq!(inside(&host, "", "ps | wc -l"), "4\n");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_what_docker_refuses_is_refused() {
    let host = host();
    for script in [
        "echo x >/proc/sysrq-trigger",
        "mount -t tmpfs x /tmp",
        "umount /proc/sys",
        "echo 1 >/proc/sys/kernel/panic",
        "mknod /tmp/sda b 8 0 && head -c 1 /tmp/sda",
        "mknod /dev/mem2 c 1 1 && head -c 1 /dev/mem2",
        "mknod /dev/kmsg c 1 11 && head -n 1 /dev/kmsg",
        "unshare -U true",
        "unshare -m true",
        "hostname x",
        "ip link set eth0 down",
        "ip addr add 10.0.0.1/8 dev lo",
        "cat /proc/kcore | head -c 1 | grep .",
        "cat /proc/keys | grep .",
        "echo +memory >/sys/fs/cgroup/cgroup.subtree_control",
        "date -s 2020-01-01 | grep 'not permitted' && false || test $(date +%Y) = 2020",
        "nsenter -t 1 -m true",
        "chroot /proc/1/root/../.. ls /run/pontoon",
        "pivot_root / /tmp",
        "ls /proc/1/root/../run/pontoon",
    ] {
        let output = pontoon(&host, &["run", "--rm", "busybox", "sh", "-c", script]);
        assert_ne!(output.code, 0, "{script}: {output:?}");
    }
    // And the container does not find it missing: who may, may.
    assert_eq!(inside(&host, "--privileged", "mount -t tmpfs x /tmp && echo mounted"), "mounted\n");
    assert_eq!(inside(&host, "--cap-add NET_ADMIN", "ip link set eth0 down && echo down"), "down\n");
    assert_eq!(left(&host), "0\n");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_links_in_a_tree_lead_into_the_tree() {
    let host = host();
    host.sh("mkdir /run/outside; echo precious >/run/outside/hosts; cp /run/outside/hosts /run/outside/before");
    for links in [
        "ln -sfn /run/outside etc",
        "ln -sfn /run/outside proc",
        "ln -sfn ../../../../run/outside dev",
        "ln -sfn /run/outside sys",
        "ln -sfn /run/outside/hosts etc/hosts",
        "ln -sfn ../../../../../../run/outside/hosts etc/resolv.conf",
        "ln -sfn /run/outside volume",
        "ln -sfn / volume",
    ] {
        host.sh(&format!("cp -a {TREE} /run/trees/evil; cd /run/trees/evil; rm -rf proc dev sys volume; {{ [ ${{0##*/}} ]; }}; case '{links}' in *outside\\ etc) rm -rf etc;; esac; {links}"));
        let output =
            pontoon(&host, &["run", "--rm", "-v", "/run/trees/busybox/bin:/volume/x", "evil", "cat", "/etc/hosts"]);
        assert!(!output.out.contains("precious"), "{links}: {output:?}");
        assert_eq!(
            host.sh("ls /run/outside; cat /run/outside/hosts; grep -c /run/outside /proc/mounts || true"),
            "before\nhosts\nprecious\n0\n",
            "{links}: {output:?}"
        );
        host.sh("rm -rf /run/trees/evil");
    }
    assert_eq!(left(&host), "0\n");
    let error = pontoon(&host, &["run", "--rm", "-v", "/run/outside:/a/../../b", "busybox", "true"]);
    assert_eq!(error.code, 125);
    assert_eq!(pontoon(&host, &["run", "--rm", "-w", "/proc/self/fd/7", "busybox", "pwd"]).code, 125);
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_the_program_itself_cannot_be_overwritten() {
    // The kind of CVE-2019-5736: the command is the program that has become it, found by its link in /proc.
    let host = host();
    let before = host.sh(&format!("cksum <{}", crate::support::executable()));
    host.sh(&format!("printf '#!/proc/self/exe\\n' >{TREE}/bin/evil; chmod +x {TREE}/bin/evil"));
    ok(&host, "run -d --name victim --init busybox sleep 600");
    let script = "for i in 1 2 3 4 5 6 7 8 9; do for exe in /proc/[0-9]*/exe; do (echo x >>$exe) 2>&1; done; sleep 0.05; done | grep -v -e 'Text file busy' -e Read-only -e nonexistent -e 'No such' -e denied || true";
    let attack = std::thread::scope(|scope| {
        let attack = scope.spawn(|| pontoon(&host, &["exec", "victim", "sh", "-c", script]).out);
        for _ in 0..8 {
            pontoon(&host, &["exec", "victim", "evil", "--version"]);
            pontoon(&host, &["exec", "victim", "true"]);
        }
        attack.join().unwrap()
    });
    assert_eq!(attack, "");
    // With every capability, too, the mount is what stands in the way.
    let output =
        pontoon(&host, &["run", "--rm", "--init", "--privileged", "busybox", "sh", "-c", "echo x >>/proc/1/exe"]);
    assert!(output.err.contains("Read-only file system") || output.err.contains("Text file busy"), "{output:?}");
    assert_eq!(host.sh(&format!("cksum <{}", crate::support::executable())), before);
    ok(&host, "rm -f victim");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_volumes_and_memory() {
    let host = host();
    host.sh("mkdir /run/data; echo a >/run/data/file");
    assert_eq!(inside(&host, "-v /run/data:/data", "cat /data/file; echo b >/data/new"), "a\n");
    assert_eq!(host.sh("cat /run/data/new"), "b\n");
    let script = "(echo x >/data/y) 2>&1 || true; mount | grep -c ' /data '";
    assert!(inside(&host, "-v /run/data:/data:ro", script).contains("Read-only file system\n1\n"));
    assert_eq!(inside(&host, "-v /run/data/file:/etc/one", "cat /etc/one"), "a\n");
    assert!(
        inside(&host, "--tmpfs /scratch:size=1m,mode=700", "mount | grep /scratch")
            .contains("nosuid,nodev,noexec,relatime,size=1024k,mode=700")
    );
    // A device on a volume is dead.
    host.sh("mknod /run/data/zero c 1 5");
    assert_ne!(
        pontoon(&host, &["run", "--rm", "-v", "/run/data:/data", "busybox", "head", "-c", "1", "/data/zero"]).code,
        0
    );
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_limits_act_or_say_why_not() {
    let host = host();
    if host.sh("ls /sys/fs/cgroup").trim().is_empty() {
        let error = pontoon(&host, &["run", "--rm", "--memory", "16m", "busybox", "true"]);
        assert_eq!(error.code, 125);
        assert!(error.err.contains("needs control groups"), "{error:?}");
        return;
    }
    let script = "i=0; while [ $i -lt 30 ]; do sleep 5 & i=$((i+1)); done; jobs | wc -l";
    let output = pontoon(&host, &["run", "--rm", "--pids-limit", "10", "busybox", "sh", "-c", script]);
    assert!(output.err.contains("can't fork"), "{output:?}");
    let eats = "a=x; while :; do a=$a$a; done";
    let output = pontoon(&host, &["run", "--name", "big", "--memory", "16m", "busybox", "sh", "-c", eats]);
    assert_eq!(output.code, 137, "{output:?}");
    assert_eq!(ok(&host, "inspect -f {{.State.OOMKilled}}/{{.HostConfig.Memory}} big"), "true/16777216\n");
    ok(&host, "rm big");
    ok(&host, "run -d --name slow --cpus 0.2 busybox sh -c :");
    ok(&host, "rm -f slow");
    let id = ok(&host, "run -d --name cold busybox sleep 600");
    ok(&host, "pause cold");
    assert!(ok(&host, "ps").contains("(Paused)"));
    assert!(pontoon(&host, &["exec", "cold", "true"]).fails(2).contains("is paused"));
    ok(&host, "unpause cold");
    ok(&host, "exec cold true");
    ok(&host, "rm -f cold");
    assert_eq!(host.sh(&format!("find /sys/fs/cgroup -name {} | wc -l", id.trim())), "0\n");
}
