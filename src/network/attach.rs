//! The steps of attaching a sandbox to a network, in the order in which they are taken.
//!
//! Each step that changes something notes its inverse. A kill between any two of them leaves what the same command, or `gc`,
//! knows: a device without a record whose inside is down is half-made, and with the lock held alone its maker is dead.

use std::net::IpAddr;

use crate::error::{Doing, Errno, Error, Refusal, Result, Warning};
use crate::firewall::publish;
use crate::ipam::allocate::{self, Addresses};
use crate::ipam::{claim, in_use};
use crate::kernel::link::LOOPBACK_INDEX;
use crate::kernel::{Change, NewAddress, NewVeth, Peer, Request, Rtnl, Selector, request};
use crate::model::endpoint::{Endpoint, EndpointSpec};
use crate::model::lease;
use crate::model::network::Network;
use crate::model::ports::PortSpec;
use crate::network::bridge::PortTerms;
use crate::network::forwarding::{self, Obstacle};
use crate::network::{announce, bridge, default_route, endpoints};
use crate::sandbox::abandoned;
use crate::store::{Kind, Store};
use crate::sys::netns::{self, Netns};
use crate::sys::packet::PacketSocket;
use crate::sys::procfs;
use crate::types::family::Family;
use crate::types::ifname::IfName;
use crate::types::mac::Mac;
use crate::types::time;
use crate::undo::{Step, Undo};

/// A sandbox that is being attached to a network.
#[derive(Debug)]
pub struct Attachment<'a> {
    /// rtnetlink on the host.
    pub host: &'a mut Rtnl,
    /// rtnetlink in the sandbox.
    pub inside: &'a mut Rtnl,
    /// The records.
    pub store: &'a Store,
    /// The network.
    pub network: &'a Network,
    /// The sandbox.
    pub sandbox: &'a Netns,
    /// The namespace that this process is in.
    pub home: &'a Netns,
    /// The sandbox's name, as given.
    pub name: &'a str,
    /// The sandbox's inode.
    pub inode: u64,
    /// Index of the bridge.
    pub bridge: u32,
    /// What the ports of the bridge go by.
    pub port_terms: PortTerms,
    /// What is asked for.
    pub spec: &'a EndpointSpec,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// It is attached now.
    Made(Endpoint),
    /// It was attached already: complete, whether or not it is recorded.
    Present(Endpoint),
    /// A half-made endpoint is in the way: the index of its device. Only with the lock held alone is its maker known to be dead.
    HalfMade(u32),
    /// The bridge is gone, or the firewall's table: only with the lock held alone may they be made anew.
    Incomplete,
}

/// All steps.
pub fn attach(at: &mut Attachment<'_>, ports: &[PortSpec], undo: &mut Undo) -> Result<Outcome> {
    // 1. The name of the interface inside.
    let ifname = match choose_ifname(at)? {
        Choice::Free(ifname) => ifname,
        Choice::Taken(outcome) => return Ok(outcome),
    };
    // 2. The veth pair, whose host side is the lease.
    let endpoint = match lease_address(at, ifname, undo)? {
        Lease::Had(endpoint) => endpoint,
        Lease::Taken(outcome) => return Ok(outcome),
    };
    // 3. The claim of an IPv6 address that the lease does not speak for. Before the sandbox has it: whoever dies in between
    //    leaves a claim of a half-made device, and never an address that nobody claims.
    claim::claim(at.store, at.network, &endpoint, undo)?;
    // 4. Ports of an endpoint that had this address before us, and whose sandbox went without a word, must not lead to ours.
    publish::withdraw(at.host, at.store, &endpoint)?;
    // 5. The host's side: alias, port options, up. Only now, by index: in one datagram with the creation it would hit somebody
    //    else's port when the name is taken.
    let alias = endpoint.alias(at.network);
    bridge::set_port(at.host, at.network, endpoint.index, Some(&alias), !ports.is_empty())?;
    // 6. Published ports: recorded, then one transaction. Before the inside comes up: what is up is published too.
    if !ports.is_empty() {
        publish::publish(at.host, at.store, at.network, &endpoint, ports, undo)?;
    }
    // 7. The inside: loopback and interface up, addresses, default routes.
    let inside = set_up_inside(at, &endpoint)?;
    // 8. The record, and the hint where to look for the next address.
    record(at.store, at.network, &endpoint, undo)?;
    // 9. Whoever knew the address by another MAC is told, as soon as the port forwards.
    if let Some(obstacle) = wait_until_it_forwards(at, &endpoint)? {
        let (bridge, sandbox) = (at.network.bridge.to_string(), at.name.to_owned());
        at.store.warn(&Warning::NotForwarding { bridge, sandbox, why: obstacle.to_string() });
    }
    inside.announce(&endpoint);
    Ok(Outcome::Made(endpoint))
}

