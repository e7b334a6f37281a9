//! Telling comments from words that start with `#`.

use std::collections::BTreeSet;

use super::head::{HeadRow, split};
use super::tags::{TagPlace, is_tag};

/// What the rows that do not start with `#` tell about those that do.
#[derive(Debug, Default)]
pub(super) struct Comments {
    pub tabs: bool,
    /// The number of columns; `None` if it varies.
    pub width: Option<usize>,
    /// Whether the first column numbers the words or sentences without `#`, so that no word line starts with it.
    pub numbered: bool,
    /// Where the tags are; `None` if the file has none.
    pub tag: Option<TagPlace>,
    /// The tags that occur.
    pub seen: BTreeSet<String>,
    /// What occurs in the columns between the first and the tag, if spaces separate columns.
    pub between: Vec<BTreeSet<String>>,
}

impl Comments {
    pub(super) fn see(&mut self, rows: &[HeadRow<'_>]) {
        let Some(place) = &self.tag else { return };
        self.seen = rows.iter().map(|row| place.tag(&row.cells).to_owned()).collect();
        if let (false, &TagPlace::Column(tag)) = (self.tabs, place) {
            let cells = |column: usize| rows.iter().filter_map(move |row| row.cells.get(column));
            let of = |column| cells(column).map(|cell| (*cell).to_owned()).collect();
            self.between = (1..tag).map(of).collect();
        }
    }

    /// Whether a line is a comment. `inside` says that it follows a word of the same sentence.
    pub(super) fn contains(&self, text: &str, inside: bool) -> bool {
        if !text.starts_with('#') {
            return false;
        }
        if self.numbered {
            return true;
        }
        let cells = split(text, self.tabs);
        if inside {
            let values = split(text, false);
            let one = self.tabs && cells.len() == 1 && self.width.is_some_and(|width| width > 1);
            return one && is_assignment(&values);
        }
        let fits = self.width.map_or(cells.len() > 1, |width| cells.len() == width);
        if self.tabs {
            if cells.len() == 1 {
                return true;
            }
            let is_known = |tag: &str| is_tag(tag) || self.seen.contains(tag);
            let tagged = self.tag.as_ref().map_or(fits, |tag| fits && is_known(tag.tag(&cells)));
            return text.starts_with("# ") && !tagged;
        }
        let tagged = self.tag.as_ref().is_none_or(|place| {
            let tag = place.tag(&cells);
            match cells[0] == "#" {
                // Without prefixes (IO), any type is a tag.
                false => is_tag(tag) || self.seen.iter().any(|seen| !is_tag(seen)),
                true if self.between.is_empty() => self.knows(tag),
                true => (self.knows(tag) || is_tag(tag)) && self.fits_between(&cells),
            }
        });
        !(fits && tagged) || is_assignment(&cells)
    }

    /// Whether what comes before the tag also occurs in other lines, such as the part of speech. A
    /// part of speech of `#` alone has no small letters, other than the words of a comment.
    fn fits_between(&self, cells: &[&str]) -> bool {
        let fits = |(seen, cell): (&BTreeSet<String>, &&str)| {
            seen.contains(*cell) || !cell.contains(char::is_lowercase)
        };
        self.between.iter().zip(&cells[1..]).all(fits)
    }

    /// Whether a tag occurs in the file, or one of its type does. `S-12` is not a tag in a file with
    /// persons and places.
    fn knows(&self, tag: &str) -> bool {
        let kind = |tag: &str| tag.split_once('-').map(|(_, kind)| kind.to_owned());
        let is_known = || self.seen.iter().any(|seen| kind(seen) == kind(tag));
        tag == "O" || self.seen.contains(tag) || (is_tag(tag) && is_known())
    }
}

/// Whether a line is of the form `# key = value`.
pub(super) fn is_assignment(cells: &[&str]) -> bool {
    cells.len() > 3 && cells[0] == "#" && (cells[2] == "=" || cells[3] == "=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(tabs: bool, width: usize, seen: &[&str]) -> Comments {
        Comments {
            tabs,
            width: Some(width),
            numbered: false,
            tag: Some(TagPlace::Column(width - 1)),
            seen: seen.iter().map(|tag| (*tag).to_owned()).collect(),
            between: Vec::new(),
        }
    }

    #[test]
    fn comments_that_look_like_words_are_told_apart() {
        let four = comments(false, 4, &["B-PER", "O"]);
        for comment in ["# sent_id = S-12", "# id = O", "# a b", "# x y S-12", "# x y z"] {
            assert!(four.contains(comment, false), "{comment}");
        }
        for word in ["# # NN O", "#1 NN B-NP I-PER", "Anna = = O"] {
            assert!(!four.contains(word, false), "{word}");
        }
        assert!(!four.contains("# SYM B-NP O", false));
        let known = |cell: &str| BTreeSet::from([cell.to_owned()]);
        let four = Comments { between: vec![known("N"), known("_")], ..four };
        assert!(!four.contains("# N _ B-NEW", false) && four.contains("# x _ S-12", false));
        assert!(!four.contains("# # _ O", false) && four.contains("# Vitamin _ O", false));
        assert!(!four.contains("#tag N _ B-NEW", false));
        let two = comments(true, 2, &["O"]);
        for (line, is_comment) in [
            ("# text = Vitamin O", true),
            ("# text = a\tb", true),
            ("# text = a\tB-PER", false),
            ("#\tO", false),
            ("#a\tB_P", false),
            ("# a\tb\tc", true),
        ] {
            assert_eq!(two.contains(line, false), is_comment, "{line}");
        }
        let marked = comments(true, 2, &["B-PER", "_"]);
        assert!(!marked.contains("# \t_", false) && marked.contains("# a\tb", false));
        assert!(two.contains("# page = 3", true) && !two.contains("# b", true));
    }
}
