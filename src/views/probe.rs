//! What `probe` found, a line for each feature.

use super::check::{add, add_notes};
use crate::diagnose::features::Feature;
use crate::json::Json;

/// Two columns, and for what is missing what it needs and what it is needed for; then a line for each firewall in the way.
#[must_use]
pub fn text(features: &[Feature], notes: &[String]) -> String {
    let mut out = String::new();
    for feature in features {
        let mark = if feature.available { "yes  " } else { "no   " };
        add(&mut out, &[mark, feature.name]);
        if !feature.available {
            add(&mut out, &[": needs ", feature.config, "; without it no ", feature.without]);
        }
        out.push('\n');
    }
    add_notes(&mut out, notes);
    out
}

/// A list of objects; a firewall in the way is a feature that is not available.
#[must_use]
pub fn json(features: &[Feature], notes: &[String]) -> Json {
    let mut list = Vec::new();
    let mut entry = |name: &str, available: bool, config: &str, without: &str| {
        list.push(Json::object_of(|json| {
            json.text("feature", name).bool("available", available).text("config", config).text("without", without);
        }));
    };
    for feature in features {
        entry(feature.name, feature.available, feature.config, feature.without);
    }
    for note in notes {
        entry("forwarding", false, "another firewall's rules", note);
    }
    Json::List(list)
}
