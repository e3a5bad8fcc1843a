//! What a network and an endpoint consist of that others may change: each part as the difference that it makes when it is not what
//! the records say, and its words.
//!
//! What belongs here: the one list. `compare` finds them, `mend` makes them right.

use std::fmt;
use std::net::IpAddr;

use crate::firewall::compare::OfTable;
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::model::ports::PublishedPort;
use crate::types::mac::Mac;

/// One part of a network, of an endpoint or of the firewall that is not what the records say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The bridge is not there.
    BridgeMissing(String),
    /// Something else has its name: which, and what it is.
    NotABridge(String, String),
    /// The bridge is down.
    BridgeDown(String),
    /// The bridge has another MTU: name, what it is, what it should be.
    BridgeMtu(String, u32, u32),
    /// The bridge lacks an address: name, address, length of its prefix.
    BridgeAddress(String, IpAddr, u8),
    /// A kernel parameter of the host's: its path below `/proc/sys`, what it is, what it should be.
    Parameter(String, String, &'static str),
    /// A part of our tables.
    Firewall(OfTable),
    /// The host's side of an endpoint is no port of the bridge: device, bridge.
    OffBridge(String, String),
    /// The host's side of an endpoint is down.
    PortDown(String),
    /// The host's side of an endpoint has another MTU: device, what it is, what it should be.
    PortMtu(String, u32, u32),
    /// An option of the bridge's port, and what it should be: device, option, on.
    PortOption(String, &'static str, bool),
    /// The interface is not in the sandbox any more.
    InterfaceMissing(String),
    /// The interface has another name: what it is, what it should be.
    InterfaceName(String, String),
    /// The interface is down.
    InterfaceDown(String),
    /// The interface has another MAC address: name, what it is, what it should be.
    InterfaceMac(String, Mac, Mac),
    /// The interface has another MTU: name, what it is, what it should be.
    InterfaceMtu(String, u32, u32),
    /// The interface lacks an address: name, address, length of its prefix.
    Address(String, IpAddr, u8),
    /// The sandbox's loopback is down.
    LoopbackDown,
    /// The sandbox has no default route, and the endpoint should give it: its gateway and its interface.
    DefaultRoute(IpAddr, String),
    /// A port is recorded, but the firewall does not lead to it.
    Unpublished(PublishedPort),
}

impl Difference {
    /// What kind it is, for a program: words joined by `-`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BridgeMissing(..) => "bridge-missing",
            Self::NotABridge(..) => "not-a-bridge",
            Self::BridgeDown(..) => "bridge-down",
            Self::BridgeMtu(..) => "bridge-mtu",
            Self::BridgeAddress(..) => "bridge-address",
            Self::Parameter(..) => "parameter",
            Self::Firewall(..) => "firewall",
            Self::OffBridge(..) => "off-bridge",
            Self::PortDown(..) => "port-down",
            Self::PortMtu(..) => "port-mtu",
            Self::PortOption(..) => "port-option",
            Self::InterfaceMissing(..) => "interface-missing",
            Self::InterfaceName(..) => "interface-name",
            Self::InterfaceDown(..) => "interface-down",
            Self::InterfaceMac(..) => "interface-mac",
            Self::InterfaceMtu(..) => "interface-mtu",
            Self::Address(..) => "address",
            Self::LoopbackDown => "loopback-down",
            Self::DefaultRoute(..) => "default-route",
            Self::Unpublished(..) => "unpublished",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BridgeMissing(bridge) => write!(f, "bridge {bridge} is missing"),
            Self::NotABridge(device, kind) => write!(f, "interface {device} is not a bridge but {kind}"),
            Self::BridgeDown(name) | Self::PortDown(name) | Self::InterfaceDown(name) => write!(f, "{name} is down"),
            Self::LoopbackDown => f.write_str("lo is down"),
            Self::BridgeMtu(name, is, should)
            | Self::PortMtu(name, is, should)
            | Self::InterfaceMtu(name, is, should) => {
                write!(f, "MTU of {name} is {is}, not {should}")
            }
            Self::BridgeAddress(name, address, prefix_len) | Self::Address(name, address, prefix_len) => {
                write!(f, "{name} lacks address {address}/{prefix_len}")
            }
            Self::Parameter(path, is, should) => write!(f, "{} is {is}, not {should}", dotted(path)),
            Self::Firewall(of_table) => of_table.fmt(f),
            Self::OffBridge(device, bridge) => write!(f, "{device} is not a port of {bridge}"),
            Self::PortOption(device, option, on) => {
                write!(f, "{option} of {device} is {}", if *on { "off, not on" } else { "on, not off" })
            }
            Self::InterfaceMissing(name) => write!(f, "{name} is not in the sandbox"),
            Self::InterfaceName(is, should) => write!(f, "{should} is called {is}"),
            Self::InterfaceMac(name, is, should) => write!(f, "MAC address of {name} is {is}, not {should}"),
            Self::DefaultRoute(gateway, name) => write!(f, "no default route, by {gateway} on {name}"),
            Self::Unpublished(port) => write!(f, "port {port} is not published"),
        }
    }
}

/// A parameter as sysctl(8) writes it; a name that has dots itself keeps its slashes.
fn dotted(path: &str) -> String {
    if path.contains('.') { path.to_owned() } else { path.replace('/', ".") }
}

/// What is found of an endpoint.
#[derive(Debug, Clone)]
pub struct OfEndpoint {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Where it is not what its record says.
    pub differences: Vec<Difference>,
}

/// What is found of a network.
#[derive(Debug, Clone)]
pub struct OfNetwork {
    /// The network.
    pub network: Network,
    /// Where it is not what its record says.
    pub differences: Vec<Difference>,
    /// Those of its endpoints that are not what their records say.
    pub endpoints: Vec<OfEndpoint>,
}

/// All that is found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What is the matter with our tables.
    pub firewall: Vec<Difference>,
    /// The networks, those without a difference too.
    pub networks: Vec<OfNetwork>,
}

/// One difference and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The network; none for what all of them share.
    pub network: Option<String>,
    /// The sandbox, for what is an endpoint's.
    pub sandbox: Option<String>,
    /// The difference.
    pub difference: Difference,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.network, &self.sandbox) {
            (Some(network), Some(sandbox)) => write!(f, "{sandbox} on network {network}: {}", self.difference),
            (Some(network), None) => write!(f, "network {network}: {}", self.difference),
            (None, _) => write!(f, "firewall: {}", self.difference),
        }
    }
}

impl Findings {
    /// Each difference, with whose it is.
    #[must_use]
    pub fn each(&self) -> Vec<Found> {
        let found = |network: Option<&str>, sandbox: Option<&str>, difference: &Difference| Found {
            network: network.map(str::to_owned),
            sandbox: sandbox.map(str::to_owned),
            difference: difference.clone(),
        };
        let mut all: Vec<Found> = self.firewall.iter().map(|difference| found(None, None, difference)).collect();
        for of in &self.networks {
            let network = Some(of.network.name.as_str());
            all.extend(of.differences.iter().map(|difference| found(network, None, difference)));
            for of in &of.endpoints {
                let sandbox = Some(of.endpoint.label());
                all.extend(of.differences.iter().map(|difference| found(network, sandbox, difference)));
            }
        }
        all
    }
}
