//! A JSON value that keeps its keys in order: Docker's and iproute2's readers see it.
//!
//! One type for everything printed and read: all of it is compiled once, not once a struct. `serde_json`, which sorts keys and
//! is eight times as much code, is the tests' judge of what we read and print.

mod read;

use core::fmt;

use crate::prelude::*;

/// A JSON value. Lists and objects stay, so that it is copied for nothing and never dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer. Fractions appear in nothing we print or read.
    Number(i64),
    /// Text.
    Text(Text),
    /// A list.
    List(&'static [Json]),
    /// Keys and values in order.
    Object(&'static [(Text, Json)]),
}

impl Json {
    /// A list of `items`.
    #[must_use]
    pub fn list(items: Vec<Json>) -> Self {
        Self::List(items.leak())
    }

    /// An object of `entries`.
    #[must_use]
    pub fn object(entries: Vec<(Text, Json)>) -> Self {
        Self::Object(entries.leak())
    }

    /// An object of the entries that `fill` writes: half as much code as a list of them.
    #[must_use]
    pub fn object_of(fill: impl FnOnce(&mut Entries)) -> Self {
        let mut entries = Entries(Vec::new());
        fill(&mut entries);
        Self::object(entries.0)
    }

    /// An object of pairs, each value as it is shown.
    #[must_use]
    pub fn pairs<T: fmt::Display>(pairs: &[(Text, T)]) -> Self {
        Self::object_of(|json| {
            for (key, value) in pairs {
                json.shown(key, value);
            }
        })
    }

    /// The value of `key`, when this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Self::Object(entries) => entries.iter().find(|(known, _)| *known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, when this is one.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, when this is one.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, when this is one.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The entries, when this is an object; else none.
    #[must_use]
    pub fn entries(&self) -> &[(Text, Json)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The items, when this is a list; else none.
    #[must_use]
    pub fn items(&self) -> &[Json] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Reads JSON; none when it is not, or is torn.
    #[must_use]
    pub fn parse(bytes: &'static [u8]) -> Option<Self> {
        read::read(bytes)
    }

    /// On one line, as iproute2 prints it.
    #[must_use]
    pub fn compact(&self) -> String {
        self.print(false)
    }

    /// Indented by four spaces, as Docker prints it.
    #[must_use]
    pub fn pretty(&self) -> String {
        self.print(true)
    }

    fn print(&self, pretty: bool) -> String {
        let mut out = String::new();
        self.write(&mut out, pretty.then_some("\n"));
        out
    }

    /// `line_break` is the line break and the indentation here; none for one line.
    fn write(&self, out: &mut String, line_break: Option<&str>) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number.to_text()),
            Self::Text(text) => quote(out, text),
            Self::List(items) => group(out, line_break, ["[", "]"], items.len(), &|out, inner, position| {
                if let Some(item) = items.get(position) {
                    item.write(out, inner);
                }
            }),
            Self::Object(entries) => group(out, line_break, ["{", "}"], entries.len(), &|out, inner, position| {
                if let Some((key, value)) = entries.get(position) {
                    quote(out, key);
                    out.push_str(if inner.is_some() { ": " } else { ":" });
                    value.write(out, inner);
                }
            }),
        }
    }
}

/// Appends `text` as a JSON string. Control characters are escaped, which iproute2 forgets for most of them.
pub fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        let escape = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\t' => "\\t",
            '\r' => "\\r",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            c if c < ' ' => {
                out.push_str("\\u00");
                out.push_str(text!("{:02x}", u32::from(c)));
                continue;
            }
            c => {
                out.push(c);
                continue;
            }
        };
        out.push_str(escape);
    }
    out.push('"');
}

/// As many items of a list or object between its two brackets; `write` writes the one at a position.
fn group(
    out: &mut String,
    line_break: Option<&str>,
    [open, close]: [Text; 2],
    count: usize,
    write: &dyn Fn(&mut String, Option<&str>, usize),
) {
    let inner = line_break.map(|line_break| text!("{line_break}    "));
    out.push_str(open);
    for position in 0..count {
        if position > 0 {
            out.push(',');
        }
        out.push_str(inner.unwrap_or_default());
        write(out, inner, position);
    }
    if count > 0 {
        out.push_str(line_break.unwrap_or_default());
    }
    out.push_str(close);
}

/// The entries of an object under construction; the methods chain.
#[derive(Debug)]
pub struct Entries(Vec<(Text, Json)>);

impl Entries {
    /// Anything.
    pub fn put(&mut self, key: Text, value: Json) -> &mut Self {
        self.0.push((key, value));
        self
    }

    /// A text.
    pub fn text(&mut self, key: Text, text: Text) -> &mut Self {
        self.put(key, Json::Text(text))
    }

    /// What is shown as a text.
    pub fn shown(&mut self, key: Text, value: &dyn fmt::Display) -> &mut Self {
        self.put(key, Json::Text(value.to_text()))
    }

    /// A truth value.
    pub fn bool(&mut self, key: Text, value: bool) -> &mut Self {
        self.put(key, Json::Bool(value))
    }

    /// An integer.
    pub fn number(&mut self, key: Text, number: u32) -> &mut Self {
        self.put(key, Json::Number(number.into()))
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_what_is_printed_is_read_back() {
        let list = Json::list(vec![Json::Number(-1), Json::Bool(true), Json::Text("\"\n")]);
        let value = Json::object(vec![("b", Json::Null), ("a", list), ("c", Json::Object(&[]))]);
        assert_eq!(value.compact(), r#"{"b":null,"a":[-1,true,"\"\n"],"c":{}}"#);
        assert_eq!(Json::parse(value.compact().keep().as_bytes()), Some(value));
        assert_eq!(Json::parse(value.pretty().keep().as_bytes()), Some(value));
    }

    #[test]
    fn pretty_is_dockers() {
        let list = Json::list(vec![Json::Number(1), Json::Null]);
        let value = Json::object(vec![("a", list), ("b", Json::List(&[]))]);
        assert_eq!(value.pretty(), "{\n    \"a\": [\n        1,\n        null\n    ],\n    \"b\": []\n}");
    }

    #[test]
    fn torn_json_is_none() {
        for torn in
            ["", "{", "{\"a\":", "[1,2", "nul", "{} x", "1.5", "[1.5]", "{\"a\":1e9}", "9223372036854775808", "\u{0}"]
        {
            assert_eq!(Json::parse(torn.as_bytes()), None, "{torn:?}");
        }
    }
}
