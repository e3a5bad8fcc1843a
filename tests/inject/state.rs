//! What a host is like, by foreign eyes: links, addresses, routes, rules, parameters, and the records, without what differs from
//! one run to the next.

use serde_json::{Map, Value};

use crate::support::Host;

/// Each thing a line, sorted: comparable with that of another host.
pub fn of(host: &Host) -> Vec<String> {
    let text = host.sh("look() { ip $1 -j -d link; ip $1 -j addr; ip $1 -j route; ip $1 -j -6 route; }
         echo host; look
         for name in $(ls /run/netns 2>/dev/null); do
             echo $name
             if test $(stat -f -c %t /run/netns/$name) = 6e736673; then look \"-n $name\"; else echo is no namespace; fi
         done
         echo rules; nft -j list ruleset
         echo parameters; cd /proc/sys/net; echo $(cat ipv4/ip_forward ipv6/conf/all/forwarding)
         echo records; cd /run/pontoon 2>/dev/null || exit 0
         for kind in networks endpoints claims ports host; do cat $kind/*.json 2>/dev/null || true; done
         find . -name '*.new'");
    let (mut lines, mut section) = (Vec::new(), String::new());
    for line in text.lines() {
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Array(objects)) => {
                lines.extend(
                    objects.into_iter().map(|object| format!("{section}: {}", kept(without_random_mac(object)))),
                );
            }
            Ok(Value::Object(mut object)) => match object.remove("nftables") {
                Some(Value::Array(rules)) => {
                    lines.extend(rules.into_iter().map(|rule| format!("rules: {}", kept(rule))));
                }
                _ => lines.push(format!("{section}: {}", kept(Value::Object(object)))),
            },
            _ if line.contains(' ') || line.starts_with('.') => lines.push(format!("{section}: {line}")),
            _ => line.clone_into(&mut section),
        }
    }
    // What the kernel adds by itself, a moment later, to links with IPv6.
    lines.retain(|line| !line.contains("fe80::") && !line.contains("ff00::") && !line.contains("\"metainfo\""));
    lines.sort();
    lines
}

/// The host's end of a pair has the MAC address that the kernel chose.
fn without_random_mac(mut object: Value) -> Value {
    if object["ifname"].as_str().is_some_and(|name| name.starts_with("veth")) {
        object.as_object_mut().unwrap().remove("address");
    }
    object
}

/// Without numbers that differ from run to run, and timers.
fn kept(value: Value) -> Value {
    const DIFFERENT: [&str; 30] = [
        "ifindex",
        "link_index",
        "link",
        "link_netnsid",
        "handle",
        "id",
        "network_id",
        "created",
        "inode",
        "index",
        "flags",
        "operstate",
        "group",
        "group_ifindex",
        "stats",
        "preferred_life_time",
        "valid_life_time",
        "expires",
        "tentative",
        "dadfailed",
        "promiscuity",
        "allmulti",
        "info_slave_data",
        "inet6_addr_gen_mode",
        "linkmode",
        "num_tx_queues",
        "bridge_id",
        "root_id",
        "info_data",
        "txqlen",
    ];
    match value {
        Value::Object(entries) => {
            let kept = entries.into_iter().filter(|(key, _)| !DIFFERENT.contains(&key.as_str()));
            Value::Object(kept.map(|(key, value)| (key, self::kept(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(kept).collect();
            items.sort_by_cached_key(ToString::to_string);
            Value::Array(items)
        }
        other => other,
    }
}

/// The lines that only one of them has.
pub fn difference(is: &[String], should: &[String]) -> Vec<String> {
    let missing = should.iter().filter(|line| !is.contains(line)).map(|line| format!("- {line}"));
    let extra = is.iter().filter(|line| !should.contains(line)).map(|line| format!("+ {line}"));
    missing.chain(extra).collect()
}

/// Nothing published without an owner, nothing owned without a record: what is wrong of that.
pub fn unowned(host: &Host) -> Vec<String> {
    let text = |script: &str| host.sh(script);
    let mut wrong = Vec::new();
    let networks = text("cat /run/pontoon/networks/*.json 2>/dev/null || true");
    let tables = text("nft list tables");
    if networks.is_empty() {
        if !tables.is_empty() {
            wrong.push(format!("tables without a network: {tables}"));
        }
        if text("cat /proc/sys/net/ipv4/ip_forward") != "0\n" {
            wrong.push("the host forwards without a network".to_owned());
        }
        let left = text("find /run/pontoon -type f 2>/dev/null || true");
        if !left.is_empty() {
            wrong.push(format!("records without a network: {left}"));
        }
    }
    // An endpoint's device that is finished, its alias says whose, and with a carrier, is its own record.
    let endpoints = text(
        "cat /run/pontoon/endpoints/*.json 2>/dev/null || true; ip -o link show up | grep LOWER_UP.*alias.pontoon || true",
    );
    for device in host.devices("") {
        let owners = if device.starts_with("veth") { &endpoints } else { &networks };
        if device != "lo" && !owners.contains(&device) {
            wrong.push(format!("{device} without a record"));
        }
    }
    // Elements lead to devices that live, and a record says so; and the reverse.
    let rules = text("nft list ruleset");
    let published = |record: &str| -> bool {
        let record: Value = serde_json::from_str(record).unwrap();
        let target = format!(" : {} . ", record["ipv4"].as_str().unwrap());
        rules.contains(&target) && host.devices("").contains(&record["device"].as_str().unwrap().to_owned())
    };
    let records = text("cat /run/pontoon/ports/*.json 2>/dev/null || true");
    wrong.extend(records.lines().filter(|record| !published(record)).map(|record| format!("not published: {record}")));
    for element in rules.split(['{', '}', ',']).filter(|element| element.contains("tcp . ") && element.contains(" : "))
    {
        let target = element.split(" : ").nth(1).unwrap().split(" . ").next().unwrap();
        if !records.contains(&format!("\"{target}\"")) {
            wrong.push(format!("published without a record: {element}"));
        }
    }
    wrong
}
