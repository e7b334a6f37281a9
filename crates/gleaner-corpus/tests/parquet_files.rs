//! Parquet files, valid and damaged, written with the `parquet` crate.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use gleaner_corpus::{
    Corpus, CorpusError, FindingKind, Format, Offsets, ReadOptions, Sentence, read_bytes, write,
};
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::reader::SerializedFileReader;
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

/// The levels of lists without null.
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
    let properties = WriterProperties::builder().set_compression(compression);
    file_with(properties, names, tokens, tags)
}

fn file_with(
    properties: WriterPropertiesBuilder,
    names: Option<&str>,
    tokens: &Column<&str>,
    tags: &Column<i64>,
) -> Vec<u8> {
    let metadata =
        names.map(|names| vec![KeyValue::new("huggingface".to_owned(), names.to_owned())]);
    let properties = properties.set_key_value_metadata(metadata).build();
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

fn valid(tokens: &[Vec<&str>], tags: &[Vec<i64>]) -> Vec<u8> {
    file(Some(NAMES), &column(tokens), &column(tags), Compression::SNAPPY)
}

fn example() -> Vec<u8> {
    let tokens: Vec<Vec<&str>> =
        (0..40).map(|row| vec!["Änne", "B", "C"][..1 + row % 3].to_vec()).collect();
    let tags: Vec<Vec<i64>> = (0..40).map(|row| vec![1, 2, 0][..1 + row % 3].to_vec()).collect();
    valid(&tokens, &tags)
}

/// The file with a name replaced by one of the same length.
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
    let bytes = valid(&[vec!["a"], vec![], vec!["b"]], &[vec![0], vec![], vec![1]]);
    let corpus = read(&bytes, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.sentences.iter().map(|sentence| sentence.line).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(
        corpus.findings[0].to_string(),
        "x.parquet:2: sentence skipped: sentence without words; remove it"
    );
    let strict = read(&bytes, &ReadOptions { strict: true, ..ReadOptions::default() });
    assert_eq!(strict.unwrap_err().line(), Some(2));
}

#[test]
fn invalid_rows_are_errors_with_their_number() {
    insta::assert_snapshot!(message(&valid(&[vec!["a"], vec!["b"]], &[vec![0], vec![3]])), @"x.parquet:2: tag number 3 is out of range: there are 3 label names; check the label names");
    insta::assert_snapshot!(message(&valid(&[vec!["a"], vec!["b"]], &[vec![0], vec![-1]])), @"x.parquet:2: tag number -1 is out of range: there are 3 label names; check the label names");
    insta::assert_snapshot!(message(&valid(&[vec!["a", "b"]], &[vec![0]])), @"x.parquet:1: 2 words but 1 tags; give each word one tag");
    insta::assert_snapshot!(message(&valid(&[vec!["a", ""]], &[vec![0, 0]])), @"x.parquet:1: word 2 is empty; write the word, or remove it with its tag");
    let null_list = (vec!["a"], vec![3, 0], vec![0, 0]);
    insta::assert_snapshot!(message(&file(Some(NAMES), &null_list, &column(&[vec![0], vec![0]]), Compression::SNAPPY)), @"x.parquet:2: no words; add `tokens`, or `text` with `spans`, or name the key of the text (--text-field)");

    let bytes = valid(&[vec!["a"], vec!["b"]], &[vec![0], vec![3]]);
    let corpus = read(&bytes, &ReadOptions { skip_bad: true, ..ReadOptions::default() }).unwrap();
    assert_eq!(
        (corpus.sentences.len(), corpus.findings[0].kind),
        (1, FindingKind::SkippedSentence)
    );
}

#[test]
fn invalid_files_are_errors() {
    let (tokens, tags) = (column(&[vec!["a"]]), column(&[vec![0]]));
    insta::assert_snapshot!(message(&file(None, &tokens, &tags, Compression::SNAPPY)), @r#"x.parquet:1: tags are numbers without names; give the names in the order of the numbers (--labels O B-PER I-PER), in JSONL also as a line {"label_names": [...]}"#);
    insta::assert_snapshot!(message(&file(Some(NAMES), &(vec!["a"], vec![3, 2], vec![0, 1]), &column(&[vec![0, 0]]), Compression::SNAPPY)), @"x.parquet: damaged or unsupported parquet file (an element of row 1 is null); download it again, or convert it to JSONL");
    insta::assert_snapshot!(message(b""));
    insta::assert_snapshot!(message(&renamed(&example(), "ner_tags", "pos_tags")));
    insta::assert_snapshot!(message(&renamed(&example(), "tokens", "lemmas")));
    insta::assert_snapshot!(message(&valid(&[], &[])), @"x.parquet: no sentences found; check that it is the right file");
}

#[test]
fn unsupported_compression_is_an_error() {
    let bytes = valid(&[vec!["a"]], &[vec![0]]);
    // In the metadata of a column, field 4 is the codec: 1 (Snappy) becomes 3 (LZO).
    let at = bytes.windows(4).rposition(|w| w == [b't', 0x15, 0x02, 0x16]).unwrap();
    let mut bytes = bytes;
    bytes[at + 2] = 0x06;
    insta::assert_snapshot!(message(&bytes), @"x.parquet: no usable column `ner_tags`: it is compressed with LZO; write it with zstd or snappy; expected `tokens` (lists of strings) and `ner_tags` or `tags` (lists of numbers or strings)");
}

#[test]
fn a_truncated_file_is_an_error_at_any_length() {
    let bytes = example();
    for length in 0..bytes.len() {
        let error = read(&bytes[..length], &ReadOptions::default()).unwrap_err().to_string();
        assert!(
            error.starts_with("x.parquet: damaged or unsupported parquet file"),
            "{length}: {error}"
        );
        assert!(!error.contains('\n'), "{length}: {error}");
    }
}

#[test]
fn a_changed_byte_does_not_panic() {
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

/// Zstandard is missing, because the `parquet` crate writes it with C code: see `zstandard_is_read`.
fn compressions() -> [Compression; 6] {
    use Compression::{BROTLI, GZIP, LZ4, LZ4_RAW, SNAPPY, UNCOMPRESSED};
    [UNCOMPRESSED, SNAPPY, GZIP(GzipLevel::default()), BROTLI(BrotliLevel::default()), LZ4, LZ4_RAW]
}

#[test]
fn damage_of_any_compression_does_not_panic() {
    let (tokens, tags) = (column(&vec![vec!["Anna"; 9]; 9]), column(&vec![vec![0; 9]; 9]));
    for compression in compressions() {
        let whole = file(Some(NAMES), &tokens, &tags, compression);
        for place in 0..whole.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] ^= change;
                if let Err(error) = read(&bytes, &ReadOptions::default()) {
                    assert!(!error.to_string().contains('\n'), "{place}: {error}");
                }
            }
        }
    }
}

