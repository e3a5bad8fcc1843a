//! A page that is written once and comes out as text or as JSON.
//!
//! iproute2 prints both from one pass over the facts, and so do we: what stands on the page in which order is said once.
//! Its functions are called from hundreds of places: inlined, they would be a tenth of the program.

use super::names::{self, Table};
use crate::json::quote;
use crate::prelude::*;

/// What has been written so far.
#[derive(Debug)]
pub struct Page {
    out: String,
    json: bool,
    /// JSON: something stands before in the same list or object.
    comma: bool,
    line_end: Text,
}

impl Page {
    /// An empty page: JSON or text.
    pub fn new(json: bool) -> Self {
        Self { out: String::new(), json, comma: false, line_end: "\n" }
    }

    /// As iproute2's `-oneline`: lines that belong together are joined by a backslash.
    pub fn oneline(&mut self) {
        self.line_end = "\\";
    }

    /// Closes what was opened first, and gives what was written.
    pub fn finish(&mut self, bracket: char) -> Text {
        self.close(bracket);
        if self.json {
            self.out.push('\n');
        }
        core::mem::take(&mut self.out).keep()
    }

    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// JSON: opens an object (`KEY{`) or a list (`KEY[`); without a key where that has none.
    #[inline(never)]
    pub fn open(&mut self, form: &str) {
        if self.json {
            let (key, bracket) = form.split_at_checked(form.len() - 1).unwrap_or_default();
            self.key(key);
            self.out.push_str(bracket);
            self.comma = false;
        }
    }

    /// JSON: closes what was opened.
    #[inline(never)]
    pub fn close(&mut self, bracket: char) {
        if self.json {
            self.out.push(bracket);
            self.comma = true;
        }
    }

    /// Text: `text` as it is.
    #[inline(never)]
    pub fn plain(&mut self, text: &str) {
        if !self.json {
            self.out.push_str(text);
        }
    }

    /// Text: a line ends, and another one that belongs to it follows.
    #[inline(never)]
    pub fn line(&mut self) {
        self.plain(self.line_end);
    }

    /// A text. Its form is `KEY:BEFORE%AFTER`: the key in JSON, and what stands around the value in text.
    #[inline(never)]
    pub fn text(&mut self, form: &str, value: &str) {
        if self.json {
            self.key(form.split_once(':').map_or("", |(key, _)| key));
            quote(&mut self.out, value);
        } else {
            self.raw(form, "", value);
        }
    }

    /// A text that may be missing.
    #[inline(never)]
    pub fn text_of(&mut self, form: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(form, value);
        }
    }

    /// A number.
    #[inline(never)]
    pub fn number(&mut self, form: &str, value: i64) {
        let digits = value.to_text();
        self.raw(form, digits, digits);
    }

    /// A number that may be missing.
    #[inline(never)]
    pub fn number_of(&mut self, form: &str, value: Option<u32>) {
        if let Some(value) = value {
            self.number(form, value.into());
        }
    }

    /// A text in a column of `width`, and a blank.
    #[inline(never)]
    pub fn column(&mut self, form: &str, value: &str, width: usize) {
        self.text(form, value);
        if !self.json {
            for _ in value.chars().count()..width {
                self.out.push(' ');
            }
        }
    }

    /// `json` as it is in JSON, `text` in text.
    #[inline(never)]
    pub fn raw(&mut self, form: &str, json: &str, text: &str) {
        let (key, around) = form.split_once(':').unwrap_or_default();
        self.json(key, json);
        let (before, after) = around.split_once('%').unwrap_or((around, ""));
        self.plain(before);
        self.plain(text);
        self.plain(after);
    }

    /// JSON: `value` as it is.
    pub fn json(&mut self, key: &str, value: &str) {
        if self.json {
            self.key(key);
            self.out.push_str(value);
        }
    }

    /// Something that is so: `KEY:TEXT`; in JSON `true`.
    #[inline(never)]
    pub fn truth(&mut self, form: &str) {
        self.raw(form, "true", "");
    }

    /// A list of the names of those bits that are set, each with what follows it in text.
    #[inline(never)]
    pub fn bits(&mut self, form: &str, names: Table, bits: u32, after: &str) {
        self.open(form);
        names::find(names, &mut |bit, name| {
            if (bits >> bit) & 1 != 0 {
                self.text(":%", name);
                self.plain(after);
            }
            false
        });
        self.close(']');
    }

    fn key(&mut self, key: &str) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = true;
        if !key.is_empty() {
            quote(&mut self.out, key);
            self.out.push(':');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(json: bool) -> Text {
        let mut page = Page::new(json);
        page.open("[");
        page.open("{");
        page.text("name:name % ", "a\"\u{1}");
        page.number("id:(%)", -1);
        page.truth("up: up");
        page.open("list[");
        page.close(']');
        page.close('}');
        page.open("{");
        page.close('}');
        page.finish(']')
    }

    #[test]
    fn one_pass_gives_text_or_json() {
        assert_eq!(sample(false), "name a\"\u{1} (-1) up");
        assert_eq!(sample(true), "[{\"name\":\"a\\\"\\u0001\",\"id\":-1,\"up\":true,\"list\":[]},{}]\n");
    }
}
