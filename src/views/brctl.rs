//! `brctl show` as bridge-utils 1.7 prints it.

use super::hex;
use super::printer::Printer;
use crate::kernel::{BridgeFacts, Link};

/// `brctl show`: `bridges` in their order, each with its ports among `links` by name.
pub fn show(bridges: &[&Link], links: &[Link], json: bool) -> String {
    let mut printer = Printer::list(json);
    if !bridges.is_empty() {
        printer.layout("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    }
    for bridge in bridges {
        printer.item(|printer| print(printer, bridge, links));
    }
    printer.finish()
}

fn print(printer: &mut Printer, bridge: &Link, links: &[Link]) {
    let facts = BridgeFacts::of(bridge);
    let id = id(&facts.id);
    printer.text("name", &bridge.name, format_args!("{}", bridge.name));
    printer.layout("\t\t");
    printer.text("id", &id, format_args!("{id}"));
    printer.layout("\t");
    printer.bool("stp_enabled", facts.stp, format_args!("{}", if facts.stp { "yes" } else { "no" }));
    printer.layout("\t\t");
    let mut ports: Vec<&str> =
        links.iter().filter(|link| link.master == Some(bridge.index)).map(|link| link.name.as_str()).collect();
    ports.sort_unstable();
    printer.list_of("interfaces", |printer| {
        for (position, port) in ports.iter().enumerate() {
            if position > 0 {
                printer.layout("\n\t\t\t\t\t\t\t");
            }
            printer.word(port, format_args!("{port}"));
        }
    });
    printer.layout("\n");
}

/// Priority and MAC: `8000.0242ac110001`.
fn id(bytes: &[u8]) -> String {
    match bytes.split_at_checked(2) {
        Some((priority, mac)) if !mac.is_empty() => format!("{}.{}", hex::bytes(priority, ""), hex::bytes(mac, "")),
        _ => hex::bytes(bytes, ""),
    }
}
