//! Recognising words with tags in columns by their content.

use gleaner_base::tags::Notation;

use super::head::{self, HeadLine};
use super::layout::{ColumnLayout, Kind};
use super::tags;
use crate::error::Problem;
use crate::options::ReadOptions;
use crate::spelling::Spelling;

/// Whether the beginning of a file shows words with tags in columns rather than plain text: all lines
/// have the same columns, and one of them always has a tag.
pub(crate) fn looks_like(head: &str) -> bool {
    let lines = head::lines(head.as_bytes(), false);
    let layout = match ColumnLayout::of(&lines, &ReadOptions::default()) {
        Ok(layout) => layout,
        Err((_, Problem::TagColumns { .. } | Problem::TagKeys { .. })) => return true,
        // Tags show columns also where it is unsure which of them has the words.
        Err(_) => return has_tags(&lines),
    };
    let Some(place) = &layout.tag else { return false };
    let mut tags = Vec::new();
    for line in &lines {
        match layout.kind(&line.text, line.number, !line.opens) {
            Ok(Kind::Row(cells)) => {
                tags.push(place.tag(&cells).to_owned());
            }
            Ok(Kind::Comment | Kind::Header | Kind::Extra) => {}
            Err(_) => return false,
        }
    }
    let notation = Notation::of(tags.iter().map(String::as_str));
    // One line of text can end with the letter O.
    let enough = tags.len() > 1 || tags.iter().any(|tag| !matches!(tag.as_str(), "O" | "o"));
    let spelling = Spelling::of(tags.iter().map(String::as_str));
    enough
        && (tags.iter().all(|tag| notation.canonical(tag).is_some())
            || spelling.is_some_and(|spelling| spelling != Spelling::Numbers))
}

/// Whether lines have the same number of columns, and one of them always has a tag.
fn has_tags(lines: &[HeadLine]) -> bool {
    let (rows, _) = head::rows(lines, false);
    let same = rows.windows(2).all(|pair| pair[0].cells.len() == pair[1].cells.len());
    let column = if same { tags::columns(&rows, 1, 0).pop() } else { None };
    column.is_some_and(|column| rows.iter().any(|row| row.cells[column].contains('-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_distinguished_from_text() {
        for columns in [
            "Anna O\nwoon O\nin O\nBos B-LOC\n",
            "Anna\tB-PER",
            "# a = b\n1\tAnna\t_\tname=B-PER\n2\tin\t_\tname=O\n3\tx\t_\tname=O\n",
            "TOKEN\tNER\nAnna\tB-PER\n",
            "Die O O\nUni B-ORG O\n",
            "Anna B-PER\nsings O\nin O\nOs",
            "Anna PER\nEk PER\nin O\nOslo LOC\n",
            "1984 N B-DATE\n1986 N O\n1985 N O\n",
            "Anna B-PER\nsings _\n",
            "colon B\ncancer I\nis O\n",
        ] {
            assert!(looks_like(columns), "{columns}");
        }
        for text in [
            "",
            "# a\n",
            "Vitamin O\n",
            "Anna woon in Bos.\nBo sings.\n",
            "{\"text\": \"a\"}\n",
            "1 2 3\n2 1 3\n",
            "one\ntwo\n",
            "Anna Ek\nBo Oslo\n",
            "New York\nBuenos Aires\nSan Juan\n",
        ] {
            assert!(!looks_like(text), "{text}");
        }
    }
}
