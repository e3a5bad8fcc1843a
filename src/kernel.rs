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

use crate::sys::Errno;
use crate::sys::netns::Netns;
use crate::sys::socket::{Family, Socket};

pub use crate::sys::socket::Refusal;
pub use pontoon_netlink::netfilter::chain::Chain;
pub use pontoon_netlink::route::address::{Address, NewAddress};
pub use pontoon_netlink::route::details::Details;
pub use pontoon_netlink::route::link::{Change, Link, NewBridge, NewVeth, Peer, PortOptions, Selector};
pub use pontoon_netlink::route::neighbour::Neighbour;
pub use pontoon_netlink::route::route::Route;

/// rtnetlink in one network namespace.
#[derive(Debug)]
pub struct Rtnl {
    // Boxed: a result that is one pointer wide is passed in a register.
    socket: Box<Socket>,
}

impl Rtnl {
    /// In the namespace that this process is in.
    pub fn open(verbose: bool) -> Result<Self, Errno> {
        Ok(Self { socket: Box::new(Socket::open(Family::Route, verbose)?) })
    }

    /// In another namespace; `home` is the one this process is in and stays in.
    pub fn open_in(namespace: &Netns, home: &Netns, verbose: bool) -> Result<Self, Errno> {
        Ok(Self { socket: Box::new(Socket::open_in(Family::Route, verbose, namespace, home)?) })
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
