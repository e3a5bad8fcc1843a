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
use pontoon_netlink::netfilter::set::{self, INET_PROTO, INET_SERVICE, IPV4_ADDR, NewSet};
use pontoon_netlink::netfilter::{NF_ACCEPT, NFPROTO_IPV4, NFPROTO_IPV6, rule, table};
use pontoon_netlink::route::link::IFLA_BRPORT_ISOLATED;

use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::{Change, NewBridge, NewVeth, Peer, PortOptions, Refusal, Rtnl, Selector};
use crate::sys::icmp::EchoSocket;
use crate::sys::{Errno, netns, procfs};

/// Something that a kernel may have or lack.
#[derive(Debug)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// The names of its configuration options, or the version that brought it.
    pub config: &'static str,
    /// What there is not without it, to follow "no".
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
    Bridge,
    /// As a port of the bridge.
    Veth,
    /// Of the port.
    Isolation,
    Icmp {
        v6: bool,
    },
    /// A base chain on this hook, with a rule; on `forward` it filters, elsewhere it does NAT.
    Rule {
        family: u8,
        hook: u32,
        expressions: &'static [Expression<'static>],
    },
    Map,
    Intervals,
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
    Test::Rule { family, hook: NF_INET_FORWARD, expressions }
}

const fn nat(family: u8, hook: u32, expressions: &'static [Expression<'static>]) -> Test {
    Test::Rule { family, hook, expressions }
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
static FEATURES: &[Feature] = &[
    feature("network namespaces", "CONFIG_NET_NS", "sandboxes", Test::Namespace),
    feature("bridge", "CONFIG_BRIDGE", "network create", Test::Bridge),
    feature("veth", "CONFIG_VETH", "network connect", Test::Veth),
    feature("port isolation", "CONFIG_BRIDGE, Linux 4.18", "enable_icc=false", Test::Isolation),
    feature("ICMP sockets", "CONFIG_INET", "ping, check", Test::Icmp { v6: false }),
    feature("IPv6", "CONFIG_IPV6", "subnets of IPv6", Test::Icmp { v6: true }),
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
    feature("concatenated maps", "CONFIG_NF_TABLES, before 5.7 CONFIG_NF_TABLES_SET", FIREWALL, Test::Map),
    feature("interval sets", "CONFIG_NF_TABLES, before 5.7 CONFIG_NF_TABLES_SET", FIREWALL, Test::Intervals),
    feature("conntrack netlink", "CONFIG_NF_CT_NETLINK", "moving of UDP peers to a new container", Test::Connections),
    feature("extended acks", "Linux 4.12", "words of the kernel's in errors", Test::Words),
    feature("strict dump checking", "Linux 4.20", "filtered dumps: slow with many interfaces", Test::Strictness),
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
        let available = match feature.try_out(&mut rtnl) {
            // Without the right to try, nothing is known.
            Err(refusal) if refusal.errno == Errno::PERM => return Err(Error::kernel("try", &feature.name, refusal)),
            result => result.is_ok(),
        };
        found.push((feature, available));
    }
    Ok(found)
}

impl Feature {
    fn try_out(&self, rtnl: &mut Rtnl) -> std::result::Result<(), Refusal> {
        // Each has a table of its own, with its own name.
        let table = self.name;
        let set = |interval, key, data| {
            let new = NewSet { family: NFPROTO_IPV4, table, name: table, id: 1, interval, key, data };
            [table::new(NFPROTO_IPV4, table), set::new(&new)]
        };
        match self.test {
            Test::Namespace => Ok(()),
            Test::Bridge => rtnl.create_bridge(&NewBridge { name: BRIDGE, mac: None, mtu: None }),
            Test::Veth => {
                let master = rtnl.index_of(BRIDGE)?;
                let peer = Peer { name: "peer", mac: None, netns: None };
                rtnl.create_veth(&NewVeth { name: PORT, mtu: None, master, group: None, peer })
            }
            Test::Isolation => isolate(rtnl),
            Test::Icmp { v6 } => Ok(EchoSocket::open(v6).map(drop)?),
            Test::Rule { family, hook, expressions } => {
                let kind = if hook == NF_INET_FORWARD { "filter" } else { "nat" };
                let base = Base { kind, hook, priority: 0, policy: NF_ACCEPT };
                let chain = chain::new(family, table, kind, Some(&base));
                commit(rtnl, &[table::new(family, table), chain, rule::append(family, table, kind, expressions)])
            }
            Test::Map => commit(rtnl, &set(false, &[IPV4_ADDR, INET_PROTO, INET_SERVICE], &[IPV4_ADDR, INET_SERVICE])),
            Test::Intervals => commit(rtnl, &set(true, &[IPV4_ADDR], &[])),
            Test::Connections => rtnl.firewall()?.connections(NFPROTO_IPV4).map(drop),
            Test::Words => Ok(rtnl.ask_for_words()?),
            Test::Strictness => Ok(rtnl.ask_strictly()?),
            Test::DetachedProcfs => match procfs::detached() {
                // The kernel has it; a user namespace without processes of its own may not.
                Ok(_) | Err(Errno::PERM) => Ok(()),
                Err(errno) => Err(errno.into()),
            },
        }
    }
}

fn commit(rtnl: &Rtnl, changes: &[Request]) -> std::result::Result<(), Refusal> {
    rtnl.firewall()?.transact(changes).map_err(|(_, refusal)| refusal)
}

/// Older kernels overlook the option: it is read back.
fn isolate(rtnl: &mut Rtnl) -> std::result::Result<(), Refusal> {
    let port = Selector::Name(PORT);
    let options = PortOptions { isolated: true, hairpin: false };
    rtnl.set_link(port, &Change { port: Some(options), ..Change::default() })?;
    let link = rtnl.link(port)?;
    let isolated = link.and_then(|link| Some(Attrs::new(&link.port_data).find(IFLA_BRPORT_ISOLATED)?.u8()));
    if isolated == Some(1) { Ok(()) } else { Err(Errno::OPNOTSUPP.into()) }
}
