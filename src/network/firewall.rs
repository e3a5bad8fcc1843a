//! What a network is in the firewall: elements of the constant rule set's sets.
//!
//! The tables follow from the records: [`rebuild`] writes them in one transaction, so that no packet sees half a rule set.
//! Networks come and go rarely, and that is how; published ports, which may be many, are single elements.

use core::net::IpAddr;

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::element::{concatenate, ifname};
use pontoon_netlink::netfilter::{NFPROTO_IPV4, NFPROTO_IPV6, table};

use super::definition::Network;
use super::{options, publication};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::firewall::{Entry, Firewall};
use crate::kernel::{Refusal, Rtnl, ruleset};
use crate::prelude::*;
use crate::store::Store;
use crate::sys::{Errno, sysctl, terminal};

/// The families, and whether each is IPv4.
static FAMILIES: [(u8, bool); 2] = [(NFPROTO_IPV4, true), (NFPROTO_IPV6, false)];

/// What the kernel must have, for the error.
const CONFIG: Text = "CONFIG_NF_TABLES, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_CT or CONFIG_NFT_FIB_IPV4/6 \
                      ('pontoon probe' tells which); without them only a network with \
                      -o com.docker.network.bridge.enable_ip_masquerade=false can be had";

/// The number of a family.
#[must_use]
pub fn family(ipv4: bool) -> u8 {
    if ipv4 { NFPROTO_IPV4 } else { NFPROTO_IPV6 }
}

/// The firewall, to change it.
pub fn open(rtnl: &Rtnl) -> Result<Firewall> {
    rtnl.firewall().doing("open", &"a netfilter socket")
}

