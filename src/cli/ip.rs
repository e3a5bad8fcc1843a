//! `ip`: its options are whole words behind one dash (`-br`), and its objects and commands may be abbreviated.

use pontoon_netlink::route::route::RT_TABLE_MAIN;
use pontoon_netlink::route::{AF_INET, AF_INET6};

use super::Verb;
use super::words::{Parsed, Words};
use crate::commands::ip::{Object, Show};
use crate::commands::ip_netns::Request;
use crate::error::{Error, Failure};
use crate::network::sandbox::{self, SandboxRef};
use crate::prelude::*;
use crate::views::ip::{self, PROTOCOLS, Prefix, SCOPES, STATES, TABLES, parse_prefix, value_of};

/// Reads the words after `ip`.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let show = stay(Show::default());
    while let Some(word) = next(words)? {
        let Some(option) = word.strip_prefix('-').map(|option| option.strip_prefix('-').unwrap_or(option)) else {
            return object(words, word, show);
        };
        // `-batch` is iproute2's, and `-b` stands for it.
        match full_word(option, "4:4 6:6 j:json d:details -:batch b:brief o:oneline n:netns f:family") {
            b'4' => show.format.family = AF_INET,
            b'6' => show.format.family = AF_INET6,
            b'j' => words.context.json = true,
            b'd' => show.format.details = true,
            b'b' => show.format.brief = true,
            b'o' => show.format.oneline = true,
            b'n' => show.namespace = Some(SandboxRef::parse(value(words, word)?)?),
            b'f' => {
                show.format.family = match value(words, word)? {
                    "inet" => AF_INET,
                    "inet6" => AF_INET6,
                    other => return Err(Error::value("-family", other, "inet or inet6")),
                }
            }
            _ => return Err(words.unknown(word)),
        }
    }
    Err(words.incomplete())
}

/// The next word, after the options that every verb has everywhere.
fn next(words: &mut Words) -> Parsed<Option<Text>> {
    loop {
        let Some(word) = words.next_as_is() else { return Ok(None) };
        match letter_of("h:-h h:--help h:-help h:help j:--json", &|name| name == word) {
            b'h' => return Err(Failure::Print(words.help.unpack()).into()),
            b'j' => words.context.json = true,
            _ => return Ok(Some(word)),
        }
    }
}

fn value(words: &mut Words, of: Text) -> Parsed<Text> {
    next(words)?.ok_or_else(|| words.wrong(text!("{of} needs a value")))
}

/// The letter of the first of `known` that `word` is or abbreviates; 0 when there is none.
fn full_word(word: Text, known: Text) -> u8 {
    letter_of(known, &|full| !word.is_empty() && full.starts_with(word))
}

fn object(words: &mut Words, word: Text, show: &'static mut Show) -> Parsed<Verb> {
    let (name, object) = match full_word(word, "a:address r:route n:neighbour n:neighbor l:link N:netns") {
        b'a' => ("addr", Object::Address),
        b'r' => ("route", Object::Route),
        b'n' => ("neigh", Object::Neighbour),
        b'l' => ("link", Object::Link),
        b'N' => return netns(words, show.namespace),
        _ => return Err(words.wrong(text!("unknown object '{word}'"))),
    };
    enter(words, name);
    show.object = object;
    if object == Object::Route {
        show.filter.table = Some(RT_TABLE_MAIN);
    }
    match next(words)? {
        None => {}
        Some(command) if is_list(command) => filters(words, show)?,
        Some(command) => return Err(unknown_command(words, command)),
    }
    Ok(Verb::Ip(show))
}

/// Takes note of a word of the verb, in full.
fn enter(words: &mut Words, word: Text) {
    words.path = text!("{} {word}", words.path);
}

fn is_list(command: Text) -> bool {
    full_word(command, "s:show l:list l:lst") != 0
}

fn unknown_command(words: &Words, command: Text) -> Error {
    words.wrong(text!("unknown command '{command}'"))
}

/// Filters that take a value, each behind its letter; that of `to` is `a`, for it takes an address.
const WITH_VALUE: Text = "d:dev o:oif m:master t:type g:group s:scope T:table p:proto p:protocol n:nud a:to";

fn filters(words: &mut Words, show: &mut Show) -> Parsed<()> {
    while let Some(word) = next(words)? {
        let known = match letter_of(WITH_VALUE, &|name| name == word) {
            0 => filter(show, word)?,
            letter => {
                let value = value(words, word)?;
                filter_by_value(show, letter, value)?
            }
        };
        if !known {
            return Err(words.wrong(text!("unknown filter '{word}'")));
        }
    }
    Ok(())
}

fn of_links(show: &Show) -> bool {
    matches!(show.object, Object::Address | Object::Link)
}

