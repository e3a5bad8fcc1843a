//! The constant rule set: one table a family, the same for IPv4 and IPv6.
//!
//! Its rules never change. Networks and published ports are elements of its sets and maps, so that publishing the five
//! thousandth port costs what the first did.
//!
//! Above each set, chain and rule stands what `nft list ruleset` prints for it, once for each family where they differ. The
//! test `firewall::nft_words` reads these comments, and compares them with what nft really prints, and with the man page.

mod words;

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::chain::{
    self, Base, NF_INET_FORWARD, NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING, NF_INET_PRE_ROUTING, NF_IP_PRI_FILTER,
    NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC, NF_IP_PRI_RAW,
};
use pontoon_netlink::netfilter::element::{self, Of};
use pontoon_netlink::netfilter::set::{self, IFNAME, INET_PROTO, INET_SERVICE, NewSet, Type};
use pontoon_netlink::netfilter::{NF_ACCEPT, rule, table};

use crate::kernel::nftables::protocol;
use crate::types::family::Family;
use crate::types::mix::mix;
use words::{
    ESTABLISHED, INVALID, Ip, RELATED, Words, accept, ct_state, ct_status_dnat, drop, fib_daddr_type_local,
    fib_saddr_type_local, iifname, iifname_not, iifname_oifname, jump, l4proto_dport_map, masquerade, oifname,
    oifname_not,
};

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
    let ip = Ip::of(family);
    let chains = chains(&ip, others);
    // nft ip:  table ip pontoon {
    // nft ip6: table ip6 pontoon {
    let mut requests = vec![table::new(ip.number, TABLE)];
    requests.extend(chains.iter().map(|chain| chain::new(ip.number, TABLE, chain.name, chain.base.as_ref())));
    requests.push(rule::flush(ip.number, TABLE));
    for (id, set) in (1..).zip(sets(&ip)) {
        let Set { name, interval, key, data } = set;
        requests.push(set::new(&NewSet {
            family: ip.number,
            table: TABLE,
            name,
            id,
            interval,
            key: &key,
            data: &data,
        }));
        requests.push(element::flush(&Of { family: ip.number, table: TABLE, set: name }));
    }
    for chain in chains {
        requests.extend(
            chain.rules.iter().map(|rule| {
                rule::append_noted(ip.number, TABLE, chain.name, rule, &stamp(ip.number, chain.name, rule))
            }),
        );
    }
    requests
}

/// The chain and the stamp of each rule of a family's table, in the kernel's order: what tells whether somebody has put in, taken out
/// or replaced a rule, for the kernel changes none.
#[must_use]
pub fn stamps(family: Family, others: Others) -> Vec<(String, Vec<u8>)> {
    let ip = Ip::of(family);
    let of_chain = |chain: Chain| {
        let stamped = |rule: &Words| (chain.name.to_owned(), stamp(ip.number, chain.name, rule));
        chain.rules.iter().map(stamped).collect::<Vec<_>>()
    };
    chains(&ip, others).into_iter().flat_map(of_chain).collect()
}

/// What is noted of a rule in the kernel: a number out of what it says. nft shows only what is noted as a comment.
fn stamp(family: u8, chain: &str, rule: &Words) -> Vec<u8> {
    /// Far from those that nft knows: a comment is 0.
    const TYPE: u8 = 0x70;
    let request = rule::append(family, TABLE, chain, rule).to_bytes(0).unwrap_or_default();
    let number = request.iter().fold(0, |number, byte| mix(number ^ u64::from(*byte)).wrapping_add(1));
    [&[TYPE, 8][..], &number.to_be_bytes()].concat()
}

/// The requests that leave no table of a family, whether there is one or not: what may be there is created, and then deleted.
#[must_use]
pub fn remove(family: Family) -> [Request; 2] {
    [table::new(protocol(family), TABLE), table::delete(protocol(family), TABLE)]
}

fn sets(ip: &Ip) -> [Set; 7] {
    [
        // nft: set bridges { type ifname; }
        set(BRIDGES, [IFNAME]),
        // nft: set internal { type ifname; }
        set(INTERNAL, [IFNAME]),
        // nft: set talk { type ifname . ifname; }
        set(TALK, [IFNAME, IFNAME]),
        // nft ip:  set subnets { type ipv4_addr; flags interval; }
        // nft ip6: set subnets { type ipv6_addr; flags interval; }
        set(SUBNETS, [ip.address]).flags_interval(),
        // nft ip:  set masquerade_subnets { type ipv4_addr; flags interval; }
        // nft ip6: set masquerade_subnets { type ipv6_addr; flags interval; }
        set(MASQUERADE_SUBNETS, [ip.address]).flags_interval(),
        // nft ip:  map publish_on { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
        // nft ip6: map publish_on { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }
        map(PUBLISH_ON, [ip.address, INET_PROTO, INET_SERVICE], [ip.address, INET_SERVICE]),
        // nft ip:  map publish_any { type inet_proto . inet_service : ipv4_addr . inet_service; }
        // nft ip6: map publish_any { type inet_proto . inet_service : ipv6_addr . inet_service; }
        map(PUBLISH_ANY, [INET_PROTO, INET_SERVICE], [ip.address, INET_SERVICE]),
    ]
}

