//! Published ports: how `-p` says them, what they mean, and their record.
//!
//! No I/O but reading that record; the rules that make them true are elsewhere.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::definition::Network;
use super::endpoint::Endpoint;
use super::record;
use super::subnet::{self, number};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::prelude::*;
use crate::store::{Kind, Store};

/// What is carried.
///
/// # Source
/// `IPPROTO_*` in linux/in.h
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp = 6,
    /// UDP.
    Udp = 17,
    /// SCTP.
    Sctp = 132,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// Its number in the IP header.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Its name, as Docker writes it.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// Every address of either family.
pub static ANY: [IpAddr; 2] = [ANY_IPV4, IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
const ANY_IPV4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// One port, published or wanted. Shown as what `-p` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The host's address: none for any of either family, the unspecified one for any of its family.
    pub host: Option<&'static IpAddr>,
    /// The host's port; of one that is wanted, 0 for any that is free.
    pub host_port: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The sandbox's port.
    pub port: u16,
}

impl Published {
    /// The host addresses that it listens on for an endpoint with `addresses`, IPv4 first; unspecified for any.
    #[must_use]
    pub fn hosts(&self, addresses: &[IpAddr]) -> &'static [&'static IpAddr] {
        let mut hosts = Vec::new();
        for any in &ANY {
            let host = self.host.unwrap_or(any);
            let fits = |address: &IpAddr| address.is_ipv4() == any.is_ipv4();
            if fits(host) && addresses.iter().any(fits) {
                hosts.push(host);
            }
        }
        hosts.leak()
    }

    /// Whether it is what is `wanted`. The network's own host address may stand where none was named, and any port where any
    /// free one would do.
    #[must_use]
    pub fn is(&self, wanted: &Self) -> bool {
        (wanted.host.is_none() || wanted.host == self.host)
            && (wanted.host_port == 0 || wanted.host_port == self.host_port)
            && (wanted.protocol, wanted.port) == (self.protocol, self.port)
    }

    /// The host's address and port: `0.0.0.0:8080`, `[::]:8080`, or the port alone.
    #[must_use]
    pub fn socket(&self) -> Text {
        let port = self.host_port;
        match self.host {
            None => port.to_text(),
            Some(host) if host.is_ipv4() => text!("{host}:{port}"),
            Some(host) => text!("[{host}]:{port}"),
        }
    }

    /// The sandbox's port as Docker writes it: `80/tcp`.
    #[must_use]
    pub fn inner(&self) -> Text {
        text!("{}/{}", self.port, self.protocol.name())
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.socket(), self.inner())
    }
}

/// Reads `[[HOSTIP:]HOSTPORT[-END]:]PORT[-END][/PROTOCOL]` and adds each port of it to `wanted`; as with Docker, an empty
/// HOSTPORT is a free one.
pub fn parse(text: Text, wanted: &mut Vec<Published>) -> Result<()> {
    read(text, wanted).map_err(|must| Error::value("-p", text, must))
}

/// Reads a port of a sandbox, `80` or `80/tcp`.
pub fn inner_port(text: Text) -> Result<(u16, Protocol)> {
    let mut ports = Vec::new();
    match (read(text, &mut ports), ports.as_slice()) {
        (Ok(()), [Published { host: None, host_port: 0, port, protocol }]) => Ok((*port, *protocol)),
        _ => Err(Error::value("PORT", text, "a port from 1 to 65535 and nothing, /tcp, /udp or /sctp")),
    }
}

