//! A page that is written once and comes out as text or as JSON.
//!
//! iproute2 prints both from one pass over the facts, and so do we: what stands on the page in which order is said once.
//! Its functions are called from hundreds of places: inlined, they would be a tenth of the program.

/// What has been written so far.
#[derive(Debug)]
pub struct Page {
    out: String,
    json: bool,
    /// JSON: something stands before in the same list or object.
    comma: bool,
    line_end: &'static str,
}

impl Page {
    /// An empty page: JSON or text.
    pub fn new(json: bool) -> Self {
        Self { out: String::new(), json, comma: false, line_end: "\n" }
    }

    /// As iproute2's `-oneline`: lines that belong together are joined by a backslash.
    pub fn oneline(mut self) -> Self {
        self.line_end = "\\";
        self
    }

    /// What was written.
    pub fn finish(mut self) -> String {
        if self.json {
            self.out.push('\n');
        }
        self.out
    }

    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// JSON: opens an object (`{`) or a list (`[`), below `key` unless that is empty.
    #[inline(never)]
    pub fn open(&mut self, key: &str, bracket: char) {
        if self.json {
            self.key(key);
            self.out.push(bracket);
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

    /// A text: `before value after`, or `key` and value.
    #[inline(never)]
    pub fn text(&mut self, key: &str, before: &str, value: &str, after: &str) {
        if self.json {
            self.key(key);
            quote(&mut self.out, value);
        } else {
            self.put(before, value, after);
        }
    }

    /// A number.
    #[inline(never)]
    pub fn number(&mut self, key: &str, before: &str, value: i64, after: &str) {
        let digits = value.to_string();
        self.raw(key, &digits, &[before, &digits, after]);
    }

    /// A text in a column of `width`, and a blank.
    #[inline(never)]
    pub fn column(&mut self, key: &str, value: &str, width: usize) {
        self.text(key, "", value, " ");
        if !self.json {
            for _ in value.chars().count()..width {
                self.out.push(' ');
            }
        }
    }

    /// `value` as it is in JSON, `text` in text.
    #[inline(never)]
    pub fn raw(&mut self, key: &str, value: &str, text: &[&str]) {
        if self.json {
            self.key(key);
            self.out.push_str(value);
        } else {
            for part in text {
                self.out.push_str(part);
            }
        }
    }

    /// Something that is so: `text`, or `key` and `true`.
    #[inline(never)]
    pub fn truth(&mut self, key: &str, text: &str) {
        self.raw(key, "true", &[text]);
    }

    fn put(&mut self, before: &str, value: &str, after: &str) {
        self.out.push_str(before);
        self.out.push_str(value);
        self.out.push_str(after);
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

/// Appends `text` as a JSON string. Control characters are escaped, which iproute2 forgets for most of them.
fn quote(out: &mut String, text: &str) {
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
                super::ip::push_hex(out, u8::try_from(c).unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(json: bool) -> String {
        let mut page = Page::new(json);
        page.open("", '[');
        page.open("", '{');
        page.text("name", "name ", "a\"\u{1}", " ");
        page.number("id", "(", -1, ")");
        page.truth("up", " up");
        page.open("list", '[');
        page.close(']');
        page.close('}');
        page.open("", '{');
        page.close('}');
        page.close(']');
        page.finish()
    }

    #[test]
    fn one_pass_gives_text_or_json() {
        assert_eq!(sample(false), "name a\"\u{1} (-1) up");
        assert_eq!(sample(true), "[{\"name\":\"a\\\"\\u0001\",\"id\":-1,\"up\":true,\"list\":[]},{}]\n");
    }
}
