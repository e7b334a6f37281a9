//! Sessions: imports, answers, locks, and disks that fail.

use super::*;
use crate::{Part, answer::Span, project::NewProject, state::State};
use gleaner_base::files::faults::{Fault, sweep};

fn sentence(text: &str) -> Sentence {
    let pairs = text.split(' ').map(|pair| pair.split_once('/').unwrap_or((pair, "")));
    let (words, tags): (Vec<String>, Vec<String>) =
        pairs.map(|(word, tag)| (word.to_owned(), tag.to_owned())).unzip();
    let tags = if tags.concat().is_empty() { Vec::new() } else { tags };
    Sentence { words, tags, line: 1, ..Sentence::default() }
}

fn create(folder: &Path) {
    let types = vec!["PER".into(), "LOC".into()];
    Project::create(folder, &NewProject { types, encoder: None }).unwrap();
}

/// A project with ten sentences of three words.
fn with_texts(folder: &Path) {
    create(folder);
    let texts: Vec<Sentence> = (0..10).map(|i| sentence(&format!("Anna sings {i}"))).collect();
    Session::open(folder).unwrap().import("raw.txt", &texts).unwrap();
}

fn accept(annotator: &str, id: usize, end: usize) -> Answer {
    let spans = vec![Span { start: 0, end, entity_type: "PER".into() }];
    Answer { annotator: annotator.into(), id, action: Action::Accept, spans }
}

#[test]
fn imports_add_what_is_new() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("p");
    create(&folder);
    let mut session = Session::open(&folder).unwrap();
    let first = [sentence("a/B-PER b/O"), sentence("c d"), sentence("a b")];
    let added = session.import("one.conll", &first).unwrap();
    assert_eq!(added, Added { sentences: 2, repeated: 1 });
    let second = [sentence("c d"), sentence("e")];
    assert_eq!(session.import("two.txt", &second).unwrap(), Added { sentences: 1, repeated: 1 });
    let texts = session.project().texts().to_vec();
    assert_eq!(texts.iter().map(|text| text.id).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(texts[0].tags.as_ref().unwrap(), &["B-PER", "O"]);
    assert_eq!((texts[1].tags.as_ref(), texts[2].from.as_str()), (None, "two.txt:1"));
    let unknown = [sentence("f"), Sentence { line: 9, ..sentence("g/B-ORG") }];
    let error = session.import("three.conll", &unknown).unwrap_err().to_string();
    assert!(error.starts_with("three.conll:9: `ORG` is not a type of the project; add"), "{error}");
    drop(session);
    assert_eq!(Project::read(&folder).unwrap().texts(), texts);
}

#[test]
fn answers_survive_and_repeated_ones_are_written_once() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("p");
    with_texts(&folder);
    let mut session = Session::open(&folder).unwrap();
    let seen = Proposal { spans: Vec::new(), model: Some("2".into()) };
    assert_eq!(session.answer(accept("a", 3, 1), Some(seen)).unwrap(), 1);
    assert_eq!(session.answer(accept("a", 3, 1), None).unwrap(), 1);
    assert_eq!(session.answer(accept("a", 3, 2), None).unwrap(), 2);
    assert_eq!(session.answer(accept("b", 4, 1), None).unwrap(), 3);
    assert!(session.answer(accept("a", 10, 1), None).is_err());
    assert!(session.answer(accept("a", 3, 4), None).is_err());
    assert_eq!(session.undo("a").unwrap().unwrap().spans[0].end, 2);
    assert_eq!(session.undo("c").unwrap(), None);
    let state = session.project().state().clone();
    drop(session);
    let project = Project::read(&folder).unwrap();
    assert_eq!(*project.state(), state);
    let first = project.state().of("a")[&3];
    assert_eq!((first.spans[0].end, first.model.as_deref()), (1, Some("2")));
    let parts = [Part::Train, Part::Test].map(|part| project.corpus(part).sentences);
    assert_eq!(parts.concat().len(), 2);
    assert!(parts.concat().iter().all(|s| s.tags == ["B-PER", "O", "O"]));
}

#[test]
fn one_process_at_a_time_changes_a_project() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("p");
    create(&folder);
    let first = Session::open(&folder).unwrap();
    let error = Session::open(&folder).err().unwrap().to_string();
    assert!(error.ends_with("another process has the project open; end it first"), "{error}");
    assert!(Project::read(&folder).is_ok());
    drop(first);
    assert!(Session::open(&folder).is_ok());
}

