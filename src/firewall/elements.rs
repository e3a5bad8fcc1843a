//! Networks and published ports as elements of the rule set's sets and maps.

use std::net::{IpAddr, Ipv4Addr};

use super::ruleset::{BRIDGES, INTERNAL, MASQUERADE_SUBNETS, PUBLISH_ANY, PUBLISH_ON, SUBNETS, TABLE, TALK};
use crate::kernel::nftables::{Element, concatenate, ifname, interval};
use crate::model::network::Network;
use crate::model::ports::{PublishedPort, PublishedPorts};
use crate::types::family::{Family, PerFamily};

/// A network's elements in the sets of one family. A bridge is ours in both families: what a network has no subnet for is
/// isolated too.
#[must_use]
pub fn of_network(network: &Network, family: Family) -> Vec<Element> {
    let bridge = bridge_key(network);
    let mut elements = vec![element(family, BRIDGES, bridge.clone())];
    if network.internal {
        elements.push(element(family, INTERNAL, bridge.clone()));
    }
    if network.icc() {
        elements.push(element(family, TALK, concatenate(&[&bridge, &bridge])));
    }
    let Some(pool) = network.pool(family) else { return elements };
    let (first, behind) = interval(pool.subnet.network(), pool.subnet.prefix_len());
    for set in [SUBNETS, MASQUERADE_SUBNETS] {
        if set == SUBNETS || network.masquerades() {
            elements.push(element(family, set, octets(first)));
            elements
                .extend(behind.map(|behind| Element { interval_end: true, ..element(family, set, octets(behind)) }));
        }
    }
    elements
}

/// The element that says that a network's bridge is ours.
#[must_use]
pub fn bridge(network: &Network, family: Family) -> Element {
    element(family, BRIDGES, bridge_key(network))
}

/// The elements of an endpoint's published ports, IPv4's first.
#[must_use]
pub fn of_ports(published: &PublishedPorts) -> Vec<Element> {
    of_some_ports(&published.ports, published.targets())
}

/// The elements of published ports that lead to `targets`, IPv4's first.
#[must_use]
pub fn of_some_ports(ports: &[PublishedPort], targets: PerFamily<Option<IpAddr>>) -> Vec<Element> {
    let mut all = Vec::new();
    for only in [PerFamily { v6: None, ..targets }, PerFamily { v4: None, ..targets }] {
        all.extend(ports.iter().flat_map(|port| of_port(port, only)));
    }
    all
}

/// The elements of one published port that leads to `targets`.
#[must_use]
pub fn of_port(port: &PublishedPort, targets: PerFamily<Option<IpAddr>>) -> Vec<Element> {
    let leading = |host: IpAddr| {
        let target = (*targets.get(Family::of(host)))?;
        let data = concatenate(&[&octets(target), &port.port.to_be_bytes()]);
        Some(Element { data, ..of_host_port(host, port) })
    };
    port.hosts(targets.present()).filter_map(leading).collect()
}

/// The element for a port of `host`, of every address where that is the unspecified one; without its data.
#[must_use]
pub fn of_host_port(host: IpAddr, port: &PublishedPort) -> Element {
    let (protocol, number) = ([port.protocol.number()], port.host_port.to_be_bytes());
    if host.is_unspecified() {
        element(Family::of(host), PUBLISH_ANY, concatenate(&[&protocol, &number]))
    } else {
        element(Family::of(host), PUBLISH_ON, concatenate(&[&octets(host), &protocol, &number]))
    }
}

/// An element of no key, which every key ends as.
#[must_use]
pub fn of_any_key(family: Family, set: &'static str) -> Element {
    element(family, set, Vec::new())
}

/// The host, protocol and port that the key of an element of `publish_on` or `publish_any` says; none of another set.
#[must_use]
pub fn host_port(element: &Element) -> Option<(IpAddr, u8, u16)> {
    let (host, rest) = match element.set {
        PUBLISH_ANY => (element.family.unspecified(), element.key.as_slice()),
        PUBLISH_ON => address(element.family, &element.key)?,
        _ => return None,
    };
    // A word each.
    let [protocol, _, _, _, high, low, _, _] = *rest.first_chunk()?;
    Some((host, protocol, u16::from_be_bytes([high, low])))
}

/// The address and port that a map's data names.
#[must_use]
pub fn target(family: Family, data: &[u8]) -> Option<(IpAddr, u16)> {
    let (address, rest) = address(family, data)?;
    let port = rest.first_chunk().copied().map(u16::from_be_bytes)?;
    Some((address, port))
}

/// The address that a register begins with, and the rest.
fn address(family: Family, bytes: &[u8]) -> Option<(IpAddr, &[u8])> {
    let (address, rest) = bytes.split_at_checked(usize::from(family.width() / 8))?;
    let address = match family {
        Family::V4 => Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?).into(),
        Family::V6 => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
    };
    Some((address, rest))
}

fn element(family: Family, set: &'static str, key: Vec<u8>) -> Element {
    Element { family, table: TABLE, set, key, data: Vec::new(), interval_end: false }
}

fn bridge_key(network: &Network) -> Vec<u8> {
    // A valid interface name fits.
    ifname(network.bridge.as_str()).map(|key| key.to_vec()).unwrap_or_default()
}

/// An address as it lies in a register.
fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}
