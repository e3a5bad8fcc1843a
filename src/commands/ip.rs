//! `ip addr|link|route|neigh show`: asks the kernel, finds the names of what it answers, prints.

use pontoon_netlink::route::link::IFNAME_MAX;
use pontoon_netlink::route::{AF_INET, AF_INET6};

use super::{Context, ip_netns, print};
use crate::error::{Doing, Error, Result};
use crate::kernel::{Rtnl, Selector};
use crate::network::look;
use crate::network::sandbox::SandboxRef;
use crate::prelude::*;
use crate::sys::netns::Netns;
use crate::views::ip::{self, Filter, Format, Names};

/// What is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Object {
    /// Links with their addresses.
    #[default]
    Address,
    /// Links.
    Link,
    /// Routes.
    Route,
    /// Neighbours.
    Neighbour,
}

/// What to show, where, and how.
#[derive(Debug, Default)]
pub struct Show {
    /// What.
    pub object: Object,
    /// In which namespace; none for this one.
    pub namespace: Option<&'static SandboxRef>,
    /// How.
    pub format: Format,
    /// Only what belongs to this interface.
    pub dev: Option<Text>,
    /// Only ports of this bridge.
    pub master: Option<Text>,
    /// What else is asked of it.
    pub filter: Filter,
}

/// `ip … show`.
pub fn run(context: &Context, show: &mut Show) -> Result<()> {
    let rtnl = rtnl(context, show.namespace)?;
    show.format.json = context.json;
    show.filter.link = index(rtnl, show.dev)?;
    show.filter.master = index(rtnl, show.master)?;
    let (format, filter) = (&show.format, &show.filter);
    let text = match show.object {
        Object::Address | Object::Link => links(rtnl, show)?,
        Object::Route => routes(rtnl, format, filter)?,
        Object::Neighbour => {
            let neighbours = rtnl.neighbours().doing("list", &"neighbours")?;
            let mut names = Names::default();
            for neighbour in neighbours {
                learn(rtnl, &mut names, neighbour.index)?;
            }
            ip::neighbours(neighbours, &names, format, filter)
        }
    };
    print(text)
}

/// rtnetlink in a namespace; none for this one.
pub fn rtnl(context: &Context, namespace: Option<&SandboxRef>) -> Result<&'static mut Rtnl> {
    let Some(namespace) = namespace else { return context.rtnl() };
    let home = stay(Netns::current().doing("open", &"this namespace")?);
    Rtnl::open_in(namespace.hold()?, home, context.verbose)
        .map(stay)
        .doing("open", &"a netlink socket in the namespace")
}

fn index(rtnl: &mut Rtnl, name: Option<Text>) -> Result<Option<u32>> {
    let Some(name) = name else { return Ok(None) };
    let index = if name.len() > IFNAME_MAX {
        // An alternative name, which kernels before 5.5 refuse to hear of.
        rtnl.link(Selector::Name(name)).ok().flatten().map(|link| link.index)
    } else {
        look::index_of(rtnl, name)?
    };
    index.map(Some).ok_or_else(|| no_interface(name))
}

/// There is no interface of that name.
pub fn no_interface(name: Text) -> Error {
    Error::not_found("interface", name, "")
}

fn links(rtnl: &mut Rtnl, show: &Show) -> Result<Text> {
    let (format, filter) = (&show.format, &show.filter);
    let mut names = Names::default();
    let links = match filter.link {
        Some(index) => {
            let link = rtnl.link_in_detail(Selector::Index(index)).doing("list", &"interfaces")?;
            let link = link.ok_or_else(|| no_interface(show.dev.unwrap_or_default()))?;
            let peer = link.link.link.filter(|_| link.link.link_netnsid.is_none());
            learn(rtnl, &mut names, peer.unwrap_or(0))?;
            learn(rtnl, &mut names, link.link.master.unwrap_or(0))?;
            core::slice::from_ref(stay(link))
        }
        None => rtnl.links_in_detail().doing("list", &"interfaces")?,
    };
    for link in links {
        names.links.push((link.link.index, link.link.name, link.link.flags));
    }
    if !format.json && !format.brief && links.iter().any(|link| link.link.link_netnsid.is_some_and(|id| id >= 0)) {
        names.namespaces = ip_netns::ids(rtnl);
    }
    if show.object == Object::Link {
        return Ok(ip::links(links, &names, format, filter));
    }
    let addresses = match filter.link {
        Some(index) => rtnl.addresses_of(index),
        None => rtnl.addresses(),
    };
    Ok(ip::addresses(links, addresses.doing("list", &"addresses")?, &names, format, filter))
}

fn routes(rtnl: &mut Rtnl, format: &Format, filter: &Filter) -> Result<Text> {
    let families: &[u8] = match (format.family, filter.table) {
        (0, None) => &[AF_INET, AF_INET6],
        (AF_INET6, _) => &[AF_INET6],
        _ => &[AF_INET],
    };
    let mut routes = Vec::new();
    for family in families {
        routes.extend_from_slice(rtnl.routes(*family).doing("list", &"routes")?);
    }
    let mut names = Names::default();
    for route in &routes {
        learn(rtnl, &mut names, route.link.unwrap_or(0))?;
        for hop in route.next_hops() {
            learn(rtnl, &mut names, hop.link)?;
        }
    }
    Ok(ip::routes(&routes, &names, format, filter))
}

/// Learns what a link is called, unless that is known; index 0 is none.
fn learn(rtnl: &mut Rtnl, names: &mut Names, index: u32) -> Result<()> {
    if index == 0 || names.links.iter().any(|link| link.0 == index) {
        return Ok(());
    }
    let link = rtnl.link(Selector::Index(index)).doing("look up", &"an interface")?;
    // One that is gone is called by its number, and is not asked for again.
    let (name, flags) = link.map_or_else(|| (text!("if{index}"), 0), |link| (link.name, link.flags));
    names.links.push((index, name, flags));
    Ok(())
}
