//! What a network is: the definition that its record holds, and what follows from it.

use std::fmt::Display;
use std::net::IpAddr;

use super::mac::Mac;
use super::names::IfName;
use super::subnet::Subnet;
use super::{id, options};
use crate::error::Result;
use crate::json::Json;

/// A network. Passed around in a box, since it is large.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Labels, sorted by key.
    pub labels: Vec<(String, String)>,
    /// Driver options, sorted by key.
    pub options: Vec<(String, String)>,
}

/// A subnet of a network and how addresses of it are given out.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Addresses that are not given out, with their names, sorted by name.
    pub aux: Vec<(String, IpAddr)>,
}

impl Pool {
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
        address == self.gateway || self.aux.iter().any(|(_, aux)| *aux == address)
    }
}

impl Network {
    /// The pool of a family.
    #[must_use]
    pub fn pool(&self, ipv4: bool) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.subnet.is_ipv4() == ipv4)
    }

    /// The pool whose addresses name the leases: IPv4 where there is one.
    #[must_use]
    pub fn lease_pool(&self) -> Option<&Pool> {
        self.pools.first()
    }

    /// The value of an option.
    #[must_use]
    pub fn option(&self, key: &str) -> Option<&str> {
        self.options.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
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
        self.lease_pool().map(|pool| Mac::of(pool.gateway))
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

    /// As a record.
    #[must_use]
    pub fn to_record(&self) -> Json {
        Json::object_of(|json| {
            json.text("name", &self.name).text("id", &self.id).text("created", &self.created);
            json.text("bridge", self.bridge.as_str()).bool("adopted", self.adopted).bool("internal", self.internal);
            json.bool("ipv6", self.ipv6).put("pools", Json::List(self.pools.iter().map(pool_record).collect()));
            json.put("labels", Json::pairs(&self.labels)).put("options", Json::pairs(&self.options));
        })
    }

    /// Reads a record; none when it is not one of a network, or of another name than its file.
    #[must_use]
    pub fn from_record(name: &str, record: &Json) -> Option<Box<Self>> {
        let text = |key| record.get(key).and_then(Json::text).map(str::to_owned);
        let truth = |key| record.get(key).and_then(Json::bool).unwrap_or_default();
        let network = Self {
            name: text("name").filter(|own| own == name)?,
            id: text("id").filter(|id| id::is_id(id))?,
            created: text("created").unwrap_or_default(),
            bridge: IfName::parse("bridge", &text("bridge")?).ok()?,
            adopted: truth("adopted"),
            internal: truth("internal"),
            ipv6: truth("ipv6"),
            pools: record.get("pools")?.items().iter().map(pool_from_record).collect::<Option<_>>()?,
            labels: from_pairs(record.get("labels")?),
            options: from_pairs(record.get("options")?),
        };
        (!network.pools.is_empty()).then(|| Box::new(network))
    }

    /// How it differs from what is wanted, as the user of `--ensure` wants to know it. What nobody named was chosen for them:
    /// any choice will do.
    #[must_use]
    pub fn differences(&self, wanted: &Wanted) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, is: String, should: String| {
            if is != should {
                found.push(format!("{what} is {is}, not {should}"));
            }
        };
        for (ipv4, family) in [(true, "IPv4 subnet"), (false, "IPv6 subnet")] {
            let named = wanted.subnets.iter().find(|subnet| subnet.is_ipv4() == ipv4);
            let needed = if ipv4 { wanted.wants_ipv4() } else { wanted.wants_ipv6() };
            let Some(pool) = self.pool(ipv4).filter(|_| needed) else {
                let should = if needed { named.map_or("one".to_owned(), Subnet::to_string) } else { "none".to_owned() };
                compare(family, self.pool(ipv4).map_or("none".to_owned(), |pool| pool.subnet.to_string()), should);
                continue;
            };
            compare(family, pool.subnet.to_string(), named.unwrap_or(&pool.subnet).to_string());
            let gateway = wanted.gateways.iter().find(|gateway| gateway.is_ipv4() == ipv4);
            compare("gateway", pool.gateway.to_string(), gateway.unwrap_or(&pool.gateway).to_string());
            let range = wanted.ip_ranges.iter().find(|range| range.is_ipv4() == ipv4);
            compare("ip-range", optional(pool.ip_range.as_ref()), optional(range));
            let aux: Vec<_> = wanted.aux.iter().filter(|(_, address)| address.is_ipv4() == ipv4).cloned().collect();
            compare("aux-address", list(&pool.aux), list(&aux));
        }
        compare("internal", self.internal.to_string(), wanted.internal.to_string());
        compare("labels", list(&self.labels), list(&wanted.labels));
        compare("options", list(&self.options), list(&wanted.options));
        found
    }
}

