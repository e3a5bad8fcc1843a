//! `network …`, `inspect`, `gc`.

use std::net::IpAddr;

use super::Verb;
use super::words::{Parsed, Word, Words};
use crate::commands::network::{connect, create, disconnect, filter::Filter, ls, prune, rm};
use crate::error::{Error, Result};
use crate::network::mac::Mac;
use crate::network::names::IfName;
use crate::network::options;
use crate::network::publish::Spec;
use crate::network::sandbox::SandboxRef;
use crate::network::subnet::Subnet;

pub(super) fn create(words: &mut Words) -> Parsed<Verb> {
    let mut arguments = create::Arguments::default();
    let wanted = &mut arguments.wanted;
    let mut names = Vec::new();
    while let Some(word) = words.next()? {
        let option = match word {
            Word::Operand(name) => {
                names.push(name);
                continue;
            }
            Word::Option(option) => option,
        };
        match option.as_str() {
            "--subnet" => wanted.subnets.push(subnet("--subnet", &words.value("--subnet")?)?),
            "--gateway" => wanted.gateways.push(address("--gateway", &words.value("--gateway")?)?),
            "--ip-range" => wanted.ip_ranges.push(subnet("--ip-range", &words.value("--ip-range")?)?),
            "--aux-address" => wanted.aux.push(aux(&words.value("--aux-address")?)?),
            "--ipv6" => wanted.ipv6 = words.flag("--ipv6")?,
            "--internal" => wanted.internal = words.flag("--internal")?,
            "--label" => wanted.labels.push(label(&words.value("--label")?)),
            "-o" | "--opt" => wanted.options.push(options::parse(&words.value("-o")?)?),
            "-d" | "--driver" => driver(&words.value("--driver")?)?,
            "--ensure" => arguments.ensure = words.flag("--ensure")?,
            "--dry-run" => arguments.dry_run = words.flag("--dry-run")?,
            _ => return Err(words.unknown(&option)),
        }
    }
    [wanted.name] = words.exactly(names, "one NAME")?;
    Ok(Verb::NetworkCreate(Box::new(arguments)))
}

pub(super) fn ls(words: &mut Words) -> Parsed<Verb> {
    let mut arguments = ls::Arguments::default();
    while let Some(word) = words.next()? {
        match word {
            Word::Operand(_) => return Err(words.wrong("expected no names")),
            Word::Option(option) => match option.as_str() {
                "-q" | "--quiet" => arguments.quiet = words.flag("-q")?,
                "--no-trunc" => arguments.no_trunc = words.flag("--no-trunc")?,
                "-f" | "--filter" => arguments.filters.push(Filter::parse(&words.value("--filter")?)?),
                "--format" => match words.value("--format")?.as_str() {
                    "json" | "{{json .}}" => arguments.json = true,
                    "table" => {}
                    other => return Err(Error::value("--format", other, "'json' or 'table'")),
                },
                _ => return Err(words.unknown(&option)),
            },
        }
    }
    Ok(Verb::NetworkLs(arguments))
}

pub(super) fn inspect(words: &mut Words) -> Parsed<Verb> {
    let (names, _) = names_and_flags(words, &[])?;
    Ok(Verb::NetworkInspect(names))
}

pub(super) fn inspect_any(words: &mut Words) -> Parsed<Verb> {
    let (names, _) = names_and_flags(words, &[])?;
    Ok(Verb::Inspect(names))
}

pub(super) fn rm(words: &mut Words) -> Parsed<Verb> {
    let (networks, force) = names_and_flags(words, &["-f", "--force"])?;
    Ok(Verb::NetworkRm(rm::Arguments { networks, force }))
}

pub(super) fn prune(words: &mut Words) -> Parsed<Verb> {
    let mut arguments = prune::Arguments::default();
    while let Some(word) = words.next()? {
        match word {
            Word::Operand(_) => return Err(words.wrong("expected no names")),
            Word::Option(option) => match option.as_str() {
                "-f" | "--force" => arguments.force = words.flag("-f")?,
                "--filter" => arguments.filters.push(Filter::parse(&words.value("--filter")?)?),
                _ => return Err(words.unknown(&option)),
            },
        }
    }
    Ok(Verb::NetworkPrune(arguments))
}

