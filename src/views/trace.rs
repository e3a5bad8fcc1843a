//! The picture that `trace` draws, and the same facts as JSON.

use std::fmt::Write;

use pontoon_netlink::route::AF_INET;

use super::docker;
use crate::diagnose::trace::{End, VethPath, WayOut};
use crate::json::Json;
use crate::sandbox::SandboxRef;
use crate::sandbox::namespaces::NamespaceName;

/// Names stand in front of this column: the longest has 15 bytes.
const COLUMN: usize = 16;

/// The picture: from the interface down to the way out; paths of one sandbox stand together.
#[must_use]
pub fn picture(paths: &[Box<VethPath>]) -> String {
    let mut out = String::new();
    let mut paths = paths.iter().peekable();
    let mut before: Option<&VethPath> = None;
    while let Some(path) = paths.next() {
        if before.is_none_or(|before| before.sandbox != path.sandbox) {
            head(&mut out, &path.sandbox);
        } else {
            out.push('\n');
        }
        way(&mut out, path);
        if paths.peek().is_none_or(|next| next.sandbox != path.sandbox) {
            ways_out(&mut out, path);
            if paths.peek().is_some() {
                out.push('\n');
            }
        }
        before = Some(path);
    }
    out
}

fn head(out: &mut String, sandbox: &NamespaceName) {
    out.push_str(&sandbox.words());
    if let NamespaceName::Named(name) = sandbox {
        out.push_str(" (");
        out.push_str(&SandboxRef::Name(name.clone()).file());
        out.push(')');
    }
    out.push('\n');
}

fn way(out: &mut String, path: &VethPath) {
    let Some(interface) = &path.interface else {
        out.push_str("  no interface but lo\n");
        return;
    };
    device(out, interface);
    if let Some(peer) = &path.peer {
        out.push_str("   | veth pair to ");
        let same = peer.namespace == path.sandbox;
        out.push_str(&if same { "the same namespace".to_owned() } else { peer.namespace.words() });
        out.push('\n');
        device(out, peer);
    }
    if let Some(bridge) = &path.bridge {
        out.push_str("   | port of\n");
        device(out, bridge);
    }
    for (position, port) in path.ports.iter().enumerate() {
        column(out, if position == 0 { "published" } else { "" });
        out.push_str(&docker::port_line(port));
        out.push('\n');
    }
}

fn device(out: &mut String, end: &End) {
    let link = &end.link;
    let name = if link.name.is_empty() { "?" } else { &link.name };
    column(out, name);
    let other = link.kind.as_deref().filter(|kind| *kind != "veth");
    if let Some(kind) = other {
        out.push_str(kind);
        out.push_str(", ");
    }
    // Writing to a string cannot fail.
    let _ = write!(out, "index {}", link.index);
    if !link.name.is_empty() {
        let _ = write!(out, ", {}, mtu {}, {}", mac(&link.address), link.mtu, state(end));
    }
    out.push('\n');
    for address in &end.addresses {
        column(out, "");
        let _ = writeln!(out, "{}/{}", address.local, address.prefix_len);
    }
    // Ours says whose it is: pontoon NETWORK/SANDBOX …; others' may help as well.
    if let Some(alias) = &link.alias {
        column(out, "");
        let _ = writeln!(out, "alias {alias}");
    }
}

fn state(end: &End) -> &'static str {
    match (end.link.is_up(), end.link.carrier) {
        (false, _) => "down",
        (true, Some(0)) => "up, no carrier",
        (true, _) => "up",
    }
}

fn ways_out(out: &mut String, path: &VethPath) {
    let of_host = if path.sandbox == NamespaceName::Host { &[] } else { path.host_default_routes.as_slice() };
    let own = path.default_routes.as_deref();
    if own.is_some_and(<[WayOut]>::is_empty) {
        column(out, "way out");
        out.push_str("none: no default route\n");
    }
    for (whose, routes) in [("way out", own.unwrap_or_default()), ("from the host", of_host)] {
        for (position, route) in routes.iter().enumerate() {
            column(out, if position == 0 { whose } else { "" });
            out.push_str("default");
            let metric = route.metric.map(|metric| metric.to_string());
            let gateway = route.gateway.map(|gateway| gateway.to_string());
            for (word, value) in [(" via ", &gateway), (" dev ", &route.device), (" metric ", &metric)] {
                if let Some(value) = value {
                    out.push_str(word);
                    out.push_str(value);
                }
            }
            out.push('\n');
        }
    }
}

