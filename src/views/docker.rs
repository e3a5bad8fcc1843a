//! Docker's JSON: `docker network inspect`, the `NetworkSettings` of `docker inspect`, `docker port`, `docker network ls --format json`.
//!
//! Keys, their order and their types are those of Docker 20.10.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::model::endpoint::{self, Endpoint};
use crate::model::network::{DEFAULT_NETWORK, Network, Pool};
use crate::model::ports::PublishedPort;
use crate::model::spec::joined;
use crate::network::endpoints::Attached;

/// One network, as `docker network inspect` shows it; endpoints with the ids of their containers or sandboxes.
#[must_use]
pub fn network(network: &Network, endpoints: &[(String, Endpoint)]) -> Value {
    let is_default = network.name == DEFAULT_NETWORK;
    let config: Vec<Value> = network.pools.iter().map(|pool| config(pool, is_default)).collect();
    let containers = endpoints.iter().map(|(id, endpoint)| (id.clone(), container(network, endpoint)));
    json!({
        "Name": network.name,
        "Id": network.id,
        "Created": network.created,
        "Scope": "local",
        "Driver": "bridge",
        "EnableIPv6": network.ipv6,
        "IPAM": {
            "Driver": "default",
            "Options": if is_default { Value::Null } else { json!({}) },
            "Config": config,
        },
        "Internal": network.internal,
        "Attachable": false,
        "Ingress": false,
        "ConfigFrom": { "Network": "" },
        "ConfigOnly": false,
        "Containers": sorted(containers.collect()),
        "Options": network.options,
        "Labels": network.labels,
    })
}

/// One entry of `IPAM.Config`: what was asked for; and the gateway of a subnet that was chosen, except for the default network.
fn config(pool: &Pool, is_default: bool) -> Value {
    let mut config = Map::new();
    config.insert("Subnet".to_owned(), json!(pool.subnet));
    if let Some(range) = &pool.ip_range {
        config.insert("IPRange".to_owned(), json!(range));
    }
    if pool.gateway_given || !pool.subnet_given && !is_default {
        config.insert("Gateway".to_owned(), json!(pool.gateway));
    }
    if !pool.aux.is_empty() {
        config.insert("AuxiliaryAddresses".to_owned(), json!(pool.aux));
    }
    Value::Object(config)
}

/// One entry of `Containers`.
fn container(network: &Network, endpoint: &Endpoint) -> Value {
    let address = |ip: Option<IpAddr>| match ip {
        Some(ip) => format!("{ip}/{}", prefix_len(network, ip)),
        None => String::new(),
    };
    json!({
        "Name": endpoint.sandbox,
        "EndpointID": endpoint.id(),
        "MacAddress": endpoint.mac,
        "IPv4Address": address(endpoint.addresses().v4),
        "IPv6Address": address(endpoint.addresses().v6),
    })
}

/// One line of `docker network ls --format json`.
#[must_use]
pub fn network_line(network: &Network, id: &str) -> Value {
    json!({
        "CreatedAt": network.created,
        "Driver": "bridge",
        "ID": id,
        "IPv6": network.ipv6.to_string(),
        "Internal": network.internal.to_string(),
        "Labels": joined(&network.labels, ","),
        "Name": network.name,
        "Scope": "local",
    })
}

/// A sandbox, as `docker inspect` shows a container: id, name, and `NetworkSettings`.
#[must_use]
pub fn sandbox(name: &str, key: &str, inode: u64, attached: &[Attached], ports: &[PublishedPort]) -> Value {
    json!({
        "Id": endpoint::sandbox_id(inode),
        "Name": format!("/{name}"),
        "NetworkSettings": network_settings(key, inode, attached, ports),
    })
}

/// What a sandbox has of the networks it is on. As with Docker, the fields at the top are the default network's alone.
#[must_use]
pub fn network_settings(key: &str, inode: u64, attached: &[Attached], published: &[PublishedPort]) -> Value {
    let default = attached.iter().find(|attached| attached.network.name == DEFAULT_NETWORK);
    let (ipv4, ipv6) =
        default.map_or((None, None), |Attached { endpoint, .. }| (endpoint.addresses().v4, endpoint.addresses().v6));
    let gateway = |address| text(default.and_then(|Attached { network, .. }| gateway(network, address)));
    let prefix = |address| default.map_or(0, |Attached { network, .. }| prefix(network, address));
    let (id, mac) =
        default.map(|Attached { endpoint, .. }| (endpoint.id(), endpoint.mac.to_string())).unwrap_or_default();
    let networks =
        attached.iter().map(|Attached { network, endpoint }| (network.name.clone(), settings(network, endpoint)));
    json!({
        "Bridge": "",
        "SandboxID": if inode == 0 { String::new() } else { endpoint::sandbox_id(inode) },
        "HairpinMode": false,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": ports(published),
        "SandboxKey": key,
        "SecondaryIPAddresses": null,
        "SecondaryIPv6Addresses": null,
        "EndpointID": id,
        "Gateway": gateway(ipv4),
        "GlobalIPv6Address": text(ipv6),
        "GlobalIPv6PrefixLen": prefix(ipv6),
        "IPAddress": text(ipv4),
        "IPPrefixLen": prefix(ipv4),
        "IPv6Gateway": gateway(ipv6),
        "MacAddress": mac,
        "Networks": sorted(networks.collect()),
    })
}

