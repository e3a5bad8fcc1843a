//! What pontoon can use of the kernel, and how each is tried: by doing it, in a network namespace of this process's own.

use pontoon_netlink::Request;
use pontoon_netlink::attr::Attrs;
use pontoon_netlink::netfilter::chain::{self, Base, NF_INET_FORWARD, NF_INET_POST_ROUTING, NF_INET_PRE_ROUTING};
use pontoon_netlink::netfilter::expression::Expression::{
    self, Ct, Dnat, Drop, FibDestinationType, Mask, Masquerade, NotEqual, Payload,
};
use pontoon_netlink::netfilter::expression::{
    NFT_CT_STATUS, NFT_PAYLOAD_NETWORK_HEADER, NFT_PAYLOAD_TRANSPORT_HEADER, NFT_REG_1, NFT_REG_2, NFT_REG32_00,
};
use pontoon_netlink::netfilter::set::{self, INET_PROTO, INET_SERVICE, IPV4_ADDR, NewSet, Type};
use pontoon_netlink::netfilter::{NF_ACCEPT, NFPROTO_IPV4, NFPROTO_IPV6, rule, table};
use pontoon_netlink::route::link::IFLA_BRPORT_ISOLATED;

use crate::error::{Doing, Failure, Result};
use crate::kernel::{Change, NewBridge, NewVeth, Peer, PortOptions, Refusal, Rtnl, Selector};
use crate::sys::icmp::EchoSocket;
use crate::sys::socket::{Family, Socket};
use crate::sys::{Errno, netns, procfs};

/// Something that a kernel may have or lack.
#[derive(Debug)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// The names of its configuration options, or the version that brought it.
    pub config: &'static str,
    /// What does not work without it.
    pub without: &'static str,
    test: Test,
}

impl Feature {
    /// Whether no network can be had without it.
    #[must_use]
    pub fn is_basic(&self) -> bool {
        matches!(self.test, Test::Namespace | Test::Veth | Test::Bridge)
    }
}

/// How to try it.
#[derive(Debug)]
enum Test {
    Namespace,
    Veth,
    /// After it a bridge is there, and the veth.
    Bridge,
    Isolation,
    Icmp {
        v6: bool,
    },
    /// A base chain of this kind on this hook, with a rule.
    Rule {
        family: u8,
        kind: &'static str,
        hook: u32,
        expressions: &'static [Expression<'static>],
    },
    Set {
        interval: bool,
        key: &'static [Type],
        data: &'static [Type],
    },
    Connections,
    Words,
    Strictness,
    DetachedProcfs,
}

const fn network(offset: u8, len: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_NETWORK_HEADER, offset, len, to: NFT_REG_1 }
}

const fn port(to: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, len: 2, to }
}

const fn filter(family: u8, expressions: &'static [Expression<'static>]) -> Test {
    Test::Rule { family, kind: "filter", hook: NF_INET_FORWARD, expressions }
}

const fn nat(family: u8, hook: u32, expressions: &'static [Expression<'static>]) -> Test {
    Test::Rule { family, kind: "nat", hook, expressions }
}

const fn feature(name: &'static str, config: &'static str, without: &'static str, test: Test) -> Feature {
    Feature { name, config, without, test }
}

