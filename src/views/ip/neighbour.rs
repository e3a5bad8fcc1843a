//! `ip neighbour`.

use pontoon_netlink::route::neighbour::{NTF_EXT_LEARNED, NTF_EXT_MANAGED, NTF_PROXY, NUD_NOARP};

use super::link::hardware;
use super::{Filter, Format, Names, PROTOCOLS, STATES, ip};
use crate::kernel::Neighbour;
use crate::prelude::*;
use crate::views::names::{Table, find, name_of};

// Beyond the bits of a state: those without one.
const NONE: u16 = 0x100;

/// `NTF_…` by name and number of the bit, in iproute2's order; that of the further flags is the first behind the others.
const FLAGS: Table = "7 router,3 proxy,8 managed,4 extern_learn,5 offload";
const MANAGED: u32 = 8;

/// `ip neighbour`.
pub fn neighbours(all: &[&'static Neighbour], names: &Names, format: &Format, filter: &Filter) -> Text {
    let mut page = format.page();
    for neighbour in all.iter().filter(|neighbour| filter.knows(neighbour, format)) {
        page.open("{");
        if let Some(address) = neighbour.address {
            let width = if format.brief { 39 } else { 0 };
            page.column("dst:% ", ip(address), width);
        }
        if filter.link.is_none() && neighbour.index != 0 {
            let (form, width) = if format.brief { ("dev:% ", 16) } else { ("dev:dev % ", 0) };
            page.column(form, names.link(neighbour.index), width);
        }
        // Only Ethernet has neighbours that are not written so.
        let address = hardware(neighbour.hardware, 1);
        if !address.is_empty() {
            page.text(if format.brief { "lladdr:%" } else { "lladdr:lladdr % " }, address);
        }
        if !format.brief {
            let managed = neighbour.more_flags & NTF_EXT_MANAGED != 0;
            let bits = u32::from(neighbour.flags) | u32::from(managed) << MANAGED;
            find(FLAGS, &mut |bit, name| {
                if (bits >> bit) & 1 != 0 {
                    page.raw(text!("{name}:{name} "), "null", "");
                }
                false
            });
            if neighbour.state != 0 {
                page.bits("state[", STATES, neighbour.state.into(), " ");
            }
            if neighbour.protocol != 0 {
                page.text("protocol:proto % ", name_of(PROTOCOLS, neighbour.protocol));
            }
        }
        page.plain("\n");
        page.close('}');
    }
    page.finish(']')
}

impl Filter {
    // Apart from its caller's loop, which would keep all that it looks at on the stack.
    #[inline(never)]
    fn knows(&self, neighbour: &Neighbour, format: &Format) -> bool {
        let states = self.states.unwrap_or(0xff & !NUD_NOARP);
        (format.family == 0 || format.family == neighbour.family)
            && self.link.is_none_or(|link| link == neighbour.index)
            && (states & neighbour.state != 0
                || (states & NONE != 0 && neighbour.state == 0)
                || neighbour.flags & (NTF_PROXY | NTF_EXT_LEARNED) != 0)
            && self.to.is_none_or(|(to, _)| to.is_none() || to == neighbour.address)
    }
}
