//! The firewall: who reaches whom, and as whom, with real sockets of both families.

use crate::support::needs;
use crate::support::traffic::{Client, MOMENT, PATIENCE, Transport, family};
use crate::topology::Topology;

/// Families (with `r`: only where bridges do not pass frames to the IP hooks), from, to, and what must come of it: the server that answers and the address that it sees, or
/// `dropped`: nothing, where without the rules there would be an answer;
/// `nothing`, where without them there would be none either;
/// `unreachable`: nothing, or a refusal.
const MATRIX: &str = "
    # Host to container.
    46 host    a1:80         a1:80 sees gw-a
    46 host    s1:80         s1:80 sees gw-s
    46 host    p1:80         p1:80 sees gw-p
    46 host    i1:80         i1:80 sees gw-i

    # Outside to published: the source address is kept.
    46 outside host:8080     a1:80 sees outside
    46 outside host:8082     a1:80 sees outside
    46 outside host:9090     b1:80 sees outside
    46 outside host:7070     s1:80 sees outside
    46 outside host:6060     p1:80 sees outside
    46 left    host:8080     a1:80 sees left

    # Host to published on its own addresses.
    46 host    host:8080     a1:80 sees host
    46 host    host:8082     a1:80 sees host
    46 host    gw-a:8080     a1:80 sees gw-a
    4  host    loopback:8080 a1:80 sees gw-a
    4  host    loopback:8081 a1:80 sees gw-a
    4  host    loopback:7070 s1:80 sees gw-s

    # Container to what another of its network publishes.
    46 a2      host:8080     a1:80 sees gw-a
    46 a2      host:8082     a1:80 sees gw-a
    46 a2      gw-a:8080     a1:80 sees gw-a
    46 p2      host:6060     p1:80 sees gw-p

    # Hairpin.
    46 a1      host:8080     a1:80 sees gw-a
    46 a1      gw-a:8080     a1:80 sees gw-a
    # With br_netfilter on, what goes back to the same bridge is not routed but bridged: not to another isolated port.
    46r s1     host:7070     s1:80 sees gw-s
    46r s2     host:7070     s1:80 sees gw-s
    46 p1      host:6060     p1:80 sees gw-p

    # Container of another network to published.
    46 b1      host:8080     a1:80 sees gw-a
    46 b1      gw-b:8080     a1:80 sees gw-a
    46 b1      gw-a:8080     a1:80 sees gw-a
    46 a1      host:9090     b1:80 sees gw-b
    46 s1      host:8080     a1:80 sees gw-a
    46 p1      host:8080     a1:80 sees gw-a

    # Container to outside: masqueraded unless the network says no.
    46 a1      outside:80    outside:80 sees host
    46 b1      outside:80    outside:80 sees host
    46 s1      outside:80    outside:80 sees host
    46 p1      outside:80    outside:80 sees p1

    # Within a network, and to services of the host.
    46 a1      a2:80         a2:80 sees a1
    46 i1      i2:80         i2:80 sees i1
    46 p1      p2:80         p2:80 sees p1
    46 a1      gw-a:22       host:22 sees a1
    46 s1      gw-s:22       host:22 sees s1
    46 i1      gw-i:22       host:22 sees i1

    # Hosts that have nothing to do with any of it.
    46 left    right:80      right:80 sees left
    46 right   left:81       left:81 sees right
    46 outside right:80      right:80 sees outside
    46 left    outside:80    outside:80 sees left

    # Container to container of another network.
    46 a1      b1:80         dropped
    46 b1      a1:80         dropped
    46 a1      p1:80         dropped
    46 p1      a1:80         dropped
    46 a1      s1:80         dropped
    46 s1      a1:80         dropped

    # Outside, with a route: neither what is not published nor what is, by the container's address.
    46 outside a1:80         dropped
    46 outside a1:81         dropped
    46 outside b1:81         dropped
    46 outside s1:80         dropped
    46 outside p1:80         dropped
    46 outside i1:80         dropped
    46 left    a1:80         dropped
    46 outside host:81       unreachable

    # 127.0.0.1 of the host over the wire.
    4  a3      loopback:23   dropped
    4  a3      loopback:22   nothing
    4  a3      loopback:8080 nothing
    4  a3      loopback:8081 nothing
    4  outside loopback:23   nothing
    4  outside loopback:8081 nothing

    # Published on 127.0.0.1 alone.
    46 outside host:8081     unreachable
    46 left    host:8081     unreachable
    46 a2      host:8081     unreachable
    46 a2      gw-a:8081     unreachable
    46 b1      host:8081     unreachable

    # Internal.
    46 i1      outside:80    dropped
    46 i1      right:80      dropped
    46 i1      a1:80         dropped
    46 a1      i1:80         dropped
    46 i1      host:8080     unreachable
    46 i1      gw-i:8080     unreachable
    46 i1      gw-a:8082     unreachable

    # Without icc: on the bridge, and by way of the gateway.
    46 s1      s2:80         nothing
    46 s1      s3:81         nothing
    46 s3      s2:80         dropped
    46 s2      s3:81         dropped
";

struct Row {
    line: String,
    client: Client,
    expected: String,
}

