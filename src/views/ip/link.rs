//! `ip link`, and the part of `ip address` that is about the link.

use pontoon_netlink::Attrs;
use pontoon_netlink::route::AF_INET6;
use pontoon_netlink::route::details::{
    Details, IFLA_AF_SPEC, IFLA_INET6_ADDR_GEN_MODE, IFLA_PERM_ADDRESS, IFLA_PROP_LIST, IFLA_PROTO_DOWN,
};
use pontoon_netlink::route::link::{IFF_RUNNING, IFF_UP, IFLA_ALT_IFNAME};

use super::format::{Filter, Format};
use super::names::Names;
use super::number::hex;
use super::{details, hardware};
use crate::views::printer::Printer;

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
    let mut printer = format.printer();
    for link in links.iter().filter(|link| filter.wants(link)) {
        printer.item(|printer| {
            if filter.shows(link) {
                print(printer, link, names, format, Part::Link);
            }
        });
    }
    printer.finish()
}

/// One link.
pub fn print(printer: &mut Printer, details: &Details, names: &Names, format: Format, part: Part) {
    if format.brief {
        return brief(printer, details, names, part);
    }
    let link = &details.link;
    printer.number("ifindex", link.index, format_args!("{}: ", link.index));
    let other_end = OtherEnd::of(details, names);
    other_end.print(printer);
    let behind = other_end.behind_at();
    printer.text("ifname", &link.name, format_args!("{}{behind}: ", link.name));
    flags(printer, link.flags, other_end.is_down());
    printer.number("mtu", link.mtu, format_args!("mtu {} ", link.mtu));
    state(printer, details, names, part);
    if part == Part::Link || format.family.is_none() || format.details {
        addresses(printer, details, part);
    }
    if part != Part::Inet6 {
        elsewhere(printer, details, names);
        if details.find(IFLA_PROTO_DOWN).is_some_and(|down| down.u8() != 0) {
            printer.flag("proto_down", format_args!(" protodown on "));
        }
        if format.details {
            all(printer, details, names, part);
        }
        if let (true, Some(alias)) = (part == Part::Link || format.details, &link.alias) {
            printer.next_line();
            printer.text("ifalias", alias, format_args!("    alias {alias}"));
        }
        other_names(printer, details);
    }
    printer.layout("\n");
}

/// What stands behind the `@` of a link's name: the link below or the peer.
enum OtherEnd {
    /// Nothing.
    None,
    /// There is none any more.
    Gone,
    /// In another namespace, by its index there.
    Elsewhere(u32),
    /// Here.
    Here {
        /// Its name.
        name: String,
        /// Whether it is down.
        down: bool,
    },
}

impl OtherEnd {
    fn of(details: &Details, names: &Names) -> Self {
        match (details.link.link, details.link.link_netnsid) {
            (None, _) => Self::None,
            (Some(0), _) => Self::Gone,
            (Some(index), Some(_)) => Self::Elsewhere(index),
            (Some(index), None) => Self::Here { name: names.link(index), down: names.flags(index) & IFF_UP == 0 },
        }
    }

    fn is_down(&self) -> bool {
        matches!(self, Self::Here { down: true, .. })
    }

    /// JSON: a field of its own, before the name.
    fn print(&self, printer: &mut Printer) {
        match self {
            Self::None => {}
            Self::Gone => printer.null("link", format_args!("")),
            Self::Elsewhere(index) => printer.number("link_index", *index, format_args!("")),
            Self::Here { name, .. } => printer.text("link", name, format_args!("")),
        }
    }

    /// Text: the end of the name.
    fn behind_at(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Gone => "@NONE".to_owned(),
            Self::Elsewhere(index) => format!("@if{index}"),
            Self::Here { name, .. } => format!("@{name}"),
        }
    }
}

/// `<BROADCAST,UP>`.
fn flags(printer: &mut Printer, flags: u32, peer_down: bool) {
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
    if flags & IFF_UP != 0 && flags & IFF_RUNNING == 0 {
        words.push("NO-CARRIER".to_owned());
    }
    let mut rest = flags & !IFF_RUNNING;
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
    printer.layout("<");
    printer.list_of("flags", |printer| {
        for (position, word) in words.iter().enumerate() {
            printer.word(word, format_args!("{}{word}", if position == 0 { "" } else { "," }));
        }
    });
    printer.layout("> ");
}

/// What it does and belongs to: `qdisc`, `master`, `state`, `mode`, `group`, `qlen`.
fn state(printer: &mut Printer, details: &Details, names: &Names, part: Part) {
    let link = &details.link;
    if part != Part::Inet6 {
        if let Some(qdisc) = &link.qdisc {
            printer.text("qdisc", qdisc, format_args!("qdisc {qdisc} "));
        }
        if let Some(master) = link.master.map(|master| names.link(master)) {
            printer.text("master", &master, format_args!("master {master} "));
        }
    }
    if let Some(state) = link.operstate {
        match operstate(state) {
            Some(name) => printer.text("operstate", name, format_args!("state {name} ")),
            None => printer.number("operstate_index", state, format_args!("state {}", hex(state.into()))),
        }
    }
    if let (Part::Link, Some(mode)) = (part, link.link_mode) {
        match mode {
            0 => printer.text("linkmode", "DEFAULT", format_args!("mode DEFAULT ")),
            1 => printer.text("linkmode", "DORMANT", format_args!("mode DORMANT ")),
            _ => printer.number("linkmode_index", mode, format_args!("mode {mode} ")),
        }
    }
    if let (Part::Link | Part::Address, Some(group)) = (part, link.group) {
        let group = if group == 0 { "default".to_owned() } else { group.to_string() };
        printer.text("group", &group, format_args!("group {group} "));
    }
    if let Some(length @ 1..) = link.txqlen {
        printer.number("txqlen", length, format_args!("qlen {length}"));
    }
}

