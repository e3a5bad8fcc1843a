//! Endpoints: what a sandbox gets when it is connected, what one may ask for, and what goes when it is disconnected.

use crate::support::{Host, needs};
use serde_json::{Value, json};

/// A host with a network `lan` and sandboxes `c1`, `c2`, ….
fn host(options: &str, sandboxes: u32) -> Host {
    let host = Host::new();
    host.ok(&format!("network create {options} lan"));
    (1..=sandboxes).for_each(|n| host.sandbox(&format!("c{n}")));
    host
}

fn settings(host: &Host, sandbox: &str, network: &str) -> Value {
    let text = host.ok(&format!("inspect {sandbox}"));
    serde_json::from_str::<Value>(&text).unwrap()[0]["NetworkSettings"]["Networks"][network].clone()
}

fn link(host: &Host, namespace: &str, name: &str) -> Value {
    let text = host.sh(&format!("ip {namespace} -d -j link show {name}"));
    serde_json::from_str::<Value>(&text).unwrap()[0].clone()
}

#[test]
fn the_first_sandbox_gets_what_docker_gives_it() {
    let host = Host::new();
    host.sandbox("container1");
    // The default network is there without being created.
    host.ok("network connect bridge container1");
    assert_eq!(host.devices(""), ["lo", "pontoon0", "vethac110002"]);
    assert_eq!(host.devices("container1"), ["eth0", "lo"]);
    assert_eq!(host.addresses("container1"), ["172.17.0.2"]);
    assert_eq!(host.default_routes("container1"), ["172.17.0.1 eth0"]);
    for from in ["", "--from container1"] {
        for to in ["172.17.0.1", "172.17.0.2", "127.0.0.1"] {
            // This host's own loopback device is down.
            if from.is_empty() && to != "172.17.0.2" {
                continue;
            }
            host.ok(&format!("ping -c 1 -W 2 {from} {to}"));
        }
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn its_devices_are_dockers_and_say_whose_they_are() {
    needs(&["ip"]);
    let host = Host::new();
    host.sandbox("container1");
    host.ok("network connect bridge container1");
    let inner = link(&host, "-n container1", "eth0");
    assert_eq!((&inner["address"], &inner["mtu"]), (&json!("02:42:ac:11:00:02"), &json!(1500)));
    let outer = link(&host, "", "vethac110002");
    assert_eq!(outer["ifalias"], "pontoon bridge/container1 eth0 172.17.0.2/16");
    assert_eq!((&outer["master"], &outer["mtu"]), (&json!("pontoon0"), &json!(1500)));
    let bridge = link(&host, "", "pontoon0");
    assert_eq!((&bridge["address"], &bridge["ifalias"]), (&json!("02:42:ac:11:00:01"), &json!("pontoon bridge")));
}

#[test]
fn what_is_asked_for_is_given() {
    let host = host("--subnet 10.0.0.0/24 --subnet fd00::/64", 5);
    host.ok("network connect --ip 10.0.0.77 --mac-address 02:00:00:00:00:99 --ifname wan lan c1");
    assert_eq!(host.devices("c1"), ["lo", "wan"]);
    assert_eq!(host.addresses("c1"), ["10.0.0.77", "fd00::4d/64 wan"]);
    assert_eq!(host.default_routes("c1"), ["10.0.0.1 wan", "fd00::1 wan"]);
    let lan = settings(&host, "c1", "lan");
    assert_eq!(lan["MacAddress"], "02:00:00:00:00:99");
    assert_eq!(lan["IPAMConfig"], json!({"IPv4Address": "10.0.0.77"}));
    // An IPv6 address alone decides the host number of both.
    host.ok("network connect --ip6 fd00::60 lan c2");
    assert_eq!(host.addresses("c2"), ["10.0.0.96", "fd00::60/64 eth0"]);
    // One that cannot be an IPv4 host number goes with the next IPv4 address.
    host.ok("network connect --ip6 fd00::1:2:3:4 lan c3");
    assert_eq!(host.addresses("c3"), ["10.0.0.2", "fd00::1:2:3:4/64 eth0"]);
    assert_eq!(settings(&host, "c3", "lan")["IPAMConfig"], json!({"IPv6Address": "fd00::1:2:3:4"}));
    let report = host.ok("-j network connect --ip 10.0.0.9 --ip6 fd00::8 lan c4");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["IPAddress"], &report["GlobalIPv6Address"]), (&json!("10.0.0.9"), &json!("fd00::8")));
    assert_eq!((&report["Interface"], &report["HostInterface"]), (&json!("eth0"), &json!("veth0a000009")));
    // Nobody is given an address that somebody chose, of either family.
    for taken in
        ["--ip6 fd00::8", "--ip 10.0.0.8", "--ip6 fd00::4d", "--ip 10.0.0.9", "--ip 10.0.0.10 --ip6 fd00::1:2:3:4"]
    {
        let error = host.fails(2, &format!("network connect {taken} lan c5"));
        assert!(error.contains("is already in use by lan/c"), "{taken}: {error}");
    }
    for (n, expected) in
        [(6, "10.0.0.3"), (7, "10.0.0.4"), (8, "10.0.0.5"), (9, "10.0.0.6"), (10, "10.0.0.7"), (11, "10.0.0.10")]
    {
        host.sandbox(&format!("c{n}"));
        host.ok(&format!("network connect lan c{n}"));
        assert_eq!(host.addresses(&format!("c{n}"))[0], expected, "10.0.0.8 would bring fd00::8 with it");
    }
    host.ok("network disconnect lan c4");
    host.ok("network connect --ip 10.0.0.8 lan c5");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_mac_address_that_is_asked_for_is_given() {
    needs(&["ip"]);
    let host = host("--subnet 10.0.0.0/24 --subnet fd00::/64", 1);
    host.ok("network connect --ip 10.0.0.77 --mac-address 02:00:00:00:00:99 --ifname wan lan c1");
    assert_eq!(link(&host, "-n c1", "wan")["address"], "02:00:00:00:00:99");
}

#[test]
fn the_first_network_that_leads_outside_gives_the_default_route() {
    let host = host("--subnet 10.1.0.0/24", 1);
    host.ok("network create --internal --subnet 10.2.0.0/24 secret");
    host.ok("network create --subnet 10.3.0.0/24 --subnet fd00:3::/64 wan");
    host.ok("network connect secret c1");
    assert_eq!(host.default_routes("c1"), [""; 0]);
    assert_eq!(settings(&host, "c1", "secret")["Gateway"], "");
    host.ok("network connect lan c1");
    host.ok("network connect wan c1");
    assert_eq!(host.devices("c1"), ["eth0", "eth1", "eth2", "lo"]);
    assert_eq!(host.default_routes("c1"), ["10.1.0.1 eth1", "fd00:3::1 eth2"]);
    host.ok("network disconnect lan c1");
    assert_eq!(host.default_routes("c1"), ["10.3.0.1 eth2", "fd00:3::1 eth2"]);
    // The name that became free is given out again.
    host.ok("network connect lan c1");
    assert_eq!(host.devices("c1"), ["eth0", "eth1", "eth2", "lo"]);
    assert_eq!(host.default_routes("c1"), ["10.3.0.1 eth2", "fd00:3::1 eth2"]);
    host.ok("network disconnect wan c1");
    host.ok("network disconnect lan c1");
    assert_eq!(host.default_routes("c1"), [""; 0]);
    let text: Value = serde_json::from_str(&host.ok("inspect c1")).unwrap();
    assert_eq!(text[0]["NetworkSettings"]["Networks"].as_object().unwrap().keys().collect::<Vec<_>>(), ["secret"]);
}

#[test]
fn a_sandbox_is_named_by_path_or_process_too() {
    let host = host("", 1);
    let path = format!("/proc/{}/ns/net", host.anchor_pid());
    assert!(
        host.fails(1, &format!("network connect lan {path}")).contains("another network namespace than the host's own")
    );
    assert!(host.fails(1, &format!("network connect lan pid:{}", host.anchor_pid())).contains("host's own"));
    let mut child = host.command_in("c1", "sleep").arg("100").spawn().unwrap();
    host.sh(&format!("until grep -q sleep /proc/{}/comm; do sleep 0.01; done", child.id()));
    let process = format!("pid:{}", child.id());
    host.ok(&format!("network connect lan {process}"));
    // All of these are the same sandbox.
    for name in ["c1", "/run/netns/c1", &process, &format!("/proc/{}/ns/net", child.id())] {
        assert_eq!(settings(&host, name, "lan")["IPAddress"], "172.17.0.2");
        let error = host.fails(2, &format!("network connect lan {name}"));
        assert!(error.contains("is already connected to network lan"), "{error}");
        host.ok(&format!("network connect --ensure lan {name}"));
    }
    host.ok("network disconnect lan /run/netns/c1");
    assert_eq!(host.devices("c1"), ["lo"]);
    child.kill().unwrap();
    child.wait().unwrap();
    let error = host.fails(2, &format!("network connect lan {process}"));
    assert!(error.ends_with(&format!("process {} not found", child.id())), "{error}");
}

#[test]
fn addresses_go_round_before_they_come_again() {
    let host = host("--subnet 10.0.0.0/29", 5);
    let given = |sandbox: &str| {
        host.ok(&format!("network connect lan {sandbox}"));
        host.addresses(sandbox).concat()
    };
    assert_eq!([given("c1"), given("c2")], ["10.0.0.2", "10.0.0.3"]);
    host.ok("network disconnect lan c1");
    assert_eq!(given("c1"), "10.0.0.4", "the one just left may still be in somebody's ARP cache");
    assert_eq!([given("c3"), given("c4"), given("c5")], ["10.0.0.5", "10.0.0.6", "10.0.0.2"]);
    host.ok("network disconnect lan c2");
    assert_eq!(given("c2"), "10.0.0.3");
    // The hint is no more than that.
    host.sh("rm -r /run/pontoon/hints");
    host.ok("network disconnect lan c4");
    assert_eq!(given("c4"), "10.0.0.6");
}

#[test]
fn disconnect_takes_back_what_connect_gave_and_no_more() {
    let host = host("--ipv6", 2);
    let before = host.traces();
    host.ok("network connect lan c1");
    host.ok("network connect lan c2");
    host.ok("network disconnect lan c1");
    assert_eq!(
        (host.devices("c1"), host.devices("c2")),
        (vec!["lo".to_owned()], vec!["eth0".to_owned(), "lo".to_owned()])
    );
    let error = host.fails(2, "network disconnect lan c1");
    assert_eq!(error, "pontoon: network disconnect lan c1: sandbox c1 is not connected to network lan");
    host.ok("network disconnect -f lan c1");
    host.ok("network disconnect lan c2");
    // The hint where to look for the next address is the network's.
    host.sh("rm -r /run/pontoon/hints /run/pontoon/endpoints");
    assert_eq!(host.traces(), before);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn both_ends_may_have_the_same_index() {
    needs(&["ip"]);
    let host = host("", 1);
    // The host's next index is 3: its veth's. Inside, that is lo's, the bridge's and then eth0's.
    host.sh("ip -n c1 link add other type bridge");
    host.ok("network connect lan c1");
    assert_eq!(link(&host, "", "vethac110002")["ifindex"], link(&host, "-n c1", "eth0")["ifindex"]);
    host.sh("rm /run/pontoon/endpoints/*");
    assert!(host.fails(2, "network connect lan c1").contains("is already connected"));
    assert_eq!(settings(&host, "c1", "lan")["IPAddress"], "172.17.0.2");
    host.ok("network disconnect lan c1");
    assert_eq!(host.devices("c1"), ["lo", "other"]);
}

#[test]
fn sandboxes_that_may_not_reach_each_other_do_not() {
    let host = host("-o com.docker.network.bridge.enable_icc=false", 2);
    host.ok("network connect lan c1");
    host.ok("network connect lan c2");
    host.ok("ping -c 1 -W 2 --from c1 172.17.0.1");
    let refused = host.pontoon(&["ping", "-c", "1", "-W", "1", "--from", "c1", "172.17.0.3"]);
    assert_eq!(refused.code, 1, "{refused:?}");
}

#[test]
fn ensure_compares_published_ports_as_a_set_and_changes_none() {
    let host = Host::new();
    host.ok("network create lan");
    for sandbox in ["with", "without"] {
        host.sandbox(sandbox);
    }
    host.ok("network connect -p 8080:80 -p 81:80 lan with");
    host.ok("network connect lan without");
    let refused = |line: &str| {
        let error = host.fails(2, line);
        error.split_once(" exists and differs: ").unwrap().1.to_owned()
    };
    host.ok("network connect --ensure -p 81:80 -p 8080:80 lan with");
    assert_eq!(
        refused("network connect --ensure -p 8080:80 lan with"),
        "81:80/tcp is published, but was not asked for"
    );
    assert_eq!(
        refused("network connect --ensure -p 82:80 -p 81:80 -p 8080:80 lan with"),
        "-p 82:80/tcp is not published"
    );
    assert_eq!(
        refused("network connect --ensure lan with"),
        "81:80/tcp is published, but was not asked for, 8080:80/tcp is published, but was not asked for"
    );
    assert_eq!(refused("network connect --ensure -p 90:80 lan without"), "-p 90:80/tcp is not published");
    assert_eq!(host.ok("port with"), "80/tcp -> 0.0.0.0:81\n80/tcp -> 0.0.0.0:8080\n");
    assert_eq!(host.ok("port without"), "");
    host.ok("network connect --ensure lan without");
}
