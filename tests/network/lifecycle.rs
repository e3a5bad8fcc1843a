//! Networks: created, listed, inspected and removed, in the shapes that Docker prints.

use crate::support::golden::golden;
use crate::support::{Host, executable, finish};
use serde_json::{Value, json};

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The keys, in the order in which they are printed.
fn keys(text: &str) -> Vec<&str> {
    let keys = text.lines().filter_map(|line| Some(line.trim().strip_prefix('"')?.split_once("\": ")?.0));
    keys.map(|key| if is_id(key) { "ID" } else { key }).collect()
}

/// What is printed, with ids and times that are well-formed replaced by their kind, and containers by their names.
fn values(text: &str) -> Value {
    fn walk(value: &Value) -> Value {
        match value {
            Value::Object(entries) => {
                let name = |value: &Value| value["Name"].as_str().unwrap().to_owned();
                let entry = |(key, value): (&String, &Value)| {
                    let key = if is_id(key) { name(value) } else { key.clone() };
                    let created = value
                        .as_str()
                        .filter(|time| key == "Created" && (20..=30).contains(&time.len()) && time.ends_with('Z'));
                    let value = if created.is_some() { json!("TIME") } else { walk(value) };
                    (key, value)
                };
                Value::Object(entries.iter().map(entry).collect())
            }
            Value::Array(items) => items.iter().map(walk).collect(),
            Value::String(text) if is_id(text) => json!("ID"),
            other => other.clone(),
        }
    }
    walk(&serde_json::from_str(text).unwrap())
}

fn inspect(host: &Host, name: &str) -> Value {
    serde_json::from_str::<Value>(&host.ok(&format!("network inspect {name}"))).unwrap()[0].clone()
}

#[test]
fn the_default_network_is_dockers_to_the_letter() {
    let host = Host::new();
    let id = host.ok("network create -o com.docker.network.bridge.name=docker0 bridge");
    assert!(is_id(id.trim_end()), "{id}");
    for sandbox in ["container1", "container2"] {
        host.sandbox(sandbox);
        assert_eq!(host.ok(&format!("network connect bridge {sandbox}")), "");
    }
    let text = host.ok("network inspect bridge");
    let docker = golden("docker-network-inspect-bridge.json");
    assert_eq!(keys(&text), keys(&docker));
    assert_eq!(values(&text), values(&docker));
    assert_eq!(host.addresses(""), ["172.17.0.1"]);
    assert_eq!(host.devices(""), ["docker0", "lo", "vethac110002", "vethac110003"]);
}

#[test]
fn a_user_defined_network_is_dockers_to_the_letter() {
    let host = Host::new();
    host.ok("network create --subnet 10.61.0.0/24 --ip-range 10.61.0.128/25 --gateway 10.61.0.254 --ipv6 \
             --subnet fd00:61::/64 -o com.docker.network.bridge.enable_icc=false \
             -o com.docker.network.driver.mtu=1400 --label a=b six0");
    for (sandbox, option) in [("c6", "--ip 10.61.0.200"), ("c6b", "")] {
        host.sandbox(sandbox);
        host.ok(&format!("network connect {option} six0 {sandbox}"));
    }
    let text = host.ok("network inspect six0");
    // Docker gives out IPv6 addresses one by one; here both addresses have the same host number.
    let docker = golden("docker-network-inspect-six0.json");
    let expected = docker.replace("fd00:61::2/64", "fd00:61::c8/64").replace("fd00:61::3/64", "fd00:61::80/64");
    assert_eq!(keys(&text), keys(&expected));
    assert_eq!(values(&text), values(&expected));

    let text = host.ok("inspect c6b");
    let settings = serde_json::from_str::<Value>(&text).unwrap()[0]["NetworkSettings"].clone();
    let docker_text = golden("docker-inspect-c6b.json");
    let docker: Value = serde_json::from_str(&docker_text).unwrap();
    // Published ports and aliases are not of this network alone.
    let docker_keys: Vec<_> =
        keys(&docker_text).into_iter().filter(|key| !["90/udp", "HostIp", "HostPort"].contains(key)).collect();
    let start = keys(&text).iter().position(|key| *key == "Bridge").unwrap();
    assert_eq!(keys(&text)[start..], docker_keys);
    for key in ["Gateway", "IPAddress", "IPPrefixLen", "IPv6Gateway", "GlobalIPv6PrefixLen", "MacAddress", "IPAMConfig"]
    {
        assert_eq!(settings["Networks"]["six0"][key], docker["Networks"]["six0"][key], "{key}");
        assert!(key == "IPAMConfig" || settings[key] == docker[key], "{key} is the default network's alone");
    }
}

