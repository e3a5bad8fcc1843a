//! `network connect`: lease an address by making the veth pair, dress the port, set up the sandbox's side, record.

use std::net::IpAddr;

use crate::commands::{Context, print_json};
use crate::error::{Doing, Error, Failure, Result};
use crate::json::Json;
use crate::kernel::{Change, Rtnl, Selector};
use crate::network::attach::{self, Obstacle, Sides, Wishes};
use crate::network::definition::{DEFAULT_NETWORK, Network};
use crate::network::endpoint::{self, Endpoint};
use crate::network::publish::{self, Spec};
use crate::network::sandbox::SandboxRef;
use crate::network::undo::{Step, Undo};
use crate::network::{bridge, creation, firewall, publication, registry, removal};
use crate::store::Store;
use crate::sys::netns::Netns;

/// What `network connect` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The network: name, id or unique beginning of an id.
    pub network: String,
    /// The sandbox.
    pub sandbox: SandboxRef,
    /// Addresses, MAC and interface name asked for.
    pub wishes: Wishes,
    /// Ports to publish.
    pub publish: Vec<Spec>,
    /// Success when it already is exactly so.
    pub ensure: bool,
}

/// Carries it out: together with others, or, when something needs it, alone.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    // Looked at first: a sandbox that is not there is no reason to create anything.
    let sandbox = arguments.sandbox.open()?;
    // An IPv6 address of one's own choice may be the one that goes with somebody's IPv4 address, and a port of every address
    // one that somebody has of a single one: only alone can we tell.
    if arguments.wishes.ipv6.is_none()
        && arguments.publish.is_empty()
        && let Some(store) = Store::shared(&context.state_dir)?
        && let Some(network) = find(&store, &arguments.network)?
    {
        match attempt(context, arguments, &store, &sandbox, &network) {
            Err(Obstacle::HalfMade(_) | Obstacle::Ruined) => {}
            outcome => return finish(context, arguments, &store, &network, outcome),
        }
    }
    let mut rtnl = context.rtnl()?;
    if arguments.network != DEFAULT_NETWORK {
        registry::find(&Store::look(&context.state_dir), &arguments.network)?;
    }
    let store = Store::exclusive(&context.state_dir)?;
    let known = find(&store, &arguments.network)?;
    let is_new = known.is_none();
    let network = if let Some(network) = known {
        network
    } else {
        let network = creation::define(&mut rtnl, &store, &creation::default_network()?)?;
        creation::make(&mut rtnl, &store, &network)?;
        network
    };
    loop {
        match attempt(context, arguments, &store, &sandbox, &network) {
            // Whoever made it is dead, for we hold the lock alone: make it anew.
            Err(Obstacle::HalfMade(index)) => {
                rtnl.delete_link(Selector::Index(index)).doing("delete interface", &index)?;
            }
            outcome => {
                let result = finish(context, arguments, &store, &network, outcome);
                if is_new && result.is_err() {
                    // Why there is no endpoint matters more than that the network, which nobody asked for, stays.
                    let _ = removal::remove_network(&mut rtnl, &store, &network);
                }
                return result;
            }
        }
    }
}

/// The network; none when it is the default one and nobody has used it yet, for that is there without being created.
fn find(store: &Store, reference: &str) -> Result<Option<Box<Network>>> {
    match registry::find(store, reference) {
        Err(error) if reference == DEFAULT_NETWORK && matches!(*error, Failure::NotFound { .. }) => Ok(None),
        result => result.map(Some),
    }
}

