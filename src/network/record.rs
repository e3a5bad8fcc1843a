//! Reading records: the value of one key, when it is there and of its kind.

use core::fmt::Display;
use core::net::IpAddr;

use super::subnet::Subnet;
use crate::json::Json;
use crate::prelude::*;

/// A text.
#[must_use]
pub fn text(record: &Json, key: Text) -> Option<Text> {
    record.get(key)?.text()
}

/// What is shown as a text, or nothing.
#[must_use]
pub fn or_null(value: Option<&dyn Display>) -> Json {
    match value {
        Some(value) => Json::Text(value.to_text()),
        None => Json::Null,
    }
}

/// A truth value; false when there is none.
#[must_use]
pub fn truth(record: &Json, key: Text) -> bool {
    record.get(key).and_then(Json::bool).unwrap_or_default()
}

/// An address.
#[must_use]
pub fn address(record: &Json, key: Text) -> Option<IpAddr> {
    text(record, key)?.parse().ok()
}

/// A subnet.
#[must_use]
pub fn subnet(record: &Json, key: Text) -> Option<Subnet> {
    Subnet::parse(text(record, key)?).ok()
}

/// Keys and their texts.
#[must_use]
pub fn pairs(record: &Json, key: Text) -> Option<&'static [(Text, Text)]> {
    let mut pairs = Vec::new();
    for (key, value) in record.get(key)?.entries() {
        if let Some(value) = value.text() {
            pairs.push((*key, value));
        }
    }
    Some(pairs.leak())
}
