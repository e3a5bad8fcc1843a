//! The steps of attaching a sandbox to a network, in the order in which `network connect` takes them.

use core::net::IpAddr;

use pontoon_netlink::Request;
use pontoon_netlink::route::{link, route};

use super::bridge;
use super::choice::{self, Addresses};
use super::definition::Network;
use super::endpoint::{self, Endpoint};
use super::mac::Mac;
use super::names::IfName;
use super::undo::{Step, Undo};
use super::{lease, look};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::{Change, Link, NewVeth, Peer, Refusal, Rtnl, Selector};
use crate::prelude::*;
use crate::store::{Kind, Store};
use crate::sys::Errno;
use crate::sys::netns::Netns;

/// What `network connect` asks for beyond the network and the sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// `--ip`.
    pub ipv4: Option<IpAddr>,
    /// `--ip6`.
    pub ipv6: Option<IpAddr>,
    /// `--mac-address`.
    pub mac: Option<Mac>,
    /// `--ifname`.
    pub ifname: Option<IfName>,
}

/// The two sides of an attachment.
#[derive(Debug)]
pub struct Sides<'a> {
    /// rtnetlink on the host.
    pub host: &'a mut Rtnl,
    /// rtnetlink in the sandbox.
    pub inside: &'a mut Rtnl,
    /// The sandbox.
    pub sandbox: &'a Netns,
    /// The sandbox's name, as given.
    pub name: Text,
    /// The sandbox's inode.
    pub inode: u64,
    /// Index of the bridge.
    pub bridge: u32,
}

/// Why an attachment stopped before it began.
#[derive(Debug)]
pub enum Obstacle {
    /// It exists: complete, whether or not it is recorded.
    Connected(&'static Endpoint),
    /// A half-made one is in the way: the index of its device. Only with the lock held alone is its maker known to be dead.
    HalfMade(u32),
    /// The bridge is gone, or the firewall's table: only with the lock held alone may they be made anew.
    Ruined,
    /// Something failed.
    Failed(Error),
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.into())
    }
}

