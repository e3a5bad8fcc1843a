//! What an endpoint is, and finding those that exist.
//!
//! The kernel is the truth: an endpoint is a port of the network's bridge whose name is a lease. Its record only decorates it;
//! without one, the device's name, alias and peer say enough.

use std::net::IpAddr;

use super::definition::Network;
use super::mac::Mac;
use super::subnet::Subnet;
use super::{id, lease, sandbox};
use crate::error::{Doing, Result};
use crate::json::Json;
use crate::kernel::{Change, Link, PortOptions, Rtnl, Selector};
use crate::store::{Kind, Store};

/// One attachment of a sandbox to a network. Passed around in a box, since it is large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The network's name.
    pub network: String,
    /// The network's id.
    pub network_id: String,
    /// The sandbox, as it was named when it was connected; empty when nobody knows.
    pub sandbox: String,
    /// Inode of its namespace; 0 when nobody knows.
    pub inode: u64,
    /// The host-side device.
    pub device: String,
    /// Its index.
    pub index: u32,
    /// Name of the interface in the sandbox.
    pub ifname: String,
    /// MAC of the interface in the sandbox.
    pub mac: Mac,
    /// The address that the device leases.
    pub lease: IpAddr,
    /// IPv6 address on a network of both families.
    pub ipv6: Option<IpAddr>,
    /// `--ip` was given.
    pub ipv4_given: bool,
    /// `--ip6` was given.
    pub ipv6_given: bool,
    /// When it was connected, RFC 3339.
    pub created: String,
}

impl Endpoint {
    /// 64 hex digits, the same as long as it lives.
    #[must_use]
    pub fn id(&self) -> String {
        id::derived(&["endpoint", &self.network_id, &self.device, &self.index.to_string()])
    }

    /// 64 hex digits of its sandbox; when nobody knows that, what Docker says of endpoints without a container.
    #[must_use]
    pub fn sandbox_id(&self) -> String {
        if self.inode == 0 { "ep-".to_owned() + &self.id() } else { sandbox_id(self.inode) }
    }

    /// The IPv4 address.
    #[must_use]
    pub fn ipv4(&self) -> Option<IpAddr> {
        Some(self.lease).filter(IpAddr::is_ipv4)
    }

    /// The IPv6 address.
    #[must_use]
    pub fn v6(&self) -> Option<IpAddr> {
        if self.lease.is_ipv4() { self.ipv6 } else { Some(self.lease) }
    }

    /// The name of its record.
    #[must_use]
    pub fn key(&self) -> String {
        key(&self.network_id, self.inode)
    }

    /// The device's alias: answers "whose veth is this?" in `ip link`. The kernel keeps 255 bytes.
    #[must_use]
    pub fn alias(&self, network: &Network) -> String {
        let mut alias = format!("pontoon {}/{} {}", self.network, self.sandbox, self.ifname);
        for address in [self.ipv4(), self.v6()].into_iter().flatten() {
            let prefix_len = network.pool(address.is_ipv4()).map_or(0, |pool| pool.subnet.prefix_len());
            alias.extend([" ", &address.to_string(), "/", &prefix_len.to_string()]);
        }
        while alias.len() > 255 {
            alias.pop();
        }
        alias
    }

    /// As a record.
    #[must_use]
    pub fn to_record(&self) -> Json {
        Json::object_of(|json| {
            json.text("network", &self.network).text("network_id", &self.network_id).text("sandbox", &self.sandbox);
            json.shown("inode", &self.inode).text("device", &self.device).number("index", self.index);
            json.text("ifname", &self.ifname).shown("mac", &self.mac).shown("lease", &self.lease);
            json.put("ipv6", self.ipv6.map_or(Json::Null, |ipv6| ipv6.to_string().into()));
            json.bool("ipv4_given", self.ipv4_given).bool("ipv6_given", self.ipv6_given).text("created", &self.created);
        })
    }

