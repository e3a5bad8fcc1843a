//! Making networks and endpoints what their records say: each difference that `compare` finds, by the step that makes it right.

use crate::error::{Doing, Errno, Error, Result};
use crate::firewall::{host, publish, rebuild};
use crate::kernel::link::LOOPBACK_INDEX;
use crate::kernel::{Change, PortOptions, Request, Rtnl, Selector, request};
use crate::model::endpoint::Endpoint;
use crate::model::network::Network;
use crate::network::compare::{Inside, Look};
use crate::network::difference::{Difference, Findings, Found, OfEndpoint, OfNetwork};
use crate::network::{attach, bridge};
use crate::session::Session;
use crate::store::{self, Store, networks};
use crate::undo::Undo;

/// What is made right may show what it hid: addresses and routes go with an interface that is down.
const ROUNDS: usize = 4;

/// What has been done.
#[derive(Debug, Default)]
pub struct Mended {
    /// What was otherwise and is right now, in the order in which it was mended.
    pub found: Vec<Found>,
    /// What could not be mended, by whose it is.
    pub failures: Vec<(String, Box<Error>)>,
}

/// Makes all networks, their endpoints and the firewall right. Nothing recorded is nothing to do.
pub fn all(session: &Session) -> Result<Mended> {
    let mut mended = Mended::default();
    let Some(store) = session.exclusive_if_any()? else { return Ok(mended) };
    let networks = networks::all(&store)?;
    let mut look = Look::new(session, &store)?;
    let mut rewritten = false;
    for _ in 0..ROUNDS {
        let findings = look.everything(&networks)?;
        mended.failures.clear();
        let new = findings.each();
        if new.is_empty() {
            break;
        }
        rewritten |= !findings.firewall.is_empty();
        carry_out(&mut look, &store, &networks, &findings, &mut mended.failures);
        mended.found.extend(new);
    }
    if !rewritten {
        // Writing the tables says it.
        rebuild::warn_of_ports(look.host(), &store)?;
    }
    let left = look.everything(&networks)?.each();
    mended.found.retain(|found| !left.contains(found));
    mended.found.dedup();
    if mended.failures.is_empty() {
        let stays = |found: Found| (found.to_string(), Error::StaysSo.into());
        mended.failures.extend(left.into_iter().map(stays));
    }
    Ok(mended)
}

/// One round; what fails is no reason to leave the rest.
fn carry_out(
    look: &mut Look<'_>,
    store: &Store,
    networks: &[Network],
    findings: &Findings,
    failures: &mut Vec<(String, Box<Error>)>,
) {
    let mut note = |whose: String, result: Result<()>| failures.extend(result.err().map(|error| (whose, error)));
    for OfNetwork { network, differences, .. } in &findings.networks {
        if !differences.is_empty() {
            note(format!("network {}", network.name), one(look.host(), store, network));
        }
    }
    // The rules follow from the parameters that have just been written; and what is published needs its table.
    if !findings.firewall.is_empty() {
        note("firewall".to_owned(), rebuild::rebuild(look.host(), store, networks));
    }
    for OfNetwork { network, endpoints, .. } in &findings.networks {
        for OfEndpoint { endpoint, differences } in endpoints {
            let whose = format!("{} on network {}", endpoint.label(), network.name);
            note(whose, of_endpoint(look, store, network, endpoint, differences));
        }
    }
}

/// Makes a network whole again: its bridge, and what the host must be for it.
pub fn one(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let mut undo = Undo::default();
    let result = bridge::make_whole(rtnl, store, network, &mut undo).and_then(|_index| host::prepare(store, network));
    undo.settle(result, rtnl, store)
}

/// Makes an endpoint what its record says.
pub fn endpoint(session: &Session, store: &Store, network: &Network, endpoint: &Endpoint) -> Result<()> {
    let mut look = Look::new(session, store)?;
    for _ in 0..ROUNDS {
        let differences = look.endpoint(network, endpoint)?;
        if differences.is_empty() {
            return Ok(());
        }
        of_endpoint(&mut look, store, network, endpoint, &differences)?;
    }
    let left = look.endpoint(network, endpoint)?;
    let differences: Vec<String> = left.iter().map(ToString::to_string).collect();
    if differences.is_empty() {
        return Ok(());
    }
    let name = format!("of sandbox {} on network {}", endpoint.label(), network.name);
    Err(Error::Differs { kind: "the endpoint", name, differences }.into())
}

