//! The constant rule set: one table a family, the same for IPv4 and IPv6.
//!
//! Its rules never change. Networks and published ports are elements of its sets and maps, so that publishing the five
//! thousandth port costs what the first did. In `nft` notation it stands in the man page.

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::chain::{self, Base};
use pontoon_netlink::netfilter::element::{self, Of};
use pontoon_netlink::netfilter::expression::Expression::{
    self, Accept, Ct, Dnat, Drop, Equal, FibDestinationType, In, Jump, Map, Mask, Masquerade, Meta, NotEqual, NotIn,
    Payload,
};
use pontoon_netlink::netfilter::expression::{
    CT_STATE_ESTABLISHED, CT_STATE_RELATED, NFT_CT_STATE, NFT_CT_STATUS, NFT_META_IIFNAME, NFT_META_L4PROTO,
    NFT_META_OIFNAME, NFT_PAYLOAD_NETWORK_HEADER, NFT_PAYLOAD_TRANSPORT_HEADER, NFT_REG_1, NFT_REG_2, NFT_REG32_00,
    RTN_LOCAL,
};
use pontoon_netlink::netfilter::set::{self, IFNAME, INET_PROTO, INET_SERVICE, IPV4_ADDR, IPV6_ADDR, NewSet, Type};
use pontoon_netlink::netfilter::{NF_ACCEPT, NFPROTO_IPV4, NFPROTO_IPV6, conntrack, rule, table};

use crate::kernel::nftables::protocol;
use crate::types::family::Family;

/// The name of the table.
pub const TABLE: &str = "pontoon";
/// Every bridge of ours.
pub const BRIDGES: &str = "bridges";
/// Bridges of internal networks.
pub const INTERNAL: &str = "internal";
/// Pairs of bridges between which sandboxes may talk.
pub const TALK: &str = "talk";
/// All subnets.
pub const SUBNETS: &str = "subnets";
/// Subnets whose traffic to the outside gets the host's address.
pub const MASQUERADE_SUBNETS: &str = "masquerade_subnets";
/// Ports published on one address of the host.
pub const PUBLISH_ON: &str = "publish_on";
/// Ports published on every address of the host.
pub const PUBLISH_ANY: &str = "publish_any";

/// What differs between the families: where addresses are, how long they are, and in which register what follows one lies.
struct Layout {
    number: u8,
    address: Type,
    source: Expression<'static>,
    destination: Expression<'static>,
    /// The first bytes of a loopback address, and how to load as many.
    loopback: &'static [u8],
    loopback_source: Expression<'static>,
    loopback_destination: Expression<'static>,
    behind: u8,
    then: u8,
}

const fn network(offset: u8, len: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_NETWORK_HEADER, offset, len, to: NFT_REG_1 }
}

