//! The picture that `trace` draws, and the same facts as JSON.

use core::fmt::Write;

use pontoon_netlink::route::AF_INET;

use super::docker;
use super::ip::hex_bytes;
use super::object::{append, nest, null, number, text, truth};
use crate::json::{Entries, Json};
use crate::network::places::Place;
use crate::network::veth_path::{End, Story, WayOut};
use crate::prelude::*;
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
            head(&mut out, story.sandbox);
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
    out.push_str(sandbox.words());
    if let Place::Named(name) = sandbox {
        out.push_str(text!(" ({})", netns::pinned_path(name)));
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
        let place = if peer.place == story.sandbox { "the same namespace" } else { peer.place.words() };
        out.push_str(text!("   | veth pair to {place}\n"));
        device(out, peer);
    }
    if let Some(bridge) = &story.bridge {
        out.push_str("   | port of\n");
        device(out, bridge);
    }
    for (position, port) in story.ports.iter().enumerate() {
        line(out, if position == 0 { "published" } else { "" }, docker::port_line(port));
    }
}

fn device(out: &mut String, end: &End) {
    let link = &end.link;
    let kind = match link.kind {
        Some(kind) if kind != "veth" => text!("{kind}, "),
        _ => "",
    };
    let index = text!("{kind}index {}", link.index);
    if link.name.is_empty() {
        line(out, "?", index);
    } else {
        line(out, link.name, text!("{index}, {}, mtu {}, {}", mac(link.address), link.mtu, state(end)));
    }
    for address in end.addresses {
        line(out, "", text!("{}/{}", address.local, address.prefix_len));
    }
    // Ours says whose it is: pontoon NETWORK/SANDBOX …; others' may help as well.
    if let Some(alias) = link.alias {
        line(out, "", text!("alias {alias}"));
    }
}

fn state(end: &End) -> Text {
    match (end.link.is_up(), end.link.carrier) {
        (false, _) => "down",
        (true, Some(0)) => "up, no carrier",
        (true, _) => "up",
    }
}

fn ways_out(out: &mut String, story: &Story) {
    let of_host = if *story.sandbox == Place::Host { &[] } else { story.host_default_routes };
    let own = story.default_routes;
    if own.is_some_and(<[WayOut]>::is_empty) {
        line(out, "way out", "none: no default route");
    }
    way_out(out, "way out", own.unwrap_or_default());
    way_out(out, "from the host", of_host);
}

fn way_out(out: &mut String, whose: Text, routes: &[WayOut]) {
    for (position, route) in routes.iter().enumerate() {
        line(out, if position == 0 { whose } else { "" }, route_words(route));
    }
}

fn route_words(route: &WayOut) -> Text {
    let mut words = "default";
    if let Some(gateway) = route.gateway {
        words = text!("{words} via {gateway}");
    }
    if let Some(device) = route.device {
        words = text!("{words} dev {device}");
    }
    if let Some(metric) = route.metric {
        words = text!("{words} metric {metric}");
    }
    words
}

/// A line: a name, or nothing, and in the next column what there is to say of it.
fn line(out: &mut String, name: Text, what: Text) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  {name:COLUMN$}{what}");
}

fn mac(address: &[u8]) -> Text {
    if address.is_empty() { "no MAC" } else { hex_bytes(address, ":") }
}

/// The same as a list of objects.
#[must_use]
pub fn json(stories: &[Box<Story>]) -> Json {
    let mut list = Vec::new();
    for story in stories {
        append(&mut list, &mut |json| {
            nest(json, "sandbox", &mut |json| namespace(json, story.sandbox));
            end(json, "interface", story.interface, false);
            end(json, "peer", story.peer, true);
            end(json, "bridge", story.bridge, false);
            json.put("ports", docker::ports(&story.ports));
            routes(json, "default_routes", story.default_routes);
            routes(json, "host_default_routes", Some(story.host_default_routes));
        });
    }
    Json::list(list)
}

fn namespace(json: &mut Entries, place: &Place) {
    let (kind, name) = match place {
        Place::Host => ("host", None),
        Place::Named(name) => ("named", Some(*name)),
        Place::Path(path) => ("path", Some(*path)),
        Place::Process { name, .. } => ("process", Some(*name)),
        Place::Unknown(_) => ("unknown", None),
    };
    json.text("kind", kind);
    if let Some(name) = name {
        json.text("name", name);
    }
    match place {
        Place::Process { pid, .. } => drop(json.number("pid", *pid)),
        Place::Unknown(id) => number(json, "id", id.and_then(|id| u32::try_from(id).ok())),
        _ => {}
    }
}

/// An end, and `elsewhere` its namespace too; or null.
fn end(json: &mut Entries, key: Text, end: Option<&End>, elsewhere: bool) {
    let Some(end) = end else { return null(json, key) };
    let link = &end.link;
    // Of some ends nothing is known but the index.
    let known = !link.name.is_empty();
    nest(json, key, &mut |json| {
        text(json, "ifname", known.then_some(link.name));
        json.number("ifindex", link.index);
        text(json, "kind", link.kind);
        text(json, "address", if link.address.is_empty() { None } else { Some(mac(link.address)) });
        number(json, "mtu", known.then_some(link.mtu));
        truth(json, "up", known.then(|| link.is_up()));
        truth(json, "carrier", link.carrier.map(|carrier| carrier != 0));
        text(json, "master", end.master);
        text(json, "alias", link.alias);
        let mut addresses = Vec::new();
        for address in end.addresses {
            append(&mut addresses, &mut |json| {
                json.text("family", if address.family == AF_INET { "inet" } else { "inet6" });
                json.shown("local", &address.local).number("prefixlen", address.prefix_len.into());
            });
        }
        json.put("addr_info", Json::list(addresses));
        if elsewhere {
            nest(json, "namespace", &mut |json| namespace(json, end.place));
        }
    });
}

fn routes(json: &mut Entries, key: Text, routes: Option<&[WayOut]>) {
    let Some(routes) = routes else { return null(json, key) };
    let mut list = Vec::new();
    for route in routes {
        append(&mut list, &mut |json| {
            json.text("dst", "default");
            text(json, "gateway", route.gateway.map(|gateway| gateway.to_text()));
            text(json, "dev", route.device);
            number(json, "metric", route.metric);
        });
    }
    json.put(key, Json::list(list));
}