/// `IF_OPER_…` by name.
fn operstate(state: u8) -> Option<&'static str> {
    let names = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"];
    names.get(usize::from(state)).copied()
}

/// `link/ether MAC brd MAC`.
fn addresses(printer: &mut Printer, details: &Details, part: Part) {
    let link = &details.link;
    let link_type = hardware::link_type(link.hardware);
    printer.next_line();
    printer.text("link_type", &link_type, format_args!("    link/{link_type} "));
    if !link.address.is_empty() {
        let address = hardware::address(&link.address, link.hardware);
        printer.text("address", &address, format_args!("{address}"));
    }
    if part == Part::Inet6 {
        return;
    }
    if !link.broadcast.is_empty() {
        let broadcast = hardware::address(&link.broadcast, link.hardware);
        // linux/if.h: IFF_POINTOPOINT
        if link.flags & 0x10 != 0 {
            printer.flag("link_pointtopoint", format_args!(""));
            printer.text("broadcast", &broadcast, format_args!(" peer {broadcast}"));
        } else {
            printer.text("broadcast", &broadcast, format_args!(" brd {broadcast}"));
        }
    }
    if let Some(permanent) = details.find(IFLA_PERM_ADDRESS)
        && permanent.value != link.address
    {
        let permanent = hardware::address(permanent.value, link.hardware);
        printer.text("permaddr", &permanent, format_args!(" permaddr {permanent}"));
    }
}

/// The namespace of what stands behind the `@`; in text by its name, where it has one.
fn elsewhere(printer: &mut Printer, details: &Details, names: &Names) {
    let Some(id) = details.link.link_netnsid else { return };
    match names.namespace(id) {
        Some(name) => printer.number("link_netnsid", id, format_args!(" link-netns {name}")),
        None if id < 0 => printer.number("link_netnsid", id, format_args!(" link-netnsid unknown")),
        None => printer.number("link_netnsid", id, format_args!(" link-netnsid {id}")),
    }
}

/// `-details`.
fn all(printer: &mut Printer, details: &Details, names: &Names, part: Part) {
    details::print(printer, &details.attributes(), details::BEFORE_KIND, names);
    if details.link.kind.is_some() || details.link.port_kind.is_some() {
        printer.object_of("linkinfo", |printer| kind(printer, details, names));
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
        printer.text("inet6_addr_gen_mode", word, format_args!("addrgenmode {word} "));
    }
    details::print(printer, &details.attributes(), details::AFTER_KIND, names);
}

/// What it is, and what it is as a port.
fn kind(printer: &mut Printer, details: &Details, names: &Names) {
    let link = &details.link;
    if let Some(kind) = &link.kind {
        printer.next_line();
        printer.text("info_kind", kind, format_args!("    {kind} "));
        if kind == "bridge" {
            let data = Attrs::new(&link.data);
            printer.object_of("info_data", |printer| details::print(printer, &data, details::BRIDGE, names));
        }
    }
    if let Some(kind) = &link.port_kind {
        printer.next_line();
        printer.text("info_slave_kind", kind, format_args!("    {kind}_slave "));
        if kind == "bridge" {
            let data = Attrs::new(&link.port_data);
            printer.object_of("info_slave_data", |printer| details::print(printer, &data, details::PORT, names));
        }
    }
}

fn other_names(printer: &mut Printer, details: &Details) {
    let Some(properties) = details.find(IFLA_PROP_LIST) else { return };
    printer.list_of("altnames", |printer| {
        for property in properties.attrs().filter(|property| property.kind == IFLA_ALT_IFNAME) {
            let name = property.text();
            printer.next_line();
            printer.word(&name, format_args!("    altname {name}"));
        }
    });
}

/// `-brief`.
fn brief(printer: &mut Printer, details: &Details, names: &Names, part: Part) {
    let link = &details.link;
    let other_end = OtherEnd::of(details, names);
    other_end.print(printer);
    let name = format!("{}{}", link.name, other_end.behind_at());
    printer.text("ifname", &link.name, format_args!("{name:16} "));
    if let Some(state) = link.operstate {
        match operstate(state) {
            Some(name) => printer.column("operstate", name, 14),
            None => printer.number("operstate_index", state, format_args!("state {}", hex(state.into()))),
        }
    }
    if part == Part::Link {
        if !link.address.is_empty() {
            let address = hardware::address(&link.address, link.hardware);
            printer.text("address", &address, format_args!("{address} "));
        }
        flags(printer, link.flags, other_end.is_down());
        printer.layout("\n");
    }
}