/// Step 9. A bridge of ours that is down was left by a maker who died, or set down by somebody: it is made whole.
fn wait_until_it_forwards(at: &mut Attachment<'_>, endpoint: &Endpoint) -> Result<Option<Obstacle>> {
    // The endpoint is finished: that nobody could look whether frames pass is no reason to take it away again.
    let look = |host: &mut Rtnl| forwarding::wait(host, at.bridge, endpoint.index).unwrap_or(None);
    match look(at.host) {
        Some(Obstacle::Down) if !at.network.adopted => {
            bridge::configure(at.host, at.network, at.bridge)?;
            Ok(look(at.host))
        }
        found => Ok(found),
    }
}

/// A name for the interface inside.
enum Choice {
    Free(IfName),
    /// An interface is there that is an endpoint of this very network.
    Taken(Outcome),
}

/// Step 1. A name's index is looked up by `ioctl`: a free name costs no message.
fn choose_ifname(at: &mut Attachment<'_>) -> Result<Choice> {
    if let Some(ifname) = &at.spec.ifname {
        return match look_inside(at, ifname)? {
            Inside::Nothing => Ok(Choice::Free(ifname.clone())),
            Inside::Endpoint(outcome) => Ok(Choice::Taken(outcome)),
            Inside::Another => {
                let name = format!("{ifname} in sandbox {}", at.name);
                Err(Error::Exists { kind: "interface", name, remedy: ". Choose another with --ifname." }.into())
            }
        };
    }
    for number in 0..=u32::MAX {
        let name = format!("{}{number}", at.network.interface_prefix());
        let Ok(ifname) = name.parse() else { break };
        match look_inside(at, &ifname)? {
            Inside::Nothing => return Ok(Choice::Free(ifname)),
            Inside::Endpoint(outcome) => return Ok(Choice::Taken(outcome)),
            Inside::Another => {}
        }
    }
    Err(Error::Exists { kind: "interface", name: "every name".to_owned(), remedy: "" }.into())
}

/// What is under a name in the sandbox.
#[expect(clippy::large_enum_variant, reason = "there is one, for a moment")]
enum Inside {
    Nothing,
    /// An endpoint of this very network, complete or half-made: the kernel tells.
    Endpoint(Outcome),
    Another,
}

fn look_inside(at: &mut Attachment<'_>, ifname: &IfName) -> Result<Inside> {
    let Some(index) = at.inside.index_of(ifname.as_str()).doing("look up interface", ifname)? else {
        return Ok(Inside::Nothing);
    };
    let interface = at.inside.link(Selector::Index(index)).doing("look up interface", ifname)?;
    let Some(interface) = interface else { return Ok(Inside::Nothing) };
    let id = endpoints::identity(at.host, at.sandbox)?;
    let found = endpoints::by_interface(at.host, at.network, at.bridge, at.inode, id, &interface)?;
    Ok(match found {
        // The sandbox's end is set up last: while it is down, the endpoint is not finished.
        Some(endpoint) if !interface.is_up() => Inside::Endpoint(Outcome::HalfMade(endpoint.index)),
        Some(endpoint) => Inside::Endpoint(Outcome::Present(Endpoint { sandbox: at.name.to_owned(), ..endpoint })),
        None => Inside::Another,
    })
}

