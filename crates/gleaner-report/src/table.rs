//! Plain text tables: a column of labels, then columns of numbers.

use crate::{WIDTH, printable};
use console::{Alignment, measure_text_width, pad_str, truncate_str};

/// Maximum width of a cell; longer text is cut.
const LABEL: usize = 24;

/// A table with left-aligned labels and right-aligned numbers. Columns that do not fit side by side continue in further
/// blocks, with the labels repeated.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// Indices of the rows that have a line above them.
    lines: Vec<usize>,
}

impl Table {
    /// A table with these headings; the first is that of the labels.
    pub(crate) fn new(headings: Vec<String>) -> Self {
        Table { rows: vec![cut(headings)], lines: vec![1] }
    }

    /// Adds a row with one cell for each heading; the first is its label.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cut(cells));
    }

    /// Draws a line below the rows so far.
    pub(crate) fn line(&mut self) {
        self.lines.push(self.rows.len());
    }

    /// The table; every line ends with a line break.
    pub(crate) fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.rows[0].len())
            .map(|column| {
                self.rows.iter().map(|row| measure_text_width(&row[column])).max().unwrap_or(0)
            })
            .collect();
        let blocks: Vec<String> =
            blocks(&widths).iter().map(|columns| self.block(&widths, columns)).collect();
        blocks.join("\n")
    }

    fn block(&self, widths: &[usize], columns: &[usize]) -> String {
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            if self.lines.contains(&number) {
                let width: usize = columns.iter().map(|&column| widths[column] + 2).sum();
                text += &"-".repeat(widths[0] + width);
                text.push('\n');
            }
            let mut line = pad_str(&row[0], widths[0], Alignment::Left, None).into_owned();
            for &column in columns {
                line += "  ";
                line += &pad_str(&row[column], widths[column], Alignment::Right, None);
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}

/// Distributes the columns after the first to blocks no wider than [`WIDTH`].
fn blocks(widths: &[usize]) -> Vec<Vec<usize>> {
    let mut blocks = vec![Vec::new()];
    let mut used = widths[0];
    for (column, width) in widths.iter().enumerate().skip(1) {
        if used + 2 + width > WIDTH {
            blocks.push(Vec::new());
            used = widths[0];
        }
        used += 2 + width;
        blocks.last_mut().expect("never empty").push(column);
    }
    blocks
}

fn cut(cells: Vec<String>) -> Vec<String> {
    cells.iter().map(|cell| truncate_str(&printable(cell), LABEL, "…").into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_tables_continue_below() {
        let mut table = Table::new((0..9).map(|n| format!("heading number {n}")).collect());
        table.row((0..9).map(|n| n.to_string()).collect());
        let text = table.render();
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        insta::assert_snapshot!(text, @"
        heading number 0  heading number 1  heading number 2  heading number 3  heading number 4
        ----------------------------------------------------------------------------------------
        0                                1                 2                 3                 4

        heading number 0  heading number 5  heading number 6  heading number 7  heading number 8
        ----------------------------------------------------------------------------------------
        0                                5                 6                 7                 8
        ");
    }

    #[test]
    fn long_cells_are_cut_and_control_characters_replaced() {
        let mut table =
            Table::new(vec!["a type of an unreasonable length".to_owned(), "n".to_owned()]);
        table.row(vec!["Ärger\u{1b}[2J".to_owned(), "10".to_owned()]);
        table.row(vec!["人名".to_owned(), "3".to_owned()]);
        insta::assert_snapshot!(table.render(), @"
        a type of an unreasonab…   n
        ----------------------------
        Ärger�[2J                 10
        人名                       3
        ");
    }
}
