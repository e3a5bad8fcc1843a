//! What an endpoint is, and finding those that exist.
//!
//! The kernel is the truth: an endpoint is a port of the network's bridge whose name is a lease. Its record only decorates it;
//! without one, the device's name, alias and peer say enough.

use core::fmt::Display;
use core::net::IpAddr;

use super::definition::Network;
use super::mac::Mac;
use super::subnet::Subnet;
use super::{id, lease, look, record, sandbox};
use crate::error::{Doing, Result};
use crate::json::Json;
use crate::kernel::{Change, Link, PortOptions, Rtnl, Selector};
use crate::prelude::*;
use crate::store::{Kind, Store};

/// One attachment of a sandbox to a network. It stays, so that it is passed around as a pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The network's name.
    pub network: Text,
    /// The network's id.
    pub network_id: Text,
    /// The sandbox, as it was named when it was connected; empty when nobody knows.
    pub sandbox: Text,
    /// Inode of its namespace; 0 when nobody knows.
    pub inode: u64,
    /// The host-side device.
    pub device: Text,
    /// Its index.
    pub index: u32,
    /// Name of the interface in the sandbox.
    pub ifname: Text,
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
    pub created: Text,
}

impl Endpoint {
    /// The one that this device of the network is, with all that follows from its addresses. Whose it is, is to be added.
    #[must_use]
    pub fn new(network: &Network, device: Text, index: u32, lease: IpAddr, ipv6: Option<IpAddr>) -> &'static mut Self {
        stay(Self {
            network: network.name,
            network_id: network.id,
            sandbox: "",
            inode: 0,
            device,
            index,
            ifname: "",
            mac: Mac::of(&lease),
            lease,
            ipv6,
            ipv4_given: false,
            ipv6_given: false,
            created: "",
        })
    }

    /// 64 hex digits, the same as long as it lives.
    #[must_use]
    pub fn id(&self) -> Text {
        id::derived(&["endpoint", self.network_id, self.device, self.index.to_text()])
    }

    /// 64 hex digits of its sandbox; when nobody knows that, what Docker says of endpoints without a container.
    #[must_use]
    pub fn sandbox_id(&self) -> Text {
        if self.inode == 0 { text!("ep-{}", self.id()) } else { sandbox_id(self.inode) }
    }

    /// Its addresses, IPv4 first.
    #[must_use]
    pub fn addresses(&self) -> &'static [IpAddr] {
        let mut addresses = vec![self.lease];
        if self.lease.is_ipv4()
            && let Some(ipv6) = self.ipv6
        {
            addresses.push(ipv6);
        }
        addresses.leak()
    }

    /// Whether its device is there. The name may have been given out again since: the index tells.
    pub fn lives(&self, rtnl: &Rtnl) -> Result<bool> {
        Ok(look::index_of(rtnl, self.device)? == Some(self.index))
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
    pub fn key(&self) -> Text {
        key(self.network_id, self.inode)
    }

    /// The device's alias: answers "whose veth is this?" in `ip link`. The kernel keeps 255 bytes.
    #[must_use]
    pub fn alias(&self, network: &Network) -> Text {
        let mut alias = format!("pontoon {}/{} {}", self.network, self.sandbox, self.ifname);
        for address in self.addresses() {
            let prefix_len = network.pool(address.is_ipv4()).map_or(0, |pool| pool.subnet.prefix_len());
            alias.push_str(text!(" {address}/{prefix_len}"));
        }
        let mut end = alias.len().min(255);
        while !alias.is_char_boundary(end) {
            end -= 1;
        }
        alias.truncate(end);
        alias.keep()
    }

    /// As a record.
    #[must_use]
    pub fn to_record(&self) -> Json {
        Json::object_of(|json| {
            json.text("network", self.network).text("network_id", self.network_id).text("sandbox", self.sandbox);
            json.shown("inode", &self.inode).text("device", self.device).number("index", self.index);
            json.text("ifname", self.ifname).shown("mac", &self.mac).shown("lease", &self.lease);
            json.put("ipv6", record::or_null(self.ipv6.as_ref().map(|ipv6| ipv6 as &dyn Display)));
            json.bool("ipv4_given", self.ipv4_given).bool("ipv6_given", self.ipv6_given).text("created", self.created);
        })
    }

    /// Reads a record; none when it is none of an endpoint.
    #[must_use]
    pub fn from_record(json: &Json) -> Option<&'static mut Self> {
        let text = |key| record::text(json, key);
        Some(stay(Self {
            network: text("network")?,
            network_id: text("network_id")?,
            sandbox: text("sandbox")?,
            inode: text("inode")?.parse::<i64>().ok()?.try_into().ok()?,
            device: text("device")?,
            index: json.get("index")?.number()?.try_into().ok()?,
            ifname: text("ifname")?,
            mac: Mac::parse("mac", text("mac")?).ok()?,
            lease: record::address(json, "lease")?,
            ipv6: record::address(json, "ipv6"),
            ipv4_given: record::truth(json, "ipv4_given"),
            ipv6_given: record::truth(json, "ipv6_given"),
            created: text("created").unwrap_or_default(),
        }))
    }

    /// What the kernel alone says of the port `link` of `network`'s bridge; none when its name is no lease of the network.
    #[must_use]
    pub fn from_link(network: &Network, link: &'static Link) -> Option<&'static mut Self> {
        let pool = network.lease_pool()?;
        let ipv6_pool = network.pool(false);
        let mut lease = lease::leased_address(&pool.subnet, link.name)?;
        let words = words_of_alias(link.alias);
        let (sandbox, ifname) = from_alias(words, network.name);
        // An address of one's own choice, which the name cannot tell, the alias tells.
        let mut ipv6 = ipv6_pool.and_then(|pool| address_of_alias(words, &pool.subnet));
        if !pool.subnet.is_ipv4() {
            if let Some(told) = ipv6
                && lease::device_name(&pool.subnet, &told) == link.name
            {
                lease = told;
            }
            ipv6 = None;
        } else if ipv6.is_none()
            && let Some(ipv6_pool) = ipv6_pool
        {
            ipv6 = ipv6_pool.subnet.host(pool.subnet.host_number(&lease));
        }
        let endpoint = Self::new(network, link.name, link.index, lease, ipv6);
        (endpoint.sandbox, endpoint.ifname) = (sandbox, ifname);
        Some(endpoint)
    }
}

