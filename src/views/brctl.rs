//! `brctl show` as bridge-utils 1.7 prints it.

use pontoon_netlink::Attrs;
use pontoon_netlink::route::bridge::{IFLA_BR_BRIDGE_ID, IFLA_BR_STP_STATE};

use super::ip::push_hex;
use super::page::Page;
use crate::kernel::Link;

/// `brctl show`: `bridges` in their order, each with its ports among `links` by name.
pub fn show(bridges: &[&Link], links: &[Box<Link>], json: bool) -> String {
    let mut page = Page::new(json);
    page.open("", '[');
    if !bridges.is_empty() {
        page.plain("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    }
    for bridge in bridges {
        let mut ports: Vec<&str> =
            links.iter().filter(|link| link.master == Some(bridge.index)).map(|link| link.name.as_str()).collect();
        ports.sort_unstable();
        let data = Attrs::new(&bridge.data);
        let stp = data.find(IFLA_BR_STP_STATE).is_some_and(|state| state.u32() != 0);
        page.open("", '{');
        page.text("name", "", &bridge.name, "\t\t");
        page.text("id", "", &id(data.find(IFLA_BR_BRIDGE_ID).map(|id| id.value).unwrap_or_default()), "\t");
        page.raw("stp_enabled", if stp { "true" } else { "false" }, &[if stp { "yes" } else { "no" }, "\t\t"]);
        page.open("interfaces", '[');
        for (position, port) in ports.iter().enumerate() {
            page.text("", if position == 0 { "" } else { "\n\t\t\t\t\t\t\t" }, port, "");
        }
        page.close(']');
        page.plain("\n");
        page.close('}');
    }
    page.close(']');
    page.finish()
}

/// Priority and MAC: `8000.0242ac110001`.
fn id(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (position, byte) in bytes.iter().enumerate() {
        if position == 2 {
            out.push('.');
        }
        push_hex(&mut out, *byte);
    }
    out
}
