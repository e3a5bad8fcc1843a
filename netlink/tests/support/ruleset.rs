//! The rule set of the design, as text for `nft` and through this crate, for IPv4 and IPv6.

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::chain::{self, Base};
use pontoon_netlink::netfilter::expression::Expression::{self, *};
use pontoon_netlink::netfilter::expression::*;
use pontoon_netlink::netfilter::set::{self, IFNAME, INET_PROTO, INET_SERVICE, IPV4_ADDR, IPV6_ADDR, NewSet, Type};
use pontoon_netlink::netfilter::{NF_ACCEPT, NFPROTO_IPV4, conntrack, rule, table};
use pontoon_netlink::route::route::RTN_LOCAL;

pub const TABLE: &str = "pontoon";

/// What `nft -f` takes; of IPv6, the loopback address instead of the loopback network.
pub fn text(family: u8) -> String {
    let text = include_str!("ruleset.nft");
    if family == NFPROTO_IPV4 {
        return text.to_owned();
    }
    let words =
        [("table ip ", "table ip6 "), ("ipv4_addr", "ipv6_addr"), ("127.0.0.0/8", "::1"), ("dnat ip ", "dnat ip6 ")];
    let text = words.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace(" ip saddr", " ip6 saddr").replace(" ip daddr", " ip6 daddr")
}

struct Family {
    number: u8,
    address: Type,
    source: Expression<'static>,
    destination: Expression<'static>,
    /// The first bytes of a loopback address, and how to load as many.
    loopback: &'static [u8],
    loopback_source: Expression<'static>,
    loopback_destination: Expression<'static>,
    /// The register behind an address, and the one after it.
    behind: u8,
    then: u8,
}

const fn network(offset: u8, len: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_NETWORK_HEADER, offset, len, to: NFT_REG_1 }
}

const V4: Family = Family {
    number: NFPROTO_IPV4,
    address: IPV4_ADDR,
    source: network(12, 4),
    destination: network(16, 4),
    loopback: &[127],
    loopback_source: network(12, 1),
    loopback_destination: network(16, 1),
    behind: NFT_REG32_00 + 1,
    then: NFT_REG32_00 + 2,
};
const V6: Family = Family {
    number: 10,
    address: IPV6_ADDR,
    source: network(8, 16),
    destination: network(24, 16),
    loopback: &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    loopback_source: network(8, 16),
    loopback_destination: network(24, 16),
    // The same as NFT_REG32_00 + 4.
    behind: NFT_REG_2,
    then: NFT_REG32_00 + 5,
};

const IIF: Expression<'static> = Meta { key: NFT_META_IIFNAME, to: NFT_REG_1 };
const OIF: Expression<'static> = Meta { key: NFT_META_OIFNAME, to: NFT_REG_1 };
const OURS: Expression<'static> = In { from: NFT_REG_1, set: "bridges" };
const FOREIGN: Expression<'static> = NotIn { from: NFT_REG_1, set: "bridges" };

/// `… & BITS != 0`, in three expressions.
const fn any(key: u8, bits: &[u8; 4]) -> [Expression<'_>; 3] {
    [Ct { key, to: NFT_REG_1 }, Mask { register: NFT_REG_1, mask: *bits }, NotEqual { from: NFT_REG_1, value: &[0; 4] }]
}

const fn l4proto(to: u8) -> Expression<'static> {
    Meta { key: NFT_META_L4PROTO, to }
}

const fn dport(to: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, len: 2, to }
}

fn sets(f: &Family) -> Vec<Request> {
    let all: [(&str, bool, &[Type], &[Type]); 7] = [
        ("bridges", false, &[IFNAME], &[]),
        ("internal", false, &[IFNAME], &[]),
        ("talk", false, &[IFNAME, IFNAME], &[]),
        ("subnets", true, &[f.address], &[]),
        ("masquerade_subnets", true, &[f.address], &[]),
        ("publish_on", false, &[f.address, INET_PROTO, INET_SERVICE], &[f.address, INET_SERVICE]),
        ("publish_any", false, &[INET_PROTO, INET_SERVICE], &[f.address, INET_SERVICE]),
    ];
    let new = |(id, (name, interval, key, data))| {
        set::new(&NewSet { family: f.number, table: TABLE, name, id, interval, key, data })
    };
    (1..).zip(all).map(new).collect()
}

