//! Docker's JSON: `docker network inspect`, the `NetworkSettings` of `docker inspect`, `docker port`, `docker network ls --format json`.
//!
//! Keys, their order and their types are those of Docker 20.10.

use std::net::IpAddr;

use crate::json::Json;
use crate::model::endpoint::{self, Endpoint};
use crate::model::network::{DEFAULT_NETWORK, Network, Pool};
use crate::model::ports::PublishedPort;
use crate::model::spec::joined;
use crate::network::endpoints::Attached;

/// One network, as `docker network inspect` shows it.
#[must_use]
pub fn network(network: &Network, endpoints: &[Endpoint]) -> Json {
    let is_default = network.name == DEFAULT_NETWORK;
    let mut containers: Vec<(String, Json)> =
        endpoints.iter().map(|endpoint| (endpoint.sandbox_id(), container(network, endpoint))).collect();
    containers.sort_by(|(a, _), (b, _)| a.cmp(b));
    let config = Json::List(network.pools.iter().map(|pool| config(pool, is_default)).collect());
    let ipam = Json::object_of(|json| {
        json.text("Driver", "default");
        json.put("Options", if is_default { Json::Null } else { Json::Object(Vec::new()) });
        json.put("Config", config);
    });
    Json::object_of(|json| {
        json.text("Name", &network.name).text("Id", &network.id).text("Created", &network.created);
        json.text("Scope", "local").text("Driver", "bridge").bool("EnableIPv6", network.ipv6).put("IPAM", ipam);
        json.bool("Internal", network.internal).bool("Attachable", false).bool("Ingress", false);
        json.put(
            "ConfigFrom",
            Json::object_of(|from| {
                from.text("Network", "");
            }),
        );
        json.bool("ConfigOnly", false).put("Containers", Json::Object(containers));
        json.put("Options", Json::pairs(&network.options)).put("Labels", Json::pairs(&network.labels));
    })
}

/// One entry of `IPAM.Config`: what was asked for; and the gateway of a subnet that was chosen, except for the default network.
fn config(pool: &Pool, is_default: bool) -> Json {
    Json::object_of(|json| {
        json.shown("Subnet", &pool.subnet);
        if let Some(range) = &pool.ip_range {
            json.shown("IPRange", range);
        }
        if pool.gateway_given || !pool.subnet_given && !is_default {
            json.shown("Gateway", &pool.gateway);
        }
        if !pool.aux.is_empty() {
            json.put("AuxiliaryAddresses", Json::pairs(&pool.aux));
        }
    })
}

/// One entry of `Containers`.
fn container(network: &Network, endpoint: &Endpoint) -> Json {
    let address = |ip: Option<IpAddr>| match ip {
        Some(ip) => format!("{ip}/{}", prefix_len(network, ip)),
        None => String::new(),
    };
    Json::object_of(|json| {
        json.text("Name", &endpoint.sandbox).text("EndpointID", &endpoint.id()).shown("MacAddress", &endpoint.mac);
        json.text("IPv4Address", &address(endpoint.addresses().v4))
            .text("IPv6Address", &address(endpoint.addresses().v6));
    })
}

/// One line of `docker network ls --format json`.
#[must_use]
pub fn network_line(network: &Network, id: &str) -> Json {
    Json::object_of(|json| {
        json.text("CreatedAt", &network.created).text("Driver", "bridge").text("ID", id);
        json.shown("IPv6", &network.ipv6)
            .shown("Internal", &network.internal)
            .text("Labels", &joined(&network.labels, ","));
        json.text("Name", &network.name).text("Scope", "local");
    })
}

/// A sandbox, as `docker inspect` shows a container: id, name, and `NetworkSettings`.
#[must_use]
pub fn sandbox(name: &str, key: &str, inode: u64, attached: &[Attached], ports: &[PublishedPort]) -> Json {
    Json::object_of(|json| {
        json.text("Id", &endpoint::sandbox_id(inode)).text("Name", &["/", name].concat());
        json.put("NetworkSettings", network_settings(key, inode, attached, ports));
    })
}

/// What a sandbox has of the networks it is on. As with Docker, the fields at the top are the default network's alone.
fn network_settings(key: &str, inode: u64, attached: &[Attached], published: &[PublishedPort]) -> Json {
    let default = attached.iter().find(|attached| attached.network.name == DEFAULT_NETWORK);
    let (ipv4, ipv6) =
        default.map_or((None, None), |Attached { endpoint, .. }| (endpoint.addresses().v4, endpoint.addresses().v6));
    let gateway = |address| text(default.and_then(|Attached { network, .. }| gateway(network, address)));
    let prefix = |address| default.map_or(0, |Attached { network, .. }| prefix(network, address));
    let (id, mac) =
        default.map(|Attached { endpoint, .. }| (endpoint.id(), endpoint.mac.to_string())).unwrap_or_default();
    let networks =
        attached.iter().map(|Attached { network, endpoint }| (network.name.clone(), settings(network, endpoint)));
    let networks = sorted(networks.collect());
    Json::object_of(|json| {
        json.text("Bridge", "").text("SandboxID", &endpoint::sandbox_id(inode)).bool("HairpinMode", false);
        json.text("LinkLocalIPv6Address", "").number("LinkLocalIPv6PrefixLen", 0);
        json.put("Ports", ports(published)).text("SandboxKey", key);
        json.put("SecondaryIPAddresses", Json::Null).put("SecondaryIPv6Addresses", Json::Null);
        json.text("EndpointID", &id).text("Gateway", &gateway(ipv4));
        json.text("GlobalIPv6Address", &text(ipv6)).number("GlobalIPv6PrefixLen", prefix(ipv6));
        json.text("IPAddress", &text(ipv4)).number("IPPrefixLen", prefix(ipv4));
        json.text("IPv6Gateway", &gateway(ipv6)).text("MacAddress", &mac).put("Networks", networks);
    })
}

