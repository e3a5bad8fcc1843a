//! One pass over the facts that comes out as text or as JSON, as in iproute2: what is printed in which order is said once.
//!
//! What belongs here: how a field is written, whatever it is about. What does not: the fields of a tool.

use std::fmt::{Arguments, Display};

use serde_json::Number;

use super::json;
use super::plain::printable;

/// What has been printed so far.
///
/// A field has a key and a value for JSON, and the text that stands for it otherwise. The text may hold what comes from outside,
/// so that its control characters are escaped; blanks and line breaks of the layout are printed by [`Printer::layout`].
#[derive(Debug)]
pub struct Printer {
    out: String,
    json: bool,
    /// JSON: something stands before in the same list or object.
    comma: bool,
    /// JSON: what closes the whole.
    end: char,
    line_end: &'static str,
}

impl Printer {
    /// JSON or text; of JSON, a list.
    pub fn list(json: bool) -> Self {
        Self::new(json, '[', ']')
    }

    /// JSON or text; of JSON, an object.
    pub fn object(json: bool) -> Self {
        Self::new(json, '{', '}')
    }

    fn new(json: bool, begin: char, end: char) -> Self {
        let mut printer = Self { out: String::new(), json, comma: false, end, line_end: "\n" };
        printer.push_json(begin);
        printer
    }

    /// As iproute2's `-oneline`: lines that belong together are joined by a backslash.
    pub fn oneline(mut self) -> Self {
        self.line_end = "\\";
        self
    }

    /// What was printed.
    pub fn finish(mut self) -> String {
        self.push_json(self.end);
        self.push_json('\n');
        self.out
    }

    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A list below `key`; `fill` prints its items.
    pub fn list_of(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.nest('[', ']', fill);
    }

    /// An object below `key`; `fill` prints its fields.
    pub fn object_of(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.nest('{', '}', fill);
    }

    /// An object in a list; `fill` prints its fields.
    pub fn item(&mut self, fill: impl FnOnce(&mut Self)) {
        self.comma();
        self.nest('{', '}', fill);
    }

    fn nest(&mut self, begin: char, end: char, fill: impl FnOnce(&mut Self)) {
        self.push_json(begin);
        self.comma = false;
        fill(self);
        self.push_json(end);
        self.comma = true;
    }

    /// A text in a list.
    pub fn word(&mut self, value: &str, text: Arguments<'_>) {
        self.comma();
        self.value(json::line(value), text);
    }

    /// A text.
    pub fn text(&mut self, key: &str, value: &str, text: Arguments<'_>) {
        self.key(key);
        self.value(json::line(value), text);
    }

    /// A text in a column of `width` and a blank.
    pub fn column(&mut self, key: &str, value: &str, width: usize) {
        self.text(key, value, format_args!("{value:width$} "));
    }

    /// A number.
    pub fn number(&mut self, key: &str, value: impl Into<Number>, text: Arguments<'_>) {
        self.key(key);
        self.value(value.into(), text);
    }

    /// A number of hundredths, as a fraction of two digits.
    pub fn hundredths(&mut self, key: &str, value: u64, text: Arguments<'_>) {
        self.key(key);
        self.value(format_args!("{}.{:02}", value / 100, value % 100), text);
    }

    /// A truth value.
    pub fn bool(&mut self, key: &str, value: bool, text: Arguments<'_>) {
        self.key(key);
        self.value(value, text);
    }

    /// Something that is so: `true` in JSON.
    pub fn flag(&mut self, key: &str, text: Arguments<'_>) {
        self.bool(key, true, text);
    }

    /// Something that is there and has no value: `null` in JSON.
    pub fn null(&mut self, key: &str, text: Arguments<'_>) {
        self.key(key);
        self.value("null", text);
    }

    /// Nothing in JSON.
    pub fn text_only(&mut self, text: Arguments<'_>) {
        if !self.json {
            self.out.push_str(&printable(&text.to_string()));
        }
    }

    /// Blanks, line breaks and words of the layout; nothing in JSON.
    pub fn layout(&mut self, text: &'static str) {
        if !self.json {
            self.out.push_str(text);
        }
    }

    /// A line ends, and another one that belongs to it follows; nothing in JSON.
    pub fn next_line(&mut self) {
        self.layout(self.line_end);
    }

    fn value(&mut self, value: impl Display, text: Arguments<'_>) {
        if self.json {
            self.out.push_str(&value.to_string());
        } else {
            self.text_only(text);
        }
    }

    fn key(&mut self, key: &str) {
        self.comma();
        if self.json {
            self.out.push_str(&json::line(key));
            self.out.push(':');
        }
    }

    fn comma(&mut self) {
        if self.comma {
            self.push_json(',');
        }
        self.comma = true;
    }

    fn push_json(&mut self, c: char) {
        if self.json {
            self.out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(json: bool) -> String {
        let mut printer = Printer::list(json);
        printer.item(|printer| {
            let name = "a\"\u{1}";
            printer.text("name", name, format_args!("name {name} "));
            printer.number("id", -1, format_args!("({})", -1));
            printer.flag("up", format_args!(" up"));
            printer.list_of("list", |_| {});
            printer.hundredths("timer", 107, format_args!(""));
            printer.list_of("words", |printer| {
                printer.word("a", format_args!(" a"));
                printer.word("b", format_args!(",b"));
            });
            printer.layout("\n");
        });
        printer.item(|_| {});
        printer.finish()
    }

    #[test]
    fn one_pass_gives_text_or_json() {
        assert_eq!(sample(false), "name a\"\\x01 (-1) up a,b\n");
        assert_eq!(
            sample(true),
            "[{\"name\":\"a\\\"\\u0001\",\"id\":-1,\"up\":true,\"list\":[],\"timer\":1.07,\"words\":[\"a\",\"b\"]},{}]\n"
        );
    }
}
