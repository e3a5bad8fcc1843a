//! Connecting a sandbox to a network: the recipe. Its steps are [`attach`]'s, numbered there.

use crate::error::{Doing, Error, Result};
use crate::firewall::{host, publish, rebuild};
use crate::ipam::claim;
use crate::kernel::{Change, Rtnl, Selector};
use crate::model::endpoint::{Endpoint, EndpointSpec};
use crate::model::network::{DEFAULT_NETWORK, Network};
use crate::model::ports::{self, PortSpec, PublishedPort};
use crate::model::spec::NetworkSpec;
use crate::network::attach::{self, Attachment, Outcome};
use crate::network::{bridge, create, disconnect, mend, remove};
use crate::sandbox::SandboxRef;
use crate::session::Session;
use crate::store::{self, Store, networks};
use crate::sys::netns::Netns;
use crate::undo::Undo;

/// What is to be connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// The network: name, id or unique beginning of an id.
    pub network: String,
    /// The sandbox.
    pub sandbox: SandboxRef,
    /// Addresses, MAC and interface name asked for.
    pub spec: EndpointSpec,
    /// Ports to publish.
    pub publish: Vec<PortSpec>,
    /// Success when it already is exactly so.
    pub ensure: bool,
}

/// Carries it out: together with others, or, when something needs it, alone.
pub fn connect(session: &Session, request: &Connect) -> Result<Endpoint> {
    // Looked at first: a sandbox that is not there is no reason to create anything.
    let sandbox = request.sandbox.open()?;
    // An IPv6 address of one's own choice may be the one that goes with somebody's IPv4 address, and a port of every address
    // one that somebody has of a single one, and a MAC may be somebody's: only alone can we tell.
    let spec = &request.spec;
    let needs_it_alone = spec.addresses.v6.is_some() || spec.mac.is_some() || !request.publish.is_empty();
    if !needs_it_alone
        && let Some(store) = session.shared()?
        && let Some(network) = find(&store, &request.network)?
    {
        match attempt(session, request, &store, &sandbox, &network)? {
            Outcome::HalfMade(_) | Outcome::Incomplete => {}
            Outcome::Made(endpoint) => return Ok(endpoint),
            Outcome::Present(endpoint) => return present(session, request, &store, &network, endpoint),
        }
    }
    if request.network != DEFAULT_NETWORK {
        networks::find(&session.records(), &request.network)?;
    }
    alone(session, request, &sandbox)
}

/// Carries it out with the lock held alone, and makes the default network where it is the first use of it.
fn alone(session: &Session, request: &Connect, sandbox: &Netns) -> Result<Endpoint> {
    let mut rtnl = session.rtnl()?;
    let store = session.exclusive()?;
    if let Some(network) = find(&store, &request.network)? {
        return until_made(session, request, &mut rtnl, &store, sandbox, &network);
    }
    let network = create::define(&mut rtnl, &store, &NetworkSpec::default_network()?)?;
    create::make(&mut rtnl, &store, &network)?;
    until_made(session, request, &mut rtnl, &store, sandbox, &network).map_err(|cause| {
        // Nobody asked for the network.
        let removed = remove::network_and_endpoints(&mut rtnl, &store, &network);
        Error::undo(cause, removed.err().into_iter().collect())
    })
}

fn until_made(
    session: &Session,
    request: &Connect,
    rtnl: &mut Rtnl,
    store: &Store,
    sandbox: &Netns,
    network: &Network,
) -> Result<Endpoint> {
    loop {
        match attempt(session, request, store, sandbox, network)? {
            Outcome::Made(endpoint) => return Ok(endpoint),
            Outcome::Present(endpoint) => return present(session, request, store, network, endpoint),
            // Whoever made it is dead, for we hold the lock alone: make it anew.
            Outcome::HalfMade(index) => {
                let _whether_it_was_there =
                    rtnl.delete_link(Selector::Index(index)).doing("delete interface", index)?;
            }
            Outcome::Incomplete => {}
        }
    }
}

/// The network; none when it is the default one and nobody has used it yet, for that is there without being created.
fn find(store: &Store, reference: &str) -> Result<Option<Network>> {
    match networks::find(store, reference) {
        Err(error) if reference == DEFAULT_NETWORK && matches!(*error, Error::NotFound { .. }) => Ok(None),
        result => result.map(Some),
    }
}

