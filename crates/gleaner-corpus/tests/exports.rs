//! CSV, spaCy, WebAnno and brat: examples, and what is written is read back.

use std::fs;
use std::path::Path;

use gleaner_corpus::{
    Corpus, CorpusError, FindingKind, Format, Nested, Offsets, ReadOptions, Sentence, brat, read,
    read_bytes, write,
};
use proptest::prelude::*;
use support::content;

#[path = "support/sentences.rs"]
mod support;

/// The formats whose words and sentences are those that were written.
const EXACT: [Format; 4] = [Format::Csv, Format::Spacy, Format::WebAnno, Format::Parquet];

fn words_and_tags(corpus: &Corpus) -> Vec<Vec<(&str, &str)>> {
    corpus
        .sentences
        .iter()
        .map(|s| s.words.iter().zip(&s.tags).map(|(w, t)| (w.as_str(), t.as_str())).collect())
        .collect()
}

fn written(format: Format, sentences: &[Sentence]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(format, &mut bytes, sentences, Offsets::Scalar).unwrap();
    bytes
}

/// A word that all these formats can represent.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé🦀\",;|*_\\\\#\\[\\]-]{1,4}",
        "[^\\s\u{1f}\u{feff}]{1,4}",
        Just("det".to_owned()),
        Just("a b".to_owned())
    ]
}

fn sentences() -> impl Strategy<Value = Vec<Sentence>> {
    support::sentences(word(), ["LOC", "A-_*|B"])
}

#[test]
fn kaggles_csv_is_read() {
    let text = "Sentence #,Word,POS,Tag\nSentence: 1,Anna,NNP,B-PER\n,sings,VBZ,O\nSentence: 2,Oslo,NNP,B-LOC\n";
    let expected = [vec![("Anna", "B-PER"), ("sings", "O")], vec![("Oslo", "B-LOC")]];
    for name in ["kaggle.csv", "-", "kaggle.txt"] {
        let corpus = read_bytes(text.as_bytes(), Path::new(name), &ReadOptions::default()).unwrap();
        assert_eq!(words_and_tags(&corpus), expected, "{name}");
        assert_eq!(corpus.findings, []);
    }
}

#[test]
fn malformed_sentences_are_skipped_on_request() {
    let text = "Sentence #,Word,Tag\n1,Anna,B-PER\n,sings,?\n2,in,O\n,\"Oslo,B-LOC\n3,Bo,B-PER\n";
    let skip_bad = ReadOptions { skip_bad: true, ..ReadOptions::default() };
    let corpus = read_bytes(text.as_bytes(), Path::new("x.csv"), &skip_bad).unwrap();
    assert_eq!(words_and_tags(&corpus), [[("Bo", "B-PER")]]);
    let kinds: Vec<FindingKind> = corpus.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::SkippedSentence; 2]);
}

#[test]
fn webanno_is_recognised_under_any_name() {
    let bytes = written(
        Format::WebAnno,
        &[Sentence {
            words: vec!["Oslo".into()],
            tags: vec!["B-LOC".into()],
            line: 1,
            ..Sentence::default()
        }],
    );
    for name in ["admin.tsv", "x.txt", "-"] {
        let corpus = read_bytes(&bytes, Path::new(name), &ReadOptions::default()).unwrap();
        assert_eq!(words_and_tags(&corpus), [[("Oslo", "B-LOC")]]);
    }
}

#[test]
fn stacked_annotations_are_chosen_by_option() {
    let text = "#FORMAT=WebAnno TSV 3.2\n#T_SP=x.NamedEntity|value\n\n\n#Text=New York\n\
                1-1\t0-3\tNew\tORG[1]|LOC[2]\n1-2\t4-8\tYork\tORG[1]\n";
    let read = |nested| {
        let options = ReadOptions { nested, ..ReadOptions::default() };
        read_bytes(text.as_bytes(), Path::new("x.tsv"), &options)
    };
    assert_eq!(
        words_and_tags(&read(Nested::Outermost).unwrap()),
        [[("New", "B-ORG"), ("York", "I-ORG")]]
    );
    assert_eq!(
        words_and_tags(&read(Nested::Innermost).unwrap()),
        [[("New", "B-LOC"), ("York", "O")]]
    );
    assert_eq!(read(Nested::Error).unwrap_err().line(), Some(6));
}

