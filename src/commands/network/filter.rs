//! `--filter KEY=VALUE` of `network ls` and `network prune`.

use crate::error::{Error, Result};
use crate::model::network::{DEFAULT_NETWORK, Network};
use crate::types::time;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The name contains this.
    Name(String),
    /// The id begins with this.
    Id(String),
    /// The label is there and, when a value is given, has it; or, negated, the opposite.
    Label {
        /// The label.
        key: String,
        /// Its value.
        value: Option<String>,
        /// `label!=`.
        negated: bool,
    },
    /// The driver is this.
    Driver(String),
    /// The scope is this.
    Scope(String),
    /// `custom`, or `builtin` for the default network.
    Builtin(bool),
    /// Nothing is attached.
    Dangling(bool),
    /// Created before this second since 1970.
    Until(i64),
}

impl Filter {
    /// Reads `KEY=VALUE`.
    pub fn parse(text: &str) -> Result<Self> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let value = value.to_owned();
        let label = |negated| match value.split_once('=') {
            Some((key, value)) => Self::Label { key: key.to_owned(), value: Some(value.to_owned()), negated },
            None => Self::Label { key: value.clone(), value: None, negated },
        };
        let truth = |value: &str| match value {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Error::value("--filter", text, "'true' or 'false' behind its '='")),
        };
        match key {
            "name" => Ok(Self::Name(value)),
            "id" => Ok(Self::Id(value)),
            "label" => Ok(label(false)),
            "label!" => Ok(label(true)),
            "driver" => Ok(Self::Driver(value)),
            "scope" => Ok(Self::Scope(value)),
            "type" if value == "custom" => Ok(Self::Builtin(false)),
            "type" if value == "builtin" => Ok(Self::Builtin(true)),
            "dangling" => truth(&value).map(Self::Dangling),
            "until" => until(&value).map(Self::Until).ok_or_else(|| {
                Error::value(
                    "--filter",
                    text,
                    "until= and a time such as 10m, 24h, 2026-11-24T06:37:23Z or seconds since 1970",
                )
            }),
            _ => Err(Error::value(
                "--filter",
                text,
                "one of name, id, label, label!, driver, scope, type, dangling, until",
            )),
        }
    }

    /// Whether `network`, which has `attached` endpoints, meets it.
    #[must_use]
    pub fn admits(&self, network: &Network, attached: usize) -> bool {
        match self {
            Self::Name(part) => network.name.contains(part.as_str()),
            Self::Id(part) => network.id.starts_with(part.as_str()),
            Self::Label { key, value, negated } => {
                let meets = |found: &String| value.as_ref().is_none_or(|value| found == value);
                network.labels.get(key).is_some_and(meets) != *negated
            }
            Self::Driver(driver) => driver == "bridge",
            Self::Scope(scope) => scope == "local",
            Self::Builtin(builtin) => *builtin == (network.name == DEFAULT_NETWORK),
            Self::Dangling(dangling) => *dangling == (attached == 0),
            Self::Until(second) => time::parse(&network.created).is_some_and(|created| created < *second),
        }
    }
}

/// Seconds since 1970 of a point in time: itself, RFC 3339, or so long ago (`90s`, `10m`, `1h30m`).
fn until(text: &str) -> Option<i64> {
    if let Some(time) = time::parse(text) {
        return Some(time);
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    let mut rest = text;
    let mut ago = 0_i64;
    while !rest.is_empty() {
        let (digits, unit) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let factor = match unit.as_bytes().first()? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            _ => return None,
        };
        ago = ago.checked_add(digits.parse::<i64>().ok()?.checked_mul(factor)?)?;
        rest = unit.get(1..)?;
    }
    Some(time::now_seconds() - ago)
}