/// An address.
enum Lease {
    Had(Endpoint),
    /// Meanwhile somebody else attached the sandbox.
    Taken(Outcome),
}

/// Step 2. Tries one address after the other until the kernel says yes.
fn lease_address(at: &mut Attachment<'_>, mut ifname: IfName, undo: &mut Undo) -> Result<Lease> {
    let (network, asked) = (at.network, at.spec.addresses);
    let pool = network.lease_pool().ok_or_else(|| allocate::exhausted(network))?;
    let hint = at.store.read_hint(network.short_id()).and_then(|hint| hint.trim_ascii().parse().ok());
    let mut candidates = allocate::candidates(network, asked, hint)?;
    let one_was_asked_for = asked.addresses().next().is_some();
    let mut candidate = candidates.next();
    let mut second_round = false;
    // On a bridge that somebody else made are routers of others.
    let routers = if network.adopted { in_use::routers_on(at.host, at.bridge)? } else { Vec::new() };
    while let Some(addresses) = candidate {
        let mac = at.spec.mac.unwrap_or_else(|| pool.mac(addresses.lease));
        if let Some(error) = objection(at, &routers, addresses, mac)? {
            if one_was_asked_for {
                return Err(error);
            }
            candidate = candidates.next();
            continue;
        }
        let device = lease::device_name(&pool.subnet, addresses.lease);
        let port_mac = network.adopted.then(|| pool.mac(addresses.lease).of_port());
        let Err(refusal) = create_veth(at, &device, port_mac, &ifname, mac) else {
            let made = made(at, device, &ifname, mac, addresses);
            match &made {
                Ok(endpoint) => undo.note(Step::DeleteLink(endpoint.index)),
                Err(_) => note_what_is_inside(at, &ifname, undo),
            }
            return made.map(Lease::Had);
        };
        if refusal.errno != Errno::EXIST {
            if refusal.is_unclear() {
                note_what_is_inside(at, &ifname, undo);
            }
            return Err(veth_refused(at, &device, refusal)?);
        }
        // Taken: the lease, or the name inside? Only the first leads to another address.
        if at.host.index_of(&device).doing("look up interface", &device)?.is_some() {
            if (one_was_asked_for || second_round) && abandoned::is_gone_soon(at.host, &device)? {
                continue;
            }
            if one_was_asked_for {
                let by = claim::holder(at.host, &device)?;
                return Err(Error::AddressInUse { address: addresses.lease, by }.into());
            }
            candidate = candidates.next();
            if candidate.is_none() && !second_round {
                // All are taken: by the living?
                second_round = true;
                candidates = allocate::candidates(network, asked, hint)?;
                candidate = candidates.next();
            }
        } else {
            match choose_ifname(at)? {
                Choice::Free(another) => ifname = another,
                Choice::Taken(outcome) => return Ok(Lease::Taken(outcome)),
            }
        }
    }
    Err(allocate::exhausted(network))
}

/// Why a sandbox may not have these addresses, although nobody leases them; none when there is no reason.
fn objection(
    at: &mut Attachment<'_>,
    routers: &[(IpAddr, String)],
    addresses: Addresses,
    mac: Mac,
) -> Result<Option<Box<Error>>> {
    if at.spec.addresses.v6.is_some() {
        claim::refuse_taken(at.host, at.store, at.network, addresses)?;
    } else if let Some(ipv6) = addresses.ipv6
        && let Some(device) = claim::claimant(at.host, at.store, at.network, ipv6)?
    {
        // The IPv6 address that goes with this lease was given, by hand, to another endpoint.
        return Ok(Some(Error::AddressInUse { address: ipv6, by: claim::holder(at.host, &device)? }.into()));
    }
    if let Some((router, by)) = routers.iter().find(|(router, _)| addresses.has(*router)) {
        return Ok(Some(Error::AddressInUse { address: *router, by: format!(": it is {by}") }.into()));
    }
    let error = mac_holder(at, mac, addresses.lease)?.map(|by| Error::MacInUse { mac, by }.into());
    match error {
        // With another address it would be the same.
        Some(error) if at.spec.mac.is_some() => Err(error),
        error => Ok(error),
    }
}

