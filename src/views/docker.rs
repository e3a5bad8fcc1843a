//! Docker's JSON: `docker network inspect`, the `NetworkSettings` of `docker inspect`, `docker port`, `docker network ls --format json`.
//!
//! Keys, their order and their types are those of Docker 20.10.

use core::net::IpAddr;

use super::object::{append, nest, null, object};
use crate::json::{Entries, Json};
use crate::network::definition::{DEFAULT_NETWORK, Network, Pool, joined, texts};
use crate::network::endpoint::{self, Endpoint};
use crate::network::publish::Published;
use crate::prelude::*;

/// One network, as `docker network inspect` shows it.
#[must_use]
pub fn network(network: &Network, endpoints: &[&'static Endpoint]) -> Json {
    let is_default = network.name == DEFAULT_NETWORK;
    object(&mut |json| {
        json.text("Name", network.name).text("Id", network.id).text("Created", network.created);
        json.text("Scope", "local").text("Driver", "bridge").bool("EnableIPv6", network.ipv6);
        nest(json, "IPAM", &mut |json| {
            json.text("Driver", "default");
            json.put("Options", if is_default { Json::Null } else { Json::Object(&[]) });
            let mut configs = Vec::new();
            for pool in network.pools {
                append(&mut configs, &mut |json| config(json, pool, is_default));
            }
            json.put("Config", Json::list(configs));
        });
        json.bool("Internal", network.internal).bool("Attachable", false).bool("Ingress", false);
        nest(json, "ConfigFrom", &mut |json| {
            json.text("Network", "");
        });
        let mut containers = Vec::new();
        for endpoint in endpoints {
            let container = object(&mut |json| container(json, network, endpoint));
            sorted(&mut containers, endpoint.sandbox_id(), container);
        }
        json.bool("ConfigOnly", false).put("Containers", Json::object(containers));
        json.put("Options", Json::pairs(network.options)).put("Labels", Json::pairs(network.labels));
    })
}

/// One entry of `IPAM.Config`: what was asked for; and the gateway of a subnet that was chosen, except for the default network.
fn config(json: &mut Entries, pool: &Pool, is_default: bool) {
    json.shown("Subnet", &pool.subnet);
    if let Some(range) = &pool.ip_range {
        json.shown("IPRange", range);
    }
    if pool.gateway_given || !pool.subnet_given && !is_default {
        json.shown("Gateway", &pool.gateway);
    }
    if !pool.aux.is_empty() {
        json.put("AuxiliaryAddresses", Json::pairs(&texts(pool.aux)));
    }
}

/// One entry of `Containers`.
fn container(json: &mut Entries, network: &Network, endpoint: &Endpoint) {
    let address = |ip: Option<IpAddr>| match ip {
        Some(ip) => text!("{ip}/{}", prefix(network, ip)),
        None => "",
    };
    json.text("Name", endpoint.sandbox).text("EndpointID", endpoint.id()).shown("MacAddress", &endpoint.mac);
    json.text("IPv4Address", address(endpoint.ipv4())).text("IPv6Address", address(endpoint.v6()));
}

/// One line of `docker network ls --format json`.
#[must_use]
pub fn network_line(network: &Network, id: Text) -> Json {
    object(&mut |json| {
        json.text("CreatedAt", network.created).text("Driver", "bridge").text("ID", id);
        json.shown("IPv6", &network.ipv6)
            .shown("Internal", &network.internal)
            .text("Labels", joined(network.labels, ","));
        json.text("Name", network.name).text("Scope", "local");
    })
}

/// A sandbox, as `docker inspect` shows a container: id, name, and `NetworkSettings`.
#[must_use]
pub fn sandbox(
    name: Text,
    key: Text,
    inode: u64,
    attached: &[(&'static Network, &'static Endpoint)],
    published: &[Published],
) -> Json {
    let id = endpoint::sandbox_id(inode);
    object(&mut |json| {
        json.text("Id", id).text("Name", text!("/{name}"));
        nest(json, "NetworkSettings", &mut |json| {
            json.text("Bridge", "").text("SandboxID", id).bool("HairpinMode", false);
            json.text("LinkLocalIPv6Address", "").number("LinkLocalIPv6PrefixLen", 0);
            json.put("Ports", ports(published)).text("SandboxKey", key);
            null(json, "SecondaryIPAddresses");
            null(json, "SecondaryIPv6Addresses");
            // As with Docker, the fields at the top are the default network's alone.
            let default = attached.iter().find(|(network, _)| network.name == DEFAULT_NETWORK);
            let of = default
                .map_or_else(|| stay(Addresses::default()), |(network, endpoint)| Addresses::of(network, endpoint));
            json.text("EndpointID", of.endpoint).text("Gateway", of.ipv4.gateway);
            json.text("GlobalIPv6Address", of.ipv6.address).number("GlobalIPv6PrefixLen", of.ipv6.prefix);
            json.text("IPAddress", of.ipv4.address).number("IPPrefixLen", of.ipv4.prefix);
            json.text("IPv6Gateway", of.ipv6.gateway).text("MacAddress", of.mac);
            let mut networks = Vec::new();
            for (network, endpoint) in attached {
                sorted(&mut networks, network.name, object(&mut |json| settings(json, network, endpoint)));
            }
            json.put("Networks", Json::object(networks));
        });
    })
}

/// What an endpoint has on its network, in words; nothing where there is none.
#[derive(Default)]
struct Addresses {
    endpoint: Text,
    mac: Text,
    ipv4: Family,
    ipv6: Family,
}

/// The same in one family.
#[derive(Default)]
struct Family {
    address: Text,
    prefix: u32,
    gateway: Text,
}

impl Addresses {
    fn of(network: &Network, endpoint: &Endpoint) -> &'static mut Self {
        let of = stay(Self { endpoint: endpoint.id(), mac: endpoint.mac.to_text(), ..Self::default() });
        of.ipv4.fill(network, endpoint.ipv4());
        of.ipv6.fill(network, endpoint.v6());
        of
    }
}

