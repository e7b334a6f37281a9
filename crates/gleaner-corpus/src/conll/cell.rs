//! What single cells mean.

use crate::invisible::{is_blank, is_edge};

/// A word without white space and byte order marks around it. A word that cannot be seen is empty: no-break and
/// zero-width spaces alone are not a word.
pub(super) fn word(cell: &str) -> &str {
    let word = cell.trim_matches(is_edge);
    if is_blank(word) { "" } else { word }
}

/// Whether a cell marks the start of a document: `-DOCSTART-` and its spellings.
pub(super) fn starts_document(cell: &str) -> bool {
    const NAME: &str = "DOCSTART";
    cell.len() >= NAME.len()
        && cell
            .trim_matches(|c: char| c.is_ascii_digit() || " -_<>*#[]()".contains(c))
            .eq_ignore_ascii_case(NAME)
}

/// A whole number, also with marks around it: `1.`, `(1)`, `#1`.
pub(super) fn numbering(cell: &str) -> Option<u64> {
    number(cell.trim_matches(['(', ')', '[', ']', '.', ':', '#']))
}

pub(super) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// Whether cells can be words rather than parts of speech or numbers.
pub(super) fn can_be_words(cells: &[&str]) -> bool {
    let is_small = |c: char| c.is_alphabetic() && !c.is_uppercase();
    let numbered = cells.iter().filter(|cell| has_digit(cell)).count();
    2 * numbered <= cells.len()
        && cells.iter().any(|cell| cell.contains(is_small))
        && (cells.len() == 1 || cells.iter().any(|cell| *cell != cells[0]))
}

pub(super) fn has_digit(cell: &str) -> bool {
    cell.contains(char::is_numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_no_white_space_around_them() {
        for (cell, expected) in [
            ("Anna ", "Anna"),
            ("\u{feff}Anna\u{a0}", "Anna"),
            ("New York", "New York"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("\u{a0}", ""),
            (" \u{200b}\u{a0}\u{200b}", ""),
            ("\u{202b}", ""),
            ("", ""),
        ] {
            assert_eq!(word(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn documents_start_in_many_spellings() {
        for cell in [
            "-DOCSTART-",
            "-docstart-",
            "--DOCSTART--",
            "DOCSTART",
            "<DOCSTART>",
            "-DOCSTART-_1",
            "-DOCSTART",
        ] {
            assert!(starts_document(cell), "{cell}");
        }
        for cell in ["", "-", "DOCSTARTS", "docs", "-DOC-"] {
            assert!(!starts_document(cell), "{cell}");
        }
    }

    #[test]
    fn numbers_have_marks_around_them() {
        for (cell, expected) in [
            ("1", Some(1)),
            ("12.", Some(12)),
            ("(3)", Some(3)),
            ("#4", Some(4)),
            ("1.1", None),
            (".", None),
        ] {
            assert_eq!(numbering(cell), expected, "{cell}");
        }
    }

    #[test]
    fn words_are_told_from_parts_of_speech() {
        for words in [&["Anna", "sings"][..], &["Oslo"], &["東京", "大阪"]] {
            assert!(can_be_words(words), "{words:?}");
        }
        for others in [&["NN", "VBZ"][..], &["CARD"], &["x", "x"], &["1", "2"], &[]] {
            assert!(!can_be_words(others), "{others:?}");
        }
    }
}
