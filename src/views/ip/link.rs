//! `ip link`, and the part of `ip address` that is about the link.

use pontoon_netlink::route::details::{
    IFLA_AF_SPEC, IFLA_ALT_IFNAME, IFLA_INET6_ADDR_GEN_MODE, IFLA_PERM_ADDRESS, IFLA_PROP_LIST, IFLA_PROTO_DOWN,
};
use pontoon_netlink::route::link::IFF_UP;
use pontoon_netlink::route::{AF_INET6, link};
use pontoon_netlink::{Attrs, bytes};

use super::{Filter, Format, Names, details, hex, hex_bytes, ip, numbered};
use crate::kernel::Details;
use crate::prelude::*;
use crate::views::names::{self, Table};
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
pub fn links(links: &[&'static Details], names: &Names, format: &Format, filter: &Filter) -> Text {
    let mut page = format.page();
    for link in links.iter().filter(|link| filter.wants(link)) {
        page.open("{");
        if filter.shows(link) {
            print(&mut page, link, names, format, Part::Link);
        }
        page.close('}');
    }
    page.finish(']')
}

impl Filter {
    /// What iproute2 leaves to the kernel: other links are not on the page.
    pub fn wants(&self, link: &Details) -> bool {
        let kind = self.kind.filter(|kind| !kind.ends_with("_slave"));
        kind.is_none_or(|kind| link.link.is(kind)) && self.master.is_none_or(|master| link.link.master == Some(master))
    }

    /// What iproute2 decides itself: other links are empty objects in its JSON.
    pub fn shows(&self, link: &Details) -> bool {
        let port = self.kind.and_then(|kind| kind.strip_suffix("_slave"));
        (!self.up || link.link.is_up())
            && self.group.is_none_or(|group| link.link.group == Some(group))
            && port.is_none_or(|port| link.link.port_kind == Some(port))
    }
}

/// One link.
pub fn print(page: &mut Page, details: &Details, names: &Names, format: &Format, part: Part) {
    if format.brief {
        return brief(page, details, names, part);
    }
    let link = &details.link;
    page.number("ifindex:%: ", link.index.into());
    let (name, peer_down) = name(page, details, names);
    page.text("ifname:%: ", name);
    flags(page, link.flags, peer_down);
    page.number("mtu:mtu % ", link.mtu.into());
    if part != Part::Inet6 {
        page.text_of("qdisc:qdisc % ", link.qdisc);
        page.text_of("master:master % ", link.master.map(|master| names.link(master)));
    }
    if let Some(state) = link.operstate {
        operstate(page, state, false);
    }
    if let (Part::Link, Some(mode)) = (part, link.link_mode) {
        match mode {
            0 => page.text("linkmode:mode % ", "DEFAULT"),
            1 => page.text("linkmode:mode % ", "DORMANT"),
            _ => page.number("linkmode_index:mode % ", mode.into()),
        }
    }
    if let (Part::Link | Part::Address, Some(group)) = (part, link.group) {
        let group = if group == 0 { "default" } else { group.to_text() };
        page.text("group:group % ", group);
    }
    page.number_of("txqlen:qlen %", link.txqlen.filter(|length| *length > 0));
    if part == Part::Link || format.family == 0 || format.details {
        addresses(page, details, part);
    }
    if part != Part::Inet6 {
        elsewhere(page, details, names);
        if details.attributes().u8(IFLA_PROTO_DOWN).unwrap_or_default() != 0 {
            page.truth("proto_down: protodown on ");
        }
        if format.details {
            all(page, details, names, part);
        }
        if let (true, Some(alias)) = (part == Part::Link || format.details, &link.alias) {
            page.line();
            page.text("ifalias:    alias %", alias);
        }
        other_names(page, details);
    }
    page.plain("\n");
}

/// The name with what stands behind its `@`, which in JSON is an entry before it; true when that is down.
fn name(page: &mut Page, details: &Details, names: &Names) -> (Text, bool) {
    let link = &details.link;
    let mut peer_down = false;
    let mut shown = link.name;
    if let Some(peer) = link.link {
        let text = match (peer, link.link_netnsid) {
            (0, _) => {
                page.raw("link:", "null", "");
                "NONE"
            }
            (_, Some(_)) => {
                page.raw("link_index:", peer.to_text(), "");
                numbered("if", peer.into(), "")
            }
            (_, None) => {
                peer_down = names.flags(peer) & IFF_UP == 0;
                let name = names.link(peer);
                if page.is_json() {
                    page.text("link:", name);
                }
                name
            }
        };
        if !page.is_json() {
            shown = text!("{shown}@{text}");
        }
    }
    (shown, peer_down)
}

/// `<BROADCAST,UP>`.
fn flags(page: &mut Page, flags: u32, peer_down: bool) {
    // By number of the bit, in iproute2's order.
    const NAMES: Table = "3 LOOPBACK,1 BROADCAST,4 POINTOPOINT,12 MULTICAST,7 NOARP,9 ALLMULTI,8 PROMISC,10 MASTER,11 SLAVE,\
        2 DEBUG,15 DYNAMIC,14 AUTOMEDIA,13 PORTSEL,5 NOTRAILERS,0 UP,16 LOWER_UP,17 DORMANT,18 ECHO";
    let mut words: Vec<Text> = Vec::new();
    if flags & IFF_UP != 0 && flags & link::IFF_RUNNING == 0 {
        words.push("NO-CARRIER");
    }
    let mut rest = flags & !link::IFF_RUNNING;
    names::find(NAMES, &mut |bit, name| {
        if (rest >> bit) & 1 != 0 {
            words.push(name);
            rest &= !(1 << bit);
        }
        false
    });
    if rest != 0 {
        words.push(text!("{rest:x}"));
    }
    if peer_down {
        words.push("M-DOWN");
    }
    page.open("flags[");
    for (position, word) in words.iter().enumerate() {
        page.text(if position == 0 { ":<%" } else { ":,%" }, word);
    }
    page.plain(if words.is_empty() { "<> " } else { "> " });
    page.close(']');
}

fn operstate(page: &mut Page, state: u8, brief: bool) {
    const NAMES: Table = "0 UNKNOWN,1 NOTPRESENT,2 DOWN,3 LOWERLAYERDOWN,4 TESTING,5 DORMANT,6 UP";
    match names::known(NAMES, state.into()) {
        Some(name) if brief => page.column("operstate:% ", name, 14),
        Some(name) => page.text("operstate:state % ", name),
        None => page.raw("operstate_index:state %", state.to_text(), hex(state.into())),
    }
}

/// `link/ether MAC brd MAC`.
fn addresses(page: &mut Page, details: &Details, part: Part) {
    let link = &details.link;
    page.line();
    page.text("link_type:    link/% ", link_type(link.hardware));
    if !link.address.is_empty() {
        page.text("address:%", hardware(link.address, link.hardware));
    }
    if part == Part::Inet6 {
        return;
    }
    if !link.broadcast.is_empty() {
        // linux/if.h: IFF_POINTOPOINT
        let point_to_point = link.flags & 0x10 != 0;
        if point_to_point {
            page.truth("link_pointtopoint:");
        }
        let form = if point_to_point { "broadcast: peer %" } else { "broadcast: brd %" };
        page.text(form, hardware(link.broadcast, link.hardware));
    }
    if let Some(permanent) = details.find(IFLA_PERM_ADDRESS)
        && permanent.value != link.address
    {
        page.text("permaddr: permaddr %", hardware(permanent.value, link.hardware));
    }
}

// linux/if_arp.h
const ARPHRD_TUNNEL: u16 = 768;
const ARPHRD_TUNNEL6: u16 = 769;
const ARPHRD_SIT: u16 = 776;
const ARPHRD_IPGRE: u16 = 778;
const ARPHRD_IP6GRE: u16 = 823;

fn link_type(hardware: u16) -> Text {
    const NAMES: Table = "1 ether,32 infiniband,280 can,512 ppp,519 rawip,768 ipip,769 tunnel6,772 loopback,776 sit,778 gre,\
        801 ieee802.11,823 gre6,824 netlink,65534 none";
    names::known(NAMES, hardware).unwrap_or_else(|| numbered("[", hardware.into(), "]"))
}

/// A hardware address; that of a tunnel is an IP address.
pub fn hardware(address: &[u8], kind: u16) -> Text {
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
        _ if page.is_json() => page.number("link_netnsid:", id.into()),
        Some(name) => page.text(": link-netns %", name),
        None if id < 0 => page.plain(" link-netnsid unknown"),
        None => page.number(": link-netnsid %", id.into()),
    }
}