/// The id of the sandbox whose namespace has this inode number.
#[must_use]
pub fn sandbox_id(inode: u64) -> Text {
    id::derived(&["sandbox", inode.to_text()])
}

/// The name of the record of a sandbox's endpoint on a network.
#[must_use]
pub fn key(network_id: Text, inode: u64) -> Text {
    text!("{}-{inode}", id::short(network_id))
}

/// The words of an alias of ours, `pontoon NETWORK/SANDBOX IFNAME ADDRESS/LENGTH …`, behind the first; of anybody else's none.
#[must_use]
pub fn words_of_alias(alias: Option<Text>) -> &'static [Text] {
    let mut words = Vec::new();
    if let Some(ours) = alias.and_then(|alias| alias.strip_prefix("pontoon ")) {
        for word in ours.split(' ') {
            words.push(word);
        }
    }
    words.leak()
}

/// Sandbox and interface.
fn from_alias(words: &[Text], network: Text) -> (Text, Text) {
    let [whose, rest @ ..] = words else { return ("", "") };
    match whose.strip_prefix(network).and_then(|whose| whose.strip_prefix('/')) {
        Some(sandbox) => (sandbox, rest.first().copied().unwrap_or_default()),
        None => ("", ""),
    }
}

/// The address of `subnet`.
fn address_of_alias(words: &[Text], subnet: &Subnet) -> Option<IpAddr> {
    for word in words {
        let (address, _) = word.split_once('/').unwrap_or((word, ""));
        if let Ok(address) = address.parse()
            && subnet.contains(&address)
        {
            return Some(address);
        }
    }
    None
}

/// The recorded endpoint of a sandbox on a network, when its device lives: a record alone is garbage.
pub fn recorded(rtnl: &Rtnl, store: &Store, network: &Network, inode: u64) -> Result<Option<&'static Endpoint>> {
    let Some(record) = store.read(Kind::Endpoint, key(network.id, inode))? else { return Ok(None) };
    let Some(endpoint) = Endpoint::from_record(record) else { return Ok(None) };
    Ok(endpoint.lives(rtnl)?.then_some(endpoint))
}

