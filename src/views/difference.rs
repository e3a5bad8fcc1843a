//! In what the host is not what the records say, as JSON; its words as text it has itself.

use serde_json::{Value, json};

use crate::network::difference::Found;

/// Each with whose it is.
#[must_use]
pub fn json(all: &[Found]) -> Value {
    let one = |found: &Found| {
        json!({
            "network": found.network,
            "sandbox": found.sandbox,
            "kind": found.difference.kind(),
            "difference": found.difference.to_string(),
        })
    };
    all.iter().map(one).collect()
}
