//! `ip link`, and the part of `ip address` that is about the link.

use pontoon_netlink::route::details::{
    Details, IFLA_AF_SPEC, IFLA_INET6_ADDR_GEN_MODE, IFLA_PERM_ADDRESS, IFLA_PROP_LIST, IFLA_PROTO_DOWN,
};
use pontoon_netlink::route::link::{IFF_UP, IFLA_ALT_IFNAME};
use pontoon_netlink::route::{AF_INET6, link};
use pontoon_netlink::{Attrs, bytes};

use super::{Filter, Format, Names, details, hex, hex_bytes, ip, numbered};
use crate::views::page::Page;

/// What is printed of a link: all of it, or what `ip address` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `ip link`.
    Link,
    /// `ip address`.
    Address,
    /// `ip -6 address` of all links: the kernel's IPv6 part describes them, and it knows less.
    Inet6,
}

/// `ip link`.
pub fn links(links: &[Details], names: &Names, format: Format, filter: &Filter) -> String {
    let mut page = format.page();
    for link in links.iter().filter(|link| filter.wants(link)) {
        page.open("", '{');
        if filter.shows(link) {
            print(&mut page, link, names, format, Part::Link);
        }
        page.close('}');
    }
    page.close(']');
    page.finish()
}

impl Filter {
    /// What iproute2 leaves to the kernel: other links are not on the page.
    pub fn wants(&self, link: &Details) -> bool {
        let kind = self.kind.as_deref().filter(|kind| !kind.ends_with("_slave"));
        kind.is_none_or(|kind| link.link.is(kind)) && self.master.is_none_or(|master| link.link.master == Some(master))
    }

    /// What iproute2 decides itself: other links are empty objects in its JSON.
    pub fn shows(&self, link: &Details) -> bool {
        let port = self.kind.as_deref().and_then(|kind| kind.strip_suffix("_slave"));
        (!self.up || link.link.is_up())
            && self.group.is_none_or(|group| link.link.group == Some(group))
            && port.is_none_or(|port| link.link.port_kind.as_deref() == Some(port))
    }
}

/// One link.
pub fn print(page: &mut Page, details: &Details, names: &Names, format: Format, part: Part) {
    if format.brief {
        return brief(page, details, names, part);
    }
    let link = &details.link;
    page.number("ifindex", "", link.index.into(), ": ");
    let peer_down = name(page, details, names, |page, name| page.text("ifname", "", name, ": "));
    flags(page, link.flags, peer_down);
    page.number("mtu", "mtu ", link.mtu.into(), " ");
    if part != Part::Inet6 {
        if let Some(qdisc) = &link.qdisc {
            page.text("qdisc", "qdisc ", qdisc, " ");
        }
        if let Some(master) = link.master {
            page.text("master", "master ", &names.link(master), " ");
        }
    }
    if let Some(state) = link.operstate {
        operstate(page, state, false);
    }
    if let (Part::Link, Some(mode)) = (part, link.link_mode) {
        match mode {
            0 => page.text("linkmode", "mode ", "DEFAULT", " "),
            1 => page.text("linkmode", "mode ", "DORMANT", " "),
            _ => page.number("linkmode_index", "mode ", mode.into(), " "),
        }
    }
    if let (Part::Link | Part::Address, Some(group)) = (part, link.group) {
        let group = if group == 0 { "default".to_owned() } else { group.to_string() };
        page.text("group", "group ", &group, " ");
    }
    if let Some(length @ 1..) = link.txqlen {
        page.number("txqlen", "qlen ", length.into(), "");
    }
    if part == Part::Link || format.family == 0 || format.details {
        addresses(page, details, part);
    }
    if part != Part::Inet6 {
        elsewhere(page, details, names);
        if details.find(IFLA_PROTO_DOWN).is_some_and(|down| down.u8() != 0) {
            page.truth("proto_down", " protodown on ");
        }
        if format.details {
            all(page, details, names, part);
        }
        if let (true, Some(alias)) = (part == Part::Link || format.details, &link.alias) {
            page.line();
            page.text("ifalias", "    alias ", alias, "");
        }
        other_names(page, details);
    }
    page.plain("\n");
}

