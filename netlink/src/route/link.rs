//! Links (network devices): bridges, veth pairs, bridge ports.
//!
//! # Source
//! `linux/if_link.h`, `linux/if.h`, `linux/veth.h`, rtnetlink(7); Documentation/networking/operstates.rst.

use alloc::string::String;
use alloc::vec::Vec;

use super::bridge::{IFLA_BRPORT_ISOLATED, IFLA_BRPORT_MODE};
use super::{AF_INET6, AF_UNSPEC};
use crate::attr::{Attr, AttrWriter, Attrs};
use crate::bytes;
use crate::message::{Message, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, Request};

// linux/rtnetlink.h
/// Create or change a link; also what describes one.
pub const RTM_NEWLINK: u16 = 16;
/// Delete a link.
pub const RTM_DELLINK: u16 = 17;
/// Ask for a link.
pub const RTM_GETLINK: u16 = 18;
/// In `IFLA_EXT_MASK`: leave the statistics out (4.4).
pub const RTEXT_FILTER_SKIP_STATS: u32 = 1 << 3;

/// Length of `struct ifinfomsg`.
pub const IFINFOMSG_LEN: usize = 16;

// linux/if_link.h
/// Hardware address.
pub const IFLA_ADDRESS: u16 = 1;
/// Hardware broadcast address.
pub const IFLA_BROADCAST: u16 = 2;
/// Name, at most 15 bytes.
pub const IFLA_IFNAME: u16 = 3;
/// MTU in bytes.
pub const IFLA_MTU: u16 = 4;
/// Index of the link this one stands on; for a veth, of its peer (4.1).
pub const IFLA_LINK: u16 = 5;
/// Name of the queueing discipline.
pub const IFLA_QDISC: u16 = 6;
/// Index of the bridge it is a port of.
pub const IFLA_MASTER: u16 = 10;
/// Length of the transmit queue in packets.
pub const IFLA_TXQLEN: u16 = 13;
/// RFC 2863 operational state.
pub const IFLA_OPERSTATE: u16 = 16;
/// Link mode.
pub const IFLA_LINKMODE: u16 = 17;
/// Kind and its data, in a nest.
pub const IFLA_LINKINFO: u16 = 18;
/// Text for a person, at most 255 bytes.
pub const IFLA_IFALIAS: u16 = 20;
/// Attributes of address families, in a nest.
pub const IFLA_AF_SPEC: u16 = 26;
/// In [`IFLA_AF_SPEC`], below `AF_INET6`: how link-local addresses are made.
pub const IFLA_INET6_ADDR_GEN_MODE: u16 = 8;
/// They are not made.
pub const IN6_ADDR_GEN_MODE_NONE: u8 = 1;
/// Link group.
pub const IFLA_GROUP: u16 = 27;
/// Namespace by open descriptor.
pub const IFLA_NET_NS_FD: u16 = 28;
/// What a reply is to contain.
pub const IFLA_EXT_MASK: u16 = 29;
/// Number of promiscuous users.
pub const IFLA_PROMISCUITY: u16 = 30;
/// Carrier: 1 when there is a signal.
pub const IFLA_CARRIER: u16 = 33;
/// The namespace id in which [`IFLA_LINK`] lives (4.0); −1 when that namespace has no id here.
pub const IFLA_LINK_NETNSID: u16 = 37;
/// Ask about a link of another namespace, by its id (4.20).
pub const IFLA_TARGET_NETNSID: u16 = 46;
/// A further name, longer than [`IFNAME_MAX`] (5.5): in a question, or in the nest of properties.
pub const IFLA_ALT_IFNAME: u16 = 53;

/// In [`IFLA_LINKINFO`]: `bridge`, `veth`, ….
pub const IFLA_INFO_KIND: u16 = 1;
/// In [`IFLA_LINKINFO`]: attributes of that kind.
pub const IFLA_INFO_DATA: u16 = 2;
/// In [`IFLA_LINKINFO`]: the kind of its master.
pub const IFLA_INFO_SLAVE_KIND: u16 = 4;
/// In [`IFLA_LINKINFO`]: attributes of a port of that kind.
pub const IFLA_INFO_SLAVE_DATA: u16 = 5;

// linux/veth.h
/// In a veth's [`IFLA_INFO_DATA`]: the other end: an `ifinfomsg` and attributes.
pub const VETH_INFO_PEER: u16 = 1;

