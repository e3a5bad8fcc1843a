//! A port that the records of two endpoints have: refused when it can be, and otherwise no obstacle to anybody else.

use crate::support::{Host, needs};

const LAN: &str = "network create --subnet 10.61.0.0/24 --subnet fd00:61::/64 lan";

/// A host on which `c1` has published `port`, and somebody has flushed the maps since.
fn host_whose_maps_were_flushed(port: &str) -> Host {
    needs(&["nft"]);
    let host = Host::new();
    host.loopback_up();
    for name in ["c1", "c2"] {
        host.sandbox(name);
    }
    host.ok(LAN);
    host.ok(&format!("network connect -p {port} lan c1"));
    host.sh(
        "for family in ip ip6; do for map in publish_on publish_any; do nft flush map $family pontoon $map; done; done",
    );
    host
}

/// What leads where, of one port of the host.
fn published(host: &Host, port: &str) -> Vec<String> {
    let text = host.sh("for map in publish_on publish_any; do nft list map ip pontoon $map; done");
    let mut found: Vec<String> = text
        .split(['{', '}', ',', '='])
        .map(str::trim)
        .filter(|element| element.contains(&format!("tcp . {port} : ")))
        .map(str::to_owned)
        .collect();
    found.sort();
    found
}

#[test]
#[ignore = "needs nft (nftables)"]
fn a_port_that_somebody_flushed_is_still_its_endpoints() {
    for (first, second) in [
        ("8080:80", "8080:80"),
        ("8080:80", "127.0.0.1:8080:80"),
        ("127.0.0.1:8080:80", "8080:80"),
        ("127.0.0.1:8080:80", "127.0.0.1:8080:81"),
        ("8000-8099:8000-8099", "8099:80"),
        ("8080:80", "8000-8099:8000-8099"),
    ] {
        let host = host_whose_maps_were_flushed(first);
        let error = host.fails(2, &format!("network connect -p {second} lan c2"));
        assert!(error.ends_with("the port is already published by c1"), "{first}, {second}: {error}");
        host.ok("sync");
        host.ok("network disconnect lan c1");
        host.ok(&format!("network connect -p {second} lan c2"));
    }
    // Others are free, and so are those of another protocol.
    let host = host_whose_maps_were_flushed("127.0.0.1:8080:80");
    host.ok("network connect -p 127.0.0.2:8080:80 -p 8080:80/udp -p [fd00:61::1]:8080:80 -p 8082:80 lan c2");
}

#[test]
#[ignore = "needs nft (nftables)"]
fn whose_sandbox_is_gone_has_no_port() {
    let host = host_whose_maps_were_flushed("8080:80");
    host.remove_sandbox("c1");
    host.ok("network connect -p 8080:80 lan c2");
    assert_eq!(host.ok("port c2"), "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n");
    host.ok("sync");
}

/// As an older version let it happen: the records of `c1` and `c2` have one port, the older one's is `first`.
fn host_with_two_records(first: &str, second: &str) -> Host {
    let host = host_whose_maps_were_flushed(first);
    host.ok("network connect -p 9090:80 lan c2");
    host.sh(&format!("sed -i s,9090:80/tcp,{second}/tcp, /run/pontoon/ports/veth0a3d0003.json"));
    host
}

#[test]
#[ignore = "needs nft (nftables)"]
fn of_two_records_of_a_port_the_older_counts_and_the_other_is_named() {
    for (first, second, named) in [
        ("8080:80", "8080:80", "8080/tcp"),
        ("8080:80", "127.0.0.1:8080:80", "127.0.0.1:8080/tcp"),
        ("127.0.0.1:8080:80", "8080:80", "8080/tcp"),
    ] {
        let host = host_with_two_records(first, second);
        let warning = format!(
            "pontoon: warning: port {named} is recorded of c1 and of c2: it stays c1's; connect c2 anew with another\n"
        );
        // Whatever writes the firewall anew goes on.
        for line in ["sync", "gc", "network create two", "network create --ensure two", "network rm two"] {
            let output = host.pontoon(&line.split(' ').collect::<Vec<_>>());
            assert_eq!((output.code, output.err.as_str()), (0, warning.as_str()), "{line}");
            let of_first = published(&host, "8080");
            assert!(of_first.len() == 1 && of_first[0].ends_with(": 10.61.0.2 . 80"), "{line}: {of_first:?}");
        }
        assert!(host.pontoon(&["-j", "sync"]).err.starts_with("{\"warning\":\"port "));
        // The other one's record takes nothing away with it, and comes true when the first is gone.
        host.ok("network disconnect lan c1");
        host.ok("sync");
        let of_second = published(&host, "8080");
        assert!(of_second.len() == 1 && of_second[0].ends_with(": 10.61.0.3 . 80"), "{of_second:?}");
        host.ok("network disconnect lan c2");
        assert_eq!(published(&host, "8080"), [] as [&str; 0]);
        host.ok("network rm lan");
    }
}

#[test]
#[ignore = "needs nft (nftables)"]
fn the_one_that_goes_first_leaves_the_others_port() {
    let host = host_with_two_records("8080:80", "8080:80");
    assert_eq!(host.pontoon(&["sync"]).code, 0);
    host.ok("network disconnect lan c2");
    assert_eq!(published(&host, "8080"), ["tcp . 8080 : 10.61.0.2 . 80"]);
    host.ok("sync");
}
