//! Checking networks: who is to reach whom is tried from inside every sandbox.

use std::time::Duration;

use super::pinger::Pinger;
use super::plan::{Group, Member, Plan};
use crate::error::{Doing, Error, Result};
use crate::kernel::{Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::network::{bridge, endpoints};
use crate::sandbox::{SandboxRef, namespaces};
use crate::session::Session;
use crate::store::Store;
use crate::sys::netns::Netns;

/// Pings everybody on `networks` from everybody; `patience` is how long to wait for an answer that is expected.
pub fn check<'a>(session: &Session, networks: &'a [Network], patience: Duration) -> Result<Plan<'a>> {
    let store = session.records();
    let mut host = session.rtnl()?;
    let mut pinger = Pinger::new(session)?;
    let mut plan = Plan::default();
    for network in networks {
        survey(&mut host, &store, &mut pinger, network, &mut plan)?;
    }
    pinger.run(&mut plan, patience)?;
    Ok(plan)
}

/// Adds who is on a network, family by family, with a place to send from for each.
fn survey<'a>(
    host: &mut Rtnl,
    store: &Store,
    pinger: &mut Pinger<'_>,
    network: &'a Network,
    plan: &mut Plan<'a>,
) -> Result<()> {
    let missing = bridge::index(host, network)?.is_none();
    let endpoints = endpoints::of_network(host, store, network)?;
    let mut namespaces = Vec::new();
    for endpoint in &endpoints {
        namespaces.push(open(host, endpoint));
    }
    let home = host.netns().doing("open", "the current namespace");
    for pool in &network.pools {
        let mut group = Group::new(network, pool.subnet, missing);
        let mut join = |name: &str, address, namespace: &Result<Netns>| {
            let place = match namespace {
                Ok(namespace) => pinger.place(namespace, pool.family()).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            group.members.push(Member { name: name.to_owned(), address, place });
        };
        if !endpoints.is_empty() {
            join("host", pool.gateway, &home);
        }
        for (endpoint, namespace) in endpoints.iter().zip(&namespaces) {
            if let Some(address) = endpoint.address(pool.family()) {
                join(endpoint.label(), address, namespace);
            }
        }
        plan.add(group);
        if missing {
            // One thing is missing, be it for one family or two.
            break;
        }
    }
    Ok(())
}

/// The namespace that an endpoint leads into: by its sandbox's name, or where that is not known, or another's by now, by the
/// port's other end.
fn open(host: &mut Rtnl, endpoint: &Endpoint) -> Result<Netns> {
    let named = SandboxRef::parse(&endpoint.sandbox).and_then(|sandbox| sandbox.open());
    if let Ok(namespace) = &named
        && (endpoint.inode == 0 || namespace.inode() == Ok(endpoint.inode))
    {
        return named;
    }
    let port = host.link(Selector::Index(endpoint.index)).ok().flatten();
    let found = port.and_then(|port| port.link_netnsid).and_then(|id| namespaces::by_netnsid(host, id));
    match (found, named) {
        (Some((_, namespace)), _) => Ok(namespace),
        (None, Err(error)) if !endpoint.sandbox.is_empty() => Err(error),
        _ => Err(Error::not_found("sandbox of", &endpoint.device, ": no name in /run/netns leads to it")),
    }
}