/// `-details`.
fn all(page: &mut Page, details: &Details, names: &Names, part: Part) {
    let link = &details.link;
    details::print(page, &details.attributes(), &details::BEFORE_KIND, names);
    if link.kind.is_some() || link.port_kind.is_some() {
        page.open("linkinfo{");
        if let Some(kind) = &link.kind {
            page.line();
            page.text("info_kind:    % ", kind);
            if *kind == "bridge" {
                page.open("info_data{");
                details::print(page, &Attrs::new(link.data), &details::BRIDGE, names);
                page.close('}');
            }
        }
        if let Some(kind) = &link.port_kind {
            page.line();
            page.text("info_slave_kind:    %_slave ", kind);
            if *kind == "bridge" {
                page.open("info_slave_data{");
                details::print(page, &Attrs::new(link.port_data), &details::PORT, names);
                page.close('}');
            }
        }
        page.close('}');
    }
    let inet6 = details.attributes().nest(IFLA_AF_SPEC).nest(AF_INET6.into());
    if let (Part::Link, Some(mode)) = (part, inet6.u8(IFLA_INET6_ADDR_GEN_MODE)) {
        let word = match mode {
            0 => "eui64",
            1 => "none",
            2 => "stable_secret",
            3 => "random",
            other => hex(other.into()),
        };
        page.text("inet6_addr_gen_mode:addrgenmode % ", word);
    }
    details::print(page, &details.attributes(), &details::AFTER_KIND, names);
}

fn other_names(page: &mut Page, details: &Details) {
    let Some(properties) = details.find(IFLA_PROP_LIST) else { return };
    page.open("altnames[");
    for property in properties.attrs().filter(|property| property.kind == IFLA_ALT_IFNAME) {
        page.line();
        page.text(":    altname %", property.text());
    }
    page.close(']');
}

/// `-brief`.
fn brief(page: &mut Page, details: &Details, names: &Names, part: Part) {
    let link = &details.link;
    let (name, peer_down) = name(page, details, names);
    page.column("ifname:% ", name, 16);
    if let Some(state) = link.operstate {
        operstate(page, state, true);
    }
    if part == Part::Link {
        if !link.address.is_empty() {
            page.text("address:% ", hardware(link.address, link.hardware));
        }
        flags(page, link.flags, peer_down);
        page.plain("\n");
    }
}