// linux/if.h
/// Administratively up.
pub const IFF_UP: u32 = 1;
/// Operational.
pub const IFF_RUNNING: u32 = 0x40;
/// Carrier present.
pub const IFF_LOWER_UP: u32 = 0x1_0000;
/// The loopback device.
pub const IFF_LOOPBACK: u32 = 8;

/// A device name's length, without NUL (`IFNAMSIZ` − 1).
pub const IFNAME_MAX: usize = 15;

/// `struct ifinfomsg` of any family.
fn ifinfomsg(index: u32, flags: u32, change: u32) -> [u8; IFINFOMSG_LEN] {
    let mut out = [0; IFINFOMSG_LEN];
    bytes::put(&mut out, 0, &[AF_UNSPEC]);
    bytes::put(&mut out, 4, &index.to_ne_bytes());
    bytes::put(&mut out, 8, &flags.to_ne_bytes());
    bytes::put(&mut out, 12, &change.to_ne_bytes());
    out
}

fn write_mac(attrs: &mut AttrWriter<'_>, mac: Option<[u8; 6]>) {
    if let Some(mac) = mac {
        attrs.bytes(IFLA_ADDRESS, &mac);
    }
}

/// Which link a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector<'a> {
    /// By index.
    Index(u32),
    /// By name.
    Name(&'a str),
}

impl Selector<'_> {
    fn index(self) -> u32 {
        match self {
            Self::Index(index) => index,
            Self::Name(_) => 0,
        }
    }

    fn write(self, attrs: &mut AttrWriter<'_>) {
        if let Self::Name(name) = self {
            // What is too long for a name can be an alternative one (5.5).
            attrs.text(if name.len() > IFNAME_MAX { IFLA_ALT_IFNAME } else { IFLA_IFNAME }, name);
        }
    }
}

/// A bridge to be created.
#[derive(Debug, Clone, Copy)]
pub struct NewBridge<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its MAC; set explicitly, it no longer follows the ports that come and go.
    pub mac: Option<[u8; 6]>,
    /// Its MTU in bytes; set explicitly, it no longer follows the smallest port's (4.17).
    pub mtu: Option<u32>,
}

/// `ip link add NAME [address MAC] [mtu MTU] type bridge`.
#[must_use]
pub fn new_bridge(new: &NewBridge<'_>) -> Request {
    let mut request = Request::new(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &ifinfomsg(0, 0, 0));
    let mut attrs = request.attrs();
    attrs.text(IFLA_IFNAME, new.name);
    write_mac(&mut attrs, new.mac);
    attrs.optional_u32(IFLA_MTU, new.mtu).nest(IFLA_LINKINFO, |info| {
        info.bytes(IFLA_INFO_KIND, b"bridge");
    });
    request
}

/// A veth pair to be created: this end a bridge's port, the other end born in another namespace.
#[derive(Debug, Clone, Copy)]
pub struct NewVeth<'a> {
    /// Name of this end.
    pub name: &'a str,
    /// MTU of this end in bytes.
    pub mtu: Option<u32>,
    /// Index of the bridge this end becomes a port of.
    pub master: Option<u32>,
    /// Link group of this end.
    pub group: Option<u32>,
    /// MAC of this end.
    pub mac: Option<[u8; 6]>,
    /// The other end.
    pub peer: Peer<'a>,
}

/// The other end of a [`NewVeth`].
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its MAC.
    pub mac: Option<[u8; 6]>,
    /// Its MTU in bytes.
    pub mtu: Option<u32>,
    /// An open descriptor of its namespace; none for this one.
    pub netns: Option<i32>,
}

/// `ip link add NAME mtu MTU master BRIDGE group GROUP type veth peer name PEER address MAC mtu MTU netns …`.
///
/// `IFF_UP` is not set: for the peer it would be `ENOTCONN`, because the kernel opens it before the pair is tied.
#[must_use]
pub fn new_veth(new: &NewVeth<'_>) -> Request {
    let mut request = Request::new(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &ifinfomsg(0, 0, 0));
    let mut attrs = request.attrs();
    attrs.text(IFLA_IFNAME, new.name).optional_u32(IFLA_MTU, new.mtu);
    attrs.optional_u32(IFLA_MASTER, new.master).optional_u32(IFLA_GROUP, new.group);
    write_mac(&mut attrs, new.mac);
    attrs.nest(IFLA_LINKINFO, |info| {
        info.bytes(IFLA_INFO_KIND, b"veth").nest(IFLA_INFO_DATA, |data| {
            data.nest_with(VETH_INFO_PEER, &ifinfomsg(0, 0, 0), |peer| {
                peer.text(IFLA_IFNAME, new.peer.name);
                write_mac(peer, new.peer.mac);
                peer.optional_u32(IFLA_MTU, new.peer.mtu);
                if let Some(fd) = new.peer.netns {
                    peer.i32(IFLA_NET_NS_FD, fd);
                }
            });
        });
    });
    request
}

