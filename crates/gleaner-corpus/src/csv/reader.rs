//! Reading CSV.

use std::path::Path;

use gleaner_base::csv::cells;

use super::NAME;
use super::columns::Columns;
use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::lines::Lines;
use crate::options::ReadOptions;

/// A row with a word.
struct Row {
    line: usize,
    /// What the column of the sentences has; empty without such a column.
    sentence: String,
    word: String,
    tag: Option<String>,
}

/// A row, `None` if it is blank; or what is wrong with it, and what its column of the sentences has if that can be
/// read.
type RowRead = Result<Option<Row>, (CorpusError, Option<String>)>;

/// A sentence and the lines of its words, or what is wrong with it.
type SentenceWithLines = Result<(Sentence, Vec<usize>), CorpusError>;

/// Reads the sentences of a file.
pub(crate) fn read(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Vec<SentenceWithLines>, CorpusError> {
    let Some((columns, rows)) = rows(bytes, name, options)? else { return Ok(Vec::new()) };
    let starts = match columns.sentence {
        None if has_blank_rows(&rows) => Starts::AfterBlankRows,
        None => {
            let reason = "no column numbers the sentences and no blank row separates them; add a column `Sentence #`";
            return Err(CorpusError::in_file(
                name,
                Problem::Malformed { format: NAME, reason: reason.to_owned() },
            ));
        }
        Some(_) if rows.iter().flatten().flatten().all(|row| !row.sentence.is_empty()) => {
            Starts::AtOtherValues
        }
        Some(_) => Starts::AtValues,
    };
    let mut sentences = Sentences { done: Vec::new(), open: None };
    let mut last = String::new();
    let mut is_after_bad = false;
    for row in rows {
        let row = match row {
            Ok(Some(row)) => row,
            Ok(None) => {
                if starts == Starts::AfterBlankRows {
                    sentences.end();
                }
                continue;
            }
            Err((error, sentence)) => {
                // A wrapped or shifted row has something else in the column.
                let sentence =
                    sentence.filter(|s| s.is_empty() || *s == last || s.parse::<u64>().is_ok());
                is_after_bad = sentence.is_none();
                if let Some(sentence) = sentence.filter(|s| !s.is_empty() && *s != last) {
                    sentences.end();
                    last = sentence;
                }
                sentences.spoil(error);
                continue;
            }
        };
        let is_unsure = std::mem::take(&mut is_after_bad);
        if !row.sentence.is_empty() {
            if starts == Starts::AtValues && row.sentence == last {
                let reason = format!(
                    "{:?} is on several rows of the sentence, but other rows have no value; fill the column, or leave all but the first row of a sentence empty",
                    row.sentence
                );
                return Err(CorpusError::at_line(
                    name,
                    row.line,
                    Problem::Malformed { format: NAME, reason },
                ));
            }
            if row.sentence != last {
                // The row that cannot be read may be the first of this sentence, which is left out too then.
                if !(is_unsure && starts == Starts::AtOtherValues) {
                    sentences.end();
                }
                last.clone_from(&row.sentence);
            }
        }
        sentences.add(row);
    }
    sentences.end();
    Ok(sentences.done)
}

/// Whether blank rows separate others. Those at the start and at the end separate nothing.
fn has_blank_rows(rows: &[RowRead]) -> bool {
    let is_blank = |row: &RowRead| matches!(row, Ok(None));
    let mut rows = rows.iter().map(is_blank).skip_while(|blank| *blank).skip_while(|blank| !blank);
    rows.any(|blank| !blank)
}

/// Where a sentence starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Starts {
    /// Behind a blank row.
    AfterBlankRows,
    /// At a row whose sentence is not empty.
    AtValues,
    /// At a row whose sentence differs from the one before.
    AtOtherValues,
}

/// The sentences that are read.
struct Sentences {
    done: Vec<SentenceWithLines>,
    open: Option<SentenceWithLines>,
}

impl Sentences {
    fn add(&mut self, row: Row) {
        let new = || Ok((Sentence { line: row.line, ..Sentence::default() }, Vec::new()));
        if let Ok((sentence, lines)) = self.open.get_or_insert_with(new) {
            lines.push(row.line);
            sentence.words.push(row.word);
            sentence.tags.extend(row.tag);
        }
    }

