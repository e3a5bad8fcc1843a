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
use pontoon_netlink::netfilter::{NF_ACCEPT, NFPROTO_IPV4, NFPROTO_IPV6, rule, table};
use pontoon_netlink::route::link::IFLA_BRPORT_ISOLATED;

use crate::error::{Doing, Error, Result};
use crate::kernel::{Change, NewBridge, NewVeth, Peer, PortOptions, Refusal, Rtnl, Selector};
use crate::packed::{Packed, packed};
use crate::prelude::*;
use crate::sys::icmp::EchoSocket;
use crate::sys::{Errno, netns, procfs};

/// Something that a kernel may have or lack.
#[derive(Debug)]
pub struct Feature {
    /// Its name.
    pub name: Text,
    /// The names of its configuration options, or the version that brought it.
    pub config: Text,
    /// What there is not without it, to follow "no".
    pub without: Text,
    /// Whether no network can be had without it.
    pub basic: bool,
    /// Whether this kernel has it.
    pub available: bool,
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

/// How to try each line of [`TEXT`].
static TESTS: [Test; 21] = [
    Test::Namespace,
    Test::Bridge,
    Test::Veth,
    Test::Isolation,
    Test::Icmp { v6: false },
    Test::Icmp { v6: true },
    filter(NFPROTO_IPV4, PLAIN),
    nat(NFPROTO_IPV4, NF_INET_PRE_ROUTING, DNAT_V4),
    nat(NFPROTO_IPV4, NF_INET_POST_ROUTING, &[Masquerade]),
    filter(NFPROTO_IPV4, CT),
    filter(NFPROTO_IPV4, FIB),
    Test::Set { interval: false },
    Test::Set { interval: true },
    filter(NFPROTO_IPV6, PLAIN),
    nat(NFPROTO_IPV6, NF_INET_PRE_ROUTING, DNAT_V6),
    nat(NFPROTO_IPV6, NF_INET_POST_ROUTING, &[Masquerade]),
    filter(NFPROTO_IPV6, FIB),
    Test::Connections,
    Test::Words,
    Test::Strictness,
    Test::DetachedProcfs,
];

/// A line each: name, what it needs, and what there is not without it; nothing: the same as in the line above. The rule set is
/// one transaction, so that whatever of it is missing, all of it is.
const TEXT: Packed = packed!("features.txt");

/// The devices of the scratch namespace.
const PORT: Text = "port";
const BRIDGE: Text = "bridge";

/// Enters a scratch namespace, for good, and tries everything there. Without namespaces nothing else is tried, nor told.
///
/// # Errors
/// Where there is no right to make a namespace, or to try.
pub fn probe(verbose: bool) -> Result<Vec<Feature>> {
    let created = netns::create();
    if created != Err(Errno::INVAL) {
        created.doing("create", &"a network namespace")?;
    }
    let mut rtnl = Rtnl::open(verbose).doing("open", &"a netlink socket")?;
    let mut found = Vec::new();
    let mut without = "";
    for (test, line) in TESTS.iter().zip(TEXT.unpack().split('\n')) {
        let mut fields = line.split('|');
        let mut field = || fields.next().unwrap_or_default();
        let (name, config, consequence) = (field(), field(), field());
        if !consequence.is_empty() {
            without = consequence;
        }
        let result = created.map_err(Refusal::from).and_then(|()| test.pass(&mut rtnl, name));
        let available = match result {
            // Without the right to try, nothing is known.
            Err(refusal) if refusal.errno == Errno::PERM => return Err(Error::kernel("try", &name, refusal)),
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
    fn pass(&self, rtnl: &mut Rtnl, table: Text) -> core::result::Result<(), Refusal> {
        match *self {
            Self::Namespace => Ok(()),
            Self::Bridge => rtnl.create_bridge(&NewBridge { name: BRIDGE, mac: None, mtu: None }),
            Self::Veth => {
                let master = rtnl.index_of(BRIDGE)?;
                let peer = Peer { name: "peer", mac: None, netns: None };
                rtnl.create_veth(&NewVeth { name: PORT, mtu: None, master, group: None, peer })
            }
            Self::Isolation => isolate(rtnl),
            Self::Icmp { v6 } => Ok(EchoSocket::open(v6).map(drop)?),
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
            Self::Connections => rtnl.firewall()?.connections(NFPROTO_IPV4).map(drop),
            Self::Words => Ok(rtnl.ask_for_words()?),
            Self::Strictness => Ok(rtnl.ask_strictly()?),
            Self::DetachedProcfs => match procfs::detached() {
                // The kernel has it; a user namespace without processes of its own may not.
                Ok(_) | Err(Errno::PERM) => Ok(()),
                Err(errno) => Err(errno.into()),
            },
        }
    }
}

fn commit(rtnl: &Rtnl, changes: &[Request]) -> core::result::Result<(), Refusal> {
    rtnl.firewall()?.transact(changes)
}

/// Older kernels overlook the option: it is read back.
fn isolate(rtnl: &mut Rtnl) -> core::result::Result<(), Refusal> {
    let port = Selector::Name(PORT);
    let options = PortOptions { isolated: true, hairpin: false };
    rtnl.set_link(port, &Change { port: Some(options), ..Change::default() })?;
    let link = rtnl.link(port)?;
    let isolated = link.and_then(|link| Some(Attrs::new(link.port_data).find(IFLA_BRPORT_ISOLATED)?.u8()));
    if isolated == Some(1) { Ok(()) } else { Err(Errno::OPNOTSUPP.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_has_a_line_of_three_fields() {
        let lines = TEXT.unpack().lines();
        assert_eq!(lines.clone().count(), TESTS.len());
        assert!(lines.into_iter().all(|line| line.split('|').count() == 3));
    }
}
