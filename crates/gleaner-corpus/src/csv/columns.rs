//! Finding the columns by their names.

use std::borrow::Cow;

use gleaner_base::csv::cells;
use gleaner_base::tags::looks_like_tag;

use super::NAME;
use crate::column_names::{is_sentences, is_tags, is_words};
use crate::error::Problem;
use crate::options::ReadOptions;

/// Whether a name is one of a certain column.
type Known = fn(&str) -> bool;

/// The columns that are read, from 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) separator: char,
    /// Number of columns.
    pub(super) count: usize,
    pub(super) sentence: Option<usize>,
    pub(super) word: usize,
    /// `None` if tags are not read.
    pub(super) tag: Option<usize>,
    /// Whether the first row is a word instead of names.
    pub(super) starts_with_data: bool,
}

impl Columns {
    /// The columns of a file with this first row. Chosen columns have precedence over names.
    pub(super) fn find(first: &str, options: &ReadOptions) -> Result<Self, Problem> {
        let mut found: Vec<Result<Self, Problem>> =
            [',', ';', '\t'].map(|separator| Self::separated_by(separator, first, options)).into();
        // The error about the most frequent separator is the most useful one.
        let count = |&at: &usize| first.matches([',', ';', '\t'][at]).count();
        let most = (0..3).rev().max_by_key(count).unwrap_or(0);
        match found
            .iter()
            .position(|columns| columns.as_ref().is_ok_and(|columns| columns.count > 1))
        {
            Some(at) => found.swap_remove(at),
            None => found.swap_remove(most),
        }
    }

    fn separated_by(separator: char, first: &str, options: &ReadOptions) -> Result<Self, Problem> {
        let names = cells(first, separator).map_err(|reason| malformed(reason.to_owned()))?;
        let column = |chosen: Option<usize>, known: Known, kind: &str, name: &str, option: &str| {
            match chosen {
                Some(column) if column == 0 || column > names.len() => {
                    Err(Problem::NoColumn { column, found: names.len() })
                }
                Some(column) => Ok(column - 1),
                None => only(&names, known, option)?.ok_or_else(|| {
                    let names = names.join(", ");
                    malformed(format!(
                        "the first row names no column of the {kind} (it has {names}); name it {name}, or choose it ({option} N)"
                    ))
                }),
            }
        };
        let word = column(options.word_column, is_words, "words", "word", "--word-column")?;
        let tag = match options.unlabelled {
            true => None,
            false => Some(column(options.tag_column, is_tags, "tags", "tag", "--tag-column")?),
        };
        if tag == Some(word) {
            return Err(Problem::SameColumn { column: word + 1 });
        }
        let sentence = only(&names, is_sentences, "")?;
        let starts_with_data = tag.is_some_and(|tag| looks_like_tag(&names[tag]));
        Ok(Self { separator, count: names.len(), sentence, word, tag, starts_with_data })
    }
}

/// Whether a row names a column of words and one of tags.
pub(super) fn has_names(row: &str, separator: char) -> bool {
    let Ok(names) = cells(row, separator) else { return false };
    names.iter().any(|name| is_words(name)) && names.iter().any(|name| is_tags(name))
}

/// The only column with one of these names.
fn only(names: &[Cow<'_, str>], known: Known, option: &str) -> Result<Option<usize>, Problem> {
    let mut found = names.iter().enumerate().filter(|(_, name)| known(name));
    match (found.next(), found.next()) {
        (Some((_, first)), Some((_, second))) => Err(malformed(match option {
            "" => {
                format!("columns {first} and {second} could both number the sentences; rename one")
            }
            _ => format!("{first} or {second} could be the column; choose it ({option} N)"),
        })),
        (first, _) => Ok(first.map(|(at, _)| at)),
    }
}

fn malformed(reason: String) -> Problem {
    Problem::Malformed { format: NAME, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        row: &str,
        options: &ReadOptions,
    ) -> Result<(Option<usize>, usize, Option<usize>, bool), String> {
        let columns = Columns::find(row, options).map_err(|problem| problem.to_string())?;
        Ok((columns.sentence, columns.word, columns.tag, columns.starts_with_data))
    }

    #[test]
    fn columns_are_found_by_name() {
        let default = ReadOptions::default();
        assert_eq!(found("Sentence #,Word,POS,Tag", &default), Ok((Some(0), 1, Some(3), false)));
        assert_eq!(found("tag;pos;token;sentence_idx", &default), Ok((Some(3), 2, Some(0), false)));
        assert_eq!(found("WORD\tTAG", &default), Ok((None, 0, Some(1), false)));
        let chosen =
            ReadOptions { word_column: Some(1), tag_column: Some(2), ..ReadOptions::default() };
        assert_eq!(found("Anna,B-PER", &chosen), Ok((None, 0, Some(1), true)));
        let unlabelled = ReadOptions { unlabelled: true, ..ReadOptions::default() };
        assert_eq!(found("id,Word", &unlabelled), Ok((None, 1, None, false)));
    }

    #[test]
    fn unclear_columns_are_errors() {
        let error = |row| found(row, &ReadOptions::default()).unwrap_err();
        insta::assert_snapshot!(error("Sentence #,Sentence text,POS,Tag"), @"not readable as CSV: the first row names no column of the words (it has Sentence #, Sentence text, POS, Tag); name it word, or choose it (--word-column N)");
        insta::assert_snapshot!(error("Word,Tag,NER"), @"not readable as CSV: Tag or NER could be the column; choose it (--tag-column N)");
        insta::assert_snapshot!(error("Sentence,Sentence #,Word,Tag"), @"not readable as CSV: columns Sentence and Sentence # could both number the sentences; rename one");
        let chosen = ReadOptions { word_column: Some(9), ..ReadOptions::default() };
        assert_eq!(
            found("Word,Tag", &chosen).unwrap_err(),
            "no column 9: the line has 2; columns count from 1"
        );
    }
}
