//! Our tables made what the records say, in one transaction, so that no packet sees half a rule set.
//!
//! Networks come and go rarely, and that is how; published ports, which may be many, come and go as single elements.

use super::ruleset::{self, Others, TABLE};
use super::{elements, host};
use crate::error::{Errno, Error, Result, Warning};
use crate::kernel::nftables::{Element, Nftables, add_all, protocol};
use crate::kernel::{Request, Rtnl};
use crate::model::network::Network;
use crate::model::ports::PublishedPorts;
use crate::store::Store;
use crate::types::family::Family;

/// What the kernel must have, for the error.
const CONFIG: &str = "CONFIG_NF_TABLES, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_CT or CONFIG_NFT_FIB_IPV4/6 \
                      ('pontoon probe' tells which); without them only a network with \
                      -o com.docker.network.bridge.enable_ip_masquerade=false can be had";

/// Makes our tables be what `networks` and the recorded published ports say: one transaction, whatever was there before, and no
/// packet sees less than all of it. Without networks there are no tables.
pub fn rebuild(rtnl: &Rtnl, store: &Store, networks: &[Network]) -> Result<()> {
    let result = rtnl.nftables().and_then(|mut nftables| {
        let changes = changes(&mut nftables, rtnl, store, networks);
        // A table of our name that somebody made otherwise is replaced; so is one that was put to sleep, for it would sleep on.
        let anew = || [changes.remove.as_slice(), &changes.write].concat();
        if Family::BOTH.into_iter().any(|family| nftables.is_dormant(protocol(family), TABLE)) {
            return nftables.transact(&anew());
        }
        nftables.transact(&changes.write).or_else(|_| nftables.transact(&anew()))
    });
    let Err(refusal) = result else { return Ok(()) };
    let doing = "write the firewall table";
    let lacking = matches!(refusal.errno, Errno::PROTONOSUPPORT | Errno::OPNOTSUPP | Errno::AFNOSUPPORT | Errno::NOENT);
    if !lacking {
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

/// What a transaction is made of.
struct Changes {
    /// Makes away with our tables, whether they are there or not.
    remove: Vec<Request>,
    /// Makes them right.
    write: Vec<Request>,
}

fn changes(nftables: &mut Nftables, rtnl: &Rtnl, store: &Store, networks: &[Network]) -> Changes {
    let mut changes = Changes { remove: Vec::new(), write: Vec::new() };
    for family in Family::BOTH {
        let needed = networks.iter().any(|network| network.pool(family).is_some());
        // Only asked where the family may be missing altogether; then there is no table of it either.
        if !needed && !nftables.has_table(family, TABLE).unwrap_or_default() {
            continue;
        }
        if needed {
            changes.remove.extend(ruleset::remove(family));
            let others = host::others(store, family).unwrap_or(Others::Untouched);
            changes.write.extend(ruleset::write(family, others));
            let elements = networks.iter().flat_map(|network| elements::of_network(network, family));
            changes.write.extend(elements.map(|element| element.add()));
        } else {
            changes.write.extend(ruleset::remove(family));
        }
    }
    changes.write.extend(add_all(&of_living_ports(rtnl, store)));
    changes
}

/// The elements of the published ports of devices that live, from the records.
fn of_living_ports(rtnl: &Rtnl, store: &Store) -> Vec<Element> {
    let mut records: Vec<PublishedPorts> = store.all().unwrap_or_default();
    records.retain(|record| rtnl.has_link(&record.device, record.index).unwrap_or_default());
    records.iter().flat_map(elements::of_ports).collect()
}

/// Whether the firewall knows the network: somebody may have flushed it, or deleted one family's table. One look-up a family
/// that the network has, of its bridge.
pub fn knows(rtnl: &Rtnl, network: &Network) -> bool {
    // Without nf_tables there is nothing to know; without permission the next step says so better.
    let Ok(mut nftables) = rtnl.nftables() else { return true };
    let bridges: Vec<_> = network.pools.iter().map(|pool| elements::bridge(network, pool.family())).collect();
    nftables.have(&bridges).unwrap_or(true)
}