/// One try. Whatever fails, what was made is undone.
fn attempt(session: &Session, request: &Connect, store: &Store, sandbox: &Netns, network: &Network) -> Result<Outcome> {
    let name = request.sandbox.to_string();
    let mut host = session.rtnl()?;
    let home = host.netns().doing("open", "the namespace of the host")?;
    let inode = sandbox.inode().doing("look at sandbox", &name)?;
    if home.inode().is_ok_and(|own| own == inode) {
        return Err(Error::value("sandbox", &name, "another network namespace than the host's own"));
    }
    publish::refuse_internal(network, &request.publish)?;
    let bridge = match bridge::index(&host, network)? {
        Some(index) if rebuild::knows(&host, network)? => Some(index),
        _ => None,
    };
    if bridge.is_none() && !store.is_exclusive() {
        return Ok(Outcome::Incomplete);
    }
    let recorded = store::endpoints::of(store, network, inode)?;
    let present = match recorded {
        Some(endpoint) if host.has_link(&endpoint.device, endpoint.index)? => Some(endpoint),
        // Its device is gone, and not all else yet, perhaps: the record that leads there is about to be another's.
        Some(endpoint) => disconnect::forget(&host, store, network, &endpoint).map(|()| None)?,
        None => None,
    };
    let mut undo = Undo::default();
    let bridge = match (bridge, &present) {
        (Some(index), _) => Ok(index),
        // What is refused changes nothing.
        (None, Some(_)) if !request.ensure => Ok(0),
        (None, _) => make_whole(&mut host, store, network, &mut undo),
    };
    if let Some(endpoint) = present {
        return undo.settle(bridge.map(|_| Outcome::Present(endpoint)), &mut host, store);
    }
    let mut inside = request.sandbox.rtnl(sandbox, &home, session.report)?;
    let outcome = bridge.and_then(|bridge| {
        let port_terms = bridge::port_terms(&mut host, network, bridge)?;
        let mut attachment = Attachment {
            host: &mut host,
            inside: &mut inside,
            store,
            network,
            sandbox,
            home: &home,
            name: &name,
            inode,
            bridge,
            port_terms,
            spec: &request.spec,
        };
        attach::attach(&mut attachment, &request.publish, &mut undo)
    });
    undo.settle(outcome, &mut host, store)
}

/// Somebody deleted the bridge or flushed the firewall, or died making them: makes both what the records say.
fn make_whole(rtnl: &mut Rtnl, store: &Store, network: &Network, undo: &mut Undo) -> Result<u32> {
    let bridge = bridge::make_whole(rtnl, store, network, undo)?;
    host::prepare(store, network)?;
    rebuild::rebuild(rtnl, store, &networks::all(store)?)?;
    Ok(bridge)
}

/// A sandbox that is on the network already is an error, or with `ensure` what was asked for, if it is as asked for.
fn present(
    session: &Session,
    request: &Connect,
    store: &Store,
    network: &Network,
    endpoint: Endpoint,
) -> Result<Endpoint> {
    if !request.ensure {
        let sandbox = request.sandbox.to_string();
        return Err(Error::AlreadyConnected { sandbox, network: network.name.clone() }.into());
    }
    let published = store::endpoints::published(store, &endpoint)?;
    let differences = differences(request, network, &endpoint, &published);
    if !differences.is_empty() {
        let name = format!("of sandbox {} on network {}", request.sandbox, network.name);
        return Err(Error::Differs { kind: "the endpoint", name, differences }.into());
    }
    mend::endpoint(session, store, network, &endpoint)?;
    decorate(&mut session.rtnl()?, store, network, &endpoint)?;
    Ok(endpoint)
}

/// Writes again what only decorates an endpoint, and may have been lost: its port's alias, its claim, its record.
fn decorate(rtnl: &mut Rtnl, store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    let mut undo = Undo::default();
    let alias = endpoint.alias(network);
    let change = Change { alias: Some(&alias), ..Change::default() };
    rtnl.set_link(Selector::Index(endpoint.index), &change).doing("set up the port", &endpoint.device)?;
    claim::claim(store, network, endpoint, &mut undo)?;
    attach::record(store, network, endpoint, &mut undo)
}

fn differences(request: &Connect, network: &Network, endpoint: &Endpoint, published: &[PublishedPort]) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, is: String, should: Option<String>| {
        if let Some(should) = should.filter(|should| *should != is) {
            found.push(format!("{what} is {is}, not {should}"));
        }
    };
    let (spec, own) = (&request.spec, endpoint.addresses());
    for (what, is, should) in [("--ip", own.v4, spec.addresses.v4), ("--ip6", own.v6, spec.addresses.v6)] {
        let is = is.map_or("none".to_owned(), |address| address.to_string());
        compare(what, is, should.map(|address| address.to_string()));
    }
    compare("--mac-address", endpoint.mac.to_string(), spec.mac.map(|mac| mac.to_string()));
    compare("--ifname", endpoint.ifname.clone(), spec.ifname.as_ref().map(ToString::to_string));
    found.extend(ports::differences(published, &request.publish, network.default_host()));
    found
}