pub(super) fn connect(words: &mut Words) -> Parsed<Verb> {
    let mut wishes = crate::network::attach::Wishes::default();
    let mut publish = Vec::new();
    let mut ensure = false;
    let mut names = Vec::new();
    while let Some(word) = words.next()? {
        let option = match word {
            Word::Operand(name) => {
                names.push(name);
                continue;
            }
            Word::Option(option) => option,
        };
        match option.as_str() {
            "--ip" => wishes.ipv4 = Some(address("--ip", &words.value("--ip")?)?),
            "--ip6" => wishes.ipv6 = Some(address("--ip6", &words.value("--ip6")?)?),
            "--mac-address" => wishes.mac = Some(Mac::parse("--mac-address", &words.value("--mac-address")?)?),
            "--ifname" => wishes.ifname = Some(IfName::parse("--ifname", &words.value("--ifname")?)?),
            "-p" | "--publish" => publish.push(Spec::parse(&words.value("-p")?)?),
            "--ensure" => ensure = words.flag("--ensure")?,
            _ => return Err(words.unknown(&option)),
        }
    }
    for (option, address, ipv4) in [("--ip", wishes.ipv4, true), ("--ip6", wishes.ipv6, false)] {
        if let Some(address) = address.filter(|address| address.is_ipv4() != ipv4) {
            return Err(Error::value(
                option,
                &address.to_string(),
                if ipv4 { "an IPv4 address" } else { "an IPv6 address" },
            ));
        }
    }
    let [network, sandbox] = words.exactly(names, "NETWORK and SANDBOX")?;
    let sandbox = SandboxRef::parse(&sandbox)?;
    Ok(Verb::NetworkConnect(Box::new(connect::Arguments { network, sandbox, wishes, publish, ensure })))
}

pub(super) fn disconnect(words: &mut Words) -> Parsed<Verb> {
    let (names, force) = names_and_flags(words, &["-f", "--force"])?;
    let [network, sandbox] = words.exactly(names, "NETWORK and SANDBOX")?;
    let sandbox = SandboxRef::parse(&sandbox)?;
    Ok(Verb::NetworkDisconnect(disconnect::Arguments { network, sandbox, force }))
}

pub(super) fn gc(words: &mut Words) -> Parsed<Verb> {
    let mut dry_run = false;
    while let Some(word) = words.next()? {
        match word {
            Word::Option(option) if option == "--dry-run" => dry_run = words.flag("--dry-run")?,
            Word::Option(option) => return Err(words.unknown(&option)),
            Word::Operand(_) => return Err(words.wrong("expected no names")),
        }
    }
    Ok(Verb::Gc { dry_run })
}

pub(super) fn sync(words: &mut Words) -> Parsed<Verb> {
    nothing(words).map(|()| Verb::Sync)
}

pub(super) fn probe(words: &mut Words) -> Parsed<Verb> {
    nothing(words).map(|()| Verb::Probe)
}

/// Reads the arguments of a verb that has none but `-j`.
fn nothing(words: &mut Words) -> Parsed<()> {
    while let Some(word) = words.next()? {
        match word {
            Word::Option(option) if option == "-j" => words.json = true,
            Word::Option(option) => return Err(words.unknown(&option)),
            Word::Operand(_) => return Err(words.wrong("expected no names")),
        }
    }
    Ok(())
}

/// A group of verbs alone: which of them is missing.
pub(super) fn group(words: &mut Words) -> Parsed<Verb> {
    Err(words.incomplete())
}

/// At least one name, and whether any of the spellings `flags` of one flag was given.
fn names_and_flags(words: &mut Words, flags: &[&str]) -> Parsed<(Vec<String>, bool)> {
    let mut names = Vec::new();
    let mut on = false;
    while let Some(word) = words.next()? {
        match word {
            Word::Operand(name) => names.push(name),
            Word::Option(option) if flags.contains(&option.as_str()) => on = words.flag(&option)?,
            Word::Option(option) => return Err(words.unknown(&option)),
        }
    }
    if names.is_empty() { Err(words.wrong("expected a NAME")) } else { Ok((names, on)) }
}

fn subnet(option: &'static str, text: &str) -> Result<Subnet> {
    Subnet::parse(text).map_err(|invalid| Error::value(option, text, &invalid.to_string()))
}

fn address(option: &'static str, text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| Error::value(option, text, "an address such as 10.1.0.1 or fd00:1::1"))
}

fn aux(text: &str) -> Result<(String, IpAddr)> {
    let (name, ip) = text.split_once('=').ok_or_else(|| Error::value("--aux-address", text, "NAME=IP"))?;
    Ok((name.to_owned(), address("--aux-address", ip)?))
}

fn label(text: &str) -> (String, String) {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    (key.to_owned(), value.to_owned())
}

/// There is one driver, and Docker's option for it is no mistake.
fn driver(name: &str) -> Result<()> {
    if name == "bridge" { Ok(()) } else { Err(Error::value("--driver", name, "'bridge', the only driver there is")) }
}
