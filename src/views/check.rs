//! What `check` found: a matrix for each network and family; for a large one a list of what is not as configured.

use crate::error::Failure;
use crate::json::Json;
use crate::network::reach::{Group, Plan, Probe, State};

/// A network of more endpoints has no matrix.
const MOST_IN_MATRIX: usize = 12;
/// How wide a matrix should be, and a name in it can be at most. The longest word in a cell is `blocked`.
const LINE: usize = 80;
const NAME: usize = 15;
const CELL: usize = 7;

/// Everything as text.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    for group in &plan.groups {
        let subnet = group.subnet.to_string();
        add(&mut out, &["network ", &group.network]);
        match &group.missing {
            Some(bridge) => add(&mut out, &[": bridge ", bridge, " is missing\n"]),
            None if group.members.is_empty() => add(&mut out, &[" (", &subnet, "): no endpoints\n"]),
            None => add(&mut out, &[" (", &subnet, ")\n"]),
        }
        if group.members.len() > MOST_IN_MATRIX + 1 {
            list(&mut out, plan, group);
        } else if !group.members.is_empty() {
            matrix(&mut out, plan, group);
        }
        for (from, member) in group.members.iter().enumerate() {
            let mut row = plan.row(group, from).into_iter();
            if let Some(trouble) = row.find_map(|probe| trouble(group, probe)) {
                add(&mut out, &[&member.name, ": ", &trouble, "\n"]);
            }
        }
        out.push('\n');
    }
    let (failed, of) = plan.failed();
    add(&mut out, &[&(of - failed).to_string(), " of ", &of.to_string(), " as configured\n"]);
    out
}

fn add(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

fn matrix(out: &mut String, plan: &Plan, group: &Group) {
    let longest = group.members.iter().map(|member| member.name.chars().count()).max().unwrap_or_default();
    let label = longest.clamp(CELL + 2, NAME);
    let room = (LINE - label - 1) / group.members.len().max(1);
    let column = longest.min(room.saturating_sub(1)).clamp(CELL, NAME);
    put(out, "from \\ to", label);
    for member in &group.members {
        put(out, &member.name, column);
    }
    end_line(out);
    for (from, member) in group.members.iter().enumerate() {
        put(out, &member.name, label);
        for to in 0..group.members.len() {
            put(out, plan.probe(group, from, to).map_or("-", word), column);
        }
        end_line(out);
    }
}

/// A cell: its text, or the end of it, for names differ at the end; and blanks.
fn put(out: &mut String, text: &str, width: usize) {
    let len = text.chars().count();
    let mut skip = 0;
    if len > width {
        out.push('…');
        skip = len + 1 - width;
    }
    for c in text.chars().skip(skip) {
        out.push(c);
    }
    for _ in len..=width.max(len) {
        out.push(' ');
    }
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

fn word(probe: &Probe) -> &'static str {
    match (probe.as_configured(), probe.state) {
        (true, State::Answered(_)) => "ok",
        (true, _) => "blocked",
        (false, State::Answered(_)) => "OPEN",
        (false, _) => "FAIL",
    }
}

fn list(out: &mut String, plan: &Plan, group: &Group) {
    for (from, member) in group.members.iter().enumerate() {
        for probe in plan.row(group, from) {
            if !probe.as_configured() {
                let to = group.members.get(probe.to).map_or("", |to| &to.name);
                add(out, &[word(probe), " ", &member.name, " -> ", to, "\n"]);
            }
        }
    }
}

/// Why a probe could not be sent.
fn trouble(group: &Group, probe: &Probe) -> Option<String> {
    match (&group.members.get(probe.from)?.place, probe.state) {
        (Err(trouble), _) => Some(trouble.clone()),
        (_, State::Refused(errno)) => {
            let object = group.members.get(probe.to)?.address.to_string();
            Some(Failure::System { doing: "send to", object, errno }.to_string())
        }
        _ => None,
    }
}

/// Everything as JSON.
#[must_use]
pub fn json(plan: &Plan) -> Json {
    let (failed, of) = plan.failed();
    let number = |count: usize| Json::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let mut networks = Vec::new();
    for group in &plan.groups {
        let mut probes = Vec::new();
        for (from, member) in group.members.iter().enumerate() {
            for probe in plan.row(group, from) {
                probes.extend(probe_json(group, &member.name, probe));
            }
        }
        let family = if group.subnet.is_ipv4() { "inet" } else { "inet6" };
        let mut json = Json::object([("name", group.network.as_str().into()), ("family", family.into())]);
        if let Some(bridge) = &group.missing {
            json.push("missing", bridge.as_str());
        }
        json.push("probes", probes);
        networks.push(json);
    }
    Json::object([("networks", Json::List(networks)), ("failed", number(failed)), ("of", number(of))])
}

fn probe_json(group: &Group, from: &str, probe: &Probe) -> Option<Json> {
    let to = group.members.get(probe.to)?;
    let (answered, us) = match probe.state {
        State::Answered(us) => (true, us.into()),
        _ => (false, Json::Null),
    };
    let mut json = Json::object([
        ("from", from.into()),
        ("to", to.name.as_str().into()),
        ("address", to.address.to_string().into()),
        ("expected", probe.expected.into()),
        ("answered", answered.into()),
        ("us", us),
    ]);
    if let Some(trouble) = trouble(group, probe) {
        json.push("error", trouble);
    }
    Some(json)
}
