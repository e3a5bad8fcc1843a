//! What a network is: the definition that its record holds, and what follows from it.

use core::fmt::Display;
use core::net::IpAddr;

use super::mac::Mac;
use super::names::IfName;
use super::subnet::Subnet;
use super::{id, options, record};
use crate::error::Result;
use crate::json::Json;
use crate::prelude::*;

/// A network. It stays, so that it is passed around as a pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: Text,
    /// 64 hex digits.
    pub id: Text,
    /// When it was created, RFC 3339.
    pub created: Text,
    /// The name of its bridge device.
    pub bridge: IfName,
    /// The bridge was there before and stays when the network goes.
    pub adopted: bool,
    /// No way out.
    pub internal: bool,
    /// `--ipv6` was given, or a v6 subnet.
    pub ipv6: bool,
    /// At most one of each family, IPv4 first; at least one.
    pub pools: &'static [&'static Pool],
    /// Labels, sorted by key.
    pub labels: &'static [(Text, Text)],
    /// Driver options, sorted by key.
    pub options: &'static [(Text, Text)],
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
    pub aux: &'static [(Text, IpAddr)],
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

    /// The address with host number `host`, unless it is kept back.
    #[must_use]
    pub fn free(&self, host: u128) -> Option<IpAddr> {
        self.subnet.host(host).filter(|address| !self.reserves(address))
    }

    /// Whether `address` is kept back: the gateway's or an auxiliary one.
    #[must_use]
    pub fn reserves(&self, address: &IpAddr) -> bool {
        *address == self.gateway || self.aux.iter().any(|(_, aux)| aux == address)
    }
}

impl Network {
    /// The pool of a family.
    #[must_use]
    pub fn pool(&self, ipv4: bool) -> Option<&'static Pool> {
        self.pools.iter().copied().find(|pool| pool.subnet.is_ipv4() == ipv4)
    }

    /// The pool whose addresses name the leases: IPv4 where there is one.
    #[must_use]
    pub fn lease_pool(&self) -> Option<&'static Pool> {
        self.pools.first().copied()
    }

    /// The value of an option.
    #[must_use]
    pub fn option(&self, key: Text) -> Option<Text> {
        value(self.options, key)
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
    pub fn interface_prefix(&self) -> Text {
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
        self.lease_pool().map(|pool| Mac::of(&pool.gateway))
    }

    /// The bridge's alias.
    #[must_use]
    pub fn bridge_alias(&self) -> Text {
        text!("pontoon {}", self.name)
    }

    /// The twelve digits of the id that records of its endpoints begin with.
    #[must_use]
    pub fn short_id(&self) -> Text {
        id::short(self.id)
    }

    /// As a record.
    #[must_use]
    pub fn to_record(&self) -> Json {
        let mut pools = Vec::new();
        for pool in self.pools {
            pools.push(pool.to_record());
        }
        Json::object_of(|json| {
            json.text("name", self.name).text("id", self.id).text("created", self.created);
            json.text("bridge", self.bridge.as_text()).bool("adopted", self.adopted).bool("internal", self.internal);
            json.bool("ipv6", self.ipv6).put("pools", Json::list(pools));
            json.put("labels", Json::pairs(self.labels)).put("options", Json::pairs(self.options));
        })
    }

    /// Reads a record; none when it is not one of a network, or of another name than its file.
    #[must_use]
    pub fn from_record(name: Text, json: &Json) -> Option<&'static Self> {
        let text = |key| record::text(json, key);
        let truth = |key| record::truth(json, key);
        let mut pools = Vec::new();
        for pool in json.get("pools")?.items() {
            pools.push(Pool::from_record(pool)?);
        }
        if pools.is_empty() {
            return None;
        }
        Some(stay(Self {
            name: text("name").filter(|own| *own == name)?,
            id: text("id").filter(|id| id::is_id(id))?,
            created: text("created").unwrap_or_default(),
            bridge: IfName::parse("bridge", text("bridge")?).ok()?,
            adopted: truth("adopted"),
            internal: truth("internal"),
            ipv6: truth("ipv6"),
            pools: pools.leak(),
            labels: record::pairs(json, "labels")?,
            options: record::pairs(json, "options")?,
        }))
    }

    /// How it differs from what is wanted, as the user of `--ensure` wants to know it. What nobody named was chosen for them:
    /// any choice will do.
    #[must_use]
    pub fn differences(&self, wanted: &Wanted) -> Vec<Text> {
        let mut found = Vec::new();
        let mut compare = |what: Text, is: &dyn Display, should: &dyn Display| {
            let (is, should) = (is.to_text(), should.to_text());
            if is != should {
                found.push(text!("{what} is {is}, not {should}"));
            }
        };
        for ipv4 in &[true, false] {
            let ipv4 = *ipv4;
            let family = if ipv4 { "IPv4 subnet" } else { "IPv6 subnet" };
            let pool = self.pool(ipv4);
            let named = of_family(&wanted.subnets, ipv4);
            let needed = wanted.wants(ipv4);
            let (Some(pool), true) = (pool, needed) else {
                let should = if needed { shown(named, "one") } else { "none" };
                compare(family, &shown(pool.map(|pool| &pool.subnet), "none"), &should);
                continue;
            };
            compare(family, &pool.subnet, named.unwrap_or(&pool.subnet));
            let gateway = wanted.gateways.iter().find(|gateway| gateway.is_ipv4() == ipv4);
            compare("gateway", &pool.gateway, gateway.unwrap_or(&pool.gateway));
            let range = of_family(&wanted.ip_ranges, ipv4);
            compare("ip-range", &shown(pool.ip_range.as_ref(), "none"), &shown(range, "none"));
            let aux = wanted.aux_where(&|address| address.is_ipv4() == ipv4);
            compare("aux-address", &list(&texts(pool.aux)), &list(&texts(&aux)));
        }
        compare("internal", &self.internal, &wanted.internal);
        compare("labels", &list(self.labels), &list(&wanted.labels));
        compare("options", &list(self.options), &list(&wanted.options));
        found
    }
}

