//! Text that comes from outside: what is safe to show on a terminal.
//!
//! A name or an alias may hold any character, and whoever sets one need not be who reads it.

use std::borrow::Cow;

/// `text` with control characters (C0, DEL, C1; line breaks too) as `\x1b`, so that it moves no cursor and adds no line.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, char::is_control, spelled)
}

/// `text` that we laid out, with the control characters in it, line breaks and tabs excepted, as `\x1b`.
#[must_use]
pub fn laid_out(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c.is_control() && !matches!(c, '\n' | '\t'), spelled)
}

fn spelled(c: u32) -> String {
    format!("\\x{c:02x}")
}

/// `text` with each character that is `obeyed` written as `escape` says, by its number.
pub(super) fn escaped(text: &str, obeyed: fn(char) -> bool, escape: fn(u32) -> String) -> Cow<'_, str> {
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if obeyed(c) {
            out += &escape(c.into());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(printable("a\u{1b}[2J\r\n\t\0"), r"a\x1b[2J\x0d\x0a\x09\x00");
        assert_eq!(printable("\u{7f}\u{80}\u{9b}31m\u{9f}"), r"\x7f\x80\x9b31m\x9f");
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["", "veth0", "ümlaut … \u{a0}日本", r"\x1b"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }
}
