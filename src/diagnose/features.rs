//! What pontoon can use of the kernel, and how each is tried: by doing it, in a network namespace of this process's own.

use pontoon_netlink::Request;
use pontoon_netlink::attr::Attrs;
use pontoon_netlink::netfilter::chain::{self, Base, NF_INET_FORWARD, NF_INET_POST_ROUTING, NF_INET_PRE_ROUTING};
use pontoon_netlink::netfilter::expression::Expression::{
    self, Ct, Dnat, Drop, FibDestinationType, Masquerade, Payload,
};
use pontoon_netlink::netfilter::expression::{
    NFT_CT_STATUS, NFT_PAYLOAD_NETWORK_HEADER, NFT_PAYLOAD_TRANSPORT_HEADER, NFT_REG_1, NFT_REG_2, NFT_REG32_00,
};
use pontoon_netlink::netfilter::set::{self, INET_PROTO, INET_SERVICE, IPV4_ADDR, NewSet, Type};
use pontoon_netlink::netfilter::{NF_ACCEPT, rule, table};
use pontoon_netlink::route::bridge::IFLA_BRPORT_ISOLATED;

use crate::error::{Doing, Errno, Error, Refusal, Report, Result, Stage};
use crate::kernel::nftables::{NFPROTO_IPV4, NFPROTO_IPV6};
use crate::kernel::{Change, NewBridge, NewVeth, Peer, PortOptions, Rtnl, Selector};
use crate::sys::icmp::EchoSocket;
use crate::sys::{netns, procfs};
use crate::types::family::Family;

/// Something that a kernel may have or lack.
#[derive(Debug)]
pub struct Feature {
    /// Its name.
    pub name: &'static str,
    /// The names of its configuration options, or the version that brought it.
    pub config: &'static str,
    /// What there is not without it, to follow "no".
    pub without: &'static str,
    /// Whether no network can be had without it.
    pub basic: bool,
    /// Whether this kernel has it.
    pub available: bool,
}

/// How to try it.
#[derive(Debug, Clone, Copy)]
enum Test {
    Namespace,
    Bridge,
    /// As a port of the bridge.
    Veth,
    /// Of the port.
    Isolation,
    Icmp(Family),
    /// A base chain on this hook, with a rule; on `forward` it filters, elsewhere it does NAT.
    Rule {
        family: u8,
        hook: u32,
        expressions: &'static [Expression<'static>],
    },
    Set {
        interval: bool,
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
    Test::Rule { family, hook: NF_INET_FORWARD, expressions }
}

const fn nat(family: u8, hook: u32, expressions: &'static [Expression<'static>]) -> Test {
    Test::Rule { family, hook, expressions }
}

