//! Names of columns: a header row, or `# global.columns` of CoNLL-U Plus.

use super::head::{HeadLine, HeadRow, split};
use super::tags::{TagPlace, is_tag};
use crate::column_names::{is_known, is_tags, is_words};
use crate::spelling::is_common_type;

/// Whether the first row of a file has the names of its columns. One name must be known, and no cell
/// can be a tag, although cells of other rows are tags; or all names are known. Files that were joined repeat it.
pub(super) fn is_header(rows: &[HeadRow<'_>]) -> bool {
    let Some((first, rest)) = rows.split_first() else { return false };
    let cells = &first.cells;
    let rest: Vec<&HeadRow<'_>> = rest.iter().filter(|row| row.cells != *cells).collect();
    if cells.len() < 2 || rest.is_empty() || cells.iter().any(|cell| is_tag(cell)) {
        return false;
    }
    // A type such as MISC occurs again in its column; a name of a column does not.
    let again = |column: usize| rest.iter().any(|row| row.cells.get(column) == cells.get(column));
    if (1..cells.len()).any(again) {
        return false;
    }
    let known = cells.iter().filter(|cell| is_known(cell)).count();
    let all = known == cells.len();
    let has = |is: fn(&str) -> bool| rest.iter().any(|row| row.cells.iter().any(|cell| is(cell)));
    if has(|cell| is_tag(cell) && !is_outside(cell)) {
        return all || (known > 0 && names_end(cells));
    }
    // Types without letters (IO) look like names, so the name must be one of tags.
    let named = cells.last().is_some_and(|cell| is_tags(cell));
    let is_type = cells.len() == 2 && cells.last().is_some_and(|cell| is_common_type(cell));
    (all && !is_type) || (known > 0 && named && has(is_outside))
}

fn is_outside(cell: &str) -> bool {
    matches!(cell.trim(), "O" | "o")
}

/// Whether the first row may have names of columns that are not known, in the tags of the column `tag`: a text of small
/// letters that is not a tag, before tags or types in capitals.
pub(super) fn may_be_header(rows: &[HeadRow<'_>], word: usize, tag: &TagPlace) -> bool {
    let Some((first, rest)) = rows.split_first() else { return false };
    let cell = tag.tag(&first.cells);
    let has_small = |cell: &str| cell.contains(char::is_lowercase);
    let is_text =
        looks_like_name(cell) && (has_small(cell) || is_tags(cell)) && !is_common_type(cell);
    let tags: Vec<&str> = rest.iter().map(|row| tag.tag(&row.cells)).collect();
    if !is_text || is_tag(cell) || tags.contains(&cell) {
        return false;
    }
    let types: Vec<&str> = tags.iter().copied().filter(|tag| !is_outside(tag)).collect();
    match types.is_empty() {
        true => is_words(first.cells[word]) && !tags.is_empty(),
        false => {
            types.iter().all(|tag| is_tag(tag))
                || types.iter().all(|tag| tag.len() > 1 && !has_small(tag) && looks_like_name(tag))
                || is_words(first.cells[word])
        }
    }
}

/// A header row in a comment.
#[derive(Debug)]
pub(super) struct HashHeader {
    pub line: usize,
    pub names: Vec<String>,
    /// The cells of the line, the first one with its `#`.
    pub cells: Vec<String>,
}

/// The names in a first line with `#word` and, after a tab, `tag`. All must be known.
pub(super) fn after_hash(lines: &[HeadLine], tabs: bool) -> Option<HashHeader> {
    let first = lines.first()?;
    let names = split(first.text.strip_prefix('#')?.trim_start(), tabs);
    let known = names.len() > 1 && names.iter().all(|name| is_known(name));
    let named = names.iter().any(|name| is_words(name)) && names.iter().any(|name| is_tags(name));
    let owned = |cells: Vec<&str>| cells.into_iter().map(str::to_owned).collect();
    (known && named).then(|| HashHeader {
        line: first.number,
        names: owned(names),
        cells: owned(split(&first.text, tabs)),
    })
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
            "Palabra\tEtiqueta|Anna\tPER|sings\tO",
            "слово\tтег|Anna\tPER|sings\tO",
            "Word\tTag|Anna\tPER|Word\tTag|sings\tO",
        ] {
            assert!(is_header_of(text), "{text}");
        }
        for text in [
            "Token\tO|Anna\tB-PER",
            "Word\tB-MISC|Anna\tB-PER",
            "Anna\tB_PER|sings\tO",
            "Tag\tNN\tMISC|der\tDT\tO",
            "Word\tMISC|is\tO",
            "Ord\tPER|is\tO",
            "Word\tTag",
        ] {
            assert!(!is_header_of(text), "{text}");
        }
    }

    #[test]
    fn first_rows_that_may_be_headers_are_found() {
        let may_be = |text: &str| {
            let rows: Vec<HeadRow<'_>> = text
                .split('|')
                .map(|text| HeadRow { line: 1, opens: false, cells: text.split(' ').collect() })
                .collect();
            may_be_header(&rows, 0, &TagPlace::Column(1))
        };
        for text in [
            "Foo Bar|Anna B-PER|sings O",
            "Wyraz Klasa|Anna PER|sings O",
            "Word Kind|Anna Person|a O",
        ] {
            assert!(may_be(text), "{text}");
        }
        for text in [
            "Anna PER|sings O|Bo PER",
            "Anna person|sings O",
            "Anna Person|sings O|Oslo Place",
            "Anna B_PER|sings O|Bo B-PER",
            "Anna person|Bo PER|Oslo person",
            "Anna B-PER|Bo I-PER",
            "Anna Person",
        ] {
            assert!(!may_be(text), "{text}");
        }
    }

    #[test]
    fn names_can_follow_a_hash() {
        let names = |text: &str| {
            let line = HeadLine { number: 3, text: text.into(), opens: true };
            after_hash(&[line], text.contains('\t')).map(|hash| (hash.line, hash.names.join(" ")))
        };
        assert_eq!(names("#word\ttag"), Some((3, "word tag".to_owned())));
        assert_eq!(names("# Word POS NER"), Some((3, "Word POS NER".to_owned())));
        for other in ["# word", "# sentence id", "# the word", "word tag", "#word O"] {
            assert_eq!(names(other), None, "{other}");
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
