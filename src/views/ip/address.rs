//! `ip address`.

use pontoon_netlink::route::{AF_INET, AF_INET6, address};

use super::link::{self, Part};
use super::{Filter, Format, Names, SCOPES, ip};
use crate::kernel::{Address, Details};
use crate::prelude::*;
use crate::views::names::{self, Table, name_of};
use crate::views::page::Page;

/// `ip address`: each link with its addresses, in the kernel's order.
pub fn addresses(
    links: &[&'static Details],
    all: &[&'static Address],
    names: &Names,
    format: &Format,
    filter: &Filter,
) -> Text {
    let mut page = format.page();
    let part = if format.family == AF_INET6 && filter.link.is_none() { Part::Inet6 } else { Part::Address };
    for link in links {
        let wanted = filter.wants(link);

        let own = || all.iter().filter(|address| address.index == link.link.index);
        let mut shown = own().filter(|address| format.has(address) && filter.takes(address));
        // A link without any address is there as long as nobody asked for a family. Asked for one, the kernel filters nothing.
        if (!wanted && format.family == 0) || (shown.next().is_none() && (format.family != 0 || own().next().is_some()))
        {
            continue;
        }
        page.open("{");
        if wanted && filter.shows(link) {
            if !format.oneline || format.brief {
                link::print(&mut page, link, names, format, part);
            }
            page.open("addr_info[");
            for address in own().filter(|address| format.has(address)) {
                page.open("{");
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
    page.finish(']')
}

impl Format {
    fn has(&self, address: &Address) -> bool {
        self.family == 0 || self.family == address.family
    }
}

impl Filter {
    fn takes(&self, address: &Address) -> bool {
        self.scope.is_none_or(|scope| scope == address.scope)
    }
}

// Apart from its caller's loop, which would keep all that it looks at on the stack.
#[inline(never)]
fn print(page: &mut Page, address: &Address, names: &Names, format: &Format) {
    if !format.brief {
        if format.oneline {
            page.number("index:%: ", address.index.into());
            page.text("dev:%", names.link(address.index));
        }
        let family = if address.family == AF_INET { "inet" } else { "inet6" };
        page.text("family:    % ", family);
    }
    page.text("local:%", ip(address.local));
    if address.peer != address.local {
        page.text("address: peer %", ip(address.peer));
    }
    page.number("prefixlen:/% ", address.prefix_len.into());
    page.number_of("metric:metric % ", address.metric);
    if format.brief {
        return;
    }
    page.text_of("broadcast:brd % ", address.broadcast.map(ip));
    page.text_of("anycast:any % ", address.anycast.map(ip));
    page.text("scope:scope % ", name_of(SCOPES, address.scope));
    flags(page, address);
    page.text_of("label:%", address.label);
    if let Some((preferred, valid)) = address.lifetimes {
        page.line();
        lifetime(page, "valid_life_time:       valid_lft %", valid.into(), valid);
        // What is deprecated may be so for a while: a negative number of seconds.
        let deprecated = address.flags & address::IFA_F_DEPRECATED != 0;
        let seconds = if deprecated { i64::from(preferred.cast_signed()) } else { preferred.into() };
        lifetime(page, "preferred_life_time: preferred_lft %", seconds, preferred);
    }
    page.plain("\n");
}

fn lifetime(page: &mut Page, form: Text, seconds: i64, raw: u32) {
    if raw == address::INFINITY_LIFE_TIME {
        page.raw(form, raw.to_text(), "forever");
    } else {
        page.raw(form, seconds.to_text(), text!("{seconds}sec"));
    }
}

fn flags(page: &mut Page, address: &Address) {
    // linux/if_addr.h, in iproute2's order. The lowest bit is another thing in IPv6.
    const NAMES: Table = "0 secondary,1 nodad,2 optimistic,3 dadfailed,4 home,5 deprecated,6 tentative,7 dynamic,\
        8 mngtmpaddr,9 noprefixroute,10 autojoin,11 stable-privacy";
    let bits = address.flags ^ address::IFA_F_PERMANENT;
    names::find(NAMES, &mut |bit, name| {
        if (bits >> bit) & 1 != 0 {
            let name = if bit == 0 && address.family == AF_INET6 { "temporary" } else { name };
            page.truth(text!("{name}:{name} "));
        }
        false
    });
    let rest = bits & !0xfff;
    if rest != 0 {
        page.text("ifa_flags:flags % ", text!("{rest:02x}"));
    }
}
