//! Links.

use std::os::fd::AsFd;

use pontoon_netlink::route::details::Details;
use pontoon_netlink::route::link::{self, Change, Link, NewBridge, NewVeth, Selector};
use pontoon_netlink::{Attrs, Message, Request};

pub use pontoon_netlink::route::link::{IFF_LOOPBACK, IFNAME_MAX};

/// The index of loopback in every namespace.
pub const LOOPBACK_INDEX: u32 = 1;

use super::client::absent;
use super::rtnl::Rtnl;
use crate::error::{self, Doing, Errno, Refusal};
use crate::sys::ethtool;

impl Rtnl {
    /// The index of the link called `name`. Costs one `ioctl` and no message.
    pub fn index_of(&self, name: &str) -> Result<Option<u32>, Errno> {
        self.client.socket().index_of(name)
    }

    /// Whether the link called `name` is the one with this index: a name may be given out again, an index is not.
    pub fn has_link(&self, name: &str, index: u32) -> error::Result<bool> {
        Ok(self.index_of(name).doing("look up interface", name)? == Some(index))
    }

    /// The link that `selector` names; none when there is none.
    pub fn link(&mut self, selector: Selector<'_>) -> Result<Option<Link>, Refusal> {
        absent(Errno::NODEV, self.client.get(&link::get(selector, None), &Link::parse))
    }

    /// The links with these indexes, asked for in one datagram; none for each that is not there.
    pub fn links_at(&mut self, indexes: &[u32]) -> Result<Vec<Option<Link>>, Refusal> {
        let requests: Vec<_> = indexes.iter().map(|index| link::get(Selector::Index(*index), None)).collect();
        self.client.get_each(&requests, &Link::parse)
    }

    /// A link of the namespace that this one knows by `id`; none when there is none, and on kernels before 4.15, which
    /// overlook the id and answer for their own.
    pub fn link_in(&mut self, id: i32, selector: Selector<'_>) -> Result<Option<Link>, Refusal> {
        let from_there = |message: &Message<'_>| {
            let attrs = Attrs::after(message.payload, link::IFINFOMSG_LEN);
            attrs.find(link::IFLA_TARGET_NETNSID).filter(|attr| attr.i32() == id)?;
            Link::parse(message)
        };
        absent(Errno::NODEV, self.client.get(&link::get(selector, Some(id)), &from_there))
    }

    /// All links.
    pub fn links(&mut self) -> Result<Vec<Link>, Refusal> {
        self.client.dump(&link::dump(None), &Link::parse)
    }

    /// As [`Rtnl::link`], with everything the kernel says.
    pub fn link_in_detail(&mut self, selector: Selector<'_>) -> Result<Option<Details>, Refusal> {
        absent(Errno::NODEV, self.client.get(&link::get(selector, None), &Details::parse))
    }

    /// As [`Rtnl::links`], with everything the kernel says.
    pub fn links_in_detail(&mut self) -> Result<Vec<Details>, Refusal> {
        self.client.dump(&link::dump(None), &Details::parse)
    }

    /// The counters of the driver of link `name`, by name in the driver's order.
    pub fn statistics(&self, name: &str) -> Result<Vec<(String, u64)>, Errno> {
        ethtool::statistics(self.client.as_fd(), name)
    }

    /// The ports of the bridge with index `master`. Kernels before 4.4 send all links: filtered here again.
    pub fn ports(&mut self, master: u32) -> Result<Vec<Link>, Refusal> {
        let of_master = |message: &Message<'_>| Link::parse(message).filter(|link| link.master == Some(master));
        self.client.dump(&link::dump(Some(master)), &of_master)
    }

    /// Creates a bridge.
    pub fn create_bridge(&mut self, new: &NewBridge<'_>) -> Result<(), Refusal> {
        self.client.change(&link::new_bridge(new))
    }

    /// Creates a veth pair, one end as a bridge's port, the other in another namespace.
    pub fn create_veth(&mut self, new: &NewVeth<'_>) -> Result<(), Refusal> {
        match self.client.change(&link::new_veth(new)) {
            // Before 4.11 no link is born with a master.
            Err(refusal) if refusal.errno == Errno::OPNOTSUPP => self.create_then_attach(new),
            result => result,
        }
    }

    fn create_then_attach(&mut self, new: &NewVeth<'_>) -> Result<(), Refusal> {
        let (this, change) = (Selector::Name(new.name), Change { master: new.master, ..Change::default() });
        self.client.change(&link::new_veth(&NewVeth { master: None, ..*new }))?;
        self.set_link(this, &change).inspect_err(|_| {
            let _ = self.delete_link(this);
        })
    }

    /// As [`Rtnl::set_link`], and the link has no link-local address of its own when it comes up. A kernel without IPv6 gives none
    /// anyway.
    pub fn set_link_without_ipv6(&mut self, selector: Selector<'_>, change: &Change<'_>) -> Result<(), Refusal> {
        let without = Change { addr_gen_mode: Some(link::IN6_ADDR_GEN_MODE_NONE), ..*change };
        match self.set_link(selector, &without) {
            Err(refusal) if matches!(refusal.errno, Errno::AFNOSUPPORT | Errno::OPNOTSUPP | Errno::INVAL) => {
                self.set_link(selector, change)
            }
            result => result,
        }
    }

    /// Changes a link.
    pub fn set_link(&mut self, selector: Selector<'_>, change: &Change<'_>) -> Result<(), Refusal> {
        self.client.change(&link::set(selector, change))
    }

    /// Deletes a link; true when it was there.
    pub fn delete_link(&mut self, selector: Selector<'_>) -> Result<bool, Refusal> {
        self.delete(&link::delete(selector))
    }

    /// Deletes all links of a group; true when there were any.
    pub fn delete_group(&mut self, group: u32) -> Result<bool, Refusal> {
        self.delete(&link::delete_group(group))
    }

    fn delete(&mut self, request: &Request) -> Result<bool, Refusal> {
        Ok(absent(Errno::NODEV, self.client.change(request).map(Some))?.is_some())
    }
}