/// Go's JSON sorts the keys of its maps.
fn sorted(mut map: Map<String, Value>) -> Value {
    map.sort_keys();
    Value::Object(map)
}

/// `Ports`, of ports that are spelled out.
#[must_use]
pub fn ports(published: &[PublishedPort]) -> Value {
    let mut ports = Map::new();
    for port in published {
        let binding = json!({ "HostIp": text(port.host), "HostPort": port.host_port.to_string() });
        let bindings = ports.entry(port.inner()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(bindings) = bindings {
            bindings.push(binding);
        }
    }
    sorted(ports)
}

/// Where a published port listens: `0.0.0.0:8080`, the line of `docker port` for one port.
#[must_use]
pub fn host_line(port: &PublishedPort) -> String {
    port.socket()
}

/// A line of `docker port`: `80/tcp -> 0.0.0.0:8080`.
#[must_use]
pub fn port_line(port: &PublishedPort) -> String {
    format!("{} -> {}", port.inner(), port.socket())
}

/// A port as `docker ps` shows it: `0.0.0.0:8080->80/tcp`.
#[must_use]
pub fn ps_port(port: &PublishedPort) -> String {
    format!("{}->{}", port.socket(), port.inner())
}

/// One entry of `Networks`.
fn settings(network: &Network, endpoint: &Endpoint) -> Value {
    let (ipv4, ipv6) = (endpoint.addresses().v4, endpoint.addresses().v6);
    json!({
        "IPAMConfig": asked(endpoint),
        "Links": null,
        "Aliases": null,
        "NetworkID": network.id,
        "EndpointID": endpoint.id(),
        "Gateway": text(gateway(network, ipv4)),
        "IPAddress": text(ipv4),
        "IPPrefixLen": prefix(network, ipv4),
        "IPv6Gateway": text(gateway(network, ipv6)),
        "GlobalIPv6Address": text(ipv6),
        "GlobalIPv6PrefixLen": prefix(network, ipv6),
        "MacAddress": endpoint.mac,
        "DriverOpts": null,
    })
}

/// `IPAMConfig`: the addresses that were asked for; null when none was.
fn asked(endpoint: &Endpoint) -> Value {
    let addresses = endpoint.addresses();
    let mut asked = Map::new();
    if endpoint.ipv4_given {
        asked.insert("IPv4Address".to_owned(), text(addresses.v4).into());
    }
    if endpoint.ipv6_given {
        asked.insert("IPv6Address".to_owned(), text(addresses.v6).into());
    }
    if asked.is_empty() { Value::Null } else { Value::Object(asked) }
}

fn text(address: Option<IpAddr>) -> String {
    address.map(|address| address.to_string()).unwrap_or_default()
}

/// An internal network leads nowhere, so Docker shows no gateway for it.
fn gateway(network: &Network, address: Option<IpAddr>) -> Option<IpAddr> {
    let pool = address.filter(|_| !network.internal).and_then(|address| network.pool_of(address));
    pool.map(|pool| pool.gateway)
}

fn prefix(network: &Network, address: Option<IpAddr>) -> u8 {
    address.map_or(0, |address| prefix_len(network, address))
}

fn prefix_len(network: &Network, address: IpAddr) -> u8 {
    network.pool_of(address).map_or(0, |pool| pool.subnet.prefix_len())
}

/// What Docker's API answers to a network's creation.
#[must_use]
pub fn created(id: &str) -> Value {
    json!({ "Id": id, "Warning": "" })
}

/// What was given out to a new endpoint.
#[must_use]
pub fn endpoint(endpoint: &Endpoint) -> Value {
    let addresses = endpoint.addresses();
    json!({
        "EndpointID": endpoint.id(),
        "NetworkID": endpoint.network_id,
        "IPAddress": text(addresses.v4),
        "GlobalIPv6Address": text(addresses.v6),
        "MacAddress": endpoint.mac,
        "Interface": endpoint.ifname,
        "HostInterface": endpoint.device,
    })
}
