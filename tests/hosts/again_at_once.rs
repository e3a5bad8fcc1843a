//! A sandbox that is removed and made again by the same names and numbers, without waiting for the kernel to clear away.

use std::time::{Duration, Instant};

use crate::support::{Host, needs};

const ROUNDS: usize = 50;

fn rounds(host: &Host, connect: &str) -> Duration {
    let mut longest = Duration::ZERO;
    for round in 0..ROUNDS {
        host.ok("ip netns del web");
        host.ok("ip netns add web");
        let start = Instant::now();
        let output = host.pontoon(&connect.split_whitespace().collect::<Vec<_>>());
        longest = longest.max(start.elapsed());
        assert_eq!((output.code, output.err.as_str()), (0, ""), "round {round}");
    }
    longest
}

#[test]
fn the_same_address_is_given_again() {
    let host = Host::new();
    host.ok("network create --subnet 10.9.0.0/24 lan");
    host.ok("ip netns add web");
    host.ok("network connect --ip 10.9.0.7 lan web");
    let longest = rounds(&host, "network connect --ip 10.9.0.7 lan web");
    assert_eq!(host.addresses("web"), ["10.9.0.7"]);
    assert!(longest < Duration::from_secs(1), "{longest:?}");
}

#[test]
fn the_only_address_of_a_subnet_is_given_again() {
    let host = Host::new();
    host.ok("network create --subnet 10.9.0.0/30 lan");
    host.ok("ip netns add web");
    host.ok("network connect lan web");
    rounds(&host, "network connect lan web");
    assert_eq!(host.addresses("web"), ["10.9.0.2"]);
}

#[test]
#[ignore = "needs nft (nftables)"]
fn the_same_port_is_published_again() {
    needs(&["nft"]);
    let host = Host::new();
    host.ok("network create --subnet 10.9.0.0/24 lan");
    host.ok("ip netns add web");
    host.ok("network connect -p 8080:80 lan web");
    rounds(&host, "network connect -p 8080:80 lan web");
    let rules = host.sh("nft list map ip pontoon publish_any");
    let address = host.addresses("web").remove(0);
    assert_eq!(rules.matches("8080").count(), 1, "{rules}");
    assert!(rules.contains(&format!("tcp . 8080 : {address} . 80")), "{address}: {rules}");
}