fn column(out: &mut String, name: &str) {
    let _ = write!(out, "  {name:COLUMN$}");
}

fn mac(address: &[u8]) -> String {
    let mut out = String::new();
    for byte in address {
        let _ = write!(out, "{}{byte:02x}", if out.is_empty() { "" } else { ":" });
    }
    if out.is_empty() { "no MAC".to_owned() } else { out }
}

/// The same as a list of objects.
#[must_use]
pub fn json(paths: &[Box<VethPath>]) -> Json {
    let mut list = Vec::new();
    for path in paths {
        let mut json = Json::object([("sandbox", namespace(&path.sandbox))]);
        json.push("interface", end(path.interface.as_deref()));
        let mut peer = end(path.peer.as_deref());
        if let Some(end) = &path.peer {
            peer.push("namespace", namespace(&end.namespace));
        }
        json.push("peer", peer);
        json.push("bridge", end(path.bridge.as_deref()));
        json.push("ports", docker::ports(&path.ports));
        json.push("default_routes", routes(path.default_routes.as_deref()));
        json.push("host_default_routes", routes(Some(&path.host_default_routes)));
        list.push(json);
    }
    Json::List(list)
}

fn namespace(place: &NamespaceName) -> Json {
    let (kind, name) = match place {
        NamespaceName::Host => ("host", None),
        NamespaceName::Named(name) => ("named", Some(name)),
        NamespaceName::Path(path) => ("path", Some(path)),
        NamespaceName::Process { name, .. } => ("process", Some(name)),
        NamespaceName::Unknown(_) => ("unknown", None),
    };
    let mut json = Json::object([("kind", text(Some(kind)))]);
    if let Some(name) = name {
        json.push("name", text(Some(name)));
    }
    match place {
        NamespaceName::Process { pid, .. } => json.push("pid", number(Some(*pid))),
        NamespaceName::Unknown(id) => json.push("id", number(id.and_then(|id| u32::try_from(id).ok()))),
        _ => {}
    }
    json
}

fn end(end: Option<&End>) -> Json {
    let Some(end) = end else { return Json::Null };
    let link = &end.link;
    // Of some ends nothing is known but the index.
    let known = !link.name.is_empty();
    let mac = mac(&link.address);
    let mut json = Json::object([("ifname", text(known.then_some(&link.name)))]);
    json.push("ifindex", number(Some(link.index)));
    json.push("kind", text(link.kind.as_deref()));
    json.push("address", text((!link.address.is_empty()).then_some(&mac)));
    json.push("mtu", number(known.then_some(link.mtu)));
    json.push("up", truth(known.then(|| link.is_up())));
    json.push("carrier", truth(link.carrier.map(|carrier| carrier != 0)));
    json.push("master", text(end.master.as_deref()));
    json.push("alias", text(link.alias.as_deref()));
    let mut addresses = Vec::new();
    for address in &end.addresses {
        let family = if address.family == AF_INET { "inet" } else { "inet6" };
        let mut json = Json::object([("family", text(Some(family)))]);
        json.push("local", text(Some(&address.local.to_string())));
        json.push("prefixlen", number(Some(address.prefix_len.into())));
        addresses.push(json);
    }
    json.push("addr_info", Json::List(addresses));
    json
}

fn routes(routes: Option<&[WayOut]>) -> Json {
    let Some(routes) = routes else { return Json::Null };
    let mut list = Vec::new();
    for route in routes {
        let gateway = route.gateway.map(|gateway| gateway.to_string());
        let mut json = Json::object([("dst", text(Some("default")))]);
        json.push("gateway", text(gateway.as_deref()));
        json.push("dev", text(route.device.as_deref()));
        json.push("metric", number(route.metric));
        list.push(json);
    }
    Json::List(list)
}

fn text(text: Option<&str>) -> Json {
    text.map_or(Json::Null, Json::from)
}

fn number(number: Option<u32>) -> Json {
    number.map_or(Json::Null, Json::from)
}

fn truth(value: Option<bool>) -> Json {
    value.map_or(Json::Null, Json::from)
}
