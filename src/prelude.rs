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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_keeps_the_order_of_equals() {
        let mut items = [(3, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (3, 'e'), (0, 'f')];
        sort(&mut items, &|(a, _), (b, _)| a < b);
        assert_eq!(items, [(0, 'f'), (1, 'b'), (1, 'd'), (2, 'c'), (3, 'a'), (3, 'e')]);
        sort::<u8>(&mut [], &|a, b| a < b);
    }

    #[test]
    fn texts_are_split_at_the_last_separator() {
        assert_eq!(split_last("a:b:c", b':'), Some(("a:b", "c")));
        assert_eq!((split_last(":", b':'), split_last("a", b':')), (Some(("", "")), None));
        assert_eq!((listed(&["", "a"], ", "), listed(&[], ", ")), (", a", ""));
    }
}
