//! The bridge of a network: made, configured, given back; and its ports.

use std::net::{IpAddr, Ipv6Addr};

use crate::error::{Doing, Errno, Error, Refusal, Result};
use crate::firewall::host::Parameter;
use crate::kernel::{Change, Link, NewAddress, NewBridge, PortOptions, Request, Rtnl, Selector, request};
use crate::model::network::Network;
use crate::store::{Store, endpoints};
use crate::sys::procfs;
use crate::types::family::Family;
use crate::types::mac::Mac;
use crate::types::subnet::Subnet;
use crate::undo::{Step, Undo};

/// Finds the network's bridge, or makes it from the definition and its ports its own; gives its index.
///
/// That it is there is all that is looked at: one `ioctl`. What is wrong with it otherwise shows when it is used. To make it the
/// lock must be held alone: undone by one who shares it, it would go from under the others' ports.
pub fn ensure(rtnl: &mut Rtnl, store: &Store, network: &Network, undo: &mut Undo) -> Result<u32> {
    if let Some(index) = index(rtnl, network)? {
        return Ok(index);
    }
    let index = create(rtnl, network, undo)?;
    take_ports_back(rtnl, store, network, index)?;
    Ok(index)
}

/// As [`ensure`], and gives the bridge that is there what it may lack: whoever made it may have died before it was set up.
pub fn make_whole(rtnl: &mut Rtnl, store: &Store, network: &Network, undo: &mut Undo) -> Result<u32> {
    match existing(rtnl, network)? {
        Some(link) => configure(rtnl, network, link.index).map(|()| link.index),
        None => ensure(rtnl, store, network, undo),
    }
}

/// The index of the network's bridge; none when it is not there.
pub fn index(rtnl: &Rtnl, network: &Network) -> Result<Option<u32>> {
    rtnl.index_of(network.bridge.as_str()).doing("look up interface", &network.bridge)
}

/// Makes the bridge and gives it what the definition says.
pub fn create(rtnl: &mut Rtnl, network: &Network, undo: &mut Undo) -> Result<u32> {
    let name = network.bridge.as_str();
    let new = NewBridge { name, mac: network.bridge_mac().map(|mac| mac.0), mtu: Some(network.mtu()) };
    let created = rtnl.create_bridge(&new);
    if created.as_ref().err().is_none_or(Refusal::is_unclear) {
        undo.note(Step::DeleteBridge { name: name.to_owned(), mac: new.mac });
    }
    created.map_err(|refusal| match refusal.errno {
        Errno::EXIST => Error::Exists { kind: "interface", name: name.to_owned(), remedy: "" }.into(),
        Errno::OPNOTSUPP => Error::lacking("create bridge", name, refusal, "CONFIG_BRIDGE"),
        _ => Error::kernel("create bridge", name, refusal),
    })?;
    let gone = || Error::not_found("bridge", name, ": somebody deleted it just now. Try again.");
    let index = index(rtnl, network)?.ok_or_else(gone)?;
    set_up(rtnl, network, index, Some(&network.bridge_alias()))?;
    Ok(index)
}

/// Gives the bridge with this index the network's addresses, alias and state. What it has already is no error.
pub fn configure(rtnl: &mut Rtnl, network: &Network, index: u32) -> Result<()> {
    // An adopted bridge keeps its own alias.
    let alias = network.bridge_alias();
    set_up(rtnl, network, index, Some(alias.as_str()).filter(|_| !network.adopted))
}

