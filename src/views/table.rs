//! Tables as Docker prints them: columns padded to the widest cell, at least ten wide, three spaces apart.

use super::plain::printable;

/// Lays out `rows`, the first of which are the headings.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        (cells.map(|cell| cell.chars().count()).max().unwrap_or_default() + 3).max(10)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                text.extend(std::iter::repeat_n(' ', width - cell.chars().count()));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_dockers() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let text = table(&[
            row(["NETWORK ID", "NAME", "DRIVER", "SCOPE"]),
            row(["b950831886d6", "bridge", "bridge", "local"]),
        ]);
        assert_eq!(text, "NETWORK ID     NAME      DRIVER    SCOPE\nb950831886d6   bridge    bridge    local\n");
    }
}
