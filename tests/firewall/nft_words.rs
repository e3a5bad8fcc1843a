//! The rule set in nft's words: `nft` prints what stands above each set, chain and rule in the source, and in the man page.

use crate::support::{Host, needs};

const SOURCE: &str = include_str!("../../src/firewall/ruleset.rs");
const MAN_PAGE: &str = include_str!("../../man/pontoon.8");

/// What the source says that nft prints: the lines `// nft: …`, and of `// nft CASE: …` those of these cases.
fn of_source(cases: &[&str]) -> Vec<String> {
    let said = |line: &str| {
        let (case, text) = line.trim().strip_prefix("// nft")?.split_once(": ")?;
        (case.is_empty() || cases.contains(&case.trim())).then(|| text.trim().to_owned())
    };
    SOURCE.lines().filter_map(said).collect()
}

/// What the man page shows, which is table `ip`.
fn of_man_page() -> String {
    let (_, from) = MAN_PAGE.split_once("\n.EX\ntable ip pontoon {").unwrap();
    format!("table ip pontoon {{{}", from.split_once("\n.EE\n").unwrap().0.replace("\\-", "-"))
}

/// A listing without its elements and closing braces: one line for each set and map, one for the head of each chain, one for each
/// rule.
fn lines_of(listing: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = listing.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let of_set = line.starts_with("set ") || line.starts_with("map ");
        if of_set && line.ends_with('{') {
            let mut set = line.to_owned();
            while let Some(field) = lines.next().filter(|field| *field != "}") {
                if field.starts_with("elements = {") {
                    let mut last = field;
                    while !last.ends_with('}') {
                        last = lines.next().unwrap();
                    }
                } else {
                    set.extend([" ", field, ";"]);
                }
            }
            found.push(set + " }");
        } else if line.starts_with("chain ") {
            let head = lines.next_if(|next| next.starts_with("type ")).map(|head| format!(" {head}"));
            found.push(line.to_owned() + &head.unwrap_or_default());
        } else if line != "}" {
            found.push(line.to_owned());
        }
    }
    found
}

/// As `assert_eq`, with every line that differs below its counterpart.
#[track_caller]
fn assert_same(ours: &[String], expected: &[String]) {
    let longer = ours.len().max(expected.len());
    let differing: Vec<_> =
        (0..longer).map(|n| (ours.get(n), expected.get(n))).filter(|(ours, expected)| ours != expected).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// A host whose networks have elements in every set and map, of both families; whether it was a router before is `router`.
fn host(router: bool) -> Host {
    let host = Host::new();
    host.loopback_up();
    let digit = u8::from(router);
    host.sh(&format!(
        "for conf in ipv4/ip_forward ipv6/conf/all/forwarding; do echo {digit} > /proc/sys/net/$conf; done"
    ));
    host.ok("network create --subnet 10.1.0.0/24 --subnet fd00:1::/64 lan");
    host.ok("network create --ipv6 wan");
    host.ok("network create --ipv6 --internal inside");
    host.ok("network create --ipv6 -o com.docker.network.bridge.enable_icc=false apart");
    host.ok("network create --ipv6 -o com.docker.network.bridge.enable_ip_masquerade=false plain");
    host.sandbox("c1");
    host.ok("network connect -p 8080:80 -p 127.0.0.1:8081:80/udp -p [fd00:1::1]:8081:80/udp lan c1");
    host
}

#[test]
#[ignore = "needs nft (nftables)"]
fn nft_prints_what_stands_above_each_rule() {
    needs(&["nft"]);
    for (router, others) in [(true, "untouched"), (false, "not forwarded")] {
        let listing = host(router).sh("nft list ruleset");
        assert_eq!(listing.matches("elements = {").count(), 14, "each set and map has some: {listing}");
        let expected = [of_source(&["ip", others]), of_source(&["ip6", others])].concat();
        assert_eq!(expected.len(), 2 * 33, "a table, 7 sets and maps, 6 chains, 19 rules");
        assert_same(&lines_of(&listing), &expected);
    }
}

/// Its words for what differs: in `ip6`, `ip6` for `ip`, `ipv6_addr` for `ipv4_addr`, and `::1` for 127.0.0.0/8; where pontoon
/// switched forwarding on, the first rule of `forward` drops.
#[test]
fn the_man_page_shows_the_rule_set() {
    assert_same(&lines_of(&of_man_page()), &of_source(&["ip", "untouched"]));
    let instead = |word: &str| match word {
        "ip" => "ip6".to_owned(),
        word => word.replace("ipv4_addr", "ipv6_addr").replace("127.0.0.0/8", "::1"),
    };
    let ip6 = |line: &String| line.split(' ').map(instead).collect::<Vec<_>>().join(" ");
    let mut ip6: Vec<_> = lines_of(&of_man_page()).iter().map(ip6).collect();
    let head = ip6.iter().position(|line| line.starts_with("chain forward ")).unwrap();
    ip6[head + 1] = ip6[head + 1].replace(" accept", " drop");
    assert_same(&ip6, &of_source(&["ip6", "not forwarded"]));
}
