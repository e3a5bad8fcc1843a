//! `ip neighbour`.

use pontoon_netlink::route::neighbour::{
    NTF_EXT_LEARNED, NTF_EXT_MANAGED, NTF_OFFLOADED, NTF_PROXY, NTF_ROUTER, NUD_NOARP,
};

use pontoon_netlink::route::AF_INET6;

use super::link::hardware;
use super::{Filter, Format, Names, PROTOCOLS, STATES, ip, name_of};
use crate::kernel::Neighbour;
use crate::types::family::Family;

// Beyond the bits of a state: those without one.
const NONE: u16 = 0x100;

/// `ip neighbour`.
pub fn neighbours(all: &[Neighbour], names: &Names, format: Format, filter: &Filter) -> String {
    let mut page = format.page();
    for neighbour in all.iter().filter(|neighbour| filter.knows(neighbour, format)) {
        page.open("", '{');
        if let Some(address) = neighbour.address {
            let width = if format.brief { 39 } else { 0 };
            page.column("dst", &ip(address), width);
        }
        if filter.link.is_none() && neighbour.index != 0 {
            let name = names.link(neighbour.index);
            if format.brief {
                page.column("dev", &name, 16);
            } else {
                page.text("dev", "dev ", &name, " ");
            }
        }
        // Only Ethernet has neighbours that are not written so.
        let address = hardware(&neighbour.hardware, 1);
        if !address.is_empty() {
            let (before, after) = if format.brief { ("", "") } else { ("lladdr ", " ") };
            page.text("lladdr", before, &address, after);
        }
        if !format.brief {
            let flags = [
                (NTF_ROUTER, "router "),
                (NTF_PROXY, "proxy "),
                (0, "managed "),
                (NTF_EXT_LEARNED, "extern_learn "),
                (NTF_OFFLOADED, "offload "),
            ];
            for (bit, word) in flags {
                let managed = bit == 0 && neighbour.more_flags & NTF_EXT_MANAGED != 0;
                if neighbour.flags & bit != 0 || managed {
                    page.raw(word.strip_suffix(' ').unwrap_or(word), "null", &[word]);
                }
            }
            if neighbour.state != 0 {
                page.open("state", '[');
                for (bit, name) in STATES {
                    if neighbour.state & u16::from(*bit) != 0 {
                        page.text("", "", name, " ");
                    }
                }
                page.close(']');
            }
            if neighbour.protocol != 0 {
                page.text("protocol", "proto ", &name_of(PROTOCOLS, neighbour.protocol), " ");
            }
        }
        page.plain("\n");
        page.close('}');
    }
    page.close(']');
    page.finish()
}

impl Filter {
    fn knows(&self, neighbour: &Neighbour, format: Format) -> bool {
        let states = self.states.unwrap_or(0xff & !NUD_NOARP);
        format.family.is_none_or(|family| (neighbour.family == AF_INET6) == (family == Family::V6))
            && self.link.is_none_or(|link| link == neighbour.index)
            && (states & neighbour.state != 0
                || (states & NONE != 0 && neighbour.state == 0)
                || neighbour.flags & (NTF_PROXY | NTF_EXT_LEARNED) != 0)
            && self.to.is_none_or(|(to, _)| to.is_none() || to == neighbour.address)
    }
}
