//! Reading WebAnno TSV 3.

use std::ops::Range;
use std::path::Path;

use super::header::Header;
use super::sentence::{Numbers, Open};
use super::values::values;
use super::{MARK, NAME, looks_like, malformed};
use crate::document::Document;
use crate::error::{CorpusError, Problem};
use crate::lines::Lines;
use crate::options::ReadOptions;

/// Reads the sentences of a file, each as a document, or what is wrong with each.
pub(crate) fn read(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Vec<Result<Document, CorpusError>>, CorpusError> {
    let mut lines = Lines::new(bytes, name);
    let mut header = Header::default();
    // The column of the entities, once the header is complete.
    let mut column: Option<Option<usize>> = None;
    let mut used = Numbers::new();
    let mut documents = Documents { done: Vec::new(), open: None };
    while let Some(line) = lines.next_line() {
        let line = match line {
            Ok(line) => line,
            Err(error) if column.is_none() => return Err(error),
            Err(error) => {
                documents.spoil(error);
                continue;
            }
        };
        let placed = |problem| CorpusError::at_line(name, line.number, problem);
        if line.number == 1 && !looks_like(line.text) {
            let reason = format!("it does not start with {MARK}; export it as WebAnno TSV v3");
            return Err(placed(Problem::Malformed { format: NAME, reason }));
        }
        if line.text.is_empty() {
            documents.end();
            continue;
        }
        if line.text.starts_with('#') {
            documents.end();
            if column.is_none() {
                header.add(line.text);
            }
            continue;
        }
        let column = match column {
            Some(column) => column,
            None => {
                let found = match options.unlabelled {
                    true => None,
                    false => Some(
                        header
                            .column(options.tag_column)
                            .map_err(|problem| CorpusError::in_file(name, problem))?,
                    ),
                };
                *column.insert(found)
            }
        };
        let added = Row::parse(line.text, header.columns())
            .and_then(|row| documents.add(&row, line.number, column, &mut used));
        if let Err(problem) = added {
            documents.spoil(placed(problem));
        }
    }
    documents.end();
    Ok(documents.done)
}

/// A row of a token or a part of one.
struct Row<'a> {
    /// The number of the sentence.
    sentence: usize,
    /// Whether it is a part of the token before.
    is_part: bool,
    /// In the file's text.
    place: Range<usize>,
    text: &'a str,
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str, columns: usize) -> Result<Self, Problem> {
        let cells: Vec<&str> = line.split('\t').collect();
        // Each column ends with a tab in most files.
        let ends_with_tab = cells.len() == columns + 1 && cells[columns].is_empty();
        if cells.len() != columns && !ends_with_tab {
            let reason = format!(
                "{} columns where the header has {columns}; export the document again",
                cells.len()
            );
            return Err(malformed(reason));
        }
        let bad = || {
            malformed(format!(
                "{:?} is not the number and place of a token",
                &cells[..2].join("\t")
            ))
        };
        let (sentence, token) = cells[0].split_once('-').ok_or_else(bad)?;
        let (start, end) = cells[1].split_once('-').ok_or_else(bad)?;
        let number = |digits: &str| digits.parse::<usize>().map_err(|_| bad());
        for part in token.split('.') {
            number(part)?;
        }
        Ok(Self {
            sentence: number(sentence)?,
            is_part: token.contains('.'),
            place: number(start)?..number(end)?,
            text: cells[2],
            cells,
        })
    }
}

/// The sentences that are read.
struct Documents {
    done: Vec<Result<Document, CorpusError>>,
    /// The sentence and its number in the file, which is unknown if its first row is malformed.
    open: Option<(Option<usize>, Result<Open, CorpusError>)>,
}

impl Documents {
    fn add(
        &mut self,
        row: &Row<'_>,
        line: usize,
        column: Option<usize>,
        used: &mut Numbers,
    ) -> Result<(), Problem> {
        if self
            .open
            .as_ref()
            .is_some_and(|(number, _)| number.is_some_and(|number| number != row.sentence))
        {
            self.end();
        }
        let (position, sentence) = (self.done.len(), Some(row.sentence));
        let (number, open) =
            self.open.get_or_insert_with(|| (sentence, Ok(Open::new(line, position))));
        *number = sentence;
        let Ok(open) = open else { return Ok(()) };
        let values = match column {
            Some(column) => values(row.cells[column])?,
            None => Vec::new(),
        };
        let place = match row.is_part {
            // It is annotated in another layer, possibly between two characters.
            true if values.is_empty() => return Ok(()),
            true if row.place.is_empty() => {
                return Err(malformed("an annotation has no characters; delete it"));
            }
            true => open.part(row.text, row.place.clone())?,
            false => open.token(row.text, row.place.clone())?,
        };
        open.annotate(values, &place, used)
    }

