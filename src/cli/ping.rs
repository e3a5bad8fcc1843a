//! `ping`.

use std::net::IpAddr;

use super::Verb;
use super::words::{Parsed, Word, Words};
use crate::commands::ping::Arguments;
use crate::error::Error;
use crate::network::echo::MAX_SIZE;
use crate::network::sandbox::SandboxRef;

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let mut arguments = Arguments {
        host: String::new(),
        address: IpAddr::from([0; 4]),
        count: 0,
        patience_us: 10_000_000,
        interval_us: 1_000_000,
        source: None,
        device: None,
        size: 56,
        quiet: false,
        from: None,
    };
    let mut v6 = None;
    let mut hosts = Vec::new();
    while let Some(word) = words.next()? {
        let option = match word {
            Word::Operand(host) => {
                hosts.push(host);
                continue;
            }
            Word::Option(option) => option,
        };
        match option.as_str() {
            "-q" => arguments.quiet = true,
            "-4" => v6 = Some(false),
            "-6" => v6 = Some(true),
            "-c" | "-s" | "-W" | "-i" | "-I" | "--from" => {
                let value = words.value(&option)?;
                set(&mut arguments, &option, value)?;
            }
            _ => return Err(words.unknown(&option)),
        }
    }
    let [host] = words.exactly(hosts, "one HOST")?;
    let (literal, device) = host.split_once('%').map_or((host.as_str(), None), |(a, b)| (a, Some(b)));
    let must = match v6 {
        None => "an IPv4 or IPv6 address; names are not looked up",
        Some(false) => "an IPv4 address",
        Some(true) => "an IPv6 address",
    };
    let address = literal.parse::<IpAddr>().ok().filter(|address| v6.is_none_or(|v6| v6 == address.is_ipv6()));
    arguments.address = address.ok_or_else(|| Error::value("HOST", host.as_str(), must))?;
    arguments.device = arguments.device.or_else(|| device.map(str::to_owned));
    arguments.host = host;
    Ok(Verb::Ping(Box::new(arguments)))
}

fn set(arguments: &mut Arguments, option: &str, value: String) -> Result<(), Error> {
    match option {
        "-c" => arguments.count = number("-c", &value, u32::MAX)?,
        "-s" => arguments.size = usize::try_from(number("-s", &value, MAX_SIZE.into())?).unwrap_or_default(),
        "-W" => arguments.patience_us = seconds("-W", &value)?,
        "-i" => arguments.interval_us = seconds("-i", &value)?,
        "--from" => arguments.from = Some(SandboxRef::parse(&value)?),
        _ => match value.parse() {
            Ok(address) => arguments.source = Some(address),
            Err(_) => arguments.device = Some(value),
        },
    }
    Ok(())
}

fn number(what: &'static str, value: &str, most: u32) -> Result<u32, Error> {
    let number = value.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| Error::value(what, value, &format!("a number from 0 to {most}")))
}

/// Seconds with or without a fraction, in microseconds; what is finer is cut off.
pub(super) fn seconds(what: &'static str, value: &str) -> Result<u64, Error> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let read = || {
        let whole: u32 = whole.parse().ok()?;
        let digits = fraction.bytes().map(|digit| digit.is_ascii_digit().then(|| u64::from(digit - b'0')));
        let mut microseconds = 0;
        let mut unit = 100_000;
        for digit in digits {
            microseconds += digit? * unit;
            unit /= 10;
        }
        Some(u64::from(whole) * 1_000_000 + microseconds)
    };
    read().ok_or_else(|| Error::value(what, value, "a number of seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        for (text, expected) in
            [("1", 1_000_000), ("0.2", 200_000), ("0", 0), ("2.5000009", 2_500_000), ("0.", 0), ("1.05", 1_050_000)]
        {
            assert_eq!(seconds("-i", text), Ok(expected), "{text}");
        }
        for text in ["", ".5", "-1", "1,5", "1.x", "99999999999", "1e3", " 1"] {
            assert!(seconds("-i", text).is_err(), "{text}");
        }
    }
}
