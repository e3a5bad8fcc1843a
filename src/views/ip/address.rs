//! `ip address`.

use pontoon_netlink::route::details::Details;
use pontoon_netlink::route::{AF_INET, AF_INET6, address};

use super::format::{Filter, Format};
use super::link::{self, Part};
use super::names::{Names, SCOPES, name_of};
use super::number::ip;
use crate::kernel::Address;
use crate::types::family::Family;
use crate::views::printer::Printer;

/// `ip address`: each link with its addresses, in the kernel's order.
pub fn addresses(links: &[Details], all: &[Address], names: &Names, format: Format, filter: &Filter) -> String {
    let mut printer = format.printer();
    let part = if format.family == Some(Family::V6) && filter.link.is_none() { Part::Inet6 } else { Part::Address };
    for link in links {
        let wanted = filter.wants(link);

        let own = || all.iter().filter(|address| address.index == link.link.index);
        let mut shown = own().filter(|address| format.has(address) && filter.takes(address));
        // A link without any address is there as long as nobody asked for a family. Asked for one, the kernel filters nothing.
        if (!wanted && format.family.is_none())
            || (shown.next().is_none() && (format.family.is_some() || own().next().is_some()))
        {
            continue;
        }
        printer.item(|printer| {
            if !wanted || !filter.shows(link) {
                return;
            }
            if !format.oneline || format.brief {
                link::print(printer, link, names, format, part);
            }
            printer.list_of("addr_info", |printer| {
                for address in own().filter(|address| format.has(address)) {
                    printer.item(|printer| {
                        if filter.takes(address) {
                            print(printer, address, names, format);
                        }
                    });
                }
            });
            if format.brief {
                printer.layout("\n");
            }
        });
    }
    printer.finish()
}

impl Format {
    fn has(self, address: &Address) -> bool {
        self.family.is_none_or(|family| family == Family::of(address.local))
    }
}

impl Filter {
    fn takes(&self, address: &Address) -> bool {
        self.scope.is_none_or(|scope| scope == address.scope)
    }
}

fn print(printer: &mut Printer, address: &Address, names: &Names, format: Format) {
    if !format.brief {
        if format.oneline {
            let name = names.link(address.index);
            printer.number("index", address.index, format_args!("{}: ", address.index));
            printer.text("dev", &name, format_args!("{name}"));
        }
        let family = if address.family == AF_INET { "inet" } else { "inet6" };
        printer.text("family", family, format_args!("    {family} "));
    }
    let local = ip(address.local);
    printer.text("local", &local, format_args!("{local}"));
    if address.peer != address.local {
        let peer = ip(address.peer);
        printer.text("address", &peer, format_args!(" peer {peer}"));
    }
    printer.number("prefixlen", address.prefix_len, format_args!("/{} ", address.prefix_len));
    if let Some(metric) = address.metric {
        printer.number("metric", metric, format_args!("metric {metric} "));
    }
    if format.brief {
        return;
    }
    if let Some(broadcast) = address.broadcast.map(ip) {
        printer.text("broadcast", &broadcast, format_args!("brd {broadcast} "));
    }
    if let Some(anycast) = address.anycast.map(ip) {
        printer.text("anycast", &anycast, format_args!("any {anycast} "));
    }
    let scope = name_of(SCOPES, address.scope);
    printer.text("scope", &scope, format_args!("scope {scope} "));
    flags(printer, address);
    if let Some(label) = &address.label {
        printer.text("label", label, format_args!("{label}"));
    }
    lifetimes(printer, address);
    printer.layout("\n");
}

fn lifetimes(printer: &mut Printer, address: &Address) {
    let Some((preferred, valid)) = address.lifetimes else { return };
    printer.next_line();
    if valid == address::INFINITY_LIFE_TIME {
        printer.number("valid_life_time", valid, format_args!("       valid_lft forever"));
    } else {
        printer.number("valid_life_time", valid, format_args!("       valid_lft {valid}sec"));
    }
    if preferred == address::INFINITY_LIFE_TIME {
        return printer.number("preferred_life_time", preferred, format_args!(" preferred_lft forever"));
    }
    // What is deprecated may be so for a while: a negative number of seconds.
    let deprecated = address.flags & address::IFA_F_DEPRECATED != 0;
    let seconds = if deprecated { i64::from(preferred.cast_signed()) } else { preferred.into() };
    printer.number("preferred_life_time", seconds, format_args!(" preferred_lft {seconds}sec"));
}

fn flags(printer: &mut Printer, address: &Address) {
    // linux/if_addr.h, in iproute2's order. The lowest bit is another thing in IPv6.
    const NAMES: &[(u32, &str)] = &[
        (0x01, "secondary"),
        (0x02, "nodad"),
        (0x04, "optimistic"),
        (0x08, "dadfailed"),
        (0x10, "home"),
        (0x20, "deprecated"),
        (0x40, "tentative"),
        (address::IFA_F_PERMANENT, "dynamic"),
        (0x100, "mngtmpaddr"),
        (0x200, "noprefixroute"),
        (0x400, "autojoin"),
        (0x800, "stable-privacy"),
    ];
    let mut rest = address.flags ^ address::IFA_F_PERMANENT;
    for (bit, name) in NAMES {
        if rest & bit != 0 {
            let name = if *bit == 1 && address.family == AF_INET6 { "temporary" } else { name };
            printer.flag(name, format_args!("{name} "));
        }
        rest &= !bit;
    }
    if rest != 0 {
        let flags = format!("{rest:02x}");
        printer.text("ifa_flags", &flags, format_args!("flags {flags} "));
    }
}
