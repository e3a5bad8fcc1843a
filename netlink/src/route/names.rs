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
    pub names: Names,
}

/// Paths, and the name of each, separated by commas.
pub(crate) type Names = (&'static [u64], &'static str);

/// A table of `[types], name`: one text for all rows, for a text each would be two pointers a row.
macro_rules! names {
    ($($types:expr, $name:literal;)*) => {
        (&[$(crate::route::names::path(&$types)),*], concat!($($name, ","),*))
    };
}
pub(crate) use names;

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
    names: names! {
        [link::IFLA_ADDRESS], "IFLA_ADDRESS";
        [link::IFLA_IFNAME], "IFLA_IFNAME";
        [link::IFLA_MTU], "IFLA_MTU";
        [link::IFLA_MASTER], "IFLA_MASTER";
        [link::IFLA_IFALIAS], "IFLA_IFALIAS";
        [link::IFLA_GROUP], "IFLA_GROUP";
        [link::IFLA_EXT_MASK], "IFLA_EXT_MASK";
        [link::IFLA_TARGET_NETNSID], "IFLA_TARGET_NETNSID";
        [INFO], "IFLA_LINKINFO";
        [INFO, link::IFLA_INFO_KIND], "IFLA_INFO_KIND";
        [INFO, DATA], "IFLA_INFO_DATA";
        [INFO, DATA, PEER], "VETH_INFO_PEER";
        [INFO, DATA, PEER, link::IFLA_IFNAME], "IFLA_IFNAME of the peer";
        [INFO, DATA, PEER, link::IFLA_ADDRESS], "IFLA_ADDRESS of the peer";
        [INFO, DATA, PEER, link::IFLA_MTU], "IFLA_MTU of the peer";
        [INFO, DATA, PEER, link::IFLA_NET_NS_FD], "IFLA_NET_NS_FD of the peer";
        [INFO, link::IFLA_INFO_SLAVE_KIND], "IFLA_INFO_SLAVE_KIND";
        [INFO, SLAVE], "IFLA_INFO_SLAVE_DATA";
        [INFO, SLAVE, link::IFLA_BRPORT_MODE], "IFLA_BRPORT_MODE";
        [INFO, SLAVE, link::IFLA_BRPORT_ISOLATED], "IFLA_BRPORT_ISOLATED";
    },
};

const ADDRESS: Requests = Requests {
    kinds: address::RTM_NEWADDR..=address::RTM_GETADDR,
    fixed_len: address::IFADDRMSG_LEN,
    names: names! {
        [address::IFA_ADDRESS], "IFA_ADDRESS";
        [address::IFA_LOCAL], "IFA_LOCAL";
        [address::IFA_BROADCAST], "IFA_BROADCAST";
        [address::IFA_FLAGS], "IFA_FLAGS";
    },
};

const ROUTE: Requests = Requests {
    kinds: route::RTM_NEWROUTE..=route::RTM_GETROUTE,
    fixed_len: route::RTMSG_LEN,
    names: names! {
        [route::RTA_DST], "RTA_DST";
        [route::RTA_GATEWAY], "RTA_GATEWAY";
        [route::RTA_OIF], "RTA_OIF";
    },
};

/// The name of the attribute of `request` (a whole message, rtnetlink's or netfilter's) that `ack` complains about.
#[must_use]
pub fn blamed(request: &[u8], ack: &Ack) -> Option<String> {
    let kind = bytes::u16_at(request, 4);
    let known = ALL.iter().find(|requests| requests.kinds.contains(&kind));
    let none: Names = (&[], "");
    let (fixed_len, names) = known.map_or((0, none), |requests| (requests.fixed_len, requests.names));
    let nest = |types: &[u16]| {
        let outer = path(types);
        let head = if outer == path(&[INFO, DATA, PEER]) { link::IFINFOMSG_LEN } else { 0 };
        names.0.iter().any(|known| known >> 16 == outer).then_some(head)
    };
    let mut types = Vec::new();
    if let Some(offset) = if ack.missing.is_some() { ack.missing_nest } else { Some(ack.offset?) } {
        types = path_at(request, fixed_len, usize::try_from(offset).ok()?, nest);
    }
    if let Some(missing) = ack.missing {
        types.push(missing);
    }
    let blamed = path(&types);
    match names.0.iter().position(|known| *known == blamed) {
        Some(position) => {
            let name = names.1.as_bytes().split(|byte| *byte == b',').nth(position)?;
            Some(String::from_utf8_lossy(name).into_owned())
        }
        None => Some(alloc::format!("attribute {}", types.last()?)),
    }
}
