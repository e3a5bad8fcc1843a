//! The endpoints that are: recorded, or read from the kernel alone.

use std::collections::BTreeSet;

use crate::error::{Doing, Error, Result};
use crate::kernel::{Link, Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::model::ports::{self, PublishedPort};
use crate::network::bridge;
use crate::sandbox::{SandboxRef, namespaces};
use crate::session::Session;
use crate::store::{Store, endpoints, networks};
use crate::sys::netns::Netns;
use crate::types::mac::Mac;

/// An endpoint with its network.
#[derive(Debug, Clone)]
pub struct Attached {
    /// The network.
    pub network: Network,
    /// The endpoint.
    pub endpoint: Endpoint,
}

/// The recorded endpoint of a sandbox on a network, when its device lives: a record alone is garbage.
pub fn recorded(rtnl: &Rtnl, store: &Store, network: &Network, inode: u64) -> Result<Option<Endpoint>> {
    let Some(endpoint) = endpoints::of(store, network, inode)? else { return Ok(None) };
    Ok(rtnl.has_link(&endpoint.device, endpoint.index)?.then_some(endpoint))
}

/// All endpoints of a network: its bridge's ports, decorated by their records.
pub fn of_network(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<Vec<Endpoint>> {
    let Some(bridge) = bridge::index(rtnl, network)? else { return Ok(Vec::new()) };
    let ports = rtnl.ports(bridge).doing("list the ports of", &network.bridge)?;
    if ports.is_empty() {
        return Ok(Vec::new());
    }
    let mut records = endpoints::of_network(store, network)?;
    let mut found = Vec::new();
    for port in &ports {
        let record = records.iter().position(|record| record.device == port.name && record.index == port.index);
        match record {
            Some(position) => found.push(records.swap_remove(position)),
            None => found.extend(from_port(rtnl, network, port)),
        }
    }
    found.sort_by_key(|endpoint| endpoint.lease);
    Ok(found)
}

/// As [`of_network`], and with them the recorded endpoints whose device lives, but is no port of the bridge any more: nothing reaches
/// them. Without a bridge there are none.
pub fn of_network_wherever(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<Vec<Endpoint>> {
    let mut found = of_network(rtnl, store, network)?;
    if bridge::index(rtnl, network)?.is_none() {
        return Ok(found);
    }
    let ports: BTreeSet<u32> = found.iter().map(|endpoint| endpoint.index).collect();
    for record in endpoints::of_network(store, network)? {
        if !ports.contains(&record.index) && rtnl.has_link(&record.device, record.index)? {
            found.push(record);
        }
    }
    found.sort_by_key(|endpoint| endpoint.lease);
    Ok(found)
}

/// The namespace that an endpoint leads into: by its sandbox's name, or where that is not known, or another's by now, by the
/// port's other end.
pub fn namespace(host: &mut Rtnl, endpoint: &Endpoint) -> Result<Netns> {
    let named = SandboxRef::parse(&endpoint.sandbox).and_then(|sandbox| sandbox.open());
    if let Ok(namespace) = &named
        && (endpoint.inode == 0 || namespace.inode() == Ok(endpoint.inode))
    {
        return named;
    }
    let port = host.link(Selector::Index(endpoint.index)).ok().flatten();
    let found = port.and_then(|port| port.link_netnsid).and_then(|id| namespaces::by_netnsid(host, id));
    match (found, named) {
        (Some((_, namespace)), _) => Ok(namespace),
        (None, Err(error)) if !endpoint.sandbox.is_empty() => Err(error),
        _ => Err(Error::not_found("sandbox of", &endpoint.device, ": no name in /run/netns leads to it")),
    }
}

/// The endpoints of `sandbox`, whose namespace is `namespace`, each with its network.
pub fn of_sandbox(
    session: &Session,
    host: &mut Rtnl,
    store: &Store,
    sandbox: &SandboxRef,
    namespace: &Netns,
) -> Result<Vec<Attached>> {
    let home = host.netns().doing("open", "the namespace of the host")?;
    let inode = namespace.inode().doing("look at sandbox", sandbox)?;
    let mut inside = sandbox.rtnl(namespace, &home, session.report)?;
    let interfaces = inside.links().doing("list the interfaces of sandbox", sandbox)?;
    let id = identity(host, namespace)?;
    let mut attached = Vec::new();
    for network in networks::all(store)? {
        let endpoint = match recorded(host, store, &network, inode)? {
            None => among(host, &network, inode, id, &interfaces)?,
            recorded => recorded,
        };
        attached.extend(endpoint.map(|endpoint| Attached { network, endpoint }));
    }
    Ok(attached)
}

/// The endpoint of a sandbox on a network without a record: an interface in the sandbox whose other end is a port of the
/// network's bridge.
pub fn find(
    rtnl: &mut Rtnl,
    inside: &mut Rtnl,
    network: &Network,
    namespace: &Netns,
    inode: u64,
) -> Result<Option<Endpoint>> {
    let interfaces = inside.links().doing("list", "the sandbox's interfaces")?;
    let id = identity(rtnl, namespace)?;
    among(rtnl, network, inode, id, &interfaces)
}

/// The id by which the host knows a namespace. It is what tells whose a port is: index, name, MAC, alias and addresses of what is
/// inside are the sandbox's own to choose, also those of somebody else's pair.
pub fn identity(host: &mut Rtnl, namespace: &Netns) -> Result<Option<i32>> {
    host.id_of(namespace).doing("look up", "the sandbox's namespace id")
}

fn among(
    rtnl: &mut Rtnl,
    network: &Network,
    inode: u64,
    id: Option<i32>,
    interfaces: &[Link],
) -> Result<Option<Endpoint>> {
    let Some(bridge) = bridge::index(rtnl, network)? else { return Ok(None) };
    for interface in interfaces {
        if let Some(endpoint) = by_interface(rtnl, network, bridge, inode, id, interface)? {
            return Ok(Some(endpoint));
        }
    }
    Ok(None)
}

/// The endpoint of `network` that `interface`, a link of the sandbox which the host knows by `id`, is the inner end of; none when
/// it is not one.
pub fn by_interface(
    rtnl: &mut Rtnl,
    network: &Network,
    bridge: u32,
    inode: u64,
    id: Option<i32>,
    interface: &Link,
) -> Result<Option<Endpoint>> {
    if !interface.is("veth") || interface.link_netnsid.is_none() {
        return Ok(None);
    }
    let peer = peer_index(interface);
    let port = rtnl.link(Selector::Index(peer)).doing("look up interface", peer)?;
    let leads_here = |port: &Link| {
        port.master == Some(bridge) && peer_index(port) == interface.index && id.is_some() && port.link_netnsid == id
    };
    let Some(port) = port.filter(leads_here) else { return Ok(None) };
    let Some(mut endpoint) = from_name(network, &port) else { return Ok(None) };
    endpoint.inode = inode;
    endpoint.ifname.clone_from(&interface.name);
    endpoint.mac = Mac::from_bytes(&interface.address).unwrap_or(endpoint.mac);
    Ok(Some(endpoint))
}

/// What is published for these endpoints: each host address an entry, as Docker lists them, by the sandbox's port.
pub fn published(store: &Store, attached: &[Attached]) -> Result<Vec<PublishedPort>> {
    let mut all = Vec::new();
    for Attached { endpoint, .. } in attached {
        all.extend(ports::spelled_out(&endpoints::published(store, endpoint)?, endpoint.addresses().present()));
    }
    ports::sort(&mut all);
    Ok(all)
}

/// An endpoint without a record: the namespace id of its peer leads to the other end and to the sandbox.
fn from_port(rtnl: &mut Rtnl, network: &Network, port: &Link) -> Option<Endpoint> {
    let mut endpoint = from_name(network, port)?;
    let Some(id) = port.link_netnsid else { return Some(endpoint) };
    if let Ok(Some(inner)) = rtnl.link_in(id, Selector::Index(peer_index(port))) {
        endpoint.mac = Mac::from_bytes(&inner.address).unwrap_or(endpoint.mac);
        endpoint.ifname = inner.name;
    }
    if let Some((name, namespace)) = namespaces::by_netnsid(rtnl, id) {
        endpoint.inode = namespace.inode().unwrap_or_default();
        endpoint.sandbox = name;
    }
    Some(endpoint)
}

/// What a port's name and alias alone say; none when the name is no lease of the network.
#[must_use]
pub fn from_name(network: &Network, port: &Link) -> Option<Endpoint> {
    Endpoint::from_port(network, &port.name, port.index, port.alias.as_deref().unwrap_or_default())
}

/// The index of a veth's other end, in that one's namespace. Older kernels leave it out when it is the veth's own index.
#[must_use]
pub fn peer_index(veth: &Link) -> u32 {
    veth.link.unwrap_or(veth.index)
}