const PLAIN: &[Expression<'static>] = &[network(12, 1), Drop];
const FIB: &[Expression<'static>] = &[FibDestinationType { to: NFT_REG_1 }];
const CT: &[Expression<'static>] = &[Ct { key: NFT_CT_STATUS, to: NFT_REG_1 }];
const DNAT_V4: &[Expression<'static>] = &[
    network(16, 4),
    port(NFT_REG32_00 + 1),
    Dnat { family: NFPROTO_IPV4, address: NFT_REG_1, port: NFT_REG32_00 + 1 },
];
const DNAT_V6: &[Expression<'static>] =
    &[network(24, 16), port(NFT_REG_2), Dnat { family: NFPROTO_IPV6, address: NFT_REG_1, port: NFT_REG_2 }];

/// A feature, and how to try it.
struct Row {
    name: &'static str,
    config: &'static str,
    without: &'static str,
    test: Test,
}

/// What there is not without any part of the rule set, which is one transaction: whatever of it is missing, all of it is.
const FIREWALL: &str = "NAT, published ports, isolation between networks";
/// The same of the one for IPv6.
const FIREWALL_V6: &str = "such for IPv6";

/// All features, in the order in which they are tried: a port needs its bridge.
static ROWS: [Row; 21] = [
    Row { name: "network namespaces", config: "CONFIG_NET_NS", without: "sandboxes", test: Test::Namespace },
    Row { name: "bridge", config: "CONFIG_BRIDGE", without: "network create", test: Test::Bridge },
    Row { name: "veth", config: "CONFIG_VETH", without: "network connect", test: Test::Veth },
    Row {
        name: "port isolation",
        config: "CONFIG_BRIDGE, Linux 4.18",
        without: "enable_icc=false",
        test: Test::Isolation,
    },
    Row { name: "ICMP sockets", config: "CONFIG_INET", without: "ping, check", test: Test::Icmp(Family::V4) },
    Row { name: "IPv6", config: "CONFIG_IPV6", without: "subnets of IPv6", test: Test::Icmp(Family::V6) },
    Row {
        name: "nf_tables",
        config: "CONFIG_NF_TABLES_IPV4, CONFIG_NF_TABLES",
        without: FIREWALL,
        test: filter(NFPROTO_IPV4, PLAIN),
    },
    Row {
        name: "NAT",
        config: "CONFIG_NFT_NAT, before 5.1 CONFIG_NFT_CHAIN_NAT_IPV4",
        without: FIREWALL,
        test: nat(NFPROTO_IPV4, NF_INET_PRE_ROUTING, DNAT_V4),
    },
    Row {
        name: "masquerade",
        config: "CONFIG_NFT_MASQ, before 5.2 CONFIG_NFT_MASQ_IPV4",
        without: FIREWALL,
        test: nat(NFPROTO_IPV4, NF_INET_POST_ROUTING, &[Masquerade]),
    },
    Row { name: "ct", config: "CONFIG_NFT_CT", without: FIREWALL, test: filter(NFPROTO_IPV4, CT) },
    Row { name: "fib", config: "CONFIG_NFT_FIB_IPV4", without: FIREWALL, test: filter(NFPROTO_IPV4, FIB) },
    Row {
        name: "concatenated maps",
        config: "CONFIG_NF_TABLES_SET before 5.7",
        without: FIREWALL,
        test: Test::Set { interval: false },
    },
    Row {
        name: "interval sets",
        config: "CONFIG_NF_TABLES_SET before 5.7",
        without: FIREWALL,
        test: Test::Set { interval: true },
    },
    Row {
        name: "nf_tables IPv6",
        config: "CONFIG_NF_TABLES_IPV6",
        without: FIREWALL_V6,
        test: filter(NFPROTO_IPV6, PLAIN),
    },
    Row {
        name: "NAT IPv6",
        config: "CONFIG_NFT_NAT, before 5.1 CONFIG_NFT_CHAIN_NAT_IPV6",
        without: FIREWALL_V6,
        test: nat(NFPROTO_IPV6, NF_INET_PRE_ROUTING, DNAT_V6),
    },
    Row {
        name: "masquerade IPv6",
        config: "CONFIG_NFT_MASQ, before 5.2 CONFIG_NFT_MASQ_IPV6",
        without: FIREWALL_V6,
        test: nat(NFPROTO_IPV6, NF_INET_POST_ROUTING, &[Masquerade]),
    },
    Row { name: "fib IPv6", config: "CONFIG_NFT_FIB_IPV6", without: FIREWALL_V6, test: filter(NFPROTO_IPV6, FIB) },
    Row {
        name: "conntrack netlink",
        config: "CONFIG_NF_CT_NETLINK",
        without: "flush of UDP peers",
        test: Test::Connections,
    },
    Row { name: "extended acks", config: "Linux 4.12", without: "reasons in the kernel's words", test: Test::Words },
    Row { name: "strict dump checking", config: "Linux 4.20", without: "short dumps", test: Test::Strictness },
    Row {
        name: "detached procfs",
        config: "CONFIG_PROC_FS, Linux 5.2",
        without: "use without a mounted /proc",
        test: Test::DetachedProcfs,
    },
];

/// The devices of the scratch namespace.
const PORT: &str = "port";
const BRIDGE: &str = "bridge";

/// Enters a scratch namespace, for good, and tries everything there. Without namespaces nothing else is tried, nor told.
///
/// # Errors
/// Where there is no right to make a namespace, or to try.
pub fn probe(report: Report) -> Result<Vec<Feature>> {
    let created = netns::create();
    if created != Err(Errno::INVAL) {
        created.doing("create", "a network namespace")?;
    }
    let mut rtnl = Rtnl::open(report).doing("open", "a netlink socket")?;
    let mut found = Vec::new();
    for &Row { name, config, without, test } in &ROWS {
        let result = created.map_err(refused).and_then(|()| test.pass(&mut rtnl, name));
        let available = match result {
            // Without the right to try, nothing is known.
            Err(refusal) if refusal.errno == Errno::PERM => return Err(Error::kernel("try", name, refusal)),
            result => result.is_ok(),
        };
        let basic = matches!(test, Test::Namespace | Test::Bridge | Test::Veth);
        found.push(Feature { name, config, without, basic, available });
        if created.is_err() {
            break;
        }
    }
    Ok(found)
}

impl Test {
    /// Tries it, where there has to be one in a table called `table`.
    fn pass(&self, rtnl: &mut Rtnl, table: &str) -> std::result::Result<(), Refusal> {
        match *self {
            Self::Namespace => Ok(()),
            Self::Bridge => rtnl.create_bridge(&NewBridge { name: BRIDGE, mac: None, mtu: None }),
            Self::Veth => {
                let master = rtnl.index_of(BRIDGE).map_err(refused)?;
                let peer = Peer { name: "peer", mac: None, mtu: None, netns: None };
                rtnl.create_veth(&NewVeth { name: PORT, mtu: None, master, group: None, mac: None, peer })
            }
            Self::Isolation => isolate(rtnl),
            Self::Icmp(family) => EchoSocket::open(family).map(drop).map_err(refused),
            Self::Rule { family, hook, expressions } => {
                let kind = if hook == NF_INET_FORWARD { "filter" } else { "nat" };
                let base = Base { kind, hook, priority: 0, policy: NF_ACCEPT };
                let chain = chain::new(family, table, kind, Some(&base));
                commit(rtnl, &[table::new(family, table), chain, rule::append(family, table, kind, expressions)])
            }
            Self::Set { interval } => {
                let key: &[Type] = &[IPV4_ADDR, INET_PROTO, INET_SERVICE];
                let (key, data) = if interval { (&[IPV4_ADDR] as _, &[] as _) } else { (key, key) };
                let new = NewSet { family: NFPROTO_IPV4, table, name: table, id: 1, interval, key, data };
                commit(rtnl, &[table::new(NFPROTO_IPV4, table), set::new(&new)])
            }
            Self::Connections => rtnl.nftables()?.connections(Family::V4).map(drop),
            Self::Words => rtnl.ask_for_words().map_err(refused),
            Self::Strictness => rtnl.ask_strictly().map_err(refused),
            Self::DetachedProcfs => match procfs::detached() {
                // The kernel has it; a user namespace without processes of its own may not.
                Ok(_) | Err(Errno::PERM) => Ok(()),
                Err(errno) => Err(refused(errno)),
            },
        }
    }
}

fn refused(errno: Errno) -> Refusal {
    Refusal::at(Stage::Kernel, errno)
}

fn commit(rtnl: &Rtnl, changes: &[Request]) -> std::result::Result<(), Refusal> {
    rtnl.nftables()?.transact(changes)
}

/// Older kernels overlook the option: it is read back.
fn isolate(rtnl: &mut Rtnl) -> std::result::Result<(), Refusal> {
    let port = Selector::Name(PORT);
    let options = PortOptions { isolated: Some(true), hairpin: false };
    rtnl.set_link(port, &Change { port: Some(options), ..Change::default() })?;
    let link = rtnl.link(port)?;
    let isolated = link.and_then(|link| Some(Attrs::new(&link.port_data).find(IFLA_BRPORT_ISOLATED)?.u8()));
    if isolated == Some(1) { Ok(()) } else { Err(refused(Errno::OPNOTSUPP)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_has_an_empty_text() {
        for Row { name, config, without, .. } in &ROWS {
            assert!(!name.is_empty() && !config.is_empty() && !without.is_empty(), "{name}: {config}: {without}");
        }
    }
}
