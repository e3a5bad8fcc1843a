//! JSON in Docker's layout. The values are made where their keys are known; `Value::to_string` prints one on one line.

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

/// Indented by four blanks, as Docker prints it, without a line break at the end.
#[must_use]
pub fn pretty(value: &Value) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b"    "));
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        // Writing to memory cannot fail.
        Err(_) => String::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_keep_their_order_and_what_is_printed_is_read_back() {
        let value = json!({ "b": null, "a": [-1, true, "\"\n"], "c": {} });
        assert_eq!(value.to_string(), r#"{"b":null,"a":[-1,true,"\"\n"],"c":{}}"#);
        assert_eq!(value.to_string().parse::<Value>().unwrap(), value);
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
}