/// The name with what stands behind its `@`; true when that is down.
fn name(page: &mut Page, details: &Details, names: &Names, write: impl FnOnce(&mut Page, &str)) -> bool {
    let link = &details.link;
    let mut peer_down = false;
    let mut shown = link.name.clone();
    if let Some(peer) = link.link {
        let text = match (peer, link.link_netnsid) {
            (0, _) => {
                page.raw("link", "null", &[]);
                "NONE".to_owned()
            }
            (_, Some(_)) => {
                page.raw("link_index", &peer.to_string(), &[]);
                numbered("if", peer.into(), "")
            }
            (_, None) => {
                peer_down = names.flags(peer) & IFF_UP == 0;
                let name = names.link(peer);
                if page.is_json() {
                    page.text("link", "", &name, "");
                }
                name
            }
        };
        if !page.is_json() {
            shown.push('@');
            shown.push_str(&text);
        }
    }
    write(page, &shown);
    peer_down
}

/// `<BROADCAST,UP>`.
fn flags(page: &mut Page, flags: u32, peer_down: bool) {
    // In iproute2's order, which is not that of the bits.
    const NAMES: &[(u32, &str)] = &[
        (0x8, "LOOPBACK"),
        (0x2, "BROADCAST"),
        (0x10, "POINTOPOINT"),
        (0x1000, "MULTICAST"),
        (0x80, "NOARP"),
        (0x200, "ALLMULTI"),
        (0x100, "PROMISC"),
        (0x400, "MASTER"),
        (0x800, "SLAVE"),
        (0x4, "DEBUG"),
        (0x8000, "DYNAMIC"),
        (0x4000, "AUTOMEDIA"),
        (0x2000, "PORTSEL"),
        (0x20, "NOTRAILERS"),
        (0x1, "UP"),
        (0x1_0000, "LOWER_UP"),
        (0x2_0000, "DORMANT"),
        (0x4_0000, "ECHO"),
    ];
    let mut words: Vec<String> = Vec::new();
    if flags & IFF_UP != 0 && flags & link::IFF_RUNNING == 0 {
        words.push("NO-CARRIER".to_owned());
    }
    let mut rest = flags & !link::IFF_RUNNING;
    for (bit, name) in NAMES {
        if rest & bit != 0 {
            words.push((*name).to_owned());
            rest &= !bit;
        }
    }
    if rest != 0 {
        words.push(format!("{rest:x}"));
    }
    if peer_down {
        words.push("M-DOWN".to_owned());
    }
    page.open("flags", '[');
    for (position, word) in words.iter().enumerate() {
        page.text("", if position == 0 { "<" } else { "," }, word, "");
    }
    page.plain(if words.is_empty() { "<> " } else { "> " });
    page.close(']');
}

fn operstate(page: &mut Page, state: u8, brief: bool) {
    let names = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"];
    match names.get(usize::from(state)) {
        Some(name) if brief => page.column("operstate", name, 14),
        Some(name) => page.text("operstate", "state ", name, " "),
        None => page.raw("operstate_index", &state.to_string(), &["state ", &hex(state.into())]),
    }
}

/// `link/ether MAC brd MAC`.
fn addresses(page: &mut Page, details: &Details, part: Part) {
    let link = &details.link;
    page.line();
    page.text("link_type", "    link/", &link_type(link.hardware), " ");
    if !link.address.is_empty() {
        page.text("address", "", &hardware(&link.address, link.hardware), "");
    }
    if part == Part::Inet6 {
        return;
    }
    if !link.broadcast.is_empty() {
        // linux/if.h: IFF_POINTOPOINT
        let point_to_point = link.flags & 0x10 != 0;
        if point_to_point {
            page.truth("link_pointtopoint", "");
        }
        let before = if point_to_point { " peer " } else { " brd " };
        page.text("broadcast", before, &hardware(&link.broadcast, link.hardware), "");
    }
    if let Some(permanent) = details.find(IFLA_PERM_ADDRESS)
        && permanent.value != link.address
    {
        page.text("permaddr", " permaddr ", &hardware(permanent.value, link.hardware), "");
    }
}

// linux/if_arp.h
const ARPHRD_TUNNEL: u16 = 768;
const ARPHRD_TUNNEL6: u16 = 769;
const ARPHRD_SIT: u16 = 776;
const ARPHRD_IPGRE: u16 = 778;
const ARPHRD_IP6GRE: u16 = 823;

