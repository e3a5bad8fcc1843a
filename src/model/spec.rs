//! What a network is to be: what `network create` asks for, and how one that is there differs from it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;

use super::network::{DEFAULT_NETWORK, Network};
use super::options;
use crate::error::Result;
use crate::types::family::Family;
use crate::types::subnet::Subnet;

/// The device of the default network, unless another is named: not `docker0`, so that a Docker on this host is left alone.
const DEFAULT_BRIDGE_DEVICE: &str = "pontoon0";

/// What `network create` was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkSpec {
    /// The name.
    pub name: String,
    /// `--subnet`, as read.
    pub subnets: Vec<Subnet>,
    /// `--gateway`.
    pub gateways: Vec<IpAddr>,
    /// `--ip-range`.
    pub ip_ranges: Vec<Subnet>,
    /// `--aux-address`, by name.
    pub aux: BTreeMap<String, IpAddr>,
    /// `--ipv6`.
    pub ipv6: bool,
    /// `--internal`.
    pub internal: bool,
    /// `--label`.
    pub labels: BTreeMap<String, String>,
    /// `-o`.
    pub options: BTreeMap<String, String>,
}

impl NetworkSpec {
    /// The network that is there without being created, as it is when nobody says otherwise.
    pub fn default_network() -> Result<Self> {
        Self { name: DEFAULT_NETWORK.to_owned(), ..Self::default() }.complete()
    }

    /// Completes it with everything but the subnets that are to be chosen.
    ///
    /// The network called `bridge` is Docker's default one and carries its options in full.
    pub fn complete(mut self) -> Result<Self> {
        if self.name == DEFAULT_NETWORK {
            let defaults = [
                (options::DEFAULT_BRIDGE, "true"),
                (options::ENABLE_ICC, "true"),
                (options::ENABLE_IP_MASQUERADE, "true"),
                (options::HOST_BINDING_IPV4, "0.0.0.0"),
                (options::BRIDGE_NAME, DEFAULT_BRIDGE_DEVICE),
                (options::MTU, "1500"),
            ];
            for (key, value) in defaults {
                self.options.entry(key.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        if let Some(mtu) = self.options.get(options::MTU) {
            options::mtu(mtu, self.wants(Family::V6))?;
        }
        Ok(self)
    }

    /// Whether the network is to have a family: IPv4 unless only a v6 subnet was named, IPv6 when it was asked for.
    #[must_use]
    pub fn wants(&self, family: Family) -> bool {
        let named = self.subnets.iter().any(|subnet| subnet.family() == family);
        match family {
            Family::V4 => named || self.subnets.is_empty(),
            Family::V6 => named || self.ipv6,
        }
    }

    /// How `network` differs from it, as the user of `--ensure` wants to know it. What nobody named was chosen for them: any
    /// choice will do.
    #[must_use]
    pub fn differences(&self, network: &Network) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, is: String, should: String| {
            if is != should {
                found.push(format!("{what} is {is}, not {should}"));
            }
        };
        for family in Family::BOTH {
            let subnet = format!("{family} subnet");
            let named = self.subnets.iter().find(|subnet| subnet.family() == family);
            let pool = match (network.pool(family), self.wants(family)) {
                (Some(pool), true) => pool,
                (None, true) => {
                    compare(&subnet, "none".to_owned(), named.map_or("one".to_owned(), Subnet::to_string));
                    continue;
                }
                (there, false) => {
                    compare(
                        &subnet,
                        there.map_or("none".to_owned(), |pool| pool.subnet.to_string()),
                        "none".to_owned(),
                    );
                    continue;
                }
            };
            compare(&subnet, pool.subnet.to_string(), named.unwrap_or(&pool.subnet).to_string());
            let gateway = self.gateways.iter().find(|gateway| Family::of(**gateway) == family);
            compare("gateway", pool.gateway.to_string(), gateway.unwrap_or(&pool.gateway).to_string());
            let range = self.ip_ranges.iter().find(|range| range.family() == family);
            compare("ip-range", optional(pool.ip_range.as_ref()), optional(range));
            let mut aux = self.aux.clone();
            aux.retain(|_, address| Family::of(*address) == family);
            compare("aux-address", list(&pool.aux), list(&aux));
        }
        compare("internal", network.internal.to_string(), self.internal.to_string());
        compare("labels", list(&network.labels), list(&self.labels));
        compare("options", list(&network.options), list(&self.options));
        found
    }
}

fn optional(subnet: Option<&Subnet>) -> String {
    subnet.map_or("none".to_owned(), Subnet::to_string)
}

fn list<V: Display>(pairs: &BTreeMap<String, V>) -> String {
    if pairs.is_empty() { "none".to_owned() } else { joined(pairs, " ") }
}

/// Pairs as `KEY=VALUE`, with `between` between them.
#[must_use]
pub fn joined<V: Display>(pairs: &BTreeMap<String, V>, between: &str) -> String {
    pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(between)
}
