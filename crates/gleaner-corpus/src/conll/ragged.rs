//! Lines of different widths whose first column is the word and whose last column is the tag.
//!
//! The original release of WikiANN has seven columns for words of a linked name and three for others:
//! `Bergen Bergen_(stad) Bergen_(stad) GPE 0.92 Bergen B-LOC` and `og None O`.

use std::collections::BTreeSet;

use super::head::HeadRow;
use super::tags::is_tag;

/// What fills a column of a word without an annotation.
const FILLERS: [&str; 8] = ["None", "none", "NONE", "_", "-", "null", "NULL", "NA"];

/// The fewest columns of an annotated word: a word with a space has one more than others.
const WIDE: usize = 5;

/// The widths of the lines if they show this layout: no word with a space can be behind them.
pub(super) fn widths(rows: &[HeadRow<'_>]) -> Option<BTreeSet<usize>> {
    let widths: BTreeSet<usize> = rows.iter().map(|row| row.cells.len()).collect();
    let narrow = *widths.first().filter(|width| **width > 1)?;
    let tagged = rows.iter().all(|row| row.cells.last().is_some_and(|cell| is_tag(cell)));
    let wide = widths.iter().skip(1).all(|width| *width >= WIDE);
    let filled = rows
        .iter()
        .filter(|row| row.cells.len() == narrow)
        .all(|row| row.cells[1..narrow - 1].iter().all(|cell| FILLERS.contains(cell)));
    // Without fillers, a single other width that no word with spaces gives.
    let plain = narrow == 2 && widths.len() == 2 && widths.last().is_some_and(|last| *last > WIDE);
    (widths.len() > 1 && tagged && wide && (plain || (narrow > 2 && filled))).then_some(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        let rows: Vec<HeadRow<'_>> = text
            .split('|')
            .map(|text| HeadRow { line: 1, opens: false, cells: text.split(' ').collect() })
            .collect();
        widths(&rows).into_iter().flatten().collect()
    }

    #[test]
    fn only_widths_of_annotations_are_accepted() {
        assert_eq!(found("Bergen B_(s) B_(s) GPE 0.92 Bergen B-LOC|og None O"), [3, 7]);
        assert_eq!(found("og O|Bergen B_(s) B_(s) GPE 0.92 Bergen B-LOC"), [2, 7]);
        for refused in [
            "a O|New York B-LOC",
            "a _ O|New York _ B-LOC",
            "a O|a b c d B-LOC",
            "a N O|b c d e f g B-LOC",
            "a None O|b None c d e f GPE",
            "a None O|b None O",
            "a",
        ] {
            assert!(found(refused).is_empty(), "{refused}");
        }
    }
}