#[test]
fn what_is_written_is_read_back() {
    let sentence = |words: &[&str], tags: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        Sentence { words: owned(words), tags: owned(tags), line: 1, ..Sentence::default() }
    };
    let sentences = [sentence(&["Änne", "B"], &["B-PER", "I-PER"]), sentence(&["c"], &["O"])];
    let mut bytes = Vec::new();
    write(Format::Parquet, &mut bytes, &sentences, Offsets::Scalar).unwrap();
    let corpus = read(&bytes, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.sentences[0], sentences[0]);
    assert_eq!(corpus.sentences[1], Sentence { line: 2, ..sentences[1].clone() });
    // The crate reads it too.
    let mut copy = tempfile::tempfile().unwrap();
    copy.write_all(&bytes).unwrap();
    let reader = SerializedFileReader::new(copy).unwrap();
    let rows: Vec<String> = reader.into_iter().map(|row| row.unwrap().to_string()).collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
{tokens: ["Änne", "B"], ner_tags: [1, 2]}
{tokens: ["c"], ner_tags: [0]}
"#);
    let unlabelled = [sentence(&["a"], &[])];
    let mut bytes = Vec::new();
    write(Format::Parquet, &mut bytes, &unlabelled, Offsets::Scalar).unwrap();
    let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
    assert_eq!(read(&bytes, &options).unwrap().sentences, unlabelled);
}

/// Rows of words that are often equal, and tags from 0 to 2.
fn rows() -> impl Strategy<Value = Vec<Vec<(String, i64)>>> {
    let word = prop_oneof!["[a-c]{1,2}", "[^\u{1f}]{1,12}"];
    prop::collection::vec(prop::collection::vec((word, 0..3_i64), 1..9), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_layout_of_pages_is_read(
        rows in rows(),
        dictionary: bool,
        delta: bool,
        second_version: bool,
        compression in 0..6_usize,
        rows_per_page in 1..80_usize,
    ) {
        let version = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0];
        let mut properties = WriterProperties::builder()
            .set_writer_version(version[usize::from(second_version)])
            .set_dictionary_enabled(dictionary)
            .set_data_page_row_count_limit(rows_per_page)
            .set_write_batch_size(7)
            .set_compression(compressions()[compression]);
        if delta && !dictionary {
            let strings = match second_version {
                true => Encoding::DELTA_BYTE_ARRAY,
                false => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            };
            properties = properties
                .set_column_encoding("tokens.list.element".into(), strings)
                .set_column_encoding("ner_tags.list.element".into(), Encoding::DELTA_BINARY_PACKED);
        }
        let words: Vec<Vec<&str>> =
            rows.iter().map(|row| row.iter().map(|(word, _)| word.as_str()).collect()).collect();
        let tags: Vec<Vec<i64>> =
            rows.iter().map(|row| row.iter().map(|(_, tag)| *tag).collect()).collect();
        let bytes = file_with(properties, Some(NAMES), &column(&words), &column(&tags));
        let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
        let corpus = read(&bytes, &options).unwrap();
        let read_words: Vec<_> = corpus.sentences.iter().map(|s| s.words.clone()).collect();
        prop_assert_eq!(&read_words, &words);
        // An I-PER without B-PER is converted, so that types are compared instead of tags.
        let corpus = read(&bytes, &ReadOptions::default()).unwrap();
        let is_entity = |tag: &i64| *tag > 0;
        for (sentence, tags) in corpus.sentences.iter().zip(&tags) {
            let found: Vec<bool> = sentence.tags.iter().map(|tag| tag != "O").collect();
            prop_assert_eq!(found, tags.iter().map(is_entity).collect::<Vec<_>>());
        }
    }

    #[test]
    fn damage_does_not_panic(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = example();
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Err(error) = read(&bytes, &ReadOptions::default()) {
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
        }
    }

    #[test]
    fn noise_does_not_panic(noise in prop::collection::vec(any::<u8>(), 0..400), framed: bool) {
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
