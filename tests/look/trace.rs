//! `trace`: both ends of every kind of veth pair, from either end, in text and as JSON.
//!
//! The state is made by `ip`: what is shown are kernel facts, whoever made them.

use std::process::{Child, Stdio};

use crate::support::{Host, needs};
use serde_json::{Value, json};

/// Docker's picture: `docker0` with two sandboxes, and a default route.
fn host() -> Host {
    needs(&["ip"]);
    let host = Host::new();
    host.sh("ip link set lo up
        ip link add up0 type bridge; ip addr add 10.0.0.2/24 dev up0; ip link set up0 up
        ip route add default via 10.0.0.1
        ip link add docker0 address 02:42:ac:11:00:01 type bridge
        ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
        for n in 1 2; do
            ip netns add container$n
            ip link add vethac11000$((n + 1)) address 8e:00:00:00:00:0$n master docker0 type veth \
                peer name eth0 address 02:42:ac:11:00:0$((n + 1)) netns container$n
            ip link set vethac11000$((n + 1)) up alias \"pontoon bridge/container$n eth0 172.17.0.$((n + 1))/16\"
            ip -n container$n addr add 172.17.0.$((n + 1))/16 dev eth0; ip -n container$n link set eth0 up
            ip -n container$n route add default via 172.17.0.1
        done");
    // Duplicate address detection and automatic addresses would come in between.
    host.sh("for ns in '' '-n container1' '-n container2'; do ip $ns -6 addr flush scope link; done");
    host
}

fn trace(host: &Host, target: &str) -> Vec<Value> {
    let text = host.ok(&format!("trace --json {target}"));
    serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().clone()
}

fn index(host: &Host, namespace: &str, name: &str) -> Value {
    let text = host.sh(&format!("ip {namespace} -j link show {name}"));
    serde_json::from_str::<Value>(&text).unwrap()[0]["ifindex"].clone()
}

/// A process in a namespace of its own without a name.
fn lonely_process(host: &Host) -> Child {
    let mut command = host.command("unshare");
    let child = command.args(["-n", "sleep", "60"]).stdout(Stdio::null()).spawn().unwrap();
    let started = format!("until grep -q sleep /proc/{}/comm; do sleep 0.01; done", child.id());
    host.sh(&started);
    child
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_sandbox_its_veth_and_its_address_give_one_picture() {
    let host = host();
    let (inside, outside) = (index(&host, "-n container1", "eth0"), index(&host, "", "vethac110002"));
    let bridge = index(&host, "", "docker0");
    let expected = format!(
        "container1 (/run/netns/container1)
  eth0            index {inside}, 02:42:ac:11:00:02, mtu 1500, up
                  172.17.0.2/16
   | veth pair to the host
  vethac110002    index {outside}, 8e:00:00:00:00:01, mtu 1500, up
                  alias pontoon bridge/container1 eth0 172.17.0.2/16
   | port of
  docker0         bridge, index {bridge}, 02:42:ac:11:00:01, mtu 1500, up
                  172.17.0.1/16
  way out         default via 172.17.0.1 dev eth0
  from the host   default via 10.0.0.1 dev up0
"
    );
    assert!(expected.lines().all(|line| line.len() <= 80), "{expected}");
    for target in ["container1", "vethac110002", "172.17.0.2", "/run/netns/container1"] {
        assert_eq!(host.ok(&format!("trace {target}")), expected, "{target}");
    }
    assert_eq!(host.ok("trace container1 container2"), host.ok("trace docker0"), "a bridge is all its ports");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_json_has_the_documented_keys() {
    let host = host();
    let link = |namespace: &str, name: &str, kind: &str, mac: &str, addresses: Value| {
        json!({"ifname": name, "ifindex": index(&host, namespace, name), "kind": kind, "address": mac, "mtu": 1500,
            "up": true, "carrier": true, "master": null, "alias": null, "addr_info": addresses})
    };
    let inet = |address: &str| json!([{"family": "inet", "local": address, "prefixlen": 16}]);
    let mut peer = link("", "vethac110002", "veth", "8e:00:00:00:00:01", json!([]));
    peer["namespace"] = json!({"kind": "host"});
    peer["master"] = json!("docker0");
    peer["alias"] = json!("pontoon bridge/container1 eth0 172.17.0.2/16");
    let expected = json!({
        "sandbox": {"kind": "named", "name": "container1"},
        "interface": link("-n container1", "eth0", "veth", "02:42:ac:11:00:02", inet("172.17.0.2")),
        "peer": peer,
        "bridge": link("", "docker0", "bridge", "02:42:ac:11:00:01", inet("172.17.0.1")),
        "ports": {},
        "default_routes": [{"dst": "default", "gateway": "172.17.0.1", "dev": "eth0", "metric": null}],
        "host_default_routes": [{"dst": "default", "gateway": "10.0.0.1", "dev": "up0", "metric": null}],
    });
    for target in ["container1", "vethac110002", "172.17.0.2"] {
        assert_eq!(Value::Array(trace(&host, target)), json!([expected]), "{target}");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_sandbox_with_several_interfaces_is_shown_whole() {
    let host = host();
    host.sh("ip link add second type veth peer name eth1 netns container1; ip -n container1 link add br0 type bridge");
    let names =
        |target: &str| trace(&host, target).iter().map(|path| path["interface"]["ifname"].clone()).collect::<Vec<_>>();
    assert_eq!(names("container1"), [json!("eth0"), json!("eth1"), json!("br0")]);
    assert_eq!(names("second"), [json!("eth1")]);
    let text = host.ok("trace container1");
    assert_eq!(text.matches("container1 (/run").count(), 1, "{text}");
    assert_eq!(text.matches("  way out  ").count(), 1, "{text}");
    assert!(text.contains("  second          index"), "{text}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_pair_inside_one_namespace_is_told_alike_from_both_ends() {
    let host = host();
    host.sh("ip link add left type veth peer name right; ip link set left master docker0
        ip -n container2 link add in0 type veth peer name in1");
    let text = host.ok("trace left");
    assert_eq!(host.ok("trace right"), text);
    let [path] = trace(&host, "left").try_into().unwrap();
    assert_eq!(path["sandbox"], json!({"kind": "host"}));
    assert_eq!((&path["interface"]["ifname"], &path["peer"]["ifname"]), (&json!("right"), &json!("left")));
    assert_eq!(path["bridge"]["ifname"], json!("docker0"), "the port is the end that leads out");
    let pairs: Vec<(Value, Value)> = trace(&host, "container2")
        .iter()
        .map(|path| (path["interface"]["ifname"].clone(), path["peer"]["ifname"].clone()))
        .collect();
    let of = |a: &str, b: &str| [(json!(a), json!(b))];
    // Which of the two has the lower index is the kernel's choice.
    assert!(pairs[1..] == of("in0", "in1") || pairs[1..] == of("in1", "in0"), "once: {pairs:?}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_pair_between_two_sandboxes_begins_with_the_one_asked_for() {
    let host = host();
    host.sh("ip -n container1 link add x1 type veth peer name x2 netns container2");
    for (asked, interface, other, peer) in
        [("container1", "x1", "container2", "x2"), ("container2", "x2", "container1", "x1")]
    {
        let paths = trace(&host, asked);
        let path = paths.iter().find(|path| path["interface"]["ifname"] == json!(interface)).unwrap();
        assert_eq!(path["sandbox"]["name"], json!(asked));
        assert_eq!(path["peer"]["ifname"], json!(peer));
        assert_eq!(path["peer"]["namespace"], json!({"kind": "named", "name": other}));
    }
}

#[test]
#[ignore = "needs ip (iproute2) and unshare (util-linux)"]
fn a_namespace_without_a_name_is_found_by_its_process_and_without_one_still_described() {
    let host = host();
    needs(&["unshare"]);
    let child = lonely_process(&host);
    let pid = child.id();
    host.sh(&format!(
        "ip link add viap type veth peer name eth9 address 02:00:00:00:00:09 netns {pid}; ip link set viap up
        nsenter -t {pid} -n ip addr add 10.9.0.9/24 dev eth9"
    ));
    let text = host.ok("trace viap");
    assert!(text.starts_with(&format!("pid:{pid} (sleep)\n  eth9 ")), "{text}");
    for target in [format!("pid:{pid}"), format!("/proc/{pid}/ns/net"), "10.9.0.9".to_owned()] {
        assert_eq!(host.ok(&format!("trace {target}")), text, "{target}");
    }
    assert_eq!(trace(&host, "viap")[0]["sandbox"], json!({"kind": "process", "name": "sleep", "pid": pid}));

    // Held by our descriptor only.
    let held = std::fs::File::open(format!("/proc/{pid}/ns/net")).unwrap();
    end(child);
    let [path] = trace(&host, "viap").try_into().unwrap();
    assert_eq!(path["sandbox"]["kind"], json!("unknown"));
    assert!(path["sandbox"]["id"].is_i64(), "{path}");
    assert_eq!(path["default_routes"], Value::Null);
    // The kernel can be asked across since 4.20; before, only the index is known.
    assert_eq!(path["interface"]["ifname"], json!("eth9"));
    assert_eq!(path["interface"]["address"], json!("02:00:00:00:00:09"));
    assert_eq!(path["peer"]["ifname"], json!("viap"));
    let text = host.ok("trace viap");
    assert!(text.starts_with("a namespace without name or process, id "), "{text}");
    assert!(text.contains("\n  viap            index"), "{text}");

    drop(held);
    host.sh("while ip link show viap >/dev/null 2>&1; do sleep 0.05; done");
    let error = host.fails(2, "trace viap");
    assert!(error.contains("sandbox or interface viap not found"), "the veth dies with its peer: {error}");
}

#[test]
#[ignore = "needs ip (iproute2) and unshare (util-linux)"]
fn all_shows_each_pair_once() {
    let host = host();
    needs(&["unshare"]);
    let child = lonely_process(&host);
    host.sh(&format!(
        "ip link add viap type veth peer name eth9 netns {}
        ip -n container1 link add x1 type veth peer name x2 netns container2
        ip link add left type veth peer name right; ip link set left master docker0
        ip netns add empty; touch /run/netns/stale",
        child.id()
    ));
    let wanted =
        [("right", "left"), ("eth0", "vethac110002"), ("x1", "x2"), ("eth0", "vethac110003"), ("eth9", "viap")];
    let paths = trace(&host, "--all");
    // Other tests' hosts are namespaces of processes, too.
    let found: Vec<(&str, &str)> = paths
        .iter()
        .map(|path| {
            (path["interface"]["ifname"].as_str().unwrap_or("?"), path["peer"]["ifname"].as_str().unwrap_or("?"))
        })
        .collect();
    let ours: Vec<_> = paths
        .iter()
        .zip(&found)
        .filter(|(path, _)| path["sandbox"]["kind"] != json!("process") || path["sandbox"]["pid"] == json!(child.id()))
        .filter(|(path, _)| path["sandbox"]["kind"] != json!("unknown"))
        .map(|(_, pair)| *pair)
        .collect();
    assert_eq!(ours, wanted);
    let text = host.ok("trace --all");
    for (_, peer) in wanted {
        assert!(text.contains(&format!("\n  {peer:15} ")), "{peer}: {text}");
    }
    end(child);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn without_proc_names_are_still_found() {
    let host = host();
    let expected = host.ok("trace vethac110002");
    host.sh("mount -t tmpfs none /proc");
    assert_eq!(host.ok("trace vethac110002"), expected);
    assert_eq!(host.ok("trace container1"), expected);
    assert_eq!(host.ok("trace 172.17.0.2"), expected);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn devices_of_the_host_that_are_no_veth_are_shown_too() {
    let host = host();
    let [path] = trace(&host, "up0").try_into().unwrap();
    assert_eq!((&path["sandbox"], &path["peer"]), (&json!({"kind": "host"}), &Value::Null));
    assert_eq!(path["interface"]["addr_info"][0]["local"], json!("10.0.0.2"));
    assert_eq!(host.ok("trace 10.0.0.2"), host.ok("trace up0"));
    let text = host.ok("trace 127.0.0.1");
    assert!(text.starts_with("the host\n  lo              index 1, "), "{text}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_sandbox_with_nothing_in_it_says_so() {
    let host = host();
    host.sh("ip netns add empty");
    let expected = "empty (/run/netns/empty)\n  no interface but lo\n  way out         none: no default route\n  \
                    from the host   default via 10.0.0.1 dev up0\n";
    assert_eq!(host.ok("trace empty"), expected);
    assert_eq!(trace(&host, "empty")[0]["interface"], Value::Null);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn links_that_are_down_say_so() {
    let host = host();
    host.sh("ip -n container1 link set eth0 down");
    let text = host.ok("trace container1");
    assert!(
        text.contains("  eth0            index ") && text.contains("02:42:ac:11:00:02, mtu 1500, down\n"),
        "{text}"
    );
    assert!(text.contains("8e:00:00:00:00:01, mtu 1500, up, no carrier\n"), "{text}");
    assert!(text.contains("  way out         none: no default route\n"), "the route went with it: {text}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn ipv6_is_shown_and_looked_up() {
    let host = host();
    host.sh("ip addr add fd00:17::1/64 dev docker0 nodad
        ip -n container1 addr add fd00:17::2/64 dev eth0 nodad
        ip -n container1 -6 route add default via fd00:17::1 metric 512");
    let text = host.ok("trace fd00:17::2");
    assert_eq!(text, host.ok("trace container1"));
    assert!(text.contains("\n                  fd00:17::2/64\n"), "{text}");
    assert!(text.contains("\n                  default via fd00:17::1 dev eth0 metric 512\n"), "{text}");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_is_not_there_is_exit_code_2_and_says_where_it_was_looked_for() {
    let host = host();
    assert_eq!(
        host.fails(2, "trace nothing"),
        "pontoon: trace nothing: sandbox or interface nothing not found: it is neither a name in /run/netns nor an interface of the host"
    );
    assert_eq!(
        host.fails(2, "trace 10.99.99.99"),
        "pontoon: trace 10.99.99.99: address 10.99.99.99 not found: no interface of the host, of a sandbox in /run/netns or of a process has it"
    );
    assert!(host.fails(2, "trace pid:4194304").contains("4194304 not found"));
    assert!(host.fails(2, "trace /run/nothing").contains("/run/nothing not found"));
    // The others are shown all the same.
    let output = host.pontoon(&["trace", "nothing", "container1"]);
    assert_eq!((output.code, output.err.lines().count()), (2, 1), "{output:?}");
    assert_eq!(output.out, host.ok("trace container1"));
}

#[test]
fn a_wrong_command_line_is_exit_code_1() {
    let host = Host::new();
    let expected = "pontoon: trace: expected sandboxes, interfaces or addresses, or --all. See 'pontoon trace --help'.";
    assert_eq!(host.fails(1, "trace"), expected);
    host.fails(1, "trace --all container1");
    host.fails(1, "trace --nonsense");
}

#[test]
fn help_fits_a_terminal() {
    let host = Host::new();
    for verb in ["trace", "ping"] {
        let help = host.ok(&format!("{verb} --help"));
        assert!(help.lines().count() <= 24 && help.lines().all(|line| line.len() <= 80), "{help}");
    }
}