#[test]
fn ls_lists_and_filters() {
    let host = Host::new();
    assert_eq!(host.ok("network ls"), "NETWORK ID   NAME      DRIVER    SCOPE\n");
    let red = host.ok("network create --label colour=red --label fast red");
    host.ok("network create --label colour=blue --internal --ipv6 blue");
    let short = &red[..12];
    let table = host.ok("network ls");
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains(&format!("{short}   red       bridge    local\n")), "{table}");
    assert_eq!(host.ok("network ls -q --filter name=red"), format!("{short}\n"));
    assert_eq!(host.ok("network ls -q --no-trunc -f name=red"), red);
    let names = |filter: &str| {
        let lines = host.ok(&format!("network ls --format json {filter}"));
        let name = |line: &str| serde_json::from_str::<Value>(line).unwrap()["Name"].as_str().unwrap().to_owned();
        lines.lines().map(name).collect::<Vec<_>>().join(" ")
    };
    host.sandbox("c1");
    host.ok("network connect red c1");
    for (filter, expected) in [
        ("", "blue red"),
        ("--filter label=colour", "blue red"),
        ("--filter label=colour=red", "red"),
        ("--filter label=colour=red --filter label=fast", "red"),
        ("--filter label=colour=red --filter label=slow", ""),
        ("--filter label!=fast", "blue"),
        ("--filter name=r --filter name=b", "blue red"),
        ("--filter dangling=true", "blue"),
        ("--filter dangling=false", "red"),
        ("--filter type=builtin", ""),
        ("--filter type=custom", "blue red"),
        ("--filter driver=bridge", "blue red"),
        ("--filter scope=swarm", ""),
        ("--filter until=1h", ""),
        (&format!("--filter id={short}"), "red"),
    ] {
        assert_eq!(names(filter), expected, "{filter}");
    }
    let line = host.ok("network ls --format json --filter name=blue");
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&line["IPv6"], &line["Internal"], &line["Labels"]),
        (&json!("true"), &json!("true"), &json!("colour=blue"))
    );
}

#[test]
fn labels_and_options_are_stored_and_shown() {
    let host = Host::new();
    host.ok("network create --label b=2 --label a --label b=3 -o com.docker.network.bridge.enable_ip_masquerade=false \
             -o com.docker.network.bridge.host_binding_ipv4=127.0.0.1 -o com.docker.network.container_iface_prefix=lan lan");
    let lan = inspect(&host, "lan");
    assert_eq!(lan["Labels"], json!({"a": "", "b": "3"}));
    assert_eq!(
        lan["Options"],
        json!({
            "com.docker.network.bridge.enable_ip_masquerade": "false",
            "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
            "com.docker.network.container_iface_prefix": "lan",
        })
    );
    host.sandbox("c1");
    host.ok("network connect lan c1");
    assert_eq!(host.devices("c1"), ["lan0", "lo"]);
}

#[test]
fn ensure_is_content_with_what_is_so_and_names_what_is_not() {
    let host = Host::new();
    let lan = "network create --ensure --subnet 10.1.0.0/24 --label a=b lan";
    let id = host.ok(lan);
    assert_eq!(host.ok(lan), id);
    assert_eq!(host.ok("network create --ensure --label a=b lan"), id, "a subnet nobody named may be any");
    for (change, difference) in [
        ("--subnet 10.2.0.0/24 --label a=b", "IPv4 subnet is 10.1.0.0/24, not 10.2.0.0/24"),
        ("--subnet 10.1.0.0/24 --label a=c", "labels is a=b, not a=c"),
        ("--subnet 10.1.0.0/24 --gateway 10.1.0.9 --label a=b", "gateway is 10.1.0.1, not 10.1.0.9"),
        ("--label a=b --internal", "internal is false, not true"),
        ("--label a=b --ipv6", "IPv6 subnet is none, not one"),
        ("--label a=b --ip-range 10.1.0.128/25", "ip-range is none, not 10.1.0.128/25"),
    ] {
        let error = host.fails(2, &format!("network create --ensure {change} lan"));
        assert_eq!(error, format!("pontoon: network create lan: network lan exists and differs: {difference}"));
    }
    // The default network has options that nobody gives.
    host.ok("network create --ensure bridge");
    let bridge = inspect(&host, "bridge");
    host.ok("network create --ensure bridge");
    assert_eq!(inspect(&host, "bridge"), bridge);
}

