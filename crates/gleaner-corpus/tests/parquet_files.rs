//! Parquet files, sound and broken, written here.

use std::path::Path;
use std::sync::Arc;

use gleaner_corpus::{Corpus, CorpusError, FindingKind, ReadOptions, read_bytes};
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

const SCHEMA: &str = "message schema {
    optional group tokens (LIST) { repeated group list { optional binary element (UTF8); } }
    optional group ner_tags (LIST) { repeated group list { optional int64 element; } }
}";
const NAMES: &str = r#"{"info": {"features": {"ner_tags": {"feature": {"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}}}}}"#;

/// One column: values, definition levels, repetition levels.
type Column<T> = (Vec<T>, Vec<i16>, Vec<i16>);

/// The levels of lists whose elements are all there.
fn column<T: Clone>(rows: &[Vec<T>]) -> Column<T> {
    let (mut definitions, mut repetitions) = (Vec::new(), Vec::new());
    for row in rows {
        definitions.extend(if row.is_empty() { vec![1] } else { vec![3; row.len()] });
        repetitions.push(0);
        repetitions.extend(vec![1; row.len().saturating_sub(1)]);
    }
    (rows.concat(), definitions, repetitions)
}

fn file(
    names: Option<&str>,
    tokens: &Column<&str>,
    tags: &Column<i64>,
    compression: Compression,
) -> Vec<u8> {
    let metadata =
        names.map(|names| vec![KeyValue::new("huggingface".to_owned(), names.to_owned())]);
    let properties = WriterProperties::builder()
        .set_key_value_metadata(metadata)
        .set_compression(compression)
        .build();
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let words: Vec<ByteArray> = tokens.0.iter().map(|&word| word.into()).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&words, Some(&tokens.1), Some(&tokens.2)).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&tags.0, Some(&tags.1), Some(&tags.2)).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

fn sound(tokens: &[Vec<&str>], tags: &[Vec<i64>]) -> Vec<u8> {
    file(Some(NAMES), &column(tokens), &column(tags), Compression::SNAPPY)
}

fn example() -> Vec<u8> {
    let tokens: Vec<Vec<&str>> =
        (0..40).map(|row| vec!["Änne", "B", "C"][..1 + row % 3].to_vec()).collect();
    let tags: Vec<Vec<i64>> = (0..40).map(|row| vec![1, 2, 0][..1 + row % 3].to_vec()).collect();
    sound(&tokens, &tags)
}

/// The file with a name in it replaced by one of the same length.
fn renamed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

fn read(bytes: &[u8], options: &ReadOptions) -> Result<Corpus, CorpusError> {
    read_bytes(bytes, Path::new("x.parquet"), options)
}

fn message(bytes: &[u8]) -> String {
    read(bytes, &ReadOptions::default()).unwrap_err().to_string()
}

#[test]
fn rows_become_sentences() {
    let corpus = read(&example(), &ReadOptions::default()).unwrap();
    assert_eq!(corpus.sentences.len(), 40);
    assert_eq!(corpus.sentences[2].words, ["Änne", "B", "C"]);
    assert_eq!(corpus.sentences[2].tags, ["B-PER", "I-PER", "O"]);
    assert_eq!(corpus.sentences[39].line, 40);

    let labels = Some(["O", "B-X", "I-X"].map(String::from).to_vec());
    let corpus = read(&example(), &ReadOptions { labels, ..ReadOptions::default() }).unwrap();
    assert_eq!(corpus.entity_types(), ["X"]);
    let corpus =
        read(&example(), &ReadOptions { unlabelled: true, ..ReadOptions::default() }).unwrap();
    assert_eq!((corpus.is_labelled(), corpus.sentences[0].tags.len()), (false, 0));
}

