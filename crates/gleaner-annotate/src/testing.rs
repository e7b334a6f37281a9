//! Projects for tests.

use crate::{Action, Answer, NewProject, Project, Session, Span};
use gleaner_corpus::Sentence;
use std::fs;
use tempfile::TempDir;

/// An open project with the types PER and LOC, with more lines of settings, and with `sentences` sentences of the sample.
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
