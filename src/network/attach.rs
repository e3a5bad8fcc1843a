//! The steps of attaching a sandbox to a network, in the order in which `network connect` takes them.

use std::net::IpAddr;

use pontoon_netlink::Request;
use pontoon_netlink::route::{address, link, route};

use super::choice::{self, Addresses};
use super::definition::Network;
use super::endpoint::{self, Endpoint};
use super::lease;
use super::mac::Mac;
use super::names::IfName;
use super::undo::{Step, Undo};
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::{Change, Link, NewVeth, Peer, Refusal, Rtnl, Selector};
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
    pub name: &'a str,
    /// The sandbox's inode.
    pub inode: u64,
    /// Index of the bridge.
    pub bridge: u32,
}

/// Why an attachment stopped before it began.
#[derive(Debug)]
pub enum Obstacle {
    /// It exists: complete, whether or not it is recorded.
    Connected(Box<Endpoint>),
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
) -> std::result::Result<IfName, Obstacle> {
    if let Some(ifname) = &wishes.ifname {
        if is_free(sides, network, ifname)? {
            return Ok(ifname.clone());
        }
        return Err(Failure::Exists {
            kind: "interface",
            name: format!("{ifname} in sandbox {}", sides.name),
            remedy: ". Choose another with --ifname.",
        }
        .into());
    }
    for number in 0..=u32::MAX {
        let ifname = IfName::parse("interface", &format!("{}{number}", network.interface_prefix()))?;
        if is_free(sides, network, &ifname)? {
            return Ok(ifname);
        }
    }
    Err(Failure::Exists { kind: "interface", name: "every name".to_owned(), remedy: "" }.into())
}

fn is_free(sides: &mut Sides<'_>, network: &Network, ifname: &IfName) -> std::result::Result<bool, Obstacle> {
    let Some(interface) = look_inside(sides, ifname)? else { return Ok(true) };
    match endpoint::by_interface(sides.host, network, sides.bridge, sides.inode, &interface)? {
        // The sandbox's end is set up last: while it is down, the endpoint is not finished.
        Some(endpoint) if !interface.is_up() => Err(Obstacle::HalfMade(endpoint.index)),
        Some(mut endpoint) => {
            sides.name.clone_into(&mut endpoint.sandbox);
            Err(Obstacle::Connected(endpoint))
        }
        None => Ok(false),
    }
}

fn look_inside(sides: &mut Sides<'_>, ifname: &IfName) -> Result<Option<Box<Link>>> {
    let name = ifname.as_str();
    let index = sides.inside.index_of(name).doing("look up interface", &name)?;
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
    ifname: &mut IfName,
) -> std::result::Result<Box<Endpoint>, Obstacle> {
    let pool = network.lease_pool().ok_or_else(|| choice::exhausted(network))?;
    let hint = store.read_hint(network.short_id()).and_then(|hint| hint.trim_ascii().parse().ok());
    let mut candidates = choice::candidates(network, wishes.ipv4, wishes.ipv6, hint)?;
    let asked = wishes.ipv4.or(wishes.ipv6).is_some();
    let mut candidate = candidates.next();
    while let Some(addresses) = candidate {
        if wishes.ipv6.is_some() {
            refuse_taken_ipv6(sides.host, store, network, addresses)?;
        } else if let Some(ipv6) = addresses.ipv6
            && let Some(device) = claimant(sides.host, store, network, ipv6)?
        {
            // The IPv6 address that goes with this lease was given, by hand, to another endpoint.
            if asked {
                return Err(Failure::AddressInUse { address: ipv6, by: holder(sides.host, &device)? }.into());
            }
            candidate = candidates.next();
            continue;
        }
        let device = lease::device_name(&pool.subnet, addresses.lease);
        let mac = wishes.mac.unwrap_or_else(|| Mac::of(addresses.lease));
        let peer = Peer { name: ifname.as_str(), mac: Some(mac.0), netns: Some(sides.sandbox.number()) };
        let new = NewVeth {
            name: &device,
            mtu: Some(network.mtu()),
            master: Some(sides.bridge),
            group: Some(network.group()),
            peer,
        };
        let refusal = match sides.host.create_veth(&new) {
            Ok(()) => return Ok(made(sides, network, wishes, device, ifname, mac, addresses)?),
            Err(refusal) => refusal,
        };
        if refusal.errno != Errno::EXIST {
            return Err(veth_refused(sides, network, &device, refusal)?.into());
        }
        // Taken: the lease, or the name inside? Only the first leads to another address.
        if sides.host.index_of(&device).doing("look up interface", &device)?.is_some() {
            if asked {
                let by = holder(sides.host, &device)?;
                return Err(Failure::AddressInUse { address: addresses.lease, by }.into());
            }
            candidate = candidates.next();
        } else {
            *ifname = choose_ifname(sides, network, wishes)?;
        }
    }
    Err(choice::exhausted(network).into())
}

