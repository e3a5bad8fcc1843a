//! The picture that `trace` draws, and the same facts as JSON.

use std::fmt::Write;
use std::net::IpAddr;

use pontoon_netlink::route::AF_INET;

use crate::json::Json;
use crate::network::places::Place;
use crate::network::veth_path::{End, Story, WayOut};
use crate::sys::netns;

/// Names stand in front of this column: the longest has 15 bytes.
const COLUMN: usize = 16;

/// The picture: from the interface down to the way out; stories of one sandbox stand together.
#[must_use]
pub fn picture(stories: &[Story]) -> String {
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
    // Published ports belong here, between the bridge and the way out.
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
    let bytes: Vec<String> = address.iter().map(|byte| format!("{byte:02x}")).collect();
    if bytes.is_empty() { "no MAC".to_owned() } else { bytes.join(":") }
}

/// The same as a list of objects.
#[must_use]
pub fn json(stories: &[Story]) -> Json {
    let story = |story: &Story| {
        Json::object([
            ("sandbox", namespace(&story.sandbox)),
            ("interface", story.interface.as_ref().map_or(Json::Null, end)),
            (
                "peer",
                story.peer.as_ref().map_or(Json::Null, |peer| {
                    let mut json = end(peer);
                    json.push("namespace", namespace(&peer.place));
                    json
                }),
            ),
            ("bridge", story.bridge.as_ref().map_or(Json::Null, end)),
            ("default_routes", story.default_routes.as_deref().map_or(Json::Null, routes)),
            ("host_default_routes", routes(&story.host_default_routes)),
        ])
    };
    Json::List(stories.iter().map(story).collect())
}

fn namespace(place: &Place) -> Json {
    match place {
        Place::Host => Json::object([("kind", "host".into())]),
        Place::Named(name) => Json::object([("kind", "named".into()), ("name", name.as_str().into())]),
        Place::Path(path) => Json::object([("kind", "path".into()), ("name", path.as_str().into())]),
        Place::Process { pid, name } => {
            Json::object([("kind", "process".into()), ("name", name.as_str().into()), ("pid", (*pid).into())])
        }
        Place::Unknown(id) => {
            let id = id.map_or(Json::Null, |id| Json::Number(id.into()));
            Json::object([("kind", "unknown".into()), ("id", id)])
        }
    }
}

fn end(end: &End) -> Json {
    let link = &end.link;
    let known = !link.name.is_empty();
    let text = |text: Option<&str>| text.map_or(Json::Null, Json::from);
    let if_known = |value: Json| if known { value } else { Json::Null };
    let mut json = Json::object([
        ("ifname", text(Some(link.name.as_str()).filter(|_| known))),
        ("ifindex", link.index.into()),
        ("kind", text(link.kind.as_deref())),
        ("address", text(Some(mac(&link.address).as_str()).filter(|_| !link.address.is_empty()))),
        ("mtu", if_known(link.mtu.into())),
        ("up", if_known(link.is_up().into())),
        ("carrier", link.carrier.map_or(Json::Null, |carrier| Json::Bool(carrier != 0))),
        ("master", text(end.master.as_deref())),
        ("alias", text(link.alias.as_deref())),
    ]);
    let address = |address: &crate::kernel::Address| {
        Json::object([
            ("family", if address.family == AF_INET { "inet" } else { "inet6" }.into()),
            ("local", address.local.to_string().into()),
            ("prefixlen", u32::from(address.prefix_len).into()),
        ])
    };
    json.push("addr_info", end.addresses.iter().map(address).collect::<Vec<_>>());
    json
}

fn routes(routes: &[WayOut]) -> Json {
    let route = |route: &WayOut| {
        Json::object([
            ("dst", "default".into()),
            ("gateway", route.gateway.map_or(Json::Null, |gateway: IpAddr| gateway.to_string().into())),
            ("dev", route.device.as_deref().map_or(Json::Null, Json::from)),
            ("metric", route.metric.map_or(Json::Null, Json::from)),
        ])
    };
    Json::List(routes.iter().map(route).collect())
}
