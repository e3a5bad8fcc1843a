//! Removing networks with all that is on them. "Already gone" is done: this is the recovery path too.

use crate::error::{Doing, Error, Result};
use crate::firewall::{host, rebuild};
use crate::kernel::{Rtnl, Selector};
use crate::model::network::{DEFAULT_NETWORK, Network};
use crate::network::{bridge, disconnect, endpoints};
use crate::session::Session;
use crate::store::{self, Kind, Store, networks};

/// What could not be removed, and why.
pub type Failures = Vec<(String, Box<Error>)>;

/// Removes several networks, by name, id or unique beginning of an id; `done` hears of each as it is gone. With `force` what is
/// attached goes too, and what is not there is no error. Goes on with the others when one fails: names and failures.
pub fn remove(
    session: &Session,
    names: &[String],
    force: bool,
    mut done: impl FnMut(&str) -> Result<()>,
) -> Result<Failures> {
    let store = session.exclusive_if_any()?.unwrap_or_else(|| session.records());
    let mut rtnl = session.rtnl()?;
    let mut failures = Vec::new();
    for name in names {
        match one(&mut rtnl, &store, name, force) {
            Ok(()) => done(name)?,
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    Ok(failures)
}

fn one(rtnl: &mut Rtnl, store: &Store, name: &str, force: bool) -> Result<()> {
    let network = match networks::find(store, name) {
        Err(error) if force && matches!(*error, Error::NotFound { .. }) => return Ok(()),
        result => result?,
    };
    if !force {
        let attached = endpoints::of_network(rtnl, store, &network)?;
        if !attached.is_empty() {
            let sandboxes = attached.iter().map(|endpoint| endpoint.label().to_owned()).collect();
            return Err(Error::ActiveEndpoints { network: network.name, sandboxes }.into());
        }
    }
    network_and_endpoints(rtnl, store, &network)
}

/// Removes the networks that nothing is attached to and that are `wanted`, except the default one: those that are gone, and the
/// failures.
pub fn prune(session: &Session, wanted: impl Fn(&Network, usize) -> bool) -> Result<(Vec<Network>, Failures)> {
    let (mut removed, mut failures) = (Vec::new(), Vec::new());
    let Some(store) = session.exclusive_if_any()? else { return Ok((removed, failures)) };
    let mut rtnl = session.rtnl()?;
    for network in networks::all(&store)? {
        let attached = endpoints::of_network(&mut rtnl, &store, &network)?.len();
        if attached > 0 || network.name == DEFAULT_NETWORK || !wanted(&network, attached) {
            continue;
        }
        match network_and_endpoints(&mut rtnl, &store, &network) {
            Ok(()) => removed.push(network),
            Err(error) => failures.push((network.name, error)),
        }
    }
    Ok((removed, failures))
}

/// Removes a network: its ports in one request, its bridge unless it was there before us, what is recorded of its endpoints,
/// and last its own record, so that whatever stops us the same command can go on.
pub fn network_and_endpoints(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let bridge = network.bridge.as_str();
    rtnl.delete_group(network.group()).doing("delete the ports of", bridge)?;
    // Something else under its name is somebody else's, and the bridge is gone already.
    let link = rtnl.link(Selector::Name(bridge)).doing("look up interface", bridge)?;
    if let Some(link) = link.filter(|link| link.is("bridge")) {
        // An adopted one stays; but with our alias it is the one that we made when that had been deleted.
        if network.adopted && link.alias.as_deref() != Some(network.bridge_alias().as_str()) {
            bridge::release(rtnl, network, link.index)?;
        } else {
            rtnl.delete_link(Selector::Index(link.index)).doing("delete bridge", bridge)?;
        }
    }
    for endpoint in store::endpoints::of_network(store, network)? {
        disconnect::forget(rtnl, store, network, &endpoint)?;
    }
    for kind in [Kind::Endpoint, Kind::Claim] {
        let prefix = format!("{}-", network.short_id());
        for name in store.names(kind)?.iter().filter(|name| name.starts_with(&prefix)) {
            store.remove(kind, name)?;
        }
    }
    store.remove(Kind::Hint, network.short_id())?;
    let mut others = networks::all(store)?;
    others.retain(|other| other.id != network.id);
    // Before the rules go that keep what only we let forward from everybody else.
    host::restore(store, &others)?;
    rebuild::rebuild(rtnl, store, &others)?;
    store.remove(Kind::Network, &network.name)
}
