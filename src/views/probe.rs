//! What `probe` found, a line for each feature.

use super::check::add_notes;
use super::object::append;
use crate::json::Json;
use crate::network::features::Feature;
use crate::prelude::*;

/// Two columns, and for what is missing what it needs and what it is needed for; then a line for each firewall in the way.
#[must_use]
pub fn text(features: &[Feature], notes: &[Text]) -> String {
    let mut out = String::new();
    for feature in features {
        let Feature { name, config, without, available, .. } = feature;
        out.push_str(match available {
            true => text!("yes  {name}\n"),
            false => text!("no   {name}: needs {config}; without it no {without}\n"),
        });
    }
    add_notes(&mut out, notes);
    out
}

/// A list of objects; a firewall in the way is a feature that is not available.
#[must_use]
pub fn json(features: &[Feature], notes: &[Text]) -> Json {
    let mut list = Vec::new();
    let mut entry = |name: Text, available: bool, config: Text, without: Text| {
        append(&mut list, &mut |json| {
            json.text("feature", name).bool("available", available).text("config", config).text("without", without);
        });
    };
    for feature in features {
        entry(feature.name, feature.available, feature.config, feature.without);
    }
    for note in notes {
        entry("forwarding", false, "another firewall's rules", note);
    }
    Json::list(list)
}
