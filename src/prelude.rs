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

pub(crate) use crate::text;

/// A text that stays as long as the process, which is milliseconds: nobody owns it, so that it is passed on in two registers
/// and copied for nothing. A `String` is only what is still being written.
pub type Text = &'static str;

/// As `format!`.
#[macro_export]
macro_rules! text {
    ($($arguments:tt)*) => { $crate::prelude::written(format_args!($($arguments)*)) };
}

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

/// The texts with `separator` between them, as `join`, which is nearly a kilobyte.
pub fn listed(texts: &[Text], separator: &str) -> Text {
    let mut list = String::new();
    for (position, text) in texts.iter().enumerate() {
        if position > 0 {
            list.push_str(separator);
        }
        list.push_str(text);
    }
    list.keep()
}

/// As `rsplit_once`, which brings a searcher of its own: what is before the last `separator`, an ASCII character, and behind it.
pub fn split_last(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.as_bytes().iter().rposition(|byte| *byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
