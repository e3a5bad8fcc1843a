//! What an endpoint is: one attachment of a sandbox to a network.
//!
//! The kernel is the truth: an endpoint is a port of the network's bridge whose name is a lease. Its record only decorates it;
//! without one, the device's name and alias say enough.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::network::Network;
use super::{alias, lease};
use crate::types::family::{Family, PerFamily};
use crate::types::id;
use crate::types::ifname::IfName;
use crate::types::mac::Mac;

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What an endpoint is asked to be, beyond its network and its sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointSpec {
    /// `--ip` and `--ip6`.
    pub addresses: PerFamily<Option<IpAddr>>,
    /// `--mac-address`.
    pub mac: Option<Mac>,
    /// `--ifname`.
    pub ifname: Option<IfName>,
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
        if self.inode == 0 { format!("ep-{}", self.id()) } else { sandbox_id(self.inode) }
    }

    /// Whether a record says it; else it is read from the kernel alone.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        !self.created.is_empty()
    }

    /// What to call it: its sandbox, or its device where nobody knows whose it is.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.sandbox.is_empty() { &self.device } else { &self.sandbox }
    }

    /// Its addresses.
    #[must_use]
    pub fn addresses(&self) -> PerFamily<Option<IpAddr>> {
        match Family::of(self.lease) {
            Family::V4 => PerFamily { v4: Some(self.lease), v6: self.ipv6 },
            Family::V6 => PerFamily { v4: None, v6: Some(self.lease) },
        }
    }

    /// Its address of a family.
    #[must_use]
    pub fn address(&self, family: Family) -> Option<IpAddr> {
        *self.addresses().get(family)
    }

    /// The alias of its port.
    #[must_use]
    pub fn alias(&self, network: &Network) -> String {
        alias::write(network, &self.sandbox, &self.ifname, self.addresses().addresses())
    }

    /// The name of its record.
    #[must_use]
    pub fn key(&self) -> String {
        key(&self.network_id, self.inode)
    }

    /// What the port's name and alias alone say of the endpoint on `network`; none when the name is no lease of it.
    #[must_use]
    pub fn from_port(network: &Network, device: &str, index: u32, alias: &str) -> Option<Self> {
        let pool = network.lease_pool()?;
        let mut lease = lease::leased_address(&pool.subnet, device)?;
        let (sandbox, ifname) = alias::sandbox_and_ifname(alias, &network.name);
        // An address of one's own choice, which the name cannot tell, the alias tells.
        let v6_pool = network.pool(Family::V6);
        let told = v6_pool.and_then(|pool| alias::address_in(alias, &pool.subnet));
        if pool.family() == Family::V6
            && let Some(told) = told.filter(|told| lease::device_name(&pool.subnet, *told) == device)
        {
            lease = told;
        }
        let same_host = || v6_pool.and_then(|v6| v6.subnet.host(pool.subnet.host_number(lease)));
        let ipv6 = if lease.is_ipv4() { told.or_else(same_host) } else { None };
        Some(Self {
            network: network.name.clone(),
            network_id: network.id.clone(),
            sandbox,
            inode: 0,
            device: device.to_owned(),
            index,
            ifname,
            mac: pool.mac(lease),
            lease,
            ipv6,
            ipv4_given: false,
            ipv6_given: false,
            created: String::new(),
        })
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
