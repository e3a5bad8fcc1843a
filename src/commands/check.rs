//! `check`: pings from the host and from inside every sandbox what should answer, and prints where it is not so.

use super::{Context, print, print_json};
use crate::error::{Error, Failure, Result};
use crate::kernel::{Rtnl, Selector};
use crate::network::definition::Network;
use crate::network::endpoint::{self, Endpoint};
use crate::network::probing::Prober;
use crate::network::reach::{Group, Member, Plan};
use crate::network::sandbox::{self, SandboxRef};
use crate::network::{bridge, registry};
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
    let mut plan = Plan::default();
    for network in chosen(&store, &arguments.networks)? {
        for group in survey(&mut host, &store, &mut prober, &network)? {
            plan.add(group);
        }
    }
    prober.run(&mut plan, arguments.patience_us)?;
    if context.json {
        print_json(&view::json(&plan))?;
    } else {
        print(&view::text(&plan))?;
    }
    match plan.failed() {
        (0, _) => Ok(()),
        (failed, of) => Err(Failure::CheckFailed { failed, of }.into()),
    }
}

/// The networks that are named, each once; all when none is.
fn chosen(store: &Store, names: &[String]) -> Result<Vec<Network>> {
    if names.is_empty() {
        return registry::all(store);
    }
    let mut networks: Vec<Network> = Vec::new();
    for name in names {
        let network = registry::find(store, name)?;
        if networks.iter().all(|known| known.id != network.id) {
            networks.push(network);
        }
    }
    Ok(networks)
}

/// Who is on a network, family by family, with a place to send from for each.
fn survey(host: &mut Rtnl, store: &Store, prober: &mut Prober, network: &Network) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = network.pools.iter().map(|pool| Group::new(network, pool.subnet)).collect();
    if bridge::index(host, network)?.is_none() {
        // One thing is missing, be it for one family or two.
        groups.truncate(1);
        for group in &mut groups {
            group.missing = Some(network.bridge.to_string());
        }
        return Ok(groups);
    }
    let endpoints = endpoint::of_network(host, store, network)?;
    if endpoints.is_empty() {
        return Ok(groups);
    }
    for (group, pool) in groups.iter_mut().zip(&network.pools) {
        let place = prober.place(None, pool.gateway.is_ipv6());
        group.members.push(Member { name: "host".to_owned(), address: pool.gateway, place });
    }
    for endpoint in endpoints {
        let namespace = open(host, &endpoint);
        for group in &mut groups {
            let v6 = !group.subnet.is_ipv4();
            let Some(address) = (if v6 { endpoint.v6() } else { endpoint.ipv4() }) else { continue };
            let place = match &namespace {
                Ok(namespace) => prober.place(Some(namespace), v6),
                Err(error) => Err(error.clone()),
            };
            let name = if endpoint.sandbox.is_empty() { &endpoint.device } else { &endpoint.sandbox };
            group.members.push(Member { name: name.clone(), address, place });
        }
    }
    Ok(groups)
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
