//! Text that comes from outside, as it may be shown: a terminal obeys control characters, and a sandbox chooses its aliases.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with its control characters spelled out as `\x1b`, those of `layout` excepted: the C0 and C1 sets, and DEL.
#[must_use]
pub fn for_terminal<'a>(text: &'a str, layout: &[char]) -> Cow<'a, str> {
    spelled(text, |c| c.is_control() && !layout.contains(&c), r"\x", 2)
}

/// JSON text with the control characters that JSON itself does not forbid spelled out as `\u009b`: DEL and the C1 set. They can only be
/// within its texts.
#[must_use]
pub fn for_json(text: &str) -> Cow<'_, str> {
    spelled(text, |c| matches!(c, '\u{7f}'..='\u{9f}'), r"\u", 4)
}

fn spelled<'a>(text: &'a str, is_bad: impl Fn(char) -> bool, prefix: &str, digits: usize) -> Cow<'a, str> {
    if !text.contains(&is_bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_bad(c) {
            let _ = write!(out, "{prefix}{:0digits$x}", u32::from(c));
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
    fn control_characters_are_spelled_out_and_nothing_else_changes() {
        for plain in ["", "web", "löß \u{a0} 漢 \\x1b", "a \"b\""] {
            assert!(matches!(for_terminal(plain, &[]), Cow::Borrowed(same) if same == plain));
            assert!(matches!(for_json(plain), Cow::Borrowed(same) if same == plain));
        }
        assert_eq!(for_terminal("a\u{1b}[1m\u{7f}\u{9b}\n\tb", &[]), r"a\x1b[1m\x7f\x9b\x0a\x09b");
        assert_eq!(for_terminal("a\u{1b}\n\tb", &['\n', '\t']), "a\\x1b\n\tb");
        assert_eq!(for_json("{\"a\": \"\u{7f}\u{9b}\"}\n"), "{\"a\": \"\\u007f\\u009b\"}\n");
    }
}