impl From<Error> for Obstacle {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Step 1: the name of the interface in the sandbox. Its index is looked up by `ioctl`: a free name costs no message.
///
/// An interface that is there may be an endpoint of this very network, complete or half-made: the kernel tells.
pub fn choose_ifname(
    sides: &mut Sides<'_>,
    network: &Network,
    wishes: &Wishes,
) -> core::result::Result<IfName, Obstacle> {
    if let Some(ifname) = &wishes.ifname {
        if is_free(sides, network, ifname)? {
            return Ok(*ifname);
        }
        return Err(Failure::Exists {
            kind: "interface",
            name: text!("{ifname} in sandbox {}", sides.name),
            remedy: ". Choose another with --ifname.",
        }
        .into());
    }
    for number in 0..u32::MAX {
        let ifname = IfName::parse("interface", text!("{}{number}", network.interface_prefix()))?;
        if is_free(sides, network, &ifname)? {
            return Ok(ifname);
        }
    }
    Err(Failure::Exists { kind: "interface", name: "every name", remedy: "" }.into())
}

fn is_free(sides: &mut Sides<'_>, network: &Network, ifname: &IfName) -> core::result::Result<bool, Obstacle> {
    let Some(interface) = look_inside(sides, ifname)? else { return Ok(true) };
    match endpoint::by_interface(sides.host, network, sides.bridge, sides.inode, interface)? {
        // The sandbox's end is set up last: while it is down, the endpoint is not finished.
        Some(endpoint) if !interface.is_up() => Err(Obstacle::HalfMade(endpoint.index)),
        Some(endpoint) => {
            endpoint.sandbox = sides.name;
            Err(Obstacle::Connected(endpoint))
        }
        None => Ok(false),
    }
}

fn look_inside(sides: &mut Sides<'_>, ifname: &IfName) -> Result<Option<&'static Link>> {
    let name = ifname.as_text();
    let index = look::index_of(sides.inside, name)?;
    match index {
        None => Ok(None),
        Some(index) => sides.inside.link(Selector::Index(index)).doing("look up interface", &name),
    }
}

/// Step 2: the veth pair, whose host side is the lease. Tries one address after the other until the kernel says yes.
pub fn lease_address(
    sides: &mut Sides<'_>,
    store: &Store,
    network: &Network,
    wishes: &Wishes,
    ifname: IfName,
) -> core::result::Result<&'static Endpoint, Obstacle> {
    let hint = store.read_hint(network.short_id()).and_then(|hint| hint.trim_ascii().parse().ok());
    let mut ifname = ifname;
    let mut candidates = choice::candidates(network, wishes.ipv4.as_ref(), wishes.ipv6.as_ref(), hint)?;
    for addresses in &mut candidates {
        let mut claimed = None;
        if wishes.ipv6.is_some() {
            refuse_taken_ipv6(sides.host, store, network, &addresses)?;
        } else if let Some(ipv6) = &addresses.ipv6 {
            // The IPv6 address that goes with this lease may have been given, by hand, to another endpoint.
            claimed = claimant(sides.host, store, network, ipv6)?.map(|device| (ipv6, device));
        }
        let (address, device) = match claimed {
            Some(claimed) => claimed,
            None => match make(sides, network, wishes, &mut ifname, &addresses)? {
                Made::Endpoint(endpoint) => return Ok(endpoint),
                Made::Taken(device) => (&addresses.lease, device),
            },
        };
        if wishes.ipv4.is_some() || wishes.ipv6.is_some() {
            return Err(Error::in_use(address, holder(sides.host, device)?).into());
        }
    }
    Err(choice::exhausted(network).into())
}

/// What became of one address.
enum Made {
    /// It is the endpoint's.
    Endpoint(&'static Endpoint),
    /// Somebody has it: the device.
    Taken(Text),
}

/// Makes the veth pair for these addresses; looks for another name in the sandbox for as long as that is what is taken.
fn make(
    sides: &mut Sides<'_>,
    network: &Network,
    wishes: &Wishes,
    ifname: &mut IfName,
    addresses: &Addresses,
) -> core::result::Result<Made, Obstacle> {
    let pool = network.lease_pool().ok_or_else(|| choice::exhausted(network))?;
    let device = lease::device_name(&pool.subnet, &addresses.lease);
    let mac = wishes.mac.unwrap_or_else(|| Mac::of(&addresses.lease));
    loop {
        let peer = Peer { name: ifname.as_text(), mac: Some(mac.0), netns: Some(sides.sandbox.number()) };
        let new = NewVeth {
            name: device,
            mtu: Some(network.mtu()),
            master: Some(sides.bridge),
            group: Some(network.group()),
            peer,
        };
        match sides.host.create_veth(&new) {
            Ok(()) => break,
            Err(refusal) if refusal.errno != Errno::EXIST => {
                return Err(veth_refused(sides, network, device, refusal)?.into());
            }
            // Taken: the lease, or the name inside? Only the first leads to another address.
            Err(_) if look::index_of(sides.host, device)?.is_some() => return Ok(Made::Taken(device)),
            Err(_) => *ifname = choose_ifname(sides, network, wishes)?,
        }
    }
    let Some(index) = look::index_of(sides.host, device)? else {
        return Err(Error::not_found("interface", device, ": the sandbox went away just now").into());
    };
    let endpoint = Endpoint::new(network, device, index, addresses.lease, addresses.ipv6);
    endpoint.sandbox = sides.name;
    endpoint.inode = sides.inode;
    endpoint.ifname = ifname.as_text();
    endpoint.mac = mac;
    endpoint.ipv4_given = wishes.ipv4.is_some();
    endpoint.ipv6_given = wishes.ipv6.is_some();
    endpoint.created = super::time::now();
    Ok(Made::Endpoint(endpoint))
}

/// What holds the lease `device`: its alias, for the error.
fn holder(host: &mut Rtnl, device: Text) -> Result<Text> {
    let link = look::link(host, device)?;
    Ok(match endpoint::words_of_alias(link.and_then(|link| link.alias)).first() {
        Some(holder) => text!(" by {holder}"),
        None => text!(" by interface {device}"),
    })
}

/// Why no veth could be made, from what the kernel said and what the bridge is.
fn veth_refused(sides: &mut Sides<'_>, network: &Network, device: Text, refusal: Refusal) -> Result<Error> {
    // Under the bridge's name may be something that is no bridge.
    bridge::existing(sides.host, network.bridge)?;
    let object = device;
    let doing = "create veth";
    Ok(match refusal.errno {
        // What the bridge answers when it has no port number left.
        Errno::XFULL => Failure::BridgeFull { bridge: network.bridge.to_text() }.into(),
        Errno::OPNOTSUPP => Failure::Lacking { doing, object, refusal, config: "CONFIG_VETH" }.into(),
        _ => Error::kernel(doing, &object, refusal),
    })
}

/// With the lock held alone: refuses an IPv6 address that another endpoint has, by a claim or by its lease.
fn refuse_taken_ipv6(host: &mut Rtnl, store: &Store, network: &Network, addresses: &Addresses) -> Result<()> {
    let Some(address) = addresses.ipv6 else { return Ok(()) };
    let mut owner = claimant(host, store, network, &address)?;
    // The lease of the same host number has this address, unless it was given another by hand. The address that goes with the
    // lease nobody else's lease has.
    if owner.is_none()
        && addresses.claimed(network).is_some()
        && let (Some(v4), Some(v6)) = (network.pool(true), network.pool(false))
        && let Some(natural) = v4.subnet.host(v6.subnet.host_number(&address))
        && let Some(link) = look::link(host, lease::device_name(&v4.subnet, &natural))?
    {
        let words = endpoint::words_of_alias(link.alias);
        let own = text!("{address}/");
        // No alias, or somebody's own, says nothing against it.
        if words.is_empty() || words.iter().any(|word| word.starts_with(own)) {
            owner = Some(link.name);
        }
    }
    match owner {
        None => Ok(()),
        Some(device) => Err(Error::in_use(&address, holder(host, device)?)),
    }
}

/// The device that claims `ipv6` on the network, when it lives.
pub fn claimant(host: &Rtnl, store: &Store, network: &Network, ipv6: &IpAddr) -> Result<Option<Text>> {
    let Some(claim) = store.read(Kind::Claim, claim_name(network, ipv6))? else { return Ok(None) };
    let device = claim.get("device").and_then(crate::json::Json::text).unwrap_or_default();
    let index = look::index_of(host, device)?;
    let recorded = claim.get("index").and_then(crate::json::Json::number);
    Ok(index.filter(|index| recorded == Some(i64::from(*index))).map(|_| device))
}

/// The name of the claim of an IPv6 address.
#[must_use]
pub fn claim_name(network: &Network, ipv6: &IpAddr) -> Text {
    text!("{}-{:x}", network.short_id(), super::subnet::number(ipv6))
}

/// Step 3: the host's side: alias, port options, up. Only now, by index: in one datagram with the creation it would hit
/// somebody else's port when the name is taken.
pub fn dress_port(sides: &mut Sides<'_>, network: &Network, endpoint: &Endpoint, publishes: bool) -> Result<()> {
    endpoint::set_port_options(sides.host, network, endpoint.index, Some(endpoint.alias(network)), publishes)
}

/// Step 4: the sandbox's side, in one datagram: loopback and interface up, addresses, default routes.
///
/// Of several networks the first that leads outside gives the default route: where there is one, it stays.
pub fn set_up_inside(sides: &mut Sides<'_>, network: &Network, endpoint: &Endpoint) -> Result<()> {
    let index = look::index_of(sides.inside, endpoint.ifname)?;
    let index = index.ok_or_else(|| Error::not_found("interface", endpoint.ifname, ""))?;
    let up = Change { up: Some(true), ..Change::default() };
    let addresses = endpoint.addresses();
    let mut requests = Vec::new();
    for address in addresses {
        if let Some(pool) = network.pool(address.is_ipv4()) {
            requests.push(bridge::new_address(index, address, &pool.subnet));
        }
    }
    let first_link = requests.len();
    // Loopback is index 1 in every namespace.
    requests.push(link::set(Selector::Index(1), &up));
    requests.push(link::set(Selector::Index(index), &up));
    let first_route = requests.len();
    requests.append(&mut default_routes(network, index, addresses));
    let present = |position: usize, errno: Errno| position >= first_route && errno == Errno::EXIST;
    sides.inside.change_all(&requests, &present).map_err(|(position, refusal)| {
        if let Some(address) = addresses.get(position) {
            return bridge::address_refused(address.to_text(), endpoint.ifname, refusal);
        }
        let doing = if position < first_route && position >= first_link {
            "set up interface"
        } else {
            "add the default route by"
        };
        Error::kernel(doing, &endpoint.ifname, refusal)
    })
}

/// The default routes that an interface with `addresses` on `network` gives.
pub fn default_routes(network: &Network, index: u32, addresses: &[IpAddr]) -> Vec<Request> {
    let mut routes = Vec::new();
    for address in addresses {
        if !network.internal
            && let Some(pool) = network.pool(address.is_ipv4())
        {
            routes.push(route::add_default(pool.gateway, index));
        }
    }
    routes
}

/// Step 2½: the claim, where the lease does not speak for the IPv6 address. Before the sandbox has the address: whoever dies
/// in between leaves a claim of a half-made device, and never an address that nobody claims.
pub fn claim(store: &Store, network: &Network, endpoint: &Endpoint, undo: &mut Undo) -> Result<()> {
    let addresses = Addresses { lease: endpoint.lease, ipv6: endpoint.ipv6 };
    if let Some(ipv6) = addresses.claimed(network) {
        let name = claim_name(network, &ipv6);
        undo.note(Step::RemoveRecord(Kind::Claim, name));
        let claim = crate::json::Json::object_of(|json| {
            json.text("device", endpoint.device).number("index", endpoint.index);
        });
        store.write(Kind::Claim, name, &claim)?;
    }
    Ok(())
}

/// Step 5: the record, and the hint where to look for the next address.
pub fn record(store: &Store, network: &Network, endpoint: &Endpoint, undo: &mut Undo) -> Result<()> {
    let key = endpoint.key();
    undo.note(Step::RemoveRecord(Kind::Endpoint, key));
    store.write(Kind::Endpoint, key, &endpoint.to_record())?;
    if !endpoint.ipv4_given && !endpoint.ipv6_given {
        // As long as the longest address, so that overwriting leaves nothing of the last one.
        store.write_hint(network.short_id(), text!("{:<39}", endpoint.lease.to_text()));
    }
    Ok(())
}
