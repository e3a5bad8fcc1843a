//! `ip route`.

use std::net::IpAddr;

use pontoon_netlink::Attrs;
use pontoon_netlink::route::route::{RT_SCOPE_UNIVERSE, RT_TABLE_MAIN, RTN_UNICAST, RTPROT_BOOT};

use super::format::{Filter, Format};
use super::names::{Names, PROTOCOLS, SCOPES, TABLES, name_of};
use super::number::{hex, ip};
use super::prefix::prefix;
use crate::kernel::Route;
use crate::views::printer::Printer;

/// `RTN_…` by name.
const KINDS: &[(u8, &str)] = &[
    (0, "none"),
    (1, "unicast"),
    (2, "local"),
    (3, "broadcast"),
    (4, "anycast"),
    (5, "multicast"),
    (6, "blackhole"),
    (7, "unreachable"),
    (8, "prohibit"),
    (9, "throw"),
    (10, "nat"),
    (11, "xresolve"),
];

// linux/rtnetlink.h: RTM_F_CLONED: from the cache, not from a table.
const CLONED: u32 = 0x200;

/// `ip route`: the routes that `filter` takes, in the kernel's order.
pub fn routes(routes: &[Route], names: &Names, format: Format, filter: &Filter) -> String {
    let mut printer = format.printer();
    for route in routes.iter().filter(|route| filter.has(route)) {
        printer.item(|printer| print(printer, route, names, format, filter));
    }
    printer.finish()
}

impl Filter {
    fn has(&self, route: &Route) -> bool {
        route.flags & CLONED == 0
            && self.table.is_none_or(|table| table == route.table)
            && self.link.is_none_or(|link| route.link == Some(link))
            && self.scope.is_none_or(|scope| scope == route.scope)
            && self.protocol.is_none_or(|protocol| protocol == route.protocol)
            && self.to.is_none_or(|(to, len)| len == route.prefix_len && to.is_none_or(|to| to == route.destination))
    }
}

fn print(printer: &mut Printer, route: &Route, names: &Names, format: Format, filter: &Filter) {
    destination(printer, route, format);
    next_hop(printer, route.gateway, route.via);
    if let (Some(link), None) = (route.link, filter.link) {
        device(printer, &names.link(link));
    }
    origin(printer, route, format, filter);
    flags(printer, route.flags);
    realms(printer, route.realms);
    if let Some(ticks) = route.expires {
        let seconds = ticks / 100;
        printer.number("expires", seconds, format_args!("expires {seconds}sec "));
    }
    if let Some(error) = route.error {
        printer.number("error", error, format_args!("error {error} "));
    }
    if !route.metrics.is_empty() {
        printer.list_of("metrics", |printer| printer.item(|printer| metrics(printer, &route.metrics)));
    }
    if let Some(preference) = route.preference {
        match preference {
            0 => printer.text("pref", "medium", format_args!("pref medium")),
            1 => printer.text("pref", "high", format_args!("pref high")),
            3 => printer.text("pref", "low", format_args!("pref low")),
            other => printer.number("pref", other, format_args!("{other}")),
        }
    }
    if !route.multipath.is_empty() {
        printer.list_of("nexthops", |printer| {
            for hop in route.next_hops() {
                printer.item(|printer| {
                    printer.next_line();
                    printer.layout("\tnexthop ");
                    next_hop(printer, hop.gateway, hop.via);
                    realms(printer, hop.realms);
                    device(printer, &names.link(hop.link));
                    printer.number("weight", hop.weight, format_args!("weight {} ", hop.weight));
                    flags(printer, hop.flags);
                });
            }
        });
    }
    printer.layout("\n");
}

/// What it is for: type, destination, source address, type of service.
fn destination(printer: &mut Printer, route: &Route, format: Format) {
    if route.kind != RTN_UNICAST || format.details {
        let kind = name_of(KINDS, route.kind);
        printer.text("type", &kind, format_args!("{kind} "));
    }
    let to = if route.prefix_len == 0 { "default".to_owned() } else { prefix(route.destination, route.prefix_len) };
    printer.text("dst", &to, format_args!("{to} "));
    if let Some((from, len)) = route.from {
        let from = prefix(from, len);
        printer.text("from", &from, format_args!("from {from} "));
    }
    if let Some(id) = route.next_hop_id {
        printer.number("nhid", id, format_args!("nhid {id} "));
    }
    if route.tos != 0 {
        let tos = format!("0x{:02x}", route.tos);
        printer.text("tos", &tos, format_args!("tos {tos} "));
    }
}

/// Where it comes from and how much it counts: table, protocol, scope, preferred source, metric.
fn origin(printer: &mut Printer, route: &Route, format: Format, filter: &Filter) {
    if filter.table.is_none() && route.table != 0 && (route.table != RT_TABLE_MAIN || format.details) {
        let named = u8::try_from(route.table).map(|table| name_of(TABLES, table));
        let table = named.unwrap_or_else(|_| route.table.to_string());
        printer.text("table", &table, format_args!("table {table} "));
    }
    if filter.protocol.is_none() && (route.protocol != RTPROT_BOOT || format.details) {
        let protocol = name_of(PROTOCOLS, route.protocol);
        printer.text("protocol", &protocol, format_args!("proto {protocol} "));
    }
    if filter.scope.is_none() && (route.scope != RT_SCOPE_UNIVERSE || format.details) {
        let scope = name_of(SCOPES, route.scope);
        printer.text("scope", &scope, format_args!("scope {scope} "));
    }
    if let Some(source) = route.source.map(ip) {
        printer.text("prefsrc", &source, format_args!("src {source} "));
    }
    if let Some(metric) = route.metric {
        printer.number("metric", metric, format_args!("metric {metric} "));
    }
}

