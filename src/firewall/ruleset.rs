//! The constant rule set, in nft's words: one table a family, the same for IPv4 and IPv6.
//!
//! Its rules never change. Networks and published ports are elements of its sets and maps, so that publishing the five
//! thousandth port costs what the first did. Above each rule stands what `nft list ruleset` prints of it in table `ip`; in table
//! `ip6` it reads `ip6` instead of `ip`, and `::1` instead of 127.0.0.0/8.

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::chain::{self, Base};
use pontoon_netlink::netfilter::element::{self, Of};
use pontoon_netlink::netfilter::expression::Expression::{
    self, Accept, Ct, Dnat, Drop, Equal, FibDestinationType, FibSourceType, In, Jump, Map, Mask, Masquerade, Meta,
    NotEqual, NotIn, Payload,
};
use pontoon_netlink::netfilter::expression::{
    CT_STATE_ESTABLISHED, CT_STATE_INVALID, CT_STATE_RELATED, NFT_CT_STATE, NFT_CT_STATUS, NFT_META_IIFNAME,
    NFT_META_L4PROTO, NFT_META_OIFNAME, NFT_PAYLOAD_NETWORK_HEADER, NFT_PAYLOAD_TRANSPORT_HEADER, NFT_REG_1, NFT_REG_2,
    NFT_REG32_00, RTN_LOCAL,
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

/// What becomes of packets between interfaces that have nothing to do with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// The administrator made the host a router: they are no business of ours.
    Untouched,
    /// We did, for our networks' sake: they are not forwarded, as before.
    NotForwarded,
}

/// The requests that make a family's table be the rule set, with empty sets, whether it is there or not.
///
/// One that is there is not deleted: the kernel takes the rules of one chain from packets after the other's, and for
/// microseconds neither the old table would translate a new connection nor the new one. It changes each chain at once.
#[must_use]
pub fn write(family: Family, others: Others) -> Vec<Request> {
    let header = match family {
        Family::V4 => &IPV4,
        Family::V6 => &IPV6,
    };
    let mut requests = vec![table::new(header.number, TABLE)];
    requests.extend(chains(header));
    requests.push(rule::flush(header.number, TABLE));
    requests.extend(sets(header));
    requests.extend(rules(header, others));
    requests
}

/// The requests that leave no table of a family, whether there is one or not: what may be there is created, and then deleted.
#[must_use]
pub fn remove(family: Family) -> [Request; 2] {
    [table::new(protocol(family), TABLE), table::delete(protocol(family), TABLE)]
}

fn chains(header: &Header) -> Vec<Request> {
    let base = |kind, hook, priority| Some(Base { kind, hook, priority, policy: NF_ACCEPT });
    let all = [
        ("guard", base("filter", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_RAW)),
        ("prerouting", base("nat", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_NAT_DST)),
        ("output", base("nat", chain::NF_INET_LOCAL_OUT, chain::NF_IP_PRI_NAT_DST)),
        ("publish", None),
        ("postrouting", base("nat", chain::NF_INET_POST_ROUTING, chain::NF_IP_PRI_NAT_SRC)),
        ("forward", base("filter", chain::NF_INET_FORWARD, chain::NF_IP_PRI_FILTER)),
    ];
    all.iter().map(|(name, base)| chain::new(header.number, TABLE, name, base.as_ref())).collect()
}

fn sets(header: &Header) -> Vec<Request> {
    let (family, address) = (header.number, header.address);
    let all: [(&str, bool, &[Type], &[Type]); 7] = [
        (BRIDGES, false, &[IFNAME], &[]),
        (INTERNAL, false, &[IFNAME], &[]),
        (TALK, false, &[IFNAME, IFNAME], &[]),
        (SUBNETS, true, &[address], &[]),
        (MASQUERADE_SUBNETS, true, &[address], &[]),
        (PUBLISH_ON, false, &[address, INET_PROTO, INET_SERVICE], &[address, INET_SERVICE]),
        (PUBLISH_ANY, false, &[INET_PROTO, INET_SERVICE], &[address, INET_SERVICE]),
    ];
    let mut requests = Vec::new();
    for (id, (name, interval, key, data)) in (1..).zip(all) {
        requests.push(set::new(&NewSet { family, table: TABLE, name, id, interval, key, data }));
        requests.push(element::flush(&Of { family, table: TABLE, set: name }));
    }
    requests
}

