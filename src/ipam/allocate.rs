//! Which address an endpoint gets: the one asked for, or the next after the last one given out.
//!
//! Pure: what is taken is found out by trying, for the kernel is the one to say.

use std::net::IpAddr;

use super::pools::usable;
use crate::error::{Error, Result};
use crate::model::endpoint::Endpoint;
use crate::model::network::{Network, Pool};
use crate::types::family::{Family, PerFamily};

/// The addresses of one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// The one that names the lease: IPv4 where the network has it.
    pub lease: IpAddr,
    /// IPv6 on a network of both families.
    pub ipv6: Option<IpAddr>,
}

impl Addresses {
    /// Those of an endpoint.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        Self { lease: endpoint.lease, ipv6: endpoint.ipv6 }
    }

    /// Whether `address` is one of them.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        self.lease == address || self.ipv6 == Some(address)
    }

    /// The IPv6 address when its host number is not the lease's: the lease's name does not speak for it, a claim must.
    #[must_use]
    pub fn claimed(&self, network: &Network) -> Option<IpAddr> {
        let pools = (network.pool(Family::V4)?, network.pool(Family::V6)?);
        let own = pools.1.subnet.host(pools.0.subnet.host_number(self.lease));
        self.ipv6.filter(|ipv6| own != Some(*ipv6))
    }
}

/// The addresses to try, one after the other: a single one when asked for, else every one that may be given out,
/// from the one after `last` on and round to it again.
pub struct Candidates<'a> {
    network: &'a Network,
    pool: &'a Pool,
    ipv6: Option<IpAddr>,
    first: u128,
    last: u128,
    next: u128,
    left: u128,
}

/// Plans the addresses of an endpoint of `network`. `hint` is the last lease that was given out.
pub fn candidates(network: &Network, asked: PerFamily<Option<IpAddr>>, hint: Option<IpAddr>) -> Result<Candidates<'_>> {
    let PerFamily { v4: ipv4, v6: ipv6 } = asked;
    for address in asked.addresses() {
        let family = Family::of(address);
        let Some(pool) = network.pool(family) else {
            return Err(Error::BadAddress {
                address,
                why: format!("needs an {family} subnet, which network {} has not", network.name),
            }
            .into());
        };
        usable(&pool.subnet, address)?;
        if pool.reserves(address) {
            let by = if address == pool.gateway {
                ": it is the gateway of the network"
            } else {
                ": it is an auxiliary address of the network"
            };
            return Err(Error::AddressInUse { address, by: by.to_owned() }.into());
        }
    }
    let Some(pool) = network.lease_pool() else { return Err(exhausted(network)) };
    // Not both are asked for: the one that is decides the host number of the other.
    let dual = network.pools.len() > 1;
    let asked = if pool.family() == Family::V4 { ipv4.or_else(|| same_host(network, pool, ipv6?)) } else { ipv6 };
    let (first, last) = match asked {
        Some(address) => (pool.subnet.host_number(address), pool.subnet.host_number(address)),
        None => common_range(network, pool),
    };
    if first > last {
        return Err(exhausted(network));
    }
    let after =
        hint.filter(|hint| pool.subnet.contains(*hint)).map(|hint| pool.subnet.host_number(hint).saturating_add(1));
    let next = after.filter(|next| (first..=last).contains(next)).unwrap_or(first);
    Ok(Candidates {
        network,
        pool,
        ipv6: ipv6.filter(|_| dual),
        first,
        last,
        next,
        left: (last - first).saturating_add(1),
    })
}

/// The IPv4 address with the host number of `ipv6`, when there is one that can be given out.
fn same_host(network: &Network, pool: &Pool, ipv6: IpAddr) -> Option<IpAddr> {
    let host = network.pool(Family::V6)?.subnet.host_number(ipv6);
    let (first, last) = pool.host_numbers();
    let address = pool.subnet.host(host).filter(|_| (first..=last).contains(&host))?;
    Some(address).filter(|address| !pool.reserves(*address))
}

/// The host numbers that can be given out in both families.
fn common_range(network: &Network, pool: &Pool) -> (u128, u128) {
    let (first, last) = pool.host_numbers();
    match network.pool(Family::V6).filter(|_| pool.family() == Family::V4) {
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
pub fn exhausted(network: &Network) -> Box<Error> {
    let pool = network.lease_pool().map(|pool| pool.ip_range.unwrap_or(pool.subnet).to_string());
    Error::PoolExhausted { network: network.name.clone(), pool: pool.unwrap_or_default() }.into()
}

impl Iterator for Candidates<'_> {
    type Item = Addresses;

    fn next(&mut self) -> Option<Addresses> {
        while self.left > 0 {
            self.left -= 1;
            let host = self.next;
            self.next = if host >= self.last { self.first } else { host + 1 };
            let lease = self.pool.subnet.host(host).filter(|address| !self.pool.reserves(*address));
            let Some(lease) = lease else { continue };
            let Some(ipv6_pool) = self.network.pool(Family::V6).filter(|_| lease.is_ipv4()) else {
                return Some(Addresses { lease, ipv6: None });
            };
            if let Some(ipv6) = self.ipv6 {
                return Some(Addresses { lease, ipv6: Some(ipv6) });
            }
            if let Some(ipv6) = ipv6_pool.subnet.host(host).filter(|ipv6| !ipv6_pool.reserves(*ipv6)) {
                return Some(Addresses { lease, ipv6: Some(ipv6) });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