fn next_hop(printer: &mut Printer, gateway: Option<IpAddr>, via: Option<IpAddr>) {
    if let Some(gateway) = gateway.map(ip) {
        printer.text("gateway", &gateway, format_args!("via {gateway} "));
    }
    if let Some(via) = via {
        printer.object_of("via", |printer| {
            let (family, host) = (if via.is_ipv4() { "inet" } else { "inet6" }, ip(via));
            printer.text("family", family, format_args!("via {family} "));
            printer.text("host", &host, format_args!("{host} "));
        });
    }
}

fn device(printer: &mut Printer, name: &str) {
    printer.text("dev", name, format_args!("dev {name} "));
}

fn flags(printer: &mut Printer, flags: u32) {
    // linux/rtnetlink.h: RTNH_F_… and RTM_F_…, in iproute2's order.
    const NAMES: &[(u32, &str)] = &[
        (0x1, "dead"),
        (0x4, "onlink"),
        (0x2, "pervasive"),
        (0x8, "offload"),
        (0x40, "trap"),
        (0x100, "notify"),
        (0x10, "linkdown"),
        (0x20, "unresolved"),
        (0x4000, "rt_offload"),
        (0x8000, "rt_trap"),
        (0x2000_0000, "rt_offload_failed"),
    ];
    printer.list_of("flags", |printer| {
        for (_, name) in NAMES.iter().filter(|(bit, _)| flags & bit != 0) {
            printer.word(name, format_args!("{name} "));
        }
    });
}

/// `realms FROM/TO`; 0 is called unknown.
fn realms(printer: &mut Printer, realms: Option<u32>) {
    let Some(realms) = realms else { return };
    let name = |realm: u32| if realm == 0 { "unknown".to_owned() } else { realm.to_string() };
    let (from, to) = (realms >> 16, name(realms & 0xffff));
    printer.object_of("flow", |printer| {
        if from == 0 {
            printer.text("to", &to, format_args!("realm {to} "));
        } else {
            let from = name(from);
            printer.text("from", &from, format_args!("realms {from}/"));
            printer.text("to", &to, format_args!("{to} "));
        }
    });
}

fn metrics(printer: &mut Printer, metrics: &[u8]) {
    // linux/rtnetlink.h: RTAX_…, by number from 2.
    const LOCK: u16 = 1;
    const NAMES: [&str; 16] = [
        "mtu",
        "window",
        "rtt",
        "rttvar",
        "ssthresh",
        "cwnd",
        "advmss",
        "reordering",
        "hoplimit",
        "initcwnd",
        "features",
        "rto_min",
        "initrwnd",
        "quickack",
        "congctl",
        "fastopen_no_cookie",
    ];
    let attrs = Attrs::new(metrics);
    let locked = attrs.find(LOCK).map_or(0, |lock| lock.u32());
    for (number, name) in (2_u16..).zip(NAMES) {
        let attr = attrs.find(number);
        let lock = (locked >> number) & 1 != 0;
        if attr.is_none() && !lock {
            continue;
        }
        let value = attr.map_or(0, |attr| attr.u32());
        if name == "hoplimit" && value == u32::MAX {
            continue;
        }
        printer.layout(name);
        printer.layout(if lock { " lock " } else { " " });
        match name {
            "rtt" => milliseconds(printer, name, value / 8),
            "rttvar" => milliseconds(printer, name, value / 4),
            "rto_min" => milliseconds(printer, name, value),
            "features" => features(printer, value),
            "congctl" => {
                let congestion = attr.map(|attr| attr.text()).unwrap_or_default();
                printer.text("congestion", &congestion, format_args!("{congestion} "));
            }
            _ => printer.number(name, value, format_args!("{value} ")),
        }
    }
}

fn features(printer: &mut Printer, bits: u32) {
    const RTAX_FEATURE_ECN: u32 = 1;
    if bits & RTAX_FEATURE_ECN != 0 {
        printer.null("ecn", format_args!("ecn "));
    }
    if bits & !RTAX_FEATURE_ECN != 0 {
        let bits = hex(bits.into());
        printer.text("features", &bits, format_args!("{bits} "));
    }
}

/// Milliseconds; in text, in seconds from one second on.
fn milliseconds(printer: &mut Printer, name: &str, value: u32) {
    if value < 1000 {
        return printer.number(name, value, format_args!("{value}ms "));
    }
    let seconds = format!("{}.{:03}", value / 1000, value % 1000);
    printer.number(name, value, format_args!("{}s ", seconds.trim_end_matches('0').trim_end_matches('.')));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_no_trailing_zeros() {
        for (value, text) in [(999, "999ms "), (1000, "1s "), (1500, "1.5s "), (20_000, "20s "), (1001, "1.001s ")] {
            let mut printer = Printer::list(false);
            milliseconds(&mut printer, "rtt", value);
            assert_eq!(printer.finish(), text);
        }
    }
}