fn set_up(rtnl: &mut Rtnl, network: &Network, index: u32, alias: Option<&str>) -> Result<()> {
    let addresses = addresses(network);
    let add = |(address, subnet): &(IpAddr, Subnet)| {
        request::add_address(&NewAddress {
            index,
            address: *address,
            prefix_len: subnet.prefix_len(),
            broadcast: subnet.broadcast(),
            no_dad: subnet.family() == Family::V6,
        })
    };
    let mut requests: Vec<Request> = addresses.iter().map(add).collect();
    let mtu = (!network.adopted).then_some(network.mtu());
    let up = Change { up: Some(true), alias, mtu, ..Change::default() };
    let first_link = addresses.len();
    if network.pool(Family::V6).is_none() && !network.adopted {
        // A network without IPv6 has none, not even a link-local address of the bridge.
        requests.push(request::give_no_link_local(index));
    }
    let first_up = requests.len();
    requests.push(request::set_link(Selector::Index(index), &up));
    enable_ipv6(network)?;
    take_no_orders(network);
    let tolerated = |position: usize, errno: Errno| {
        let address_is_there = position < first_link && errno == Errno::EXIST;
        address_is_there || (first_link..first_up).contains(&position)
    };
    rtnl.change_all(&requests, &tolerated).map_err(|(position, refusal)| match addresses.get(position) {
        Some((address, _)) => address_refused(*address, network.bridge.as_str(), refusal),
        None => Error::kernel("set up bridge", &network.bridge, refusal),
    })
}

/// The addresses that the network's bridge has, each with its subnet.
#[must_use]
pub fn addresses(network: &Network) -> Vec<(IpAddr, Subnet)> {
    let mut addresses: Vec<_> = network.pools.iter().map(|pool| (pool.gateway, pool.subnet)).collect();
    // As Docker: the bridge's own link-local address is not to be used until the kernel has looked for duplicates, which it
    // only begins with the first port; until then nobody from outside would be led to a sandbox. This one is there at once.
    if network.pool(Family::V6).is_some() && !network.adopted {
        let link_local = IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1));
        addresses.push((link_local, Subnet::around(link_local, 64)));
    }
    addresses
}

/// The kernel refused an address of interface `interface`.
#[must_use]
pub fn address_refused(address: IpAddr, interface: &str, refusal: Refusal) -> Box<Error> {
    let doing = "add address";
    let object = format_args!("{address} to {interface}");
    match refusal.errno {
        Errno::OPNOTSUPP | Errno::AFNOSUPPORT => Error::lacking(doing, object, refusal, "CONFIG_IPV6"),
        _ => Error::kernel(doing, object, refusal),
    }
}

/// What gives an adopted bridge back: without the gateway addresses that we gave it. Those that were there before are not ours
/// to take.
pub fn releases(network: &Network, index: u32) -> impl Iterator<Item = Step> {
    let ours = network.pools.iter().filter(|pool| !pool.gateway_was_there);
    ours.map(move |pool| Step::DeleteAddress { index, address: pool.gateway, prefix_len: pool.subnet.prefix_len() })
}

/// Gives an adopted bridge back.
pub fn release(rtnl: &mut Rtnl, network: &Network, index: u32) -> Result<()> {
    for pool in network.pools.iter().filter(|pool| !pool.gateway_was_there) {
        rtnl.delete_address(index, pool.gateway, pool.subnet.prefix_len()).doing("remove address", pool.gateway)?;
    }
    Ok(())
}

/// The kernel parameters of the bridge itself that are the network's business. What an adopted one has, its owner wants.
///
/// What a sandbox sends must not configure the host: no Router Advertisement gives it a route or an address (the kind of
/// CVE-2020-13401), no redirect another next hop.
#[must_use]
pub fn parameters(network: &Network) -> Vec<Parameter> {
    let mut all = Vec::new();
    if !network.adopted {
        for (family, key) in [
            (Family::V4, "accept_redirects"),
            (Family::V6, "accept_ra"),
            (Family::V6, "autoconf"),
            (Family::V6, "accept_redirects"),
        ] {
            all.push(Parameter::of_bridge(network, family, key, "0"));
        }
    }
    all
}

/// Where they cannot be written, as on a read-only `/proc/sys`, the host was prepared by somebody else.
fn take_no_orders(network: &Network) {
    for parameter in parameters(network) {
        let _ = procfs::ensure_sysctl(&parameter.path, parameter.value);
    }
}

