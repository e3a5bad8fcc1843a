//! `ip`: its options are whole words behind one dash (`-br`), and its objects and commands may be abbreviated.

use super::args::{Args, Parsed, Run, Stop, done};
use crate::commands::look::ip::{self as commands, Object, Show};
use crate::commands::look::ip_netns::{self, Request};
use crate::error::{Error, GivenFor, Result};
use crate::sandbox::SandboxRef;
use crate::types::family::Family;
use crate::types::name as names;
use crate::views::ip::{Format, PROTOCOLS, Prefix, SCOPES, STATES, TABLES, parse_prefix, value_of};

/// Reads the words after `ip`.
pub fn read(args: &mut Args) -> Parsed<Run> {
    let mut format = Format::default();
    let mut namespace = None;
    while let Some(word) = next(args)? {
        let Some(option) = word.strip_prefix('-').map(|option| option.strip_prefix('-').unwrap_or(option)) else {
            return object(args, &word, format, namespace);
        };
        match option {
            "4" => format.family = Some(Family::V4),
            "6" => format.family = Some(Family::V6),
            _ if short_for(option, "json", 1) => args.json = true,
            _ if short_for(option, "details", 1) => format.details = true,
            _ if short_for(option, "brief", 2) => format.brief = true,
            _ if short_for(option, "oneline", 1) => format.oneline = true,
            _ if short_for(option, "netns", 1) => namespace = Some(SandboxRef::parse(&value(args, &word)?)?),
            _ if short_for(option, "family", 1) => {
                format.family = match value(args, &word)?.as_str() {
                    "inet" => Some(Family::V4),
                    "inet6" => Some(Family::V6),
                    other => return Err(Error::value("-family", other, "inet or inet6").into()),
                }
            }
            _ => return Err(args.unknown(&word)),
        }
    }
    Err(args.wrong("a command is missing"))
}

/// The next word, after the options that every verb has everywhere.
fn next(args: &mut Args) -> Parsed<Option<String>> {
    loop {
        match args.next_as_is() {
            Some(word) if matches!(word.as_str(), "-h" | "--help" | "-help" | "help") => {
                return Err(Stop::Print(args.help));
            }
            Some(word) if word == "--json" => args.json = true,
            word => return Ok(word),
        }
    }
}

fn value(args: &mut Args, of: &str) -> Parsed<String> {
    next(args)?.ok_or_else(|| args.wrong(&format!("{of} needs a value")))
}

/// Whether `word` is `full` or an abbreviation of at least `least` bytes.
fn short_for(word: &str, full: &str, least: usize) -> bool {
    word.len() >= least && full.starts_with(word)
}

fn object(args: &mut Args, word: &str, format: Format, namespace: Option<SandboxRef>) -> Parsed<Run> {
    let (name, object) = match word {
        _ if short_for(word, "address", 1) => ("addr", Object::Address),
        _ if short_for(word, "route", 1) => ("route", Object::Route),
        _ if short_for(word, "neighbour", 1) || short_for(word, "neighbor", 1) => ("neigh", Object::Neighbour),
        _ if short_for(word, "link", 1) => ("link", Object::Link),
        _ if short_for(word, "netns", 3) => {
            args.verb.push("netns".to_owned());
            return netns(args, namespace);
        }
        _ => return Err(args.wrong(&format!("unknown object '{word}'"))),
    };
    args.verb.push(name.to_owned());
    let mut show = Show::new(object, format, namespace);
    match next(args)? {
        None => {}
        Some(command) if is_list(&command) => filters(args, &mut show)?,
        Some(command) => return Err(args.wrong(&format!("unknown command '{command}'"))),
    }
    done(move |context| commands::run(context, &show))
}

fn is_list(command: &str) -> bool {
    short_for(command, "show", 1) || short_for(command, "list", 1) || short_for(command, "lst", 1)
}

/// Filters that take a value.
const WITH_VALUE: &[&str] =
    &["dev", "oif", "master", "type", "group", "scope", "table", "proto", "protocol", "nud", "to"];

fn filters(args: &mut Args, show: &mut Show) -> Parsed<()> {
    while let Some(word) = next(args)? {
        let value = if WITH_VALUE.contains(&word.as_str()) { Some(value(args, &word)?) } else { None };
        if !filter(show, &word, value)? {
            return Err(args.wrong(&format!("unknown filter '{word}'")));
        }
    }
    Ok(())
}

