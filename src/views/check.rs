//! What `check` found: a matrix for each network and family, for a large one a list of what is not as configured; and in what the host is
//! not what the records say.

use std::fmt::Write;

use serde_json::{Value, json};

use super::difference;
use super::plain::printable;
use crate::diagnose::plan::{Coverage, Group, Plan, Probe, State};
use crate::error::Error;
use crate::network::difference::Found;
use crate::types::family::Family;

/// A network of more endpoints has no matrix.
const MOST_IN_MATRIX: usize = 12;
/// How wide a matrix should be, and a name in it can be at most. The longest word in a cell is `blocked`.
const LINE: usize = 80;
const NAME: usize = 15;
const CELL: usize = 7;

/// Everything as text.
#[must_use]
pub fn text(plan: &Plan<'_>, differences: &[Found], notes: &[String]) -> String {
    let mut out = String::new();
    for group in plan.groups.iter().filter(|group| !group.missing) {
        let name = printable(&group.network.name);
        let subnet = group.subnet;
        // Writing to memory cannot fail.
        let _ = match group.members.is_empty() {
            true => writeln!(out, "network {name} ({subnet}): no endpoints"),
            false if group.coverage == Coverage::Ring => {
                writeln!(
                    out,
                    "network {name} ({subnet}): the host with each, each with the next; --full tries all pairs"
                )
            }
            false => writeln!(out, "network {name} ({subnet})"),
        };
        members(&mut out, plan, group);
        out.push('\n');
    }
    for found in differences {
        let _ = writeln!(out, "{}", printable(&found.to_string()));
    }
    if !differences.is_empty() {
        out.push('\n');
    }
    let (failed, of) = plan.failed();
    let _ = writeln!(out, "{} of {of} as configured", of - failed);
    out + &notes_text(notes)
}

/// A line for each chain of others that is in the way.
pub(super) fn notes_text(notes: &[String]) -> String {
    let mut out = String::new();
    for note in notes {
        // Writing to memory cannot fail.
        let _ = writeln!(out, "note: {}", printable(note));
    }
    out
}

/// The matrix, or of many members a list; and behind it why some could not send.
fn members(out: &mut String, plan: &Plan<'_>, group: &Group<'_>) {
    let names: Vec<_> = group.members.iter().map(|member| printable(&member.name)).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let label = longest.clamp(CELL + 2, NAME);
    let room = (LINE - label - 1) / names.len().max(1);
    let column = longest.min(room.saturating_sub(1)).clamp(CELL, NAME);
    let matrix = (1..=MOST_IN_MATRIX + 1).contains(&names.len());
    if matrix {
        put(out, "from \\ to", label);
        for name in &names {
            put(out, name, column);
        }
        end_line(out);
    }
    let mut troubles = String::new();
    for (from, name) in names.iter().enumerate() {
        let mut said = None;
        if matrix {
            put(out, name, label);
        }
        for (to, target) in names.iter().enumerate() {
            let probe = plan.probe(group, from, to);
            let word = probe.as_ref().map_or("-", word);
            if matrix {
                put(out, word, column);
            } else if probe.as_ref().is_some_and(|probe| !probe.as_configured()) {
                // Writing to memory cannot fail.
                let _ = writeln!(out, "{word} {name} -> {target}");
            }
            said = said.or_else(|| trouble(group, probe.as_ref()?));
        }
        if matrix {
            end_line(out);
        }
        if let Some(trouble) = said {
            let _ = writeln!(troubles, "{name}: {}", printable(&trouble));
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
pub fn json(plan: &Plan<'_>, differences: &[Found], notes: &[String]) -> Value {
    let networks: Vec<Value> = plan.groups.iter().map(|group| group_json(plan, group)).collect();
    let (failed, of) = plan.failed();
    json!({ "networks": networks, "failed": failed, "of": of, "notes": notes, "differences": difference::json(differences) })
}

fn group_json(plan: &Plan<'_>, group: &Group<'_>) -> Value {
    let mut probes = Vec::new();
    for from in 0..group.members.len() {
        for to in 0..group.members.len() {
            probes.extend(plan.probe(group, from, to).and_then(|probe| probe_json(group, &probe)));
        }
    }
    json!({
        "name": group.network.name,
        "family": if group.subnet.family() == Family::V4 { "inet" } else { "inet6" },
        "missing": group.missing,
        "probes": probes,
    })
}

fn probe_json(group: &Group<'_>, probe: &Probe) -> Option<Value> {
    let (from, to) = (group.members.get(probe.from)?, group.members.get(probe.to)?);
    let us = match probe.state {
        State::Answered(us) => Some(us),
        _ => None,
    };
    Some(json!({
        "from": from.name,
        "to": to.name,
        "address": to.address,
        "expected": probe.expected,
        "answered": us.is_some(),
        "us": us,
        "error": trouble(group, probe),
    }))
}
