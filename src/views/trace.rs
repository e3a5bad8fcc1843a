//! The picture that `trace` draws, and the same facts as JSON.

use std::fmt::Write;

use pontoon_netlink::route::AF_INET;

use super::docker;
use crate::json::Json;
use crate::network::places::Place;
use crate::network::veth_path::{End, Story, WayOut};
use crate::sys::netns;

/// Names stand in front of this column: the longest has 15 bytes.
const COLUMN: usize = 16;

/// The picture: from the interface down to the way out; stories of one sandbox stand together.
#[must_use]
pub fn picture(stories: &[Box<Story>]) -> String {
    let mut out = String::new();
    let mut stories = stories.iter().peekable();
    let mut before: Option<&Story> = None;
    while let Some(story) = stories.next() {
        if before.is_none_or(|before| before.sandbox != story.sandbox) {
            head(&mut out, &story.sandbox);
        } else {
            out.push('\n');
        }
        way(&mut out, story);
        if stories.peek().is_none_or(|next| next.sandbox != story.sandbox) {
            ways_out(&mut out, story);
            if stories.peek().is_some() {
                out.push('\n');
            }
        }
        before = Some(story);
    }
    out
}

fn head(out: &mut String, sandbox: &Place) {
    out.push_str(&sandbox.words());
    if let Place::Named(name) = sandbox {
        out.push_str(" (");
        out.push_str(&netns::pinned_path(name));
        out.push(')');
    }
    out.push('\n');
}

fn way(out: &mut String, story: &Story) {
    let Some(interface) = &story.interface else {
        out.push_str("  no interface but lo\n");
        return;
    };
    device(out, interface);
    if let Some(peer) = &story.peer {
        out.push_str("   | veth pair to ");
        let same = peer.place == story.sandbox;
        out.push_str(&if same { "the same namespace".to_owned() } else { peer.place.words() });
        out.push('\n');
        device(out, peer);
    }
    if let Some(bridge) = &story.bridge {
        out.push_str("   | port of\n");
        device(out, bridge);
    }
    for (position, port) in story.ports.iter().enumerate() {
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

fn ways_out(out: &mut String, story: &Story) {
    let of_host = if story.sandbox == Place::Host { &[] } else { story.host_default_routes.as_slice() };
    let own = story.default_routes.as_deref();
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
pub fn json(stories: &[Box<Story>]) -> Json {
    let mut list = Vec::new();
    for story in stories {
        let mut json = Json::object([("sandbox", namespace(&story.sandbox))]);
        json.push("interface", end(story.interface.as_deref()));
        let mut peer = end(story.peer.as_deref());
        if let Some(end) = &story.peer {
            peer.push("namespace", namespace(&end.place));
        }
        json.push("peer", peer);
        json.push("bridge", end(story.bridge.as_deref()));
        json.push("ports", docker::ports(&story.ports));
        json.push("default_routes", routes(story.default_routes.as_deref()));
        json.push("host_default_routes", routes(Some(&story.host_default_routes)));
        list.push(json);
    }
    Json::List(list)
}

fn namespace(place: &Place) -> Json {
    let (kind, name) = match place {
        Place::Host => ("host", None),
        Place::Named(name) => ("named", Some(name)),
        Place::Path(path) => ("path", Some(path)),
        Place::Process { name, .. } => ("process", Some(name)),
        Place::Unknown(_) => ("unknown", None),
    };
    let mut json = Json::object([("kind", text(Some(kind)))]);
    if let Some(name) = name {
        json.push("name", text(Some(name)));
    }
    match place {
        Place::Process { pid, .. } => json.push("pid", number(Some(*pid))),
        Place::Unknown(id) => json.push("id", number(id.and_then(|id| u32::try_from(id).ok()))),
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
