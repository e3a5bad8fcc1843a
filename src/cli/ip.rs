//! `ip`: its options are whole words behind one dash (`-br`), and its objects and commands may be abbreviated.

use std::ffi::OsString;

use pontoon_netlink::route::{AF_INET, AF_INET6};

use super::Verb;
use super::words::{Parsed, Stop, Words};
use crate::commands::ip::{Object, Show};
use crate::commands::ip_netns::{Exec, Request};
use crate::error::Error;
use crate::network::sandbox::{self, SandboxRef};
use crate::views::ip::{Filter, Format, PROTOCOLS, SCOPES, STATES, TABLES, parse_prefix, value_of};

/// Reads the words after `ip`.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let mut format = Format::default();
    let mut namespace = None;
    while let Some(word) = next(words)? {
        let Some(option) = word.strip_prefix('-').map(|option| option.strip_prefix('-').unwrap_or(option)) else {
            return object(words, &word, format, namespace);
        };
        match option {
            "4" => format.family = AF_INET,
            "6" => format.family = AF_INET6,
            _ if short_for(option, "json", 1) => words.json = true,
            _ if short_for(option, "details", 1) => format.details = true,
            _ if short_for(option, "brief", 2) => format.brief = true,
            _ if short_for(option, "oneline", 1) => format.oneline = true,
            _ if short_for(option, "netns", 1) => namespace = Some(SandboxRef::parse(&value(words, &word)?)?),
            _ if short_for(option, "family", 1) => {
                format.family = match value(words, &word)?.as_str() {
                    "inet" => AF_INET,
                    "inet6" => AF_INET6,
                    other => return Err(Error::value("-family", other, "inet or inet6").into()),
                }
            }
            _ => return Err(words.unknown(&word)),
        }
    }
    Err(words.incomplete())
}

/// The next word, after the options that every verb has everywhere.
fn next(words: &mut Words) -> Parsed<Option<String>> {
    loop {
        match words.next_as_is() {
            Some(word) if matches!(word.as_str(), "-h" | "--help" | "-help" | "help") => {
                return Err(Stop::Print(words.help.to_owned()));
            }
            Some(word) if word == "--json" => words.json = true,
            word => return Ok(word),
        }
    }
}

fn value(words: &mut Words, of: &str) -> Parsed<String> {
    next(words)?.ok_or_else(|| words.wrong(format!("{of} needs a value")))
}

/// Whether `word` is `full` or an abbreviation of at least `least` bytes.
#[inline(never)]
fn short_for(word: &str, full: &str, least: usize) -> bool {
    word.len() >= least && full.starts_with(word)
}

fn object(words: &mut Words, word: &str, format: Format, namespace: Option<SandboxRef>) -> Parsed<Verb> {
    let (name, object) = match word {
        _ if short_for(word, "address", 1) => ("addr", Object::Address),
        _ if short_for(word, "route", 1) => ("route", Object::Route),
        _ if short_for(word, "neighbour", 1) || short_for(word, "neighbor", 1) => ("neigh", Object::Neighbour),
        _ if short_for(word, "link", 1) => ("link", Object::Link),
        _ if short_for(word, "netns", 3) => {
            words.path.push("netns".to_owned());
            return netns(words, namespace);
        }
        _ => return Err(words.wrong(format!("unknown object '{word}'"))),
    };
    words.path.push(name.to_owned());
    let mut show = Show::new(object, format, namespace);
    match next(words)? {
        None => {}
        Some(command) if is_list(&command) => filters(words, &mut show)?,
        Some(command) => return Err(words.wrong(format!("unknown command '{command}'"))),
    }
    Ok(Verb::Ip(show))
}

fn is_list(command: &str) -> bool {
    short_for(command, "show", 1) || short_for(command, "list", 1) || short_for(command, "lst", 1)
}

fn filters(words: &mut Words, show: &mut Show) -> Parsed<()> {
    let links = matches!(show.object, Object::Address | Object::Link);
    while let Some(word) = next(words)? {
        let filter = &mut show.filter;
        match (word.as_str(), show.object) {
            ("dev", _) | ("oif", Object::Route) => show.dev = Some(value(words, "dev")?),
            ("up", _) if links => filter.up = true,
            ("master", _) if links => show.master = Some(value(words, "master")?),
            ("type", _) if links => filter.kind = Some(value(words, "type")?),
            ("group", _) if links => {
                let group = value(words, "group")?;
                filter.group = Some(if group == "default" { 0 } else { number("group", &group)? });
            }
            ("scope", Object::Address | Object::Route) => filter.scope = Some(named(words, "scope", SCOPES)?),
            ("table", Object::Route) => filter.table = table(&value(words, "table")?)?,
            ("proto" | "protocol", Object::Route) => filter.protocol = Some(named(words, "proto", PROTOCOLS)?),
            ("nud", Object::Neighbour) => states(words, filter)?,
            ("to", Object::Route | Object::Neighbour) => {
                let to = value(words, "to")?;
                prefix(&to, filter)?;
            }
            (name, _) if links && show.dev.is_none() => show.dev = Some(name.to_owned()),
            (to, Object::Route | Object::Neighbour) => prefix(to, filter)?,
            _ => return Err(words.wrong(format!("unknown filter '{word}'"))),
        }
    }
    Ok(())
}

