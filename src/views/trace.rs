//! The picture that `trace` draws, and the same facts as JSON.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::plain::printable;
use super::{docker, hex};
use crate::diagnose::trace::{End, VethPath, WayOut};
use crate::kernel::Address;
use crate::sandbox::SandboxRef;
use crate::sandbox::namespaces::NamespaceName;
use crate::types::family::Family;

/// Names stand in front of this column: the longest has 15 bytes.
const COLUMN: usize = 16;

/// The picture: from the interface down to the way out; paths of one sandbox stand together.
#[must_use]
pub fn picture(paths: &[VethPath]) -> String {
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
    out.push_str(&printable(&sandbox.words()));
    if let NamespaceName::Named(name) = sandbox {
        // Writing to memory cannot fail.
        let _ = write!(out, " ({})", printable(&SandboxRef::Name(name.clone()).file()));
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
        let same = peer.namespace == path.sandbox;
        let words = if same { "the same namespace".to_owned() } else { peer.namespace.words() };
        let _ = writeln!(out, "   | veth pair to {}", printable(&words));
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
        let _ = write!(out, "{}, ", printable(kind));
    }
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
        let _ = writeln!(out, "alias {}", printable(alias));
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
            if let Some(gateway) = route.gateway {
                let _ = write!(out, " via {gateway}");
            }
            if let Some(device) = &route.device {
                let _ = write!(out, " dev {}", printable(device));
            }
            if let Some(metric) = route.metric {
                let _ = write!(out, " metric {metric}");
            }
            out.push('\n');
        }
    }
}

fn column(out: &mut String, name: &str) {
    let _ = write!(out, "  {:COLUMN$}", printable(name));
}

fn mac(address: &[u8]) -> String {
    if address.is_empty() { "no MAC".to_owned() } else { hex::bytes(address, ":") }
}

/// The same as a list of objects.
#[must_use]
pub fn json(paths: &[VethPath]) -> Value {
    paths.iter().map(path_json).collect()
}

fn path_json(path: &VethPath) -> Value {
    let peer = path.peer.as_deref().map(|peer| {
        let mut json = end(peer);
        json.insert("namespace".to_owned(), namespace(&peer.namespace));
        json
    });
    json!({
        "sandbox": namespace(&path.sandbox),
        "interface": path.interface.as_deref().map(end),
        "peer": peer,
        "bridge": path.bridge.as_deref().map(end),
        "ports": docker::ports(&path.ports),
        "default_routes": path.default_routes.as_deref().map(routes),
        "host_default_routes": routes(&path.host_default_routes),
    })
}

fn namespace(place: &NamespaceName) -> Value {
    match place {
        NamespaceName::Host => json!({ "kind": "host" }),
        NamespaceName::Named(name) => json!({ "kind": "named", "name": name }),
        NamespaceName::Path(path) => json!({ "kind": "path", "name": path }),
        NamespaceName::Process { pid, name } => json!({ "kind": "process", "name": name, "pid": pid }),
        NamespaceName::Unknown(id) => {
            json!({ "kind": "unknown", "id": id.and_then(|id| u32::try_from(id).ok()) })
        }
    }
}

fn end(end: &End) -> Map<String, Value> {
    let link = &end.link;
    // Of some ends nothing is known but the index.
    let known = !link.name.is_empty();
    let addresses: Vec<Value> = end.addresses.iter().map(address).collect();
    let fields = [
        ("ifname", json!(known.then_some(&link.name))),
        ("ifindex", json!(link.index)),
        ("kind", json!(link.kind)),
        ("address", json!((!link.address.is_empty()).then(|| mac(&link.address)))),
        ("mtu", json!(known.then_some(link.mtu))),
        ("up", json!(known.then(|| link.is_up()))),
        ("carrier", json!(link.carrier.map(|carrier| carrier != 0))),
        ("master", json!(end.master)),
        ("alias", json!(link.alias)),
        ("addr_info", Value::Array(addresses)),
    ];
    fields.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
}

fn address(address: &Address) -> Value {
    let family = match Family::of(address.local) {
        Family::V4 => "inet",
        Family::V6 => "inet6",
    };
    json!({ "family": family, "local": address.local, "prefixlen": address.prefix_len })
}

fn routes(routes: &[WayOut]) -> Value {
    routes.iter().map(route).collect()
}

fn route(route: &WayOut) -> Value {
    json!({ "dst": "default", "gateway": route.gateway, "dev": route.device, "metric": route.metric })
}