    /// Reads a record; none when it is none of an endpoint.
    #[must_use]
    pub fn from_record(record: &Json) -> Option<Box<Self>> {
        let text = |key| record.get(key).and_then(Json::text);
        let truth = |key| record.get(key).and_then(Json::bool).unwrap_or_default();
        Some(Box::new(Self {
            network: text("network")?.to_owned(),
            network_id: text("network_id")?.to_owned(),
            sandbox: text("sandbox")?.to_owned(),
            inode: text("inode")?.parse().ok()?,
            device: text("device")?.to_owned(),
            index: record.get("index")?.number()?.try_into().ok()?,
            ifname: text("ifname")?.to_owned(),
            mac: Mac::parse("mac", text("mac")?).ok()?,
            lease: text("lease")?.parse().ok()?,
            ipv6: text("ipv6").and_then(|ipv6| ipv6.parse().ok()),
            ipv4_given: truth("ipv4_given"),
            ipv6_given: truth("ipv6_given"),
            created: text("created").unwrap_or_default().to_owned(),
        }))
    }

    /// What the kernel alone says of the port `link` of `network`'s bridge; none when its name is no lease of the network.
    #[must_use]
    pub fn from_link(network: &Network, link: &Link) -> Option<Box<Self>> {
        let pool = network.lease_pool()?;
        let mut lease = lease::leased_address(&pool.subnet, &link.name)?;
        let alias = link.alias.as_deref().unwrap_or_default();
        let (sandbox, ifname) = from_alias(alias, &network.name);
        // An address of one's own choice, which the name cannot tell, the alias tells.
        let told = network.pool(false).and_then(|pool| ipv6_of_alias(alias, &pool.subnet));
        if let Some(told) =
            told.filter(|told| !pool.subnet.is_ipv4() && lease::device_name(&pool.subnet, *told) == link.name)
        {
            lease = told;
        }
        let same_host = |ipv6: &Subnet| told.or_else(|| ipv6.host(pool.subnet.host_number(lease)));
        Some(Box::new(Self {
            network: network.name.clone(),
            network_id: network.id.clone(),
            sandbox,
            inode: 0,
            device: link.name.clone(),
            index: link.index,
            ifname,
            mac: Mac::of(lease),
            lease,
            ipv6: network.pool(false).filter(|_| lease.is_ipv4()).and_then(|pool| same_host(&pool.subnet)),
            ipv4_given: false,
            ipv6_given: false,
            created: String::new(),
        }))
    }
}

/// The id of the sandbox whose namespace has this inode number.
#[must_use]
pub fn sandbox_id(inode: u64) -> String {
    id::derived(&["sandbox", &inode.to_string()])
}

/// The name of the record of a sandbox's endpoint on a network.
#[must_use]
pub fn key(network_id: &str, inode: u64) -> String {
    format!("{}-{inode}", id::short(network_id))
}