/// Who on the network has this MAC already, or keeps it: the bridge, another address, another endpoint.
///
/// One that is given is never what goes with another address. So one that goes with an address is nobody else's, and is not looked
/// for; a given one is, with the lock held alone.
fn mac_holder(at: &mut Attachment<'_>, mac: Mac, lease: IpAddr) -> Result<Option<String>> {
    if at.port_terms.bridge_mac == Some(mac) {
        return Ok(Some(format!("bridge {} has it", at.network.bridge)));
    }
    let Some(given) = at.spec.mac else { return Ok(None) };
    let others = endpoints::of_network(at.host, at.store, at.network)?;
    if let Some(other) = others.iter().find(|other| other.mac == given) {
        return Ok(Some(format!("{} has it", other.label())));
    }
    let kept = at.network.lease_pool().and_then(|pool| pool.address_with(given));
    Ok(kept.filter(|kept| *kept != lease).map(|kept| format!("it goes with address {kept}")))
}

/// Of a pair whose index nobody told, or not even whether there is one, the end inside leads to the other.
fn note_what_is_inside(at: &mut Attachment<'_>, ifname: &IfName, undo: &mut Undo) {
    if let Ok(Inside::Endpoint(Outcome::HalfMade(index))) = look_inside(at, ifname) {
        undo.note(Step::DeleteLink(index));
    }
}

/// On a bridge that somebody else made `port_mac` is given: it may have the lowest MAC of its ports for its own.
fn create_veth(
    at: &mut Attachment<'_>,
    device: &str,
    port_mac: Option<Mac>,
    ifname: &IfName,
    mac: Mac,
) -> std::result::Result<(), Refusal> {
    at.host.create_veth(&NewVeth {
        name: device,
        mtu: Some(at.port_terms.mtu),
        master: Some(at.bridge),
        group: Some(at.network.group()),
        mac: port_mac.map(|mac| mac.0),
        peer: Peer {
            name: ifname.as_str(),
            mac: Some(mac.0),
            mtu: Some(at.network.mtu()),
            netns: Some(at.sandbox.number()),
        },
    })
}

fn made(at: &Attachment<'_>, device: String, ifname: &IfName, mac: Mac, addresses: Addresses) -> Result<Endpoint> {
    let index = at.host.index_of(&device).doing("look up interface", &device)?;
    let gone = || Error::not_found("interface", &device, ": the sandbox went away just now");
    Ok(Endpoint {
        network: at.network.name.clone(),
        network_id: at.network.id.clone(),
        sandbox: at.name.to_owned(),
        inode: at.inode,
        index: index.ok_or_else(gone)?,
        device,
        ifname: ifname.to_string(),
        mac,
        lease: addresses.lease,
        ipv6: addresses.ipv6,
        ipv4_given: at.spec.addresses.v4.is_some(),
        ipv6_given: at.spec.addresses.v6.is_some(),
        created: time::now(),
    })
}

/// Why no veth could be made, from what the kernel said and what the bridge is.
fn veth_refused(at: &mut Attachment<'_>, device: &str, refusal: Refusal) -> Result<Box<Error>> {
    // Under the bridge's name may be something that is no bridge.
    bridge::existing(at.host, at.network)?;
    let doing = "create veth";
    Ok(match refusal.errno {
        // What the bridge answers when it has no port number left.
        Errno::XFULL => Error::BridgeFull { bridge: at.network.bridge.to_string() }.into(),
        Errno::OPNOTSUPP => Error::lacking(doing, device, refusal, "CONFIG_VETH"),
        _ => Error::kernel(doing, device, refusal),
    })
}