/// Go's JSON sorts the keys of its maps.
fn sorted(mut entries: Vec<(String, Json)>) -> Json {
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    Json::Object(entries)
}

/// `Ports`, of ports that are spelled out.
#[must_use]
pub fn ports(published: &[PublishedPort]) -> Json {
    let mut entries: Vec<(String, Json)> = Vec::new();
    for port in published {
        let binding = Json::object_of(|json| {
            json.text("HostIp", &text(port.host)).shown("HostPort", &port.host_port);
        });
        let key = port.inner();
        match entries.last_mut() {
            Some((last, Json::List(bindings))) if *last == key => bindings.push(binding),
            _ => entries.push((key, Json::List(vec![binding]))),
        }
    }
    sorted(entries)
}

/// Where a published port listens: `0.0.0.0:8080`, the line of `docker port` for one port.
#[must_use]
pub fn host_line(port: &PublishedPort) -> String {
    port.socket()
}

/// A line of `docker port`: `80/tcp -> 0.0.0.0:8080`.
#[must_use]
pub fn port_line(port: &PublishedPort) -> String {
    [&*port.inner(), " -> ", &port.socket()].concat()
}

/// One entry of `Networks`.
fn settings(network: &Network, endpoint: &Endpoint) -> Json {
    let (ipv4, ipv6) = (endpoint.addresses().v4, endpoint.addresses().v6);
    let asked = Json::object_of(|json| {
        for (key, given, address) in
            [("IPv4Address", endpoint.ipv4_given, ipv4), ("IPv6Address", endpoint.ipv6_given, ipv6)]
        {
            if given {
                json.text(key, &text(address));
            }
        }
    });
    Json::object_of(|json| {
        json.put("IPAMConfig", if asked.entries().is_empty() { Json::Null } else { asked });
        json.put("Links", Json::Null).put("Aliases", Json::Null).text("NetworkID", &network.id);
        json.text("EndpointID", &endpoint.id()).text("Gateway", &text(gateway(network, ipv4)));
        json.text("IPAddress", &text(ipv4)).number("IPPrefixLen", prefix(network, ipv4));
        json.text("IPv6Gateway", &text(gateway(network, ipv6)));
        json.text("GlobalIPv6Address", &text(ipv6)).number("GlobalIPv6PrefixLen", prefix(network, ipv6));
        json.shown("MacAddress", &endpoint.mac).put("DriverOpts", Json::Null);
    })
}

fn text(address: Option<IpAddr>) -> String {
    address.map(|address| address.to_string()).unwrap_or_default()
}

/// An internal network leads nowhere, so Docker shows no gateway for it.
fn gateway(network: &Network, address: Option<IpAddr>) -> Option<IpAddr> {
    let pool = address.filter(|_| !network.internal).and_then(|address| network.pool_of(address));
    pool.map(|pool| pool.gateway)
}

fn prefix(network: &Network, address: Option<IpAddr>) -> u32 {
    address.map_or(0, |address| prefix_len(network, address).into())
}

fn prefix_len(network: &Network, address: IpAddr) -> u8 {
    network.pool_of(address).map_or(0, |pool| pool.subnet.prefix_len())
}

/// Several networks or sandboxes.
#[must_use]
pub fn networks(all: Vec<Json>) -> Json {
    Json::List(all)
}

/// What Docker's API answers to a network's creation.
#[must_use]
pub fn created(id: &str) -> Json {
    Json::object_of(|json| {
        json.text("Id", id).text("Warning", "");
    })
}

/// What was given out to a new endpoint.
#[must_use]
pub fn endpoint(endpoint: &Endpoint) -> Json {
    let addresses = endpoint.addresses();
    Json::object_of(|json| {
        json.text("EndpointID", &endpoint.id()).text("NetworkID", &endpoint.network_id);
        json.text("IPAddress", &text(addresses.v4)).text("GlobalIPv6Address", &text(addresses.v6));
        json.shown("MacAddress", &endpoint.mac).text("Interface", &endpoint.ifname);
        json.text("HostInterface", &endpoint.device);
    })
}
