//! What others take away or change: records, bridges, sandboxes, aliases. The kernel is the truth, the rest is made whole.

use crate::support::{Host, needs};
use serde_json::{Value, json};

/// A host with the network `lan` on the bridge `lan0`, and `c1` and `c2` on it.
fn host(options: &str) -> Host {
    let host = Host::new();
    for sandbox in ["c1", "c2"] {
        host.sandbox(sandbox);
    }
    host.ok(&format!("network create -o com.docker.network.bridge.name=lan0 {options} lan"));
    for sandbox in ["c1", "c2"] {
        host.ok(&format!("network connect lan {sandbox}"));
    }
    host
}

fn containers(host: &Host) -> Vec<Value> {
    let text = host.ok("network inspect lan");
    let network: Value = serde_json::from_str(&text).unwrap();
    let mut containers: Vec<_> = network[0]["Containers"].as_object().unwrap().values().cloned().collect();
    containers.sort_by_key(|container| container["IPv4Address"].to_string());
    containers
}

/// Deletes a device in a way that needs no tool: none that pontoon offers.
fn delete(host: &Host, device: &str) {
    host.sh(&format!("ip link del {device}"));
}

#[test]
fn without_records_the_kernel_says_the_same() {
    let host = host("--subnet 10.0.0.0/24 --subnet fd00::/64");
    host.sandbox("c3");
    host.ok("network connect --mac-address 02:00:00:00:00:99 --ifname wan --ip6 fd00::1:2:3:4 lan c3");
    let mut child = host.command_in("c1", "sleep").arg("100").spawn().unwrap();
    let show = |name: &str| -> Value {
        let mut value: Value = serde_json::from_str(&host.ok(name)).unwrap();
        // That it was asked for is decoration.
        if let Some(lan) = value[0].pointer_mut("/NetworkSettings/Networks/lan") {
            lan["IPAMConfig"] = json!(null);
        }
        value
    };
    let before = (show("network inspect lan"), show("inspect c1"), show("inspect c3"));
    host.sh("rm /run/pontoon/endpoints/*");
    assert_eq!((show("network inspect lan"), show("inspect c1"), show("inspect c3")), before);
    assert!(host.fails(2, "network connect lan c1").contains("is already connected to network lan"));
    assert!(host.fails(2, "network rm lan").contains("active endpoints: c1, c2, c3."));
    host.ok("network connect --ensure lan c3");
    host.ok("network disconnect lan c1");
    assert_eq!(host.devices("c1"), ["lo"]);
    child.kill().unwrap();
    child.wait().unwrap();
    host.ok("network rm -f lan");
    assert_eq!((host.devices(""), host.devices("c3")), (vec!["lo".to_owned()], vec!["lo".to_owned()]));
}

