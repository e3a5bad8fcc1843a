//! Names of numbers: a table is one text, each entry a number and its name, which is half of what a list of pairs would be.

use crate::prelude::*;

/// `NUMBER NAME,NUMBER NAME`.
pub type Table = Text;

/// The first entry that is `wanted`.
#[inline(never)]
pub fn find(table: Table, wanted: &mut dyn FnMut(u16, Text) -> bool) -> Option<(u16, Text)> {
    for entry in table.split(',') {
        let (number, name) = entry.split_once(' ')?;
        let number = u16::try_from(number.parse::<u32>().ok()?).ok()?;
        if wanted(number, name) {
            return Some((number, name));
        }
    }
    None
}

/// The name of `value`, when it has one.
pub fn known(table: Table, value: u16) -> Option<Text> {
    find(table, &mut |number, _| number == value).map(|(_, name)| name)
}

/// The name of `value`; the number when it has none.
pub fn name_of(table: Table, value: u8) -> Text {
    known(table, value.into()).unwrap_or_else(|| value.to_text())
}

/// The number that `name` stands for; else `name` as a number.
pub fn value_of(table: Table, name: Text) -> Option<u8> {
    let named = find(table, &mut |_, known| known == name);
    let number = named.map_or_else(|| name.parse().ok(), |(number, _)| Some(u32::from(number)));
    u8::try_from(number?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_name_is_a_number() {
        let table = "0 global,200 site,253 link";
        assert_eq!((name_of(table, 0), name_of(table, 253), name_of(table, 7)), ("global", "link", "7"));
        assert_eq!((value_of(table, "site"), value_of(table, "9"), value_of(table, "x")), (Some(200), Some(9), None));
    }
}
