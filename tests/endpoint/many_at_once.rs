//! Many at once: the kernel and the lock arbitrate, nobody fails without a reason, nothing is given out twice.

use std::process::{Child, Stdio};

use crate::support::{Host, Output, executable, needs};

/// Starts pontoon with the words of each line, all at once, and waits for all of them.
fn at_once(host: &Host, lines: &[String]) -> Vec<Output> {
    let start = |line: &String| -> Child {
        let mut command = host.command(executable());
        command.args(line.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = lines.iter().map(start).collect();
    let end = |child: Child| {
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Output { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    };
    children.into_iter().map(end).collect()
}

fn sandboxes(host: &Host, count: u32) -> Vec<String> {
    let names: Vec<_> = (0..count).map(|n| format!("c{n}")).collect();
    for name in &names {
        host.sandbox(name);
    }
    names
}

fn all_distinct(mut addresses: Vec<Vec<String>>) -> bool {
    let count = addresses.len();
    addresses.sort();
    addresses.dedup();
    addresses.len() == count && addresses.iter().all(|of_one| !of_one.is_empty())
}

#[test]
fn fifty_connects_at_once_get_fifty_addresses() {
    for options in ["", "--ipv6", "--subnet fd00:1::/64"] {
        let host = Host::new();
        let names = sandboxes(&host, 50);
        host.ok(&format!("network create {options} lan"));
        let connects: Vec<_> = names.iter().map(|name| format!("network connect lan {name}")).collect();
        for output in at_once(&host, &connects) {
            assert_eq!(output, Output { code: 0, out: String::new(), err: String::new() });
        }
        assert!(all_distinct(names.iter().map(|name| host.addresses(name)).collect()));
        let disconnects: Vec<_> = names.iter().map(|name| format!("network disconnect lan {name}")).collect();
        for output in at_once(&host, &disconnects) {
            assert_eq!(output.ok(), "");
        }
        assert_eq!(host.devices("").len(), 2);
        host.ok("network rm lan");
        assert_eq!(host.sh("ls -A /run"), "netns\n");
    }
}

#[test]
fn the_default_network_is_created_once_by_many() {
    let host = Host::new();
    let names = sandboxes(&host, 20);
    let connects: Vec<_> = names.iter().map(|name| format!("network connect bridge {name}")).collect();
    for output in at_once(&host, &connects) {
        assert_eq!(output.ok(), "");
    }
    assert!(all_distinct(names.iter().map(|name| host.addresses(name)).collect()));
    assert_eq!(host.devices("").len(), 22);
}

#[test]
fn one_sandbox_is_connected_once_by_many() {
    let host = Host::new();
    host.sandbox("c1");
    host.ok("network create lan");
    host.ok("network create wan");
    let mut lines = vec!["network connect lan c1".to_owned(); 8];
    lines.extend(vec!["network connect wan c1".to_owned(); 8]);
    let outputs = at_once(&host, &lines);
    let (done, refused): (Vec<_>, Vec<_>) = outputs.into_iter().partition(|output| output.code == 0);
    assert_eq!(done.len(), 2, "{refused:?}");
    assert!(refused.iter().all(|output| output.err.contains("is already connected to network")), "{refused:?}");
    assert_eq!(host.devices("c1"), ["eth0", "eth1", "lo"]);
    assert_eq!(host.default_routes("c1").len(), 1);
}

#[test]
fn the_last_addresses_are_fought_for_and_given_once() {
    let host = Host::new();
    let names = sandboxes(&host, 12);
    host.ok("network create --subnet 10.0.0.0/29 lan");
    let connects: Vec<_> = names.iter().map(|name| format!("network connect lan {name}")).collect();
    let outputs = at_once(&host, &connects);
    let done: Vec<_> =
        names.iter().zip(&outputs).filter(|(_, output)| output.code == 0).map(|(name, _)| name).collect();
    assert_eq!(done.len(), 5);
    assert!(all_distinct(done.into_iter().map(|name| host.addresses(name)).collect()));
    assert!(
        outputs.iter().all(|output| output.code == 0 || output.err.contains("no free address is left on network lan"))
    );
}

#[test]
fn of_twenty_creates_of_one_name_one_succeeds() {
    let host = Host::new();
    let outputs = at_once(&host, &vec!["network create lan".to_owned(); 20]);
    let done: Vec<_> = outputs.iter().filter(|output| output.code == 0).collect();
    assert_eq!(done.len(), 1, "{outputs:?}");
    assert!(outputs.iter().all(|output| output.code == 0 || output.err.contains("network lan already exists")));
    assert_eq!(host.ok("network ls -q --no-trunc"), done[0].out);
    assert_eq!(host.devices("").len(), 2);
    // With --ensure all of them do, and mean the same network.
    let outputs = at_once(&host, &vec!["network create --ensure two".to_owned(); 20]);
    assert!(outputs.iter().all(|output| output.code == 0 && output.out == outputs[0].out), "{outputs:?}");
}

#[test]
fn twenty_creates_at_once_do_not_overlap() {
    let host = Host::new();
    let lines: Vec<_> = (0..20).map(|n| format!("network create --ipv6 n{n}")).collect();
    for output in at_once(&host, &lines) {
        assert_eq!(output.ok().len(), 65);
    }
    let gateways = host.addresses("");
    assert_eq!(gateways.len(), 40);
    let rms: Vec<_> = (0..20).map(|n| format!("network rm n{n}")).collect();
    for output in at_once(&host, &rms) {
        assert_eq!(output.ok().lines().count(), 1);
    }
    assert_eq!((host.devices(""), host.sh("ls -A /run")), (vec!["lo".to_owned()], String::new()));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_deleted_bridge_is_made_anew_once_by_many() {
    needs(&["ip"]);
    let host = Host::new();
    let names = sandboxes(&host, 20);
    host.ok("network create -o com.docker.network.bridge.name=lan0 lan");
    for name in &names[..10] {
        host.ok(&format!("network connect lan {name}"));
    }
    host.sh("ip link del lan0");
    let mut lines: Vec<_> = names[10..].iter().map(|name| format!("network connect lan {name}")).collect();
    lines.extend(names[..10].iter().map(|name| format!("network connect --ensure lan {name}")));
    // Some that fail, and undo, must not take the bridge from under the others.
    lines.extend(vec!["network connect --ip 172.17.0.2 lan c19".to_owned(); 5]);
    let outputs = at_once(&host, &lines);
    assert!(outputs[..20].iter().all(|output| output.code == 0), "{outputs:?}");
    assert!(all_distinct(names.iter().map(|name| host.addresses(name)).collect()));
    assert_eq!(
        host.sh("ls /sys/class/net/lan0/brif 2> /dev/null || ip -br link show master lan0 | cut -d@ -f1")
            .lines()
            .count(),
        20
    );
}

#[test]
fn storms_leave_nothing() {
    let host = Host::new();
    sandboxes(&host, 6);
    let before = host.traces();
    let mut lines = Vec::new();
    for round in 0..6 {
        lines.push("network create --ensure lan".to_owned());
        for n in 0..6 {
            lines.push(format!("network connect lan c{n}"));
            lines.push(format!("network disconnect lan c{}", (n + round) % 6));
        }
        lines.push("network rm -f lan".to_owned());
        lines.push("gc".to_owned());
        lines.push("network create --ensure --subnet 10.0.0.0/24 wan".to_owned());
        lines.push("network prune -f".to_owned());
    }
    for output in at_once(&host, &lines) {
        // Whatever is refused is refused for what the others did, in words; nothing else goes wrong.
        let why = ["not found", "is already connected", "is not connected", "overlaps", "active endpoints"];
        assert!(output.code == 0 || output.code == 2 && why.iter().any(|why| output.err.contains(why)), "{output:?}");
    }
    host.ok("network rm -f lan wan");
    assert_eq!(host.traces(), before);
    for n in 0..6 {
        assert_eq!(host.devices(&format!("c{n}")), ["lo"]);
    }
}

#[test]
#[ignore = "needs nft (nftables)"]
fn two_hundred_published_at_once_lose_none_and_double_none() {
    needs(&["nft"]);
    let host = Host::new();
    host.ok("network create --subnet 10.1.0.0/24 --subnet fd00:1::/64 lan");
    let names = sandboxes(&host, 200);
    // A third chooses, a third is told, a third wants what only one of ten can have.
    let spec = |n: usize| match n % 3 {
        0 => "80".to_owned(),
        1 => format!("{}:80", 20_000 + n),
        _ => format!("{}:80", 30_000 + n / 30),
    };
    let lines: Vec<_> =
        names.iter().enumerate().map(|(n, name)| format!("network connect -p {} lan {name}", spec(n))).collect();
    let mut published = Vec::new();
    let mut winners = 0;
    for ((n, name), output) in names.iter().enumerate().zip(at_once(&host, &lines)) {
        if output.code == 0 {
            winners += usize::from(n % 3 == 2);
            let text = host.ok(&format!("port {name}"));
            let port = text.lines().find_map(|line| line.strip_prefix("80/tcp -> 0.0.0.0:")).unwrap();
            published.push((port.parse::<u64>().unwrap(), host.addresses(name)[0].clone()));
        } else {
            let error = output.fails(2);
            assert!(n % 3 == 2 && error.contains("is already published by"), "{name}: {error}");
            assert_eq!(host.devices(name), ["lo"]);
        }
    }
    assert_eq!(winners, 7, "30000 to 30006");
    published.sort();
    let listed: serde_json::Value = serde_json::from_str(&host.sh("nft -j list map ip pontoon publish_any")).unwrap();
    let element = |pair: &serde_json::Value| {
        let (key, data) = (&pair[0]["concat"], &pair[1]["concat"]);
        assert_eq!((&key[0], &data[1]), (&"tcp".into(), &80.into()));
        (key[1].as_u64().unwrap(), data[0].as_str().unwrap().to_owned())
    };
    let mut elements: Vec<_> = listed["nftables"][1]["map"]["elem"].as_array().unwrap().iter().map(element).collect();
    elements.sort();
    assert_eq!(elements, published);
    let count = published.len();
    published.dedup_by_key(|one| one.0);
    assert_eq!(published.len(), count);
}