#[test]
fn empty_rows_are_listed_and_keep_the_numbering() {
    let bytes = sound(&[vec!["a"], vec![], vec!["b"]], &[vec![0], vec![], vec![1]]);
    let corpus = read(&bytes, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.sentences.iter().map(|sentence| sentence.line).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(
        corpus.findings[0].to_string(),
        "x.parquet:2: sentence skipped: no words in it; remove the sentence"
    );
    let strict = read(&bytes, &ReadOptions { strict: true, ..ReadOptions::default() });
    assert_eq!(strict.unwrap_err().line(), Some(2));
}

#[test]
fn bad_rows_are_errors_with_their_number() {
    insta::assert_snapshot!(message(&sound(&[vec!["a"], vec!["b"]], &[vec![0], vec![3]])), @"x.parquet:2: tag number 3 where there are 3 label names; check the list of label names");
    insta::assert_snapshot!(message(&sound(&[vec!["a"], vec!["b"]], &[vec![0], vec![-1]])), @"x.parquet:2: tag number -1 where there are 3 label names; check the list of label names");
    insta::assert_snapshot!(message(&sound(&[vec!["a", "b"]], &[vec![0]])), @"x.parquet:1: 2 words and 1 tags; give each word one tag");
    insta::assert_snapshot!(message(&sound(&[vec!["a", ""]], &[vec![0, 0]])), @"x.parquet:1: word 2 is empty; remove it with its tag, or write it");
    let null_list = (vec!["a"], vec![3, 0], vec![0, 0]);
    insta::assert_snapshot!(message(&file(Some(NAMES), &null_list, &column(&[vec![0], vec![0]]), Compression::SNAPPY)), @"x.parquet:2: no words; give `tokens`, or `text` with `spans`");

    let bytes = sound(&[vec!["a"], vec!["b"]], &[vec![0], vec![3]]);
    let corpus = read(&bytes, &ReadOptions { skip_bad: true, ..ReadOptions::default() }).unwrap();
    assert_eq!(
        (corpus.sentences.len(), corpus.findings[0].kind),
        (1, FindingKind::SkippedSentence)
    );
}

#[test]
fn bad_files_are_errors() {
    let (tokens, tags) = (column(&[vec!["a"]]), column(&[vec![0]]));
    insta::assert_snapshot!(message(&file(None, &tokens, &tags, Compression::SNAPPY)), @r#"x.parquet:1: tags are numbers, and no label names are known; give them in their order, in JSONL as a line {"label_names": [...]}"#);
    insta::assert_snapshot!(message(&file(Some(NAMES), &(vec!["a"], vec![3, 2], vec![0, 1]), &column(&[vec![0, 0]]), Compression::SNAPPY)), @"x.parquet: not a sound parquet file (Parquet error: an element of row 1 is null); fetch it again");
    insta::assert_snapshot!(message(b""));
    insta::assert_snapshot!(message(&renamed(&example(), "ner_tags", "pos_tags")));
    insta::assert_snapshot!(message(&renamed(&example(), "tokens", "lemmas")));
    insta::assert_snapshot!(message(&sound(&[], &[])), @"x.parquet: holds no sentence; check that it is the right file");
}

#[test]
fn a_truncated_file_is_an_error_at_any_length() {
    let bytes = example();
    for length in 0..bytes.len() {
        let error = read(&bytes[..length], &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.starts_with("x.parquet: not a sound parquet file"), "{length}: {error}");
        assert!(!error.contains('\n'), "{length}: {error}");
    }
}

#[test]
fn a_changed_byte_is_no_panic() {
    let bytes = example();
    for place in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff, 0x10] {
            let mut bytes = bytes.clone();
            bytes[place] ^= change;
            if let Err(error) = read(&bytes, &ReadOptions::default()) {
                assert!(!error.to_string().contains('\n'), "{place}: {error}");
            }
        }
    }
}

proptest! {
    #[test]
    fn noise_is_no_panic(noise in prop::collection::vec(any::<u8>(), 0..400), framed: bool) {
        let mut bytes = noise;
        if framed {
            let length = bytes.len() as u32;
            bytes.splice(0..0, *b"PAR1");
            bytes.extend(length.to_le_bytes());
            bytes.extend(b"PAR1");
        }
        prop_assert!(read(&bytes, &ReadOptions::default()).is_err());
    }
}