fn optional(subnet: Option<&Subnet>) -> String {
    subnet.map_or("none".to_owned(), Subnet::to_string)
}

fn list<V: Display>(pairs: &[(String, V)]) -> String {
    if pairs.is_empty() { "none".to_owned() } else { joined(pairs, " ") }
}

/// Pairs as `KEY=VALUE`, with `between` between them.
#[must_use]
pub fn joined<V: Display>(pairs: &[(String, V)], between: &str) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        for part in [if text.is_empty() { "" } else { between }, key, "=", &value.to_string()] {
            text.push_str(part);
        }
    }
    text
}

fn from_pairs(json: &Json) -> Vec<(String, String)> {
    let pair = |(key, value): &(String, Json)| Some((key.clone(), value.text()?.to_owned()));
    json.entries().iter().filter_map(pair).collect()
}

fn pool_record(pool: &Pool) -> Json {
    Json::object_of(|json| {
        json.shown("subnet", &pool.subnet).bool("subnet_given", pool.subnet_given).shown("gateway", &pool.gateway);
        json.bool("gateway_given", pool.gateway_given).bool("gateway_was_there", pool.gateway_was_there);
        json.put("ip_range", pool.ip_range.map_or(Json::Null, |range| range.to_string().into()));
        json.put("aux", Json::pairs(&pool.aux));
    })
}

fn pool_from_record(record: &Json) -> Option<Pool> {
    let text = |key| record.get(key).and_then(Json::text);
    let truth = |key| record.get(key).and_then(Json::bool).unwrap_or_default();
    let subnet = Subnet::parse(text("subnet")?).ok()?;
    let aux = from_pairs(record.get("aux")?);
    Some(Pool {
        subnet,
        subnet_given: truth("subnet_given"),
        gateway: text("gateway")?.parse().ok().filter(|gateway| subnet.contains(*gateway))?,
        gateway_given: truth("gateway_given"),
        gateway_was_there: truth("gateway_was_there"),
        ip_range: text("ip_range").and_then(|range| Subnet::parse(range).ok()).filter(|range| subnet.covers(range)),
        aux: aux.into_iter().filter_map(|(name, address)| Some((name, address.parse().ok()?))).collect(),
    })
}

/// What `network create` was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The name.
    pub name: String,
    /// `--subnet`, as read.
    pub subnets: Vec<Subnet>,
    /// `--gateway`.
    pub gateways: Vec<IpAddr>,
    /// `--ip-range`.
    pub ip_ranges: Vec<Subnet>,
    /// `--aux-address`.
    pub aux: Vec<(String, IpAddr)>,
    /// `--ipv6`.
    pub ipv6: bool,
    /// `--internal`.
    pub internal: bool,
    /// `--label`.
    pub labels: Vec<(String, String)>,
    /// `-o`.
    pub options: Vec<(String, String)>,
}

impl Wanted {
    /// Completes the definition with everything but the subnets that are to be chosen.
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
                if !self.options.iter().any(|(known, _)| known == key) {
                    self.options.push((key.to_owned(), value.to_owned()));
                }
            }
        }
        last_wins(&mut self.options);
        last_wins(&mut self.labels);
        last_wins(&mut self.aux);
        if let Some((_, mtu)) = self.options.iter().find(|(key, _)| key == options::MTU) {
            options::mtu(mtu, self.wants_ipv6())?;
        }
        Ok(self)
    }

    /// Whether the network is to have IPv6.
    #[must_use]
    pub fn wants_ipv6(&self) -> bool {
        self.ipv6 || self.subnets.iter().any(|subnet| !subnet.is_ipv4())
    }

    /// Whether the network is to have IPv4: unless only a v6 subnet was named.
    #[must_use]
    pub fn wants_ipv4(&self) -> bool {
        self.subnets.is_empty() || self.subnets.iter().any(Subnet::is_ipv4)
    }
}

/// The network that is there without being created.
pub const DEFAULT_NETWORK: &str = "bridge";
/// Its device, unless another is named: not `docker0`, so that a Docker on this host is left alone.
const DEFAULT_BRIDGE_DEVICE: &str = "pontoon0";

/// Sorts by key; of several with the same key the last stays.
fn last_wins<V>(pairs: &mut Vec<(String, V)>) {
    pairs.reverse();
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    pairs.dedup_by(|(a, _), (b, _)| a == b);
}
