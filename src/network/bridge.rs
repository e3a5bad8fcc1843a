//! The bridge of a network: made, made right, taken down.

use core::net::{IpAddr, Ipv6Addr};

use pontoon_netlink::Request;
use pontoon_netlink::route::{address, link};

use super::definition::Network;
use super::look;
use super::names::IfName;
use super::subnet::Subnet;
use super::undo::{Step, Undo};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::{Change, Link, NewBridge, Refusal, Rtnl, Selector};
use crate::prelude::*;
use crate::store::Store;
use crate::sys::{Errno, sysctl};

/// The link-local address of every bridge that has IPv6.
static LINK_LOCAL: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1));

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
    look::index_of(rtnl, network.bridge.as_text())
}

/// Makes the bridge and gives it what the definition says.
pub fn create(rtnl: &mut Rtnl, network: &Network, undo: &mut Undo) -> Result<u32> {
    let name = network.bridge.as_text();
    let new = NewBridge { name, mac: network.bridge_mac().map(|mac| mac.0), mtu: Some(network.mtu()) };
    rtnl.create_bridge(&new).map_err(|refusal| match refusal.errno {
        Errno::EXIST => Failure::Exists { kind: "interface", name, remedy: "" },
        Errno::OPNOTSUPP => Failure::Lacking { doing: "create bridge", object: name, refusal, config: "CONFIG_BRIDGE" },
        _ => Failure::Kernel { doing: "create bridge", object: name, refusal },
    })?;
    let index = index(rtnl, network)?.ok_or_else(|| gone(network))?;
    undo.note(Step::DeleteLink(index));
    set_up(rtnl, network, index, Some(network.bridge_alias()))?;
    Ok(index)
}

/// Gives the bridge with this index the network's addresses, alias and state. What it has already is no error.
pub fn equip(rtnl: &mut Rtnl, network: &Network, index: u32) -> Result<()> {
    // An adopted bridge keeps its own alias.
    let alias = network.bridge_alias();
    set_up(rtnl, network, index, Some(alias).filter(|_| !network.adopted))
}

fn set_up(rtnl: &mut Rtnl, network: &Network, index: u32, alias: Option<Text>) -> Result<()> {
    let mut addresses = Vec::new();
    let mut requests = Vec::new();
    for pool in network.pools {
        addresses.push(&pool.gateway);
        requests.push(new_address(index, &pool.gateway, &pool.subnet));
    }
    let has_ipv6 = network.pool(false).is_some();
    // As Docker: the bridge's own link-local address is not to be used until the kernel has looked for duplicates, which it
    // only begins with the first port; until then nobody from outside would be led to a sandbox. This one is there at once.
    if has_ipv6 && !network.adopted {
        addresses.push(&LINK_LOCAL);
        requests.push(new_address(index, &LINK_LOCAL, &Subnet::around(&LINK_LOCAL, 64)));
    }
    requests.push(link::set(Selector::Index(index), &Change { up: Some(true), alias, ..Change::default() }));
    if has_ipv6 {
        enable_ipv6(network)?;
    }
    let present = |position: usize, errno: Errno| position < addresses.len() && errno == Errno::EXIST;
    rtnl.change_all(&requests, &present).map_err(|(position, refusal)| match addresses.get(position) {
        Some(address) => address_refused(address.to_text(), network.bridge.as_text(), refusal),
        None => Error::kernel("set up bridge", &network.bridge, refusal),
    })
}

/// The request that gives an interface an address of `subnet`; nobody else can have it.
pub fn new_address(index: u32, address: &IpAddr, subnet: &Subnet) -> Request {
    let no_dad = !subnet.is_ipv4();
    let (prefix_len, broadcast) = (subnet.prefix_len(), subnet.broadcast());
    address::add(&address::NewAddress { index, address: *address, prefix_len, broadcast, no_dad })
}

/// The kernel refused an address of interface `interface`.
pub fn address_refused(address: Text, interface: Text, refusal: Refusal) -> Error {
    let doing = "add address";
    let object = text!("{address} to {interface}");
    match refusal.errno {
        Errno::OPNOTSUPP | Errno::AFNOSUPPORT => {
            Failure::Lacking { doing, object, refusal, config: "CONFIG_IPV6" }.into()
        }
        _ => Error::kernel(doing, &object, refusal),
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
    let path = text!("net/ipv6/conf/{}/disable_ipv6", network.bridge);
    match sysctl::ensure(path, "0") {
        // No IPv6 at all: the kernel says so better when the address is added. No procfs to be had: it is probably on.
        Ok(()) | Err(Errno::NOENT | Errno::NOSYS | Errno::PERM | Errno::NODEV) => Ok(()),
        Err(errno) => Err(Error::system("enable IPv6: write", &text!("/proc/sys/{path}"), errno)),
    }
}

/// Makes the network's veths ports of a bridge that was made anew: somebody deleted the old one under them.
fn reattach_ports(rtnl: &mut Rtnl, store: &Store, network: &Network, master: u32) -> Result<()> {
    let links = rtnl.links().doing("list", &"interfaces")?;
    for link in links.iter().filter(|link| link.group == Some(network.group()) && link.master.is_none()) {
        let change = Change { master: Some(master), up: Some(true), ..Change::default() };
        rtnl.set_link(Selector::Index(link.index), &change).doing("attach to the bridge", &link.name)?;
        let hairpin = !super::publish::of_device(store, link.name, link.index)?.is_empty();
        super::endpoint::set_port_options(rtnl, network, link.index, None, hairpin)?;
    }
    Ok(())
}

/// The link under a bridge's name, which must be a bridge.
pub fn existing(rtnl: &mut Rtnl, bridge: IfName) -> Result<Option<&'static Link>> {
    let device = bridge.as_text();
    let link = look::link(rtnl, device)?;
    match link {
        Some(link) if !link.is("bridge") => {
            let kind = link.kind.unwrap_or("a physical one");
            Err(Failure::NotABridge { device, kind }.into())
        }
        link => Ok(link),
    }
}

fn gone(network: &Network) -> Error {
    Error::not_found("bridge", network.bridge.as_text(), ": somebody deleted it just now. Try again.")
}
