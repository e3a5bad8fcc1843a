//! Published ports: how `-p` says them, what they mean, and their record.
//!
//! No I/O; the rules that make them true are `firewall`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use crate::types::Invalid;
use crate::types::family::{Family, PerFamily};

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// Its number in the IP header.
    ///
    /// # Source
    /// `IPPROTO_*` in linux/in.h
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
        }
    }

    /// Its name, as Docker writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// One published port. Shown as what `-p` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PublishedPort {
    /// The host's address: none for any of either family, the unspecified one for any of its family.
    pub host: Option<IpAddr>,
    /// The host's port.
    pub host_port: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The sandbox's port.
    pub port: u16,
}

impl PublishedPort {
    /// The host addresses that it listens on for an endpoint that has these families, IPv4 first; unspecified for any.
    pub fn hosts(&self, has: PerFamily<bool>) -> impl Iterator<Item = IpAddr> + use<> {
        let host = self.host;
        let of = move |family: Family| {
            let address = host.unwrap_or(family.unspecified());
            Some(address).filter(|address| *has.get(family) && Family::of(*address) == family)
        };
        Family::BOTH.into_iter().filter_map(of)
    }

    /// The host's address and port: `0.0.0.0:8080`, `[::]:8080`, or the port alone.
    #[must_use]
    pub fn socket(&self) -> String {
        match self.host {
            None => self.host_port.to_string(),
            Some(IpAddr::V4(host)) => format!("{host}:{}", self.host_port),
            Some(IpAddr::V6(host)) => format!("[{host}]:{}", self.host_port),
        }
    }

    /// The sandbox's port as Docker writes it: `80/tcp`.
    #[must_use]
    pub fn inner(&self) -> String {
        format!("{}/{}", self.port, self.protocol.name())
    }

    /// The port as errors name it: `8080/tcp`, `127.0.0.1:8080/tcp`.
    #[must_use]
    pub fn named(&self) -> String {
        format!("{}/{}", self.socket(), self.protocol.name())
    }
}

impl fmt::Display for PublishedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.socket(), self.inner())
    }
}

impl From<PublishedPort> for String {
    fn from(port: PublishedPort) -> Self {
        port.to_string()
    }
}

impl TryFrom<String> for PublishedPort {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let spec: PortSpec = text.parse()?;
        let mut mappings = spec.expand().into_iter();
        let only = mappings.next().filter(|_| mappings.next().is_none());
        only.and_then(|only| Some(only.on(only.host_port?))).ok_or_else(|| "one port of the host and one inside".into())
    }
}

/// One port that is to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortMapping {
    /// As [`PublishedPort::host`].
    pub host: Option<IpAddr>,
    /// The host's port; none for one that is free.
    pub host_port: Option<u16>,
    /// The protocol.
    pub protocol: Protocol,
    /// The sandbox's port.
    pub port: u16,
}

impl PortMapping {
    /// Published, on this port of the host.
    #[must_use]
    pub fn on(self, host_port: u16) -> PublishedPort {
        PublishedPort { host: self.host, host_port, protocol: self.protocol, port: self.port }
    }

    /// As what `-p` takes.
    fn words(&self) -> String {
        match self.host_port {
            Some(port) => self.on(port).to_string(),
            None => match self.host {
                None => self.on(0).inner(),
                Some(IpAddr::V6(host)) => format!("[{host}]::{}", self.on(0).inner()),
                Some(host) => format!("{host}::{}", self.on(0).inner()),
            },
        }
    }
}

/// More differences are counted only: a range has many.
const MOST_DIFFERENCES: usize = 8;

/// Where the ports that are published are not the ones that `specs` ask for, in whatever order: what is missing, and what is too much.
/// `default_host` stands where a spec names no host.
#[must_use]
pub fn differences(published: &[PublishedPort], specs: &[PortSpec], default_host: Option<IpAddr>) -> Vec<String> {
    let mut left: BTreeMap<(Protocol, u16, Option<IpAddr>), BTreeSet<u16>> = BTreeMap::new();
    for port in published {
        left.entry((port.protocol, port.port, port.host)).or_default().insert(port.host_port);
    }
    let mut wanted: Vec<PortMapping> = specs.iter().flat_map(PortSpec::expand).collect();
    // Those that name their port first: one of any port takes what they leave.
    wanted.sort_by_key(|mapping| mapping.host_port.is_none());
    let mut found = Vec::new();
    for mapping in wanted {
        let host_ports = left.get_mut(&(mapping.protocol, mapping.port, mapping.host.or(default_host)));
        let is_there = host_ports.is_some_and(|host_ports| match mapping.host_port {
            Some(port) => host_ports.remove(&port),
            None => host_ports.pop_first().is_some(),
        });
        if !is_there {
            found.push(format!("-p {} is not published", mapping.words()));
        }
    }
    for ((protocol, port, host), host_ports) in left {
        let published = |host_port| PublishedPort { host, host_port, protocol, port };
        found.extend(
            host_ports
                .into_iter()
                .map(|host_port| format!("{} is published, but was not asked for", published(host_port))),
        );
    }
    let more = found.len().saturating_sub(MOST_DIFFERENCES);
    if more > 0 {
        found.truncate(MOST_DIFFERENCES);
        found.push(format!("and {more} ports more"));
    }
    found
}

