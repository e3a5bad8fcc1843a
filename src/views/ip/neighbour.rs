//! `ip neighbour`.

use pontoon_netlink::route::AF_INET6;
use pontoon_netlink::route::neighbour::{
    NTF_EXT_LEARNED, NTF_EXT_MANAGED, NTF_OFFLOADED, NTF_PROXY, NTF_ROUTER, NUD_NOARP,
};

use super::format::{Filter, Format};
use super::hardware;
use super::names::{Names, PROTOCOLS, STATES, name_of};
use super::number::ip;
use crate::kernel::Neighbour;
use crate::types::family::Family;
use crate::views::printer::Printer;

// Beyond the bits of a state: those without one.
const NONE: u16 = 0x100;

/// `ip neighbour`.
pub fn neighbours(all: &[Neighbour], names: &Names, format: Format, filter: &Filter) -> String {
    let mut printer = format.printer();
    for neighbour in all.iter().filter(|neighbour| filter.knows(neighbour, format)) {
        let device = (filter.link.is_none() && neighbour.index != 0).then(|| names.link(neighbour.index));
        printer.item(|printer| {
            if format.brief {
                brief(printer, neighbour, device.as_deref());
            } else {
                print(printer, neighbour, device.as_deref());
            }
            printer.layout("\n");
        });
    }
    printer.finish()
}

fn print(printer: &mut Printer, neighbour: &Neighbour, device: Option<&str>) {
    if let Some(address) = neighbour.address.map(ip) {
        printer.text("dst", &address, format_args!("{address} "));
    }
    if let Some(device) = device {
        printer.text("dev", device, format_args!("dev {device} "));
    }
    if let Some(address) = hardware_address(neighbour) {
        printer.text("lladdr", &address, format_args!("lladdr {address} "));
    }
    let flags = [
        (neighbour.flags & NTF_ROUTER != 0, "router"),
        (neighbour.flags & NTF_PROXY != 0, "proxy"),
        (neighbour.more_flags & NTF_EXT_MANAGED != 0, "managed"),
        (neighbour.flags & NTF_EXT_LEARNED != 0, "extern_learn"),
        (neighbour.flags & NTF_OFFLOADED != 0, "offload"),
    ];
    for (_, name) in flags.iter().filter(|(set, _)| *set) {
        printer.null(name, format_args!("{name} "));
    }
    if neighbour.state != 0 {
        printer.list_of("state", |printer| {
            for (_, name) in STATES.iter().filter(|(bit, _)| neighbour.state & u16::from(*bit) != 0) {
                printer.word(name, format_args!("{name} "));
            }
        });
    }
    if neighbour.protocol != 0 {
        let protocol = name_of(PROTOCOLS, neighbour.protocol);
        printer.text("protocol", &protocol, format_args!("proto {protocol} "));
    }
}

/// `-brief`.
fn brief(printer: &mut Printer, neighbour: &Neighbour, device: Option<&str>) {
    if let Some(address) = neighbour.address.map(ip) {
        printer.column("dst", &address, 39);
    }
    if let Some(device) = device {
        printer.column("dev", device, 16);
    }
    if let Some(address) = hardware_address(neighbour) {
        printer.text("lladdr", &address, format_args!("{address}"));
    }
}

fn hardware_address(neighbour: &Neighbour) -> Option<String> {
    // Those of tunnels, which are written otherwise, have no neighbours.
    (!neighbour.hardware.is_empty()).then(|| hardware::address(&neighbour.hardware, hardware::ARPHRD_ETHER))
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