fn rules(ip: &Header, others: Others) -> Vec<Request> {
    let verdict_on_others = match others {
        Others::Untouched => accept(),
        Others::NotForwarded => drop(),
    };
    let all = [
        // What only the host itself may say: route_localnet is on for our bridges, so that 127.0.0.1:PORT can be published,
        // and a sandbox must neither reach what listens there nor speak as the host (the kind of CVE-2020-8558).
        // iifname @bridges ip daddr 127.0.0.0/8 drop
        ("guard", [iifname(BRIDGES), ip.daddr_loopback(), drop()].concat()),
        // iifname @bridges ip saddr 127.0.0.0/8 drop
        ("guard", [iifname(BRIDGES), ip.saddr_loopback(), drop()].concat()),
        // iifname @bridges fib saddr type local drop
        ("guard", [iifname(BRIDGES), fib_saddr_type_local(), drop()].concat()),
        // What comes over a wire for 127.0.0.1 would be translated before the kernel could drop it as a martian, and a neighbour
        // would reach what is published for this host alone.
        // ip daddr != 127.0.0.0/8 fib daddr type local jump publish
        ("prerouting", [ip.daddr_not_loopback(), fib_daddr_type_local(), jump("publish")].concat()),
        // fib daddr type local jump publish
        ("output", [fib_daddr_type_local(), jump("publish")].concat()),
        // dnat ip to ip daddr . meta l4proto . th dport map @publish_on
        ("publish", ip.dnat_to_daddr_l4proto_dport_map(PUBLISH_ON)),
        // dnat ip to meta l4proto . th dport map @publish_any
        ("publish", ip.dnat_to_l4proto_dport_map(PUBLISH_ANY)),
        // oifname != @bridges ip saddr @masquerade_subnets masquerade
        ("postrouting", [oifname_not(BRIDGES), ip.saddr(MASQUERADE_SUBNETS), masquerade()].concat()),
        // oifname @bridges ct status dnat ip saddr 127.0.0.0/8 masquerade
        ("postrouting", [oifname(BRIDGES), ct_status_dnat(), ip.saddr_loopback(), masquerade()].concat()),
        // Hairpin: a sandbox that calls a published port of its own network would get the answer from a stranger.
        // oifname @bridges ct status dnat ip saddr @subnets masquerade
        ("postrouting", [oifname(BRIDGES), ct_status_dnat(), ip.saddr(SUBNETS), masquerade()].concat()),
        // iifname != @bridges oifname != @bridges accept
        ("forward", [iifname_not(BRIDGES), oifname_not(BRIDGES), verdict_on_others].concat()),
        // ct state established,related accept
        ("forward", [ct_state(&ESTABLISHED_OR_RELATED), accept()].concat()),
        // Before what is invalid, and what internal networks may not: bridged frames come here too where br_netfilter hands them
        // on.
        // iifname . oifname @talk accept
        ("forward", [iifname_oifname(TALK), accept()].concat()),
        // Or it would leave untranslated, with the sandbox's own address.
        // ct state invalid drop
        ("forward", [ct_state(&INVALID), drop()].concat()),
        // iifname @internal drop
        ("forward", [iifname(INTERNAL), drop()].concat()),
        // oifname @internal drop
        ("forward", [oifname(INTERNAL), drop()].concat()),
        // ct status dnat accept
        ("forward", [ct_status_dnat(), accept()].concat()),
        // iifname @bridges oifname != @bridges accept
        ("forward", [iifname(BRIDGES), oifname_not(BRIDGES), accept()].concat()),
        // drop
        ("forward", drop()),
    ];
    all.iter().map(|(chain, expressions)| rule::append(ip.number, TABLE, chain, expressions)).collect()
}

/// A part of a rule.
type Part = Vec<Expression<'static>>;

const IIFNAME: Expression<'static> = Meta { key: NFT_META_IIFNAME, to: NFT_REG_1 };
const OIFNAME: Expression<'static> = Meta { key: NFT_META_OIFNAME, to: NFT_REG_1 };

fn iifname(set: &'static str) -> Part {
    vec![IIFNAME, In { from: NFT_REG_1, set }]
}

fn iifname_not(set: &'static str) -> Part {
    vec![IIFNAME, NotIn { from: NFT_REG_1, set }]
}

fn oifname(set: &'static str) -> Part {
    vec![OIFNAME, In { from: NFT_REG_1, set }]
}

fn oifname_not(set: &'static str) -> Part {
    vec![OIFNAME, NotIn { from: NFT_REG_1, set }]
}

fn iifname_oifname(set: &'static str) -> Part {
    vec![IIFNAME, Meta { key: NFT_META_OIFNAME, to: NFT_REG_2 }, In { from: NFT_REG_1, set }]
}