fn link_type(hardware: u16) -> String {
    let name = match hardware {
        1 => "ether",
        32 => "infiniband",
        280 => "can",
        512 => "ppp",
        519 => "rawip",
        ARPHRD_TUNNEL => "ipip",
        ARPHRD_TUNNEL6 => "tunnel6",
        772 => "loopback",
        ARPHRD_SIT => "sit",
        ARPHRD_IPGRE => "gre",
        801 => "ieee802.11",
        ARPHRD_IP6GRE => "gre6",
        824 => "netlink",
        0xfffe => "none",
        _ => return numbered("[", hardware.into(), "]"),
    };
    name.to_owned()
}

/// A hardware address; that of a tunnel is an IP address.
pub fn hardware(address: &[u8], kind: u16) -> String {
    let tunnel = matches!(kind, ARPHRD_TUNNEL | ARPHRD_TUNNEL6 | ARPHRD_SIT | ARPHRD_IPGRE | ARPHRD_IP6GRE);
    match bytes::ip(address) {
        Some(address) if tunnel => ip(address),
        _ => hex_bytes(address, ":"),
    }
}

/// The namespace of what stands behind the `@`.
fn elsewhere(page: &mut Page, details: &Details, names: &Names) {
    let Some(id) = details.link.link_netnsid else { return };
    match names.namespace(id) {
        _ if page.is_json() => page.number("link_netnsid", "", id.into(), ""),
        Some(name) => page.text("", " link-netns ", name, ""),
        None if id < 0 => page.plain(" link-netnsid unknown"),
        None => page.number("", " link-netnsid ", id.into(), ""),
    }
}

/// `-details`.
fn all(page: &mut Page, details: &Details, names: &Names, part: Part) {
    let link = &details.link;
    details::print(page, &details.attributes(), details::BEFORE_KIND, names);
    if link.kind.is_some() || link.port_kind.is_some() {
        page.open("linkinfo", '{');
        if let Some(kind) = &link.kind {
            page.line();
            page.text("info_kind", "    ", kind, " ");
            if kind == "bridge" {
                page.open("info_data", '{');
                details::print(page, &Attrs::new(&link.data), details::BRIDGE, names);
                page.close('}');
            }
        }
        if let Some(kind) = &link.port_kind {
            page.line();
            page.text("info_slave_kind", "    ", kind, "_slave ");
            if kind == "bridge" {
                page.open("info_slave_data", '{');
                details::print(page, &Attrs::new(&link.port_data), details::PORT, names);
                page.close('}');
            }
        }
        page.close('}');
    }
    let families = details.find(IFLA_AF_SPEC).filter(|_| part == Part::Link);
    let inet6 = families.and_then(|families| families.attrs().find(AF_INET6.into()));
    if let Some(mode) = inet6.and_then(|inet6| inet6.attrs().find(IFLA_INET6_ADDR_GEN_MODE)) {
        let word = match mode.u8() {
            0 => "eui64",
            1 => "none",
            2 => "stable_secret",
            3 => "random",
            other => &hex(other.into()),
        };
        page.text("inet6_addr_gen_mode", "addrgenmode ", word, " ");
    }
    details::print(page, &details.attributes(), details::AFTER_KIND, names);
}

fn other_names(page: &mut Page, details: &Details) {
    let Some(properties) = details.find(IFLA_PROP_LIST) else { return };
    page.open("altnames", '[');
    for property in properties.attrs().filter(|property| property.kind == IFLA_ALT_IFNAME) {
        page.line();
        page.text("", "    altname ", &property.text(), "");
    }
    page.close(']');
}

/// `-brief`.
fn brief(page: &mut Page, details: &Details, names: &Names, part: Part) {
    let link = &details.link;
    let peer_down = name(page, details, names, |page, name| page.column("ifname", name, 16));
    if let Some(state) = link.operstate {
        operstate(page, state, true);
    }
    if part == Part::Link {
        if !link.address.is_empty() {
            page.text("address", "", &hardware(&link.address, link.hardware), " ");
        }
        flags(page, link.flags, peer_down);
        page.plain("\n");
    }
}
