//! Files for annotation tools without the words that Gleaner adds: tools may drop keys that they do not know.

use std::path::Path;

use gleaner_corpus::{
    Corpus, FindingKind, Format, Offsets, ReadOptions, Sentence, read_bytes, write,
};
use proptest::prelude::*;
use serde_json::Value;

#[path = "support/sentences.rs"]
mod support;

/// The formats with a text and the words beside it.
const TOOLS: [Format; 4] =
    [Format::Doccano, Format::LabelStudio, Format::LabelStudioMin, Format::Prodigy];

/// A written file without words, as one array.
fn without_words(format: Format, sentences: &[Sentence], offsets: Offsets) -> String {
    let mut bytes = Vec::new();
    write(format, &mut bytes, sentences, offsets).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let mut rows: Vec<Value> = match text.starts_with('[') {
        true => serde_json::from_str(&text).unwrap(),
        false => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    };
    for row in &mut rows {
        let object = if row.get("data").is_some() { &mut row["data"] } else { row };
        let before = object.as_object().unwrap().len();
        let object = object.as_object_mut().unwrap();
        object.retain(|key, _| !["words", "tokens", "sentences"].contains(&key.as_str()));
        assert_eq!(object.len() + 2, before, "{format}");
    }
    serde_json::to_string(&rows).unwrap()
}

fn read(text: &str, offsets: Offsets) -> Corpus {
    let options = ReadOptions { offsets, ..ReadOptions::default() };
    read_bytes(text.as_bytes(), Path::new("x.json"), &options).unwrap()
}

/// The entities in order: their types, and their text without spaces.
fn entities(sentences: &[Sentence]) -> Vec<(String, String)> {
    let of = |sentence: &Sentence| -> Vec<(String, String)> {
        let entities = sentence.entities().into_iter();
        entities
            .map(|entity| {
                let text = sentence.words[entity.words()].concat();
                (entity.entity_type, text.replace(' ', ""))
            })
            .collect()
    };
    sentences.iter().flat_map(of).collect()
}

#[test]
fn words_are_those_of_plain_text_where_the_tool_keeps_none() {
    let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    let sentence = Sentence {
        words: owned(&["Jean-Luc", "visits", "Aix-en-Provence's", "fair", ".", "J.", "R.", "came"]),
        tags: owned(&["B-PER", "O", "B-LOC", "O", "O", "B-PER", "I-PER", "O"]),
        line: 1,
        ..Sentence::default()
    };
    for format in TOOLS {
        let corpus = read(
            &without_words(format, std::slice::from_ref(&sentence), Offsets::Scalar),
            Offsets::Scalar,
        );
        let words: Vec<String> =
            corpus.sentences.iter().map(|sentence| sentence.words.join(" ")).collect();
        assert_eq!(
            words,
            ["Jean - Luc visits Aix - en - Provence's fair .", "J . R . came"],
            "{format}"
        );
        assert_eq!(
            entities(&corpus.sentences),
            entities(std::slice::from_ref(&sentence)),
            "{format}"
        );
        assert_eq!(corpus.findings, [], "{format}");
    }
}

#[test]
fn unlabelled_texts_stay_unlabelled() {
    let words = ["Anna".to_owned(), "sings".to_owned()].to_vec();
    let sentence = Sentence { words, line: 1, ..Sentence::default() };
    for format in TOOLS {
        let text = without_words(format, std::slice::from_ref(&sentence), Offsets::Scalar);
        let read = |unlabelled| {
            let options = ReadOptions { unlabelled, ..ReadOptions::default() };
            read_bytes(text.as_bytes(), Path::new("x.json"), &options)
        };
        assert_eq!(read(true).unwrap().sentences[0].words, ["Anna", "sings"], "{format}");
        assert!(
            read(false).is_err(),
            "{format}: a text without annotation is not one without entities"
        );
    }
}

proptest! {
    #[test]
    fn entities_survive_the_loss_of_words(
        sentences in support::sentences("[a-zé🦀\u{301}.,'’-]{1,5}|[A-Z]\\.|Saint-[A-Z][a-z]{2}", ["LOC", "PER"]),
        unit in 0..3_usize,
    ) {
        // A combining mark belongs to the space before it; it is not a word.
        prop_assume!(sentences.iter().flat_map(|s| &s.words).all(|word| !word.starts_with('\u{301}')));
        let offsets = [Offsets::Scalar, Offsets::Utf16, Offsets::Graphemes][unit];
        for format in TOOLS {
            let corpus = read(&without_words(format, &sentences, offsets), offsets);
            prop_assert_eq!(entities(&corpus.sentences), entities(&sentences), "{}", format);
            let text = |sentences: &[Sentence]| -> String {
                support::content(sentences).into_iter().flat_map(|(words, _)| words).collect()
            };
            prop_assert_eq!(text(&corpus.sentences), text(&sentences), "{}", format);
            prop_assert!(corpus.findings.iter().all(|f| f.kind == FindingKind::SplitWord), "{:?}", corpus.findings);
        }
    }
}