/// Takes one filter; false when the object has none of that name.
fn filter(show: &mut Show, word: &str, value: Option<String>) -> Result<bool> {
    let links = matches!(show.object, Object::Address | Object::Link);
    let route = show.object == Object::Route;
    let filter = &mut show.filter;
    let Some(value) = value else {
        match word {
            "up" if links => filter.up = true,
            _ if !links => filter.to = Some(prefix(word)?),
            _ if show.dev.is_none() => show.dev = Some(word.to_owned()),
            _ => return Ok(false),
        }
        return Ok(true);
    };
    match word {
        "dev" => show.dev = Some(value),
        "oif" if route => show.dev = Some(value),
        "master" if links => show.master = Some(value),
        "type" if links => filter.kind = Some(value),
        "group" if links => filter.group = Some(if value == "default" { 0 } else { number("group", &value)? }),
        "scope" if links || route => filter.scope = Some(named("scope", &value, SCOPES)?),
        "table" if route => filter.table = table(&value)?,
        "proto" | "protocol" if route => filter.protocol = Some(named("proto", &value, PROTOCOLS)?),
        "nud" if show.object == Object::Neighbour => {
            filter.states = Some(filter.states.unwrap_or(0) | states(&value)?);
        }
        "to" if !links => filter.to = Some(prefix(&value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn number(what: &'static str, text: &str) -> Result<u32> {
    text.parse().map_err(|_| Error::value(what, text, "a number"))
}

fn named(what: &'static str, text: &str, table: &[(u8, &str)]) -> Result<u8> {
    value_of(table, text).ok_or_else(|| Error::value(what, text, "a name that 'ip' prints, or a number up to 255"))
}

/// None for all tables.
fn table(text: &str) -> Result<Option<u32>> {
    match value_of(TABLES, text) {
        _ if text == "all" => Ok(None),
        Some(table) => Ok(Some(table.into()).filter(|table| *table != 0)),
        None => number("table", text).map(Some),
    }
}

fn states(text: &str) -> Result<u16> {
    let named = STATES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
    match named {
        _ if text == "all" => Ok(u16::MAX),
        _ if text == "none" => Ok(0x100),
        Some((state, _)) => Ok((*state).into()),
        None => Err(Error::value("nud", text, "a state that 'ip neigh' prints, or 'all'")),
    }
}

fn prefix(text: &str) -> Result<Prefix> {
    parse_prefix(text).ok_or_else(|| Error::value("PREFIX", text, "'default', an address or a subnet"))
}

fn netns(args: &mut Args, namespace: Option<SandboxRef>) -> Parsed<Run> {
    let Some(command) = next(args)? else { return netns_request(Request::List(namespace)) };
    if is_list(&command) {
        return match next(args)? {
            None => netns_request(Request::List(namespace)),
            Some(word) => Err(args.wrong(&format!("unexpected '{word}'"))),
        };
    }
    if namespace.is_some() {
        return Err(args.wrong("-n goes with 'ip netns list' only"));
    }
    let (name, expected) = match command.as_str() {
        word if short_for(word, "add", 1) => ("add", "NAME"),
        word if short_for(word, "delete", 1) => ("del", "NAME"),
        word if short_for(word, "identify", 1) => ("identify", "[PID]"),
        word if short_for(word, "pids", 1) => ("pids", "SANDBOX"),
        word if short_for(word, "exec", 1) => ("exec", "SANDBOX CMD [ARG]..."),
        word if short_for(word, "attach", 2) => ("attach", "NAME PID"),
        _ => return Err(args.wrong(&format!("unknown command '{command}'"))),
    };
    args.verb.push(name.to_owned());
    let mut operands = Vec::new();
    while let Some(word) = next(args)? {
        args.remember(&word);
        operands.push(word);
        if name == "exec" {
            break;
        }
    }
    let request = match (name, operands.as_slice()) {
        ("add", [name]) => Request::Add(own(name)?),
        ("del", [name]) => Request::Delete(given(name)?),
        ("attach", [name, process]) => Request::Attach(own(name)?, pid(process)?),
        ("identify", []) => Request::Identify(None),
        ("identify", [process]) => Request::Identify(Some(pid(process)?)),
        ("pids", [sandbox]) => Request::Pids(SandboxRef::parse(sandbox)?),
        ("exec", [sandbox]) => {
            let (sandbox, command) = (SandboxRef::parse(sandbox)?, args.rest()?);
            if command.is_empty() {
                return Err(args.wrong(&format!("expected {expected}")));
            }
            Request::Exec(sandbox, command)
        }
        _ => return Err(args.wrong(&format!("expected {expected}"))),
    };
    netns_request(request)
}

fn netns_request(request: Request) -> Parsed<Run> {
    done(move |context| ip_netns::run(context, request))
}

/// The name of a sandbox that is to be made.
fn own(name: &str) -> Result<String> {
    names::sandbox(name).given_for("sandbox name", name)?;
    Ok(name.to_owned())
}

/// The name of a sandbox that is to be removed: it may be one that others gave.
fn given(name: &str) -> Result<String> {
    names::pinned(name).given_for("sandbox name", name)?;
    Ok(name.to_owned())
}

fn pid(text: &str) -> Result<u32> {
    number("process id", text)
}
