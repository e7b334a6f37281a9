//! Properties of files with columns, for any words and tags.

use std::fmt::Write;
use std::path::Path;

use gleaner_corpus::{Corpus, ReadOptions, Sentence, conll, find_splits, read_bytes};
use proptest::prelude::*;

fn read(text: &[u8], name: &str) -> Corpus {
    read_bytes(text, Path::new(name), &ReadOptions::default()).unwrap()
}

/// Words of this pattern with valid IOB2 tags.
fn sentence(pattern: &'static str) -> impl Strategy<Value = Sentence> {
    prop::collection::vec((pattern, 0..5_usize), 1..6).prop_map(|pairs| {
        let mut sentence = Sentence::default();
        for (word, choice) in pairs {
            let inside = sentence.tags.last().is_some_and(|tag| tag != "O");
            sentence.words.push(word);
            sentence.tags.push(match choice {
                0 => "B-A".to_owned(),
                1 if inside => sentence.tags[sentence.tags.len() - 1].replacen('B', "I", 1),
                _ => "O".to_owned(),
            });
        }
        sentence
    })
}

fn sentences(pattern: &'static str) -> impl Strategy<Value = Vec<Sentence>> {
    prop::collection::vec(sentence(pattern), 3..6)
}

fn content(sentences: &[Sentence]) -> Vec<(Vec<String>, Vec<String>)> {
    sentences.iter().map(|sentence| (sentence.words.clone(), sentence.tags.clone())).collect()
}

/// Sentences as lines that `line` writes: for the numbers of the sentence, of the word in it and of the
/// word in the file, and for word and tag.
fn written(
    sentences: &[Sentence],
    line: impl Fn(usize, usize, usize, &str, &str) -> String,
) -> String {
    let mut text = String::new();
    let mut total = 0;
    for (number, sentence) in (1..).zip(sentences) {
        for (at, (word, tag)) in (1..).zip(sentence.words.iter().zip(&sentence.tags)) {
            let _ = writeln!(text, "{}", line(number, at, total, word, tag));
            total += 1;
        }
        text.push('\n');
    }
    text
}

proptest! {
    #[test]
    fn index_columns_do_not_change_what_is_read(sentences in sentences("[a-mé]{2,4}")) {
        for text in [
            written(&sentences, |_, at, _, word, tag| format!("{at}\t{word}\t{tag}")),
            written(&sentences, |_, at, _, word, tag| format!("{}\t{word}\tNN\t{tag}", at - 1)),
            written(&sentences, |_, _, all, word, tag| format!("{all} {word} {tag}")),
            written(&sentences, |n, at, _, word, tag| format!("d{n}-{at}\t{word}\t{tag}\t-")),
            written(&sentences, |n, at, all, word, tag| format!("{n}-{at}\t{}-{}\t{word}\t{tag}", all * 5, all * 5 + 4)),
            written(&sentences, |_, at, _, word, tag| format!("{at}\t{word}\t_\t_\tX=Y|name={tag}")),
        ] {
            let corpus = read(text.as_bytes(), "x.tsv");
            prop_assert_eq!(content(&corpus.sentences), content(&sentences), "{}", text);
            let words = corpus.files[0].choices.iter().any(|choice| choice.starts_with("column 1 "));
            prop_assert!(words, "{:?}", corpus.files[0].choices);
        }
    }

    #[test]
    fn headers_comments_and_language_codes_do_not_change_what_is_read(sentences in sentences("[n-zé]{2,4}")) {
        for text in [
            "Word\tTag\n".to_owned() + &written(&sentences, |_, _, _, word, tag| format!("{word}\t{tag}")),
            written(&sentences, |_, at, _, word, tag| {
                let comment = if at == 1 { "# text = O\n" } else { "" };
                format!("{comment}{word} N I-NP {tag}")
            }),
            written(&sentences, |_, _, _, word, tag| format!("fo:{word}\t{tag}")),
        ] {
            let corpus = read(text.as_bytes(), "x.tsv");
            prop_assert_eq!(content(&corpus.sentences), content(&sentences), "{}", text);
        }
    }

    #[test]
    fn what_is_written_is_read_back(sentences in sentences("[#a-zé=]{1,3}")) {
        let (mut old, mut plus) = (Vec::new(), Vec::new());
        conll::write_2003(&mut old, &sentences).unwrap();
        conll::write_plus(&mut plus, &sentences).unwrap();
        prop_assert_eq!(content(&read(&old, "x.conll").sentences), content(&sentences));
        prop_assert_eq!(content(&read(&plus, "x.conllup").sentences), content(&sentences));
    }

    #[test]
    fn two_columns_of_tags_are_never_guessed(sentences in sentences("[a-mé]{2,4}")) {
        let text = written(&sentences, |n, at, _, word, tag| {
            let inner = if n == 1 && at == 1 { "B-INNER" } else { "O" };
            format!("{word}\t{tag}\t{inner}")
        });
        let read = read_bytes(text.as_bytes(), Path::new("x.tsv"), &ReadOptions::default());
        let error = read.unwrap_err().to_string();
        prop_assert!(error.contains("--tag-column"), "{}", error);
    }

    #[test]
    fn odd_tables_never_panic(text in "(#|# |global.columns =|ID|FORM|NER|Word|Tag|-DOCSTART-|[ab]|fo:|[0-9]|-|\\.|\t| |\n|O|B-X|name=O|None|\u{feff}|_){0,80}", unlabelled: bool, skip_bad: bool, word in 0..4_usize, tag in 0..4_usize) {
        let column = |n: usize| n.checked_sub(1);
        let options = ReadOptions { unlabelled, skip_bad, word_column: column(word), tag_column: column(tag), ..ReadOptions::default() };
        if let Err(error) = read_bytes(text.as_bytes(), Path::new("x.tsv"), &options) {
            let message = error.to_string();
            prop_assert!(message.starts_with("x.tsv:") && !message.contains('\n'), "{}", message);
        }
    }

    #[test]
    fn odd_names_of_files_never_panic(names in prop::collection::vec("(train|dev|test|val|[ab_.-]){1,4}", 1..5)) {
        let folder = tempfile::tempdir().unwrap();
        for name in names.iter().filter(|name| !matches!(name.as_str(), "." | "..")) {
            std::fs::write(folder.path().join(name), "a\tO\n").unwrap();
        }
        if let Err(error) = find_splits(folder.path()) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}