/// Takes a filter that is one word; false when the object has none of that name.
fn filter(show: &mut Show, word: Text) -> Parsed<bool> {
    if !of_links(show) {
        return filter_by_value(show, b'a', word);
    } else if word == "up" {
        show.filter.up = true;
    } else if show.dev.is_none() {
        show.dev = Some(word);
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Takes a filter that has a value; false when the object has none of that letter.
fn filter_by_value(show: &mut Show, letter: u8, value: Text) -> Parsed<bool> {
    let links = of_links(show);
    let route = show.object == Object::Route;
    let filter = &mut show.filter;
    match letter {
        b'd' => show.dev = Some(value),
        b'o' if route => show.dev = Some(value),
        b'm' if links => show.master = Some(value),
        b't' if links => filter.kind = Some(value),
        b'g' if links => filter.group = Some(if value == "default" { 0 } else { number("group", value)? }),
        b's' if links || route => filter.scope = Some(named("scope", value, SCOPES)?),
        b'T' if route => filter.table = table(value)?,
        b'p' if route => filter.protocol = Some(named("proto", value, PROTOCOLS)?),
        b'n' if show.object == Object::Neighbour => {
            filter.states = Some(filter.states.unwrap_or(0) | states(value)?);
        }
        b'a' if !links => filter.to = Some(prefix(value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn number(what: Text, text: Text) -> Result<u32, Error> {
    text.parse().map_err(|_| Error::value(what, text, "a number"))
}

fn named(what: Text, text: Text, table: Text) -> Result<u8, Error> {
    value_of(table, text).ok_or_else(|| Error::value(what, text, "a name that 'ip' prints, or a number up to 255"))
}

/// None for all tables.
fn table(text: Text) -> Result<Option<u32>, Error> {
    match value_of(TABLES, text) {
        _ if text == "all" => Ok(None),
        Some(table) => Ok(Some(table.into()).filter(|table| *table != 0)),
        None => number("table", text).map(Some),
    }
}

fn states(text: Text) -> Result<u16, Error> {
    let named = ip::find(STATES, &mut |_, name| same_word(name, text));
    match named {
        _ if text == "all" => Ok(u16::MAX),
        _ if text == "none" => Ok(0x100),
        Some((bit, _)) => Ok(1 << bit),
        None => Err(Error::value("nud", text, "a state that 'ip neigh' prints, or 'all'")),
    }
}

fn prefix(text: Text) -> Result<Prefix, Error> {
    parse_prefix(text).ok_or_else(|| Error::value("PREFIX", text, "'default', an address or a subnet"))
}

fn netns(words: &mut Words, namespace: Option<&'static SandboxRef>) -> Parsed<Verb> {
    enter(words, "netns");
    let list = |namespace| Ok(Verb::IpNetns(stay(Request::List(namespace))));
    let Some(command) = next(words)? else { return list(namespace) };
    if is_list(command) {
        return match next(words)? {
            None => list(namespace),
            Some(word) => Err(words.wrong(text!("unexpected '{word}'"))),
        };
    }
    if namespace.is_some() {
        return Err(words.wrong("-n goes with 'ip netns list' only"));
    }
    let letter = full_word(command, "a:add d:delete i:identify p:pids e:exec A:attach");
    let (full, least, most, names) = match letter {
        b'a' => ("add", 1, 1, "NAME"),
        b'd' => ("del", 1, 1, "NAME"),
        b'A' => ("attach", 2, 2, "NAME PID"),
        b'i' => ("identify", 0, 1, "[PID]"),
        b'p' => ("pids", 1, 1, "SANDBOX"),
        b'e' => return Ok(Verb::IpNetns(stay(exec(words)?))),
        _ => return Err(unknown_command(words, command)),
    };
    let request = match (letter, operands(words, full, least, most, names)?) {
        (b'a', [name]) => Request::Add(own(name)?),
        (b'd', [name]) => Request::Delete(own(name)?),
        (b'A', [name, process]) => Request::Attach(own(name)?, pid(process)?),
        (b'p', [sandbox]) => Request::Pids(SandboxRef::parse(sandbox)?),
        (_, [process]) => Request::Identify(Some(pid(process)?)),
        _ => Request::Identify(None),
    };
    Ok(Verb::IpNetns(stay(request)))
}

/// Reads the operands of `ip netns COMMAND` to the end.
fn operands(words: &mut Words, command: Text, least: usize, most: usize, names: Text) -> Parsed<&'static [Text]> {
    enter(words, command);
    while let Some(word) = next(words)? {
        words.remember(word);
    }
    let operands = words.operands();
    if (least..=most).contains(&operands.len()) { Ok(operands) } else { Err(words.expected(names)) }
}

/// What follows the sandbox is another program's, options and all.
fn exec(words: &mut Words) -> Parsed<Request> {
    enter(words, "exec");
    let names = "SANDBOX CMD [ARG]...";
    let Some(word) = next(words)? else { return Err(words.expected(names)) };
    words.remember(word);
    let sandbox = SandboxRef::parse(word)?;
    let command = words.rest()?;
    if command.is_empty() { Err(words.expected(names)) } else { Ok(Request::Exec(sandbox, command)) }
}

/// The name of a sandbox that is to be made or removed.
fn own(name: Text) -> Parsed<Text> {
    sandbox::sandbox_name(name)?;
    Ok(name)
}

fn pid(text: Text) -> Result<u32, Error> {
    number("process id", text)
}
