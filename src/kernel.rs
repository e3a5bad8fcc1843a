//! What the kernel is asked to do: one verb, one request.
//!
//! What belongs here: the requests of `pontoon-netlink` sent on a socket, and the reply in the kernel's own terms.
//! What does not: networks, endpoints, records, and what to do about a refusal.

mod address;
mod bridge;
mod client;
pub mod conntrack;
pub mod link;
mod log;
pub mod neighbour;
pub mod nftables;
mod nsid;
pub mod route;
mod rtnl;

pub use bridge::{BridgeFacts, PortFacts, PortState};
pub use pontoon_netlink::Request;
pub use pontoon_netlink::route::address::{Address, NewAddress};
pub use pontoon_netlink::route::details::Details;
pub use pontoon_netlink::route::link::{Change, Link, NewBridge, NewVeth, Peer, PortOptions, Selector};
pub use pontoon_netlink::route::neighbour::Neighbour;
pub use pontoon_netlink::route::route::Route;
pub use rtnl::Rtnl;

/// Requests that go together in one datagram, for [`Rtnl::change_all`].
pub mod request {
    use super::{Change, Request, Selector};
    use pontoon_netlink::route::link::IN6_ADDR_GEN_MODE_NONE;

    pub use pontoon_netlink::route::address::add as add_address;
    pub use pontoon_netlink::route::link::set as set_link;
    pub use pontoon_netlink::route::neighbour::{add as add_neighbour, delete as delete_neighbour};
    pub use pontoon_netlink::route::route::add_default as add_default_route;

    /// Gives a link no link-local address when it comes up. Refused where there is no IPv6 at all, or an old one: there is nothing
    /// to keep from it then.
    #[must_use]
    pub fn give_no_link_local(index: u32) -> Request {
        let none = Change { addr_gen_mode: Some(IN6_ADDR_GEN_MODE_NONE), ..Change::default() };
        set_link(Selector::Index(index), &none)
    }
}