fn made(
    sides: &Sides<'_>,
    network: &Network,
    wishes: &Wishes,
    device: String,
    ifname: &IfName,
    mac: Mac,
    addresses: Addresses,
) -> Result<Box<Endpoint>> {
    let index = sides.host.index_of(&device).doing("look up interface", &device)?;
    let gone =
        || Failure::NotFound { kind: "interface", name: device.clone(), remedy: ": the sandbox went away just now" };
    Ok(Box::new(Endpoint {
        network: network.name.clone(),
        network_id: network.id.clone(),
        sandbox: sides.name.to_owned(),
        inode: sides.inode,
        index: index.ok_or_else(gone)?,
        device,
        ifname: ifname.to_string(),
        mac,
        lease: addresses.lease,
        ipv6: addresses.ipv6,
        ipv4_given: wishes.ipv4.is_some(),
        ipv6_given: wishes.ipv6.is_some(),
        created: super::time::now(),
    }))
}

/// What holds the lease `device`: its alias, for the error.
fn holder(host: &mut Rtnl, device: &str) -> Result<String> {
    let link = host.link(Selector::Name(device)).doing("look up interface", &device)?;
    let alias = link.and_then(|link| link.alias);
    let holder =
        alias.as_deref().and_then(|alias| alias.strip_prefix("pontoon ")).and_then(|alias| alias.split(' ').next());
    Ok(holder.map_or_else(|| format!(" by interface {device}"), |holder| format!(" by {holder}")))
}

/// Why no veth could be made, from what the kernel said and what the bridge is.
fn veth_refused(sides: &mut Sides<'_>, network: &Network, device: &str, refusal: Refusal) -> Result<Error> {
    // Under the bridge's name may be something that is no bridge.
    super::bridge::existing(sides.host, network)?;
    let object = device.to_owned();
    let doing = "create veth";
    Ok(match refusal.errno {
        // What the bridge answers when it has no port number left.
        Errno::XFULL => Failure::BridgeFull { bridge: network.bridge.to_string() }.into(),
        Errno::OPNOTSUPP => Failure::Lacking { doing, object, refusal, config: "CONFIG_VETH" }.into(),
        _ => Failure::Kernel { doing, object, refusal }.into(),
    })
}

/// With the lock held alone: refuses an IPv6 address that another endpoint has, by a claim or by its lease.
fn refuse_taken_ipv6(host: &mut Rtnl, store: &Store, network: &Network, addresses: Addresses) -> Result<()> {
    let Some(address) = addresses.ipv6 else { return Ok(()) };
    let mut owner = claimant(host, store, network, address)?;
    // The address that goes with the lease nobody else's lease has.
    let pools = network.pool(true).zip(network.pool(false)).filter(|_| addresses.claimed(network).is_some());
    let natural = pools.and_then(|(v4, v6)| {
        v4.subnet.host(v6.subnet.host_number(address)).map(|v4_address| lease::device_name(&v4.subnet, v4_address))
    });
    // The lease of the same host number has this address, unless it was given another by hand.
    if let Some(device) = natural.filter(|_| owner.is_none()) {
        let link = host.link(Selector::Name(&device)).doing("look up interface", &device)?;
        let own = format!("{address}/");
        // No alias, or somebody's own, says nothing against it.
        let has_another =
            |alias: &str| alias.starts_with("pontoon ") && !alias.split(' ').any(|word| word.starts_with(&own));
        owner = link.filter(|link| !link.alias.as_deref().is_some_and(has_another)).map(|link| link.name);
    }
    match owner {
        None => Ok(()),
        Some(device) => Err(Failure::AddressInUse { address, by: holder(host, &device)? }.into()),
    }
}

/// The device that claims `ipv6` on the network, when it lives.
pub fn claimant(host: &Rtnl, store: &Store, network: &Network, ipv6: IpAddr) -> Result<Option<String>> {
    let Some(claim) = store.read(Kind::Claim, &claim_name(network, ipv6))? else { return Ok(None) };
    let device = claim.get("device").and_then(crate::json::Json::text).unwrap_or_default();
    let index = host.index_of(device).doing("look up interface", &device)?;
    let recorded = claim.get("index").and_then(crate::json::Json::number);
    Ok(index.filter(|index| recorded == Some(i64::from(*index))).map(|_| device.to_owned()))
}

