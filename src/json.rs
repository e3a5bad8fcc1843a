//! A JSON value that keeps its keys in order, read and quoted by `serde_json`.
//!
//! `serde_json::Value` sorts its keys unless it brings a hash map along, and Docker's and iproute2's readers see the order.
//! One type for everything printed and read also means that all of it is compiled once, not once a struct.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

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
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Keys and values in order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object of `entries`.
    #[must_use]
    pub fn object<const N: usize>(entries: [(&str, Json); N]) -> Self {
        Self::with_owned_keys(Vec::from(entries))
    }

    /// Compiled once, where the array's length would have it compiled anew for each.
    #[inline(never)]
    fn with_owned_keys(entries: Vec<(&str, Json)>) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
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
    pub fn pairs<T: fmt::Display>(pairs: &std::collections::BTreeMap<String, T>) -> Self {
        Self::object_of(|json| {
            for (key, value) in pairs {
                json.shown(key, value);
            }
        })
    }

    /// Appends `key`; nothing happens to what is no object.
    pub fn push(&mut self, key: &str, value: impl Into<Json>) {
        if let Self::Object(entries) = self {
            entries.push((key.to_owned(), value.into()));
        }
    }

    /// The value of `key`, when this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Self::Object(entries) => entries.iter().find(|(known, _)| known == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, when this is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
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
    pub fn entries(&self) -> &[(String, Json)] {
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
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().and_then(|Read(json)| json)
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
            Self::Number(number) => out.push_str(&number.to_string()),
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

fn quote(out: &mut String, text: &str) {
    // Writing text to memory cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// The items of a list or object between its two `brackets`.
fn group<T>(
    out: &mut String,
    line_break: Option<&str>,
    brackets: &str,
    items: &[T],
    write: &dyn Fn(&mut String, Option<&str>, &T),
) {
    let (open, close) = brackets.split_at(1);
    let inner = line_break.map(|line_break| line_break.to_owned() + "    ");
    out.push_str(open);
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(inner.as_deref().unwrap_or_default());
        write(out, inner.as_deref(), item);
    }
    if !items.is_empty() {
        out.push_str(line_break.unwrap_or_default());
    }
    out.push_str(close);
}

/// The entries of an object under construction; the methods chain.
#[derive(Debug)]
pub struct Entries(Vec<(String, Json)>);

impl Entries {
    /// Anything.
    pub fn put(&mut self, key: &str, value: Json) -> &mut Self {
        self.0.push((key.to_owned(), value));
        self
    }

    /// A text.
    pub fn text(&mut self, key: &str, text: &str) -> &mut Self {
        self.put(key, Json::Text(text.to_owned()))
    }

    /// What is shown as a text.
    pub fn shown(&mut self, key: &str, value: &dyn fmt::Display) -> &mut Self {
        self.put(key, Json::Text(value.to_string()))
    }

    /// A truth value.
    pub fn bool(&mut self, key: &str, value: bool) -> &mut Self {
        self.put(key, Json::Bool(value))
    }

    /// An integer.
    pub fn number(&mut self, key: &str, number: u32) -> &mut Self {
        self.put(key, Json::Number(number.into()))
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
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

/// What was read; none for a number with a fraction, or that is too large.
struct Read(Option<Json>);

struct Reader;

/// No error is ever made here: what it says nobody reads, and `serde_json`'s are 4 kB of code.
impl<'de> Visitor<'de> for Reader {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without fractions")
    }

    fn visit_unit<E>(self) -> Result<Read, E> {
        Ok(Read(Some(Json::Null)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Read, E> {
        Ok(Read(Some(Json::Bool(value))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Read, E> {
        Ok(Read(Some(Json::Number(number))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Read, E> {
        Ok(Read(i64::try_from(number).ok().map(Json::Number)))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Read, E> {
        Ok(Read(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Read, E> {
        Ok(Read(Some(Json::Text(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Read, A::Error> {
        let mut items = Some(Vec::new());
        while let Some(Read(item)) = seq.next_element()? {
            match (&mut items, item) {
                (Some(items), Some(item)) => items.push(item),
                _ => items = None,
            }
        }
        Ok(Read(items.map(Json::List)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        let mut entries = Some(Vec::new());
        while let Some((Read(key), Read(value))) = map.next_entry()? {
            match (&mut entries, key, value) {
                (Some(entries), Some(Json::Text(key)), Some(value)) => entries.push((key, value)),
                _ => entries = None,
            }
        }
        Ok(Read(entries.map(Json::Object)))
    }
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_what_is_printed_is_read_back() {
        let value = Json::object([
            ("b", Json::Null),
            ("a", Json::List(vec![Json::Number(-1), Json::Bool(true), Json::Text("\"\n".into())])),
            ("c", Json::Object(Vec::new())),
        ]);
        assert_eq!(value.compact(), r#"{"b":null,"a":[-1,true,"\"\n"],"c":{}}"#);
        assert_eq!(Json::parse(value.compact().as_bytes()), Some(value.clone()));
        assert_eq!(Json::parse(value.pretty().as_bytes()), Some(value));
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
