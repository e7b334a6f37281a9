//! Files that are made to harm: small ones that ask for much memory, deep and long ones.

use std::path::Path;
use std::sync::Arc;

use gleaner_corpus::{
    Corpus, CorpusError, Format, Offsets, ReadOptions, Sentence, read_bytes, write,
};
use parquet::basic::{BrotliLevel, Compression, GzipLevel};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

fn read(bytes: &[u8], name: &str) -> Result<Corpus, CorpusError> {
    read_bytes(bytes, Path::new(name), &ReadOptions::default())
}

fn message(bytes: &[u8], name: &str) -> String {
    read(bytes, name).unwrap_err().to_string()
}

/// A parquet file with words and tags, each `times` times the same list in one row.
fn parquet(words: &[&str], times: usize, compression: Compression, dictionary: bool) -> Vec<u8> {
    const SCHEMA: &str = "message schema {
        optional group tokens (LIST) { repeated group list { optional binary element (UTF8); } }
        optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
    }";
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(dictionary)
        .set_dictionary_page_size_limit(1 << 30)
        .build();
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut repetitions = vec![1; words.len()];
    repetitions[0] = 0;
    for values in [words.to_vec(), vec!["O"; words.len()]] {
        let values: Vec<ByteArray> = values.into_iter().map(ByteArray::from).collect();
        let mut column = group.next_column().unwrap().unwrap();
        let writer = column.typed::<ByteArrayType>();
        for _ in 0..times {
            writer.write_batch(&values, Some(&vec![3; values.len()]), Some(&repetitions)).unwrap();
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_files_that_become_large_are_refused() {
    let expected = "x.parquet: damaged or unsupported parquet file (it would need more than 256 times its own length in memory); download it again, or convert it to JSONL";
    let long = "a".repeat(1 << 20);
    for compression in [
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::try_new(1).unwrap()),
    ] {
        let file = parquet(&[&long], 110, compression, false);
        assert!(file.len() < 200_000, "{compression:?}: {}", file.len());
        assert_eq!(message(&file, "x.parquet"), expected, "{compression:?}");
    }
    // A long entry of a dictionary, to which positions of a few bits refer.
    let file = parquet(&vec![long.as_str(); 1000], 1, Compression::UNCOMPRESSED, true);
    assert!(file.len() < 3 << 20, "{}", file.len());
    assert_eq!(message(&file, "x.parquet"), expected);
    // Runs of levels and of positions.
    let file = parquet(&["a"; 1000], 3000, Compression::SNAPPY, true);
    assert!(file.len() < 100_000, "{}", file.len());
    assert_eq!(message(&file, "x.parquet"), expected);
    // What real files need is accepted.
    let file = parquet(&["Anna", "sings", "in", "Oslo"], 20_000, Compression::SNAPPY, true);
    assert_eq!(read(&file, "x.parquet").unwrap().word_count(), 80_000);
}

#[test]
fn labels_that_many_words_get_are_not_long() {
    let long = "X".repeat(1_000_000);
    let words = "a ".repeat(1000);
    let text = format!(r#"{{"text": "{words}", "label": [[0, 1999, "{long}"]]}}"#);
    assert_eq!(
        message(text.as_bytes(), "x.jsonl"),
        "x.jsonl:1: span 0..1999: has an entity type of 1000000 bytes; use names of at most 256 bytes"
    );
    let numbers = format!(
        "{{\"label_names\": [\"O\", \"B-{long}\"]}}\n{{\"tokens\": [\"a\", \"b\"], \"ner_tags\": [1, 1]}}"
    );
    assert_eq!(
        message(numbers.as_bytes(), "x.jsonl"),
        "x.jsonl:2: a label name of 1000002 bytes; use names of at most 256 bytes"
    );
}

#[test]
fn deep_json_is_an_error_of_its_line() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for text in [
            deep.clone(),
            format!("{{\"tokens\": {deep}, \"tags\": []}}"),
            format!("[{{\"data\": {{\"text\": \"a\"}}, \"annotations\": {deep}}}]"),
            format!("{{\"text\": \"a\", \"spans\": {deep}}}"),
        ] {
            for name in ["x.jsonl", "x.json"] {
                let error = message(text.as_bytes(), name);
                assert!(error.starts_with(name) && !error.contains('\n'), "{error}");
                assert!(error.len() < 300, "{error}");
            }
        }
    }
}

#[test]
fn a_line_of_ten_megabytes_is_read_or_an_error_of_its_line() {
    let long = "é".repeat(5 << 20);
    let corpus = read(format!("{long}\tB-PER\n\nb\tO\n").as_bytes(), "x.conll").unwrap();
    assert_eq!(corpus.sentences[0].words[0].len(), 10 << 20);
    let error = message(format!("a\tB-PER\nb\t{long}!\n").as_bytes(), "x.conll");
    assert!(error.starts_with("x.conll:2: unknown tag \"é"), "{}", &error[..99]);
    let error = message(format!("a\tO\n{}\n", "x\t".repeat(5 << 20)).as_bytes(), "x.conll");
    assert!(error.starts_with("x.conll:2: expected 2 columns as in line 1, found "), "{error}");
    let error = message(
        format!("{{\"tokens\": [\"{long}\"], \"tags\": [\"{long}\"]}}").as_bytes(),
        "x.jsonl",
    );
    assert!(error.starts_with("x.jsonl:1: unknown tag"), "{}", &error[..99]);
    let error = message(format!("Sentence #,Word,Tag\n1,\"{long},O\n").as_bytes(), "x.csv");
    assert!(
        error.starts_with("x.csv:2: not readable as CSV: a quoted cell does not end"),
        "{error}"
    );
}

#[test]
fn a_sentence_of_a_million_words_is_read_back() {
    for &format in Format::ALL.iter().filter(|format| **format != Format::Brat) {
        // The others write up to a hundred bytes a word.
        let is_short =
            matches!(format, Format::Conll | Format::Jsonl | Format::Csv | Format::Parquet);
        let count = if is_short { 1_000_000 } else { 100_000 };
        let words: Vec<String> =
            (0..count).map(|at| ["Anna", "er", "í", "Havn"][at % 4].to_owned()).collect();
        let tags = (0..count).map(|at| ["B-PER", "O", "O", "B-LOC"][at % 4].to_owned()).collect();
        let sentence = Sentence { words, tags, line: 1, ..Sentence::default() };
        let mut file = Vec::new();
        write(format, &mut file, std::slice::from_ref(&sentence), Offsets::Scalar).unwrap();
        let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
        let corpus = read_bytes(&file, Path::new("x"), &options).unwrap();
        assert_eq!(corpus.sentences.len(), 1, "{format}");
        let back = &corpus.sentences[0];
        assert!(back.words == sentence.words && back.tags == sentence.tags, "{format}");
    }
}
