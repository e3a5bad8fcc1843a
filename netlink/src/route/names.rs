//! Names of the attributes we send, so that an error can say which of them the kernel meant. Those of netfilter are in
//! [`crate::netfilter::names`].

use alloc::string::String;
use alloc::vec::Vec;

use super::{address, link, route};
use crate::ack::{Ack, path_at};
use crate::bytes;
use crate::netfilter::{self, NFGENMSG_LEN};

type Names = &'static [(&'static [u16], &'static str)];

/// For a request of type `kind`: the length of the struct behind its header, the names of its attributes, and which of them
/// are nests (of rtnetlink's see [`nest_head`]).
fn table(kind: u16) -> (usize, Names, &'static [u16]) {
    match kind {
        link::RTM_NEWLINK..=link::RTM_GETLINK => (link::IFINFOMSG_LEN, LINK, &[]),
        address::RTM_NEWADDR..=address::RTM_GETADDR => (address::IFADDRMSG_LEN, ADDRESS, &[]),
        route::RTM_NEWROUTE..=route::RTM_GETROUTE => (route::RTMSG_LEN, ROUTE, &[]),
        _ => netfilter::names::table(kind).map_or((0, &[], &[]), |(names, nests)| (NFGENMSG_LEN, names, nests)),
    }
}

const INFO: u16 = link::IFLA_LINKINFO;
const DATA: u16 = link::IFLA_INFO_DATA;
const PEER: u16 = link::VETH_INFO_PEER;
const SLAVE: u16 = link::IFLA_INFO_SLAVE_DATA;

const LINK: Names = &[
    (&[link::IFLA_ADDRESS], "IFLA_ADDRESS"),
    (&[link::IFLA_IFNAME], "IFLA_IFNAME"),
    (&[link::IFLA_MTU], "IFLA_MTU"),
    (&[link::IFLA_MASTER], "IFLA_MASTER"),
    (&[link::IFLA_IFALIAS], "IFLA_IFALIAS"),
    (&[link::IFLA_GROUP], "IFLA_GROUP"),
    (&[link::IFLA_EXT_MASK], "IFLA_EXT_MASK"),
    (&[link::IFLA_TARGET_NETNSID], "IFLA_TARGET_NETNSID"),
    (&[INFO], "IFLA_LINKINFO"),
    (&[INFO, link::IFLA_INFO_KIND], "IFLA_INFO_KIND"),
    (&[INFO, DATA], "IFLA_INFO_DATA"),
    (&[INFO, DATA, PEER], "VETH_INFO_PEER"),
    (&[INFO, DATA, PEER, link::IFLA_IFNAME], "IFLA_IFNAME of the peer"),
    (&[INFO, DATA, PEER, link::IFLA_ADDRESS], "IFLA_ADDRESS of the peer"),
    (&[INFO, DATA, PEER, link::IFLA_MTU], "IFLA_MTU of the peer"),
    (&[INFO, DATA, PEER, link::IFLA_NET_NS_FD], "IFLA_NET_NS_FD of the peer"),
    (&[INFO, link::IFLA_INFO_SLAVE_KIND], "IFLA_INFO_SLAVE_KIND"),
    (&[INFO, SLAVE], "IFLA_INFO_SLAVE_DATA"),
    (&[INFO, SLAVE, link::IFLA_BRPORT_MODE], "IFLA_BRPORT_MODE"),
    (&[INFO, SLAVE, link::IFLA_BRPORT_ISOLATED], "IFLA_BRPORT_ISOLATED"),
];

const ADDRESS: Names = &[
    (&[address::IFA_ADDRESS], "IFA_ADDRESS"),
    (&[address::IFA_LOCAL], "IFA_LOCAL"),
    (&[address::IFA_BROADCAST], "IFA_BROADCAST"),
    (&[address::IFA_FLAGS], "IFA_FLAGS"),
];

const ROUTE: Names =
    &[(&[route::RTA_DST], "RTA_DST"), (&[route::RTA_GATEWAY], "RTA_GATEWAY"), (&[route::RTA_OIF], "RTA_OIF")];

fn nest_head(path: &[u16]) -> Option<usize> {
    match *path {
        [INFO] | [INFO, DATA | SLAVE] => Some(0),
        [INFO, DATA, PEER] => Some(link::IFINFOMSG_LEN),
        _ => None,
    }
}

/// The name of the attribute of `request` (a whole message, rtnetlink's or netfilter's) that `ack` complains about.
#[must_use]
pub fn blamed(request: &[u8], ack: &Ack) -> Option<String> {
    let kind = bytes::u16_at(request, 4);
    let (fixed, names, nests) = table(kind);
    let nest = |path: &[u16]| match kind {
        link::RTM_NEWLINK..=link::RTM_GETLINK => nest_head(path),
        _ => nests.starts_with(path).then_some(0),
    };
    let path = |offset: u32| Some(path_at(request, fixed, usize::try_from(offset).ok()?, nest));
    let path: Vec<u16> = if let Some(missing) = ack.missing {
        let mut path = ack.missing_nest.map_or(Some(Vec::new()), path)?;
        path.push(missing);
        path
    } else {
        path(ack.offset?)?
    };
    let name = names.iter().find(|(known, _)| *known == path.as_slice()).map(|(_, name)| *name);
    name.map(String::from).or_else(|| Some(alloc::format!("attribute {}", path.last()?)))
}
