//! Which address an endpoint gets: the one asked for, or the next after the last one given out.
//!
//! Pure: what is taken is found out by trying, for the kernel is the one to say.

use core::net::IpAddr;

use super::definition::{Network, Pool};
use super::pool::usable;
use crate::error::{Error, Failure, Result};
use crate::prelude::*;

/// The addresses of one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// The one that names the lease: IPv4 where the network has it.
    pub lease: IpAddr,
    /// IPv6 on a network of both families.
    pub ipv6: Option<IpAddr>,
}

impl Addresses {
    /// The IPv6 address when its host number is not the lease's: the lease's name does not speak for it, a claim must.
    #[must_use]
    pub fn claimed(&self, network: &Network) -> Option<IpAddr> {
        let pools = (network.pool(true)?, network.pool(false)?);
        let own = pools.1.subnet.host(pools.0.subnet.host_number(&self.lease));
        self.ipv6.filter(|ipv6| own != Some(*ipv6))
    }
}

/// The addresses to try, one after the other: a single one when asked for, else every one that may be given out,
/// from the one after `last` on and round to it again.
pub struct Candidates<'a> {
    network: &'a Network,
    pool: &'a Pool,
    ipv6: Option<&'a IpAddr>,
    first: u128,
    last: u128,
    next: u128,
    left: u128,
}

/// Plans the addresses of an endpoint of `network`. `hint` is the last lease that was given out.
pub fn candidates<'a>(
    network: &'a Network,
    ipv4: Option<&'a IpAddr>,
    ipv6: Option<&'a IpAddr>,
    hint: Option<IpAddr>,
) -> Result<Candidates<'a>> {
    refuse_reserved(network, ipv4)?;
    refuse_reserved(network, ipv6)?;
    let Some(pool) = network.lease_pool() else { return Err(exhausted(network)) };
    // Not both are asked for: the one that is decides the host number of the other.
    let host = match (pool.subnet.is_ipv4(), ipv4, ipv6) {
        (true, Some(address), _) | (false, _, Some(address)) => Some(pool.subnet.host_number(address)),
        (true, None, Some(address)) => same_host(network, pool, address),
        _ => None,
    };
    let (first, last) = host.map_or_else(|| common_range(network, pool), |host| (host, host));
    if first > last {
        return Err(exhausted(network));
    }
    let mut next = first;
    if let Some(hint) = &hint
        && pool.subnet.contains(hint)
    {
        let after = pool.subnet.host_number(hint).saturating_add(1);
        if (first..=last).contains(&after) {
            next = after;
        }
    }
    Ok(Candidates { network, pool, ipv6, first, last, next, left: (last - first).saturating_add(1) })
}

/// Refuses an address that nobody may have on this network.
fn refuse_reserved(network: &Network, address: Option<&IpAddr>) -> Result<()> {
    let Some(address) = address else { return Ok(()) };
    let Some(pool) = network.pool(address.is_ipv4()) else {
        let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
        let why = text!("needs an {family} subnet, which network {} has not", network.name);
        return Err(Error::bad_address(address, why));
    };
    usable(&pool.subnet, address)?;
    if !pool.reserves(address) {
        return Ok(());
    }
    let is_gateway = *address == pool.gateway;
    let what =
        if is_gateway { ": it is the gateway of the network" } else { ": it is an auxiliary address of the network" };
    Err(Error::in_use(address, what))
}

/// The host number of `ipv6`, when its IPv4 address can be given out.
fn same_host(network: &Network, pool: &Pool, ipv6: &IpAddr) -> Option<u128> {
    let host = network.pool(false)?.subnet.host_number(ipv6);
    let (first, last) = pool.host_numbers();
    ((first..=last).contains(&host) && pool.free(host).is_some()).then_some(host)
}

/// The host numbers that can be given out in both families.
fn common_range(network: &Network, pool: &Pool) -> (u128, u128) {
    let (first, last) = pool.host_numbers();
    match network.pool(false).filter(|_| pool.subnet.is_ipv4()) {
        None => (first, last),
        Some(ipv6) => {
            let (low, high) = ipv6.host_numbers();
            // A range within the v6 subnet whose numbers do not meet the IPv4 ones would leave nothing: numbers are IPv4's then.
            if ipv6.ip_range.is_some() && (first.max(low) > last.min(high)) {
                return (first, last.min(ipv6.subnet.host_mask()));
            }
            (first.max(low), last.min(high))
        }
    }
}

/// All addresses of the network are taken.
#[must_use]
pub fn exhausted(network: &Network) -> Error {
    let pool = network.lease_pool().map(|pool| pool.ip_range.unwrap_or(pool.subnet).to_text());
    Failure::PoolExhausted { network: network.name, pool: pool.unwrap_or_default() }.into()
}

impl Iterator for Candidates<'_> {
    type Item = Addresses;

    fn next(&mut self) -> Option<Addresses> {
        while self.left > 0 {
            self.left -= 1;
            let host = self.next;
            self.next = if host >= self.last { self.first } else { host + 1 };
            let Some(lease) = self.pool.free(host) else { continue };
            let mut ipv6 = None;
            if lease.is_ipv4()
                && let Some(pool) = self.network.pool(false)
            {
                ipv6 = self.ipv6.copied().or_else(|| pool.free(host));
                if ipv6.is_none() {
                    continue;
                }
            }
            return Some(Addresses { lease, ipv6 });
        }
        None
    }
}

#[cfg(test)]
#[path = "choice/tests.rs"]
mod tests;
