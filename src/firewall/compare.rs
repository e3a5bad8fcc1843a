//! Where our tables are not what the records say: a table, its rules, an element of its sets.

use std::fmt;

use super::ruleset::{self, BRIDGES, INTERNAL, MASQUERADE_SUBNETS, Others, SUBNETS, TABLE, TALK};
use super::{elements, host, rebuild};
use crate::error::{Doing, Result};
use crate::kernel::Rtnl;
use crate::kernel::nftables::{Element, Nftables, protocol};
use crate::model::network::Network;
use crate::model::ports::{PublishedPort, PublishedPorts};
use crate::store::Store;
use crate::types::family::Family;

/// The sets that networks are elements of.
const SETS: [&str; 5] = [BRIDGES, INTERNAL, TALK, SUBNETS, MASQUERADE_SUBNETS];

/// A part of the table of a family that is not what the records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfTable {
    /// It is not there.
    Missing(Family),
    /// It sleeps: its chains see no packets.
    Dormant(Family),
    /// Its chains or their rules are others.
    Rules(Family),
    /// A set lacks an element of a network's.
    Lacks(Family, &'static str),
    /// A set has an element that is no network's.
    Has(Family, &'static str),
}

impl fmt::Display for OfTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = |family: &Family| match family {
            Family::V4 => format!("ip {TABLE}"),
            Family::V6 => format!("ip6 {TABLE}"),
        };
        match self {
            Self::Missing(family) => write!(f, "table {} is missing", table(family)),
            Self::Dormant(family) => write!(f, "table {} is dormant", table(family)),
            Self::Rules(family) => write!(f, "rules of table {} are not those that pontoon wrote", table(family)),
            Self::Lacks(family, set) => write!(f, "set {set} of table {} lacks what networks need", table(family)),
            Self::Has(family, set) => write!(f, "set {set} of table {} has what is no network's", table(family)),
        }
    }
}

/// What is the matter with our tables, for these networks, which are all there are. Nothing where the kernel has no `nf_tables`: that
/// was said when the networks were made.
pub fn tables(rtnl: &Rtnl, store: &Store, networks: &[Network]) -> Result<Vec<OfTable>> {
    let Ok(mut nftables) = rtnl.nftables() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for family in Family::BOTH {
        if networks.iter().any(|network| network.pool(family).is_some()) {
            let others = host::others(store, family)?;
            found.extend(table(&mut nftables, family, others, networks)?);
        }
    }
    Ok(found)
}

fn table(nftables: &mut Nftables, family: Family, others: Others, networks: &[Network]) -> Result<Vec<OfTable>> {
    let doing = "look into the firewall table";
    if !nftables.has_table(family, TABLE).doing(doing, TABLE)? {
        return Ok(vec![OfTable::Missing(family)]);
    }
    let mut found = Vec::new();
    if nftables.is_dormant(protocol(family), TABLE) {
        found.push(OfTable::Dormant(family));
    }
    if ruleset::stamps(family, others) != nftables.stamps(family, TABLE).doing(doing, TABLE)? {
        found.push(OfTable::Rules(family));
    }
    let wanted: Vec<Element> = networks.iter().flat_map(|network| elements::of_network(network, family)).collect();
    for set in SETS {
        let any = elements::of_any_key(family, set);
        let has = nftables.elements_of(&any).doing("look into the set", set)?;
        let wanted: Vec<&Element> = wanted.iter().filter(|element| element.set == set).collect();
        if wanted.iter().any(|element| !has.contains(*element)) {
            found.push(OfTable::Lacks(family, set));
        }
        if has.iter().any(|element| !wanted.contains(&element)) {
            found.push(OfTable::Has(family, set));
        }
    }
    Ok(found)
}

/// The published ports of an endpoint that nothing, or something else, leads to; `living` are those of all that live, the oldest first.
pub fn unpublished(rtnl: &Rtnl, living: &[PublishedPorts], published: &PublishedPorts) -> Result<Vec<PublishedPort>> {
    let mut nftables = rtnl.nftables().doing("open", "a netfilter socket")?;
    let mut found = Vec::new();
    for port in &published.ports {
        let mut leads = true;
        for element in elements::of_port(port, published.targets()) {
            let data = nftables.data(&element).doing("look into the map", element.set)?;
            leads &= data.as_ref() == Some(&element.data);
        }
        // What is an older one's stays his.
        if !leads && !rebuild::is_anothers(living, published, port) {
            found.push(*port);
        }
    }
    Ok(found)
}
