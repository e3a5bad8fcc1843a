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

/// Carries it out.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = match Store::shared(&context.state_dir)? {
        Some(store) => store,
        None => {
            registry::find(&Store::look(&context.state_dir), &arguments.network)?;
            Store::exclusive(&context.state_dir)?
        }
    };
    let network = registry::find(&store, &arguments.network)?;
    let mut host = context.rtnl()?;
    let sandbox = match arguments.sandbox.open() {
        Ok(sandbox) => sandbox,
        Err(error) => return forget_missing(arguments, &mut host, &store, &network, error),
    };
    let name = arguments.sandbox.to_string();
    let home = host.netns().doing("open", &"the namespace of the host")?;
    let inode = sandbox.inode().doing("look at sandbox", &name)?;
    let mut inside = arguments.sandbox.rtnl(&sandbox, &home, context.verbose)?;
    match endpoint::find(&mut host, &mut inside, &store, &network, inode)? {
        Some(endpoint) => {
            removal::remove_endpoint(&mut host, &store, &network, &endpoint)?;
            pass_on_default_route(&mut inside, &store, inode)
        }
        None => {
            // A record whose device is gone is garbage; it must not come back with the next one of that name.
            let garbage = store.read(Kind::Endpoint, &endpoint::key(&network.id, inode))?;
            if let Some(endpoint) = garbage.as_ref().and_then(Endpoint::from_record) {
                return removal::forget_endpoint(&store, &network, &endpoint);
            }
            if arguments.force {
                Ok(())
            } else {
                Err(Failure::NotConnected { sandbox: name, network: network.name }.into())
            }
        }
    }
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
            removal::forget_endpoint(store, network, &endpoint)?;
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
        let present = |_: usize, errno: Errno| errno == Errno::EXIST;
        inside.change_all(&routes, &present).map_err(|(_, refusal)| Failure::Kernel {
            doing: "add the default route by",
            object: endpoint.ifname.clone(),
            refusal,
        })?;
    }
    Ok(())
}
