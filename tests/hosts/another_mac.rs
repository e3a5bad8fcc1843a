//! An address that comes back with another MAC: whoever knew it by the old one reaches it at once.

use std::net::SocketAddr;

use crate::support::traffic::{Client, MOMENT, Server, Transport};
use crate::support::{Host, needs};

const ADDRESSES: [&str; 2] = ["10.9.0.7", "fd00:9::7"];

/// A network with the sandboxes `web`, where a server is to be, and `n1`; `lan` is a host of the LAN that this one is a router of.
fn host() -> Host {
    needs(&["ip"]);
    let host = Host::new();
    host.wire("lan", "192.0.2.2".parse().unwrap(), "2001:db8::2".parse().unwrap());
    host.ok("network create --subnet 10.9.0.0/24 --subnet fd00:9::/64 -o com.docker.network.bridge.name=lan0 net");
    for sandbox in ["web", "n1"] {
        host.sandbox(sandbox);
    }
    host.ok("network connect --ip 10.9.0.9 net n1");
    host
}

fn connect(host: &Host, mac: &str) {
    host.ok(&format!("network connect --ip 10.9.0.7 --ip6 fd00:9::7 --mac-address {mac} -p 8080:80 net web"));
}

/// Host, neighbour and LAN, each with an address of `web`, or a published one, of both families.
fn clients() -> Vec<Client> {
    let client = |sandbox: &str, to: SocketAddr| Client {
        sandbox: sandbox.to_owned(),
        transport: Transport::Tcp,
        to,
        patience: MOMENT,
    };
    let mut all = Vec::new();
    for sandbox in ["", "n1"] {
        all.extend(ADDRESSES.map(|address| client(sandbox, (address.parse::<std::net::IpAddr>().unwrap(), 80).into())));
    }
    all.extend(["192.0.2.1:8080", "[2001:db8::1]:8080"].map(|to| client("lan", to.parse().unwrap())));
    all
}

fn all_are_answered(host: &Host, when: &str) {
    let clients = clients();
    for (client, answer) in clients.iter().zip(host.ask_all(&clients)) {
        assert!(answer.starts_with("web:80 sees "), "{when}: {} to {}: {answer}", client.sandbox, client.to);
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn it_is_reached_at_once() {
    let host = host();
    let _server = Server::on_ports(&host, "web", "web", &[80]);
    for round in 0..10 {
        connect(&host, &format!("02:00:00:00:00:{:02x}", 0x10 + round));
        all_are_answered(&host, &format!("round {round}"));
        host.ok("network disconnect net web");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_sandbox_that_was_made_anew_is_reached_at_once() {
    let host = host();
    for round in 0..5 {
        connect(&host, &format!("02:00:00:00:00:{:02x}", 0x10 + round));
        let server = Server::on_ports(&host, "web", "web", &[80]);
        all_are_answered(&host, &format!("round {round}"));
        drop(server);
        host.sh("ip netns del web; ip netns add web");
    }
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn what_another_tool_had_there_is_forgotten() {
    let host = host();
    host.sh("ip netns add other
             ip link add v0 master lan0 type veth peer name eth0 address 02:00:00:00:00:99 netns other
             ip link set v0 up; ip -n other link set eth0 up; ip -n other link set lo up
             ip -n other addr add 10.9.0.7/24 dev eth0; ip -n other addr add fd00:9::7/64 dev eth0 nodad; sleep 0.2");
    let other = Server::on_ports(&host, "other", "other", &[80]);
    let clients: Vec<_> = clients().into_iter().take(4).collect();
    for answer in host.ask_all(&clients) {
        assert!(answer.starts_with("other:80 sees "), "{answer}");
    }
    drop(other);
    host.sh("ip netns del other");
    let _server = Server::on_ports(&host, "web", "web", &[80]);
    connect(&host, "02:00:00:00:00:10");
    all_are_answered(&host, "after another tool");
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_first_packet_arrives() {
    let host = host();
    let _server = Server::on_ports(&host, "web", "web", &[80]);
    for round in 0..30 {
        // Also the first port of a bridge, with which the bridge itself comes to life.
        let is_first = round % 2 == 0;
        if is_first {
            host.ok("network disconnect net n1");
        }
        connect(&host, &format!("02:00:00:00:00:{:02x}", 0x10 + round));
        for address in ADDRESSES {
            let output = host.pontoon(&["ping", "-c", "1", "-W", "1", address]);
            assert_eq!(output.code, 0, "round {round}: {}", output.out);
        }
        host.ok("network disconnect net web");
        if is_first {
            host.ok("network connect --ip 10.9.0.9 net n1");
        }
    }
}
