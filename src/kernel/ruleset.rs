//! The constant rule set: one table a family, the same for IPv4 and IPv6.
//!
//! Its rules never change. Networks and published ports are elements of its sets and maps, so that publishing the five
//! thousandth port costs what the first did. In `nft` notation it stands in the man page.

use crate::prelude::*;
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

/// The name of the table.
pub const TABLE: Text = "pontoon";
/// Every bridge of ours.
pub const BRIDGES: Text = "bridges";
/// Bridges of internal networks.
pub const INTERNAL: Text = "internal";
/// Pairs of bridges between which sandboxes may talk.
pub const TALK: Text = "talk";
/// All subnets.
pub const SUBNETS: Text = "subnets";
/// Subnets whose traffic to the outside gets the host's address.
pub const MASQUERADE_SUBNETS: Text = "masquerade_subnets";
/// Ports published on one address of the host.
pub const PUBLISH_ON: Text = "publish_on";
/// Ports published on every address of the host.
pub const PUBLISH_ANY: Text = "publish_any";

/// What differs between the families: where addresses are, how long they are, and in which register what follows one lies.
struct Family {
    number: u8,
    /// The types of an address, of what is published on one, and of where it leads.
    address: &'static [Type],
    published: &'static [Type],
    target: &'static [Type],
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

static IPV4: Family = Family {
    number: NFPROTO_IPV4,
    address: &[IPV4_ADDR],
    published: &[IPV4_ADDR, INET_PROTO, INET_SERVICE],
    target: &[IPV4_ADDR, INET_SERVICE],
    source: network(12, 4),
    destination: network(16, 4),
    loopback: &[127],
    loopback_source: network(12, 1),
    loopback_destination: network(16, 1),
    behind: NFT_REG32_00 + 1,
    then: NFT_REG32_00 + 2,
};

static IPV6: Family = Family {
    number: NFPROTO_IPV6,
    address: &[IPV6_ADDR],
    published: &[IPV6_ADDR, INET_PROTO, INET_SERVICE],
    target: &[IPV6_ADDR, INET_SERVICE],
    source: network(8, 16),
    destination: network(24, 16),
    loopback: &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    loopback_source: network(8, 16),
    loopback_destination: network(24, 16),
    // The word behind sixteen bytes; nft, too, names it as the second whole register.
    behind: NFT_REG_2,
    then: NFT_REG32_00 + 5,
};

/// The requests that make a family's table be the rule set, with empty sets, whether it is there or not.
///
/// One that is there is not deleted: the kernel takes the rules of one chain from packets after the other's, and for
/// microseconds neither the old table would translate a new connection nor the new one. It changes each chain at once.
#[must_use]
pub fn create(family: u8) -> Vec<Request> {
    let family = if family == NFPROTO_IPV4 { &IPV4 } else { &IPV6 };
    let mut requests = vec![table::new(family.number, TABLE)];
    chains(family, &mut requests);
    requests.push(rule::flush(family.number, TABLE));
    sets(family, &mut requests);
    rules(family, &mut requests);
    requests
}

const fn base(kind: Text, hook: u32, priority: i32) -> Base<'static> {
    Base { kind, hook, priority, policy: NF_ACCEPT }
}