/// The sandbox's end of a pair.
struct InnerEnd {
    index: u32,
    /// Where frames can be sent inside; none where the kernel lacks `CONFIG_PACKET`.
    frames: Option<PacketSocket>,
}

impl InnerEnd {
    fn announce(&self, endpoint: &Endpoint) {
        if let Some(socket) = &self.frames {
            announce::announce(socket, self.index, endpoint.mac, endpoint.addresses().addresses());
        }
    }
}

/// Step 7, in one datagram.
///
/// Of several networks the first that leads outside gives the default route: where there is one, it stays.
fn set_up_inside(at: &mut Attachment<'_>, endpoint: &Endpoint) -> Result<InnerEnd> {
    let ifname = endpoint.ifname.as_str();
    let index = at.inside.index_of(ifname).doing("look up interface", ifname)?;
    let index = index.ok_or_else(|| Error::not_found("interface", ifname, ""))?;
    let up = Change { up: Some(true), ..Change::default() };
    let addresses: Vec<IpAddr> = endpoint.addresses().addresses().collect();
    let frames = prepare_inside(at, ifname);
    let mut requests: Vec<Request> = addresses.iter().map(|ip| inner_address(at.network, index, *ip)).collect();
    let first_link = requests.len();
    if at.network.pool(Family::V6).is_none() {
        // A network without IPv6 gives none, not even a link-local address.
        requests.push(request::give_no_link_local(index));
    }
    let first_up = requests.len();
    requests.push(request::set_link(Selector::Index(LOOPBACK_INDEX), &up));
    requests.push(request::set_link(Selector::Index(index), &up));
    let first_route = requests.len();
    requests.extend(default_route::requests(at.network, index, &addresses));
    let tolerated = |position: usize, errno: Errno| {
        let route_is_there = position >= first_route && errno == Errno::EXIST;
        route_is_there || (first_link..first_up).contains(&position)
    };
    at.inside.change_all(&requests, &tolerated).map_err(|(position, refusal)| match addresses.get(position) {
        Some(address) => bridge::address_refused(*address, ifname, refusal),
        None if position < first_route => Error::kernel("set up interface", ifname, refusal),
        None => Error::kernel("add the default route by", ifname, refusal),
    })?;
    Ok(InnerEnd { index, frames })
}

/// What can only be done from inside. Gives a socket that sends frames there.
///
/// No Router Advertisement that another sandbox sends gives this one a route or an address. Where this cannot be written, as on a
/// read-only `/proc/sys` or without IPv6, it stays as the kernel has it.
fn prepare_inside(at: &Attachment<'_>, ifname: &str) -> Option<PacketSocket> {
    let path = procfs::of_interface(Family::V6, ifname, "accept_ra");
    let prepare = || {
        let _ = procfs::write_sysctl(&path, "0");
        PacketSocket::open().ok()
    };
    netns::inside(at.sandbox, at.home, prepare).ok().flatten()
}

/// The request that gives interface `index` in a sandbox this address.
#[must_use]
pub fn inner_address(network: &Network, index: u32, address: IpAddr) -> Request {
    let subnet = network.pool_of(address).map(|pool| pool.subnet);
    request::add_address(&NewAddress {
        index,
        address,
        prefix_len: subnet.map_or(0, |subnet| subnet.prefix_len()),
        broadcast: subnet.and_then(|subnet| subnet.broadcast()),
        no_dad: Family::of(address) == Family::V6,
    })
}

/// Step 8.
pub fn record(store: &Store, network: &Network, endpoint: &Endpoint, undo: &mut Undo) -> Result<()> {
    undo.note(Step::RemoveRecord(Kind::Endpoint, endpoint.key()));
    store.write(&endpoint.key(), endpoint)?;
    if !endpoint.ipv4_given && !endpoint.ipv6_given {
        // As long as the longest address, so that overwriting leaves nothing of the last one.
        store.write_hint(network.short_id(), &format!("{:<39}", endpoint.lease.to_string()));
    }
    Ok(())
}
