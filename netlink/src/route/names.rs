//! Names of the attributes we send, so that an error can say which of them the kernel meant. Those of netfilter are in
//! [`crate::netfilter::names`].

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::{address, link, route};
use crate::ack::{Ack, path_at};
use crate::bytes;
use crate::netfilter::names as netfilter;

/// Requests whose attributes have the same names.
pub(crate) struct Requests {
    /// Their types.
    pub kinds: RangeInclusive<u16>,
    /// The length of the struct behind their header.
    pub fixed_len: usize,
    /// The names, by [`path`]. What has a name below it is a nest.
    pub names: &'static [(u64, &'static str)],
}

/// The types of an attribute and of the nests that it is in, the outermost first, as one number.
pub(crate) const fn path(mut types: &[u16]) -> u64 {
    let mut path = 0;
    while let [first, rest @ ..] = types {
        path = path << 16 | *first as u64;
        types = rest;
    }
    path
}

static ALL: [Requests; 9] = [
    LINK,
    ADDRESS,
    ROUTE,
    netfilter::TABLE,
    netfilter::CHAIN,
    netfilter::RULE,
    netfilter::SET,
    netfilter::ELEMENT,
    netfilter::CONNECTION,
];

const INFO: u16 = link::IFLA_LINKINFO;
const DATA: u16 = link::IFLA_INFO_DATA;
const PEER: u16 = link::VETH_INFO_PEER;
const SLAVE: u16 = link::IFLA_INFO_SLAVE_DATA;

const LINK: Requests = Requests {
    kinds: link::RTM_NEWLINK..=link::RTM_GETLINK,
    fixed_len: link::IFINFOMSG_LEN,
    names: &[
        (path(&[link::IFLA_ADDRESS]), "IFLA_ADDRESS"),
        (path(&[link::IFLA_IFNAME]), "IFLA_IFNAME"),
        (path(&[link::IFLA_MTU]), "IFLA_MTU"),
        (path(&[link::IFLA_MASTER]), "IFLA_MASTER"),
        (path(&[link::IFLA_IFALIAS]), "IFLA_IFALIAS"),
        (path(&[link::IFLA_GROUP]), "IFLA_GROUP"),
        (path(&[link::IFLA_EXT_MASK]), "IFLA_EXT_MASK"),
        (path(&[link::IFLA_TARGET_NETNSID]), "IFLA_TARGET_NETNSID"),
        (path(&[INFO]), "IFLA_LINKINFO"),
        (path(&[INFO, link::IFLA_INFO_KIND]), "IFLA_INFO_KIND"),
        (path(&[INFO, DATA]), "IFLA_INFO_DATA"),
        (path(&[INFO, DATA, PEER]), "VETH_INFO_PEER"),
        (path(&[INFO, DATA, PEER, link::IFLA_IFNAME]), "IFLA_IFNAME of the peer"),
        (path(&[INFO, DATA, PEER, link::IFLA_ADDRESS]), "IFLA_ADDRESS of the peer"),
        (path(&[INFO, DATA, PEER, link::IFLA_MTU]), "IFLA_MTU of the peer"),
        (path(&[INFO, DATA, PEER, link::IFLA_NET_NS_FD]), "IFLA_NET_NS_FD of the peer"),
        (path(&[INFO, link::IFLA_INFO_SLAVE_KIND]), "IFLA_INFO_SLAVE_KIND"),
        (path(&[INFO, SLAVE]), "IFLA_INFO_SLAVE_DATA"),
        (path(&[INFO, SLAVE, link::IFLA_BRPORT_MODE]), "IFLA_BRPORT_MODE"),
        (path(&[INFO, SLAVE, link::IFLA_BRPORT_ISOLATED]), "IFLA_BRPORT_ISOLATED"),
    ],
};

const ADDRESS: Requests = Requests {
    kinds: address::RTM_NEWADDR..=address::RTM_GETADDR,
    fixed_len: address::IFADDRMSG_LEN,
    names: &[
        (path(&[address::IFA_ADDRESS]), "IFA_ADDRESS"),
        (path(&[address::IFA_LOCAL]), "IFA_LOCAL"),
        (path(&[address::IFA_BROADCAST]), "IFA_BROADCAST"),
        (path(&[address::IFA_FLAGS]), "IFA_FLAGS"),
    ],
};

const ROUTE: Requests = Requests {
    kinds: route::RTM_NEWROUTE..=route::RTM_GETROUTE,
    fixed_len: route::RTMSG_LEN,
    names: &[
        (path(&[route::RTA_DST]), "RTA_DST"),
        (path(&[route::RTA_GATEWAY]), "RTA_GATEWAY"),
        (path(&[route::RTA_OIF]), "RTA_OIF"),
    ],
};

/// The name of the attribute of `request` (a whole message, rtnetlink's or netfilter's) that `ack` complains about.
#[must_use]
pub fn blamed(request: &[u8], ack: &Ack) -> Option<String> {
    let kind = bytes::u16_at(request, 4);
    let known = ALL.iter().find(|requests| requests.kinds.contains(&kind));
    let (fixed_len, names) = known.map_or((0, &[] as _), |requests| (requests.fixed_len, requests.names));
    let nest = |types: &[u16]| {
        let outer = path(types);
        let head = if outer == path(&[INFO, DATA, PEER]) { link::IFINFOMSG_LEN } else { 0 };
        names.iter().any(|(known, _)| known >> 16 == outer).then_some(head)
    };
    let mut types = Vec::new();
    if let Some(offset) = if ack.missing.is_some() { ack.missing_nest } else { Some(ack.offset?) } {
        types = path_at(request, fixed_len, usize::try_from(offset).ok()?, nest);
    }
    types.extend(ack.missing);
    let blamed = path(&types);
    let name = names.iter().find(|(known, _)| *known == blamed).map(|(_, name)| *name);
    name.map(String::from).or_else(|| Some(alloc::format!("attribute {}", types.last()?)))
}
