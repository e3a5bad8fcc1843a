//! What `probe` found: a table of features.

use super::table::table;
use crate::json::Json;
use crate::network::features::Feature;
use crate::network::foreign::Finding;

/// A table, and a line for each firewall in the way.
#[must_use]
pub fn text(features: &[(&Feature, bool)], notes: &[Finding]) -> String {
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    let mut rows = vec![row(&["FEATURE", "HERE", "NEEDS", "DOES NOT WORK WITHOUT IT"])];
    for (feature, available) in features {
        rows.push(match available {
            true => row(&[feature.name, "yes"]),
            false => row(&[feature.name, "no", feature.config, feature.without]),
        });
    }
    let mut out = table(&rows);
    out.extend(notes.iter().map(Finding::line));
    out
}

/// A list of objects; a firewall in the way is a feature that is not available.
#[must_use]
pub fn json(features: &[(&Feature, bool)], notes: &[Finding]) -> Json {
    let entry = |name: &str, available: bool, config: &str, without: &str| {
        Json::object([
            ("feature", name.into()),
            ("available", available.into()),
            ("config", config.into()),
            ("without", without.into()),
        ])
    };
    let mut list = Vec::new();
    for (feature, available) in features {
        list.push(entry(feature.name, *available, feature.config, feature.without));
    }
    for note in notes {
        list.push(entry("forwarding past others' chains", false, &note.chain, &note.words()));
    }
    Json::List(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::features::FEATURES;

    #[test]
    fn what_is_missing_is_told_with_its_configuration_option() {
        let found: Vec<_> = FEATURES.iter().map(|feature| (feature, feature.name != "veth")).collect();
        let text = text(&found, &[]);
        assert!(
            text.starts_with("FEATURE                HERE      NEEDS         DOES NOT WORK WITHOUT IT\n"),
            "{text}"
        );
        assert!(text.contains("\nveth                   no        CONFIG_VETH   network connect\n"), "{text}");
        assert!(text.contains("\nbridge                 yes\n"), "{text}");
    }
}