/// What is to change about a link that exists.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Up or down.
    pub up: Option<bool>,
    /// Another name; before 6.0 only of a link that is down.
    pub name: Option<&'a str>,
    /// Alias; empty removes it.
    pub alias: Option<&'a str>,
    /// Hardware address.
    pub mac: Option<[u8; 6]>,
    /// MTU in bytes.
    pub mtu: Option<u32>,
    /// Index of the master, 0 for none.
    pub master: Option<u32>,
    /// Options of a bridge's port.
    pub port: Option<PortOptions>,
    /// `IN6_ADDR_GEN_MODE_…`: how IPv6 makes link-local addresses when the link comes up (3.17). `EAFNOSUPPORT` where there is no
    /// IPv6, or none on this link.
    pub addr_gen_mode: Option<u8>,
}

/// Options of a bridge's port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PortOptions {
    /// `IFLA_BRPORT_ISOLATED`: no frames to other isolated ports (4.18). An old kernel refuses what it does not know: none leaves it
    /// as it is.
    pub isolated: Option<bool>,
    /// `IFLA_BRPORT_MODE`: frames may leave by the port they came in by.
    pub hairpin: bool,
}

/// `ip link set NAME …`, all changes in one request.
#[must_use]
pub fn set(link: Selector<'_>, change: &Change<'_>) -> Request {
    let mask = if change.up.is_some() { IFF_UP } else { 0 };
    let flags = if change.up == Some(true) { IFF_UP } else { 0 };
    let mut request = Request::new(RTM_NEWLINK, NLM_F_ACK, &ifinfomsg(link.index(), flags, mask));
    let mut attrs = request.attrs();
    link.write(&mut attrs);
    if let Some(name) = change.name {
        attrs.text(IFLA_IFNAME, name);
    }
    write_mac(&mut attrs, change.mac);
    attrs.optional_u32(IFLA_MTU, change.mtu).optional_u32(IFLA_MASTER, change.master);
    if let Some(alias) = change.alias {
        attrs.bytes(IFLA_IFALIAS, alias.as_bytes());
    }
    if let Some(port) = change.port {
        attrs.nest(IFLA_LINKINFO, |info| {
            info.bytes(IFLA_INFO_SLAVE_KIND, b"bridge").nest(IFLA_INFO_SLAVE_DATA, |data| {
                if let Some(isolated) = port.isolated {
                    data.u8(IFLA_BRPORT_ISOLATED, u8::from(isolated));
                }
                data.u8(IFLA_BRPORT_MODE, u8::from(port.hairpin));
            });
        });
    }
    if let Some(mode) = change.addr_gen_mode {
        attrs.nest(IFLA_AF_SPEC, |families| {
            families.nest(AF_INET6.into(), |inet6| {
                inet6.u8(IFLA_INET6_ADDR_GEN_MODE, mode);
            });
        });
    }
    request
}

/// `ip link del NAME`.
#[must_use]
pub fn delete(link: Selector<'_>) -> Request {
    let mut request = Request::new(RTM_DELLINK, NLM_F_ACK, &ifinfomsg(link.index(), 0, 0));
    link.write(&mut request.attrs());
    request
}

/// `ip link del group GROUP`: all links of a group in one request, at the cost of one wait for RCU.
#[must_use]
pub fn delete_group(group: u32) -> Request {
    let mut request = Request::new(RTM_DELLINK, NLM_F_ACK, &ifinfomsg(0, 0, 0));
    request.attrs().u32(IFLA_GROUP, group);
    request
}

/// Asks for one link, without statistics. `namespace` asks in another namespace, by its id (4.20).
#[must_use]
pub fn get(link: Selector<'_>, namespace: Option<i32>) -> Request {
    let mut request = Request::new(RTM_GETLINK, 0, &ifinfomsg(link.index(), 0, 0));
    let mut attrs = request.attrs();
    link.write(&mut attrs);
    attrs.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    if let Some(id) = namespace {
        attrs.i32(IFLA_TARGET_NETNSID, id);
    }
    request
}