fn chains(ip: &Ip, others: Others) -> [Chain; 6] {
    let what_becomes_of_others = match others {
        Others::Untouched => accept(),
        Others::NotForwarded => drop(),
    };
    [
        // nft: chain guard { type filter hook prerouting priority raw; policy accept;
        base_chain("guard", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW)
            // What only the host itself may say: route_localnet is on for our bridges, so that 127.0.0.1:PORT can be published,
            // and a sandbox must neither reach what listens there nor speak as the host (the kind of CVE-2020-8558).
            // nft ip:  iifname @bridges ip daddr 127.0.0.0/8 drop
            // nft ip6: iifname @bridges ip6 daddr ::1 drop
            .rule([iifname(BRIDGES), ip.daddr_loopback(), drop()])
            // nft ip:  iifname @bridges ip saddr 127.0.0.0/8 drop
            // nft ip6: iifname @bridges ip6 saddr ::1 drop
            .rule([iifname(BRIDGES), ip.saddr_loopback(), drop()])
            // nft: iifname @bridges fib saddr type local drop
            .rule([iifname(BRIDGES), fib_saddr_type_local(), drop()]),
        // nft: chain prerouting { type nat hook prerouting priority dstnat; policy accept;
        base_chain("prerouting", "nat", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST)
            // What comes over a wire for 127.0.0.1 would be translated before the kernel could drop it as a martian, and a
            // neighbour would reach what is published for this host alone.
            // nft ip:  ip daddr != 127.0.0.0/8 fib daddr type local jump publish
            // nft ip6: ip6 daddr != ::1 fib daddr type local jump publish
            .rule([ip.daddr_not_loopback(), fib_daddr_type_local(), jump("publish")]),
        // nft: chain output { type nat hook output priority -100; policy accept;
        base_chain("output", "nat", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST)
            // nft: fib daddr type local jump publish
            .rule([fib_daddr_type_local(), jump("publish")]),
        // nft: chain publish {
        chain("publish")
            // nft ip:  dnat ip to ip daddr . meta l4proto . th dport map @publish_on
            // nft ip6: dnat ip6 to ip6 daddr . meta l4proto . th dport map @publish_on
            .rule([ip.dnat_to(ip.daddr_l4proto_dport_map(PUBLISH_ON))])
            // nft ip:  dnat ip to meta l4proto . th dport map @publish_any
            // nft ip6: dnat ip6 to meta l4proto . th dport map @publish_any
            .rule([ip.dnat_to(l4proto_dport_map(PUBLISH_ANY))]),
        // nft: chain postrouting { type nat hook postrouting priority srcnat; policy accept;
        base_chain("postrouting", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC)
            // nft ip:  oifname != @bridges ip saddr @masquerade_subnets masquerade
            // nft ip6: oifname != @bridges ip6 saddr @masquerade_subnets masquerade
            .rule([oifname_not(BRIDGES), ip.saddr(MASQUERADE_SUBNETS), masquerade()])
            // nft ip:  oifname @bridges ct status dnat ip saddr 127.0.0.0/8 masquerade
            // nft ip6: oifname @bridges ct status dnat ip6 saddr ::1 masquerade
            .rule([oifname(BRIDGES), ct_status_dnat(), ip.saddr_loopback(), masquerade()])
            // Hairpin: a sandbox that calls a published port of its own network would get the answer from a stranger.
            // nft ip:  oifname @bridges ct status dnat ip saddr @subnets masquerade
            // nft ip6: oifname @bridges ct status dnat ip6 saddr @subnets masquerade
            .rule([oifname(BRIDGES), ct_status_dnat(), ip.saddr(SUBNETS), masquerade()]),
        // nft: chain forward { type filter hook forward priority filter; policy accept;
        base_chain("forward", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER)
            // nft untouched:     iifname != @bridges oifname != @bridges accept
            // nft not forwarded: iifname != @bridges oifname != @bridges drop
            .rule([iifname_not(BRIDGES), oifname_not(BRIDGES), what_becomes_of_others])
            // nft: ct state established,related accept
            .rule([ct_state(ESTABLISHED | RELATED), accept()])
            // Before what is invalid, and what internal networks may not: bridged frames come here too where br_netfilter hands
            // them on.
            // nft: iifname . oifname @talk accept
            .rule([iifname_oifname(TALK), accept()])
            // Or it would leave untranslated, with the sandbox's own address.
            // nft: ct state invalid drop
            .rule([ct_state(INVALID), drop()])
            // nft: iifname @internal drop
            .rule([iifname(INTERNAL), drop()])
            // nft: oifname @internal drop
            .rule([oifname(INTERNAL), drop()])
            // nft: ct status dnat accept
            .rule([ct_status_dnat(), accept()])
            // nft: iifname @bridges oifname != @bridges accept
            .rule([iifname(BRIDGES), oifname_not(BRIDGES), accept()])
            // nft: drop
            .rule([drop()]),
    ]
}

/// A set, or a map when it has data.
struct Set {
    name: &'static str,
    interval: bool,
    key: Vec<Type>,
    data: Vec<Type>,
}

fn set<const N: usize>(name: &'static str, key: [Type; N]) -> Set {
    Set { name, interval: false, key: key.into(), data: Vec::new() }
}

fn map<const N: usize, const M: usize>(name: &'static str, key: [Type; N], data: [Type; M]) -> Set {
    Set { data: data.into(), ..set(name, key) }
}

impl Set {
    fn flags_interval(self) -> Self {
        Self { interval: true, ..self }
    }
}

/// A chain and its rules, in their order.
struct Chain {
    name: &'static str,
    base: Option<Base<'static>>,
    rules: Vec<Words>,
}

/// One that is jumped to.
fn chain(name: &'static str) -> Chain {
    Chain { name, base: None, rules: Vec::new() }
}

/// One that the kernel calls.
fn base_chain(name: &'static str, kind: &'static str, hook: u32, priority: i32) -> Chain {
    Chain { base: Some(Base { kind, hook, priority, policy: NF_ACCEPT }), ..chain(name) }
}

impl Chain {
    /// Appends a rule.
    fn rule<const N: usize>(mut self, words: [Words; N]) -> Self {
        self.rules.push(words.into_iter().flatten().collect());
        self
    }
}
