//! JSON as text. The values are made where their keys are known.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

/// On one line, as iproute2 prints it.
#[must_use]
pub fn line(value: &(impl Serialize + ?Sized)) -> String {
    // Writing to memory cannot fail.
    escaped(serde_json::to_string(value).unwrap_or_default())
}

/// Indented by four blanks, as Docker prints it, without a line break at the end.
#[must_use]
pub fn pretty(value: &Value) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b"    "));
    match value.serialize(&mut serializer) {
        Ok(()) => escaped(String::from_utf8_lossy(&out).into_owned()),
        // Writing to memory cannot fail.
        Err(_) => String::new(),
    }
}

/// `json` with DEL and C1 escaped: it may hold them in texts as they are, but a terminal obeys them.
fn escaped(json: String) -> String {
    let obeyed = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    if !json.contains(obeyed) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if obeyed(c) {
            // Writing to memory cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_keep_their_order_and_what_is_printed_is_read_back() {
        let value = json!({ "b": null, "a": [-1, true, "\"\n"], "c": {} });
        assert_eq!(line(&value), r#"{"b":null,"a":[-1,true,"\"\n"],"c":{}}"#);
        assert_eq!(line(&value).parse::<Value>().unwrap(), value);
        assert_eq!(pretty(&value).parse::<Value>().unwrap(), value);
    }

    #[test]
    fn pretty_is_dockers() {
        let value = json!({ "a": [1, null], "b": [], "c": {} });
        assert_eq!(
            pretty(&value),
            "{\n    \"a\": [\n        1,\n        null\n    ],\n    \"b\": [],\n    \"c\": {}\n}"
        );
        assert_eq!(pretty(&json!([])), "[]");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let value = json!({ "a\u{9b}": "\u{1b}[2J\u{7f}\u{80}\u{9f}\u{a0}" });
        assert_eq!(line(&value), "{\"a\\u009b\":\"\\u001b[2J\\u007f\\u0080\\u009f\u{a0}\"}");
        for text in [line(&value), pretty(&value)] {
            assert_eq!(text.parse::<Value>().unwrap(), value);
        }
    }
}