fn number(what: &'static str, text: &str) -> Result<u32, Error> {
    text.parse().map_err(|_| Error::value(what, text, "a number"))
}

fn named(words: &mut Words, what: &'static str, table: &[(u8, &str)]) -> Parsed<u8> {
    let text = value(words, what)?;
    value_of(table, &text)
        .ok_or_else(|| Error::value(what, &text, "a name that 'ip' prints, or a number up to 255").into())
}

/// None for all tables.
fn table(text: &str) -> Parsed<Option<u32>> {
    match value_of(TABLES, text) {
        _ if text == "all" => Ok(None),
        Some(table) => Ok(Some(table.into()).filter(|table| *table != 0)),
        None => Ok(Some(number("table", text)?)),
    }
}

fn states(words: &mut Words, filter: &mut Filter) -> Parsed<()> {
    let text = value(words, "nud")?;
    let named = STATES.iter().find(|(_, name)| name.eq_ignore_ascii_case(&text));
    let state = match named {
        _ if text == "all" => u16::MAX,
        _ if text == "none" => 0x100,
        Some((state, _)) => (*state).into(),
        None => return Err(Error::value("nud", &text, "a state that 'ip neigh' prints, or 'all'").into()),
    };
    filter.states = Some(filter.states.unwrap_or(0) | state);
    Ok(())
}

fn prefix(text: &str, filter: &mut Filter) -> Parsed<()> {
    let prefix = parse_prefix(text).ok_or_else(|| Error::value("PREFIX", text, "'default', an address or a subnet"))?;
    filter.to = Some(prefix);
    Ok(())
}

fn netns(words: &mut Words, namespace: Option<SandboxRef>) -> Parsed<Verb> {
    let Some(command) = next(words)? else { return Ok(Verb::IpNetns(Request::List(namespace))) };
    if is_list(&command) {
        return end(words, Request::List(namespace));
    }
    if namespace.is_some() {
        return Err(words.wrong("-n goes with 'ip netns list' only".to_owned()));
    }
    let (name, full) = match command.as_str() {
        word if short_for(word, "add", 1) => ("add", "NAME"),
        word if short_for(word, "delete", 1) => ("del", "NAME"),
        word if short_for(word, "identify", 1) => ("identify", "[PID]"),
        word if short_for(word, "pids", 1) => ("pids", "SANDBOX"),
        word if short_for(word, "exec", 1) => ("exec", "SANDBOX CMD [ARG]..."),
        word if short_for(word, "attach", 2) => ("attach", "NAME PID"),
        _ => return Err(words.wrong(format!("unknown command '{command}'"))),
    };
    words.path.push(name.to_owned());
    let Some(first) = next(words)? else {
        if name == "identify" {
            return Ok(Verb::IpNetns(Request::Identify(None)));
        }
        return Err(words.wrong(format!("expected {full}")));
    };
    words.remember(&first);
    match name {
        "identify" => end(words, Request::Identify(Some(pid(&first)?))),
        "pids" => end(words, Request::Pids(SandboxRef::parse(&first)?)),
        "exec" => {
            let sandbox = SandboxRef::parse(&first)?;
            let command: Vec<OsString> = words.rest()?;
            if command.is_empty() {
                return Err(words.wrong(format!("expected {full}")));
            }
            Ok(Verb::IpNetns(Request::Exec(Exec { sandbox, command })))
        }
        _ => {
            sandbox::sandbox_name(&first)?;
            match name {
                "add" => end(words, Request::Add(first)),
                "del" => end(words, Request::Delete(first)),
                _ => {
                    let pid = pid(&value(words, "attach NAME")?)?;
                    end(words, Request::Attach(first, pid))
                }
            }
        }
    }
}

fn pid(text: &str) -> Result<u32, Error> {
    number("process id", text)
}

/// Nothing may follow.
fn end(words: &mut Words, request: Request) -> Parsed<Verb> {
    match next(words)? {
        None => Ok(Verb::IpNetns(request)),
        Some(word) => Err(words.wrong(format!("unexpected '{word}'"))),
    }
}
