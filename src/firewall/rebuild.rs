//! Our tables made what the records say, in one transaction, so that no packet sees half a rule set.
//!
//! Networks come and go rarely, and that is how; published ports, which may be many, come and go as single elements.

use std::net::IpAddr;

use super::port_set::{self, PortSet};
use super::ruleset::{self, Others, TABLE};
use super::{elements, host};
use crate::error::{Errno, Error, Refusal, Result, Warning};
use crate::kernel::nftables::{Element, Nftables, add_all, protocol};
use crate::kernel::{Request, Rtnl};
use crate::model::network::Network;
use crate::model::ports::{PublishedPort, PublishedPorts};
use crate::store::{Store, endpoints};
use crate::types::family::{Family, PerFamily};

/// What the kernel must have, for the error.
const CONFIG: &str = "CONFIG_NF_TABLES, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_CT or CONFIG_NFT_FIB_IPV4/6 \
                      ('pontoon probe' tells which); without them only a network with \
                      -o com.docker.network.bridge.enable_ip_masquerade=false can be had";

/// Makes our tables be what `networks` and the recorded published ports say: one transaction, whatever was there before, and no
/// packet sees less than all of it. Without networks there are no tables.
pub fn rebuild(rtnl: &Rtnl, store: &Store, networks: &[Network]) -> Result<()> {
    let ports = of_living_ports(rtnl, store)?;
    let others = PerFamily { v4: host::others(store, Family::V4)?, v6: host::others(store, Family::V6)? };
    let result = rtnl.nftables().and_then(|mut nftables| {
        let changes = changes(&mut nftables, networks, others, &ports)?;
        // A table of our name that somebody made otherwise is replaced; so is one that was put to sleep, for it would sleep on.
        let anew = || [changes.remove.as_slice(), &changes.write].concat();
        if Family::BOTH.into_iter().any(|family| nftables.is_dormant(protocol(family), TABLE)) {
            return nftables.transact(&anew());
        }
        nftables.transact(&changes.write).or_else(|_| nftables.transact(&anew()))
    });
    let Err(refusal) = result else { return Ok(()) };
    let doing = "write the firewall table";
    if !is_lacking(&refusal) {
        return Err(Error::kernel(doing, TABLE, refusal));
    }
    if networks.iter().any(Network::needs_firewall) {
        return Err(Error::lacking(doing, TABLE, refusal, CONFIG));
    }
    if !networks.is_empty() {
        store.warn(&Warning::NoFirewall);
    }
    Ok(())
}

/// Whether the kernel has no `nf_tables`, or not all of it that we need.
fn is_lacking(refusal: &Refusal) -> bool {
    matches!(refusal.errno, Errno::PROTONOSUPPORT | Errno::OPNOTSUPP | Errno::AFNOSUPPORT | Errno::NOENT)
}

/// What a transaction is made of.
struct Changes {
    /// Makes away with our tables, whether they are there or not.
    remove: Vec<Request>,
    /// Makes them right.
    write: Vec<Request>,
}

fn changes(
    nftables: &mut Nftables,
    networks: &[Network],
    others: PerFamily<Others>,
    ports: &[Element],
) -> std::result::Result<Changes, Refusal> {
    let mut changes = Changes { remove: Vec::new(), write: Vec::new() };
    for family in Family::BOTH {
        let needed = networks.iter().any(|network| network.pool(family).is_some());
        // Only asked where the family may be missing altogether; then there is no table of it either.
        if !needed && !has_table(nftables, family)? {
            continue;
        }
        if needed {
            changes.remove.extend(ruleset::remove(family));
            changes.write.extend(ruleset::write(family, *others.get(family)));
            let elements = networks.iter().flat_map(|network| elements::of_network(network, family));
            changes.write.extend(elements.map(|element| element.add()));
        } else {
            changes.write.extend(ruleset::remove(family));
        }
    }
    changes.write.extend(add_all(ports));
    Ok(changes)
}

/// Whether our table of a family is there; it is not where the kernel lacks the family.
fn has_table(nftables: &mut Nftables, family: Family) -> std::result::Result<bool, Refusal> {
    nftables.has_table(family, TABLE).or_else(|refusal| if is_lacking(&refusal) { Ok(false) } else { Err(refusal) })
}

/// The elements of the published ports of devices that live, from the records. Of two that have the same port, as when somebody
/// flushed the maps and it was given out again, it is the older one's.
fn of_living_ports(rtnl: &Rtnl, store: &Store) -> Result<Vec<Element>> {
    let living = living(rtnl, store)?;
    let (mut taken, mut all) = (PortSet::default(), Vec::new());
    for (position, record) in living.iter().enumerate() {
        let older = living.get(..position).unwrap_or_default();
        let mut kept = Vec::new();
        for port in &record.ports {
            let meets = |host: &IpAddr| taken.meeting(*host, port.protocol, port.host_port).next().is_some();
            match port.hosts(record.targets().present()).find(meets) {
                None => kept.push(*port),
                Some(host) => warn_of_two(store, port, port_set::meeting(older, host, port).next(), record)?,
            }
        }
        all.extend(elements::of_some_ports(&kept, record.targets()));
        taken.take_in_all(record);
    }
    Ok(all)
}

/// The recorded ports of devices that live, the oldest first.
pub fn living(rtnl: &Rtnl, store: &Store) -> Result<Vec<PublishedPorts>> {
    let mut living: Vec<PublishedPorts> = Vec::new();
    for record in store.all::<PublishedPorts>()? {
        if rtnl.has_link(&record.device, record.index)? {
            living.push(record);
        }
    }
    living.sort_by_key(|record| record.index);
    Ok(living)
}

/// Whether one of `living` that is older than `record` has this port of it, too.
#[must_use]
pub fn is_anothers(living: &[PublishedPorts], record: &PublishedPorts, port: &PublishedPort) -> bool {
    let older = living.get(..living.partition_point(|other| other.index < record.index)).unwrap_or_default();
    port.hosts(record.targets().present()).any(|host| port_set::meeting(older, host, port).next().is_some())
}

/// Says which ports are recorded of two.
pub fn warn_of_ports(rtnl: &Rtnl, store: &Store) -> Result<()> {
    of_living_ports(rtnl, store).map(drop)
}

fn warn_of_two(
    store: &Store,
    port: &PublishedPort,
    first: Option<&PublishedPorts>,
    second: &PublishedPorts,
) -> Result<()> {
    let first = first.map(|first| endpoints::named(store, first)).transpose()?.unwrap_or_default();
    let second = endpoints::named(store, second)?;
    store.warn(&Warning::PortTwice { port: port.named(), first, second });
    Ok(())
}

/// Whether the firewall knows the network: somebody may have flushed it, or deleted one family's table. One look-up a family
/// that the network has, of its bridge.
pub fn knows(rtnl: &Rtnl, network: &Network) -> Result<bool> {
    let failed = |refusal| Error::kernel("look into the firewall table", TABLE, refusal);
    // Without nf_tables there is nothing to know.
    let Some(mut nftables) = rtnl.nftables_if_any().map_err(failed)? else { return Ok(true) };
    let bridges: Vec<_> = network.pools.iter().map(|pool| elements::bridge(network, pool.family())).collect();
    match nftables.have(&bridges) {
        // Without permission the next step says so better.
        Err(refusal) if is_lacking(&refusal) || refusal.errno == Errno::PERM => Ok(true),
        result => result.map_err(failed),
    }
}
