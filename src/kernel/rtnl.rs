//! rtnetlink in one namespace: the socket that links, addresses, routes and neighbours are asked for over.

use pontoon_netlink::Request;

use super::client::{Client, RefusedAt};
use crate::error::{Errno, Report};
use crate::sys::netlink::Protocol;
use crate::sys::netns::Netns;

/// rtnetlink in one network namespace.
#[derive(Debug)]
pub struct Rtnl {
    pub(super) client: Client,
}

impl Rtnl {
    /// In the namespace that this process is in.
    pub fn open(report: Report) -> Result<Self, Errno> {
        Ok(Self { client: Client::open(Protocol::Route, report)? })
    }

    /// In another namespace; `home` is the one this process is in and stays in.
    pub fn open_in(namespace: &Netns, home: &Netns, report: Report) -> Result<Self, Errno> {
        Ok(Self { client: Client::open_in(Protocol::Route, report, namespace, home)? })
    }

    /// Asks for the kernel's own words about a refused request; every socket does.
    pub fn ask_for_words(&self) -> Result<(), Errno> {
        self.client.socket().ask_for_words()
    }

    /// Asks for strict checking of requests.
    pub fn ask_strictly(&self) -> Result<(), Errno> {
        self.client.socket().ask_strictly()
    }

    /// The namespace it speaks to.
    pub fn netns(&self) -> Result<Netns, Errno> {
        self.client.socket().netns()
    }

    /// Carries out several requests in one datagram; the first refusal that is not tolerated counts, with its position. All of
    /// them are tried.
    pub fn change_all(
        &mut self,
        requests: &[Request],
        tolerated: &dyn Fn(usize, Errno) -> bool,
    ) -> Result<(), RefusedAt> {
        self.client.change_all(requests, tolerated)
    }
}