/// The first subnet of a family.
#[must_use]
pub fn of_family(subnets: &[Subnet], ipv4: bool) -> Option<&Subnet> {
    subnets.iter().find(|subnet| subnet.is_ipv4() == ipv4)
}

fn shown(subnet: Option<&Subnet>, otherwise: Text) -> Text {
    subnet.map_or(otherwise, Subnet::to_text)
}

fn list(pairs: &[(Text, Text)]) -> Text {
    if pairs.is_empty() { "none" } else { joined(pairs, " ") }
}

/// Pairs as `KEY=VALUE`, with `between` between them.
#[must_use]
pub fn joined(pairs: &[(Text, Text)], between: Text) -> Text {
    let mut text = String::new();
    for (key, value) in pairs {
        text.push_str(if text.is_empty() { "" } else { between });
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    text.keep()
}

/// The value of `key`.
#[must_use]
pub fn value(pairs: &[(Text, Text)], key: Text) -> Option<Text> {
    pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
}

/// Names and addresses, as texts.
#[must_use]
pub fn texts(pairs: &[(Text, IpAddr)]) -> Vec<(Text, Text)> {
    let mut texts = Vec::new();
    for (name, address) in pairs {
        texts.push((*name, address.to_text()));
    }
    texts
}

impl Pool {
    fn to_record(&self) -> Json {
        Json::object_of(|json| {
            json.shown("subnet", &self.subnet).bool("subnet_given", self.subnet_given).shown("gateway", &self.gateway);
            json.bool("gateway_given", self.gateway_given).bool("gateway_was_there", self.gateway_was_there);
            json.put("ip_range", record::or_null(self.ip_range.as_ref().map(|range| range as &dyn Display)));
            json.put("aux", Json::pairs(&texts(self.aux)));
        })
    }

    fn from_record(json: &Json) -> Option<&'static Self> {
        let subnet = record::subnet(json, "subnet")?;
        let mut aux = Vec::new();
        for (name, address) in record::pairs(json, "aux")? {
            if let Ok(address) = address.parse() {
                aux.push((*name, address));
            }
        }
        Some(stay(Self {
            subnet,
            subnet_given: record::truth(json, "subnet_given"),
            gateway: record::address(json, "gateway").filter(|gateway| subnet.contains(gateway))?,
            gateway_given: record::truth(json, "gateway_given"),
            gateway_was_there: record::truth(json, "gateway_was_there"),
            ip_range: record::subnet(json, "ip_range").filter(|range| subnet.covers(range)),
            aux: aux.leak(),
        }))
    }
}