/// The recipe. Whatever fails, what was made is undone.
fn attempt(
    context: &Context,
    arguments: &Arguments,
    store: &Store,
    sandbox: &Netns,
    network: &Network,
) -> std::result::Result<Box<Endpoint>, Obstacle> {
    let name = arguments.sandbox.to_string();
    let mut host = context.rtnl()?;
    let home = host.netns().doing("open", &"the namespace of the host")?;
    let inode = sandbox.inode().doing("look at sandbox", &name)?;
    if home.inode().is_ok_and(|own| own == inode) {
        return Err(Error::value("sandbox", &name, "another network namespace than the host's own").into());
    }
    let bridge = bridge::index(&host, network)?;
    publication::refuse_internal(network, &arguments.publish)?;
    let whole = bridge.is_some() && firewall::stands(&host, network);
    if !whole && !store.is_exclusive() {
        return Err(Obstacle::Ruined);
    }
    if let Some(endpoint) = endpoint::recorded(&host, store, network, inode)? {
        return Err(Obstacle::Connected(endpoint));
    }
    let mut inside = arguments.sandbox.rtnl(sandbox, &home, context.verbose)?;
    let mut undo = Undo::default();
    let bridge = match bridge.filter(|_| whole) {
        Some(index) => Ok(index),
        None => make_whole(&mut host, store, network, &mut undo),
    };
    let outcome = match bridge {
        Ok(bridge) => {
            let mut sides = Sides { host: &mut host, inside: &mut inside, sandbox, name: &name, inode, bridge };
            attach(&mut sides, store, network, arguments, &mut undo)
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Err(Obstacle::Failed(error)) => undo.settle(Err(error), &mut host, store).map_err(Obstacle::Failed),
        outcome => outcome,
    }
}

/// Somebody deleted the bridge or flushed the firewall: makes both what the records say.
fn make_whole(host: &mut Rtnl, store: &Store, network: &Network, undo: &mut Undo) -> Result<u32> {
    let bridge = bridge::ensure(host, store, network, undo)?;
    firewall::prepare_host(network)?;
    firewall::rebuild(host, store, &registry::all(store)?)?;
    Ok(bridge)
}

fn attach(
    sides: &mut Sides<'_>,
    store: &Store,
    network: &Network,
    arguments: &Arguments,
    undo: &mut Undo,
) -> std::result::Result<Box<Endpoint>, Obstacle> {
    let wishes = &arguments.wishes;
    let mut ifname = attach::choose_ifname(sides, network, wishes)?;
    let endpoint = attach::lease_address(sides, store, network, wishes, &mut ifname)?;
    undo.note(Step::DeleteLink(endpoint.index));
    attach::claim(store, network, &endpoint, undo)?;
    // Ports of an endpoint that had this address before us, and whose sandbox went without a word, must not lead to ours.
    publication::withdraw(sides.host, store, &endpoint)?;
    attach::dress_port(sides, network, &endpoint, !arguments.publish.is_empty())?;
    attach::set_up_inside(sides, network, &endpoint)?;
    if !arguments.publish.is_empty() {
        publication::publish(sides.host, store, network, &endpoint, &arguments.publish, undo)?;
    }
    attach::record(store, network, &endpoint, undo)?;
    Ok(endpoint)
}

/// Reports the outcome. A sandbox that is on the network already is an error, or with `--ensure` what was asked for.
fn finish(
    context: &Context,
    arguments: &Arguments,
    store: &Store,
    network: &Network,
    outcome: std::result::Result<Box<Endpoint>, Obstacle>,
) -> Result<()> {
    let endpoint = match outcome {
        Ok(endpoint) => return report(context, &endpoint),
        Err(Obstacle::Failed(error)) => return Err(error),
        Err(Obstacle::Connected(endpoint)) if arguments.ensure => *endpoint,
        Err(Obstacle::Connected(_) | Obstacle::HalfMade(_) | Obstacle::Ruined) => {
            return Err(Failure::AlreadyConnected {
                sandbox: arguments.sandbox.to_string(),
                network: network.name.clone(),
            }
            .into());
        }
    };
    let published = publish::of_endpoint(store, &endpoint)?;
    let mut differences = differences(&arguments.wishes, &endpoint);
    // Ports that are not even recorded were not published yet when their maker died.
    if !publication::are(&published, &arguments.publish) && !published.is_empty() {
        let words: Vec<String> = published.iter().map(ToString::to_string).collect();
        differences.push(["-p is ", &words.join(" "), ", which was not asked for"].concat());
    }
    if !differences.is_empty() {
        let name = format!("of sandbox {} on network {}", arguments.sandbox, network.name);
        return Err(Failure::Differs { kind: "the endpoint", name, differences }.into());
    }
    // The parts that may have been lost: the bridge, the port's place on it, its alias and options, the records.
    let mut host = context.rtnl()?;
    let mut undo = Undo::default();
    let master = Some(bridge::ensure(&mut host, store, network, &mut undo)?);
    let change = Change { master, ..Change::default() };
    host.set_link(Selector::Index(endpoint.index), &change).doing("attach to the bridge", &endpoint.device)?;
    let hairpin = !arguments.publish.is_empty();
    endpoint::set_port_options(&mut host, network, endpoint.index, Some(&endpoint.alias(network)), hairpin)?;
    attach::claim(store, network, &endpoint, &mut undo)?;
    attach::record(store, network, &endpoint, &mut undo)?;
    if published.is_empty() && hairpin {
        let mut undo = Undo::default();
        let result = publication::publish(&mut host, store, network, &endpoint, &arguments.publish, &mut undo);
        undo.settle(result.map(drop), &mut host, store)?;
    } else {
        publication::restore(&host, store, &endpoint)?;
    }
    report(context, &endpoint)
}

fn differences(wishes: &Wishes, endpoint: &Endpoint) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, is: String, should: Option<String>| {
        if let Some(should) = should.filter(|should| *should != is) {
            found.push(format!("{what} is {is}, not {should}"));
        }
    };
    let text = |address: Option<IpAddr>| address.map_or("none".to_owned(), |address| address.to_string());
    compare("--ip", text(endpoint.ipv4()), wishes.ipv4.map(|ip| ip.to_string()));
    compare("--ip6", text(endpoint.v6()), wishes.ipv6.map(|ip| ip.to_string()));
    compare("--mac-address", endpoint.mac.to_string(), wishes.mac.map(|mac| mac.to_string()));
    compare("--ifname", endpoint.ifname.clone(), wishes.ifname.as_ref().map(ToString::to_string));
    found
}

/// Silent, as Docker; as JSON, what was given out.
fn report(context: &Context, endpoint: &Endpoint) -> Result<()> {
    if !context.json {
        return Ok(());
    }
    let text = |address: Option<IpAddr>| address.map(|address| address.to_string()).unwrap_or_default();
    print_json(&Json::object_of(|json| {
        json.text("EndpointID", &endpoint.id()).text("NetworkID", &endpoint.network_id);
        json.text("IPAddress", &text(endpoint.ipv4())).text("GlobalIPv6Address", &text(endpoint.v6()));
        json.shown("MacAddress", &endpoint.mac).text("Interface", &endpoint.ifname);
        json.text("HostInterface", &endpoint.device);
    }))
}
