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
        heading(&mut out, group);
        if group.members.len() > MOST_IN_MATRIX + 1 {
            list(&mut out, plan, group);
        } else if !group.members.is_empty() {
            matrix(&mut out, plan, group);
        }
        troubles(&mut out, plan, group);
        out.push('\n');
    }
    let (failed, of) = plan.failed();
    out.push_str(&(of - failed).to_string());
    out.push_str(" of ");
    out.push_str(&of.to_string());
    out.push_str(" as configured\n");
    out
}

fn heading(out: &mut String, group: &Group) {
    out.push_str("network ");
    out.push_str(&group.network);
    if let Some(bridge) = &group.missing {
        out.push_str(": bridge ");
        out.push_str(bridge);
        out.push_str(" is missing");
    } else {
        out.push_str(" (");
        out.push_str(&group.subnet.to_string());
        out.push_str(if group.members.is_empty() { "): no endpoints" } else { ")" });
    }
    out.push('\n');
}

fn matrix(out: &mut String, plan: &Plan, group: &Group) {
    let longest = group.members.iter().map(|member| member.name.chars().count()).max().unwrap_or_default();
    let label = longest.clamp(CELL + 2, NAME);
    let room = (LINE - label - 1) / group.members.len().max(1);
    let column = longest.min(room.saturating_sub(1)).clamp(CELL, NAME);
    put(out, "from \\ to", label);
    group.members.iter().for_each(|member| put(out, &member.name, column));
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
    if len > width {
        out.push('…');
        out.extend(text.chars().skip(len + 1 - width));
    } else {
        out.push_str(text);
    }
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(len) + 1));
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_ascii_end().len());
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

/// The probes of a group, sender by sender.
fn by_sender<'a>(plan: &'a Plan, group: &'a Group) -> impl Iterator<Item = &'a Probe> {
    let members = group.members.len();
    (0..members * members).filter_map(move |pair| plan.probe(group, pair / members, pair % members))
}

fn list(out: &mut String, plan: &Plan, group: &Group) {
    for probe in by_sender(plan, group).filter(|probe| !probe.as_configured()) {
        let [from, to] = ends(group, probe);
        for part in [word(probe), " ", from, " -> ", to, "\n"] {
            out.push_str(part);
        }
    }
}

/// Names of the sender and the target.
fn ends<'a>(group: &'a Group, probe: &Probe) -> [&'a str; 2] {
    [probe.from, probe.to].map(|member| group.members.get(member).map_or("", |member| &member.name))
}

/// Why members could not send, a line for each.
fn troubles(out: &mut String, plan: &Plan, group: &Group) {
    for (position, member) in group.members.iter().enumerate() {
        let mut probes = (0..group.members.len()).filter_map(|to| plan.probe(group, position, to));
        if let Some(trouble) = probes.find_map(|probe| trouble(group, probe)) {
            for part in [&member.name, ": ", &trouble, "\n"] {
                out.push_str(part);
            }
        }
    }
}

/// Why a probe could not be sent.
fn trouble(group: &Group, probe: &Probe) -> Option<String> {
    let from = group.members.get(probe.from)?;
    match (&from.place, probe.state) {
        (Err(error), _) => Some(error.to_string()),
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
    let networks = plan.groups.iter().map(|group| group_json(plan, group)).collect();
    Json::object([("networks", Json::List(networks)), ("failed", number(failed)), ("of", number(of))])
}

fn group_json(plan: &Plan, group: &Group) -> Json {
    let probes = by_sender(plan, group).map(|probe| probe_json(group, probe)).collect();
    let family = if group.subnet.is_ipv4() { "inet" } else { "inet6" };
    let mut json = Json::object([("name", group.network.as_str().into()), ("family", family.into())]);
    if let Some(bridge) = &group.missing {
        json.push("missing", bridge.as_str());
    }
    json.push("probes", Json::List(probes));
    json
}

fn probe_json(group: &Group, probe: &Probe) -> Json {
    let [from, to] = ends(group, probe);
    let address = group.members.get(probe.to).map(|member| member.address.to_string());
    let us = match probe.state {
        State::Answered(us) => Some(us),
        _ => None,
    };
    let mut json = Json::object([
        ("from", from.into()),
        ("to", to.into()),
        ("address", address.unwrap_or_default().into()),
        ("expected", probe.expected.into()),
        ("answered", us.is_some().into()),
        ("us", us.map_or(Json::Null, Json::from)),
    ]);
    if let Some(trouble) = trouble(group, probe) {
        json.push("error", trouble);
    }
    json
}