    /// Replaces the sentence by what is wrong with it. The rest of the sentence is passed over.
    fn spoil(&mut self, error: CorpusError) {
        match &mut self.open {
            Some((_, open)) => *open = Err(error),
            None => self.open = Some((None, Err(error))),
        }
    }

    fn end(&mut self) {
        if let Some((_, open)) = self.open.take() {
            self.done.push(open.map(Open::into_document));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;

    const HEADER: &str = "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.b.NamedEntity|identifier|value\n\n\n";

    fn read_all(rows: &str) -> Vec<Result<Document, String>> {
        let text = format!("{HEADER}{rows}");
        let documents = read(text.as_bytes(), Path::new("x.tsv"), &ReadOptions::default()).unwrap();
        documents.into_iter().map(|document| document.map_err(|error| error.to_string())).collect()
    }

    fn span(start: usize, end: usize, name: &str) -> Span {
        Span { start, end, entity_type: name.to_owned() }
    }

    #[test]
    fn tokens_and_annotations_are_read() {
        let rows = "#Text=Anna Berg sings.\n1-1\t0-4\tAnna\t*[1]\tPER[1]\t\n1-2\t5-9\tBerg\t*[1]|_[2]\tPER[1]|LOC[2]\t\n\
                    1-3\t10-15\tsings\t_\t_\t\n1-4\t15-16\t.\t_\t_\t\n\n#Text=Oslo\n2-1\t17-21\tOslo\t*\tLOC\t\n";
        let documents: Vec<Document> = read_all(rows).into_iter().map(Result::unwrap).collect();
        assert_eq!(documents[0].text, "Anna Berg sings.");
        assert_eq!(documents[0].words.as_deref(), Some(&[0..4, 5..9, 10..15, 15..16][..]));
        assert_eq!(documents[0].spans, [span(0, 9, "PER"), span(5, 9, "LOC")]);
        assert_eq!((documents[0].line, documents[1].line), (6, 12));
        assert_eq!(documents[1].spans, [span(0, 4, "LOC")]);
    }

    #[test]
    fn parts_of_tokens_are_read() {
        let rows =
            "1-1\t0-2\t🦀\t_\t_\t\n1-2\t3-13\t🦀l'Aiaccu\t_\t_\t\n1-2.1\t7-13\tAiaccu\t*\tLOC\t\n";
        let documents = read_all(rows);
        assert_eq!(documents[0].as_ref().unwrap().spans, [span(5, 11, "LOC")]);
        let error = read_all(&rows.replace("7-13", "4-10"))[0].clone().unwrap_err();
        assert!(error.contains("is not part of the token before"), "{error}");
        // Between characters, other layers can have annotations.
        let between = |value: &str| {
            read_all(&format!("1-1\t0-4\tAnna\t_\t_\t\n1-1.1\t2-2\t\t{value}\t{value}\t\n"))[0]
                .clone()
        };
        assert_eq!(between("_").unwrap().spans, []);
        assert!(between("X").unwrap_err().contains("an annotation has no characters; delete it"));
    }

    #[test]
    fn malformed_sentences_are_errors_and_end() {
        let rows = "1-1\t0-4\tAnna\t_\n1-2\t5-6\tB\t_\t_\t\n\n2-1\t7-8\tC\t_\t_\t\n\n3-1\t9-10\tD\t*[4]\tPER[4]\n\
                    3-2\t11-12\tE\t_\t_\n3-3\t13-14\tF\t*[4]\tPER[4]\n\n4-1\t15-16\tG\t*[4]\tPER[4]\n\n5-1\t17-18\tH\t*\t*\n";
        let shown: Vec<String> = read_all(rows)
            .into_iter()
            .map(|document| {
                document.map_or_else(
                    |error| error,
                    |document| format!("{} {}", document.line, document.text),
                )
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        x.tsv:5: not readable as WebAnno TSV 3: 4 columns where the header has 5; export the document again
        8 C
        x.tsv:12: not readable as WebAnno TSV 3: annotation 4 changes its value or leaves out a token; annotate it again
        x.tsv:14: not readable as WebAnno TSV 3: annotation 4 is in two sentences; keep it inside one
        x.tsv:16: not readable as WebAnno TSV 3: the annotation of "H" has no value; choose one, or delete the annotation
        "#);
        let error =
            read(b"a\tO\n", Path::new("x.tsv"), &ReadOptions::default()).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"x.tsv:1: not readable as WebAnno TSV 3: it does not start with #FORMAT=WebAnno TSV 3; export it as WebAnno TSV v3");
    }
}
