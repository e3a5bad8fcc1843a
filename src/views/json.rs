//! JSON as text. The values are made where their keys are known.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::plain::escaped;

/// On one line, as iproute2 prints it.
#[must_use]
pub fn line(value: &(impl Serialize + ?Sized)) -> String {
    // Writing to memory cannot fail.
    plain(serde_json::to_string(value).unwrap_or_default())
}

/// Indented by four blanks, as Docker prints it, without a line break at the end.
#[must_use]
pub fn pretty(value: &Value) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b"    "));
    match value.serialize(&mut serializer) {
        // It is UTF-8.
        Ok(()) => plain(String::from_utf8(out).unwrap_or_default()),
        // Writing to memory cannot fail.
        Err(_) => String::new(),
    }
}

/// `json` with DEL and C1 escaped: it may hold them in texts as they are, but a terminal obeys them.
fn plain(json: String) -> String {
    let escaped = escaped(&json, |c| matches!(c, '\u{7f}'..='\u{9f}'), |c| format!("\\u{c:04x}"));
    if let Cow::Owned(plain) = escaped { plain } else { json }
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
