//! Making, starting, entering, stopping and removing containers, as Docker does it and prints it.

use crate::tree::{host, inside, left, ok, pontoon};

#[test]
#[ignore = "needs root and busybox"]
fn as_root_exit_codes_are_dockers() {
    let host = host();
    for (words, code) in [
        (vec!["busybox", "sh", "-c", "exit 7"], 7),
        (vec!["busybox", "nonesuch"], 127),
        (vec!["busybox", "/nonesuch"], 127),
        (vec!["busybox", "/etc"], 126),
        (vec!["busybox", "/etc/passwd"], 126),
        (vec!["--init", "busybox", "nonesuch"], 127),
        (vec!["--init", "busybox", "sh", "-c", "exit 5"], 5),
        // The first process of a pid namespace does not die of signals of its own.
        (vec!["busybox", "sh", "-c", "kill -9 $$; exit 4"], 4),
        (vec!["busybox", "sh", "-c", "sleep 60 & kill -9 $!; wait $!"], 137),
        (vec!["--badopt", "busybox", "true"], 125),
        (vec!["nonesuch", "true"], 125),
        (vec!["--network", "nonet", "busybox", "true"], 125),
        (vec!["--memory", "x", "busybox", "true"], 125),
        (vec!["--user", "nobody-there", "busybox", "true"], 125),
    ] {
        let output = pontoon(&host, &[&["run", "--rm"], words.as_slice()].concat());
        assert_eq!(output.code, code, "{words:?}: {output:?}");
    }
    assert_eq!(left(&host), "0\n");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_from_run_to_rm() {
    let host = host();
    let id = ok(&host, "run -itd --name=container1 busybox");
    assert_eq!(id.trim().len(), 64);
    ok(&host, "run -itd --name container2 -p 8080:80 busybox sh");
    let listed = ok(&host, "ps");
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with("CONTAINER ID   IMAGE     COMMAND   CREATED"), "{listed}");
    assert!(
        lines[1].contains("\"sh\"") && lines[1].contains(" 0.0.0.0:8080->80/tcp ") && lines[1].ends_with(" container2")
    );
    assert!(lines[2].starts_with(&id[..12]) && lines[2].ends_with(" container1"), "{listed}");
    assert_eq!(ok(&host, "ps -q").lines().count(), 2);
    assert_eq!(ok(&host, "ps -q --no-trunc --filter name=container1"), id);
    // The address answers, the name is taken, and by a beginning of the id it is found.
    assert!(host.ok("ping -c 1 172.17.0.2").contains("1 packets received"));
    assert_eq!(pontoon(&host, &["run", "--name", "container1", "busybox", "true"]).code, 125);
    assert_eq!(pontoon(&host, &["exec", &id[..8], "sh", "-c", "exit 3"]).code, 3);
    assert_eq!(pontoon(&host, &["exec", "container1", "nonesuch"]).code, 127);
    assert_eq!(ok(&host, "exec -e A=b -w /tmp container1 sh -c env").matches("A=b").count(), 1);
    assert_eq!(ok(&host, "exec -w /etc container1 pwd"), "/etc\n");
    assert!(ok(&host, "top container1").contains(" pts/0 "));
    assert!(ok(&host, "port container2").contains("80/tcp -> 0.0.0.0:8080"));
    let error = pontoon(&host, &["rm", "container1"]).fails(2);
    assert!(error.contains("is running. Stop it before, or remove it with -f."), "{error}");

    assert_eq!(ok(&host, "stop -t 0 container2"), "container2\n");
    assert!(ok(&host, "ps -a --filter status=exited").contains("Exited (137)"));
    assert_eq!(
        ok(&host, "inspect -f {{.State.Status}}/{{.State.ExitCode}}/{{.State.Pid}} container2"),
        "exited/137/0\n"
    );
    // Its port is free for another, its address and name are not seen any more.
    assert!(!host.sh("ls /run/netns").contains("container2"));
    assert_eq!(ok(&host, "start container2"), "container2\n");
    assert_eq!(ok(&host, "restart -t 0 container2"), "container2\n");
    assert_eq!(ok(&host, "rename container2 c2"), "");
    assert!(ok(&host, "ps").ends_with(" c2\n") || ok(&host, "ps").contains(" c2\n"));
    assert!(ok(&host, "exec c2 ip addr").contains("eth0"));
    assert_eq!(ok(&host, "kill c2"), "c2\n");
    assert_eq!(ok(&host, "wait c2"), "137\n");
    assert_eq!(ok(&host, "rm c2"), "c2\n");
    assert_eq!(ok(&host, "rm -f container1 nope"), "container1\n");
    assert_eq!(left(&host), "0\n");
    assert_eq!(ok(&host, "ps -aq"), "");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_logs_are_whole_and_bounded() {
    let host = host();
    let script = "echo out; echo err >&2; printf half; sleep 0.1; echo ' line'";
    pontoon(&host, &["run", "--name", "log1", "busybox", "sh", "-c", script]).ok();
    let output = pontoon(&host, &["logs", "log1"]);
    assert_eq!((output.out.as_str(), output.err.as_str()), ("out\nhalf line\n", "err\n"));
    assert_eq!(pontoon(&host, &["logs", "-n", "1", "log1"]).out, "half line\n");
    let stamped = pontoon(&host, &["logs", "-t", "log1"]).out;
    let (time, text) = stamped.lines().next().unwrap().split_once(' ').unwrap();
    assert!(time.len() == 30 && time.ends_with('Z') && text == "out", "{stamped}");
    assert_eq!(pontoon(&host, &["logs", "--since", "1h", "log1"]).out, output.out);
    assert_eq!(pontoon(&host, &["logs", "--since", "2199-01-01T00:00:00Z", "log1"]).out, "");
    assert!(pontoon(&host, &["logs", "nope"]).fails(2).contains("container nope not found"));
    // Ten megabytes leave one, of which the end is there; those who follow miss nothing.
    let script = "i=0; while [ $i -lt 2000 ]; do printf '%5000d\\n' $i; i=$((i+1)); done";
    let shown = pontoon(&host, &["run", "--name", "log2", "busybox", "sh", "-c", script]).ok();
    assert_eq!(shown.len(), 2000 * 5001);
    let size: u64 = host.sh("cat /run/pontoon/run/*/log* | wc -c").trim().parse().unwrap();
    assert!((500_000..1_200_000).contains(&size), "{size}");
    assert!(pontoon(&host, &["logs", "--tail", "1", "log2"]).out.trim() == "1999");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_input_reaches_it_and_its_end_does() {
    let host = host();
    let script = format!(
        "export PONTOON_ROOTFS_DIR=/run/trees; head -c 300000 /dev/zero | tr '\\0' x | {} run --rm -i busybox sh -c 'cat | wc -c'",
        crate::support::executable()
    );
    assert_eq!(host.sh(&script).trim(), "300000");
    // Without -i there is none.
    let script = script.replace(" -i ", " ");
    assert_eq!(host.sh(&script).trim(), "0");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_policies_start_it_anew() {
    let host = host();
    let script = "echo again; exit 3";
    ok(&host, "run -d --name stays --restart on-failure:2 busybox sh -c false");
    pontoon(&host, &["run", "-d", "--name", "fails", "--restart", "on-failure:2", "busybox", "sh", "-c", script]).ok();
    assert_eq!(ok(&host, "wait fails"), "3\n");
    assert_eq!(pontoon(&host, &["logs", "fails"]).out, "again\n".repeat(3));
    assert_eq!(ok(&host, "inspect -f {{.RestartCount}}/{{.HostConfig.RestartPolicy.Name}} fails"), "2/on-failure\n");
    pontoon(&host, &["run", "-d", "--name", "always", "--restart", "always", "busybox", "sh", "-c", "exit 0"]).ok();
    host.sh("sleep 0.5");
    assert!(!ok(&host, "inspect -f {{.RestartCount}} always").starts_with('0'));
    // Who is told to stop stays ended.
    ok(&host, "stop -t 0 always");
    assert_eq!(ok(&host, "inspect -f {{.State.Status}} always"), "exited\n");
    ok(&host, "rm -f always fails stays");
    assert_eq!(left(&host), "0\n");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_other_networks() {
    let host = host();
    host.loopback_up();
    assert_eq!(
        inside(&host, "--network none", "ip -o link | wc -l; ping -c1 127.0.0.1 >/dev/null && echo up"),
        "1\nup\n"
    );
    ok(&host, "network create lan");
    let seen = inside(
        &host,
        "--network lan --network bridge --ip 172.17.0.9",
        "ip -o -4 addr show dev eth0; ls /sys/class/net",
    );
    assert!(seen.contains("172.17.0.9/16") && seen.contains("eth1"), "{seen}");
    // The host's own: its devices are there.
    assert!(inside(&host, "--network host", "ip -o link").contains("pontoon0"));
    ok(&host, "run -d --name one busybox sleep 60");
    let address = |options: &str| inside(&host, options, "ip -o -4 addr show dev eth0 | grep -o 172.18.0.[0-9]*/");
    assert_eq!(
        address("--network container:one"),
        ok(&host, "exec one ip -o -4 addr show dev eth0").split_whitespace().nth(3).unwrap().replace("16", "\n")
    );
    // Their names are those of that network: the host's own, or the other container's.
    assert_eq!(inside(&host, "--network host", "cat /etc/hosts"), host.sh("cat /etc/hosts"));
    assert!(inside(&host, "--network container:one", "cat /etc/hosts").contains(" one\n"));
    ok(&host, "network connect lan one");
    assert!(ok(&host, "exec one ip -o link").contains("eth1"));
    ok(&host, "rm -f one");
    ok(&host, "network rm lan");
    assert_eq!(left(&host), "0\n");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_the_hosts_own_files_in_another_network() {
    let host = host();
    host.sh("echo here >/run/mine");
    let output =
        pontoon(&host, &["run", "--rm", "host", "sh", "-c", "cat /run/mine; ls /sys/class/net; tail -1 /etc/hosts"])
            .ok();
    assert!(output.starts_with("here\neth0\nlo\n172.17.0.2\t"), "{output}");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_inspect_is_dockers() {
    let host = host();
    ok(&host, "run -itd --name=container1 busybox");
    let own: serde_json::Value = serde_json::from_str(&ok(&host, "inspect container1")).unwrap();
    let golden = crate::support::golden::golden("docker-container-inspect.json");
    let docker: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&own[0]), keys(&docker[0]));
    for part in ["State", "Config", "NetworkSettings"] {
        let mut known = keys(&own[0][part]);
        known.retain(|key| key != "StopSignal");
        assert_eq!(known, keys(&docker[0][part]), "{part}");
    }
    assert_eq!(
        keys(&own[0]["NetworkSettings"]["Networks"]["bridge"]),
        keys(&docker[0]["NetworkSettings"]["Networks"]["bridge"])
    );
    // What both say of themselves in the same situation; ids, times and paths apart.
    for path in [
        "/0/Path",
        "/0/Args",
        "/0/Name",
        "/0/State/Status",
        "/0/State/FinishedAt",
        "/0/Config/Tty",
        "/0/Config/Cmd",
        "/0/Config/OpenStdin",
        "/0/HostConfig/MaskedPaths",
        "/0/HostConfig/ReadonlyPaths",
        "/0/HostConfig/NetworkMode",
        "/0/HostConfig/RestartPolicy",
        "/0/NetworkSettings/Gateway",
        "/0/NetworkSettings/IPAddress",
        "/0/NetworkSettings/MacAddress",
        "/0/NetworkSettings/IPPrefixLen",
        "/0/NetworkSettings/Ports",
    ] {
        assert_eq!(own.pointer(path), docker.pointer(path), "{path}");
    }
    // HostConfig has no key that Docker's has not, but for what Docker leaves out when it is empty.
    let of_docker = keys(&docker[0]["HostConfig"]);
    for key in keys(&own[0]["HostConfig"]).iter().filter(|key| !matches!(key.as_str(), "Tmpfs" | "Init")) {
        assert!(of_docker.contains(key), "{key}");
    }
    ok(&host, "rm -f container1");
}
