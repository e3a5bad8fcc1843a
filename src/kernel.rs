//! What the kernel is asked to do: one verb, one request.
//!
//! What belongs here: the requests of `pontoon-netlink` sent on a socket, and the reply in the kernel's own terms.
//! What does not: networks, endpoints, records, and what to do about a refusal.

mod address;
pub mod firewall;
mod foreign;
mod link;
mod neighbour;
mod nsid;
mod route;
pub mod ruleset;

use crate::prelude::*;
use crate::sys::Errno;
use crate::sys::netns::Netns;
use crate::sys::socket::{Family, Socket};

pub use crate::sys::socket::Refusal;
pub use pontoon_netlink::route::address::NewAddress;
pub use pontoon_netlink::route::link::{Change, NewBridge, NewVeth, Peer, PortOptions, Selector};

// What the kernel describes stays where it was read, so that it is passed around as a pointer.
/// A link.
pub type Link = pontoon_netlink::route::link::Link<'static>;
/// A link with everything the kernel says.
pub type Details = pontoon_netlink::route::details::Details<'static>;
/// An address.
pub type Address = pontoon_netlink::route::address::Address<'static>;
/// A route.
pub type Route = pontoon_netlink::route::route::Route<'static>;
/// A neighbour.
pub type Neighbour = pontoon_netlink::route::neighbour::Neighbour<'static>;
/// A chain of a firewall's.
pub type Chain = pontoon_netlink::netfilter::chain::Chain<'static>;

/// All of a kind that the kernel has; one pointer wide, as everything that a result passes on in a register.
pub type List<T> = &'static Vec<&'static T>;

type Message = pontoon_netlink::Message<'static>;

/// What was read, in a place where it stays.
fn kept<T>(read: Option<T>) -> Option<&'static T> {
    read.map(|object| &*stay(object))
}

/// rtnetlink in one network namespace.
#[derive(Debug)]
pub struct Rtnl {
    socket: Box<Socket>,
}

impl Rtnl {
    /// In the namespace that this process is in.
    pub fn open(verbose: bool) -> Result<Self, Errno> {
        Ok(Self { socket: Socket::open(Family::Route, verbose)? })
    }

    /// In another namespace; `home` is the one this process is in and stays in.
    pub fn open_in(namespace: &Netns, home: &Netns, verbose: bool) -> Result<Self, Errno> {
        Ok(Self { socket: Socket::open_in(Family::Route, verbose, namespace, home)? })
    }

    /// Asks for the kernel's own words about a refused request; every socket does.
    pub fn ask_for_words(&self) -> Result<(), Errno> {
        self.socket.ask_for_words()
    }

    /// Asks for strict checking of requests.
    pub fn ask_strictly(&self) -> Result<(), Errno> {
        self.socket.ask_strictly()
    }

    /// The namespace it speaks to.
    pub fn netns(&self) -> Result<Netns, Errno> {
        self.socket.netns()
    }
}
