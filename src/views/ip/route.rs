//! `ip route`.

use std::net::IpAddr;

use pontoon_netlink::Attrs;
use pontoon_netlink::route::route::{RT_SCOPE_UNIVERSE, RT_TABLE_MAIN, RTN_UNICAST, RTPROT_BOOT};

use super::{Filter, Format, Names, PROTOCOLS, Prefix, SCOPES, TABLES, ip, name_of, prefix};
use crate::kernel::Route;
use crate::views::printer::Page;

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
    let mut page = format.page();
    for route in routes.iter().filter(|route| filter.has(route)) {
        page.open("", '{');
        print(&mut page, route, names, format, filter);
        page.close('}');
    }
    page.close(']');
    page.finish()
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

fn print(page: &mut Page, route: &Route, names: &Names, format: Format, filter: &Filter) {
    if route.kind != RTN_UNICAST || format.details {
        page.text("type", "", &name_of(KINDS, route.kind), " ");
    }
    let to = if route.prefix_len == 0 { "default".to_owned() } else { prefix(route.destination, route.prefix_len) };
    page.text("dst", "", &to, " ");
    if let Some((from, len)) = route.from {
        page.text("from", "from ", &prefix(from, len), " ");
    }
    if let Some(id) = route.next_hop_id {
        page.number("nhid", "nhid ", id.into(), " ");
    }
    if route.tos != 0 {
        page.text("tos", "tos ", &format!("0x{:02x}", route.tos), " ");
    }
    next_hop(page, route.gateway, route.via);
    if let (Some(link), None) = (route.link, filter.link) {
        page.text("dev", "dev ", &names.link(link), " ");
    }
    if filter.table.is_none() && route.table != 0 && (route.table != RT_TABLE_MAIN || format.details) {
        let table = u8::try_from(route.table).map(|table| name_of(TABLES, table));
        page.text("table", "table ", &table.unwrap_or_else(|_| route.table.to_string()), " ");
    }
    if filter.protocol.is_none() && (route.protocol != RTPROT_BOOT || format.details) {
        page.text("protocol", "proto ", &name_of(PROTOCOLS, route.protocol), " ");
    }
    if filter.scope.is_none() && (route.scope != RT_SCOPE_UNIVERSE || format.details) {
        page.text("scope", "scope ", &name_of(SCOPES, route.scope), " ");
    }
    if let Some(source) = route.source {
        page.text("prefsrc", "src ", &ip(source), " ");
    }
    if let Some(metric) = route.metric {
        page.number("metric", "metric ", metric.into(), " ");
    }
    flags(page, route.flags);
    realms(page, route.realms);
    if let Some(ticks) = route.expires {
        page.number("expires", "expires ", i64::from(ticks / 100), "sec ");
    }
    if let Some(error) = route.error {
        page.number("error", "error ", error.into(), " ");
    }
    if !route.metrics.is_empty() {
        metrics(page, &route.metrics);
    }
    if let Some(preference) = route.preference {
        match preference {
            0 => page.text("pref", "pref ", "medium", ""),
            1 => page.text("pref", "pref ", "high", ""),
            3 => page.text("pref", "pref ", "low", ""),
            other => page.number("pref", "", other.into(), ""),
        }
    }
    if !route.multipath.is_empty() {
        page.open("nexthops", '[');
        for hop in route.next_hops() {
            page.open("", '{');
            page.line();
            page.plain("\tnexthop ");
            next_hop(page, hop.gateway, hop.via);
            realms(page, hop.realms);
            page.text("dev", "dev ", &names.link(hop.link), " ");
            page.number("weight", "weight ", hop.weight.into(), " ");
            flags(page, hop.flags);
            page.close('}');
        }
        page.close(']');
    }
    page.plain("\n");
}

fn next_hop(page: &mut Page, gateway: Option<IpAddr>, via: Option<IpAddr>) {
    if let Some(gateway) = gateway {
        page.text("gateway", "via ", &ip(gateway), " ");
    }
    if let Some(via) = via {
        page.open("via", '{');
        page.text("family", "via ", if via.is_ipv4() { "inet" } else { "inet6" }, " ");
        page.text("host", "", &ip(via), " ");
        page.close('}');
    }
}

