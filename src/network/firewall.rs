//! What a network is in the firewall: elements of the constant rule set's sets.
//!
//! The tables follow from the records: [`rebuild`] writes them in one transaction, so that no packet sees half a rule set.
//! Networks come and go rarely, and that is how; published ports, which may be many, are single elements.

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::element::{concatenate, ifname, interval};
use pontoon_netlink::netfilter::{NFPROTO_IPV4, NFPROTO_IPV6, table};

use super::definition::Network;
use super::options;
use crate::error::{Doing, Failure, Result};
use crate::kernel::firewall::{Entry, Firewall};
use crate::kernel::{Refusal, Rtnl, ruleset};
use crate::store::Store;
use crate::sys::{Errno, sysctl, terminal};

/// The families, and whether each is IPv4.
const FAMILIES: [(u8, bool); 2] = [(NFPROTO_IPV4, true), (NFPROTO_IPV6, false)];

/// What the kernel must have, for the error.
const CONFIG: &str = "CONFIG_NF_TABLES, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_CT or CONFIG_NFT_FIB_IPV4/6 \
                      ('pontoon probe' tells which); without them only a network with \
                      -o com.docker.network.bridge.enable_ip_masquerade=false can be had";

/// The number of a family.
#[must_use]
pub fn family(ipv4: bool) -> u8 {
    if ipv4 { NFPROTO_IPV4 } else { NFPROTO_IPV6 }
}

/// Makes our tables be what `networks` and their published ports say: one transaction, whatever was there before, and no packet
/// sees less than all of it. Without networks there are no tables.
pub fn rebuild(rtnl: &Rtnl, store: &Store, networks: &[Box<Network>]) -> Result<()> {
    let result = rtnl.firewall().map_err(Refusal::from).and_then(|mut firewall| {
        let [fresh, changes] = changes(&mut firewall, rtnl, store, networks);
        // A table of our name that somebody made otherwise is replaced.
        let result = firewall.transact(&changes).or_else(|_| firewall.transact(&[fresh, changes].concat()));
        result.map_err(|(_, refusal)| refusal)
    });
    let Err(refusal) = result else { return Ok(()) };
    let lacking = matches!(refusal.errno, Errno::PROTONOSUPPORT | Errno::OPNOTSUPP | Errno::AFNOSUPPORT | Errno::NOENT);
    if !lacking {
        return Err(refusal).doing("write the firewall table", &ruleset::TABLE);
    }
    let object = ruleset::TABLE.to_owned();
    match networks.iter().find(|network| needs_firewall(network)) {
        Some(_) => Err(Failure::Lacking { doing: "write the firewall table", object, refusal, config: CONFIG }.into()),
        None if networks.is_empty() => Ok(()),
        None => {
            terminal::complain(
                "pontoon: warning: the kernel has no nf_tables: networks are not isolated from each other\n",
            );
            Ok(())
        }
    }
}

/// Whether the network is not what it says without a firewall; only one without NAT can do without, openly.
fn needs_firewall(network: &Network) -> bool {
    network.internal || masquerades(network)
}

fn masquerades(network: &Network) -> bool {
    !network.internal && network.option(options::ENABLE_IP_MASQUERADE) != Some("false")
}

/// What makes away with our tables, whether they are there or not, and what makes them right.
fn changes(firewall: &mut Firewall, rtnl: &Rtnl, store: &Store, networks: &[Box<Network>]) -> [Vec<Request>; 2] {
    let (mut fresh, mut changes) = (Vec::new(), Vec::new());
    for (family, ipv4) in FAMILIES {
        let needed = networks.iter().any(|network| network.pool(ipv4).is_some());
        // Only asked where the family may be missing altogether; then there is no table of it either.
        if !needed && !firewall.has_table(family).unwrap_or_default() {
            continue;
        }
        // Creating what may be there and deleting it leaves nothing, whichever was the case.
        let gone = [table::new(family, ruleset::TABLE), table::delete(family, ruleset::TABLE)];
        if needed {
            fresh.extend(gone);
            changes.extend(ruleset::create(family));
            // A bridge is ours in both families: what a network has no subnet for is isolated too.
            for network in networks {
                changes.extend(entries(network, family, ipv4).iter().map(Entry::add));
            }
        } else {
            changes.extend(gone);
        }
    }
    for entry in super::publication::all_entries(rtnl, store) {
        changes.push(entry.add());
    }
    [fresh, changes]
}

/// A network's elements in the sets of one family.
fn entries(network: &Network, family: u8, ipv4: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut put = |set, key: &[u8], interval_end| {
        entries.push(Entry { family, set, key: key.to_vec(), data: Vec::new(), interval_end });
    };
    // A valid interface name fits.
    let bridge = ifname(network.bridge.as_str()).unwrap_or_default();
    put(ruleset::BRIDGES, &bridge, false);
    if network.internal {
        put(ruleset::INTERNAL, &bridge, false);
    }
    if network.icc() {
        put(ruleset::TALK, &concatenate(&[&bridge, &bridge]), false);
    }
    let Some(pool) = network.pool(ipv4) else { return entries };
    let (first, behind) = interval(pool.subnet.network(), pool.subnet.prefix_len());
    for set in [ruleset::SUBNETS, ruleset::MASQUERADE_SUBNETS] {
        if set == ruleset::SUBNETS || masquerades(network) {
            put(set, &octets(first), false);
            if let Some(behind) = behind {
                put(set, &octets(behind), true);
            }
        }
    }
    entries
}

/// An address as it lies in a register.
#[must_use]
pub fn octets(address: std::net::IpAddr) -> Vec<u8> {
    match address {
        std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
        std::net::IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

/// Whether the firewall knows the network: somebody may have flushed it, or deleted one family's table. One look-up a family
/// that the network has, of its bridge.
pub fn stands(rtnl: &Rtnl, network: &Network) -> bool {
    // Without nf_tables there is nothing to know; without permission the next step says so better.
    let Ok(mut firewall) = rtnl.firewall() else { return true };
    network.pools.iter().all(|pool| {
        let ipv4 = pool.subnet.is_ipv4();
        let bridge = entries(network, family(ipv4), ipv4).into_iter().next();
        bridge.is_none_or(|bridge| !matches!(firewall.data(&bridge), Ok(None)))
    })
}

/// Lets the host forward for the network, and its own loopback addresses lead to published ports.
pub fn prepare_host(network: &Network) -> Result<()> {
    let mut wanted = Vec::new();
    if network.pool(true).is_some() && !network.internal {
        wanted.push("net/ipv4/ip_forward");
    }
    if network.pool(false).is_some() && !network.internal {
        wanted.push("net/ipv6/conf/all/forwarding");
    }
    for path in wanted {
        sysctl::ensure(path, "1").doing("write 1 to", &format!("/proc/sys/{path}"))?;
    }
    if network.pool(true).is_some() && !network.internal {
        // Without it a published port is not reached by way of 127.0.0.1, but by every other address.
        let path = format!("net/ipv4/conf/{}/route_localnet", network.bridge);
        if let Err(errno) = sysctl::ensure(&path, "1") {
            let error: crate::error::Error =
                Failure::System { doing: "write 1 to", object: format!("/proc/sys/{path}"), errno }.into();
            terminal::complain(&format!(
                "pontoon: warning: published ports are not reached by way of 127.0.0.1: {error}\n"
            ));
        }
    }
    Ok(())
}
