//! `brctl show` as bridge-utils 1.7 prints it.

use pontoon_netlink::Attrs;
use pontoon_netlink::route::link::{IFLA_BR_BRIDGE_ID, IFLA_BR_STP_STATE};

use super::ip::push_hex;
use super::page::Page;
use crate::kernel::Link;
use crate::prelude::*;

/// `brctl show`: `bridges` in their order, each with its ports among `links` by name.
pub fn show(bridges: &[&Link], links: &[&'static Link], json: bool) -> Text {
    let mut page = Page::new(json);
    page.open("[");
    if !bridges.is_empty() {
        page.plain("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    }
    for bridge in bridges {
        let mut ports = Vec::new();
        for link in links {
            if link.master == Some(bridge.index) {
                ports.push(link.name);
            }
        }
        sort(&mut ports, &|a, b| a < b);
        let data = Attrs::new(bridge.data);
        let stp = data.u32(IFLA_BR_STP_STATE).unwrap_or_default() != 0;
        page.open("{");
        page.text("name:%\t\t", bridge.name);
        page.text("id:%\t", id(data.bytes(IFLA_BR_BRIDGE_ID)));
        let (json, text) = if stp { ("true", "yes") } else { ("false", "no") };
        page.raw("stp_enabled:%\t\t", json, text);
        page.open("interfaces[");
        for (position, port) in ports.iter().enumerate() {
            page.text(if position == 0 { ":%" } else { ":\n\t\t\t\t\t\t\t%" }, port);
        }
        page.close(']');
        page.plain("\n");
        page.close('}');
    }
    page.finish(']')
}

/// Priority and MAC: `8000.0242ac110001`.
fn id(bytes: &[u8]) -> Text {
    let mut out = String::new();
    for (position, byte) in bytes.iter().enumerate() {
        if position == 2 {
            out.push('.');
        }
        push_hex(&mut out, *byte);
    }
    out.keep()
}