/// What `network create` was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The name.
    pub name: Text,
    /// `--subnet`, as read.
    pub subnets: Vec<Subnet>,
    /// `--gateway`.
    pub gateways: Vec<IpAddr>,
    /// `--ip-range`.
    pub ip_ranges: Vec<Subnet>,
    /// `--aux-address`, each address as it is shown.
    pub aux: Vec<(Text, Text)>,
    /// `--ipv6`.
    pub ipv6: bool,
    /// `--internal`.
    pub internal: bool,
    /// `--label`.
    pub labels: Vec<(Text, Text)>,
    /// `-o`.
    pub options: Vec<(Text, Text)>,
}

impl Wanted {
    /// Completes the definition with everything but the subnets that are to be chosen.
    ///
    /// The network called `bridge` is Docker's default one and carries its options in full.
    pub fn complete(&mut self) -> Result<()> {
        if self.name == DEFAULT_NETWORK {
            // Behind them what the user says counts.
            let mut options = DEFAULTS.to_vec();
            options.append(&mut self.options);
            self.options = options;
        }
        last_wins(&mut self.options);
        last_wins(&mut self.labels);
        last_wins(&mut self.aux);
        if let Some(mtu) = value(&self.options, options::MTU) {
            options::mtu(mtu, self.wants(false))?;
        }
        Ok(())
    }

    /// The auxiliary addresses that fit.
    #[must_use]
    pub fn aux_where(&self, fits: &dyn Fn(&IpAddr) -> bool) -> Vec<(Text, IpAddr)> {
        let mut fitting = Vec::new();
        for (name, address) in &self.aux {
            if let Ok(address) = address.parse()
                && fits(&address)
            {
                fitting.push((*name, address));
            }
        }
        fitting
    }

    /// Whether the network is to have IPv4: unless only a v6 subnet was named. Or IPv6: if it was asked for.
    #[must_use]
    pub fn wants(&self, ipv4: bool) -> bool {
        let by_default = if ipv4 { self.subnets.is_empty() } else { self.ipv6 };
        by_default || of_family(&self.subnets, ipv4).is_some()
    }
}

/// The network that is there without being created.
pub const DEFAULT_NETWORK: Text = "bridge";
/// Its device, unless another is named: not `docker0`, so that a Docker on this host is left alone.
const DEFAULT_BRIDGE_DEVICE: Text = "pontoon0";

/// The options of the network that is there without being created.
const DEFAULTS: [(Text, Text); 6] = [
    (options::DEFAULT_BRIDGE, "true"),
    (options::ENABLE_ICC, "true"),
    (options::ENABLE_IP_MASQUERADE, "true"),
    (options::HOST_BINDING_IPV4, "0.0.0.0"),
    (options::BRIDGE_NAME, DEFAULT_BRIDGE_DEVICE),
    (options::MTU, "1500"),
];

/// Sorts by key; of several with the same key the last stays.
fn last_wins(pairs: &mut Vec<(Text, Text)>) {
    let mut keys = Vec::new();
    for (key, _) in pairs.iter() {
        if !keys.contains(key) {
            keys.push(*key);
        }
    }
    sort(&mut keys, &|a, b| a < b);
    let mut sorted = Vec::new();
    for key in keys {
        if let Some(pair) = pairs.iter().rfind(|(known, _)| *known == key) {
            sorted.push(*pair);
        }
    }
    *pairs = sorted;
}
