//! The bridge of a network: made, made right, taken down.

use std::net::{IpAddr, Ipv6Addr};

use pontoon_netlink::Request;
use pontoon_netlink::route::{address, link};

use super::definition::Network;
use super::subnet::Subnet;
use super::undo::{Step, Undo};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::{Change, Link, NewBridge, Refusal, Rtnl, Selector};
use crate::store::Store;
use crate::sys::{Errno, sysctl};

/// Finds the network's bridge, or makes it from the definition and its ports its own; gives its index.
///
/// That it is there is all that is looked at: one `ioctl`. What is wrong with it otherwise shows when it is used. To make it the
/// lock must be held alone: undone by one who shares it, it would go from under the others' ports.
pub fn ensure(rtnl: &mut Rtnl, store: &Store, network: &Network, undo: &mut Undo) -> Result<u32> {
    if let Some(index) = index(rtnl, network)? {
        return Ok(index);
    }
    let index = create(rtnl, network, undo)?;
    reattach_ports(rtnl, store, network, index)?;
    Ok(index)
}

/// The index of the network's bridge; none when it is not there.
pub fn index(rtnl: &Rtnl, network: &Network) -> Result<Option<u32>> {
    rtnl.index_of(network.bridge.as_str()).doing("look up interface", &network.bridge)
}

/// Makes the bridge and gives it what the definition says.
pub fn create(rtnl: &mut Rtnl, network: &Network, undo: &mut Undo) -> Result<u32> {
    let name = network.bridge.as_str();
    let new = NewBridge { name, mac: network.bridge_mac().map(|mac| mac.0), mtu: Some(network.mtu()) };
    rtnl.create_bridge(&new).map_err(|refusal| match refusal.errno {
        Errno::EXIST => Failure::Exists { kind: "interface", name: name.to_owned(), remedy: "" },
        Errno::OPNOTSUPP => {
            Failure::Lacking { doing: "create bridge", object: name.to_owned(), refusal, config: "CONFIG_BRIDGE" }
        }
        _ => Failure::Kernel { doing: "create bridge", object: name.to_owned(), refusal },
    })?;
    let index = index(rtnl, network)?.ok_or_else(|| gone(network))?;
    undo.note(Step::DeleteLink(index));
    set_up(rtnl, network, index, Some(&network.bridge_alias()))?;
    Ok(index)
}

/// Gives the bridge with this index the network's addresses, alias and state. What it has already is no error.
pub fn equip(rtnl: &mut Rtnl, network: &Network, index: u32) -> Result<()> {
    // An adopted bridge keeps its own alias.
    let alias = network.bridge_alias();
    set_up(rtnl, network, index, Some(alias.as_str()).filter(|_| !network.adopted))
}

fn set_up(rtnl: &mut Rtnl, network: &Network, index: u32, alias: Option<&str>) -> Result<()> {
    let mut addresses: Vec<(IpAddr, Subnet)> = network.pools.iter().map(|pool| (pool.gateway, pool.subnet)).collect();
    // As Docker: the bridge's own link-local address is not to be used until the kernel has looked for duplicates, which it
    // only begins with the first port; until then nobody from outside would be led to a sandbox. This one is there at once.
    if network.pool(false).is_some() && !network.adopted {
        let link_local = IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1));
        addresses.push((link_local, Subnet::around(link_local, 64)));
    }
    let mut requests: Vec<Request> = Vec::with_capacity(addresses.len() + 1);
    for (address, subnet) in &addresses {
        requests.push(address::add(&address::NewAddress {
            index,
            address: *address,
            prefix_len: subnet.prefix_len(),
            broadcast: subnet.broadcast(),
            no_dad: !subnet.is_ipv4(),
        }));
    }
    requests.push(link::set(Selector::Index(index), &Change { up: Some(true), alias, ..Change::default() }));
    if network.pool(false).is_some() {
        enable_ipv6(network)?;
    }
    let present = |position: usize, errno: Errno| position < addresses.len() && errno == Errno::EXIST;
    rtnl.change_all(&requests, &present).map_err(|(position, refusal)| match addresses.get(position) {
        Some((address, _)) => address_refused(&address.to_string(), network.bridge.as_str(), refusal),
        None => Failure::Kernel { doing: "set up bridge", object: network.bridge.to_string(), refusal }.into(),
    })
}

/// The kernel refused an address of interface `interface`.
pub fn address_refused(address: &str, interface: &str, refusal: Refusal) -> Error {
    let doing = "add address";
    let object = format!("{address} to {interface}");
    match refusal.errno {
        Errno::OPNOTSUPP | Errno::AFNOSUPPORT => {
            Failure::Lacking { doing, object, refusal, config: "CONFIG_IPV6" }.into()
        }
        _ => Failure::Kernel { doing, object, refusal }.into(),
    }
}

/// Gives an adopted bridge back: without the gateway addresses that we gave it. Those that were there before are not ours to take.
pub fn release(rtnl: &mut Rtnl, network: &Network, index: u32) -> Result<()> {
    for pool in network.pools.iter().filter(|pool| !pool.gateway_was_there) {
        rtnl.delete_address(index, pool.gateway, pool.subnet.prefix_len()).doing("remove address", &pool.gateway)?;
    }
    Ok(())
}

/// A host may have IPv6 off by default; on the bridge of a network that wants it, it is on.
fn enable_ipv6(network: &Network) -> Result<()> {
    let path = format!("net/ipv6/conf/{}/disable_ipv6", network.bridge);
    match sysctl::ensure(&path, "0") {
        // No IPv6 at all: the kernel says so better when the address is added. No procfs to be had: it is probably on.
        Ok(()) | Err(Errno::NOENT | Errno::NOSYS | Errno::PERM | Errno::NODEV) => Ok(()),
        Err(errno) => {
            Err(Failure::System { doing: "enable IPv6: write", object: format!("/proc/sys/{path}"), errno }.into())
        }
    }
}

/// Makes the network's veths ports of a bridge that was made anew: somebody deleted the old one under them.
fn reattach_ports(rtnl: &mut Rtnl, store: &Store, network: &Network, master: u32) -> Result<()> {
    let links = rtnl.links().doing("list", &"interfaces")?;
    for link in links.iter().filter(|link| link.group == Some(network.group()) && link.master.is_none()) {
        let change = Change { master: Some(master), up: Some(true), ..Change::default() };
        rtnl.set_link(Selector::Index(link.index), &change).doing("attach to the bridge", &link.name)?;
        let hairpin = !super::publish::of_device(store, &link.name, link.index)?.is_empty();
        super::endpoint::set_port_options(rtnl, network, link.index, None, hairpin)?;
    }
    Ok(())
}

/// The link under the network's bridge name, which must be a bridge.
pub fn existing(rtnl: &mut Rtnl, network: &Network) -> Result<Option<Box<Link>>> {
    let name = network.bridge.as_str();
    let link = rtnl.link(Selector::Name(name)).doing("look up interface", &name)?;
    match link {
        Some(link) if !link.is("bridge") => {
            let kind = link.kind.unwrap_or_else(|| "a physical one".to_owned());
            Err(Failure::NotABridge { device: name.to_owned(), kind }.into())
        }
        link => Ok(link),
    }
}

fn gone(network: &Network) -> Error {
    Failure::NotFound {
        kind: "bridge",
        name: network.bridge.to_string(),
        remedy: ": somebody deleted it just now. Try again.",
    }
    .into()
}
