//! Properties that hold for any input.

use std::path::Path;

use gleaner_corpus::splits::train_test_split;
use gleaner_corpus::{
    Corpus, CorpusError, Format, ReadOptions, Scheme, Sentence, conll, jsonl, overlap, read_bytes,
    text,
};
use proptest::prelude::*;

fn read(bytes: &[u8], format: Format, unlabelled: bool) -> Result<Corpus, CorpusError> {
    let options = ReadOptions { format: Some(format), unlabelled, ..ReadOptions::default() };
    read_bytes(bytes, Path::new("x"), &options)
}

/// A word that CoNLL can represent: no tab, line end or byte order mark.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[#a-zé]{1,3}",
        "[^\\t\\n\\r\u{1f}\u{feff}]{1,4}",
        Just("#".to_owned()),
        Just("# text = O".to_owned()),
        Just(" ".to_owned()),
    ]
}

/// Words and valid IOB2 tags.
fn sentence() -> impl Strategy<Value = Sentence> {
    prop::collection::vec((word(), 0..5_usize), 1..8).prop_map(|pairs| {
        let mut open = None;
        let mut sentence = Sentence::default();
        for (word, choice) in pairs {
            let label = ["A", "B-C"][choice % 2];
            let (tag, now) = match choice {
                0 | 1 => (format!("B-{label}"), Some(label)),
                2 | 3 if open == Some(label) => (format!("I-{label}"), open),
                _ => ("O".to_owned(), None),
            };
            open = now;
            sentence.words.push(word);
            sentence.tags.push(tag);
        }
        sentence
    })
}

fn sentences() -> impl Strategy<Value = Vec<Sentence>> {
    prop::collection::vec(sentence(), 1..6)
}

/// The sentences without their lines.
fn content(sentences: &[Sentence]) -> Vec<(Vec<String>, Vec<String>)> {
    sentences.iter().map(|sentence| (sentence.words.clone(), sentence.tags.clone())).collect()
}

fn as_conll(sentences: &[Sentence]) -> Vec<u8> {
    let mut writer = conll::Writer::new(Vec::new());
    for sentence in sentences {
        writer.write(sentence).unwrap();
    }
    writer.finish().unwrap()
}

