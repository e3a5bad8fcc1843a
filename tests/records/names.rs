//! Names that would be read as something else, text that a terminal would obey, and namespaces that are not there yet.

use std::time::{Duration, Instant};

use crate::support::{Host, executable, needs};

#[test]
fn a_name_that_is_read_otherwise_is_not_given() {
    let host = Host::new();
    for line in ["ip netns add pid:5", "ip netns attach pid:x 1", "ip netns add pid:"] {
        let error = host.fails(1, line);
        assert!(
            error.contains("it must be 1 to 64 bytes without '/' or spaces, and not begin with '-' or 'pid:'"),
            "{error}"
        );
    }
    assert_eq!(host.sh("ls -A /run"), "");
    // Others give such names. What is meant by the bare name stays a process; the path names the file.
    host.sandbox("pid:1");
    host.sandbox("web");
    host.ok("network create lan");
    host.ok("network connect lan /run/netns/pid:1");
    assert_eq!(host.devices("pid:1"), ["eth0", "lo"]);
    assert!(host.ok("inspect /run/netns/pid:1").contains("172.17.0.2"));
    assert!(host.ok("network inspect lan").contains("/run/netns/pid:1"));
    host.ok("network disconnect lan /run/netns/pid:1");
    host.ok("ip netns del pid:1");
    assert_eq!(host.sh("ls /run/netns"), "web\n");
}

/// Control characters as a sandbox or another tool may choose them: a colour, a new title, a C1 introducer, DEL.
const EVIL: &str = "a\u{1b}[31mb\u{7}c\u{9b}1md\u{7f}\re";
const SHOWN: &str = r"a\x1b[31mb\x07c\x9b1md\x7f\x0de";

#[track_caller]
fn is_clean(text: &str) {
    let bad = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(bad, None, "{text:?}");
}