/// Asks for all links, without statistics; only ports of `master` where the kernel filters (others must filter again).
#[must_use]
pub fn dump(master: Option<u32>) -> Request {
    let mut request = Request::new(RTM_GETLINK, NLM_F_DUMP, &ifinfomsg(0, 0, 0));
    request.attrs().u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS).optional_u32(IFLA_MASTER, master);
    request
}

/// A link as the kernel describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// `ARPHRD_…`: 1 Ethernet, 772 loopback.
    pub hardware: u16,
    /// Index, unique in its namespace.
    pub index: u32,
    /// `IFF_…`.
    pub flags: u32,
    /// Name.
    pub name: String,
    /// Alias.
    pub alias: Option<String>,
    /// Hardware address.
    pub address: Vec<u8>,
    /// Hardware broadcast address.
    pub broadcast: Vec<u8>,
    /// MTU in bytes.
    pub mtu: u32,
    /// Index of the link below or, for a veth, of the peer.
    pub link: Option<u32>,
    /// The namespace id where [`Link::link`] lives; none when it is this namespace.
    pub link_netnsid: Option<i32>,
    /// Index of the master.
    pub master: Option<u32>,
    /// Queueing discipline.
    pub qdisc: Option<String>,
    /// Length of the transmit queue in packets.
    pub txqlen: Option<u32>,
    /// RFC 2863 operational state.
    pub operstate: Option<u8>,
    /// Link mode.
    pub link_mode: Option<u8>,
    /// Group.
    pub group: Option<u32>,
    /// Number of promiscuous users.
    pub promiscuity: Option<u32>,
    /// 1 when there is a signal.
    pub carrier: Option<u8>,
    /// `bridge`, `veth`, ….
    pub kind: Option<String>,
    /// The kind of the master.
    pub port_kind: Option<String>,
    /// The attributes of its kind, as they came.
    pub data: Vec<u8>,
    /// The attributes of a port, as they came.
    pub port_data: Vec<u8>,
}

impl Link {
    /// Reads an `RTM_NEWLINK` (or `RTM_DELLINK`) message; `None` for other types.
    #[must_use]
    pub fn parse(message: &Message<'_>) -> Option<Self> {
        if !matches!(message.kind, RTM_NEWLINK | RTM_DELLINK) {
            return None;
        }
        let mut link = Self {
            hardware: bytes::u16_at(message.payload, 2),
            index: bytes::u32_at(message.payload, 4),
            flags: bytes::u32_at(message.payload, 8),
            ..Self::default()
        };
        for attr in Attrs::after(message.payload, IFINFOMSG_LEN) {
            link.take(&attr);
        }
        Some(link)
    }

    fn take(&mut self, attr: &Attr<'_>) {
        match attr.kind {
            IFLA_IFNAME => self.name = attr.text(),
            IFLA_IFALIAS => self.alias = Some(attr.text()),
            IFLA_ADDRESS => self.address = attr.value.to_vec(),
            IFLA_BROADCAST => self.broadcast = attr.value.to_vec(),
            IFLA_MTU => self.mtu = attr.u32(),
            IFLA_LINK => self.link = Some(attr.u32()),
            IFLA_LINK_NETNSID => self.link_netnsid = Some(attr.i32()),
            IFLA_MASTER => self.master = Some(attr.u32()),
            IFLA_QDISC => self.qdisc = Some(attr.text()),
            IFLA_TXQLEN => self.txqlen = Some(attr.u32()),
            IFLA_OPERSTATE => self.operstate = Some(attr.u8()),
            IFLA_LINKMODE => self.link_mode = Some(attr.u8()),
            IFLA_GROUP => self.group = Some(attr.u32()),
            IFLA_PROMISCUITY => self.promiscuity = Some(attr.u32()),
            IFLA_CARRIER => self.carrier = Some(attr.u8()),
            IFLA_LINKINFO => {
                for inner in attr.attrs() {
                    self.take_info(&inner);
                }
            }
            _ => {}
        }
    }

    fn take_info(&mut self, attr: &Attr<'_>) {
        match attr.kind {
            IFLA_INFO_KIND => self.kind = Some(attr.text()),
            IFLA_INFO_DATA => self.data = attr.value.to_vec(),
            IFLA_INFO_SLAVE_KIND => self.port_kind = Some(attr.text()),
            IFLA_INFO_SLAVE_DATA => self.port_data = attr.value.to_vec(),
            _ => {}
        }
    }

    /// Whether it is of kind `kind`.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    /// Whether it is administratively up.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.flags & IFF_UP != 0
    }

    /// Whether it is operational: the kernel has noticed that there is a signal, and sends.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.flags & IFF_RUNNING != 0
    }
}