fn of_endpoint(
    look: &mut Look<'_>,
    store: &Store,
    network: &Network,
    endpoint: &Endpoint,
    differences: &[Difference],
) -> Result<()> {
    for difference in differences {
        of_port(look.host(), store, network, endpoint, difference)?;
    }
    of_interface(look, network, endpoint, differences)?;
    if differences.iter().any(|difference| matches!(difference, Difference::Unpublished(_))) {
        publish::restore(look.host(), store, endpoint)?;
    }
    Ok(())
}

/// The host's side.
fn of_port(
    rtnl: &mut Rtnl,
    store: &Store,
    network: &Network,
    endpoint: &Endpoint,
    difference: &Difference,
) -> Result<()> {
    let change = match difference {
        Difference::OffBridge(..) => {
            let master = bridge::index(rtnl, network)?;
            Change { master, ..Change::default() }
        }
        Difference::PortMtu(_, _, should) => Change { mtu: Some(*should), ..Change::default() },
        Difference::PortOption(_, option, should) => {
            let publishes = !store::endpoints::published(store, endpoint)?.is_empty();
            let isolated = (*option == "isolated").then_some(*should);
            let port = PortOptions { isolated, hairpin: publishes };
            Change { port: Some(port), ..Change::default() }
        }
        Difference::PortDown(_) => Change { up: Some(true), ..Change::default() },
        _ => return Ok(()),
    };
    let port = Selector::Index(endpoint.index);
    rtnl.set_link(port, &change).doing("set up the port", &endpoint.device)?;
    // One that comes to the bridge anew has none of its options yet.
    if matches!(difference, Difference::OffBridge(..)) {
        let publishes = !store::endpoints::published(store, endpoint)?.is_empty();
        bridge::set_port(rtnl, network, endpoint.index, Some(&endpoint.alias(network)), publishes)?;
    }
    Ok(())
}

/// The sandbox's side: what is to be done goes in one datagram.
fn of_interface(look: &mut Look<'_>, network: &Network, endpoint: &Endpoint, differences: &[Difference]) -> Result<()> {
    let device = &endpoint.device;
    let port = look.host().link(Selector::Index(endpoint.index)).doing("look up interface", device)?;
    let Some(port) = port else { return Ok(()) };
    let Some(Inside { mut rtnl, interface: Some(interface) }) = look.inside(endpoint, &port)? else { return Ok(()) };
    let step = |difference: &Difference| inner_step(network, interface.index, difference);
    let requests: Vec<Request> = differences.iter().filter_map(step).collect();
    if requests.is_empty() {
        return Ok(());
    }
    // Somebody was faster; or the way to a gateway comes only with what else is mended, and the next round asks again.
    let tolerated = |_: usize, errno: Errno| {
        matches!(errno, Errno::EXIST | Errno::NETDOWN | Errno::NETUNREACH | Errno::HOSTUNREACH)
    };
    rtnl.change_all(&requests, &tolerated)
        .map_err(|(_, refusal)| Error::kernel("set up interface", &endpoint.ifname, refusal))
}

/// What makes a difference of interface `index` right; none of what is not the interface's.
fn inner_step(network: &Network, index: u32, difference: &Difference) -> Option<Request> {
    let link = Selector::Index(index);
    let up = Change { up: Some(true), ..Change::default() };
    Some(match difference {
        // Before Linux 6.0 only a link that is down takes another name.
        Difference::InterfaceName(_, should) => {
            request::set_link(link, &Change { up: Some(false), name: Some(should), ..Change::default() })
        }
        Difference::InterfaceMac(_, _, should) => {
            request::set_link(link, &Change { mac: Some(should.0), ..Change::default() })
        }
        Difference::InterfaceMtu(_, _, should) => {
            request::set_link(link, &Change { mtu: Some(*should), ..Change::default() })
        }
        Difference::Address(_, address, _) => attach::inner_address(network, index, *address),
        Difference::InterfaceDown(_) => request::set_link(link, &up),
        Difference::LoopbackDown => request::set_link(Selector::Index(LOOPBACK_INDEX), &up),
        Difference::DefaultRoute(gateway, _) => request::add_default_route(*gateway, index),
        _ => return None,
    })
}
