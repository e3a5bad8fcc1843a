//! `network …`, `inspect`, `gc`.

use core::net::IpAddr;

use super::Verb;
use super::words::{Parsed, Words};
use crate::commands::network::{connect, create, disconnect, filter::Filter, ls, prune, rm};
use crate::error::{Error, Result};
use crate::network::mac::Mac;
use crate::network::names::IfName;
use crate::network::options;
use crate::network::publish;
use crate::network::sandbox::SandboxRef;
use crate::network::subnet::Subnet;
use crate::prelude::*;

const CREATE: Text = "s:--subnet= g:--gateway= r:--ip-range= a:--aux-address= 6:--ipv6? i:--internal? l:--label= o:-o|--opt= \
                      d:--driver|-d= e:--ensure? n:--dry-run?";

pub(super) fn create(words: &mut Words) -> Parsed<Verb> {
    let arguments = stay(create::Arguments::default());
    let wanted = &mut arguments.wanted;
    loop {
        words.option(CREATE)?;
        match words.letter {
            b's' => subnet(words, &mut wanted.subnets)?,
            b'g' => wanted.gateways.push(*address(words.name, words.value)?),
            b'r' => subnet(words, &mut wanted.ip_ranges)?,
            b'a' => {
                let (name, ip) = words.value.split_once('=').ok_or_else(|| words.not_valid("NAME=IP"))?;
                wanted.aux.push((name, address(words.name, ip)?.to_text()));
            }
            b'6' => wanted.ipv6 = words.on,
            b'i' => wanted.internal = words.on,
            b'l' => wanted.labels.push(words.value.split_once('=').unwrap_or((words.value, ""))),
            b'o' => wanted.options.push(options::parse(words.value)?),
            // There is one driver, and Docker's option for it is no mistake.
            b'd' => match words.value {
                "bridge" => {}
                _ => return Err(words.not_valid("'bridge', the only driver there is")),
            },
            b'e' => arguments.ensure = words.on,
            b'n' => arguments.dry_run = words.on,
            _ => break,
        }
    }
    words.exactly(1, "one NAME")?;
    wanted.name = words.operand_at(0);
    Ok(Verb::NetworkCreate(arguments))
}

pub(super) fn ls(words: &mut Words) -> Parsed<Verb> {
    let arguments = stay(ls::Arguments::default());
    loop {
        words.only_option("q:-q|--quiet? n:--no-trunc? f:--filter|-f= F:--format=")?;
        match words.letter {
            b'q' => arguments.quiet = words.on,
            b'n' => arguments.no_trunc = words.on,
            b'f' => arguments.filters.push(Filter::parse(words.value)?),
            b'F' => match words.value {
                "json" | "{{json .}}" => arguments.json = true,
                "table" => {}
                _ => return Err(words.not_valid("'json' or 'table'")),
            },
            _ => return Ok(Verb::NetworkLs(arguments)),
        }
    }
}

pub(super) fn inspect(words: &mut Words) -> Parsed<Verb> {
    names(words, "").map(Verb::NetworkInspect)
}

pub(super) fn inspect_any(words: &mut Words) -> Parsed<Verb> {
    names(words, "").map(Verb::Inspect)
}

pub(super) fn rm(words: &mut Words) -> Parsed<Verb> {
    let networks = names(words, FORCE)?;
    Ok(Verb::NetworkRm(stay(rm::Arguments { networks, force: words.on })))
}

pub(super) fn prune(words: &mut Words) -> Parsed<Verb> {
    let arguments = stay(prune::Arguments::default());
    loop {
        words.only_option("f:-f|--force? c:--filter=")?;
        match words.letter {
            b'f' => arguments.force = words.on,
            b'c' => arguments.filters.push(Filter::parse(words.value)?),
            _ => return Ok(Verb::NetworkPrune(arguments)),
        }
    }
}

pub(super) fn connect(words: &mut Words) -> Parsed<Verb> {
    let mut wishes = crate::network::attach::Wishes::default();
    let mut ports = Vec::new();
    let mut ensure = false;
    loop {
        words.option("4:--ip= 6:--ip6= m:--mac-address= i:--ifname= p:-p|--publish= e:--ensure?")?;
        match words.letter {
            b'4' => wishes.ipv4 = Some(*address(words.name, words.value)?),
            b'6' => wishes.ipv6 = Some(*address(words.name, words.value)?),
            b'm' => wishes.mac = Some(Mac::parse(words.name, words.value)?),
            b'i' => wishes.ifname = Some(IfName::parse(words.name, words.value)?),
            b'p' => publish::parse(words.value, &mut ports)?,
            b'e' => ensure = words.on,
            _ => break,
        }
    }
    if let Some(address @ IpAddr::V6(_)) = wishes.ipv4 {
        return Err(Error::value("--ip", address.to_text(), "an IPv4 address"));
    }
    if let Some(address @ IpAddr::V4(_)) = wishes.ipv6 {
        return Err(Error::value("--ip6", address.to_text(), "an IPv6 address"));
    }
    let (network, sandbox) = network_and_sandbox(words)?;
    Ok(Verb::NetworkConnect(stay(connect::Arguments { network, sandbox, wishes, ports, ensure })))
}

pub(super) fn disconnect(words: &mut Words) -> Parsed<Verb> {
    names(words, FORCE)?;
    let (network, sandbox) = network_and_sandbox(words)?;
    Ok(Verb::NetworkDisconnect(stay(disconnect::Arguments { network, sandbox, force: words.on })))
}

const DRY_RUN: Text = "n:--dry-run?";

pub(super) fn gc(words: &mut Words) -> Parsed<Verb> {
    words.only_option(DRY_RUN)?;
    while words.letter != 0 {
        words.only_option(DRY_RUN)?;
    }
    Ok(Verb::Gc { dry_run: words.on })
}

pub(super) fn sync(words: &mut Words) -> Parsed<Verb> {
    nothing(words).map(|()| Verb::Sync)
}

pub(super) fn probe(words: &mut Words) -> Parsed<Verb> {
    nothing(words).map(|()| Verb::Probe)
}

/// Reads the arguments of a verb that has none but `-j`.
fn nothing(words: &mut Words) -> Parsed<()> {
    loop {
        words.only_option("j:-j")?;
        match words.letter {
            b'j' => words.context.json = true,
            _ => return Ok(()),
        }
    }
}

/// A flag of two spellings, each of which errors call as it was written.
const FORCE: Text = "f:-f? f:--force?";

/// Reads at least one name, and `flag`.
fn names(words: &mut Words, flag: Text) -> Parsed<&'static [Text]> {
    words.flag(flag)?;
    let names = words.operands();
    if names.is_empty() { Err(words.expected("a NAME")) } else { Ok(names) }
}

fn network_and_sandbox(words: &Words) -> Parsed<(Text, &'static SandboxRef)> {
    words.exactly(2, "NETWORK and SANDBOX")?;
    Ok((words.operand_at(0), SandboxRef::parse(words.operand_at(1))?))
}

/// Reads the option's value.
fn subnet(words: &Words, subnets: &mut Vec<Subnet>) -> Result<()> {
    let subnet = Subnet::parse(words.value).map_err(|invalid| words.not_valid(invalid.to_text()))?;
    subnets.push(subnet);
    Ok(())
}

fn address(option: Text, text: Text) -> Result<&'static mut IpAddr> {
    text.parse().map(stay).map_err(|_| Error::value(option, text, "an address such as 10.1.0.1 or fd00:1::1"))
}
