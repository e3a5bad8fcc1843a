//! `ping`.

use std::net::IpAddr;
use std::time::Duration;

use super::args::{Args, Parsed, Run, names};
use crate::commands::look::ping::{self as commands, Arguments};
use crate::diagnose::echo::MAX_SIZE;
use crate::diagnose::ping::Ping;
use crate::error::{Error, Result};
use crate::sandbox::SandboxRef;
use crate::types::family::Family;

/// Reads the arguments.
pub fn read(args: &mut Args) -> Parsed<Run> {
    let mut ping = Ping {
        host: String::new(),
        address: IpAddr::from([0; 4]),
        count: 0,
        patience: Duration::from_secs(10),
        interval: Duration::from_secs(1),
        source: None,
        device: None,
        size: 56,
        from: None,
    };
    let (mut quiet, mut family) = (false, None);
    let hosts = names(args, |args, option| {
        match option {
            "-q" => quiet = true,
            "-4" => family = Some(Family::V4),
            "-6" => family = Some(Family::V6),
            "-c" => ping.count = number("-c", &args.value("-c")?, u32::MAX)?,
            "-s" => {
                let size = number("-s", &args.value("-s")?, MAX_SIZE.into())?;
                ping.size = usize::try_from(size).unwrap_or_default();
            }
            "-W" => ping.patience = seconds("-W", &args.value("-W")?)?,
            "-i" => ping.interval = seconds("-i", &args.value("-i")?)?,
            "--from" => ping.from = Some(SandboxRef::parse(&args.value("--from")?)?),
            "-I" => {
                let value = args.value("-I")?;
                match value.parse() {
                    Ok(address) => ping.source = Some(address),
                    Err(_) => ping.device = Some(value),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let [host] = args.exactly(hosts, "one HOST")?;
    let (literal, device) = host.split_once('%').map_or((host.as_str(), None), |(a, b)| (a, Some(b)));
    let must = match family {
        None => "an IPv4 or IPv6 address; names are not looked up",
        Some(Family::V4) => "an IPv4 address",
        Some(Family::V6) => "an IPv6 address",
    };
    let address = literal.parse().ok().filter(|address| family.is_none_or(|family| family == Family::of(*address)));
    ping.address = address.ok_or_else(|| Error::value("HOST", &host, must))?;
    ping.device = ping.device.or_else(|| device.map(str::to_owned));
    ping.host = host;
    Ok(Box::new(move |context| commands::run(context, &Arguments { ping, quiet })))
}

fn number(what: &'static str, value: &str, most: u32) -> Result<u32> {
    let number = value.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| Error::value(what, value, format_args!("a number from 0 to {most}")))
}

/// Seconds with or without a fraction; what is finer than microseconds is cut off.
pub(super) fn seconds(what: &'static str, value: &str) -> Result<Duration> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let read = || {
        let whole: u32 = whole.parse().ok()?;
        let mut microseconds = 0;
        let mut unit = 100_000;
        for digit in fraction.chars() {
            microseconds += digit.to_digit(10)? * unit;
            unit /= 10;
        }
        Some(Duration::from_secs(whole.into()) + Duration::from_micros(microseconds.into()))
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
            assert_eq!(seconds("-i", text), Ok(Duration::from_micros(expected)), "{text}");
        }
        for text in ["", ".5", "-1", "1,5", "1.x", "99999999999", "1e3", " 1"] {
            assert!(seconds("-i", text).is_err(), "{text}");
        }
    }
}
