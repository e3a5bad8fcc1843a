//! What a network is: the definition that its record holds, and what follows from it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::options;
use crate::types::family::Family;
use crate::types::ifname::IfName;
use crate::types::mac::Mac;
use crate::types::subnet::{Subnet, address, number};
use crate::types::{id, name};

/// The network that is there without being created.
pub const DEFAULT_NETWORK: &str = "bridge";

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// 64 hex digits.
    pub id: String,
    /// When it was created, RFC 3339.
    pub created: String,
    /// The name of its bridge device.
    pub bridge: IfName,
    /// The bridge was there before and stays when the network goes.
    pub adopted: bool,
    /// No way out.
    pub internal: bool,
    /// `--ipv6` was given, or a v6 subnet.
    pub ipv6: bool,
    /// At most one of each family, IPv4 first; at least one.
    pub pools: Vec<Pool>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Driver options.
    pub options: BTreeMap<String, String>,
}

/// A subnet of a network and how addresses of it are given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// The subnet.
    pub subnet: Subnet,
    /// `--subnet` was given.
    pub subnet_given: bool,
    /// The bridge's address.
    pub gateway: IpAddr,
    /// `--gateway` was given.
    pub gateway_given: bool,
    /// The bridge was adopted and had this address before: it keeps it.
    pub gateway_was_there: bool,
    /// Addresses are given out from here only.
    pub ip_range: Option<Subnet>,
    /// Addresses that are not given out, by name.
    pub aux: BTreeMap<String, IpAddr>,
}

impl Pool {
    /// The family of its addresses.
    #[must_use]
    pub fn family(&self) -> Family {
        self.subnet.family()
    }

    /// The first and last host number that may be given out.
    #[must_use]
    pub fn host_numbers(&self) -> (u128, u128) {
        let (first, last) = self.subnet.host_numbers();
        let Some(range) = &self.ip_range else { return (first, last) };
        let start = self.subnet.host_number(range.network());
        (first.max(start), last.min(start + range.host_mask()))
    }

    /// Whether `address` is kept back: the gateway's or an auxiliary one.
    #[must_use]
    pub fn reserves(&self, address: IpAddr) -> bool {
        address == self.gateway || self.aux.values().any(|aux| *aux == address)
    }

    /// The MAC address of the interface that has `address`, unless it is given another.
    #[must_use]
    pub fn mac(&self, address: IpAddr) -> Mac {
        Mac::of(address, self.subnet.host_number(address))
    }

    /// The address that `mac` goes with; none when it goes with none of the subnet, or by a hash alone.
    #[must_use]
    pub fn address_with(&self, mac: Mac) -> Option<IpAddr> {
        let Mac([_, _, low @ ..]) = mac;
        let network = self.subnet.network();
        let number = number(network) & !u128::from(u32::MAX) | u128::from(u32::from_be_bytes(low));
        let address = address(network, number);
        (self.subnet.contains(address) && self.mac(address) == mac).then_some(address)
    }

    /// Whether what it says goes together.
    fn is_sound(&self) -> bool {
        self.subnet.contains(self.gateway) && self.ip_range.is_none_or(|range| self.subnet.covers(&range))
    }
}

impl Network {
    /// The pool of a family.
    #[must_use]
    pub fn pool(&self, family: Family) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.family() == family)
    }

    /// The pool that an address is of.
    #[must_use]
    pub fn pool_of(&self, address: IpAddr) -> Option<&Pool> {
        self.pool(Family::of(address))
    }

    /// The pool whose addresses name the leases: IPv4 where there is one.
    #[must_use]
    pub fn lease_pool(&self) -> Option<&Pool> {
        self.pools.first()
    }

    /// The value of an option.
    #[must_use]
    pub fn option(&self, key: &str) -> Option<&str> {
        self.options.get(key).map(String::as_str)
    }

    /// MTU of the bridge and of both ends of every veth, in bytes.
    #[must_use]
    pub fn mtu(&self) -> u32 {
        self.option(options::MTU).and_then(|value| value.parse().ok()).unwrap_or(options::DEFAULT_MTU)
    }

    /// Whether sandboxes may reach each other.
    #[must_use]
    pub fn icc(&self) -> bool {
        self.option(options::ENABLE_ICC) != Some("false")
    }

    /// Whether what leaves for the outside gets the host's address.
    #[must_use]
    pub fn masquerades(&self) -> bool {
        !self.internal && self.option(options::ENABLE_IP_MASQUERADE) != Some("false")
    }

    /// Whether the network is not what it says without a firewall; only one without NAT can do without, openly.
    #[must_use]
    pub fn needs_firewall(&self) -> bool {
        self.internal || self.masquerades()
    }

    /// What interface names in sandboxes begin with.
    #[must_use]
    pub fn interface_prefix(&self) -> &str {
        self.option(options::CONTAINER_IFACE_PREFIX).unwrap_or("eth")
    }

    /// The link group of its ports, for deleting them in one request. From the id, and far from the small numbers that
    /// people use.
    #[must_use]
    pub fn group(&self) -> u32 {
        let bits = self.id.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default();
        bits & 0x3fff_ffff | 0x4000_0000
    }

    /// The bridge's MAC: its gateway says it.
    #[must_use]
    pub fn bridge_mac(&self) -> Option<Mac> {
        self.lease_pool().map(|pool| pool.mac(pool.gateway))
    }

    /// The bridge's alias.
    #[must_use]
    pub fn bridge_alias(&self) -> String {
        format!("pontoon {}", self.name)
    }

    /// The twelve digits of the id that records of its endpoints begin with.
    #[must_use]
    pub fn short_id(&self) -> &str {
        id::short(&self.id)
    }

    /// The network's own host address for published ports that name none.
    #[must_use]
    pub fn default_host(&self) -> Option<IpAddr> {
        let host: IpAddr = self.option(options::HOST_BINDING_IPV4)?.parse().ok()?;
        Some(host).filter(|host| !host.is_unspecified())
    }

    /// Whether this can be the record called `name`, whatever it was that wrote it.
    #[must_use]
    pub fn is_sound(&self, name: &str) -> bool {
        self.name == name
            && name::network(&self.name).is_ok()
            && id::is_id(&self.id)
            && !self.pools.is_empty()
            && self.pools.iter().all(Pool::is_sound)
    }
}
