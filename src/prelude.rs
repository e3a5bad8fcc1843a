//! The types and macros that every program has at hand: those of std's prelude that come from `alloc`, and [`Text`].
//!
//! The program is built without `std`, for its panic alone is a third of a megabyte where it cannot be rebuilt: it brings
//! a reader of debugging information along.

use core::fmt::{Arguments, Display};

pub use alloc::boxed::Box;
pub use alloc::format;
pub use alloc::string::String;
pub use alloc::vec;
pub use alloc::vec::Vec;

/// A text that stays as long as the process, which is milliseconds: nobody owns it, so that it is passed on in two registers
/// and copied for nothing. A `String` is only what is still being written.
pub type Text = &'static str;

/// As `format!`.
macro_rules! text {
    ($($arguments:tt)*) => { $crate::prelude::written(format_args!($($arguments)*)) };
}
pub(crate) use text;

/// What `text!` calls.
#[must_use]
pub fn written(arguments: Arguments<'_>) -> Text {
    alloc::fmt::format(arguments).leak()
}

/// UTF-8 as it is; other bytes are shown as U+FFFD.
#[must_use]
pub fn lossy(bytes: &[u8]) -> Text {
    String::from_utf8_lossy(bytes).into_owned().leak()
}

/// Makes a [`Text`] of what is shown as one.
pub trait ToText {
    /// As `to_string`.
    fn to_text(&self) -> Text;
}

impl<T: Display + ?Sized> ToText for T {
    fn to_text(&self) -> Text {
        text!("{}", &self)
    }
}

/// Makes a [`Text`] of what is written.
pub trait Keep {
    /// The text, which from now on nobody changes.
    fn keep(self) -> Text;
}

impl Keep for String {
    fn keep(self) -> Text {
        self.leak()
    }
}

/// A place for `value` that stays as long as the process.
pub fn stay<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

// What `str` has too, but with searchers for any pattern: ten times as much code.

/// `parts` with `between` between them.
#[must_use]
pub fn joined(parts: &[Text], between: Text) -> Text {
    let mut out = String::new();
    for part in parts {
        out.push_str(if out.is_empty() { "" } else { between });
        out.push_str(part);
    }
    out.keep()
}

/// What stands before and behind the last `separator`, an ASCII character.
#[must_use]
pub fn split_last(text: Text, separator: u8) -> Option<(Text, Text)> {
    let at = text.bytes().rposition(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The length of `text` without each `last` at its end.
#[must_use]
pub fn len_without(text: &str, last: u8) -> usize {
    text.bytes().rposition(|byte| byte != last).map_or(0, |at| at + 1)
}

/// Whether two words are the same, capitals or not.
#[must_use]
pub fn same_word(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b))
}

/// Sorts as `sort_by` does: what is neither before nor behind keeps its order. `before` tells what belongs before what.
///
/// Each item in turn is moved to its place among those in front of it. For the thousands that there are at most, moving them is
/// nothing, and this is half of the code that the library's sorting is for each kind of item.
pub fn sort<T: Copy>(items: &mut [T], before: &dyn Fn(&T, &T) -> bool) {
    for end in 1..items.len() {
        let (sorted, rest) = items.split_at_mut_checked(end).unwrap_or_default();
        let Some(item) = rest.first().copied() else { return };
        let at = sorted.partition_point(|other| !before(&item, other));
        items.copy_within(at..end, at + 1);
        if let Some(place) = items.get_mut(at) {
            *place = item;
        }
    }
}

/// The letter before the first of `names` that `is` the one; 0 when none is: `a:add d:delete`. To match a letter is a third of
/// what it takes to compare a text.
pub fn letter_of(names: Text, is: &dyn Fn(Text) -> bool) -> u8 {
    for entry in names.split(' ') {
        let (letter, name) = entry.split_once(':').unwrap_or_default();
        if is(name) {
            return letter.bytes().next().unwrap_or_default();
        }
    }
    0
}