const IPV4: Layout = Layout {
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

const IPV6: Layout = Layout {
    number: NFPROTO_IPV6,
    address: IPV6_ADDR,
    source: network(8, 16),
    destination: network(24, 16),
    loopback: &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    loopback_source: network(8, 16),
    loopback_destination: network(24, 16),
    // The word behind sixteen bytes; nft, too, names it as the second whole register.
    behind: NFT_REG_2,
    then: NFT_REG32_00 + 5,
};

const FROM: Expression<'static> = Meta { key: NFT_META_IIFNAME, to: NFT_REG_1 };
const TO: Expression<'static> = Meta { key: NFT_META_OIFNAME, to: NFT_REG_1 };
const OURS: Expression<'static> = In { from: NFT_REG_1, set: BRIDGES };
const FOREIGN: Expression<'static> = NotIn { from: NFT_REG_1, set: BRIDGES };

/// The requests that make a family's table be the rule set, with empty sets, whether it is there or not.
///
/// One that is there is not deleted: the kernel takes the rules of one chain from packets after the other's, and for
/// microseconds neither the old table would translate a new connection nor the new one. It changes each chain at once.
#[must_use]
pub fn write(family: Family) -> Vec<Request> {
    let family = match family {
        Family::V4 => &IPV4,
        Family::V6 => &IPV6,
    };
    let mut requests = vec![table::new(family.number, TABLE)];
    chains(family, &mut requests);
    requests.push(rule::flush(family.number, TABLE));
    sets(family, &mut requests);
    rules(family, &mut requests);
    requests
}

/// The requests that leave no table of a family, whether there is one or not: what may be there is created, and then deleted.
#[must_use]
pub fn remove(family: Family) -> [Request; 2] {
    [table::new(protocol(family), TABLE), table::delete(protocol(family), TABLE)]
}

fn chains(family: &Layout, requests: &mut Vec<Request>) {
    let base = |kind, hook, priority| Some(Base { kind, hook, priority, policy: NF_ACCEPT });
    let all = [
        ("guard", base("filter", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_RAW)),
        ("prerouting", base("nat", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_NAT_DST)),
        ("output", base("nat", chain::NF_INET_LOCAL_OUT, chain::NF_IP_PRI_NAT_DST)),
        ("publish", None),
        ("postrouting", base("nat", chain::NF_INET_POST_ROUTING, chain::NF_IP_PRI_NAT_SRC)),
        ("forward", base("filter", chain::NF_INET_FORWARD, chain::NF_IP_PRI_FILTER)),
    ];
    for (name, base) in &all {
        requests.push(chain::new(family.number, TABLE, name, base.as_ref()));
    }
}

fn sets(family: &Layout, requests: &mut Vec<Request>) {
    let address = family.address;
    let all: [(&str, bool, &[Type], &[Type]); 7] = [
        (BRIDGES, false, &[IFNAME], &[]),
        (INTERNAL, false, &[IFNAME], &[]),
        (TALK, false, &[IFNAME, IFNAME], &[]),
        (SUBNETS, true, &[address], &[]),
        (MASQUERADE_SUBNETS, true, &[address], &[]),
        (PUBLISH_ON, false, &[address, INET_PROTO, INET_SERVICE], &[address, INET_SERVICE]),
        (PUBLISH_ANY, false, &[INET_PROTO, INET_SERVICE], &[address, INET_SERVICE]),
    ];
    for (id, (name, interval, key, data)) in (1..).zip(all) {
        requests.push(set::new(&NewSet { family: family.number, table: TABLE, name, id, interval, key, data }));
        requests.push(element::flush(&Of { family: family.number, table: TABLE, set: name }));
    }
}

fn rules(family: &Layout, requests: &mut Vec<Request>) {
    let local = RTN_LOCAL.to_ne_bytes();
    let is_local = [FibDestinationType { to: NFT_REG_1 }, Equal { from: NFT_REG_1, value: &local }];
    let [fib, local] = is_local;
    let dnat_bits = conntrack::IPS_DST_NAT.to_ne_bytes();
    let [status, dnat_bit, set] = any(NFT_CT_STATUS, &dnat_bits);
    let old_bits = (CT_STATE_ESTABLISHED | CT_STATE_RELATED).to_ne_bytes();
    let [state, old, one] = any(NFT_CT_STATE, &old_bits);
    let loopback = Equal { from: NFT_REG_1, value: family.loopback };
    let not_loopback = NotEqual { from: NFT_REG_1, value: family.loopback };
    let dnat = Dnat { family: family.number, address: NFT_REG_1, port: family.behind };
    let protocol = |to| Meta { key: NFT_META_L4PROTO, to };
    let port = |to| Payload { base: NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, len: 2, to };
    let map = |map| Map { from: NFT_REG_1, map, to: NFT_REG_1 };
    let among = |set| In { from: NFT_REG_1, set };
    let all: [(&str, &[Expression<'_>]); 16] = [
        // route_localnet is on for our bridges, so that 127.0.0.1:PORT can be published; nobody else may use it.
        ("guard", &[FROM, OURS, family.loopback_destination, loopback, Drop]),
        // What comes over a wire for 127.0.0.1 would be translated before the kernel could drop it as a martian, and a neighbour
        // would reach what is published for this host alone.
        ("prerouting", &[family.loopback_destination, not_loopback, fib, local, Jump("publish")]),
        ("output", &[fib, local, Jump("publish")]),
        ("publish", &[family.destination, protocol(family.behind), port(family.then), map(PUBLISH_ON), dnat]),
        ("publish", &[protocol(NFT_REG_1), port(NFT_REG32_00 + 1), map(PUBLISH_ANY), dnat]),
        ("postrouting", &[TO, FOREIGN, family.source, among(MASQUERADE_SUBNETS), Masquerade]),
        ("postrouting", &[TO, OURS, status, dnat_bit, set, family.loopback_source, loopback, Masquerade]),
        // Hairpin: a sandbox that calls a published port of its own network would get the answer from a stranger.
        ("postrouting", &[TO, OURS, status, dnat_bit, set, family.source, among(SUBNETS), Masquerade]),
        ("forward", &[FROM, FOREIGN, TO, FOREIGN, Accept]),
        ("forward", &[state, old, one, Accept]),
        // Before what internal networks may not: bridged frames come here too where br_netfilter hands them on.
        ("forward", &[FROM, Meta { key: NFT_META_OIFNAME, to: NFT_REG_2 }, among(TALK), Accept]),
        ("forward", &[FROM, among(INTERNAL), Drop]),
        ("forward", &[TO, among(INTERNAL), Drop]),
        ("forward", &[status, dnat_bit, set, Accept]),
        ("forward", &[FROM, OURS, TO, FOREIGN, Accept]),
        ("forward", &[Drop]),
    ];
    for (chain, expressions) in all {
        requests.push(rule::append(family.number, TABLE, chain, expressions));
    }
}

/// `… & BITS != 0`, in three expressions.
const fn any(key: u8, bits: &[u8; 4]) -> [Expression<'_>; 3] {
    [Ct { key, to: NFT_REG_1 }, Mask { register: NFT_REG_1, mask: bits }, NotEqual { from: NFT_REG_1, value: &[0; 4] }]
}