/// The name of the claim of an IPv6 address.
#[must_use]
pub fn claim_name(network: &Network, ipv6: IpAddr) -> String {
    format!("{}-{:x}", network.short_id(), super::subnet::number(ipv6))
}

/// Step 3: the host's side: alias, port options, up. Only now, by index: in one datagram with the creation it would hit
/// somebody else's port when the name is taken.
pub fn dress_port(sides: &mut Sides<'_>, network: &Network, endpoint: &Endpoint, publishes: bool) -> Result<()> {
    endpoint::set_port_options(sides.host, network, endpoint.index, Some(&endpoint.alias(network)), publishes)
}

/// Step 4: the sandbox's side, in one datagram: loopback and interface up, addresses, default routes.
///
/// Of several networks the first that leads outside gives the default route: where there is one, it stays.
pub fn set_up_inside(sides: &mut Sides<'_>, network: &Network, endpoint: &Endpoint) -> Result<()> {
    let index = sides.inside.index_of(&endpoint.ifname).doing("look up interface", &endpoint.ifname)?;
    let index =
        index.ok_or_else(|| Failure::NotFound { kind: "interface", name: endpoint.ifname.clone(), remedy: "" })?;
    let up = Change { up: Some(true), ..Change::default() };
    let addresses: Vec<IpAddr> = [endpoint.ipv4(), endpoint.v6()].into_iter().flatten().collect();
    let mut requests: Vec<Request> = Vec::with_capacity(6);
    requests.extend(addresses.iter().map(|ip| inner_address(network, index, *ip)));
    let first_link = requests.len();
    // Loopback is index 1 in every namespace.
    requests.push(link::set(Selector::Index(1), &up));
    requests.push(link::set(Selector::Index(index), &up));
    let first_route = requests.len();
    requests.extend(default_routes(network, index, &addresses));
    let present = |position: usize, errno: Errno| position >= first_route && errno == Errno::EXIST;
    sides.inside.change_all(&requests, &present).map_err(|(position, refusal)| {
        if let Some(address) = addresses.get(position) {
            return super::bridge::address_refused(&address.to_string(), &endpoint.ifname, refusal);
        }
        let doing = if position < first_route && position >= first_link {
            "set up interface"
        } else {
            "add the default route by"
        };
        Failure::Kernel { doing, object: endpoint.ifname.clone(), refusal }.into()
    })
}

fn inner_address(network: &Network, index: u32, ip: IpAddr) -> Request {
    let subnet = network.pool(ip.is_ipv4()).map(|pool| pool.subnet);
    address::add(&address::NewAddress {
        index,
        address: ip,
        prefix_len: subnet.map_or(0, |subnet| subnet.prefix_len()),
        broadcast: subnet.and_then(|subnet| subnet.broadcast()),
        no_dad: !ip.is_ipv4(),
    })
}

/// The default routes that an interface with `addresses` on `network` gives.
pub fn default_routes(network: &Network, index: u32, addresses: &[IpAddr]) -> Vec<Request> {
    let pools = addresses.iter().filter(|_| !network.internal).filter_map(|address| network.pool(address.is_ipv4()));
    pools.map(|pool| route::add_default(pool.gateway, index)).collect()
}

/// Step 2½: the claim, where the lease does not speak for the IPv6 address. Before the sandbox has the address: whoever dies
/// in between leaves a claim of a half-made device, and never an address that nobody claims.
pub fn claim(store: &Store, network: &Network, endpoint: &Endpoint, undo: &mut Undo) -> Result<()> {
    let addresses = Addresses { lease: endpoint.lease, ipv6: endpoint.ipv6 };
    if let Some(ipv6) = addresses.claimed(network) {
        let name = claim_name(network, ipv6);
        undo.note(Step::RemoveRecord(Kind::Claim, name.clone()));
        let claim = crate::json::Json::object_of(|json| {
            json.text("device", &endpoint.device).number("index", endpoint.index);
        });
        store.write(Kind::Claim, &name, &claim)?;
    }
    Ok(())
}

/// Step 5: the record, and the hint where to look for the next address.
pub fn record(store: &Store, network: &Network, endpoint: &Endpoint, undo: &mut Undo) -> Result<()> {
    undo.note(Step::RemoveRecord(Kind::Endpoint, endpoint.key()));
    store.write(Kind::Endpoint, &endpoint.key(), &endpoint.to_record())?;
    if !endpoint.ipv4_given && !endpoint.ipv6_given {
        // As long as the longest address, so that overwriting leaves nothing of the last one.
        store.write_hint(network.short_id(), &format!("{:<39}", endpoint.lease.to_string()));
    }
    Ok(())
}
