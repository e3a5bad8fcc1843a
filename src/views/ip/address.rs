//! `ip address`.

use pontoon_netlink::route::details::Details;
use pontoon_netlink::route::{AF_INET, AF_INET6, address};

use super::link::{self, Part};
use super::{Filter, Format, Names, SCOPES, ip, name_of};
use crate::kernel::Address;
use crate::types::family::Family;
use crate::views::printer::Page;

/// `ip address`: each link with its addresses, in the kernel's order.
pub fn addresses(links: &[Details], all: &[Address], names: &Names, format: Format, filter: &Filter) -> String {
    let mut page = format.page();
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
        page.open("", '{');
        if wanted && filter.shows(link) {
            if !format.oneline || format.brief {
                link::print(&mut page, link, names, format, part);
            }
            page.open("addr_info", '[');
            for address in own().filter(|address| format.has(address)) {
                page.open("", '{');
                if filter.takes(address) {
                    print(&mut page, address, names, format);
                }
                page.close('}');
            }
            page.close(']');
            if format.brief {
                page.plain("\n");
            }
        }
        page.close('}');
    }
    page.close(']');
    page.finish()
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

fn print(page: &mut Page, address: &Address, names: &Names, format: Format) {
    if !format.brief {
        if format.oneline {
            page.number("index", "", address.index.into(), ": ");
            page.text("dev", "", &names.link(address.index), "");
        }
        let family = if address.family == AF_INET { "inet" } else { "inet6" };
        page.text("family", "    ", family, " ");
    }
    page.text("local", "", &ip(address.local), "");
    if address.peer != address.local {
        page.text("address", " peer ", &ip(address.peer), "");
    }
    page.number("prefixlen", "/", address.prefix_len.into(), " ");
    if let Some(metric) = address.metric {
        page.number("metric", "metric ", metric.into(), " ");
    }
    if format.brief {
        return;
    }
    if let Some(broadcast) = address.broadcast {
        page.text("broadcast", "brd ", &ip(broadcast), " ");
    }
    if let Some(anycast) = address.anycast {
        page.text("anycast", "any ", &ip(anycast), " ");
    }
    page.text("scope", "scope ", &name_of(SCOPES, address.scope), " ");
    flags(page, address);
    if let Some(label) = &address.label {
        page.text("label", "", label, "");
    }
    if let Some((preferred, valid)) = address.lifetimes {
        page.line();
        lifetime(page, "valid_life_time", "       valid_lft ", valid.into(), valid);
        // What is deprecated may be so for a while: a negative number of seconds.
        let deprecated = address.flags & address::IFA_F_DEPRECATED != 0;
        let seconds = if deprecated { i64::from(preferred.cast_signed()) } else { preferred.into() };
        lifetime(page, "preferred_life_time", " preferred_lft ", seconds, preferred);
    }
    page.plain("\n");
}

fn lifetime(page: &mut Page, key: &str, before: &str, seconds: i64, raw: u32) {
    if raw == address::INFINITY_LIFE_TIME {
        page.raw(key, &raw.to_string(), &[before, "forever"]);
    } else {
        page.number(key, before, seconds, "sec");
    }
}

fn flags(page: &mut Page, address: &Address) {
    // linux/if_addr.h, in iproute2's order. The lowest bit is another thing in IPv6.
    const NAMES: &[(u32, &str)] = &[
        (0x01, "secondary "),
        (0x02, "nodad "),
        (0x04, "optimistic "),
        (0x08, "dadfailed "),
        (0x10, "home "),
        (0x20, "deprecated "),
        (0x40, "tentative "),
        (address::IFA_F_PERMANENT, "dynamic "),
        (0x100, "mngtmpaddr "),
        (0x200, "noprefixroute "),
        (0x400, "autojoin "),
        (0x800, "stable-privacy "),
    ];
    let mut rest = address.flags ^ address::IFA_F_PERMANENT;
    for (bit, word) in NAMES {
        if rest & bit != 0 {
            let word = if *bit == 1 && address.family == AF_INET6 { "temporary " } else { word };
            page.truth(word.strip_suffix(' ').unwrap_or(word), word);
        }
        rest &= !bit;
    }
    if rest != 0 {
        page.text("ifa_flags", "flags ", &format!("{rest:02x}"), " ");
    }
}