/// Reads what `-p` takes; the error follows "it must be".
fn read(text: Text, out: &mut Vec<Published>) -> core::result::Result<(), Text> {
    let (rest, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = Protocol::ALL.iter().copied().find(|known| same_word(protocol, known.name()));
    let protocol = protocol.ok_or("of protocol tcp, udp or sctp")?;
    let (rest, ports) = split_last(rest, b':').unwrap_or(("", rest));
    let (first, last) = range(ports)?;
    let (host, host_ports) = split_last(rest, b':').unwrap_or(("", rest));
    let (mut host_port, host_last) = if host_ports.is_empty() { (0, last - first) } else { range(host_ports)? };
    if host_last - host_port != last - first {
        return Err("as many ports of the host as of the sandbox");
    }
    let host = if host.is_empty() { None } else { Some(host_address(host)?) };
    for port in first..=last {
        out.push(Published { host, host_port, protocol, port });
        if !host_ports.is_empty() {
            host_port = host_port.saturating_add(1);
        }
    }
    Ok(())
}

fn range(text: Text) -> core::result::Result<(u16, u16), Text> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (port(first), port(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        (Some(_), Some(_)) => Err("a range whose end is not before its start"),
        _ => Err("[[HOSTIP:]HOSTPORT[-END]:]PORT[-END][/tcp|udp|sctp], with ports from 1 to 65535"),
    }
}

/// Digits only: `parse` alone would take a sign too.
fn port(text: Text) -> Option<u16> {
    let port = text.parse::<u32>().ok().filter(|port| *port != 0 && !text.starts_with('+'))?;
    u16::try_from(port).ok()
}

fn host_address(text: Text) -> core::result::Result<&'static IpAddr, Text> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = bracketed.unwrap_or(text).parse::<IpAddr>().ok();
    match address.filter(|address| address.is_ipv6() == bracketed.is_some()) {
        None => Err("of a HOSTIP that is an IPv4 address, or an IPv6 address in brackets"),
        // IPv6 has no route_localnet: a packet from ::1 leaves by no interface but lo.
        Some(address) if address.is_ipv6() && address.is_loopback() => {
            Err("of another HOSTIP than ::1, which the kernel cannot translate; 127.0.0.1 it can")
        }
        // An IPv4 address in IPv6's clothes: packets to it are IPv4.
        Some(address) if number(&address) >> 32 == 0xffff => Ok(stay(subnet::address(&ANY_IPV4, number(&address)))),
        Some(address) => Ok(stay(address)),
    }
}

/// What is recorded of the ports of one endpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// The endpoint's host-side device, and its index: a name may be given out again, an index is not.
    pub device: Text,
    /// See there.
    pub index: u32,
    /// The ports.
    pub ports: &'static [Published],
    /// Where they lead: the endpoint's addresses, so that the record says all.
    pub targets: &'static [IpAddr],
}

impl Record {
    /// That of these ports of an endpoint.
    #[must_use]
    pub fn new(endpoint: &Endpoint, ports: &'static [Published]) -> &'static Self {
        stay(Self { device: endpoint.device, index: endpoint.index, ports, targets: endpoint.addresses() })
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut ports = Vec::new();
        for port in self.ports {
            ports.push(Json::Text(port.to_text()));
        }
        Json::object_of(|json| {
            json.text("device", self.device).number("index", self.index).put("ports", Json::list(ports));
            for target in self.targets {
                json.shown(if target.is_ipv4() { "ipv4" } else { "ipv6" }, target);
            }
        })
    }

    /// Reads one; none when it is none of published ports.
    #[must_use]
    pub fn from_json(json: &Json) -> Option<&'static Self> {
        let device = json.get("device")?.text()?;
        let index = json.get("index")?.number()?.try_into().ok()?;
        let mut ports = Vec::new();
        for port in json.get("ports")?.items() {
            read(port.text()?, &mut ports).ok()?;
        }
        if ports.iter().any(|port| port.host_port == 0) {
            return None;
        }
        let mut targets = Vec::new();
        for key in &["ipv4", "ipv6"] {
            if let Some(target) = record::address(json, key) {
                targets.push(target);
            }
        }
        Some(stay(Self { device, index, ports: ports.leak(), targets: targets.leak() }))
    }
}

/// What is published for a device, by name and index.
pub fn of_device(store: &Store, device: Text, index: u32) -> Result<&'static [Published]> {
    let record = store.read(Kind::Ports, device)?.and_then(Record::from_json);
    Ok(record.filter(|record| record.device == device && record.index == index).map_or(&[], |record| record.ports))
}

/// What is published for an endpoint.
pub fn of_endpoint(store: &Store, endpoint: &Endpoint) -> Result<&'static [Published]> {
    of_device(store, endpoint.device, endpoint.index)
}

/// What is published for these endpoints: each host address an entry, as Docker lists them, by the sandbox's port.
pub fn of_all(store: &Store, attached: &[(&'static Network, &'static Endpoint)]) -> Result<Vec<Published>> {
    let mut out = Vec::new();
    for (_, endpoint) in attached {
        spell_out(of_endpoint(store, endpoint)?, endpoint.addresses(), &mut out);
    }
    Ok(out)
}

/// Adds each host address of `ports` for an endpoint with `addresses` to `out`, which it sorts.
pub fn spell_out(ports: &[Published], addresses: &[IpAddr], out: &mut Vec<Published>) {
    for port in ports {
        for host in port.hosts(addresses) {
            out.push(Published { host: Some(host), ..*port });
        }
    }
    let order = |port: &Published| (port.port, port.protocol.number(), port.host, port.host_port);
    sort(out, &|a, b| order(a) < order(b));
}

#[cfg(test)]
mod tests;
