//! `ip addr|link|route|neigh show`: asks the kernel, finds the names of what it answers, prints.

use crate::commands::{Context, print_as};
use crate::error::{Doing, Error, Result};
use crate::kernel::link::IFNAME_MAX;
use crate::kernel::route::RT_TABLE_MAIN;
use crate::kernel::{Rtnl, Selector};
use crate::sandbox::{SandboxRef, namespaces};
use crate::types::family::Family;
use crate::views::ip::{self, Filter, Format, Names};

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Links with their addresses.
    Address,
    /// Links.
    Link,
    /// Routes.
    Route,
    /// Neighbours.
    Neighbour,
}

/// What to show, where, and how.
#[derive(Debug)]
pub struct Show {
    /// What.
    pub object: Object,
    /// In which namespace; none for this one.
    pub namespace: Option<SandboxRef>,
    /// How.
    pub format: Format,
    /// Only what belongs to this interface.
    pub dev: Option<String>,
    /// Only ports of this bridge.
    pub master: Option<String>,
    /// What else is asked of it.
    pub filter: Filter,
}

impl Show {
    /// All objects of a kind; of routes, those of the main table.
    pub fn new(object: Object, format: Format, namespace: Option<SandboxRef>) -> Self {
        let table = (object == Object::Route).then_some(RT_TABLE_MAIN);
        let filter = Filter { table, ..Filter::default() };
        Self { object, namespace, format, dev: None, master: None, filter }
    }
}

/// `ip … show`.
pub fn run(context: &Context, show: &Show) -> Result<()> {
    let mut rtnl = rtnl(context, show.namespace.as_ref())?;
    let format = Format { json: context.json, ..show.format };
    let mut filter = show.filter.clone();
    filter.link = index(&mut rtnl, show.dev.as_deref())?;
    filter.master = index(&mut rtnl, show.master.as_deref())?;
    let text = match show.object {
        Object::Address | Object::Link => links(&mut rtnl, show, format, &filter)?,
        Object::Route => routes(&mut rtnl, format, &filter)?,
        Object::Neighbour => {
            let neighbours = rtnl.neighbours().doing("list", &"neighbours")?;
            let names = link_names(&mut rtnl, &neighbours.iter().map(|neighbour| neighbour.index).collect::<Vec<_>>())?;
            ip::neighbours(&neighbours, &names, format, &filter)
        }
    };
    print_as(context.json, &text)
}

/// rtnetlink in a namespace; none for this one.
pub fn rtnl(context: &Context, namespace: Option<&SandboxRef>) -> Result<Rtnl> {
    let Some(namespace) = namespace else { return context.session.rtnl() };
    let home = context.session.home()?;
    let opened = Rtnl::open_in(&namespace.open()?, &home, context.session.report);
    opened.doing("open", "a netlink socket in the namespace")
}

fn index(rtnl: &mut Rtnl, name: Option<&str>) -> Result<Option<u32>> {
    let Some(name) = name else { return Ok(None) };
    let index = if name.len() > IFNAME_MAX {
        // An alternative name, which kernels before 5.5 refuse to hear of.
        rtnl.link(Selector::Name(name)).ok().flatten().map(|link| link.index)
    } else {
        rtnl.index_of(name).doing("look up interface", &name)?
    };
    index.map(Some).ok_or_else(|| no_interface(name))
}

/// There is no interface of that name.
pub fn no_interface(name: &str) -> Box<Error> {
    Error::not_found("interface", name, "")
}

fn links(rtnl: &mut Rtnl, show: &Show, format: Format, filter: &Filter) -> Result<String> {
    let mut names = Names::default();
    let links = match filter.link {
        Some(index) => {
            let link = rtnl.link_in_detail(Selector::Index(index)).doing("list", &"interfaces")?;
            let link = link.ok_or_else(|| no_interface(show.dev.as_deref().unwrap_or_default()))?;
            let peer = link.link.link.filter(|_| link.link.link_netnsid.is_none());
            names = link_names(rtnl, &[peer.unwrap_or(0), link.link.master.unwrap_or(0)])?;
            vec![link]
        }
        None => rtnl.links_in_detail().doing("list", &"interfaces")?,
    };
    names.links.extend(links.iter().map(|link| (link.link.index, link.link.name.clone(), link.link.flags)));
    if !format.json && !format.brief && links.iter().any(|link| link.link.link_netnsid.is_some_and(|id| id >= 0)) {
        names.namespaces = namespaces::ids(rtnl).into_iter().filter_map(|(name, id)| Some((id?, name))).collect();
    }
    if show.object == Object::Link {
        return Ok(ip::links(&links, &names, format, filter));
    }
    let addresses = match filter.link {
        Some(index) => rtnl.addresses_of(index),
        None => rtnl.addresses(),
    };
    Ok(ip::addresses(&links, &addresses.doing("list", &"addresses")?, &names, format, filter))
}

fn routes(rtnl: &mut Rtnl, format: Format, filter: &Filter) -> Result<String> {
    let families: &[Family] = match (format.family, filter.table) {
        (None, None) => &Family::BOTH,
        (Some(Family::V6), _) => &[Family::V6],
        _ => &[Family::V4],
    };
    let mut routes = Vec::new();
    for family in families {
        routes.extend(rtnl.routes(*family).doing("list", &"routes")?);
    }
    let mut mentioned = Vec::new();
    for route in &routes {
        mentioned.extend(route.link);
        mentioned.extend(route.next_hops().iter().map(|hop| hop.link));
    }
    let names = link_names(rtnl, &mentioned)?;
    Ok(ip::routes(&routes, &names, format, filter))
}

/// The names of some links, each asked for once; of one that is gone, and of index 0, none.
fn link_names(rtnl: &mut Rtnl, indices: &[u32]) -> Result<Names> {
    let mut names = Names::default();
    for (position, index) in indices.iter().enumerate() {
        if *index == 0 || indices.iter().take(position).any(|earlier| earlier == index) {
            continue;
        }
        let link = rtnl.link(Selector::Index(*index)).doing("look up", &"an interface")?;
        names.links.extend(link.map(|link| (*index, link.name, link.flags)));
    }
    Ok(names)
}
