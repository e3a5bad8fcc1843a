//! Docker's JSON: `docker network inspect`, the `NetworkSettings` of `docker inspect`, `docker network ls --format json`.
//!
//! Keys, their order and their types are those of Docker 20.10.

use std::net::IpAddr;

use crate::json::Json;
use crate::network::definition::{DEFAULT_NETWORK, Network, Pool};
use crate::network::endpoint::{self, Endpoint};

/// One network, as `docker network inspect` shows it.
#[must_use]
pub fn network(network: &Network, endpoints: &[Endpoint]) -> Json {
    let is_default = network.name == DEFAULT_NETWORK;
    let mut containers: Vec<(String, Json)> =
        endpoints.iter().map(|endpoint| (endpoint.sandbox_id(), container(network, endpoint))).collect();
    containers.sort_by(|(a, _), (b, _)| a.cmp(b));
    Json::object([
        ("Name", network.name.as_str().into()),
        ("Id", network.id.as_str().into()),
        ("Created", network.created.as_str().into()),
        ("Scope", "local".into()),
        ("Driver", "bridge".into()),
        ("EnableIPv6", network.ipv6.into()),
        (
            "IPAM",
            Json::object([
                ("Driver", "default".into()),
                ("Options", if is_default { Json::Null } else { Json::Object(Vec::new()) }),
                ("Config", Json::List(network.pools.iter().map(|pool| config(pool, is_default)).collect())),
            ]),
        ),
        ("Internal", network.internal.into()),
        ("Attachable", false.into()),
        ("Ingress", false.into()),
        ("ConfigFrom", Json::object([("Network", "".into())])),
        ("ConfigOnly", false.into()),
        ("Containers", Json::Object(containers)),
        ("Options", pairs(&network.options)),
        ("Labels", pairs(&network.labels)),
    ])
}

/// One entry of `IPAM.Config`: what was asked for; and the gateway of a subnet that was chosen, except for the default network.
fn config(pool: &Pool, is_default: bool) -> Json {
    let mut config = Json::object([("Subnet", pool.subnet.to_string().into())]);
    if let Some(range) = pool.ip_range {
        config.push("IPRange", range.to_string());
    }
    if pool.gateway_given || !pool.subnet_given && !is_default {
        config.push("Gateway", pool.gateway.to_string());
    }
    if !pool.aux.is_empty() {
        let aux = pool.aux.iter().map(|(name, address)| (name.clone(), address.to_string().into())).collect();
        config.push("AuxiliaryAddresses", Json::Object(aux));
    }
    config
}

/// One entry of `Containers`.
fn container(network: &Network, endpoint: &Endpoint) -> Json {
    let address = |ip: Option<IpAddr>| match ip {
        Some(ip) => format!("{ip}/{}", prefix_len(network, ip)),
        None => String::new(),
    };
    Json::object([
        ("Name", endpoint.sandbox.as_str().into()),
        ("EndpointID", endpoint.id().into()),
        ("MacAddress", endpoint.mac.to_string().into()),
        ("IPv4Address", address(endpoint.ipv4()).into()),
        ("IPv6Address", address(endpoint.v6()).into()),
    ])
}

/// One line of `docker network ls --format json`.
#[must_use]
pub fn network_line(network: &Network, id: &str) -> Json {
    let labels: Vec<_> = network.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    Json::object([
        ("CreatedAt", network.created.as_str().into()),
        ("Driver", "bridge".into()),
        ("ID", id.into()),
        ("IPv6", network.ipv6.to_string().into()),
        ("Internal", network.internal.to_string().into()),
        ("Labels", labels.join(",").into()),
        ("Name", network.name.as_str().into()),
        ("Scope", "local".into()),
    ])
}

/// A sandbox, as `docker inspect` shows a container: id, name, and `NetworkSettings`.
#[must_use]
pub fn sandbox(name: &str, key: &str, inode: u64, attached: &[(Network, Endpoint)]) -> Json {
    Json::object([
        ("Id", endpoint::sandbox_id(inode).into()),
        ("Name", format!("/{name}").into()),
        ("NetworkSettings", network_settings(key, inode, attached)),
    ])
}

