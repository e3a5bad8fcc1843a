//! The driver options of a network: `-o KEY=VALUE` with Docker's keys.

use crate::error::{Error, GivenFor, Result};
use crate::types::ifname::IfName;

/// Name of the bridge device.
pub const BRIDGE_NAME: &str = "com.docker.network.bridge.name";
/// Whether sandboxes of the network may reach each other.
pub const ENABLE_ICC: &str = "com.docker.network.bridge.enable_icc";
/// Whether the source address of outgoing traffic becomes the host's.
pub const ENABLE_IP_MASQUERADE: &str = "com.docker.network.bridge.enable_ip_masquerade";
/// The host address that a published port without one listens on.
pub const HOST_BINDING_IPV4: &str = "com.docker.network.bridge.host_binding_ipv4";
/// Whether it is the network used when none is named.
pub const DEFAULT_BRIDGE: &str = "com.docker.network.bridge.default_bridge";
/// MTU of the bridge and of both ends of every veth.
pub const MTU: &str = "com.docker.network.driver.mtu";
/// What interface names in sandboxes begin with.
pub const CONTAINER_IFACE_PREFIX: &str = "com.docker.network.container_iface_prefix";

/// All keys.
pub const KEYS: [&str; 7] =
    [BRIDGE_NAME, ENABLE_ICC, ENABLE_IP_MASQUERADE, HOST_BINDING_IPV4, DEFAULT_BRIDGE, MTU, CONTAINER_IFACE_PREFIX];

/// The MTU where nobody says otherwise, in bytes.
pub const DEFAULT_MTU: u32 = 1500;

/// Smallest MTU of a device that carries IPv4 (RFC 791) and IPv6 (RFC 8200); the largest of a veth (`ETH_MAX_MTU`).
const MTU_IPV4: u32 = 68;
const MTU_IPV6: u32 = 1280;
const MTU_MAX: u32 = 65_535;

/// Reads `KEY=VALUE`, checking the value by the key.
pub fn parse(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    match key {
        BRIDGE_NAME => drop(value.parse::<IfName>().given_for(BRIDGE_NAME, value)?),
        // A digit or two follow it.
        CONTAINER_IFACE_PREFIX => {
            let name = format!("{value}00");
            name.parse::<IfName>().given_for(CONTAINER_IFACE_PREFIX, &name)?;
        }
        ENABLE_ICC => bool_value(ENABLE_ICC, value)?,
        ENABLE_IP_MASQUERADE => bool_value(ENABLE_IP_MASQUERADE, value)?,
        DEFAULT_BRIDGE => bool_value(DEFAULT_BRIDGE, value)?,
        HOST_BINDING_IPV4 if value.parse::<std::net::Ipv4Addr>().is_err() => {
            return Err(Error::value(HOST_BINDING_IPV4, value, "an IPv4 address"));
        }
        HOST_BINDING_IPV4 => {}
        MTU => drop(mtu(value, false)?),
        _ => return Err(Error::value("-o", text, format!("KEY=VALUE with one of the keys {}", KEYS.join(", ")))),
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// Reads an MTU in bytes; on a network with IPv6 it must carry that.
pub fn mtu(value: &str, ipv6: bool) -> Result<u32> {
    let least = if ipv6 { MTU_IPV6 } else { MTU_IPV4 };
    let mtu = value.parse().ok().filter(|mtu| (least..=MTU_MAX).contains(mtu));
    mtu.ok_or_else(|| Error::value(MTU, value, format!("a number of bytes from {least} to {MTU_MAX}")))
}

fn bool_value(key: &'static str, value: &str) -> Result<()> {
    if matches!(value, "true" | "false") { Ok(()) } else { Err(Error::value(key, value, "'true' or 'false'")) }
}