/// All endpoints of a network: its bridge's ports, decorated by their records.
pub fn of_network(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<&'static [&'static Endpoint]> {
    let Some(bridge) = super::bridge::index(rtnl, network)? else { return Ok(&[]) };
    let ports = rtnl.ports(bridge).doing("list the ports of", &network.bridge)?;
    if ports.is_empty() {
        return Ok(&[]);
    }
    let records = records_of(store, network)?;
    let mut endpoints: Vec<&'static Endpoint> = Vec::new();
    for port in ports {
        let record = records.iter().find(|record| record.index == port.index && record.device == port.name);
        let Some(endpoint) = record.copied().or_else(|| from_port(rtnl, network, port)) else { continue };
        let at = endpoints.partition_point(|other| other.lease <= endpoint.lease);
        endpoints.insert(at, endpoint);
    }
    Ok(endpoints.leak())
}

/// An endpoint without a record: the namespace id of its peer leads to the other end and to the sandbox.
fn from_port(rtnl: &mut Rtnl, network: &Network, port: &'static Link) -> Option<&'static Endpoint> {
    let endpoint = Endpoint::from_link(network, port)?;
    let Some(id) = port.link_netnsid else { return Some(endpoint) };
    if let Ok(Some(inner)) = rtnl.link_in(id, Selector::Index(peer_index(port))) {
        endpoint.mac = Mac::from_bytes(inner.address).unwrap_or(endpoint.mac);
        endpoint.ifname = inner.name;
    }
    if let Some((name, namespace)) = sandbox::by_netnsid(rtnl, id) {
        endpoint.inode = namespace.inode;
        endpoint.sandbox = name;
    }
    Some(endpoint)
}

/// The index of a veth's other end, in that one's namespace. Older kernels leave it out when it is the veth's own index.
fn peer_index(veth: &Link) -> u32 {
    veth.link.unwrap_or(veth.index)
}

/// The records of a network's endpoints, whether or not these still live.
pub fn records_of(store: &Store, network: &Network) -> Result<&'static Vec<&'static Endpoint>> {
    let prefix = text!("{}-", network.short_id());
    let mut records = Vec::new();
    for name in store.names(Kind::Endpoint)?.iter().filter(|name| name.starts_with(prefix)) {
        if let Some(json) = store.read(Kind::Endpoint, name)?
            && let Some(endpoint) = Endpoint::from_record(json)
        {
            records.push(&*endpoint);
        }
    }
    Ok(stay(records))
}

/// The endpoint of a sandbox on a network without a record: an interface in the sandbox whose other end is a port of the
/// network's bridge.
pub fn find(rtnl: &mut Rtnl, inside: &mut Rtnl, network: &Network, inode: u64) -> Result<Option<&'static Endpoint>> {
    let Some(bridge) = super::bridge::index(rtnl, network)? else { return Ok(None) };
    for interface in inside.links().doing("list", &"the sandbox's interfaces")? {
        if let Some(endpoint) = by_interface(rtnl, network, bridge, inode, interface)? {
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
    interface: &'static Link,
) -> Result<Option<&'static mut Endpoint>> {
    if !interface.is("veth") || interface.link_netnsid.is_none() {
        return Ok(None);
    }
    let peer = peer_index(interface);
    let port = rtnl.link(Selector::Index(peer)).doing("look up interface", &peer)?;
    let Some(port) = port.filter(|port| port.master == Some(bridge) && peer_index(port) == interface.index) else {
        return Ok(None);
    };
    let Some(endpoint) = Endpoint::from_link(network, port) else { return Ok(None) };
    endpoint.inode = inode;
    endpoint.ifname = interface.name;
    endpoint.mac = Mac::from_bytes(interface.address).unwrap_or(endpoint.mac);
    Ok(Some(endpoint))
}

/// Makes a port what its network wants of it: up, its options, its alias.
pub fn set_port_options(
    rtnl: &mut Rtnl,
    network: &Network,
    index: u32,
    alias: Option<Text>,
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
        let read = |alias| from_alias(words_of_alias(Some(alias)), "bridge");
        assert_eq!(read("pontoon bridge/container1 eth0 172.17.0.2/16"), ("container1", "eth0"));
        assert_eq!(read("pontoon bridge//run/x eth0"), ("/run/x", "eth0"));
        assert_eq!(read("pontoon bridge2/x eth0"), ("", ""));
        assert_eq!(read("something else"), ("", ""));
        assert_eq!(read(""), ("", ""));
    }
}
