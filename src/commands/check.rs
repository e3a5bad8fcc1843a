//! `check`: pings from the host and from inside every sandbox what should answer, and prints where it is not so.

use super::{Context, print, print_json};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::{Rtnl, Selector};
use crate::network::definition::Network;
use crate::network::endpoint::{self, Endpoint};
use crate::network::probing::Prober;
use crate::network::reach::{Group, Member, Plan};
use crate::network::sandbox::{self, SandboxRef};
use crate::network::{bridge, foreign, registry};
use crate::store::Store;
use crate::sys::netns::Netns;
use crate::views::check as view;

/// What to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The networks; all when none is named.
    pub networks: Vec<String>,
    /// How long to wait for an answer, in microseconds.
    pub patience_us: u64,
}

/// Checks; fails when something is not as configured.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = Store::look(&context.state_dir);
    let mut host = context.rtnl()?;
    let mut prober = Prober::new(context.verbose)?;
    let mut networks = Vec::new();
    for name in &arguments.networks {
        networks.push(registry::find(&store, name)?);
    }
    if networks.is_empty() {
        networks = registry::all(&store)?;
    }
    let mut plan = Plan::default();
    for network in &networks {
        survey(&mut host, &store, &mut prober, network, &mut plan)?;
    }
    prober.run(&mut plan, arguments.patience_us)?;
    let notes = foreign::find(&host);
    if context.json {
        print_json(&view::json(&plan, notes))?;
    } else {
        print(&view::text(&plan, &notes))?;
    }
    match plan.failed() {
        (0, _) => Ok(()),
        (failed, of) => Err(Failure::CheckFailed { failed, of }.into()),
    }
}

/// Adds who is on a network, family by family, with a place to send from for each.
fn survey<'a>(
    host: &mut Rtnl,
    store: &Store,
    prober: &mut Prober,
    network: &'a Network,
    plan: &mut Plan<'a>,
) -> Result<()> {
    let missing = bridge::index(host, network)?.is_none();
    let endpoints = endpoint::of_network(host, store, network)?;
    let mut namespaces = Vec::new();
    for endpoint in &endpoints {
        namespaces.push(open(host, endpoint));
    }
    let home = host.netns().doing("open", &"the current namespace");
    for pool in &network.pools {
        let v6 = pool.gateway.is_ipv6();
        let mut group = Group::new(network, pool.subnet, missing);
        let mut join = |name: &str, address, namespace: &Result<Netns>| {
            let place = match namespace {
                Ok(namespace) => prober.place(namespace, v6).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            group.members.push(Member { name: name.to_owned(), address, place });
        };
        if !endpoints.is_empty() {
            join("host", pool.gateway, &home);
        }
        for (endpoint, namespace) in endpoints.iter().zip(&namespaces) {
            let name = if endpoint.sandbox.is_empty() { &endpoint.device } else { &endpoint.sandbox };
            if let Some(address) = if v6 { endpoint.v6() } else { endpoint.ipv4() } {
                join(name, address, namespace);
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
    let found = port.and_then(|port| port.link_netnsid).and_then(|id| sandbox::by_netnsid(host, id));
    match (found, named) {
        (Some((_, namespace)), _) => Ok(namespace),
        (None, Err(error)) if !endpoint.sandbox.is_empty() => Err(error),
        _ => Err(Error::not_found("sandbox of", &endpoint.device, ": no name in /run/netns leads to it")),
    }
}