/// What one `-p` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortSpec {
    host: Option<IpAddr>,
    /// First and last; none for free ones.
    host_ports: Option<(u16, u16)>,
    /// First and last, as many.
    ports: (u16, u16),
    protocol: Protocol,
}

impl PortSpec {
    /// Each port of it.
    #[must_use]
    pub fn expand(&self) -> Vec<PortMapping> {
        let (first, last) = self.ports;
        let mapping = |port: u16| PortMapping {
            host: self.host,
            host_port: self.host_ports.map(|(host_first, _)| host_first + (port - first)),
            protocol: self.protocol,
            port,
        };
        (first..=last).map(mapping).collect()
    }
}

impl FromStr for PortSpec {
    type Err = Invalid;

    /// Reads `[[HOSTIP:]HOSTPORT[-END]:]PORT[-END][/PROTOCOL]`; as with Docker, an empty HOSTPORT is a free one.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (rest, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = Protocol::ALL.into_iter().find(|known| protocol.eq_ignore_ascii_case(known.name()));
        let protocol = protocol.ok_or(Invalid::from("of protocol tcp, udp or sctp"))?;
        let (rest, ports) = rest.rsplit_once(':').unwrap_or(("", rest));
        let ports = range(ports)?;
        let (host, host_ports) = rest.rsplit_once(':').unwrap_or(("", rest));
        let host_ports = if host_ports.is_empty() { None } else { Some(range(host_ports)?) };
        if host_ports.is_some_and(|(first, last)| last - first != ports.1 - ports.0) {
            return Err("as many ports of the host as of the sandbox".into());
        }
        let host = if host.is_empty() { None } else { Some(host_address(host)?) };
        Ok(Self { host, host_ports, ports, protocol })
    }
}

/// Reads a port of a sandbox, `80` or `80/tcp`.
pub fn inner_port(text: &str) -> Result<(u16, Protocol), Invalid> {
    match text.parse() {
        Ok(PortSpec { host: None, host_ports: None, ports: (port, last), protocol }) if port == last => {
            Ok((port, protocol))
        }
        _ => Err("a port from 1 to 65535 and nothing, /tcp, /udp or /sctp".into()),
    }
}

fn range(text: &str) -> Result<(u16, u16), Invalid> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (port(first), port(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        (Some(_), Some(_)) => Err("a range whose end is not before its start".into()),
        _ => Err("[[HOSTIP:]HOSTPORT[-END]:]PORT[-END][/tcp|udp|sctp], with ports from 1 to 65535".into()),
    }
}

/// Digits only: `parse` alone would take a sign too.
fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0 && !text.starts_with('+'))
}

fn host_address(text: &str) -> Result<IpAddr, Invalid> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = bracketed.unwrap_or(text).parse::<IpAddr>().ok();
    match address.filter(|address| address.is_ipv6() == bracketed.is_some()) {
        None => Err("of a HOSTIP that is an IPv4 address, or an IPv6 address in brackets".into()),
        // IPv6 has no route_localnet: a packet from ::1 leaves by no interface but lo.
        Some(address) if address.is_ipv6() && address.is_loopback() => {
            Err("of another HOSTIP than ::1, which the kernel cannot translate; 127.0.0.1 it can".into())
        }
        // An IPv4 address written as an IPv6 one: packets to it are IPv4.
        Some(address) => Ok(address.to_canonical()),
    }
}

/// What is published for one endpoint, as it is recorded under the name of its host-side device. It says where the ports lead,
/// so that the record of a sandbox that is gone leads to the elements of the firewall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedPorts {
    /// The device.
    pub device: String,
    /// Its index: a name may be given out again, an index is not.
    pub index: u32,
    /// The ports.
    pub ports: Vec<PublishedPort>,
    /// The endpoint's IPv4 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<IpAddr>,
    /// The endpoint's IPv6 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<IpAddr>,
}

impl PublishedPorts {
    /// These ports of an endpoint.
    #[must_use]
    pub fn new(endpoint: &Endpoint, ports: Vec<PublishedPort>) -> Self {
        let addresses = endpoint.addresses();
        Self { device: endpoint.device.clone(), index: endpoint.index, ports, ipv4: addresses.v4, ipv6: addresses.v6 }
    }

    /// Where they lead.
    #[must_use]
    pub fn targets(&self) -> PerFamily<Option<IpAddr>> {
        PerFamily { v4: self.ipv4, v6: self.ipv6 }
    }
}

/// `ports` with each host address spelled out, as Docker lists them, for an endpoint that has these families; sorted by the
/// sandbox's port.
#[must_use]
pub fn spelled_out(ports: &[PublishedPort], has: PerFamily<bool>) -> Vec<PublishedPort> {
    let each = |port: &PublishedPort| {
        let port = *port;
        port.hosts(has).map(move |host| PublishedPort { host: Some(host), ..port })
    };
    let mut all: Vec<_> = ports.iter().flat_map(each).collect();
    sort(&mut all);
    all
}

/// Sorts ports by the sandbox's port, as Docker lists them.
pub fn sort(ports: &mut [PublishedPort]) {
    ports.sort_unstable_by_key(|port| (port.port, port.protocol.number(), port.host, port.host_port));
}

#[cfg(test)]
mod tests;