/// A host may have IPv6 off by default; on the bridge of a network that wants it, it is on.
fn enable_ipv6(network: &Network) -> Result<()> {
    if network.pool(Family::V6).is_none() {
        return Ok(());
    }
    let path = procfs::of_interface(Family::V6, network.bridge.as_str(), "disable_ipv6");
    match procfs::ensure_sysctl(&path, "0") {
        // No IPv6 at all: the kernel says so better when the address is added. No procfs to be had: it is probably on.
        Ok(()) | Err(Errno::NOENT | Errno::NOSYS | Errno::PERM | Errno::NODEV) => Ok(()),
        Err(errno) => Err(Error::system("enable IPv6: write", format_args!("/proc/sys/{path}"), errno)),
    }
}

/// Makes the network's veths ports of a bridge that was made anew: somebody deleted the old one under them.
fn take_ports_back(rtnl: &mut Rtnl, store: &Store, network: &Network, master: u32) -> Result<()> {
    let links = rtnl.links().doing("list", "interfaces")?;
    for link in links.iter().filter(|link| link.group == Some(network.group()) && link.master.is_none()) {
        let change = Change { master: Some(master), up: Some(true), ..Change::default() };
        rtnl.set_link(Selector::Index(link.index), &change).doing("attach to the bridge", &link.name)?;
        let publishes = !endpoints::published_by(store, &link.name, link.index)?.is_empty();
        set_port(rtnl, network, link.index, None, publishes)?;
    }
    Ok(())
}

/// Makes a port what its network wants of it: up, its options, its alias. One that publishes gets its own packets back.
pub fn set_port(rtnl: &mut Rtnl, network: &Network, index: u32, alias: Option<&str>, publishes: bool) -> Result<()> {
    let port = Some(port_options(network, publishes));
    let change = Change { up: Some(true), alias, port, ..Change::default() };
    // A port's own link-local address nobody uses, and its start-up traffic would be flooded to all others.
    rtnl.set_link_without_ipv6(Selector::Index(index), &change).doing("set up the port", index)
}

/// The options of a port. Isolation is only asked for where it is wanted: an old kernel refuses what it does not know.
#[must_use]
pub fn port_options(network: &Network, publishes: bool) -> PortOptions {
    PortOptions { isolated: (!network.icc()).then_some(true), hairpin: publishes }
}

/// What the ports of a bridge go by.
#[derive(Debug, Clone, Copy)]
pub struct PortTerms {
    /// MTU of a port, in bytes.
    pub mtu: u32,
    /// The bridge's own MAC, which nobody else on it may have.
    pub bridge_mac: Option<Mac>,
}

/// What the ports of the network's bridge go by. An adopted bridge keeps its own MTU, which is the lowest of its ports' unless
/// somebody set it; and what MAC it has nobody but itself knows.
pub fn port_terms(rtnl: &mut Rtnl, network: &Network, index: u32) -> Result<PortTerms> {
    let own = PortTerms { mtu: network.mtu(), bridge_mac: network.bridge_mac() };
    if !network.adopted {
        return Ok(own);
    }
    let link = rtnl.link(Selector::Index(index)).doing("look up interface", &network.bridge)?;
    Ok(link
        .map_or(own, |link| PortTerms { mtu: link.mtu.max(network.mtu()), bridge_mac: Mac::from_bytes(&link.address) }))
}

/// The link under the network's bridge name, which must be a bridge.
pub fn existing(rtnl: &mut Rtnl, network: &Network) -> Result<Option<Link>> {
    let name = network.bridge.as_str();
    let link = rtnl.link(Selector::Name(name)).doing("look up interface", name)?;
    link.map(|link| must_be_bridge(name, link)).transpose()
}

/// Refuses a link that is no bridge.
pub fn must_be_bridge(name: &str, link: Link) -> Result<Link> {
    if link.is("bridge") {
        return Ok(link);
    }
    let kind = link.kind.unwrap_or_else(|| "a physical one".to_owned());
    Err(Error::NotABridge { device: name.to_owned(), kind }.into())
}
