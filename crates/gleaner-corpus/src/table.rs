//! Parquet files whose rows hold a list of words and a list of tags, as on the Hugging Face hub.
//!
//! Gleaner decodes them itself: two columns of lists need little of the format, and every length
//! and position that a file states is checked before it is used. (The `parquet` crate panics on some
//! damaged files. The tests compare with it on files that it writes.)

#[cfg(feature = "brotli")]
mod brotli;
mod budget;
mod bytes;
mod compression;
mod delta;
mod footer;
mod lz4;
mod metadata;
mod pages;
mod runs;
mod thrift;
mod values;
mod writer;

use std::path::Path;

use serde_json::Value;

use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::labels::{RawTags, named};
use crate::options::ReadOptions;
use budget::Budget;
use bytes::Damaged;
use metadata::{Codec, Column, Metadata, RowGroup, ValueType};
use pages::Pages;
use values::Values;
pub(crate) use writer::write;

/// A cell that holds a list; `None` if it is null.
type List<T> = Option<Vec<T>>;

/// A row as a sentence, or what is wrong with the row.
type Row = Result<Sentence, CorpusError>;

/// Reads the rows of a file.
pub(crate) fn read(
    file: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Vec<Row>, CorpusError> {
    rows(file, options)
        .map(|rows| {
            let placed = |(row, at)| -> Row {
                let row: Result<Sentence, Problem> = row;
                row.map_err(|problem| CorpusError::at_line(name, at, problem))
            };
            rows.into_iter().zip(1..).map(placed).collect()
        })
        .map_err(|problem| CorpusError::in_file(name, problem))
}

fn rows(file: &[u8], options: &ReadOptions) -> Result<Vec<Result<Sentence, Problem>>, Problem> {
    let metadata = metadata::read(file)?;
    let mut budget = Budget::of(file.len());
    let tag_column = match options.unlabelled {
        true => None,
        false => Some(tag_column(&metadata)?),
    };
    let in_file = || tag_column.and_then(|column| class_names(&metadata, column));
    let labels = options.labels.clone().or_else(in_file);
    let mut rows = Vec::new();
    for group in &metadata.row_groups {
        let words = words(file, &metadata, group, &mut budget)?;
        budget.take(words.len(), budget::ROW)?;
        let tags = match tag_column {
            Some(name) => {
                tags(file, &metadata, group, name, &mut budget)?.into_iter().map(Some).collect()
            }
            None => vec![None; words.len()],
        };
        for (words, tags) in words.into_iter().zip(tags) {
            rows.push(sentence(words, tags, labels.as_deref(), rows.len() + 1));
        }
    }
    Ok(rows)
}

/// The sentence of a row. `tags` is `None` if none are wanted, and `Some(None)` if they are null.
fn sentence(
    words: List<String>,
    tags: Option<Option<RawTags>>,
    labels: Option<&[String]>,
    line: usize,
) -> Result<Sentence, Problem> {
    let words = words.ok_or(Problem::NoTokens)?;
    let tags = match tags {
        None => return Ok(Sentence { words, line, ..Sentence::default() }),
        Some(tags) => named(tags.ok_or(Problem::NoTags)?, labels)?,
    };
    if tags.len() != words.len() {
        return Err(Problem::TagCount { words: words.len(), tags: tags.len() });
    }
    Ok(Sentence { words, tags, line, ..Sentence::default() })
}

fn words(
    file: &[u8],
    metadata: &Metadata<'_>,
    group: &RowGroup,
    budget: &mut Budget,
) -> Result<Vec<List<String>>, Problem> {
    match column(file, metadata, group, "tokens", budget)? {
        (column, Pages { repetitions, definitions, values: Values::Texts(texts) }) => {
            Ok(lists(column, group.rows, &repetitions, &definitions, texts)?)
        }
        _ => Err(unusable("tokens", "its lists do not hold strings")),
    }
}

fn tags(
    file: &[u8],
    metadata: &Metadata<'_>,
    group: &RowGroup,
    name: &'static str,
    budget: &mut Budget,
) -> Result<Vec<Option<RawTags>>, Problem> {
    let (column, Pages { repetitions, definitions, values }) =
        column(file, metadata, group, name, budget)?;
    let rows = group.rows;
    Ok(match values {
        Values::Int32(ids) | Values::Int64(ids) => {
            let lists = lists(column, rows, &repetitions, &definitions, ids)?;
            lists.into_iter().map(|ids| ids.map(RawTags::Ids)).collect()
        }
        Values::Texts(names) => {
            let lists = lists(column, rows, &repetitions, &definitions, names)?;
            lists.into_iter().map(|names| names.map(RawTags::Names)).collect()
        }
    })
}

/// A column of lists and its pages in a row group.
fn column<'m, 'a>(
    file: &[u8],
    metadata: &'m Metadata<'a>,
    group: &RowGroup,
    name: &'static str,
    budget: &mut Budget,
) -> Result<(&'m Column<'a>, Pages), Problem> {
    let mut columns = metadata.columns.iter().zip(&group.chunks);
    let (column, chunk) = columns
        .find(|(column, _)| column.path.first() == Some(&name))
        .ok_or_else(|| unusable(name, "there is none"))?;
    if let Codec::Other(codec) = chunk.codec {
        return Err(unusable(
            name,
            &format!("it is compressed with {codec}; write it with zstd or snappy"),
        ));
    }
    if column.lists != 1 {
        return Err(unusable(name, "it does not hold lists"));
    }
    if let ValueType::Other(values) = column.value_type {
        return Err(unusable(name, &format!("its lists hold {values}")));
    }
    Ok((column, pages::read(file, column, chunk, budget)?))
}

/// The name of the column with the tags.
fn tag_column(metadata: &Metadata<'_>) -> Result<&'static str, Problem> {
    let exists = |name: &&str| metadata.columns.iter().any(|c| c.path.first() == Some(name));
    let found = ["ner_tags", "tags"].into_iter().find(exists);
    found.ok_or_else(|| unusable("ner_tags", "there is none"))
}

/// Puts the values of a column into one list a row.
fn lists<T>(
    column: &Column<'_>,
    rows: usize,
    repetitions: &[u32],
    definitions: &[u32],
    values: Vec<T>,
) -> Result<Vec<List<T>>, Damaged> {
    let mut values = values.into_iter();
    let mut lists: Vec<List<T>> = Vec::new();
    for (&repetition, &definition) in repetitions.iter().zip(definitions) {
        if repetition == 0 {
            lists.push((definition >= column.empty_level).then(Vec::new));
        }
        if definition == column.value_level {
            let list = lists.last_mut().and_then(Option::as_mut);
            let (Some(list), Some(value)) = (list, values.next()) else {
                return bytes::damaged("a value is outside of every list");
            };
            list.push(value);
        } else if definition > column.empty_level || repetition > 0 {
            return bytes::damaged(format!("an element of row {} is null", lists.len()));
        }
    }
    match lists.len() == rows {
        true => Ok(lists),
        false => bytes::damaged(format!("a column has {} of {rows} rows", lists.len())),
    }
}

/// The names of the numbers in `column`, as the hub's libraries attach them to a file.
fn class_names(metadata: &Metadata<'_>, column: &str) -> Option<Vec<String>> {
    let (_, text) = metadata.attached.iter().find(|(key, _)| *key == "huggingface")?;
    let info: Value = serde_json::from_str(text).ok()?;
    let names =
        info.get("info")?.get("features")?.get(column)?.get("feature")?.get("names")?.as_array()?;
    names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

fn unusable(column: &'static str, reason: &str) -> Problem {
    Problem::ParquetColumn { column, reason: reason.to_owned() }
}

impl From<Damaged> for Problem {
    fn from(Damaged(reason): Damaged) -> Self {
        Self::Parquet(reason)
    }
}