#[test]
fn a_journal_that_does_not_fit_is_an_error_with_its_line() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("p");
    with_texts(&folder);
    let entry = |n: u64, id: usize, rest: &str| {
        format!("{{\"n\":{n},\"id\":{id},\"annotator\":\"a\",\"action\":\"accept\"{rest}}}\n")
    };
    let first = entry(1, 0, "");
    for (second, expected) in [
        (entry(3, 1, ""), ":2: entry 3, expected 2"),
        (entry(2, 99, ""), ":2: there is no sentence 99"),
        (entry(2, 1, ",\"spans\":[{\"start\":0,\"end\":9,\"type\":\"PER\"}]"), ":2: words 0 to 9"),
        (entry(2, 1, ",\"spans\":[{\"start\":0,\"end\":1,\"type\":\"ORG\"}]"), ":2: `ORG` is not"),
    ] {
        fs::write(folder.join("journal.jsonl"), format!("{first}{second}")).unwrap();
        let error = Session::open(&folder).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// What happened to the answers of a session: those that were confirmed, and those that were tried.
#[derive(Default)]
struct Log {
    confirmed: Vec<Answer>,
    tried: Vec<Answer>,
}

#[test]
fn no_confirmed_answer_is_lost_by_any_fault() {
    let place = tempfile::tempdir().unwrap();
    let log = std::cell::RefCell::new(Log::default());
    let answers: Vec<Answer> = (0..6).map(|id| accept("a", id, 1)).collect();
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |folder| {
            with_texts(&folder.join("p"));
            // So that it is created while the disk fails.
            fs::remove_file(folder.join("p/journal.jsonl")).unwrap();
            *log.borrow_mut() = Log::default();
        },
        |folder| {
            let Ok(mut session) = Session::open(&folder.join("p")) else { return false };
            let mut is_success = true;
            for answer in &answers {
                // An annotator whose answer failed sends it again once.
                let sent = (0..2).any(|_| {
                    log.borrow_mut().tried.push(answer.clone());
                    session.answer(answer.clone(), None).is_ok()
                });
                match sent {
                    true => log.borrow_mut().confirmed.push(answer.clone()),
                    false => is_success = false,
                }
            }
            is_success
        },
        |folder, outcome| {
            let log = log.borrow();
            let read = Project::read(&folder.join("p")).unwrap();
            let mut session = Session::open(&folder.join("p")).unwrap();
            assert_eq!(read.state(), session.project().state(), "{outcome}");
            let found: State = session.project().state().clone();
            for answer in &log.confirmed {
                assert!(found.same(answer).is_some(), "{outcome}: lost {answer:?}");
            }
            for entry in found.of("a").values() {
                assert!(log.tried.iter().any(|tried| tried.id == entry.id), "{outcome}");
            }
            let corpora = [Part::Train, Part::Test].map(|p| read.corpus(p).sentences.len());
            assert_eq!(corpora.iter().sum::<usize>(), found.of("a").len(), "{outcome}");
            // A failed write is repaired by the next one, so one fault of the disk costs no answer.
            let is_end = matches!(outcome.fault, Fault::Kill | Fault::PowerCut);
            let was_opened = !log.tried.is_empty();
            assert!(is_end || !was_opened || outcome.is_success, "{outcome}");
            for answer in &answers {
                session.answer(answer.clone(), None).unwrap();
            }
            drop(session);
            assert_eq!(Project::read(&folder.join("p")).unwrap().state().of("a").len(), 6);
        },
    );
    // The lock, the journal's five operations, and six answers of which each is written and synced.
    assert!(faults > 60, "{faults}");
}

#[test]
fn a_new_project_is_whole_or_missing_after_any_fault() {
    let place = tempfile::tempdir().unwrap();
    let types = vec!["PER".into(), "LOC".into()];
    let new = NewProject { types, encoder: Some("sample:tiny".into()) };
    let whole = place.path().join("whole");
    Project::create(&whole, &new).unwrap();
    let expected = Project::read(&whole).unwrap();
    let create = |folder: &Path| Project::create(&folder.join("p"), &new);
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |_| (),
        |folder| create(folder).is_ok(),
        |folder, outcome| {
            let project = folder.join("p");
            let is_there = match Project::read(&project) {
                Ok(read) => {
                    assert_eq!(read.settings(), expected.settings(), "{outcome}");
                    true
                }
                Err(error) => {
                    let error = error.to_string();
                    assert!(error.contains("no project.toml in it"), "{outcome}: {error}");
                    false
                }
            };
            assert!(is_there || !outcome.is_success, "{outcome}");
            let is_empty = !fs::read_dir(&project).is_ok_and(|mut all| all.next().is_some());
            // A process that continues removes what it could not complete, so that the command can be repeated.
            let is_cleaned =
                matches!(outcome.fault, Fault::NoSpace | Fault::Device | Fault::Permission);
            assert!(is_there || is_empty || !is_cleaned, "{outcome}");
            match create(folder) {
                Ok(()) => assert!(is_empty, "{outcome}"),
                Err(error) => {
                    let error = error.to_string();
                    assert!(!is_empty && error.contains("is not empty"), "{outcome}: {error}");
                }
            }
        },
    );
    // A file and a folder.
    assert!(faults > 4 * 7, "{faults}");
}

#[test]
fn an_import_is_whole_or_not_there_after_any_fault() {
    let place = tempfile::tempdir().unwrap();
    let texts = [sentence("a/B-PER b/O"), sentence("c d")];
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |folder| with_texts(&folder.join("p")),
        |folder| {
            let session = Session::open(&folder.join("p"));
            session.and_then(|mut session| session.import("more.conll", &texts)).is_ok()
        },
        |folder, outcome| {
            let found = Project::read(&folder.join("p")).unwrap().texts().len();
            assert!(found == 12 || found == 10 && !outcome.is_success, "{outcome}: {found}");
        },
    );
    assert!(faults > 20, "{faults}");
}
