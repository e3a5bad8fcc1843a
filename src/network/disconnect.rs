//! Disconnecting: delete the veth pair, withdraw what was published, give the default route to the next network, forget the endpoint.
//!
//! Each step that fails is told, and the record stays: the same command finds it and goes on.

use crate::error::{Doing, Error, Result};
use crate::firewall::publish;
use crate::ipam::claim;
use crate::kernel::{Rtnl, Selector};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::network::{default_route, endpoints};
use crate::sandbox::SandboxRef;
use crate::session::Session;
use crate::store::{self, Kind, Store, networks};

/// What is to be disconnected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnect {
    /// The network: name, id or unique beginning of an id.
    pub network: String,
    /// The sandbox.
    pub sandbox: SandboxRef,
    /// Success when it is not connected, or not there, any more.
    pub force: bool,
}

/// Carries it out: together with others when the endpoint is recorded. One that is not may be somebody's who is just making
/// it: only alone can we tell.
pub fn disconnect(session: &Session, request: &Disconnect) -> Result<()> {
    if let Some(store) = session.shared()?
        && attempt(session, request, &store)?
    {
        return Ok(());
    }
    networks::find(&session.records(), &request.network)?;
    attempt(session, request, &session.exclusive()?).map(drop)
}

/// The recipe. False when it takes the lock alone.
fn attempt(session: &Session, request: &Disconnect, store: &Store) -> Result<bool> {
    let network = networks::find(store, &request.network)?;
    let mut host = session.rtnl()?;
    let sandbox = match request.sandbox.open() {
        Ok(sandbox) => sandbox,
        Err(error) if !is_missing(&error) => return Err(error),
        Err(error) => return forget_missing(request, &mut host, store, &network, error).map(|()| true),
    };
    let home = host.netns().doing("open", "the namespace of the host")?;
    let inode = sandbox.inode().doing("look at sandbox", &request.sandbox)?;
    let mut inside = request.sandbox.rtnl(&sandbox, &home, session.report)?;
    let found = match endpoints::recorded(&host, store, &network, inode)? {
        None if !store.is_exclusive() => return Ok(false),
        None => endpoints::find(&mut host, &mut inside, &network, &sandbox, inode)?,
        found => found,
    };
    let left = match found {
        Some(endpoint) => {
            delete_device(&mut host, &endpoint)?;
            Some(endpoint)
        }
        // A record whose device is gone is garbage, or what somebody left to do who failed after this step.
        None => store::endpoints::of(store, &network, inode)?,
    };
    match left {
        Some(endpoint) => {
            withdraw(&host, store, &network, &endpoint)?;
            default_route::pass_on(&mut inside, store, &endpoint)?;
            store.remove(Kind::Endpoint, &endpoint.key())?;
        }
        None if request.force => {}
        None => return Err(Error::NotConnected { sandbox: request.sandbox.to_string(), network: network.name }.into()),
    }
    Ok(true)
}

/// Whether there is no such sandbox, unlike one that could not be looked at.
fn is_missing(error: &Error) -> bool {
    matches!(error, Error::NotFound { .. } | Error::NoNamespace { .. })
}

/// The sandbox is gone, and its device with it or soon. What is recorded under its name goes.
fn forget_missing(
    request: &Disconnect,
    host: &mut Rtnl,
    store: &Store,
    network: &Network,
    error: Box<Error>,
) -> Result<()> {
    let name = request.sandbox.to_string();
    let mut of_name = store::endpoints::of_network(store, network)?;
    of_name.retain(|endpoint| endpoint.sandbox == name);
    if of_name.is_empty() && !request.force {
        return Err(error);
    }
    for endpoint in of_name {
        if host.has_link(&endpoint.device, endpoint.index)? {
            delete_device(host, &endpoint)?;
        }
        forget(host, store, network, &endpoint)?;
    }
    Ok(())
}

fn delete_device(rtnl: &mut Rtnl, endpoint: &Endpoint) -> Result<()> {
    rtnl.delete_link(Selector::Index(endpoint.index)).map(drop).doing("delete interface", &endpoint.device)
}

/// Removes all that is recorded of an endpoint, its own record last: it leads whoever comes after a failure to the rest.
pub fn forget(rtnl: &Rtnl, store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    withdraw(rtnl, store, network, endpoint)?;
    store.remove(Kind::Endpoint, &endpoint.key())
}

/// Takes back what was given to an endpoint beside its device: published ports, the claim of an address.
fn withdraw(rtnl: &Rtnl, store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    // Its device may have been given out again meanwhile, and the ports under its name be somebody else's.
    let index = rtnl.index_of(&endpoint.device).doing("look up interface", &endpoint.device)?;
    if index.is_none_or(|index| index == endpoint.index) {
        publish::withdraw(rtnl, store, endpoint)?;
    }
    claim::release(store, network, endpoint)
}
