//! Writing parquet as on the Hugging Face hub.

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::json;

use super::footer::{Fields, add_varint};
use crate::corpus::Sentence;
use crate::error::WriteError;
use crate::labelled::are_labelled;

/// Rows of a group, whose columns have one page each.
const ROWS: usize = 10_000;

/// Numbers of the format for types of values and for compression.
const INT64: i64 = 2;
const BYTES: i64 = 6;
const SNAPPY: i64 = 1;

/// Writes sentences as rows with the columns `tokens` and `ner_tags`. Tags are numbers, whose names are in the metadata
/// key `huggingface`; unlabelled sentences have no tags. Pages are compressed with Snappy.
///
/// # Errors
/// The writer fails, or some sentences are labelled and others are not.
pub(crate) fn write(writer: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    let labelled = are_labelled(sentences)?;
    let names = names(sentences);
    let mut file = b"PAR1".to_vec();
    let mut groups = Vec::new();
    for rows in sentences.chunks(ROWS) {
        let start = file.len();
        let words = |row: &Sentence| -> Vec<u8> {
            row.words.iter().flat_map(|word| plain_text(word)).collect()
        };
        let mut chunks = vec![chunk(&mut file, "tokens", BYTES, rows, words)];
        if labelled {
            let number = |tag: &str| names.iter().position(|&name| name == tag).unwrap_or(0) as u64;
            let tags = |row: &Sentence| -> Vec<u8> {
                row.tags.iter().flat_map(|tag| number(tag).to_le_bytes()).collect()
            };
            chunks.push(chunk(&mut file, "ner_tags", INT64, rows, tags));
        }
        let mut group = Fields::new();
        group
            .structs(1, chunks)
            .number(2, (file.len() - start) as i64)
            .number(3, rows.len() as i64);
        groups.push(group);
    }
    let columns: &[(&str, i64)] =
        if labelled { &[("tokens", BYTES), ("ner_tags", INT64)] } else { &[("tokens", BYTES)] };
    let mut attached = Fields::new();
    attached.text(1, "huggingface").text(2, &features(labelled, &names));
    let mut footer = Fields::new();
    footer
        .int(1, 1)
        .structs(2, schema(columns))
        .number(3, sentences.len() as i64)
        .structs(4, groups);
    footer.structs(5, vec![attached]).text(6, "gleaner");
    let footer = footer.finish();
    file.extend(&footer);
    file.extend((footer.len() as u32).to_le_bytes());
    file.extend(b"PAR1");
    writer.write_all(&file)?;
    Ok(())
}

/// Sorts `O` before all other tags, and then by type, so that B-X is before I-X.
fn key(tag: &str) -> (bool, &str, &str) {
    let (prefix, entity_type) = tag.split_once('-').unwrap_or((tag, ""));
    (tag != "O", entity_type, prefix)
}

/// The names of the tags in the order of their numbers.
fn names(sentences: &[Sentence]) -> Vec<&str> {
    let outside: &[&str] = &["O"];
    let tags = sentences.iter().flat_map(|sentence| sentence.tags.iter().map(String::as_str));
    let names: BTreeSet<&str> = tags.chain(outside.iter().copied()).collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    names
}

/// The description of the columns that the library `datasets` reads.
fn features(labelled: bool, names: &[&str]) -> String {
    let mut features =
        json!({"tokens": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"}});
    if labelled {
        features["ner_tags"] =
            json!({"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"});
    }
    json!({"info": {"features": features}}).to_string()
}

/// The elements of the schema: for each column a list with an optional element.
fn schema(columns: &[(&str, i64)]) -> Vec<Fields> {
    const OPTIONAL: i64 = 1;
    const REPEATED: i64 = 2;
    let mut elements = vec![Fields::new()];
    elements[0].text(4, "schema").int(5, columns.len() as i64);
    for &(name, value_type) in columns {
        let mut list = Fields::new();
        list.int(3, OPTIONAL).text(4, name).int(5, 1).int(6, 3); // LIST
        let mut group = Fields::new();
        group.int(3, REPEATED).text(4, "list").int(5, 1);
        let mut element = Fields::new();
        element.int(1, value_type).int(3, OPTIONAL).text(4, "element");
        if value_type == BYTES {
            element.int(6, 0); // UTF8
        }
        elements.extend([list, group, element]);
    }
    elements
}

/// A string in the encoding PLAIN.
fn plain_text(text: &str) -> Vec<u8> {
    [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
}

/// Writes the page of a column and returns its description. `values` returns the bytes of the values of a row.
fn chunk(
    file: &mut Vec<u8>,
    name: &str,
    value_type: i64,
    rows: &[Sentence],
    values: impl Fn(&Sentence) -> Vec<u8>,
) -> Fields {
    const PLAIN: i64 = 0;
    const RUNS: i64 = 3;
    // Definition level 3 is a value and 1 an empty list; repetition level 0 starts a row.
    let (mut repetitions, mut definitions, mut data) = (Vec::new(), Vec::new(), Vec::new());
    let mut count = 0;
    for row in rows {
        let length = row.words.len();
        count += length.max(1);
        add_run(&mut repetitions, 1, 0);
        add_run(&mut repetitions, length.saturating_sub(1), 1);
        add_run(&mut definitions, length.max(1), if length == 0 { 1 } else { 3 });
        data.extend(values(row));
    }
    let mut page = Vec::new();
    for levels in [repetitions, definitions] {
        page.extend((levels.len() as u32).to_le_bytes());
        page.extend(levels);
    }
    page.extend(data);
    let mut encoder = snap::raw::Encoder::new();
    let stored = encoder.compress_vec(&page).expect("pages are smaller than 4 GB");
    let mut head = Fields::new();
    head.int(1, 0).int(2, page.len() as i64).int(3, stored.len() as i64); // a data page
    let mut data = Fields::new();
    data.int(1, count as i64).int(2, PLAIN).int(3, RUNS).int(4, RUNS);
    head.part(5, data);
    let head = head.finish();
    let start = file.len() as i64;
    file.extend(&head);
    file.extend(&stored);
    let mut stated = Fields::new();
    stated
        .int(1, value_type)
        .numbers(2, &[PLAIN, RUNS])
        .texts(3, &[name, "list", "element"])
        .int(4, SNAPPY);
    stated.number(5, count as i64).number(6, (head.len() + page.len()) as i64);
    stated.number(7, (head.len() + stored.len()) as i64).number(9, start);
    let mut chunk = Fields::new();
    chunk.number(2, start).part(3, stated);
    chunk
}

/// Adds a run of equal levels.
fn add_run(levels: &mut Vec<u8>, length: usize, level: u8) {
    if length > 0 {
        add_varint(levels, (length as u64) << 1);
        levels.push(level);
    }
}
