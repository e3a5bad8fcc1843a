//! What `check` found: a matrix for each network and family; for a large one a list of what is not as configured.

use std::fmt::Write as _;

use crate::diagnose::plan::{Coverage, Group, Plan, Probe, State};
use crate::error::Error;
use crate::json::Json;
use crate::types::family::Family;

/// A network of more endpoints has no matrix.
const MOST_IN_MATRIX: usize = 12;
/// How wide a matrix should be, and a name in it can be at most. The longest word in a cell is `blocked`.
const LINE: usize = 80;
const NAME: usize = 15;
const CELL: usize = 7;

/// Everything as text.
#[must_use]
pub fn text(plan: &Plan<'_>, notes: &[String]) -> String {
    let mut out = String::new();
    for group in &plan.groups {
        let subnet = group.subnet.to_string();
        let (front, object, rest) = match (group.missing, group.members.is_empty()) {
            (true, _) => (": bridge ", group.network.bridge.as_str(), " is missing\n"),
            (false, true) => (" (", subnet.as_str(), "): no endpoints\n"),
            (false, false) if group.coverage == Coverage::Ring => {
                (" (", subnet.as_str(), "): the host with each, each with the next; --full tries all pairs\n")
            }
            (false, false) => (" (", subnet.as_str(), ")\n"),
        };
        add(&mut out, &["network ", &group.network.name, front, object, rest]);
        members(&mut out, plan, group);
        out.push('\n');
    }
    let (failed, of) = plan.failed();
    add(&mut out, &[&(of - failed).to_string(), " of ", &of.to_string(), " as configured\n"]);
    add_notes(&mut out, notes);
    out
}

/// A line for each chain of others that is in the way.
pub(super) fn add_notes(out: &mut String, notes: &[String]) {
    for note in notes {
        add(out, &["note: ", note, "\n"]);
    }
}

pub(super) fn add(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

/// The matrix, or of many members a list; and behind it why some could not send.
fn members(out: &mut String, plan: &Plan<'_>, group: &Group<'_>) {
    let longest = group.members.iter().map(|member| member.name.chars().count()).max().unwrap_or_default();
    let label = longest.clamp(CELL + 2, NAME);
    let room = (LINE - label - 1) / group.members.len().max(1);
    let column = longest.min(room.saturating_sub(1)).clamp(CELL, NAME);
    let matrix = (1..=MOST_IN_MATRIX + 1).contains(&group.members.len());
    if matrix {
        put(out, "from \\ to", label);
        for member in &group.members {
            put(out, &member.name, column);
        }
        end_line(out);
    }
    let mut troubles = String::new();
    for (from, member) in group.members.iter().enumerate() {
        let mut said = None;
        if matrix {
            put(out, &member.name, label);
        }
        for (to, target) in group.members.iter().enumerate() {
            let probe = plan.probe(group, from, to);
            let word = probe.as_ref().map_or("-", word);
            if matrix {
                put(out, word, column);
            } else if probe.as_ref().is_some_and(|probe| !probe.as_configured()) {
                add(out, &[word, " ", &member.name, " -> ", &target.name, "\n"]);
            }
            said = said.or_else(|| trouble(group, probe.as_ref()?));
        }
        if matrix {
            end_line(out);
        }
        if let Some(trouble) = said {
            add(&mut troubles, &[&member.name, ": ", &trouble, "\n"]);
        }
    }
    out.push_str(&troubles);
}

/// A cell: its text, or the end of it, for names differ at the end; and blanks.
fn put(out: &mut String, text: &str, width: usize) {
    let more = text.chars().count().saturating_sub(width);
    let end =
        if more == 0 { text } else { text.char_indices().nth(more + 1).map_or("", |(at, _)| text.split_at(at).1) };
    let (mark, width) = if more == 0 { ("", width) } else { ("…", width - 1) };
    // Writing to memory cannot fail.
    let _ = write!(out, "{mark}{end:width$} ");
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

/// Why a probe could not be sent.
fn trouble(group: &Group<'_>, probe: &Probe) -> Option<String> {
    match (&group.members.get(probe.from)?.place, probe.state) {
        (Err(trouble), _) => Some(trouble.clone()),
        (_, State::Refused(errno)) => {
            Some(Error::system("send to", group.members.get(probe.to)?.address, errno).to_string())
        }
        _ => None,
    }
}

/// Everything as JSON.
#[must_use]
pub fn json(plan: &Plan<'_>, notes: Vec<String>) -> Json {
    let mut networks = Vec::new();
    for group in &plan.groups {
        let mut probes = Vec::new();
        for from in 0..group.members.len() {
            for to in 0..group.members.len() {
                probes.extend(plan.probe(group, from, to).and_then(|probe| probe_json(group, &probe)));
            }
        }
        let family = if group.subnet.family() == Family::V4 { "inet" } else { "inet6" };
        networks.push(Json::object([
            ("name", group.network.name.as_str().into()),
            ("family", family.into()),
            ("missing", group.missing.into()),
            ("probes", Json::List(probes)),
        ]));
    }
    let (failed, of) = plan.failed();
    let [failed, of] = [failed, of].map(|count| Json::Number(i64::try_from(count).unwrap_or(i64::MAX)));
    let notes = notes.into_iter().map(Json::Text).collect();
    Json::object([("networks", Json::List(networks)), ("failed", failed), ("of", of), ("notes", Json::List(notes))])
}

fn probe_json(group: &Group<'_>, probe: &Probe) -> Option<Json> {
    let (from, to) = (group.members.get(probe.from)?, group.members.get(probe.to)?);
    let (answered, us) = match probe.state {
        State::Answered(us) => (true, us.into()),
        _ => (false, Json::Null),
    };
    Some(Json::object([
        ("from", from.name.as_str().into()),
        ("to", to.name.as_str().into()),
        ("address", to.address.to_string().into()),
        ("expected", probe.expected.into()),
        ("answered", answered.into()),
        ("us", us),
        ("error", trouble(group, probe).map_or(Json::Null, Json::Text)),
    ]))
}