static CHAINS: [(Text, Option<Base<'static>>); 6] = [
    ("guard", Some(base("filter", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_RAW))),
    ("prerouting", Some(base("nat", chain::NF_INET_PRE_ROUTING, chain::NF_IP_PRI_NAT_DST))),
    ("output", Some(base("nat", chain::NF_INET_LOCAL_OUT, chain::NF_IP_PRI_NAT_DST))),
    ("publish", None),
    ("postrouting", Some(base("nat", chain::NF_INET_POST_ROUTING, chain::NF_IP_PRI_NAT_SRC))),
    ("forward", Some(base("filter", chain::NF_INET_FORWARD, chain::NF_IP_PRI_FILTER))),
];

fn chains(family: &Family, requests: &mut Vec<Request>) {
    for (name, base) in &CHAINS {
        requests.push(chain::new(family.number, TABLE, name, base.as_ref()));
    }
}

fn sets(family: &Family, requests: &mut Vec<Request>) {
    let mut id = 0;
    let mut add = |name: Text, interval: bool, key: &[Type], data: &[Type]| {
        id += 1;
        requests.push(set::new(&NewSet { family: family.number, table: TABLE, name, id, interval, key, data }));
        requests.push(element::flush(&Of { family: family.number, table: TABLE, set: name }));
    };
    add(BRIDGES, false, &[IFNAME], &[]);
    add(INTERNAL, false, &[IFNAME], &[]);
    add(TALK, false, &[IFNAME, IFNAME], &[]);
    add(SUBNETS, true, family.address, &[]);
    add(MASQUERADE_SUBNETS, true, family.address, &[]);
    add(PUBLISH_ON, false, family.published, family.target);
    add(PUBLISH_ANY, false, &[INET_PROTO, INET_SERVICE], family.target);
}

/// An expression of a rule, the same in both families: one byte, where the expression itself would be two dozen.
/// What is loaded goes to the first register, and what is looked at comes from there, unless it is said otherwise.
#[derive(Clone, Copy)]
enum Step {
    /// Loads the device that the packet came by, or leaves by.
    From,
    To,
    /// Loads the latter behind the former.
    ThenTo,
    /// Goes on when it is, or is not, one of our bridges.
    Ours,
    Foreign,
    /// Goes on when what was loaded is in that set.
    AmongTalk,
    AmongInternal,
    AmongSubnets,
    AmongMasquerade,
    /// Loads an address, or as much of it as a loopback address is told by.
    Source,
    Destination,
    LoopbackSource,
    LoopbackDestination,
    /// Goes on when that is, or is not, a loopback address.
    IsLoopback,
    NoLoopback,
    /// Loads the kind of the destination; goes on when it is this host.
    Kind,
    IsLocal,
    /// Loads protocol and port: behind an address, or from the start.
    ProtocolBehind,
    PortBehind,
    Protocol,
    Port,
    /// Looks it up in a map; translates the destination to what is there.
    PublishOn,
    PublishAny,
    Translate,
    /// Loads the status of the connection, or its state; keeps some bits; goes on when one is set.
    Status,
    Translated,
    State,
    Old,
    IsSet,
    /// What becomes of the packet.
    Publish,
    Pass,
    Discard,
    Disguise,
}

use Step::{
    AmongInternal, AmongMasquerade, AmongSubnets, AmongTalk, Destination, Discard, Disguise, Foreign, From, IsLocal,
    IsLoopback, IsSet, Kind, LoopbackDestination, LoopbackSource, NoLoopback, Old, Ours, Pass, Port, PortBehind,
    Protocol, ProtocolBehind, Publish, PublishAny, PublishOn, Source, State, Status, ThenTo, To, Translate, Translated,
};

static RULES: [(Text, &[Step]); 16] = [
    // route_localnet is on for our bridges, so that 127.0.0.1:PORT can be published; nobody else may use it.
    ("guard", &[From, Ours, LoopbackDestination, IsLoopback, Discard]),
    // What comes over a wire for 127.0.0.1 would be translated before the kernel could drop it as a martian, and a neighbour
    // would reach what is published for this host alone.
    ("prerouting", &[LoopbackDestination, NoLoopback, Kind, IsLocal, Publish]),
    ("output", &[Kind, IsLocal, Publish]),
    ("publish", &[Destination, ProtocolBehind, PortBehind, PublishOn, Translate]),
    ("publish", &[Protocol, Port, PublishAny, Translate]),
    ("postrouting", &[To, Foreign, Source, AmongMasquerade, Disguise]),
    ("postrouting", &[To, Ours, Status, Translated, IsSet, LoopbackSource, IsLoopback, Disguise]),
    // Hairpin: a sandbox that calls a published port of its own network would get the answer from a stranger.
    ("postrouting", &[To, Ours, Status, Translated, IsSet, Source, AmongSubnets, Disguise]),
    ("forward", &[From, Foreign, To, Foreign, Pass]),
    ("forward", &[State, Old, IsSet, Pass]),
    // Before what internal networks may not: bridged frames come here too where br_netfilter hands them on.
    ("forward", &[From, ThenTo, AmongTalk, Pass]),
    ("forward", &[From, AmongInternal, Discard]),
    ("forward", &[To, AmongInternal, Discard]),
    ("forward", &[Status, Translated, IsSet, Pass]),
    ("forward", &[From, Ours, To, Foreign, Pass]),
    ("forward", &[Discard]),
];

fn rules(family: &Family, requests: &mut Vec<Request>) {
    for (chain, steps) in &RULES {
        let mut expressions = Vec::new();
        for step in *steps {
            expressions.push(step.expression(family));
        }
        requests.push(rule::append(family.number, TABLE, chain, &expressions));
    }
}

impl Step {
    // Inlined, it would be taken to pieces.
    #[inline(never)]
    fn expression(self, family: &Family) -> Expression<'static> {
        const TRANSLATED: [u8; 4] = conntrack::IPS_DST_NAT.to_ne_bytes();
        const OLD: [u8; 4] = (CT_STATE_ESTABLISHED | CT_STATE_RELATED).to_ne_bytes();
        const LOCAL: [u8; 4] = RTN_LOCAL.to_ne_bytes();
        let (from, to) = (NFT_REG_1, NFT_REG_1);
        let port = |to| Payload { base: NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, len: 2, to };
        match self {
            From => Meta { key: NFT_META_IIFNAME, to },
            To => Meta { key: NFT_META_OIFNAME, to },
            ThenTo => Meta { key: NFT_META_OIFNAME, to: NFT_REG_2 },
            Ours => In { from, set: BRIDGES },
            Foreign => NotIn { from, set: BRIDGES },
            AmongTalk => In { from, set: TALK },
            AmongInternal => In { from, set: INTERNAL },
            AmongSubnets => In { from, set: SUBNETS },
            AmongMasquerade => In { from, set: MASQUERADE_SUBNETS },
            Source => family.source,
            Destination => family.destination,
            LoopbackSource => family.loopback_source,
            LoopbackDestination => family.loopback_destination,
            IsLoopback => Equal { from, value: family.loopback },
            NoLoopback => NotEqual { from, value: family.loopback },
            Kind => FibDestinationType { to },
            IsLocal => Equal { from, value: &LOCAL },
            ProtocolBehind => Meta { key: NFT_META_L4PROTO, to: family.behind },
            PortBehind => port(family.then),
            Protocol => Meta { key: NFT_META_L4PROTO, to },
            Port => port(NFT_REG32_00 + 1),
            PublishOn => Map { from, map: PUBLISH_ON, to },
            PublishAny => Map { from, map: PUBLISH_ANY, to },
            Translate => Dnat { family: family.number, address: NFT_REG_1, port: family.behind },
            Status => Ct { key: NFT_CT_STATUS, to },
            Translated => Mask { register: NFT_REG_1, mask: &TRANSLATED },
            State => Ct { key: NFT_CT_STATE, to },
            Old => Mask { register: NFT_REG_1, mask: &OLD },
            IsSet => NotEqual { from, value: &[0; 4] },
            Publish => Jump("publish"),
            Pass => Accept,
            Discard => Drop,
            Disguise => Masquerade,
        }
    }
}
