//! Projects for tests.

use crate::{Action, Answer, NewProject, Project, Session, Span};
use gleaner_corpus::{ReadOptions, Sentence, audit::DataSet};
use std::fs;
use tempfile::TempDir;

/// An open project with the types PER and LOC, with more lines of settings, and with `sentences` sentences of the
/// sample.
pub(crate) fn project(settings: &str, sentences: usize) -> (TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("p");
    let types = ["PER", "LOC", "ORG"].map(String::from).to_vec();
    Project::create(&place, &NewProject { types, encoder: None }).unwrap();
    let path = place.join("project.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + settings).unwrap();
    let mut session = Session::open(&place).unwrap();
    let words = gleaner_sample::target().train.into_iter().take(sentences);
    let texts: Vec<Sentence> = words
        .enumerate()
        .map(|(at, s)| Sentence { words: s.words, line: at + 1, ..Sentence::default() })
        .collect();
    session.import("sample.txt", &texts).unwrap();
    (folder, session)
}

/// An accepted sentence with persons at these words.
pub(crate) fn answer(annotator: &str, id: usize, spans: &[(usize, usize)]) -> Answer {
    let span = |&(start, end)| Span { start, end, entity_type: "PER".into() };
    let spans = spans.iter().map(span).collect();
    Answer { annotator: annotator.into(), id, action: Action::Accept, spans }
}

/// A corpus in the folder `corpus`: files of CoNLL, with sentences written `Anna/B-PER sings`, one per line.
pub(crate) fn corpus(files: &[(&str, &str)]) -> (TempDir, DataSet) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("corpus");
    fs::create_dir(&place).unwrap();
    for (name, sentences) in files {
        let word = |pair: &str| match pair.split_once('/') {
            Some((word, tag)) => format!("{word}\t{tag}\n"),
            None => format!("{pair}\tO\n"),
        };
        let sentence = |line: &str| line.split_whitespace().map(word).collect::<String>() + "\n";
        fs::write(place.join(name), sentences.lines().map(sentence).collect::<String>()).unwrap();
    }
    let set = DataSet::read_folder(&place, &ReadOptions::default()).unwrap();
    (folder, set)
}