#[test]
fn a_dry_run_shows_the_definition_and_changes_nothing() {
    let host = Host::new();
    let before = host.traces();
    let text = host.ok("network create --dry-run --ipv6 --label a=b lan");
    assert_eq!(host.traces(), before);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown[0]["IPAM"]["Config"][0], json!({"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}));
    assert!(host.fails(2, "network create --dry-run --subnet 10.9.0.0/30 --gateway 10.0.0.1 lan").contains("10.0.0.1"));
    assert_eq!(host.traces(), before);
}

#[test]
fn rm_takes_everything_with_it_and_nothing_else() {
    let host = Host::new();
    let before = host.traces();
    let id = host.ok("network create one");
    host.ok("network create two");
    assert_eq!(host.ok(&format!("network rm two {}", &id[..5])), format!("two\n{}\n", &id[..5]));
    assert_eq!(host.traces(), before);

    for sandbox in ["c1", "c2"] {
        host.sandbox(sandbox);
    }
    let before = host.traces();
    host.ok("network create --ipv6 lan");
    host.ok("network create other");
    for sandbox in ["c1", "c2"] {
        host.ok(&format!("network connect lan {sandbox}"));
    }
    host.ok("network connect other c1");
    let error = host.fails(2, "network rm lan");
    assert_eq!(error, "pontoon: network rm lan: network lan has active endpoints: c1, c2. Disconnect them, or use -f.");
    assert_eq!(host.ok("network rm -f lan nothing"), "lan\nnothing\n");
    assert_eq!(host.devices("c1"), ["eth1", "lo"]);
    assert_eq!(host.ok("network rm -f other"), "other\n");
    assert_eq!(host.traces(), before);
}

#[test]
fn prune_removes_what_is_not_used_once_told_so() {
    let host = Host::new();
    host.sandbox("c1");
    for network in ["bridge", "used", "--label keep=1 kept", "unused"] {
        host.ok(&format!("network create {network}"));
    }
    host.ok("network connect used c1");
    let asked = finish(host.command(executable()).args(["network", "prune"]));
    assert!(asked.ok().contains("Are you sure"), "no answer is no");
    assert_eq!(host.ok("network prune -f --filter label!=keep"), "Deleted Networks:\nunused\n\n");
    assert_eq!(host.ok("network prune -f"), "Deleted Networks:\nkept\n\n");
    assert_eq!(host.ok("network prune -f"), "");
    let rest = host.ok("network ls");
    assert!(rest.contains(" bridge ") && rest.contains(" used ") && rest.lines().count() == 3, "{rest}");
}

#[test]
fn networks_are_named_by_name_id_or_what_an_id_begins_with() {
    let host = Host::new();
    let ids: Vec<_> = (0..17).map(|n| host.ok(&format!("network create --subnet 10.{n}.0.0/24 n{n}"))).collect();
    // Of seventeen ids two begin with the same digit.
    let shared = ids.iter().find(|id| ids.iter().filter(|other| other[..1] == id[..1]).count() > 1).unwrap();
    let error = host.fails(2, &format!("network inspect {}", &shared[..1]));
    assert!(error.contains("is ambiguous: it fits ") && error.ends_with("Give more of it."), "{error}");
    for reference in [ids[3].trim_end(), &ids[3][..12], "n3"] {
        assert_eq!(inspect(&host, reference)["Name"], "n3");
    }
    // A name wins over another network's id.
    host.ok(&format!("network create --subnet 10.99.0.0/24 {}", &ids[3][..12]));
    assert_eq!(inspect(&host, &ids[3][..12])["IPAM"]["Config"][0]["Subnet"], "10.99.0.0/24");
}
