//! Lines that are neither words nor comments, for programs that keep them.

use super::head::split;

/// The first cell of a line that starts a document, as in CoNLL-2003.
const DOCUMENT: &str = "-DOCSTART-";

/// A line that starts a document, a range of words or an empty node of CoNLL-U.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// The number of words of the sentence before it. 0 for the start of a document.
    pub before: usize,
    /// Its columns.
    pub cells: Vec<String>,
}

impl Other {
    pub(super) fn new(before: usize, line: &str, tabs: bool) -> Self {
        Self { before, cells: split(line, tabs).into_iter().map(str::to_owned).collect() }
    }

    /// The start of a document; `None` if the line is another one.
    pub(super) fn document(line: &str, tabs: bool) -> Option<Self> {
        line.starts_with(DOCUMENT).then(|| Self::new(0, line, tabs))
    }

    /// Whether it starts a document.
    pub fn is_document(&self) -> bool {
        self.cells.first().is_some_and(|cell| cell.starts_with(DOCUMENT))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::ReadOptions;
    use crate::conll::Reader;

    /// The other lines of each sentence, with the words before them; or the error.
    fn others(text: &str) -> Vec<Vec<String>> {
        let reader = Reader::new(text.as_bytes(), Path::new("x"), &ReadOptions::default());
        let shown = |rows: Result<crate::conll::Rows, _>| match rows {
            Ok(rows) => {
                let others = rows.others.iter();
                others
                    .map(|other| {
                        format!("{} {}", other.before, rows.without_tag(&other.cells).join("|"))
                    })
                    .collect()
            }
            Err(_) => vec!["error".to_owned()],
        };
        reader.map(shown).collect()
    }

    #[test]
    fn ranges_and_empty_nodes_have_their_place() {
        let text = "1-2\tZum\t_\tO\n1\tZu\t_\tO\n2\tdem\t_\tO\n3\tHaus\t_\tB-X\n3.1\tleer\t_\tO\n\n1\ta\t_\tO\n";
        assert_eq!(others(text), [vec!["0 1-2|Zum|_", "3 3.1|leer|_"], vec![]]);
    }

    #[test]
    fn documents_start_before_their_first_sentence() {
        let start = "-DOCSTART- -X- O O\n";
        let text = format!(
            "{start}\nA NNP x B-X\nb VB x O\n{start}c VB x O\n\n{start}\nbad\n\nd VB x O\n"
        );
        let document = "0 -DOCSTART-|-X-|O";
        assert_eq!(
            others(&text),
            [vec![document], vec![document], vec!["error"], vec![document]],
            "also where a malformed sentence comes first"
        );
    }
}
