//! Names of columns: a header row, or `# global.columns` of CoNLL-U Plus.

use super::head::{HeadLine, HeadRow};
use super::tags::is_tag;
use crate::column_names::{is_known, is_tags, is_words};

/// Whether the first row of a file has the names of its columns. One name must be known, and no cell
/// can be a tag, although cells of other rows are tags; or all names are known.
pub(super) fn is_header(rows: &[HeadRow<'_>]) -> bool {
    let Some((first, rest)) = rows.split_first() else { return false };
    let cells = &first.cells;
    if cells.len() < 2 || rest.is_empty() || cells.iter().any(|cell| is_tag(cell)) {
        return false;
    }
    let known = cells.iter().filter(|cell| is_known(cell)).count();
    let tagged = rest.iter().any(|row| row.cells.iter().any(|cell| is_tag(cell)));
    // A type such as MISC occurs again in its column; a name of a column does not.
    let again = |column: usize| rest.iter().any(|row| row.cells.get(column) == cells.get(column));
    let once = !(1..cells.len()).any(again);
    once && (known == cells.len() || (known > 0 && tagged && names_end(cells)))
}

/// Whether the word or the tag is named. A sentence can start with the word `Tag`, but its tag is
/// not a name.
fn names_end(cells: &[&str]) -> bool {
    let last = cells.last().is_some_and(|cell| is_tags(cell));
    let word = cells.iter().take(3).any(|cell| is_words(cell));
    last || (word && cells.iter().skip(1).all(|cell| looks_like_name(cell)))
}

/// Whether a cell is written as a name of a column: in capitals, or with a capital first.
fn looks_like_name(cell: &str) -> bool {
    let letters = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | ' ' | '#');
    cell.starts_with(char::is_alphabetic) && cell.chars().all(letters)
}

/// The columns that `# global.columns = ID FORM ...` names, and the line that does.
pub(super) fn global_columns(lines: &[HeadLine]) -> Option<(usize, Vec<String>)> {
    lines.iter().take_while(|line| line.text.starts_with('#')).find_map(|line| {
        let rest = line.text.strip_prefix('#')?.trim_start();
        let names = rest.strip_prefix("global.columns")?.trim_start().strip_prefix('=')?;
        Some((line.number, names.split_whitespace().map(str::to_owned).collect()))
    })
}

/// The column that is named as the words, from 0, if there is one.
pub(super) fn word_column(names: &[String]) -> Option<usize> {
    one((0..names.len()).filter(|column| is_words(&names[*column])))
}

/// The only column among `found` that is named as tags; if none was found, the only one so named.
pub(super) fn tag_column(names: &[String], found: &[usize]) -> Option<usize> {
    let named = (0..names.len()).filter(|column| is_tags(&names[*column]));
    one(named.filter(|column| found.is_empty() || found.contains(column)))
}

fn one(mut columns: impl Iterator<Item = usize>) -> Option<usize> {
    let first = columns.next()?;
    columns.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_header_of(text: &str) -> bool {
        let rows: Vec<HeadRow<'_>> = text
            .split('|')
            .map(|text| HeadRow { line: 1, opens: false, cells: text.split('\t').collect() })
            .collect();
        is_header(&rows)
    }

    #[test]
    fn header_rows_are_recognised() {
        for text in [
            "TOKEN\tNE-COARSE|Anna\tB-PER",
            "Word\tTag|Anna\tPER",
            "word\tpos\tner|Anna\tN\tB-PER",
            "id\tToken\tWikidata\tNE|1\tAnna\tQ1\tB-PER",
            "Sentence #\tWord\tPOS\tTag|Sentence: 1\tAnna\tNNP\tB-PER",
        ] {
            assert!(is_header_of(text), "{text}");
        }
        for text in [
            "Token\tO|Anna\tB-PER",
            "Word\tB-MISC|Anna\tB-PER",
            "Anna\tB_PER|sings\tO",
            "Tag\tNN\tMISC|der\tDT\tO",
            "Word\tTag",
        ] {
            assert!(!is_header_of(text), "{text}");
        }
    }

    #[test]
    fn columns_of_conllu_plus_are_named() {
        let line = |text: &str| HeadLine { number: 1, text: text.into(), opens: true };
        let lines = [line("# a = b"), line("# global.columns = ID FORM UPOS PROJECT:NER")];
        let (_, names) = global_columns(&lines).unwrap();
        assert_eq!((word_column(&names), tag_column(&names, &[])), (Some(1), Some(3)));
        assert_eq!(tag_column(&["NER".into(), "NE".into()], &[]), None);
        assert!(global_columns(&[line("a b"), line("# global.columns = ID")]).is_none());
    }
}