fn flags(page: &mut Page, flags: u32) {
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
    page.open("flags", '[');
    for (bit, name) in NAMES {
        if flags & bit != 0 {
            page.text("", "", name, " ");
        }
    }
    page.close(']');
}

/// `realms FROM/TO`; 0 is called unknown.
fn realms(page: &mut Page, realms: Option<u32>) {
    let Some(realms) = realms else { return };
    let name = |realm: u32| if realm == 0 { "unknown".to_owned() } else { realm.to_string() };
    let from = realms >> 16;
    page.open("flow", '{');
    page.plain(if from == 0 { "realm " } else { "realms " });
    if from != 0 {
        page.text("from", "", &name(from), "/");
    }
    page.text("to", "", &name(realms & 0xffff), " ");
    page.close('}');
}

fn metrics(page: &mut Page, metrics: &[u8]) {
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
    page.open("metrics", '[');
    page.open("", '{');
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
        page.plain(name);
        page.plain(if lock { " lock " } else { " " });
        match name {
            "rtt" => milliseconds(page, name, value / 8),
            "rttvar" => milliseconds(page, name, value / 4),
            "rto_min" => milliseconds(page, name, value),
            "features" => {
                // RTAX_FEATURE_ECN
                if value & 1 != 0 {
                    page.raw("ecn", "null", &["ecn "]);
                }
                if value & !1 != 0 {
                    page.text("features", "", &super::hex(value.into()), " ");
                }
            }
            "congctl" => page.text("congestion", "", &attr.map(|attr| attr.text()).unwrap_or_default(), " "),
            _ => page.number(name, "", value.into(), " "),
        }
    }
    page.close('}');
    page.close(']');
}

/// Milliseconds, in seconds from one second on.
fn milliseconds(page: &mut Page, name: &str, value: u32) {
    if page.is_json() || value < 1000 {
        return page.number(name, "", value.into(), "ms ");
    }
    let text = format!("{}.{:03}", value / 1000, value % 1000);
    page.plain(text.trim_end_matches('0').trim_end_matches('.'));
    page.plain("s ");
}

/// Reads a prefix as `ip route` takes it: `default`, an address, or an address and a length.
pub fn parse_prefix(text: &str) -> Option<Prefix> {
    if matches!(text, "default" | "any" | "all") {
        return Some((None, 0));
    }
    let (address, len) = text.split_once('/').map_or((text, None), |(address, len)| (address, Some(len)));
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let len = len.map_or(Some(all), |len| len.parse().ok().filter(|len| *len <= all))?;
    // The kernel keeps no bits behind the prefix.
    let address = match address {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & u32::MAX.checked_shl(u32::from(32 - len)).unwrap_or(0)).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & u128::MAX.checked_shl(u32::from(128 - len)).unwrap_or(0)).into()),
    };
    Some((Some(address), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_lose_their_host_bits() {
        assert_eq!(parse_prefix("default"), Some((None, 0)));
        assert_eq!(parse_prefix("10.1.2.3/8"), Some((Some(IpAddr::from([10, 0, 0, 0])), 8)));
        assert_eq!(parse_prefix("10.1.2.3"), Some((Some(IpAddr::from([10, 1, 2, 3])), 32)));
        assert_eq!(parse_prefix("0.0.0.0/0"), Some((Some(IpAddr::from([0, 0, 0, 0])), 0)));
        assert_eq!(parse_prefix("10.0.0.0/33"), None);
        assert_eq!(parse_prefix("nope"), None);
    }

    #[test]
    fn seconds_have_no_trailing_zeros() {
        for (value, text) in [(999, "999ms "), (1000, "1s "), (1500, "1.5s "), (20_000, "20s "), (1001, "1.001s ")] {
            let mut page = Page::new(false);
            milliseconds(&mut page, "rtt", value);
            assert_eq!(page.finish(), text);
        }
    }
}