/// The matrix for both families and both transports; `bridged` when frames on a bridge pass the IP hooks.
fn rows(bridged: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in MATRIX.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (families, rest) = line.split_once(' ').unwrap();
        let words: Vec<_> = rest.split_whitespace().collect();
        for (ipv4, transport) in [true, false].into_iter().flat_map(|v4| Transport::BOTH.map(|one| (v4, one))) {
            if !families.contains(if ipv4 { '4' } else { '6' }) || (bridged && families.contains('r')) {
                continue;
            }
            let (name, port) = words[1].split_once(':').unwrap();
            let to = (Topology::address(name, ipv4), port.parse::<u16>().unwrap()).into();
            let expected = match words[2..] {
                [server, "sees", source] => format!("{server} sees {}", Topology::address(source, ipv4)),
                [word] => word.to_owned(),
                _ => panic!("{line}"),
            };
            let sandbox = if words[0] == "host" { String::new() } else { words[0].to_owned() };
            let patience = if words.len() > 3 { PATIENCE } else { MOMENT };
            let line = format!("{transport:?} {:?} {}", family(Topology::address(name, ipv4)), words.join(" "));
            rows.push(Row { line, client: Client { sandbox, transport, to, patience }, expected });
        }
    }
    rows
}

/// The rows that did not come out, each with what came out instead.
fn wrong(topology: &Topology, rows: &[Row]) -> Vec<String> {
    let clients: Vec<_> = rows.iter().map(|row| row.client.clone()).collect();
    let answers = topology.host.ask_all(&clients);
    let compare = |(row, answer): (&Row, String)| {
        let right = match row.expected.as_str() {
            "dropped" | "nothing" => answer == "nothing",
            "unreachable" => answer == "nothing" || answer == "refused",
            expected => answer == expected,
        };
        (!right).then(|| format!("{}: {answer}", row.line))
    };
    rows.iter().zip(answers).filter_map(compare).collect()
}

/// Asks all at once: first those that are answered, so that everybody knows his neighbours and silence means something.
#[track_caller]
fn holds(topology: &Topology, bridged: bool) {
    let (answered, silent): (Vec<_>, Vec<_>) =
        rows(bridged).into_iter().partition(|row| row.expected.contains(" sees "));
    let mut wrong_rows = wrong(topology, &answered);
    wrong_rows.extend(wrong(topology, &silent));
    assert!(wrong_rows.is_empty(), "{} rows:\n{}", wrong_rows.len(), wrong_rows.join("\n"));
}

/// Says whether frames on a bridge pass the IP hooks, as with Docker's or Kubernetes' sysctls; false where that cannot be said.
fn set_bridge_nf_call(topology: &Topology, on: u8) -> bool {
    let script = format!(
        "cd /proc/sys/net/bridge 2>/dev/null || exit 0
         for call in iptables ip6tables arptables; do echo {on} > bridge-nf-call-$call; done; cat bridge-nf-call-iptables"
    );
    topology.host.sh(&script).trim() == on.to_string()
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_matrix_holds() {
    needs(&["ip"]);
    let topology = Topology::new();
    set_bridge_nf_call(&topology, 0);
    holds(&topology, false);
}

/// Rows of the matrix between hosts that have nothing to do with us.
const OTHERS: [&str; 4] = ["left right:80", "right left:81", "outside right:80", "left outside:80"];

#[test]
#[ignore = "needs ip (iproute2)"]
fn where_nothing_was_forwarded_before_others_are_still_apart() {
    needs(&["ip"]);
    let topology = Topology::where_nothing_was_forwarded();
    set_bridge_nf_call(&topology, 0);
    let mut all = rows(false);
    let mut others = 0;
    for row in &mut all {
        if OTHERS.iter().any(|pair| row.line.contains(&format!(" {pair} "))) {
            row.expected = "dropped".to_owned();
            row.client.patience = MOMENT;
            others += 1;
        }
    }
    assert_eq!(others, OTHERS.len() * 4, "both families, both transports");
    let (answered, silent): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| row.expected.contains(" sees "));
    let wrong_rows = [wrong(&topology, &answered), wrong(&topology, &silent)].concat();
    assert!(wrong_rows.is_empty(), "{} rows:\n{}", wrong_rows.len(), wrong_rows.join("\n"));
}

#[test]
#[ignore = "needs ip (iproute2) and br_netfilter"]
fn the_matrix_holds_when_bridged_frames_pass_the_ip_hooks() {
    needs(&["ip"]);
    let topology = Topology::new();
    assert!(
        set_bridge_nf_call(&topology, 1),
        "this test needs the module br_netfilter, with sysctls of each namespace (Linux 5.3)"
    );
    holds(&topology, true);
}

#[test]
#[ignore = "needs ip (iproute2) and nft (nftables)"]
fn without_the_rules_the_dropped_would_arrive() {
    needs(&["ip", "nft"]);
    let topology = Topology::new();
    set_bridge_nf_call(&topology, 0);
    topology.host.sh("nft flush ruleset");
    let mut rows = rows(false);
    rows.retain(|row| row.expected == "dropped");
    assert!(rows.len() > 40, "{}", rows.len());
    for row in &mut rows {
        let to = row.line.split_whitespace().nth(3).unwrap().replace("loopback", "host");
        row.expected = format!("{to} sees {}", Topology::address(&row.client.sandbox, row.client.to.is_ipv4()));
        row.client.patience = PATIENCE;
    }
    let wrong = wrong(&topology, &rows);
    assert!(wrong.is_empty(), "{} rows say nothing of the rules:\n{}", wrong.len(), wrong.join("\n"));
}
