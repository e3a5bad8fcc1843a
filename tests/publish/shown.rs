//! Published ports as `port`, `inspect` and `trace` show them; and what `-p` refuses.

use crate::support::Host;
use serde_json::{Value, json};

/// `container1` on `bridge` and on `six`, which has both families, with ports published on both.
fn host() -> Host {
    let host = Host::new();
    host.loopback_up();
    host.sandbox("container1");
    host.sandbox("container2");
    host.ok("network create --subnet 10.61.0.0/24 --subnet fd00:61::/64 six");
    host.ok("network connect -p 8080:80/tcp -p 127.0.0.1:9443:443 bridge container1");
    host.ok("network connect --publish 8080:80/udp -p [fd00:61::1]:53:53/udp -p 0.0.0.0:54:53/udp six container1");
    host.ok("network connect bridge container2");
    host
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn port_lists_as_docker_does() {
    let host = host();
    assert_eq!(
        host.ok("port container1"),
        "53/udp -> 0.0.0.0:54
53/udp -> [fd00:61::1]:53
80/tcp -> 0.0.0.0:8080
80/udp -> 0.0.0.0:8080
80/udp -> [::]:8080
443/tcp -> 127.0.0.1:9443
"
    );
    assert_eq!(host.ok("port container1 80"), "0.0.0.0:8080\n");
    assert_eq!(host.ok("port container1 80/udp"), "0.0.0.0:8080\n[::]:8080\n");
    assert_eq!(host.ok("port container2"), "");
    assert_eq!(
        parsed(&host.ok("-j port container1 53/udp")),
        json!({"53/udp": [{"HostIp": "0.0.0.0", "HostPort": "54"}, {"HostIp": "fd00:61::1", "HostPort": "53"}]})
    );
    assert_eq!(parsed(&host.ok("port --json container2")), json!({}));
    let error = host.fails(2, "port container1 81");
    assert!(error.starts_with("pontoon: port container1 81: published port 81/tcp not found."), "{error}");
    assert!(host.fails(2, "port nobody").contains("sandbox nobody not found"));
    for wrong in ["port", "port container1 80-81", "port container1 0", "port container1 80 81", "port container1 80/x"]
    {
        host.fails(1, wrong);
    }
}

#[test]
fn inspect_shows_the_ports_of_all_networks_together() {
    let host = host();
    let text = host.ok("inspect container1");
    let bound = |ip: &str, port: &str| json!({"HostIp": ip, "HostPort": port});
    assert_eq!(
        parsed(&text)[0]["NetworkSettings"]["Ports"],
        json!({
            "443/tcp": [bound("127.0.0.1", "9443")],
            "53/udp": [bound("0.0.0.0", "54"), bound("fd00:61::1", "53")],
            "80/tcp": [bound("0.0.0.0", "8080")],
            "80/udp": [bound("0.0.0.0", "8080"), bound("::", "8080")],
        })
    );
    // As Go prints a map.
    let at = |key: &str| text.find(key).unwrap();
    assert!(at("\"443/tcp\"") < at("\"53/udp\"") && at("\"53/udp\"") < at("\"80/tcp\""), "{text}");
}

#[test]
fn trace_shows_the_ports_of_each_interface_from_either_end() {
    let host = host();
    let published = "  published       80/tcp -> 0.0.0.0:8080\n                  443/tcp -> 127.0.0.1:9443\n";
    for target in ["vethac110002", "172.17.0.2", "container1"] {
        let text = host.ok(&format!("trace {target}"));
        assert!(text.contains(published), "{target}: {text}");
    }
    let ports: Vec<Value> =
        parsed(&host.ok("-j trace container1")).as_array().unwrap().iter().map(|path| path["ports"].clone()).collect();
    assert_eq!(
        ports[0],
        json!({"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9443"}]})
    );
    assert_eq!(ports[1]["80/udp"][1], json!({"HostIp": "::", "HostPort": "8080"}));
    assert!(!host.ok("trace container2").contains("published"));
}

#[test]
fn a_record_of_another_device_counts_for_nothing() {
    let host = host();
    host.sh("sed -i 's/\"index\":[0-9]*/\"index\":99999/' /run/pontoon/ports/vethac110002.json");
    assert!(!host.ok("port container1").contains("tcp"));
    assert!(!host.ok("trace vethac110002").contains("published"));
    host.sh("cp /run/pontoon/ports/veth0a3d0002.json /run/pontoon/ports/vethac110002.json");
    assert!(!host.ok("port container1").contains("tcp"));
    host.sh("rm -r /run/pontoon/ports");
    assert_eq!(host.ok("port container1"), "");
    assert_eq!(parsed(&host.ok("inspect container1"))[0]["NetworkSettings"]["Ports"], json!({}));
}

#[test]
fn a_wrong_p_is_refused_before_anything_is_changed() {
    let host = Host::new();
    host.sandbox("container1");
    let before = host.traces();
    for (given, said) in [
        ("0:80", "with ports from 1 to 65535"),
        ("65536:80", "with ports from 1 to 65535"),
        ("8080-8081:80", "as many ports of the host as of the sandbox"),
        ("8080:80/icmp", "of protocol tcp, udp or sctp"),
        ("[::1]:8080:80", "of another HOSTIP than ::1"),
        ("::1:8080:80", "an IPv6 address in brackets"),
    ] {
        let error = host.fails(1, &format!("network connect -p 1:1 -p {given} bridge container1"));
        assert!(error.contains(&format!("'{given}'")) && error.contains(said), "{error}");
    }
    assert_eq!(host.traces(), before);
}