const MASKED: &[Expression<'static>] =
    &[network(12, 1), Mask { register: NFT_REG_1, mask: &[1] }, NotEqual { from: NFT_REG_1, value: &[0] }, Drop];
const FIB: &[Expression<'static>] = &[FibDestinationType { to: NFT_REG_1 }];
const CT: &[Expression<'static>] = &[Ct { key: NFT_CT_STATUS, to: NFT_REG_1 }];
const DNAT_V4: &[Expression<'static>] = &[
    network(16, 4),
    port(NFT_REG32_00 + 1),
    Dnat { family: NFPROTO_IPV4, address: NFT_REG_1, port: NFT_REG32_00 + 1 },
];
const DNAT_V6: &[Expression<'static>] =
    &[network(24, 16), port(NFT_REG_2), Dnat { family: NFPROTO_IPV6, address: NFT_REG_1, port: NFT_REG_2 }];

/// The rule set is one transaction: whatever of it is missing, all of it is.
const FIREWALL: &str = "networks (but with enable_ip_masquerade=false), published ports, isolation between networks";
const FIREWALL_V6: &str = "the same with IPv6";

/// Everything, in the order in which it is tried.
pub static FEATURES: &[Feature] = &[
    feature("network namespaces", "CONFIG_NET_NS", "everything", Test::Namespace),
    feature("veth", "CONFIG_VETH", "network connect", Test::Veth),
    feature("bridge", "CONFIG_BRIDGE", "network create", Test::Bridge),
    feature("port isolation", "CONFIG_BRIDGE, Linux 4.18", "enable_icc=false", Test::Isolation),
    feature("ICMP sockets", "CONFIG_INET", "ping, check", Test::Icmp { v6: false }),
    feature("IPv6", "CONFIG_IPV6", "--ipv6, subnets of IPv6", Test::Icmp { v6: true }),
    feature("nf_tables", "CONFIG_NF_TABLES, CONFIG_NF_TABLES_IPV4", FIREWALL, filter(NFPROTO_IPV4, MASKED)),
    feature("nf_tables IPv6", "CONFIG_NF_TABLES_IPV6", FIREWALL_V6, filter(NFPROTO_IPV6, MASKED)),
    feature(
        "NAT",
        "CONFIG_NFT_NAT, before 5.1 CONFIG_NFT_CHAIN_NAT_IPV4",
        FIREWALL,
        nat(NFPROTO_IPV4, NF_INET_PRE_ROUTING, DNAT_V4),
    ),
    feature(
        "NAT IPv6",
        "CONFIG_NFT_NAT, before 5.1 CONFIG_NFT_CHAIN_NAT_IPV6",
        FIREWALL_V6,
        nat(NFPROTO_IPV6, NF_INET_PRE_ROUTING, DNAT_V6),
    ),
    feature(
        "masquerade",
        "CONFIG_NFT_MASQ, before 5.2 CONFIG_NFT_MASQ_IPV4",
        FIREWALL,
        nat(NFPROTO_IPV4, NF_INET_POST_ROUTING, &[Masquerade]),
    ),
    feature(
        "masquerade IPv6",
        "CONFIG_NFT_MASQ, before 5.2 CONFIG_NFT_MASQ_IPV6",
        FIREWALL_V6,
        nat(NFPROTO_IPV6, NF_INET_POST_ROUTING, &[Masquerade]),
    ),
    feature("ct", "CONFIG_NFT_CT", FIREWALL, filter(NFPROTO_IPV4, CT)),
    feature("fib", "CONFIG_NFT_FIB_IPV4", FIREWALL, filter(NFPROTO_IPV4, FIB)),
    feature("fib IPv6", "CONFIG_NFT_FIB_IPV6", FIREWALL_V6, filter(NFPROTO_IPV6, FIB)),
    feature(
        "concatenated maps",
        "CONFIG_NF_TABLES, before 5.7 CONFIG_NF_TABLES_SET",
        FIREWALL,
        Test::Set { interval: false, key: &[IPV4_ADDR, INET_PROTO, INET_SERVICE], data: &[IPV4_ADDR, INET_SERVICE] },
    ),
    feature(
        "interval sets",
        "CONFIG_NF_TABLES, before 5.7 CONFIG_NF_TABLES_SET",
        FIREWALL,
        Test::Set { interval: true, key: &[IPV4_ADDR], data: &[] },
    ),
    feature("conntrack netlink", "CONFIG_NF_CT_NETLINK", "moving UDP peers to a new container", Test::Connections),
    feature("extended acks", "Linux 4.12", "errors in the kernel's own words", Test::Words),
    feature("strict dump checking", "Linux 4.20", "short dumps: slower with many interfaces", Test::Strictness),
    feature("detached procfs", "CONFIG_PROC_FS, Linux 5.2", "use without a mounted /proc", Test::DetachedProcfs),
];

/// The devices of the scratch namespace.
const PORT: &str = "port";
const BRIDGE: &str = "bridge";

/// Enters a scratch namespace, for good, and tries everything there: each feature, and whether it is available.
///
/// # Errors
/// Where there are no namespaces, or no right to make one or to try.
pub fn probe(verbose: bool) -> Result<Vec<(&'static Feature, bool)>> {
    let object = "a network namespace";
    match netns::create() {
        Err(errno @ Errno::INVAL) => {
            let (refusal, object) = (errno.into(), object.to_owned());
            return Err(Failure::Lacking { doing: "create", object, refusal, config: "CONFIG_NET_NS" }.into());
        }
        result => result.doing("create", &object)?,
    }
    let mut rtnl = Rtnl::open(verbose).doing("open", &"a netlink socket")?;
    let mut found = Vec::new();
    for feature in FEATURES {
        let result = feature.try_out(&mut rtnl);
        // Without the right to try, nothing is known.
        if matches!(&result, Err(refusal) if refusal.errno == Errno::PERM) {
            result.clone().doing("try", &feature.name)?;
        }
        found.push((feature, result.is_ok()));
    }
    Ok(found)
}

impl Feature {
    fn try_out(&self, rtnl: &mut Rtnl) -> std::result::Result<(), Refusal> {
        match self.test {
            Test::Namespace => Ok(()),
            Test::Veth => {
                let peer = Peer { name: "peer", mac: None, netns: None };
                rtnl.create_veth(&NewVeth { name: PORT, mtu: None, master: None, group: None, peer })
            }
            Test::Bridge => rtnl.create_bridge(&NewBridge { name: BRIDGE, mac: None, mtu: None }),
            Test::Isolation => isolate(rtnl),
            Test::Icmp { v6 } => Ok(EchoSocket::open(v6).map(drop)?),
            Test::Rule { family, kind, hook, expressions } => {
                let base = Base { kind, hook, priority: 0, policy: NF_ACCEPT };
                self.transact(
                    rtnl,
                    family,
                    &[
                        chain::new(family, self.name, kind, Some(&base)),
                        rule::append(family, self.name, kind, expressions),
                    ],
                )
            }
            Test::Set { interval, key, data } => {
                let family = NFPROTO_IPV4;
                let new = NewSet { family, table: self.name, name: "set", id: 1, interval, key, data };
                self.transact(rtnl, family, &[set::new(&new)])
            }
            Test::Connections => rtnl.firewall()?.connections(NFPROTO_IPV4).map(drop),
            Test::Words => Ok(Socket::open(Family::Route, false)?.ask_for_words()?),
            Test::Strictness => Ok(Socket::open(Family::Route, false)?.ask_strictly()?),
            Test::DetachedProcfs => match procfs::detached() {
                // The kernel has it; a user namespace without processes of its own may not.
                Ok(_) | Err(Errno::PERM) => Ok(()),
                Err(errno) => Err(errno.into()),
            },
        }
    }

    /// Changes in a table of this feature's own.
    fn transact(&self, rtnl: &Rtnl, family: u8, changes: &[Request]) -> std::result::Result<(), Refusal> {
        let changes = [&[table::new(family, self.name)], changes].concat();
        rtnl.firewall()?.transact(&changes).map_err(|(_, refusal)| refusal)
    }
}

/// Older kernels overlook the option: it is read back.
fn isolate(rtnl: &mut Rtnl) -> std::result::Result<(), Refusal> {
    let port = Selector::Name(PORT);
    let bridge = rtnl.index_of(BRIDGE)?;
    rtnl.set_link(port, &Change { master: bridge, ..Change::default() })?;
    let options = PortOptions { isolated: true, hairpin: false };
    rtnl.set_link(port, &Change { port: Some(options), ..Change::default() })?;
    let isolated = rtnl
        .link(port)?
        .is_some_and(|link| Attrs::new(&link.port_data).find(IFLA_BRPORT_ISOLATED).is_some_and(|attr| attr.u8() == 1));
    if isolated { Ok(()) } else { Err(Errno::OPNOTSUPP.into()) }
}