const LOCAL: Expression<'static> = Equal { from: NFT_REG_1, value: &RTN_LOCAL.to_ne_bytes() };

fn fib_saddr_type_local() -> Part {
    vec![FibSourceType { to: NFT_REG_1 }, LOCAL]
}

fn fib_daddr_type_local() -> Part {
    vec![FibDestinationType { to: NFT_REG_1 }, LOCAL]
}

const ESTABLISHED_OR_RELATED: [u8; 4] = (CT_STATE_ESTABLISHED | CT_STATE_RELATED).to_ne_bytes();
const INVALID: [u8; 4] = CT_STATE_INVALID.to_ne_bytes();
const DNAT: [u8; 4] = conntrack::IPS_DST_NAT.to_ne_bytes();

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the expression holds the constant")]
fn ct_state(any_of: &'static [u8; 4]) -> Part {
    any_bit(NFT_CT_STATE, any_of)
}

fn ct_status_dnat() -> Part {
    any_bit(NFT_CT_STATUS, &DNAT)
}

/// `ct KEY & MASK != 0`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the expression holds the constant")]
fn any_bit(key: u8, mask: &'static [u8; 4]) -> Part {
    vec![Ct { key, to: NFT_REG_1 }, Mask { register: NFT_REG_1, mask }, NotEqual { from: NFT_REG_1, value: &[0; 4] }]
}

fn accept() -> Part {
    vec![Accept]
}

fn drop() -> Part {
    vec![Drop]
}

fn masquerade() -> Part {
    vec![Masquerade]
}

fn jump(chain: &'static str) -> Part {
    vec![Jump(chain)]
}

/// The header of a family: where its addresses are, how long they are, and in which register what follows one lies.
struct Header {
    number: u8,
    address: Type,
    saddr: Expression<'static>,
    daddr: Expression<'static>,
    /// The first bytes of a loopback address, and how to load as many.
    loopback: &'static [u8],
    loopback_saddr: Expression<'static>,
    loopback_daddr: Expression<'static>,
    behind: u8,
    then: u8,
}

impl Header {
    fn saddr(&self, set: &'static str) -> Part {
        vec![self.saddr, In { from: NFT_REG_1, set }]
    }

    fn saddr_loopback(&self) -> Part {
        vec![self.loopback_saddr, Equal { from: NFT_REG_1, value: self.loopback }]
    }

    fn daddr_loopback(&self) -> Part {
        vec![self.loopback_daddr, Equal { from: NFT_REG_1, value: self.loopback }]
    }

    fn daddr_not_loopback(&self) -> Part {
        vec![self.loopback_daddr, NotEqual { from: NFT_REG_1, value: self.loopback }]
    }

    fn dnat_to_daddr_l4proto_dport_map(&self, map: &'static str) -> Part {
        let key = vec![self.daddr, l4proto(self.behind), th_dport(self.then)];
        [key, self.dnat_to_map(map)].concat()
    }

    fn dnat_to_l4proto_dport_map(&self, map: &'static str) -> Part {
        let key = vec![l4proto(NFT_REG_1), th_dport(NFT_REG32_00 + 1)];
        [key, self.dnat_to_map(map)].concat()
    }

    fn dnat_to_map(&self, map: &'static str) -> Part {
        let dnat = Dnat { family: self.number, address: NFT_REG_1, port: self.behind };
        vec![Map { from: NFT_REG_1, map, to: NFT_REG_1 }, dnat]
    }
}

fn l4proto(to: u8) -> Expression<'static> {
    Meta { key: NFT_META_L4PROTO, to }
}

fn th_dport(to: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, len: 2, to }
}

const fn network_header(offset: u8, len: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_NETWORK_HEADER, offset, len, to: NFT_REG_1 }
}

const IPV4: Header = Header {
    number: NFPROTO_IPV4,
    address: IPV4_ADDR,
    saddr: network_header(12, 4),
    daddr: network_header(16, 4),
    loopback: &[127],
    loopback_saddr: network_header(12, 1),
    loopback_daddr: network_header(16, 1),
    behind: NFT_REG32_00 + 1,
    then: NFT_REG32_00 + 2,
};

const IPV6: Header = Header {
    number: NFPROTO_IPV6,
    address: IPV6_ADDR,
    saddr: network_header(8, 16),
    daddr: network_header(24, 16),
    loopback: &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    loopback_saddr: network_header(8, 16),
    loopback_daddr: network_header(24, 16),
    // The word behind sixteen bytes; nft, too, names it as the second whole register.
    behind: NFT_REG_2,
    then: NFT_REG32_00 + 5,
};