/// Makes our tables be what `networks` and their published ports say: one transaction, whatever was there before, and no packet
/// sees less than all of it. Without networks there are no tables.
pub fn rebuild(rtnl: &Rtnl, store: &Store, networks: &[&'static Network]) -> Result<()> {
    let Err(refusal) = write(rtnl, store, networks) else { return Ok(()) };
    let (doing, object) = ("write the firewall table", ruleset::TABLE);
    let lacking = matches!(refusal.errno, Errno::PROTONOSUPPORT | Errno::OPNOTSUPP | Errno::AFNOSUPPORT | Errno::NOENT);
    if !lacking {
        return Err(Error::kernel(doing, &object, refusal));
    }
    if networks.iter().any(|network| needs_firewall(network)) {
        return Err(Failure::Lacking { doing, object, refusal, config: CONFIG }.into());
    }
    if !networks.is_empty() {
        terminal::complain(
            "pontoon: warning: the kernel has no nf_tables: networks are not isolated from each other\n",
        );
    }
    Ok(())
}

fn write(rtnl: &Rtnl, store: &Store, networks: &[&'static Network]) -> core::result::Result<(), Refusal> {
    let mut firewall = rtnl.firewall()?;
    let [mut fresh, mut changes] = changes(&mut firewall, rtnl, store, networks);
    // A table of our name that somebody made otherwise is replaced.
    firewall.transact(&changes).or_else(|_| {
        fresh.append(&mut changes);
        firewall.transact(&fresh)
    })
}

/// Whether the network is not what it says without a firewall; only one without NAT can do without, openly.
fn needs_firewall(network: &Network) -> bool {
    network.internal || masquerades(network)
}

fn masquerades(network: &Network) -> bool {
    !network.internal && network.option(options::ENABLE_IP_MASQUERADE) != Some("false")
}

/// What makes away with our tables, whether they are there or not, and what makes them right.
fn changes(firewall: &mut Firewall, rtnl: &Rtnl, store: &Store, networks: &[&'static Network]) -> [Vec<Request>; 2] {
    let (mut fresh, mut changes) = (Vec::new(), Vec::new());
    for (family, ipv4) in &FAMILIES {
        let (family, ipv4) = (*family, *ipv4);
        let needed = networks.iter().any(|network| network.pool(ipv4).is_some());
        // Only asked where the family may be missing altogether; then there is no table of it either.
        if !needed && !firewall.has_table(family).unwrap_or_default() {
            continue;
        }
        // Creating what may be there and deleting it leaves nothing, whichever was the case.
        let gone = if needed { &mut fresh } else { &mut changes };
        gone.push(table::new(family, ruleset::TABLE));
        gone.push(table::delete(family, ruleset::TABLE));
        if needed {
            changes.append(&mut ruleset::create(family));
            // A bridge is ours in both families: what a network has no subnet for is isolated too.
            for network in networks {
                publication::ask(entries(network, family, ipv4), Entry::add, &mut changes);
            }
        }
    }
    publication::ask(publication::all_entries(rtnl, store), Entry::add, &mut changes);
    [fresh, changes]
}

/// A network's elements in the sets of one family.
fn entries(network: &Network, family: u8, ipv4: bool) -> &'static [&'static Entry] {
    let mut entries = Vec::new();
    let mut put = |set, key| entries.push(&*Entry::new(family, set, key, &[]));
    let bridge = bridge_key(network);
    put(ruleset::BRIDGES, bridge);
    if network.internal {
        put(ruleset::INTERNAL, bridge);
    }
    if network.icc() {
        put(ruleset::TALK, concatenate(&[bridge, bridge]).leak());
    }
    let Some(pool) = network.pool(ipv4) else { return entries.leak() };
    let mut put = |set| {
        entries.push(&*Entry::new(family, set, octets(pool.subnet.network()), &[]));
        if let Some(behind) = pool.subnet.behind() {
            entries.push(Entry::behind(family, set, octets(&behind)));
        }
    };
    put(ruleset::SUBNETS);
    if masquerades(network) {
        put(ruleset::MASQUERADE_SUBNETS);
    }
    entries.leak()
}

/// The name of a network's bridge as it lies in a register; a valid one fits.
fn bridge_key(network: &Network) -> &'static [u8] {
    ifname(network.bridge.as_text()).unwrap_or_default().to_vec().leak()
}

/// An address as it lies in a register.
#[must_use]
pub fn octets(address: &IpAddr) -> &'static [u8] {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec().leak(),
        IpAddr::V6(v6) => v6.octets().to_vec().leak(),
    }
}

/// Whether the firewall knows the network: somebody may have flushed it, or deleted one family's table. One look-up a family
/// that the network has, of its bridge.
pub fn stands(rtnl: &Rtnl, network: &Network) -> bool {
    // Without nf_tables there is nothing to know; without permission the next step says so better.
    let Ok(mut firewall) = rtnl.firewall() else { return true };
    let key = bridge_key(network);
    network.pools.iter().all(|pool| {
        let bridge = Entry::new(family(pool.subnet.is_ipv4()), ruleset::BRIDGES, key, &[]);
        !matches!(firewall.data(bridge), Ok(None))
    })
}

/// Lets the host forward for the network, and its own loopback addresses lead to published ports.
pub fn prepare_host(network: &Network) -> Result<()> {
    if network.internal {
        return Ok(());
    }
    let has_ipv4 = network.pool(true).is_some();
    if has_ipv4 {
        switch_on("net/ipv4/ip_forward")?;
    }
    if network.pool(false).is_some() {
        switch_on("net/ipv6/conf/all/forwarding")?;
    }
    // Without it a published port is not reached by way of 127.0.0.1, but by every other address.
    if has_ipv4 && let Err(error) = switch_on(text!("net/ipv4/conf/{}/route_localnet", network.bridge)) {
        terminal::complain(text!("pontoon: warning: published ports are not reached by way of 127.0.0.1: {error}\n"));
    }
    Ok(())
}

fn switch_on(path: Text) -> Result<()> {
    sysctl::ensure(path, "1").doing("write 1 to", &text!("/proc/sys/{path}"))
}