fn as_jsonl(sentences: &[Sentence]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for sentence in sentences {
        jsonl::write(&mut bytes, sentence).unwrap();
    }
    bytes
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(sentences in sentences()) {
        for (bytes, format) in [(as_conll(&sentences), Format::Conll), (as_jsonl(&sentences), Format::Jsonl)] {
            let corpus = read(&bytes, format, false).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(&sentences));
            prop_assert_eq!((corpus.scheme, corpus.findings), (Scheme::Iob2, vec![]));
        }
    }

    #[test]
    fn every_scheme_is_recognised_and_gives_the_same_entities(sentences in sentences()) {
        let entities = sentences.iter().any(|sentence| !sentence.entities().is_empty());
        for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Bioes, Scheme::Bilou] {
            let encode = |s: &Sentence| Sentence { tags: scheme.encode(&s.tags), ..s.clone() };
            let encoded: Vec<Sentence> = sentences.iter().map(encode).collect();
            let corpus = read(&as_conll(&encoded), Format::Conll, false).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(&sentences));
            prop_assert_eq!(corpus.scheme, if entities { scheme } else { Scheme::Iob2 });
            prop_assert_eq!(corpus.findings, vec![]);
        }
    }

    #[test]
    fn unlabelled_words_are_read_back(words in prop::collection::vec("[^\\t\\n\\r \u{1f}\u{feff}]{1,4}", 1..9)) {
        let sentence = Sentence { words, ..Sentence::default() };
        for (bytes, format) in [
            (as_conll(std::slice::from_ref(&sentence)), Format::Conll),
            (as_jsonl(std::slice::from_ref(&sentence)), Format::Jsonl),
        ] {
            let corpus = read(&bytes, format, true).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(std::slice::from_ref(&sentence)));
        }
    }

    #[test]
    fn any_tags_become_sound_ones(
        tags in prop::collection::vec("O|[BIESLU]-[AB]", 1..12),
    ) {
        let words = tags.iter().map(|_| "w".to_owned()).collect();
        let Ok(corpus) = read(&as_conll(&[Sentence { words, tags, line: 1 }]), Format::Conll, false) else {
            return Ok(());
        };
        let again = read(&as_conll(&corpus.sentences), Format::Conll, false).unwrap();
        prop_assert_eq!(content(&again.sentences), content(&corpus.sentences));
        prop_assert_eq!((again.scheme, again.findings), (Scheme::Iob2, vec![]));
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), unlabelled: bool) {
        for format in [Format::Conll, Format::Jsonl, Format::Parquet] {
            one_line(read(&bytes, format, unlabelled))?;
        }
        for sentence in text::Reader::new(&bytes[..], Path::new("x"), unlabelled) {
            one_line(sentence)?;
        }
    }

    #[test]
    fn near_misses_never_panic(
        conll in "(#|# |-DOCSTART-|[ab]|\t| |\r|\n|O|B-|I-X|é){0,60}",
        json in r#"(\{|\}|\[|\]|,|:|"tokens"|"tags"|"text"|"spans"|"start"|"end"|"label"|[0-9]|"a"|\n){0,40}"#,
        skip_bad: bool,
    ) {
        for (text, format) in [(conll, Format::Conll), (json, Format::Jsonl)] {
            let options = ReadOptions { format: Some(format), skip_bad, ..ReadOptions::default() };
            one_line(read_bytes(text.as_bytes(), Path::new("x"), &options))?;
        }
    }

    #[test]
    fn spans_of_whole_words_become_entities(words in prop::collection::vec("[a-zé🦀]{1,4}", 1..6), at in 0..6_usize) {
        let text = words.join(" ");
        let tokens = text::words(&text, 0);
        let token = &tokens[at % tokens.len()];
        let row = serde_json::json!({
            "text": text,
            "spans": [{"start": token.start, "end": token.end, "label": "X"}],
        });
        let corpus = read(row.to_string().as_bytes(), Format::Jsonl, false).unwrap();
        let entities = corpus.sentences[0].entities();
        prop_assert_eq!(entities.len(), 1);
        prop_assert_eq!(&corpus.sentences[0].words[entities[0].start], &token.text);
    }

    #[test]
    fn segmentation_keeps_all_but_white_space(text in "(?s).{0,60}", one_sentence: bool) {
        let scalars: Vec<char> = text.chars().collect();
        let mut kept = String::new();
        let mut end = 0;
        for sentence in text::Reader::new(text.as_bytes(), Path::new("x"), one_sentence) {
            for token in sentence.unwrap().tokens {
                prop_assert!(token.start >= end);
                end = token.end;
                prop_assert_eq!(&scalars[token.start..token.end].iter().collect::<String>(), &token.text);
                kept += &token.text;
            }
        }
        let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        prop_assert_eq!(solid(&kept), solid(text));
    }

    #[test]
    fn duplicates_also_occur_before(sentences in sentences()) {
        let expected: Vec<usize> = (0..sentences.len())
            .filter(|&at| !overlap::also_in(&sentences[at..=at], &[&sentences[..at]]).is_empty())
            .collect();
        prop_assert_eq!(overlap::duplicates(&sentences), expected);
    }

    #[test]
    fn splits_are_permutations(n in 2..300_usize, test_size in 0.01..0.99_f64, seed: u32) {
        if let Ok((train, test)) = train_test_split(n, test_size, seed) {
            prop_assert_eq!(test.len(), (test_size * n as f64).ceil() as usize);
            let mut all = [train, test].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
    }
}

/// Checks that an error is one line with the file.
fn one_line<T>(result: Result<T, CorpusError>) -> Result<(), TestCaseError> {
    if let Err(error) = result {
        let message = error.to_string();
        prop_assert!(message.starts_with("x:") && !message.contains('\n'), "{}", message);
    }
    Ok(())
}
