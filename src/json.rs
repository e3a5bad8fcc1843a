//! A JSON value that keeps its keys in order: Docker's and iproute2's readers see it.
//!
//! One type for everything printed and read: all of it is compiled once, not once a struct. `serde_json`, which sorts keys and
//! is eight times as much code, is the tests' judge of what we read and print.

mod read;

use core::fmt;

use crate::prelude::*;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    List(Vec<Json>),
    /// Keys and values in order.
    Object(Vec<(Text, Json)>),
}

impl Json {
    /// An object of `entries`.
    #[cfg(test)]
    #[must_use]
    pub fn object<const N: usize>(entries: [(Text, Json); N]) -> Self {
        Self::Object(Vec::from(entries))
    }

    /// An object of the entries that `fill` writes: half as much code as an array of them.
    #[must_use]
    pub fn object_of(fill: impl FnOnce(&mut Entries)) -> Self {
        let mut entries = Entries(Vec::new());
        fill(&mut entries);
        Self::Object(entries.0)
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
            Self::List(items) => group(out, line_break, "[]", items, &|out, inner, item| item.write(out, inner)),
            Self::Object(entries) => group(out, line_break, "{}", entries, &|out, inner, (key, value)| {
                quote(out, key);
                out.push_str(if inner.is_some() { ": " } else { ":" });
                value.write(out, inner);
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

/// The items of a list or object between its two `brackets`.
fn group<T>(
    out: &mut String,
    line_break: Option<&str>,
    brackets: &str,
    items: &[T],
    write: &dyn Fn(&mut String, Option<&str>, &T),
) {
    let mut brackets = brackets.chars();
    let inner = line_break.map(|line_break| text!("{line_break}    "));
    out.extend(brackets.next());
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(inner.unwrap_or_default());
        write(out, inner, item);
    }
    if !items.is_empty() {
        out.push_str(line_break.unwrap_or_default());
    }
    out.extend(brackets);
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

impl From<Text> for Json {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::List(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_what_is_printed_is_read_back() {
        let value = Json::object([
            ("b", Json::Null),
            ("a", Json::List(vec![Json::Number(-1), Json::Bool(true), Json::Text("\"\n")])),
            ("c", Json::Object(Vec::new())),
        ]);
        assert_eq!(value.compact(), r#"{"b":null,"a":[-1,true,"\"\n"],"c":{}}"#);
        assert_eq!(Json::parse(value.compact().keep().as_bytes()), Some(value.clone()));
        assert_eq!(Json::parse(value.pretty().keep().as_bytes()), Some(value));
    }

    #[test]
    fn pretty_is_dockers() {
        let value = Json::object([("a", Json::List(vec![Json::Number(1), Json::Null])), ("b", Json::List(Vec::new()))]);
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
