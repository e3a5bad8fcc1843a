//! `--filter KEY=VALUE` of `network ls` and `network prune`.

use crate::error::{Error, Result};
use crate::network::definition::Network;
use crate::network::time;
use crate::prelude::*;
use crate::sys::clock;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The name contains this.
    Name(Text),
    /// The id begins with this.
    Id(Text),
    /// The label is there and, when a value is given, has it; or, negated, the opposite.
    Label {
        /// The label.
        key: Text,
        /// Its value.
        value: Option<Text>,
        /// `label!=`.
        negated: bool,
    },
    /// The driver is this.
    Driver(Text),
    /// The scope is this.
    Scope(Text),
    /// `custom`, or `builtin` for the default network.
    Builtin(bool),
    /// Nothing is attached.
    Dangling(bool),
    /// Created before this second since 1970.
    Until(i64),
}

impl Filter {
    /// Reads `KEY=VALUE`.
    pub fn parse(text: Text) -> Result<Self> {
        Self::read(text).map_err(|must| Error::value("--filter", text, must))
    }

    /// Reads `KEY=VALUE`; the error follows "it must be".
    fn read(text: Text) -> core::result::Result<Self, Text> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let letter =
            letter_of("n:name i:id l:label L:label! d:driver s:scope t:type D:dangling u:until", &|name| name == key);
        Ok(match letter {
            b'n' => Self::Name(value),
            b'i' => Self::Id(value),
            b'l' | b'L' => {
                let (label, value) = value.split_once('=').map_or((value, None), |(label, value)| (label, Some(value)));
                Self::Label { key: label, value, negated: letter == b'L' }
            }
            b'd' => Self::Driver(value),
            b's' => Self::Scope(value),
            b't' if matches!(value, "custom" | "builtin") => Self::Builtin(value == "builtin"),
            b'D' => match letter_of("t:true t:1 f:false f:0", &|word| word == value) {
                b't' => Self::Dangling(true),
                b'f' => Self::Dangling(false),
                _ => return Err("'true' or 'false' behind its '='"),
            },
            b'u' => Self::Until(
                until(value).ok_or("until= and a time such as 10m, 24h, 2026-11-24T06:37:23Z or seconds since 1970")?,
            ),
            _ => return Err("one of name, id, label, label!, driver, scope, type, dangling, until"),
        })
    }

    /// Whether `network`, which has `attached` endpoints, meets it.
    fn admits(&self, network: &Network, attached: usize) -> bool {
        match self {
            Self::Name(part) => contains(network.name, part),
            Self::Id(part) => network.id.starts_with(part),
            Self::Label { key, value, negated } => {
                let meets = |(k, v): &(Text, Text)| k == key && value.as_ref().is_none_or(|value| v == value);
                network.labels.iter().any(meets) != *negated
            }
            Self::Driver(driver) => *driver == "bridge",
            Self::Scope(scope) => *scope == "local",
            Self::Builtin(builtin) => *builtin == (network.name == crate::network::definition::DEFAULT_NETWORK),
            Self::Dangling(dangling) => *dangling == (attached == 0),
            Self::Until(second) => time::parse(network.created).is_some_and(|created| created < *second),
        }
    }
}

/// As Docker: of the filters of one kind one must be met, but of labels all.
#[must_use]
pub fn meets(filters: &[Filter], network: &Network, attached: usize) -> bool {
    let kind = core::mem::discriminant::<Filter>;
    filters.iter().all(|filter| {
        if matches!(filter, Filter::Label { .. }) {
            return filter.admits(network, attached);
        }
        filters.iter().any(|other| kind(other) == kind(filter) && other.admits(network, attached))
    })
}

/// `str::contains` for short texts: without its tables for searching long ones.
fn contains(text: Text, part: Text) -> bool {
    (0..=text.len()).any(|start| text.get(start..).is_some_and(|rest| rest.starts_with(part)))
}

/// Seconds since 1970 of a point in time: itself, RFC 3339, or so long ago (`90s`, `10m`, `1h30m`).
fn until(text: Text) -> Option<i64> {
    if let Some(time) = time::parse(text) {
        return Some(time);
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    let mut ago = 0_i64;
    let mut number = None;
    for byte in text.bytes() {
        let factor = match byte {
            b'0'..=b'9' => {
                let tens = number.unwrap_or(0_i64).checked_mul(10)?;
                number = Some(tens.checked_add(i64::from(byte - b'0'))?);
                continue;
            }
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            _ => return None,
        };
        ago = ago.checked_add(number.take()?.checked_mul(factor)?)?;
    }
    number.is_none().then(|| clock::now().0 - ago)
}
