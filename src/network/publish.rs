//! Published ports: how `-p` says them, what they mean, and their record.
//!
//! No I/O but reading that record; the rules that make them true are elsewhere.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::definition::Network;
use super::endpoint::Endpoint;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::store::{Kind, Store};

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The host's address: none for any of either family, the unspecified one for any of its family.
    pub host: Option<IpAddr>,
    /// The host's port.
    pub host_port: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The sandbox's port.
    pub port: u16,
}

impl Published {
    /// The host addresses that it listens on for an endpoint that has these families, IPv4 first; unspecified for any.
    #[must_use]
    pub fn families(&self, has_v4: bool, has_v6: bool) -> [Option<IpAddr>; 2] {
        let v4 = self.host.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let v6 = self.host.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        [Some(v4).filter(|v4| has_v4 && v4.is_ipv4()), Some(v6).filter(|v6| has_v6 && v6.is_ipv6())]
    }

    /// The host's address and port: `0.0.0.0:8080`, `[::]:8080`, or the port alone.
    #[must_use]
    pub fn socket(&self) -> String {
        let port = self.host_port.to_string();
        match self.host {
            None => port,
            Some(host) if host.is_ipv4() => [&host.to_string(), ":", &port].concat(),
            Some(host) => ["[", &host.to_string(), "]:", &port].concat(),
        }
    }

    /// The sandbox's port as Docker writes it: `80/tcp`.
    #[must_use]
    pub fn inner(&self) -> String {
        [&self.port.to_string(), "/", self.protocol.name()].concat()
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&[&*self.socket(), ":", &self.inner()].concat())
    }
}

/// One port that is to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// As [`Published::host`].
    pub host: Option<IpAddr>,
    /// The host's port; none for one that is free.
    pub host_port: Option<u16>,
    /// The protocol.
    pub protocol: Protocol,
    /// The sandbox's port.
    pub port: u16,
}

impl Wanted {
    /// Published, on this port of the host.
    #[must_use]
    pub fn on(self, host_port: u16) -> Published {
        Published { host: self.host, host_port, protocol: self.protocol, port: self.port }
    }
}

/// What one `-p` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    host: Option<IpAddr>,
    /// First and last; none for free ones.
    host_ports: Option<(u16, u16)>,
    /// First and last, as many.
    ports: (u16, u16),
    protocol: Protocol,
}

impl Spec {
    /// Reads `[[HOSTIP:]HOSTPORT[-END]:]PORT[-END][/PROTOCOL]`; as with Docker, an empty HOSTPORT is a free one.
    pub fn parse(text: &str) -> Result<Self> {
        read(text).map_err(|must| Error::value("-p", text, must))
    }

    /// Each port of it.
    #[must_use]
    pub fn expand(&self) -> Vec<Wanted> {
        let (first, last) = self.ports;
        let wanted = |port: u16| Wanted {
            host: self.host,
            host_port: self.host_ports.map(|(host_first, _)| host_first + (port - first)),
            protocol: self.protocol,
            port,
        };
        (first..=last).map(wanted).collect()
    }
}

/// Reads a port of a sandbox, `80` or `80/tcp`.
pub fn inner_port(text: &str) -> Result<(u16, Protocol)> {
    match read(text) {
        Ok(Spec { host: None, host_ports: None, ports: (port, last), protocol }) if port == last => {
            Ok((port, protocol))
        }
        _ => Err(Error::value("PORT", text, "a port from 1 to 65535 and nothing, /tcp, /udp or /sctp")),
    }
}

/// Reads what `-p` takes; the error follows "it must be".
fn read(text: &str) -> std::result::Result<Spec, &'static str> {
    let (rest, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = Protocol::ALL.into_iter().find(|known| protocol.eq_ignore_ascii_case(known.name()));
    let protocol = protocol.ok_or("of protocol tcp, udp or sctp")?;
    let (rest, ports) = rest.rsplit_once(':').unwrap_or(("", rest));
    let ports = range(ports)?;
    let (host, host_ports) = rest.rsplit_once(':').unwrap_or(("", rest));
    let host_ports = if host_ports.is_empty() { None } else { Some(range(host_ports)?) };
    if host_ports.is_some_and(|(first, last)| last - first != ports.1 - ports.0) {
        return Err("as many ports of the host as of the sandbox");
    }
    let host = if host.is_empty() { None } else { Some(host_address(host)?) };
    Ok(Spec { host, host_ports, ports, protocol })
}

