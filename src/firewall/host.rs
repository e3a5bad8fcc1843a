//! What the host must allow for a network: forwarding, and its own loopback addresses leading to published ports.

use crate::error::{Doing, Error, Result, Warning};
use crate::model::network::Network;
use crate::store::Store;
use crate::sys::procfs;
use crate::types::family::Family;

/// Lets the host forward for the network, and its own loopback addresses lead to published ports.
pub fn prepare(store: &Store, network: &Network) -> Result<()> {
    if network.internal {
        return Ok(());
    }
    for (family, path) in [(Family::V4, "net/ipv4/ip_forward"), (Family::V6, "net/ipv6/conf/all/forwarding")] {
        if network.pool(family).is_some() {
            procfs::ensure_sysctl(path, "1").doing("write 1 to", format_args!("/proc/sys/{path}"))?;
        }
    }
    if network.pool(Family::V4).is_some() {
        // Without it a published port is not reached by way of 127.0.0.1, but by every other address.
        let path = format!("net/ipv4/conf/{}/route_localnet", network.bridge);
        if let Err(errno) = procfs::ensure_sysctl(&path, "1") {
            let error = Error::system("write 1 to", format_args!("/proc/sys/{path}"), errno);
            store.warn(&Warning::NoLoopback(error));
        }
    }
    Ok(())
}
