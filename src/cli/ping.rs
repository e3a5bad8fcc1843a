//! `ping`.

use core::net::IpAddr;

use super::Verb;
use super::words::{Parsed, Words};
use crate::commands::ping::Arguments;
use crate::error::Error;
use crate::network::echo::MAX_SIZE;
use crate::network::sandbox::SandboxRef;
use crate::prelude::*;

/// Reads the arguments.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let arguments = stay(Arguments {
        host: "",
        address: IpAddr::from([0; 4]),
        count: 0,
        patience_us: 10_000_000,
        interval_us: 1_000_000,
        source: None,
        device: None,
        size: 56,
        quiet: false,
        from: None,
    });
    let mut v6 = None;
    loop {
        words.option("q:-q 4:-4 6:-6 c:-c= s:-s= W:-W= i:-i= I:-I= f:--from=")?;
        match words.letter {
            b'q' => arguments.quiet = true,
            b'4' => v6 = Some(false),
            b'6' => v6 = Some(true),
            b'c' => arguments.count = number(words, u32::MAX)?,
            b's' => arguments.size = usize::try_from(number(words, MAX_SIZE.into())?).unwrap_or_default(),
            b'W' => arguments.patience_us = seconds(words)?,
            b'i' => arguments.interval_us = seconds(words)?,
            b'I' => match words.value.parse() {
                Ok(address) => arguments.source = Some(address),
                Err(_) => arguments.device = Some(words.value),
            },
            b'f' => arguments.from = Some(SandboxRef::parse(words.value)?),
            _ => break,
        }
    }
    words.exactly(1, "one HOST")?;
    let host = words.operand_at(0);
    let (literal, device) = host.split_once('%').map_or((host, None), |(a, b)| (a, Some(b)));
    let must = match v6 {
        None => "an IPv4 or IPv6 address; names are not looked up",
        Some(false) => "an IPv4 address",
        Some(true) => "an IPv6 address",
    };
    let address = literal.parse::<IpAddr>().ok().filter(|address| v6.is_none_or(|v6| v6 == address.is_ipv6()));
    arguments.address = address.ok_or_else(|| Error::value("HOST", host, must))?;
    arguments.device = arguments.device.or(device);
    arguments.host = host;
    Ok(Verb::Ping(arguments))
}

/// The value of an option: a number up to `most`.
fn number(words: &Words, most: u32) -> Result<u32, Error> {
    let number = words.value.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| words.not_valid(text!("a number from 0 to {most}")))
}

/// The value of an option: seconds, in microseconds.
pub(super) fn seconds(words: &Words) -> Result<u64, Error> {
    microseconds(words.value).ok_or_else(|| words.not_valid("a number of seconds"))
}

/// Seconds with or without a fraction, in microseconds; what is finer is cut off.
fn microseconds(seconds: Text) -> Option<u64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let whole: u32 = whole.parse().ok()?;
    let mut microseconds = u64::from(whole) * 1_000_000;
    let mut unit = 100_000;
    for digit in fraction.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        microseconds += u64::from(digit - b'0') * unit;
        unit /= 10;
    }
    Some(microseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        for (text, expected) in
            [("1", 1_000_000), ("0.2", 200_000), ("0", 0), ("2.5000009", 2_500_000), ("0.", 0), ("1.05", 1_050_000)]
        {
            assert_eq!(microseconds(text), Some(expected), "{text}");
        }
        for text in ["", ".5", "-1", "1,5", "1.x", "99999999999", "1e3", " 1"] {
            assert_eq!(microseconds(text), None, "{text}");
        }
    }
}
