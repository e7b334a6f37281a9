//! Reviews from the corpus to the patch.

use super::*;
use crate::{
    answer::Answer,
    audit::{Audit, audited_files, doubts, types},
    error::AnnotateError,
    service::{Log, Service},
    session::Session,
    testing::corpus,
};
use gleaner_base::files::faults::{Fault, sweep};
use gleaner_corpus::audit::DataSet;
use std::{path::Path, sync::Arc};
use tempfile::TempDir;

/// A corpus whose sentences 1, 3 and 4 contradict each other, and whose tags of sentence 2 break IOB2.
const FILES: [(&str, &str); 2] = [
    ("train.conll", "Anna/B-PER sings\nHavn/B-LOC won\nin Oslo/I-LOC land\nHavn/B-LOC won"),
    ("test.conll", "Havn/B-ORG won\nBo/B-PER hums"),
];

fn create(folder: &Path, set: &DataSet) -> Result<(), AnnotateError> {
    let doubts = doubts(set, None, &[]);
    Project::create_audit(
        folder,
        &types(set, &doubts),
        set,
        &Audit::new(audited_files(set)?, doubts),
    )
}

fn review() -> (TempDir, Session) {
    let (folder, set) = corpus(&FILES);
    let place = folder.path().join("p");
    create(&place, &set).unwrap();
    (folder, Session::open(&place).unwrap())
}

fn decide(id: usize, action: Action, spans: &[(usize, usize, &str)]) -> Answer {
    let span =
        |&(start, end, name): &(usize, usize, &str)| Span { start, end, entity_type: name.into() };
    Answer { annotator: "a".into(), id, action, spans: spans.iter().map(span).collect() }
}

fn tags(corpora: &[(Part, Corpus)]) -> Vec<(Part, Vec<String>)> {
    let tags = |corpus: &Corpus| corpus.sentences.iter().map(|s| s.tags.join(" ")).collect();
    corpora.iter().map(|(part, corpus)| (*part, tags(corpus))).collect()
}

#[test]
fn a_review_shows_doubtful_sentences_and_changes_what_was_answered() {
    let (_folder, session) = review();
    let log: Log = Arc::new(|line: &str| assert_eq!(line, ""));
    let service = Service::start(session, None, log).unwrap();
    let shown = service.next("a", &[], 50).unwrap();
    assert_eq!(shown.iter().map(|s| s.id).collect::<Vec<_>>(), [1, 3, 4, 2]);
    let first = &shown[0];
    assert_eq!((first.why, first.held_out), ("contradictory tags", false));
    assert_eq!(first.spans[0].span.entity_type, "LOC");
    assert_eq!(first.suggested.as_ref().unwrap()[0].span.entity_type, "ORG");
    assert_eq!(first.notes.len(), 1);
    service.answer(decide(1, Action::Accept, &[(0, 1, "LOC")])).unwrap();
    service.answer(decide(3, Action::Skip, &[])).unwrap();
    service.answer(decide(4, Action::Accept, &[(0, 1, "LOC")])).unwrap();
    service.answer(decide(2, Action::Reject, &[])).unwrap();
    let progress = service.progress("a");
    assert_eq!((progress.sentences, progress.answered), (4, 4));
    let undone = service.undo("a").unwrap().unwrap();
    assert_eq!((undone.id, undone.why, undone.notes.len()), (2, "taken back", 1));
    assert_eq!(service.next("a", &[], 50).unwrap()[0].id, 2);
}

#[test]
fn only_what_was_changed_or_rejected_differs_from_the_corpus() {
    let (folder, mut session) = review();
    let corpus = |session: &Session| tags(&corrected(session.project()));
    let train = ["B-PER O", "B-LOC O", "O I-LOC O", "B-LOC O"].map(String::from).to_vec();
    let test = ["B-ORG O", "B-PER O"].map(String::from).to_vec();
    // The tags that break IOB2 stay as they are while nobody confirms them.
    assert_eq!(corpus(&session), [(Part::Train, train), (Part::Test, test)]);
    assert_eq!(patch(session.project()), []);
    for answer in [
        decide(1, Action::Accept, &[(0, 1, "LOC")]),
        decide(2, Action::Accept, &[(1, 2, "LOC")]),
        decide(3, Action::Reject, &[]),
        decide(4, Action::Accept, &[(0, 2, "LOC")]),
        decide(5, Action::Skip, &[(0, 2, "LOC")]),
    ] {
        session.answer(answer, None).unwrap();
    }
    let train = ["B-PER O", "B-LOC O", "O B-LOC O"].map(String::from).to_vec();
    let test = ["B-LOC I-LOC", "B-PER O"].map(String::from).to_vec();
    assert_eq!(corpus(&session), [(Part::Train, train), (Part::Test, test)]);
    let changes = patch(session.project());
    assert_eq!(changes.len(), 3);
    let repaired = &changes[0];
    assert_eq!((repaired.line, repaired.new.as_ref()), (7, Some(&repaired.old)));
    assert_eq!(repaired.old, [Span { start: 1, end: 2, entity_type: "LOC".into() }]);
    let rejected = &changes[1];
    assert_eq!((rejected.part, rejected.line, rejected.sentence), (Part::Train, 11, 4));
    assert!(rejected.new.is_none() && rejected.old.len() == 1);
    let changed = serde_json::to_value(&changes[2]).unwrap();
    let file = folder.path().join("corpus/test.conll");
    let expected = serde_json::json!({
        "part": "test", "file": file, "line": 1, "sentence": 1, "annotator": "a",
        "words": ["Havn", "won"],
        "old": [{"start": 0, "end": 1, "type": "ORG"}],
        "new": [{"start": 0, "end": 2, "type": "LOC"}],
    });
    assert_eq!(changed, expected);
}

#[test]
fn an_audit_takes_no_other_texts() {
    let (_folder, mut session) = review();
    let error = session.import("more.txt", &[]).unwrap_err().to_string();
    assert!(error.ends_with("and takes no others; create another project for them"), "{error}");
}

#[test]
fn an_audit_is_whole_or_no_project_after_any_fault() {
    let (place, set) = corpus(&FILES);
    let folder = place.path().join("audits");
    std::fs::create_dir(&folder).unwrap();
    let faults = sweep(
        &folder,
        &Fault::ALL,
        |_| (),
        |folder| create(&folder.join("p"), &set).is_ok(),
        |folder, outcome| {
            let read = Project::read(&folder.join("p"));
            assert!(read.is_ok() || !outcome.is_success, "{outcome}");
            if folder.join("p/project.toml").exists() {
                assert_eq!(read.unwrap().audit().unwrap().doubts.len(), 4, "{outcome}");
            }
        },
    );
    // Three files with five operations each, and a folder.
    assert!(faults > 4 * 15, "{faults}");
}
