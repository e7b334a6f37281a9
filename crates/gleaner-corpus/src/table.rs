//! Parquet with a list of words and a list of tags in each row, as on the Hugging Face hub.

use std::path::Path;

use bytes::Bytes;
use parquet::basic::{Compression, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use serde_json::Value;

use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::guard::no_panic;
use crate::labels::{RawTags, named};
use crate::read::ReadOptions;

/// Records decoded at a time.
const BATCH: usize = 4096;

/// A cell that holds a list; `None` where it is null.
type List<T> = Option<Vec<T>>;

/// A row of a file with its tags as they stand there, or what is wrong with it.
type Row = Result<Sentence, CorpusError>;

/// The rows of a file.
pub(crate) fn read(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Vec<Row>, CorpusError> {
    no_panic(|| decode(bytes, name, options)).unwrap_or_else(|| {
        let problem = Problem::Parquet("its parts contradict each other".to_owned());
        Err(CorpusError::in_file(name, problem))
    })
}

fn decode(bytes: &[u8], name: &Path, options: &ReadOptions) -> Result<Vec<Row>, CorpusError> {
    let in_file = |problem| CorpusError::in_file(name, problem);
    let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes))
        .map_err(|error| in_file(error.into()))?;
    let tag_column =
        if options.unlabelled { None } else { Some(tag_column(file.metadata()).map_err(in_file)?) };
    let in_metadata = || tag_column.and_then(|column| class_names(file.metadata(), column));
    let labels = options.labels.clone().or_else(in_metadata);

    let mut sentences = Vec::new();
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group).map_err(|error| in_file(error.into()))?;
        let rows = rows(group.as_ref(), tag_column).map_err(in_file)?;
        for (words, tags) in rows {
            let line = sentences.len() + 1;
            sentences.push(
                sentence(words, tags, labels.as_deref(), line)
                    .map_err(|problem| CorpusError::at_line(name, line, problem)),
            );
        }
    }
    Ok(sentences)
}

/// A row before its numbers have names; tags are `None` where none are wanted.
type Cells = (List<String>, Option<Option<RawTags>>);

fn sentence(
    words: List<String>,
    tags: Option<Option<RawTags>>,
    labels: Option<&[String]>,
    line: usize,
) -> Result<Sentence, Problem> {
    let words = words.ok_or(Problem::NoTokens)?;
    let tags = match tags {
        None => return Ok(Sentence { words, tags: Vec::new(), line }),
        Some(tags) => named(tags.ok_or(Problem::NoTags)?, labels)?,
    };
    if tags.len() != words.len() {
        return Err(Problem::TagCount { words: words.len(), tags: tags.len() });
    }
    Ok(Sentence { words, tags, line })
}

/// The rows of a row group.
fn rows(
    group: &dyn RowGroupReader,
    tag_column: Option<&'static str>,
) -> Result<Vec<Cells>, Problem> {
    let words = match column(group, "tokens")? {
        (ColumnReader::ByteArrayColumnReader(reader), levels) => strings(lists(reader, levels)?)?,
        _ => return Err(wrong_type("tokens", "not of strings")),
    };
    let Some(name) = tag_column else {
        return Ok(words.into_iter().map(|words| (words, None)).collect());
    };
    let tags: Vec<Option<RawTags>> = match column(group, name)? {
        (ColumnReader::Int64ColumnReader(reader), levels) => {
            lists(reader, levels)?.into_iter().map(|ids| ids.map(RawTags::Ids)).collect()
        }
        (ColumnReader::Int32ColumnReader(reader), levels) => {
            let widen = |ids: Vec<i32>| RawTags::Ids(ids.into_iter().map(i64::from).collect());
            lists(reader, levels)?.into_iter().map(|ids| ids.map(widen)).collect()
        }
        (ColumnReader::ByteArrayColumnReader(reader), levels) => strings(lists(reader, levels)?)?
            .into_iter()
            .map(|names| names.map(RawTags::Names))
            .collect(),
        _ => return Err(wrong_type(name, "neither of numbers nor of strings")),
    };
    if words.len() != tags.len() {
        return Err(Problem::Parquet(format!(
            "{} rows of tokens and {} of {name}",
            words.len(),
            tags.len()
        )));
    }
    Ok(words.into_iter().zip(tags.into_iter().map(Some)).collect())
}