fn chains(f: &Family) -> Vec<Request> {
    let base = |kind, hook, priority| Some(Base { kind, hook, priority, policy: NF_ACCEPT });
    let all = [
        ("guard", base("filter", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_RAW)),
        ("prerouting", base("nat", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_NAT_DST)),
        ("output", base("nat", chain::NF_INET_LOCAL_OUT, chain::NF_IP_PRI_NAT_DST)),
        ("publish", None),
        ("postrouting", base("nat", chain::NF_INET_POST_ROUTING, chain::NF_IP_PRI_NAT_SRC)),
        ("forward", base("filter", chain::NF_INET_FORWARD, chain::NF_IP_PRI_FILTER)),
    ];
    all.iter().map(|(name, base)| chain::new(f.number, TABLE, name, base.as_ref())).collect()
}

fn rules(f: &Family) -> Vec<Request> {
    let local = u32::from(RTN_LOCAL).to_ne_bytes();
    let [fib, local] = [FibDestinationType { to: NFT_REG_1 }, Equal { from: NFT_REG_1, value: &local }];
    let dnat_bits = conntrack::IPS_DST_NAT.to_ne_bytes();
    let [status, dnat_bit, set] = any(NFT_CT_STATUS, &dnat_bits);
    let old_bits = (CT_STATE_ESTABLISHED | CT_STATE_RELATED).to_ne_bytes();
    let [state, old, one] = any(NFT_CT_STATE, &old_bits);
    let loopback = Equal { from: NFT_REG_1, value: f.loopback };
    let not_loopback = NotEqual { from: NFT_REG_1, value: f.loopback };
    let dnat = Dnat { family: f.number, address: NFT_REG_1, port: f.behind };
    let internal = In { from: NFT_REG_1, set: "internal" };
    let map = |map| Map { from: NFT_REG_1, map, to: NFT_REG_1 };
    let among = |set| In { from: NFT_REG_1, set };
    let all: [(&str, &[Expression<'_>]); 16] = [
        ("guard", &[IIF, OURS, f.loopback_destination, loopback, Drop]),
        ("prerouting", &[f.loopback_destination, not_loopback, fib, local, Jump("publish")]),
        ("output", &[fib, local, Jump("publish")]),
        ("publish", &[f.destination, l4proto(f.behind), dport(f.then), map("publish_on"), dnat]),
        ("publish", &[l4proto(NFT_REG_1), dport(NFT_REG32_00 + 1), map("publish_any"), dnat]),
        ("postrouting", &[OIF, FOREIGN, f.source, among("masquerade_subnets"), Masquerade]),
        ("postrouting", &[OIF, OURS, status, dnat_bit, set, f.loopback_source, loopback, Masquerade]),
        ("postrouting", &[OIF, OURS, status, dnat_bit, set, f.source, among("subnets"), Masquerade]),
        ("forward", &[IIF, FOREIGN, OIF, FOREIGN, Accept]),
        ("forward", &[state, old, one, Accept]),
        ("forward", &[IIF, Meta { key: NFT_META_OIFNAME, to: NFT_REG_2 }, among("talk"), Accept]),
        ("forward", &[IIF, internal, Drop]),
        ("forward", &[OIF, internal, Drop]),
        ("forward", &[status, dnat_bit, set, Accept]),
        ("forward", &[IIF, OURS, OIF, FOREIGN, Accept]),
        ("forward", &[Drop]),
    ];
    all.iter().map(|(chain, expressions)| rule::append(f.number, TABLE, chain, expressions)).collect()
}

/// The same through this crate, in nft's order: table, chains, sets, rules.
pub fn requests(family: u8) -> Vec<Request> {
    let f = if family == NFPROTO_IPV4 { V4 } else { V6 };
    [vec![table::new(family, TABLE)], chains(&f), sets(&f), rules(&f)].concat()
}