#[test]
fn endpoints_that_nothing_names_are_still_told_apart() {
    let host = host("");
    host.sh("rm /run/pontoon/endpoints/*");
    // Two namespaces that only processes keep, and no record.
    let keep = |sandbox: &str| host.command_in(sandbox, "sleep").arg("100").spawn().unwrap();
    let children = [keep("c1"), keep("c2")];
    for child in &children {
        host.sh(&format!("until grep -q sleep /proc/{}/comm; do sleep 0.01; done", child.id()));
    }
    host.remove_sandbox("c1");
    host.remove_sandbox("c2");
    let found = containers(&host);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((&found[0]["Name"], &found[1]["IPv4Address"]), (&json!("c1"), &json!("172.17.0.3/16")));
    host.ok(&format!("network disconnect lan pid:{}", children[0].id()));
    assert_eq!(containers(&host).len(), 1);
    for mut child in children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_bridge_that_was_deleted_is_made_whole_by_the_next_connect() {
    needs(&["ip"]);
    let host = host("-o com.docker.network.bridge.enable_icc=false --ipv6");
    let bridge = |host: &Host| {
        let text = host.sh("ip -j -d link show; ip -j addr show dev lan0; bridge -j -d link show");
        // Indexes, timers and what the kernel counts change.
        let kept =
            ["\"ifname\":", "\"master\":", "\"address\":", "\"mtu\":", "\"ifalias\":", "\"isolated\":", "\"local\":"];
        let of_interest = |part: &&str| kept.iter().any(|key| part.contains(key)) && !part.contains("fe80");
        let mut parts: Vec<_> = text.split([',', '{', '}', ']']).filter(of_interest).map(str::to_owned).collect();
        parts.sort();
        parts
    };
    let before = bridge(&host);
    host.sh("ip link del lan0");
    assert_eq!(host.devices("c1"), ["eth0", "lo"], "the sandboxes lost only their network");
    host.sandbox("c3");
    host.ok("network connect lan c3");
    for to in ["172.17.0.2", "172.17.0.3", "172.17.0.4"] {
        host.ok(&format!("ping -c 1 -W 2 {to}"));
    }
    host.ok("network disconnect lan c3");
    assert_eq!(bridge(&host), before);
    // Any of these does it too.
    for repair in [
        "network create --ensure -o com.docker.network.bridge.enable_icc=false \
                    -o com.docker.network.bridge.name=lan0 --ipv6 lan",
        "network connect --ensure lan c1",
    ] {
        delete(&host, "lan0");
        host.ok(repair);
        assert_eq!(bridge(&host), before, "{repair}");
    }
    delete(&host, "lan0");
    assert_eq!(host.ok("network rm -f lan"), "lan\n");
    assert_eq!((host.devices(""), host.devices("c2")), (vec!["lo".to_owned()], vec!["lo".to_owned()]));
}

#[test]
fn a_sandbox_that_was_deleted_gives_its_address_back() {
    let host = host("--subnet 10.0.0.0/29");
    host.remove_sandbox("c1");
    host.sh("while grep -q veth0a000002 /proc/net/dev; do sleep 0.01; done");
    let found = containers(&host);
    assert_eq!((found.len(), &found[0]["Name"]), (1, &json!("c2")));
    let before = host.traces();
    let told = host.ok("gc --dry-run");
    assert!(told.starts_with("record of endpoint ") && told.lines().count() == 1, "{told}");
    assert_eq!(host.traces(), before);
    assert_eq!(host.ok("gc"), told);
    assert_eq!(host.ok("gc"), "");
    assert_ne!(host.traces(), before);
    host.sandbox("c1");
    host.ok("network connect --ip 10.0.0.2 lan c1");
    // By name it may be disconnected when it is gone, as by Docker with -f.
    host.remove_sandbox("c2");
    let error = host.pontoon(&["network", "disconnect", "lan", "c2"]);
    assert_eq!((error.code, error.err.as_str()), (0, ""), "a record of that name is left");
    assert!(host.fails(2, "network disconnect lan c2").contains("sandbox c2 not found. Create it with"));
    host.ok("network disconnect -f lan c2");
    host.ok("network disconnect lan c1");
    host.ok("network rm lan");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn somebody_elses_alias_and_place_are_only_decoration() {
    needs(&["ip"]);
    let host = host("--subnet 10.0.0.0/24 --subnet fd00::/64");
    let alias = |host: &Host| {
        let text = host.sh("ip -j link show veth0a000002");
        serde_json::from_str::<Value>(&text).unwrap()[0]["ifalias"].clone()
    };
    let (ours, before) = (alias(&host), containers(&host));
    host.sh("ip link set veth0a000002 alias 'my own'");
    assert_eq!(containers(&host), before);
    host.sandbox("c3");
    let error = host.fails(2, "network connect --ip 10.0.0.2 lan c3");
    assert!(error.ends_with("address 10.0.0.2 is already in use by interface veth0a000002"), "{error}");
    let error = host.fails(2, "network connect --ip 10.0.0.9 --ip6 fd00::2 lan c3");
    assert!(error.ends_with("address fd00::2 is already in use by interface veth0a000002"), "{error}");
    host.sh("rm /run/pontoon/endpoints/*");
    assert_eq!(containers(&host), before, "namespaces and names say the same");
    host.sh("ip link set veth0a000002 nomaster");
    host.ok("network connect --ensure lan c2");
    host.ok("network disconnect lan c2");
    host.sh("ip link set veth0a000002 master lan0");
    host.ok("network connect --ensure lan c1");
    assert_eq!(alias(&host), ours);
    // With its record, an endpoint that was taken from its bridge is put back.
    host.sh("ip link set veth0a000002 nomaster");
    host.ok("network connect --ensure lan c1");
    host.ok("ping -c 1 -W 2 10.0.0.2");
    host.ok("network rm -f lan");
    assert_eq!((host.devices(""), host.devices("c1")), (vec!["lo".to_owned()], vec!["lo".to_owned()]));
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_bridge_name_that_somebody_else_took_is_left_to_them() {
    needs(&["ip"]);
    let host = host("");
    host.sh("ip link del lan0; ip link add lan0 type veth peer name lan1");
    host.sandbox("c3");
    for refused in ["network connect lan c3", "network connect --ensure lan c3"] {
        let error = host.fails(2, refused);
        assert!(
            error.contains("interface lan0 is not a bridge but veth. Remove it, or choose another name"),
            "{error}"
        );
    }
    assert_eq!(host.devices("c3"), ["lo"]);
    assert_eq!(host.ok("network rm -f lan"), "lan\n");
    assert_eq!(host.devices(""), ["lan0", "lan1", "lo"]);
}