/// The name of the column with the tags.
fn tag_column(metadata: &ParquetMetaData) -> Result<&'static str, Problem> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let stands = |name: &&str| {
        columns.iter().any(|column| column.path().parts().first().is_some_and(|part| part == *name))
    };
    ["ner_tags", "tags"]
        .into_iter()
        .find(stands)
        .ok_or_else(|| wrong_type("ner_tags", "there is none"))
}

/// The definition levels of a column of lists.
#[derive(Clone, Copy)]
struct Levels {
    /// Of an element that is there.
    value: i16,
    /// Of a list that is there but empty. Below it, the list is null; between the two, the element
    /// is.
    empty: i16,
}

impl Levels {
    fn of(column: &ColumnDescriptor) -> Option<Self> {
        let value = column.max_def_level();
        let empty = value - 1 - i16::from(column.self_type().is_optional());
        (column.max_rep_level() == 1 && empty >= 0).then_some(Self { value, empty })
    }
}

/// The reader of a column that holds lists.
fn column(
    group: &dyn RowGroupReader,
    name: &'static str,
) -> Result<(ColumnReader, Levels), Problem> {
    let columns = group.metadata().columns();
    let position = columns
        .iter()
        .position(|column| column.column_path().parts().first().is_some_and(|part| part == name))
        .ok_or_else(|| wrong_type(name, "there is none"))?;
    let column = &columns[position];
    match column.compression() {
        Compression::UNCOMPRESSED | Compression::SNAPPY => {}
        other => {
            return Err(wrong_type(
                name,
                &format!("compressed with {other}; write it with snappy"),
            ));
        }
    }
    let descriptor = column.column_descr();
    let levels = Levels::of(descriptor).ok_or_else(|| wrong_type(name, "not of lists"))?;
    // The reader allocates by type, and a list of another type is refused above it.
    match descriptor.physical_type() {
        Type::BYTE_ARRAY | Type::INT32 | Type::INT64 => {
            Ok((group.get_column_reader(position)?, levels))
        }
        other => Err(wrong_type(name, &format!("of {other}"))),
    }
}

/// All lists of a column.
fn lists<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    levels: Levels,
) -> Result<Vec<List<T::T>>, ParquetError> {
    let mut lists: Vec<List<T::T>> = Vec::new();
    let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        definitions.clear();
        repetitions.clear();
        values.clear();
        let (records, _, _) = reader.read_records(
            BATCH,
            Some(&mut definitions),
            Some(&mut repetitions),
            &mut values,
        )?;
        if records == 0 {
            return Ok(lists);
        }
        let mut values = values.drain(..);
        for (&definition, &repetition) in definitions.iter().zip(&repetitions) {
            if repetition == 0 {
                lists.push((definition >= levels.empty).then(Vec::new));
            }
            if definition == levels.value {
                let value = values.next().ok_or_else(|| broken("fewer values than lists tell"))?;
                let list = lists
                    .last_mut()
                    .and_then(Option::as_mut)
                    .ok_or_else(|| broken("a value in no list"))?;
                list.push(value);
            } else if definition > levels.empty || repetition > 0 {
                return Err(broken(&format!("an element of row {} is null", lists.len())));
            }
        }
    }
}

fn strings(lists: Vec<List<ByteArray>>) -> Result<Vec<List<String>>, Problem> {
    let string = |bytes: ByteArray| bytes.as_utf8().map(str::to_owned).map_err(Problem::from);
    lists
        .into_iter()
        .map(|list| list.map(|words| words.into_iter().map(string).collect()).transpose())
        .collect()
}

/// The names of the numbers in `column`, as the hub's libraries write them into the file's
/// metadata.
fn class_names(metadata: &ParquetMetaData, column: &str) -> Option<Vec<String>> {
    let pairs = metadata.file_metadata().key_value_metadata()?;
    let text = pairs.iter().find(|pair| pair.key == "huggingface")?.value.as_deref()?;
    let info: Value = serde_json::from_str(text).ok()?;
    let names =
        info.get("info")?.get("features")?.get(column)?.get("feature")?.get("names")?.as_array()?;
    names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

fn wrong_type(column: &'static str, reason: &str) -> Problem {
    Problem::ParquetColumn { column, reason: reason.to_owned() }
}

fn broken(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

impl From<ParquetError> for Problem {
    fn from(error: ParquetError) -> Self {
        // Nested errors come with line breaks.
        Self::Parquet(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