impl Family {
    fn fill(&mut self, network: &Network, address: Option<IpAddr>) {
        let Some(address) = address else { return };
        self.address = address.to_text();
        let Some(pool) = network.pool(address.is_ipv4()) else { return };
        self.prefix = pool.subnet.prefix_len().into();
        // An internal network leads nowhere, so Docker shows no gateway for it.
        if !network.internal {
            self.gateway = pool.gateway.to_text();
        }
    }
}

/// Go's JSON sorts the keys of its maps.
fn sorted(entries: &mut Vec<(Text, Json)>, key: Text, value: Json) {
    let at = entries.partition_point(|(known, _)| *known <= key);
    entries.insert(at, (key, value));
}

/// `Ports`, of ports that are spelled out and sorted.
#[must_use]
pub fn ports(published: &[Published]) -> Json {
    let mut entries: Vec<(Text, Json)> = Vec::new();
    for same in published.chunk_by(|a, b| (a.port, a.protocol) == (b.port, b.protocol)) {
        let Some(first) = same.first() else { continue };
        let mut bindings = Vec::new();
        for port in same {
            append(&mut bindings, &mut |json| {
                json.text("HostIp", text(port.host.copied())).shown("HostPort", &port.host_port);
            });
        }
        sorted(&mut entries, first.inner(), Json::list(bindings));
    }
    Json::object(entries)
}

/// A line of `docker port`: `80/tcp -> 0.0.0.0:8080`.
#[must_use]
pub fn port_line(port: &Published) -> Text {
    text!("{} -> {}", port.inner(), port.socket())
}

/// One entry of `Networks`.
fn settings(json: &mut Entries, network: &Network, endpoint: &Endpoint) {
    let of = Addresses::of(network, endpoint);
    if endpoint.ipv4_given || endpoint.ipv6_given {
        nest(json, "IPAMConfig", &mut |json| {
            if endpoint.ipv4_given {
                json.text("IPv4Address", of.ipv4.address);
            }
            if endpoint.ipv6_given {
                json.text("IPv6Address", of.ipv6.address);
            }
        });
    } else {
        null(json, "IPAMConfig");
    }
    null(json, "Links");
    null(json, "Aliases");
    json.text("NetworkID", network.id).text("EndpointID", of.endpoint).text("Gateway", of.ipv4.gateway);
    json.text("IPAddress", of.ipv4.address).number("IPPrefixLen", of.ipv4.prefix);
    json.text("IPv6Gateway", of.ipv6.gateway);
    json.text("GlobalIPv6Address", of.ipv6.address).number("GlobalIPv6PrefixLen", of.ipv6.prefix);
    json.text("MacAddress", of.mac);
    null(json, "DriverOpts");
}

fn text(address: Option<IpAddr>) -> Text {
    address.map(|address| address.to_text()).unwrap_or_default()
}

fn prefix(network: &Network, address: IpAddr) -> u32 {
    network.pool(address.is_ipv4()).map_or(0, |pool| pool.subnet.prefix_len().into())
}