fn range(text: &str) -> std::result::Result<(u16, u16), &'static str> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (port(first), port(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        (Some(_), Some(_)) => Err("a range whose end is not before its start"),
        _ => Err("[[HOSTIP:]HOSTPORT[-END]:]PORT[-END][/tcp|udp|sctp], with ports from 1 to 65535"),
    }
}

/// Digits only: `parse` alone would take a sign too.
fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0 && !text.starts_with('+'))
}

fn host_address(text: &str) -> std::result::Result<IpAddr, &'static str> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = bracketed.unwrap_or(text).parse::<IpAddr>().ok();
    match address.filter(|address| address.is_ipv6() == bracketed.is_some()) {
        None => Err("of a HOSTIP that is an IPv4 address, or an IPv6 address in brackets"),
        // IPv6 has no route_localnet: a packet from ::1 leaves by no interface but lo.
        Some(address) if address.is_ipv6() && address.is_loopback() => {
            Err("of another HOSTIP than ::1, which the kernel cannot translate; 127.0.0.1 it can")
        }
        // An IPv4 address in IPv6's clothes: packets to it are IPv4.
        Some(address) => Ok(address.to_canonical()),
    }
}

/// The record of what is published for the endpoint whose host-side device this is.
#[must_use]
pub fn to_record(device: &str, index: u32, ports: &[Published]) -> Json {
    let ports = ports.iter().map(|port| Json::Text(port.to_string())).collect();
    Json::object_of(|json| {
        json.text("device", device).number("index", index).put("ports", Json::List(ports));
    })
}

/// Reads a record: device, index, ports; none when it is none of published ports.
#[must_use]
pub fn from_record(record: &Json) -> Option<(String, u32, Vec<Published>)> {
    let device = record.get("device")?.text()?.to_owned();
    let index = record.get("index")?.number()?.try_into().ok()?;
    let mut ports = Vec::new();
    for port in record.get("ports")?.items() {
        for wanted in read(port.text()?).ok()?.expand() {
            ports.push(wanted.on(wanted.host_port?));
        }
    }
    Some((device, index, ports))
}

/// What is published for a device, by name and index: a name may be given out again, an index is not.
pub fn of_device(store: &Store, device: &str, index: u32) -> Result<Vec<Published>> {
    let record = store.read(Kind::Ports, device)?;
    let record = record.as_ref().and_then(from_record).filter(|record| record.0 == device && record.1 == index);
    Ok(record.map(|record| record.2).unwrap_or_default())
}

/// What is published for an endpoint.
pub fn of_endpoint(store: &Store, endpoint: &Endpoint) -> Result<Vec<Published>> {
    of_device(store, &endpoint.device, endpoint.index)
}

/// What is published for these endpoints: each host address an entry, as Docker lists them, by the sandbox's port.
pub fn of_all(store: &Store, attached: &[(Box<Network>, Box<Endpoint>)]) -> Result<Vec<Published>> {
    let mut out = Vec::new();
    for (_, endpoint) in attached {
        let ports = of_endpoint(store, endpoint)?;
        spell_out(&ports, endpoint.ipv4().is_some(), endpoint.v6().is_some(), &mut out);
    }
    Ok(out)
}

/// Adds each host address of `ports` for an endpoint that has these families to `out`, which it sorts.
pub fn spell_out(ports: &[Published], has_v4: bool, has_v6: bool, out: &mut Vec<Published>) {
    for port in ports {
        let hosts = port.families(has_v4, has_v6).into_iter().flatten();
        out.extend(hosts.map(|host| Published { host: Some(host), ..*port }));
    }
    out.sort_unstable_by_key(|port| (port.port, port.protocol.number(), port.host, port.host_port));
}

#[cfg(test)]
mod tests;
