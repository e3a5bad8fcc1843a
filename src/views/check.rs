//! What `check` found: a matrix for each network and family; for a large one a list of what is not as configured.

use core::fmt::Write as _;

use super::object::{append, number, object, text as text_of};
use crate::error::Failure;
use crate::json::{Entries, Json};
use crate::network::reach::{Group, Plan, Probe, State};
use crate::prelude::*;

/// A network of more endpoints has no matrix.
const MOST_IN_MATRIX: usize = 12;
/// How wide a matrix should be, and a name in it can be at most. The longest word in a cell is `blocked`.
const LINE: usize = 80;
const NAME: usize = 15;
const CELL: usize = 7;

/// Everything as text.
#[must_use]
pub fn text(plan: &Plan<'_>, notes: &[Text]) -> String {
    let mut out = String::new();
    for group in &plan.groups {
        let about = match (group.missing, group.members.is_empty()) {
            (true, _) => text!(": bridge {} is missing", group.network.bridge.as_text()),
            (false, true) => text!(" ({}): no endpoints", group.subnet),
            (false, false) => text!(" ({})", group.subnet),
        };
        out.push_str(text!("network {}{about}\n", group.network.name));
        members(&mut out, plan, group);
        out.push('\n');
    }
    let (failed, of) = plan.failed();
    out.push_str(text!("{} of {of} as configured\n", of - failed));
    add_notes(&mut out, notes);
    out
}

/// A line for each chain of others that is in the way.
pub(super) fn add_notes(out: &mut String, notes: &[Text]) {
    for note in notes {
        out.push_str(text!("note: {note}\n"));
    }
}

/// The matrix, or of many members a list; and behind it why some could not send.
// Apart from its caller's loop, which would keep all that it looks at on the stack.
#[inline(never)]
fn members(out: &mut String, plan: &Plan<'_>, group: &Group<'_>) {
    let longest = group.members.iter().map(|member| member.name.chars().count()).max().unwrap_or_default();
    let label = longest.clamp(CELL + 2, NAME);
    let room = (LINE - label - 1) / group.members.len().max(1);
    let column = longest.min(room.saturating_sub(1)).clamp(CELL, NAME);
    let matrix = (1..=MOST_IN_MATRIX + 1).contains(&group.members.len());
    if matrix {
        put(out, "from \\ to", label);
        for member in &group.members {
            put(out, member.name, column);
        }
        end_line(out);
    }
    let mut troubles = String::new();
    for (from, member) in group.members.iter().enumerate() {
        let mut said = None;
        if matrix {
            put(out, member.name, label);
        }
        for (to, target) in group.members.iter().enumerate() {
            let probe = plan.probe(group, from, to);
            let word = probe.map_or("-", word);
            if matrix {
                put(out, word, column);
            } else if probe.is_some_and(|probe| !probe.as_configured()) {
                out.push_str(text!("{word} {} -> {}\n", member.name, target.name));
            }
            said = said.or_else(|| trouble(group, probe?));
        }
        if matrix {
            end_line(out);
        }
        if let Some(trouble) = said {
            troubles.push_str(text!("{}: {trouble}\n", member.name));
        }
    }
    out.push_str(&troubles);
}

/// A cell: its text, or the end of it, for names differ at the end; and blanks.
fn put(out: &mut String, text: Text, width: usize) {
    let more = text.chars().count().saturating_sub(width);
    let end = if more == 0 {
        text
    } else {
        text.char_indices().nth(more + 1).map_or("", |(at, _)| text.get(at..).unwrap_or_default())
    };
    let (mark, width) = if more == 0 { ("", width) } else { ("…", width - 1) };
    // Writing to memory cannot fail.
    let _ = write!(out, "{mark}{end:width$} ");
}

fn end_line(out: &mut String) {
    out.truncate(len_without(out, b' '));
    out.push('\n');
}

fn word(probe: &Probe) -> Text {
    match (probe.as_configured(), probe.state) {
        (true, State::Answered(_)) => "ok",
        (true, _) => "blocked",
        (false, State::Answered(_)) => "OPEN",
        (false, _) => "FAIL",
    }
}

/// Why a probe could not be sent.
fn trouble(group: &Group<'_>, probe: &Probe) -> Option<Text> {
    match (&group.members.get(probe.from)?.place, probe.state) {
        (Err(trouble), _) => Some(trouble),
        (_, State::Refused(errno)) => {
            let object = group.members.get(probe.to)?.address.to_text();
            Some(Failure::System { doing: "send to", object, errno }.to_text())
        }
        _ => None,
    }
}

/// Everything as JSON.
#[must_use]
pub fn json(plan: &Plan<'_>, notes: &[Text]) -> Json {
    let mut networks = Vec::new();
    for group in &plan.groups {
        append(&mut networks, &mut |json| {
            json.text("name", group.network.name);
            json.text("family", if group.subnet.is_ipv4() { "inet" } else { "inet6" }).bool("missing", group.missing);
            let mut probes = Vec::new();
            for from in 0..group.members.len() {
                for to in 0..group.members.len() {
                    if let Some(probe) = plan.probe(group, from, to) {
                        append(&mut probes, &mut |json| probe_json(json, group, probe));
                    }
                }
            }
            json.put("probes", Json::list(probes));
        });
    }
    let (failed, of) = plan.failed();
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    object(&mut |json| {
        json.put("networks", Json::list(core::mem::take(&mut networks)));
        json.number("failed", count(failed)).number("of", count(of));
        json.put("notes", Json::list(notes.iter().map(|note| Json::Text(note)).collect()));
    })
}

fn probe_json(json: &mut Entries, group: &Group<'_>, probe: &Probe) {
    let (Some(from), Some(to)) = (group.members.get(probe.from), group.members.get(probe.to)) else { return };
    let us = match probe.state {
        State::Answered(us) => Some(us),
        _ => None,
    };
    json.text("from", from.name).text("to", to.name).shown("address", &to.address);
    json.bool("expected", probe.expected).bool("answered", us.is_some());
    number(json, "us", us);
    text_of(json, "error", trouble(group, probe));
}