    /// Replaces the sentence by what is wrong with it. A further error is listed on its own, because its row could have
    /// started another sentence.
    fn spoil(&mut self, error: CorpusError) {
        if let Some(Err(earlier)) = self.open.replace(Err(error)) {
            self.done.push(Err(earlier));
        }
    }

    fn end(&mut self) {
        self.done.extend(self.open.take());
    }
}

/// The columns and the rows; `None` for a file of blank lines.
fn rows(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Option<(Columns, Vec<RowRead>)>, CorpusError> {
    let mut lines = Lines::new(bytes, name);
    let (columns, first) = loop {
        match lines.next_line() {
            None => return Ok(None),
            Some(line) => {
                let line = line?;
                if !line.text.trim().is_empty() {
                    let columns = Columns::find(line.text, options)
                        .map_err(|problem| CorpusError::at_line(name, line.number, problem))?;
                    let data = columns
                        .starts_with_data
                        .then(|| row(line.text, line.number, line.number, &columns));
                    break (columns, (line.number, data));
                }
            }
        }
    };
    let (header, data) = first;
    let placed = |line, read: Result<Option<Row>, (Problem, Option<String>)>| {
        read.map_err(|(problem, sentence)| (CorpusError::at_line(name, line, problem), sentence))
    };
    let mut rows: Vec<RowRead> = data.into_iter().map(|read| placed(header, read)).collect();
    while let Some(line) = lines.next_line() {
        rows.push(match line {
            Ok(line) => placed(line.number, row(line.text, line.number, header, &columns)),
            Err(error) => Err((error, None)),
        });
    }
    Ok(Some((columns, rows)))
}

/// The row of a line; `None` if it is blank. An error comes with what the column of the sentences has.
fn row(
    text: &str,
    line: usize,
    header: usize,
    columns: &Columns,
) -> Result<Option<Row>, (Problem, Option<String>)> {
    if text.contains('\r') {
        return Err((Problem::BareReturn, None));
    }
    let cells = cells(text, columns.separator).map_err(|reason| {
        let reason = reason.to_owned();
        (Problem::MalformedSentence { format: NAME, reason }, None)
    })?;
    if cells.iter().all(|cell| cell.is_empty()) {
        return Ok(None);
    }
    let sentence = columns
        .sentence
        .and_then(|column| cells.get(column))
        .map(|cell| cell.trim())
        // pandas writes a missing number so, if asked to.
        .filter(|number| !number.eq_ignore_ascii_case("nan"))
        .unwrap_or_default()
        .to_owned();
    if cells.len() != columns.count {
        let separator = match columns.separator {
            ',' => "commas",
            ';' => "semicolons",
            _ => "tabs",
        };
        let (expected, found) = (columns.count, cells.len());
        let problem = Problem::Ragged { expected, found, first: header, separator };
        let last = columns.word.min(columns.tag.unwrap_or(usize::MAX)).min(cells.len());
        let has_sentence = columns.sentence.is_some_and(|column| column < last);
        return Err((problem, has_sentence.then_some(sentence)));
    }
    Ok(Some(Row {
        line,
        sentence,
        word: cells[columns.word].clone().into_owned(),
        tag: columns.tag.map(|column| cells[column].clone().into_owned()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let shown = |item: SentenceWithLines| match item {
            Ok((s, _)) => format!("{} {} | {}\n", s.line, s.words.join(" "), s.tags.join(" ")),
            Err(error) => format!("{error}\n"),
        };
        match read(text.as_bytes(), Path::new("x.csv"), &ReadOptions::default()) {
            Ok(items) => items.into_iter().map(shown).collect(),
            Err(error) => format!("{error}\n"),
        }
    }

    #[test]
    fn reads_both_ways_to_number_sentences() {
        let expected = "2 Anna sings | B-PER O\n4 Oslo | B-LOC\n";
        let marked = "Sentence #,Word,POS,Tag\nSentence: 1,Anna,NNP,B-PER\n,sings,VBZ,O\nSentence: 2,Oslo,NNP,B-LOC\n";
        assert_eq!(shown(marked), expected);
        assert_eq!(shown(&marked.replace('\n', "\r\n")), expected);
        assert_eq!(shown(&marked.replace("\n,", "\nSentence: 1,")), expected);
        assert_eq!(shown(&marked.replace(',', ";")), expected);
        assert_eq!(shown(&marked.replace("\n,", "\nNaN,")), expected);
        assert_eq!(shown(&format!("\u{feff}{}", marked.trim_end())), expected);
        let blank = "Word,Tag\nAnna,B-PER\nsings,O\n\nOslo,B-LOC\n";
        assert_eq!(shown(blank), "2 Anna sings | B-PER O\n5 Oslo | B-LOC\n");
    }

    #[test]
    fn quoted_words_are_read() {
        let text = "Sentence #,Word,Tag\n1,\"\"\"\",O\n,\"1,000\",O\n,\"a\",O\n";
        assert_eq!(shown(text), "2 \" 1,000 a | O O O\n");
    }

    #[test]
    fn invalid_rows_are_errors() {
        insta::assert_snapshot!(shown("Sentence #,Word,Tag\n1,a,O\n,b\n2,\",O\n3,c,O\n,d,O\n"), @r#"
        x.csv:3: expected 3 columns as in line 1, found 2; separate all columns with commas
        x.csv:4: not readable as CSV: a quoted cell does not end in its line; write a quotation mark as """"
        5 c d | O O
        "#);
        insta::assert_snapshot!(shown("Sentence #,Word,Tag\n1,a,O\n1,b,O\n,c,O\n"), @r#"x.csv:3: not readable as CSV: "1" is on several rows of the sentence, but other rows have no value; fill the column, or leave all but the first row of a sentence empty"#);
        insta::assert_snapshot!(shown("Word,Tag\na,O\nb,O\n"), @"x.csv: not readable as CSV: no column numbers the sentences and no blank row separates them; add a column `Sentence #`");
        insta::assert_snapshot!(shown("Sentence #,Word,Tag\n1,\",O\n"), @r#"x.csv:2: not readable as CSV: a quoted cell does not end in its line; write a quotation mark as """""#);
        assert_eq!(shown("\n\n"), "");
    }

    #[test]
    fn blank_rows_at_the_ends_separate_nothing() {
        let refused = "x.csv: not readable as CSV: no column numbers the sentences and no blank row separates them; add a column `Sentence #`\n";
        for text in
            ["word,tag\na,O\nb,O\n\n", "word,tag\na,O\nb,O\n,\n,\n", "word,tag\n\na,O\nb,O\n"]
        {
            assert_eq!(shown(text), refused, "{text:?}");
        }
    }

    #[test]
    fn a_sentence_whose_first_row_is_malformed_is_not_read_without_it() {
        let rows = "Sentence #,Word,Tag\n1,a,O\n1,b,O\n2,1,000,O\n2,c,O\n2,d,O\n3,e,O\n";
        let ragged =
            "x.csv:4: expected 3 columns as in line 1, found 4; separate all columns with commas\n";
        assert_eq!(shown(rows), format!("2 a b | O O\n{ragged}7 e | O\n"));
        // A row that does not say where it belongs may be the first of the next sentence.
        let quoted = rows.replace("2,1,000,O", "2,\",O");
        assert_eq!(shown(&quoted).lines().count(), 2, "{}", shown(&quoted));
    }

    #[test]
    fn a_wrapped_cell_takes_its_whole_sentence() {
        let rows =
            "Sentence #,Word,Tag\n1,Anna,B-PER\n1,\"New\nYork\",B-LOC\n1,sings,O\n2,e,O\n2,f,O\n";
        let read = shown(rows);
        assert!(read.ends_with("\n6 e f | O O\n") && !read.contains("sings"), "{read}");
        // What a shifted row has in the column, a number too.
        for behind in [
            "Word,Tag,Sentence #\na,O,7\n1,000,O,7\nb,O,7\nc,O,8\nd,O,8\n",
            "Word,Sentence #,Tag\na,7,O\n1,000,7,O\nb,7,O\nc,8,O\nd,8,O\n",
        ] {
            let read = shown(behind);
            assert!(read.ends_with("\n5 c d | O O\n") && !read.contains(" b "), "{read}");
        }
    }
}
