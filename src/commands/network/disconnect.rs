//! `network disconnect`: delete the veth pair, forget the endpoint, give the default route to the next network.

use crate::commands::Context;
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::Rtnl;
use crate::network::attach;
use crate::network::definition::Network;
use crate::network::endpoint::{self, Endpoint};
use crate::network::sandbox::SandboxRef;
use crate::network::{registry, removal};
use crate::store::{Kind, Store};
use crate::sys::Errno;

/// What `network disconnect` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The network: name, id or unique beginning of an id.
    pub network: String,
    /// The sandbox.
    pub sandbox: SandboxRef,
    /// Success when it is not connected, or not there, any more.
    pub force: bool,
}

/// Carries it out: together with others when the endpoint is recorded. One that is not may be somebody's who is just making
/// it: only alone can we tell.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    if let Some(store) = Store::shared(&context.state_dir)?
        && attempt(context, arguments, &store)?
    {
        return Ok(());
    }
    registry::find(&Store::look(&context.state_dir), &arguments.network)?;
    attempt(context, arguments, &Store::exclusive(&context.state_dir)?).map(drop)
}

/// The recipe. False when it takes the lock alone.
fn attempt(context: &Context, arguments: &Arguments, store: &Store) -> Result<bool> {
    let network = registry::find(store, &arguments.network)?;
    let mut host = context.rtnl()?;
    let sandbox = match arguments.sandbox.open() {
        Ok(sandbox) => sandbox,
        Err(error) => return forget_missing(arguments, &mut host, store, &network, error).map(|()| true),
    };
    let name = arguments.sandbox.to_string();
    let home = host.netns().doing("open", &"the namespace of the host")?;
    let inode = sandbox.inode().doing("look at sandbox", &name)?;
    let mut inside = arguments.sandbox.rtnl(&sandbox, &home, context.verbose)?;
    let found = match endpoint::recorded(&host, store, &network, inode)? {
        None if !store.is_exclusive() => return Ok(false),
        None => endpoint::find(&mut host, &mut inside, &network, inode)?,
        found => found,
    };
    if let Some(endpoint) = found {
        removal::remove_endpoint(&mut host, store, &network, &endpoint)?;
        pass_on_default_route(&mut inside, store, inode)?;
        return Ok(true);
    }
    // A record whose device is gone is garbage; it must not come back with the next one of that name.
    let garbage = store.read(Kind::Endpoint, &endpoint::key(&network.id, inode))?;
    match garbage.as_ref().and_then(Endpoint::from_record) {
        Some(endpoint) => removal::forget_endpoint(&host, store, &network, &endpoint)?,
        None if arguments.force => {}
        None => return Err(Failure::NotConnected { sandbox: name, network: network.name }.into()),
    }
    Ok(true)
}

/// The sandbox is gone, and its device with it or soon. `-f` removes what is recorded under its name.
fn forget_missing(
    arguments: &Arguments,
    host: &mut Rtnl,
    store: &Store,
    network: &Network,
    error: Error,
) -> Result<()> {
    let name = arguments.sandbox.to_string();
    let mut of_name = endpoint::records_of(store, network)?;
    of_name.retain(|endpoint| endpoint.sandbox == name);
    if of_name.is_empty() && !arguments.force {
        return Err(error);
    }
    for endpoint in of_name {
        if endpoint_lives(host, &endpoint)? {
            removal::remove_endpoint(host, store, network, &endpoint)?;
        } else {
            removal::forget_endpoint(host, store, network, &endpoint)?;
        }
    }
    Ok(())
}

fn endpoint_lives(host: &Rtnl, endpoint: &Endpoint) -> Result<bool> {
    let index = host.index_of(&endpoint.device).doing("look up interface", &endpoint.device)?;
    Ok(index == Some(endpoint.index))
}

/// As Docker: when the network that gave the default route is left, the one that was joined next gives it.
fn pass_on_default_route(inside: &mut Rtnl, store: &Store, inode: u64) -> Result<()> {
    let suffix = format!("-{inode}");
    let mut others = Vec::new();
    for name in store.names(Kind::Endpoint)?.iter().filter(|name| name.ends_with(&suffix)) {
        others.extend(store.read(Kind::Endpoint, name)?.as_ref().and_then(Endpoint::from_record));
    }
    others.sort_by(|a, b| a.created.cmp(&b.created));
    for endpoint in others {
        let Some(network) = registry::by_name(store, &endpoint.network)? else { continue };
        let index = inside.index_of(&endpoint.ifname).doing("look up interface", &endpoint.ifname)?;
        let Some(index) = index else { continue };
        let addresses: Vec<_> = [endpoint.ipv4(), endpoint.v6()].into_iter().flatten().collect();
        let routes = attach::default_routes(&network, index, &addresses);
        // An internal network has none, and a datagram of nothing has no answer.
        if routes.is_empty() {
            continue;
        }
        // There is one already; or the interface is down or on its way out, and gives none.
        let tolerated =
            |_: usize, errno: Errno| matches!(errno, Errno::EXIST | Errno::NODEV | Errno::NETDOWN | Errno::NETUNREACH);
        inside.change_all(&routes, &tolerated).map_err(|(_, refusal)| Failure::Kernel {
            doing: "add the default route by",
            object: endpoint.ifname.clone(),
            refusal,
        })?;
    }
    Ok(())
}