#[test]
fn no_control_character_reaches_the_terminal() {
    let host = Host::new();
    host.sandbox("c1");
    host.ok("network create lan");
    for words in [
        &["network", "create", EVIL] as &[&str],
        &["network", "rm", EVIL],
        &["network", "inspect", EVIL],
        &["network", "connect", "lan", EVIL],
        &["network", "connect", "lan", &format!("/{EVIL}")],
        &["network", "connect", "--ip", EVIL, "lan", "c1"],
        &["network", "connect", "--ifname", EVIL, "lan", "c1"],
        &["network", "create", "--subnet", EVIL, "x"],
        &["network", "create", "-o", EVIL, "x"],
        &["ip", "netns", "add", EVIL],
        &["ip", "netns", "exec", "c1", EVIL],
        &["ping", EVIL],
        &["trace", EVIL],
        &[EVIL],
        &["--state-dir", &format!("/run/none/{EVIL}/x"), "network", "create", "x"],
    ] {
        let output = host.pontoon(words);
        assert_ne!(output.code, 0, "{words:?}");
        assert!(output.err.contains(SHOWN), "{words:?}: {output:?}");
        assert_eq!(output.err.lines().count(), 1, "{output:?}");
        is_clean(&output.err);
        let output = host.pontoon(&[&["-j"], words].concat());
        is_clean(&output.err);
        let json: serde_json::Value = serde_json::from_str(&output.err).unwrap();
        assert!(json["error"].as_str().unwrap().contains(EVIL), "{json}");
    }
    // A line break makes no second line of ours.
    let output = host.pontoon(&["network", "rm", "a\npontoon: all is well"]);
    assert!(output.fails(2).contains(r"a\x0apontoon: all is well"));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_a_sandbox_and_other_tools_wrote_is_shown_and_not_obeyed() {
    needs(&["ip"]);
    let host = Host::new();
    host.sandbox("c1");
    host.ok("network create -o com.docker.network.bridge.name=lan0 lan");
    host.ok("network connect lan c1");
    let alias = EVIL.replace('\r', "");
    let shown = SHOWN.replace(r"\x0d", "");
    host.run("ip", &["-n", "c1", "link", "set", "eth0", "alias", &alias]).ok();
    host.run("ip", &["link", "set", "lan0", "alias", &alias]).ok();
    // The kernel takes almost every name.
    host.run("ip", &["link", "add", "e\u{1b}[1m", "type", "bridge"]).ok();
    host.sh("ip link set lo up");
    for words in [
        &["ip", "link"] as &[&str],
        &["ip", "-d", "link"],
        &["ip", "-n", "c1", "link"],
        &["ip", "addr"],
        &["trace", "c1"],
        &["trace"],
        &["brctl", "show"],
        &["network", "inspect", "lan"],
        &["inspect", "c1"],
        &["check"],
    ] {
        for json in [false, true] {
            let words = if json { [&["-j"], words].concat() } else { words.to_vec() };
            let output = host.pontoon(&words);
            is_clean(&output.out.replace('\t', ""));
            is_clean(&output.err);
        }
    }
    assert!(host.ok("ip link").contains(&format!("alias {shown}")), "{}", host.ok("ip link"));
    assert!(host.ok("ip link").contains(r"e\x1b[1m"));
    let json: serde_json::Value = serde_json::from_str(&host.ok("ip -j link show lan0")).unwrap();
    assert_eq!(json[0]["ifalias"], alias);
    // Files among the records, and names of namespaces.
    host.sh("touch /run/pontoon/networks/\"$(printf 'f\\033[1m')\".json");
    let listed = host.pontoon(&["network", "ls"]);
    assert!(listed.err.contains(r"networks/f\x1b[1m.json is empty"), "{listed:?}");
    is_clean(&listed.err);
    host.sh("touch /run/netns/\"$(printf 'n\\033[1m')\"");
    is_clean(&host.ok("ip netns"));
}

#[test]
fn a_namespace_that_is_being_made_is_waited_for() {
    let host = Host::new();
    host.ok("ip netns add other");
    host.ok("network create lan");
    host.sh("touch /run/netns/web");
    // The maker comes to mount it a little later.
    let script = "sleep 0.3; exec mount --bind /run/netns/other /run/netns/web";
    let mut maker = host.command("sh").args(["-c", script]).spawn().unwrap();
    host.ok("network connect lan web");
    assert!(maker.wait().unwrap().success());
    assert_eq!(host.devices("other"), ["eth0", "lo"]);
    host.sh("umount /run/netns/web");
    // One that is just being removed is none.
    let script = "sleep 0.3; exec rm /run/netns/web";
    host.sh("touch /run/netns/web");
    let mut remover = host.command("sh").args(["-c", script]).spawn().unwrap();
    let error = host.fails(2, "ip netns pids web");
    assert!(error.contains("sandbox web not found"), "{error}");
    assert!(remover.wait().unwrap().success());
}

#[test]
fn a_name_without_a_namespace_is_a_failure_and_no_wrong_command_line() {
    let host = Host::new();
    host.ok("ip netns add web");
    host.ok("network create lan");
    host.sh("touch -d '1 hour ago' /run/netns/left; touch /run/netns/fresh");
    for (name, at_most) in [("left", 500), ("fresh", 2000)] {
        for line in ["network connect lan", "ip netns pids", "inspect", "trace"] {
            let before = Instant::now();
            let error = host.fails(2, &format!("{line} {name}"));
            let words = format!(
                "sandbox {name}: '/run/netns/{name}' is not valid: it must be a network namespace, which that file is not. \
                 'pontoon ip netns del {name}' removes it."
            );
            assert!(error.ends_with(&words), "{error}");
            assert!(before.elapsed() < Duration::from_millis(at_most), "{line} {name}: {:?}", before.elapsed());
        }
    }
    // Somebody is at work on a file that was left: it counts as new.
    host.ok("ip netns add left");
    host.ok("network connect lan left");
}

#[test]
fn of_a_hundred_just_made_each_is_there_at_once() {
    let host = Host::new();
    host.ok("network create lan");
    // One makes them, the other connects each as soon as its file is there.
    let script = format!("for n in $(seq 60); do {pontoon} ip netns add c$n; done", pontoon = executable());
    let mut maker = host.command("sh").args(["-ec", &script]).spawn().unwrap();
    let script = format!(
        "for n in $(seq 60); do until [ -e /run/netns/c$n ]; do :; done; {pontoon} network connect lan c$n; done",
        pontoon = executable()
    );
    let output = host.run("sh", &["-ec", &script]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    assert!(maker.wait().unwrap().success());
}