/// Sandbox and interface out of `pontoon NETWORK/SANDBOX IFNAME …`.
fn from_alias(alias: &str, network: &str) -> (String, String) {
    let rest = alias
        .strip_prefix("pontoon ")
        .and_then(|rest| rest.strip_prefix(network))
        .and_then(|rest| rest.strip_prefix('/'));
    let mut words = rest.unwrap_or_default().split(' ').map(str::to_owned);
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

/// The address of `subnet` in an alias of ours.
fn ipv6_of_alias(alias: &str, subnet: &Subnet) -> Option<IpAddr> {
    let mut words = alias.strip_prefix("pontoon ")?.split(' ');
    words.find_map(|word| word.split('/').next()?.parse().ok().filter(|address| subnet.contains(*address)))
}

/// The recorded endpoint of a sandbox on a network, when its device lives: a record alone is garbage.
pub fn recorded(rtnl: &Rtnl, store: &Store, network: &Network, inode: u64) -> Result<Option<Box<Endpoint>>> {
    let Some(record) = store.read(Kind::Endpoint, &key(&network.id, inode))? else { return Ok(None) };
    let Some(endpoint) = Endpoint::from_record(&record) else { return Ok(None) };
    let index = rtnl.index_of(&endpoint.device).doing("look up interface", &endpoint.device)?;
    // The name may have been given out again since: the index tells.
    Ok(Some(endpoint).filter(|endpoint| index == Some(endpoint.index)))
}

/// All endpoints of a network: its bridge's ports, decorated by their records.
pub fn of_network(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<Vec<Box<Endpoint>>> {
    let Some(bridge) = super::bridge::index(rtnl, network)? else { return Ok(Vec::new()) };
    let ports = rtnl.ports(bridge).doing("list the ports of", &network.bridge)?;
    if ports.is_empty() {
        return Ok(Vec::new());
    }
    let records = records_of(store, network)?;
    let mut endpoints = Vec::new();
    for port in &ports {
        let record = records.iter().find(|record| record.device == port.name && record.index == port.index);
        match record {
            Some(record) => endpoints.push(record.clone()),
            None => endpoints.extend(from_port(rtnl, network, port)),
        }
    }
    endpoints.sort_by_key(|endpoint| endpoint.lease);
    Ok(endpoints)
}

/// An endpoint without a record: the namespace id of its peer leads to the other end and to the sandbox.
fn from_port(rtnl: &mut Rtnl, network: &Network, port: &Link) -> Option<Box<Endpoint>> {
    let mut endpoint = Endpoint::from_link(network, port)?;
    let Some(id) = port.link_netnsid else { return Some(endpoint) };
    if let Ok(Some(inner)) = rtnl.link_in(id, Selector::Index(peer_index(port))) {
        endpoint.mac = Mac::from_bytes(&inner.address).unwrap_or(endpoint.mac);
        endpoint.ifname = inner.name;
    }
    if let Some((name, namespace)) = sandbox::by_netnsid(rtnl, id) {
        endpoint.inode = namespace.inode().unwrap_or_default();
        endpoint.sandbox = name;
    }
    Some(endpoint)
}

/// The index of a veth's other end, in that one's namespace. Older kernels leave it out when it is the veth's own index.
fn peer_index(veth: &Link) -> u32 {
    veth.link.unwrap_or(veth.index)
}

/// The records of a network's endpoints, whether or not these still live.
pub fn records_of(store: &Store, network: &Network) -> Result<Vec<Box<Endpoint>>> {
    let prefix = format!("{}-", network.short_id());
    let mut records = Vec::new();
    for name in store.names(Kind::Endpoint)?.iter().filter(|name| name.starts_with(&prefix)) {
        records.extend(store.read(Kind::Endpoint, name)?.as_ref().and_then(Endpoint::from_record));
    }
    Ok(records)
}

/// The endpoint of a sandbox on a network without a record: an interface in the sandbox whose other end is a port of the
/// network's bridge.
pub fn find(rtnl: &mut Rtnl, inside: &mut Rtnl, network: &Network, inode: u64) -> Result<Option<Box<Endpoint>>> {
    let Some(bridge) = super::bridge::index(rtnl, network)? else { return Ok(None) };
    for interface in inside.links().doing("list", &"the sandbox's interfaces")? {
        if let Some(endpoint) = by_interface(rtnl, network, bridge, inode, &interface)? {
            return Ok(Some(endpoint));
        }
    }
    Ok(None)
}

/// The endpoint of `network` that `interface`, a link of the sandbox, is the inner end of; none when it is not one.
pub fn by_interface(
    rtnl: &mut Rtnl,
    network: &Network,
    bridge: u32,
    inode: u64,
    interface: &Link,
) -> Result<Option<Box<Endpoint>>> {
    if !interface.is("veth") || interface.link_netnsid.is_none() {
        return Ok(None);
    }
    let peer = peer_index(interface);
    let port = rtnl.link(Selector::Index(peer)).doing("look up interface", &peer)?;
    let Some(port) = port.filter(|port| port.master == Some(bridge) && peer_index(port) == interface.index) else {
        return Ok(None);
    };
    let Some(mut endpoint) = Endpoint::from_link(network, &port) else { return Ok(None) };
    endpoint.inode = inode;
    endpoint.ifname.clone_from(&interface.name);
    endpoint.mac = Mac::from_bytes(&interface.address).unwrap_or(endpoint.mac);
    Ok(Some(endpoint))
}

/// Makes a port what its network wants of it: up, its options, its alias.
pub fn set_port_options(
    rtnl: &mut Rtnl,
    network: &Network,
    index: u32,
    alias: Option<&str>,
    hairpin: bool,
) -> Result<()> {
    let port = PortOptions { isolated: !network.icc(), hairpin };
    let change = Change { up: Some(true), alias, port: Some(port), ..Change::default() };
    rtnl.set_link(Selector::Index(index), &change).doing("set up the port", &index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alias_is_read_back() {
        assert_eq!(
            from_alias("pontoon bridge/container1 eth0 172.17.0.2/16", "bridge"),
            ("container1".into(), "eth0".into())
        );
        assert_eq!(from_alias("pontoon bridge//run/x eth0", "bridge"), ("/run/x".into(), "eth0".into()));
        assert_eq!(from_alias("something else", "bridge"), (String::new(), String::new()));
        assert_eq!(from_alias("", "bridge"), (String::new(), String::new()));
    }
}
