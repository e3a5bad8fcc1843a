//! What `probe` found, a line for each feature.

use std::fmt::Write;

use serde_json::{Value, json};

use super::check::notes_text;
use crate::diagnose::features::Feature;

/// Two columns, and for what is missing what it needs and what it is needed for; then a line for each note: forwarding, firewalls in the way.
#[must_use]
pub fn text(features: &[Feature], notes: &[String]) -> String {
    let mut out = String::new();
    for feature in features {
        let mark = if feature.available { "yes" } else { "no" };
        // Writing to memory cannot fail.
        let _ = write!(out, "{mark:4} {}", feature.name);
        if !feature.available {
            let _ = write!(out, ": needs {}; without it no {}", feature.config, feature.without);
        }
        out.push('\n');
    }
    out + &notes_text(notes)
}

/// A list of objects; a firewall in the way is a feature that is not available, forwarding for a network of ours one that is.
#[must_use]
pub fn json(features: &[Feature], forwarding: &[String], in_the_way: &[String]) -> Value {
    let entry = |name: &str, available: bool, config: &str, without: &str| json!({ "feature": name, "available": available, "config": config, "without": without });
    let tried = features.iter().map(|feature| entry(feature.name, feature.available, feature.config, feature.without));
    let forwarding = forwarding.iter().map(|note| entry("forwarding", true, "the host's parameters", note));
    let in_the_way = in_the_way.iter().map(|note| entry("forwarding", false, "another firewall's rules", note));
    tried.chain(forwarding).chain(in_the_way).collect()
}
