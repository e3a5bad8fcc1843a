//! Tables as Docker prints them: columns padded to the widest cell, at least ten wide, three spaces apart.

use core::fmt::Write as _;

use crate::prelude::*;

/// Lays out `rows`, the first of which are the headings.
#[must_use]
pub fn table(rows: &[[Text; 4]]) -> String {
    let mut widths = [10; 4];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count() + 3);
        }
    }
    let mut text = String::new();
    for row in rows {
        for (width, cell) in widths.iter().zip(row) {
            // Writing to memory cannot fail.
            let _ = write!(text, "{cell:width$}");
        }
        text.truncate(len_without(&text, b' '));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_dockers() {
        let text = table(&[["NETWORK ID", "NAME", "DRIVER", "SCOPE"], ["b950831886d6", "bridge", "bridge", "local"]]);
        assert_eq!(text, "NETWORK ID     NAME      DRIVER    SCOPE\nb950831886d6   bridge    bridge    local\n");
    }
}