/// What a sandbox has of the networks it is on. As with Docker, the fields at the top are the default network's alone.
fn network_settings(key: &str, inode: u64, attached: &[(Network, Endpoint)]) -> Json {
    let default = attached.iter().find(|(network, _)| network.name == DEFAULT_NETWORK);
    let field = |of: fn(&Network, &Endpoint) -> Json, absent: Json| default.map_or(absent, |(n, e)| of(n, e));
    let mut networks: Vec<_> =
        attached.iter().map(|(network, endpoint)| (network.name.clone(), settings(network, endpoint))).collect();
    networks.sort_by(|(a, _), (b, _)| a.cmp(b));
    Json::object([
        ("Bridge", "".into()),
        ("SandboxID", endpoint::sandbox_id(inode).into()),
        ("HairpinMode", false.into()),
        ("LinkLocalIPv6Address", "".into()),
        ("LinkLocalIPv6PrefixLen", 0_u32.into()),
        ("Ports", Json::Object(Vec::new())),
        ("SandboxKey", key.into()),
        ("SecondaryIPAddresses", Json::Null),
        ("SecondaryIPv6Addresses", Json::Null),
        ("EndpointID", field(|_, e| e.id().into(), "".into())),
        ("Gateway", field(|n, e| gateway(n, e.ipv4()), "".into())),
        ("GlobalIPv6Address", field(|_, e| text(e.v6()), "".into())),
        ("GlobalIPv6PrefixLen", field(|n, e| prefix(n, e.v6()), 0_u32.into())),
        ("IPAddress", field(|_, e| text(e.ipv4()), "".into())),
        ("IPPrefixLen", field(|n, e| prefix(n, e.ipv4()), 0_u32.into())),
        ("IPv6Gateway", field(|n, e| gateway(n, e.v6()), "".into())),
        ("MacAddress", field(|_, e| e.mac.to_string().into(), "".into())),
        ("Networks", Json::Object(networks)),
    ])
}

/// One entry of `Networks`.
fn settings(network: &Network, endpoint: &Endpoint) -> Json {
    let mut asked = Vec::new();
    for (key, given, address) in
        [("IPv4Address", endpoint.ipv4_given, endpoint.ipv4()), ("IPv6Address", endpoint.ipv6_given, endpoint.v6())]
    {
        if given {
            asked.push((key.to_owned(), text(address)));
        }
    }
    Json::object([
        ("IPAMConfig", if asked.is_empty() { Json::Null } else { Json::Object(asked) }),
        ("Links", Json::Null),
        ("Aliases", Json::Null),
        ("NetworkID", network.id.as_str().into()),
        ("EndpointID", endpoint.id().into()),
        ("Gateway", gateway(network, endpoint.ipv4())),
        ("IPAddress", text(endpoint.ipv4())),
        ("IPPrefixLen", prefix(network, endpoint.ipv4())),
        ("IPv6Gateway", gateway(network, endpoint.v6())),
        ("GlobalIPv6Address", text(endpoint.v6())),
        ("GlobalIPv6PrefixLen", prefix(network, endpoint.v6())),
        ("MacAddress", endpoint.mac.to_string().into()),
        ("DriverOpts", Json::Null),
    ])
}

fn text(address: Option<IpAddr>) -> Json {
    address.map(|address| address.to_string()).unwrap_or_default().into()
}

/// An internal network leads nowhere, so Docker shows no gateway for it.
fn gateway(network: &Network, address: Option<IpAddr>) -> Json {
    let pool = address.filter(|_| !network.internal).and_then(|address| network.pool(address.is_ipv4()));
    text(pool.map(|pool| pool.gateway))
}

fn prefix(network: &Network, address: Option<IpAddr>) -> Json {
    address.map_or(0, |address| u32::from(prefix_len(network, address))).into()
}

fn prefix_len(network: &Network, address: IpAddr) -> u8 {
    network.pool(address.is_ipv4()).map_or(0, |pool| pool.subnet.prefix_len())
}

fn pairs(pairs: &[(String, String)]) -> Json {
    Json::Object(pairs.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect())
}
