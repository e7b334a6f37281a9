//! Labelled text in every format. The first byte of an input chooses options, the others are the file.

use super::support::{file, halves, sentences};
use gleaner_corpus::{
    Format, Nested, Offsets, ReadOptions, Sentence, brat as brat_files, read, read_bytes, write,
};
use std::path::Path;

fn options(choice: u8) -> ReadOptions {
    let bit = |bit: u8| choice >> bit & 1 == 1;
    ReadOptions {
        unlabelled: bit(0),
        skip_bad: bit(1),
        strict: bit(2),
        offsets: if bit(3) { Offsets::Utf16 } else { Offsets::Scalar },
        nested: if bit(4) { Nested::Outermost } else { Nested::Error },
        word_column: (choice >> 5 > 5).then_some(2),
        ..ReadOptions::default()
    }
}

/// The sample sentences in some formats, each as labelled and as unlabelled text.
fn seeds(formats: &[Format]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for &format in formats {
        for choice in [0, 1, 2] {
            let mut seed = vec![choice];
            write(format, &mut seed, &sentences(), Offsets::Scalar).expect("a format of words");
            seeds.push(seed);
        }
    }
    seeds
}

/// Reads a file of a format. What is accepted, written and read again is the same.
fn read_as(format: Option<Format>, input: &[u8]) -> Result<(), String> {
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let options = ReadOptions { format, ..options(*choice) };
    let corpus = read_bytes(bytes, Path::new("x"), &options).map_err(|e| e.to_string())?;
    for sentence in &corpus.sentences {
        let tags = if options.unlabelled { 0 } else { sentence.words.len() };
        assert_eq!(sentence.tags.len(), tags);
        assert!(!sentence.words.iter().any(String::is_empty));
    }
    let Some(format) = format else { return Ok(()) };
    let mut again = Vec::new();
    write(format, &mut again, &corpus.sentences, options.offsets).map_err(|e| e.to_string())?;
    let options = ReadOptions {
        format: Some(format),
        unlabelled: options.unlabelled,
        offsets: options.offsets,
        ..ReadOptions::default()
    };
    let back = read_bytes(&again, Path::new("x"), &options)
        .unwrap_or_else(|e| panic!("what was written is refused: {e}"));
    assert_eq!(content(&back.sentences), content(&corpus.sentences));
    Ok(())
}

fn content(sentences: &[Sentence]) -> Vec<(&[String], &[String])> {
    sentences.iter().map(|sentence| (&sentence.words[..], &sentence.tags[..])).collect()
}

pub(super) fn any_seeds() -> Vec<Vec<u8>> {
    let formats: Vec<Format> =
        Format::ALL.iter().copied().filter(|format| *format != Format::Brat).collect();
    seeds(&formats)
}
pub(super) fn any(input: &[u8]) -> Result<(), String> {
    read_as(None, input)
}

pub(super) fn conll_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::Conll, Format::Conll2003, Format::ConllUPlus])
}
pub(super) fn conll(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Conll), input)
}

pub(super) fn jsonl_seeds() -> Vec<Vec<u8>> {
    let numbers =
        b"\x00{\"label_names\": [\"O\", \"B-PER\"]}\n{\"tokens\": [\"a\"], \"ner_tags\": [1]}\n";
    [seeds(&[Format::Jsonl]), vec![numbers.to_vec()]].concat()
}
pub(super) fn jsonl(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Jsonl), input)
}

pub(super) fn json_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::Json])
}
pub(super) fn json(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Json), input)
}

pub(super) fn doccano_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::Doccano])
}
pub(super) fn doccano(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Doccano), input)
}

pub(super) fn studio_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::LabelStudio, Format::LabelStudioMin])
}
pub(super) fn studio(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::LabelStudio), input)
}

pub(super) fn prodigy_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::Prodigy])
}
pub(super) fn prodigy(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Prodigy), input)
}

pub(super) fn csv_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::Csv])
}
pub(super) fn csv(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Csv), input)
}

pub(super) fn webanno_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::WebAnno])
}
pub(super) fn webanno(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::WebAnno), input)
}

pub(super) fn docbin_seeds() -> Vec<Vec<u8>> {
    let of_spacy = include_bytes!("../../../../oracles/documents.spacy");
    [seeds(&[Format::Spacy]), vec![[&[0], &of_spacy[..]].concat()]].concat()
}
pub(super) fn docbin(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Spacy), input)
}

pub(super) fn parquet_seeds() -> Vec<Vec<u8>> {
    seeds(&[Format::Parquet])
}
pub(super) fn parquet(input: &[u8]) -> Result<(), String> {
    read_as(Some(Format::Parquet), input)
}

pub(super) fn brat_seeds() -> Vec<Vec<u8>> {
    let (mut text, mut annotations) = (Vec::new(), Vec::new());
    brat_files::write(&mut text, &mut annotations, &sentences()).expect("labelled");
    vec![[&[0], &annotations[..], &[0], &text].concat()]
}

/// The annotations come first, then a zero byte and the text.
pub(super) fn brat(input: &[u8]) -> Result<(), String> {
    let (choice, rest) = input.split_first().unwrap_or((&0, &[]));
    let (annotations, text) = halves(rest);
    let path = file("brat", "x.ann");
    let write = |path: &Path, bytes: &[u8]| std::fs::write(path, bytes).expect("a file");
    write(&path, annotations);
    write(&path.with_extension("txt"), text);
    let options = ReadOptions { format: Some(Format::Brat), ..options(*choice) };
    let corpus = read(&path, &options).map_err(|e| e.to_string())?;
    let words: usize = corpus.sentences.iter().flat_map(|s| &s.words).map(String::len).sum();
    assert!(words <= text.len());
    Ok(())
}