#[test]
fn brat_is_read_by_file_and_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, text, annotations) in [
        ("a", "Anna sings in Oslo.\n", "T1\tPER 0 4\tAnna\nT2\tLOC 14 18\tOslo\n"),
        ("b", "Bo hums.", "T1\tPER 0 2\tBo\n"),
    ] {
        fs::write(path(&format!("{name}.txt")), text).unwrap();
        fs::write(path(&format!("{name}.ann")), annotations).unwrap();
    }
    let first = [("Anna", "B-PER"), ("sings", "O"), ("in", "O"), ("Oslo", "B-LOC"), (".", "O")];
    for name in ["a.txt", "a.ann"] {
        let corpus = read(&path(name), &ReadOptions::default()).unwrap();
        assert_eq!(words_and_tags(&corpus), [first]);
    }
    let both = read(folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!((both.sentences.len(), both.entity_count()), (2, 3));
    fs::write(path("b.ann"), "T1\tPER 0 2;3 7\tBo hums\nT2\tPER 0 2;5 7\tBo ms\n").unwrap();
    let error = read(&path("b.txt"), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("b.ann:2: span 0..7: is discontinuous"), "{error}");
    // An error of a span has its line too if it shows in the sentences only.
    fs::write(path("b.ann"), "T1\tPER 0 2\tBo\nR1\tx Arg1:T1 Arg2:T1\nT2\tPER 0 7\tBo hums\n")
        .unwrap();
    let error = read(&path("b.txt"), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("b.ann:1: span 0..2: overlaps the span 0..7"), "{error}");
    fs::write(path("b.ann"), "T1\tPER 0 7\tBo hums\n#1\tAnnotatorNotes T1\tx\nT2\tPER 3 7\thums\n")
        .unwrap();
    let error = read(&path("b.txt"), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("b.ann:3: span 3..7: overlaps the span 0..7"), "{error}");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(sentences in sentences()) {
        for format in EXACT {
            let bytes = written(format, &sentences);
            let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
            let corpus = read_bytes(&bytes, Path::new("x"), &options).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(&sentences), "{:?}", format);
            prop_assert_eq!(corpus.findings, vec![]);
        }
    }

    #[test]
    fn unlabelled_words_are_read_back(sentences in sentences()) {
        let bare: Vec<Sentence> =
            sentences.iter().map(|sentence| Sentence { tags: vec![], ..sentence.clone() }).collect();
        for format in EXACT {
            let bytes = written(format, &bare);
            let options = ReadOptions { format: Some(format), unlabelled: true, ..ReadOptions::default() };
            let corpus = read_bytes(&bytes, Path::new("x"), &options).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(&bare), "{:?}", format);
        }
    }

    #[test]
    fn simple_words_are_read_back_from_brat(
        words in prop::collection::vec(prop::collection::vec(("[a-zé]{1,5}", any::<bool>()), 1..6), 1..5)
    ) {
        let sentences: Vec<Sentence> = words
            .into_iter()
            .map(|pairs| {
                let (words, tags) =
                    pairs.into_iter().map(|(word, named)| (word, if named { "B-X" } else { "O" }.to_owned())).unzip();
                Sentence { words, tags, line: 1, ..Sentence::default() }
            })
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let (mut text, mut annotations) = (Vec::new(), Vec::new());
        brat::write(&mut text, &mut annotations, &sentences).unwrap();
        fs::write(folder.path().join("x.txt"), &text).unwrap();
        fs::write(folder.path().join("x.ann"), &annotations).unwrap();
        let corpus = read(&folder.path().join("x.ann"), &ReadOptions::default()).unwrap();
        prop_assert_eq!(content(&corpus.sentences), content(&sentences));
    }

    #[test]
    fn damage_does_not_panic(
        sentences in sentences(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        skip_bad: bool,
    ) {
        for format in EXACT {
            let mut bytes = written(format, &sentences);
            for (place, byte) in &places {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            let options = ReadOptions { format: Some(format), skip_bad, ..ReadOptions::default() };
            one_line(read_bytes(&bytes, Path::new("x"), &options))?;
        }
    }

    #[test]
    fn near_misses_never_panic(
        csv in "(Sentence #|Word|Tag|,|;|\"|\n|\r|O|B-X|a|é){0,60}",
        webanno in "(1-1|1-2|0-3|\t|\n|_|\\*|PER|\\[1\\]|\\||1-1\\.1|a|#Text=|é){0,60}",
        skip_bad: bool,
    ) {
        let webanno = format!("#FORMAT=WebAnno TSV 3.3\n#T_SP=a.NamedEntity|value\n{webanno}");
        for (text, format) in [(csv, Format::Csv), (webanno, Format::WebAnno)] {
            let options = ReadOptions { format: Some(format), skip_bad, ..ReadOptions::default() };
            one_line(read_bytes(text.as_bytes(), Path::new("x"), &options))?;
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
