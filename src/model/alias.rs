//! The alias of a port: answers "whose veth is this?" in `ip link`, and to us when the record is lost.
//!
//! `pontoon NETWORK/SANDBOX IFNAME ADDRESS/LENGTH…`

use std::net::IpAddr;

use super::network::Network;
use crate::types::subnet::Subnet;

/// The kernel keeps so many bytes (`IFALIASZ`, with a NUL).
const MAX: usize = 255;

const PREFIX: &str = "pontoon ";

/// The alias of the port of a sandbox's interface with these addresses.
#[must_use]
pub fn write(network: &Network, sandbox: &str, ifname: &str, addresses: impl Iterator<Item = IpAddr>) -> String {
    let mut alias = format!("{PREFIX}{}/{sandbox} {ifname}", network.name);
    for address in addresses {
        let prefix_len = network.pool_of(address).map_or(0, |pool| pool.subnet.prefix_len());
        alias.extend([" ", &address.to_string(), "/", &prefix_len.to_string()]);
    }
    while alias.len() > MAX {
        alias.pop();
    }
    alias
}

/// Whether it is one of ours.
#[must_use]
pub fn is_ours(alias: &str) -> bool {
    alias.starts_with(PREFIX)
}

/// `NETWORK/SANDBOX` out of an alias of ours.
#[must_use]
pub fn holder(alias: &str) -> Option<&str> {
    alias.strip_prefix(PREFIX)?.split(' ').next()
}

/// Sandbox and interface out of an alias of `network`'s; empty where it is none.
#[must_use]
pub fn sandbox_and_ifname(alias: &str, network: &str) -> (String, String) {
    let rest =
        alias.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(network)).and_then(|rest| rest.strip_prefix('/'));
    let mut words = rest.unwrap_or_default().split(' ').map(str::to_owned);
    (words.next().unwrap_or_default(), words.next().unwrap_or_default())
}

/// The address of `subnet` in an alias of ours.
#[must_use]
pub fn address_in(alias: &str, subnet: &Subnet) -> Option<IpAddr> {
    let mut words = alias.strip_prefix(PREFIX)?.split(' ');
    words.find_map(|word| word.split('/').next()?.parse().ok().filter(|address| subnet.contains(*address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alias_is_read_back() {
        assert_eq!(
            sandbox_and_ifname("pontoon bridge/container1 eth0 172.17.0.2/16", "bridge"),
            ("container1".into(), "eth0".into())
        );
        assert_eq!(sandbox_and_ifname("pontoon bridge//run/x eth0", "bridge"), ("/run/x".into(), "eth0".into()));
        assert_eq!(sandbox_and_ifname("something else", "bridge"), (String::new(), String::new()));
        assert_eq!(sandbox_and_ifname("", "bridge"), (String::new(), String::new()));
    }
}
