//! Trainings in the background, and what they change.

use super::*;
use crate::{
    Part,
    answer::Span,
    models::Trained,
    testing::{answer, project},
};
use gleaner_base::files::faults::{Fault, sweep};
use std::{fs, path::Path, time::Duration};

/// Settings of a training of a fraction of a second.
const QUICK: &str = "encoder = \"sample:tiny\"\nretrain-every = 20\nrandom-share = 0.3\n[settings]\nepochs = 2\n\
    lstm-units = 4\nlstm-layers = 1\nresamples = 0\n";

fn quiet() -> Log {
    Arc::new(|_: &str| ())
}

fn start(session: Session, log: Log) -> Arc<Service> {
    let training = session.project().settings().training().unwrap();
    Service::start(session, training, log).unwrap()
}

/// Answers as the sample is labelled.
fn gold(service: &Arc<Service>, ids: impl Iterator<Item = usize>) {
    let train = gleaner_sample::target().train;
    for id in ids {
        let spans = Span::of_tags(&train[id].tags);
        service.answer(Answer { spans, ..answer("a", id, &[]) }).unwrap();
    }
}

/// Waits until the background rests.
fn settle(service: &Service) -> Progress {
    loop {
        let is_busy = lock(&service.background).is_busy();
        if !is_busy {
            return service.progress("a");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn models_are_trained_and_propose() {
    let (folder, session) = project(QUICK, 100);
    let service = start(session, quiet());
    assert!(service.next("a", &[], 50).unwrap().iter().all(|shown| shown.spans.is_empty()));
    gold(&service, 0..70);
    let progress = settle(&service);
    assert_eq!(progress.training, None);
    assert!(!progress.scores.is_empty(), "{progress:?}");
    let last = progress.scores.last().unwrap().clone();
    assert!((20..70).contains(&last.sentences), "{last:?}");
    let shown = service.next("a", &[], 30).unwrap();
    assert!(shown.iter().any(|sentence| sentence.why == "least certain"), "{shown:?}");
    for sentence in shown.iter().filter(|sentence| sentence.held_out) {
        assert_eq!((sentence.why, sentence.spans.len()), ("test sentence", 0));
    }
    let undone = service.undo("a").unwrap().unwrap();
    assert_eq!(undone.id, 69);
    service.stop();
    drop(service);
    let place = folder.path().join("p");
    assert!(place.join("models/1/gleaner.json").is_file());
    // Another process shows the same scores.
    let again = start(Session::open(&place).unwrap(), quiet());
    let scores = settle(&again).scores;
    let same = scores.iter().find(|score| score.model == last.model).unwrap();
    assert_eq!(same.sentences, last.sentences);
    again.stop();
}

#[test]
fn a_training_that_fails_is_shown_and_stops_nobody() {
    let (_folder, session) = project(&QUICK.replace("sample:tiny", "/no/such/encoder"), 100);
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&lines);
    let service = start(session, Arc::new(move |line: &str| lock(&sink).push(line.to_owned())));
    gold(&service, 0..38);
    let training = settle(&service).training.unwrap();
    assert!(training.starts_with("the last training failed"), "{training}");
    assert!(!training.contains("encoder"), "{training}");
    assert!(lock(&lines)[0].contains("/no/such/encoder"), "{lines:?}");
    gold(&service, 38..40);
    assert_eq!(service.progress("a").answered, 40);
    service.stop();
}

#[test]
fn annotators_at_the_same_time_have_different_sentences() {
    let (_folder, session) = project("shared = 0.0\n", 40);
    let service = start(session, quiet());
    let ids = |annotator: &str, after: &[usize], take: usize| -> Vec<usize> {
        service.next(annotator, after, take).unwrap().iter().map(|shown| shown.id).collect()
    };
    let (a, b) = (ids("a", &[], 12), ids("b", &[], 12));
    assert!(a.iter().all(|id| !b.contains(id)), "{a:?} {b:?}");
    // A page that is loaded again gets what it had.
    assert_eq!(ids("a", &[], 12), a);
    let more = ids("a", &a, 50);
    assert_eq!(more.len(), 40 - 12 - 12);
    assert!(more.iter().all(|id| !b.contains(id)), "{more:?} {b:?}");
    // Only what the other has is left.
    let all: Vec<usize> = a.into_iter().chain(more).collect();
    let mut last = ids("a", &all, 50);
    last.sort_unstable();
    let mut b = b;
    b.sort_unstable();
    assert_eq!(last, b);
}

#[test]
fn the_journal_has_what_its_annotator_was_shown() {
    let (folder, session) = project(QUICK, 100);
    let service = start(session, quiet());
    gold(&service, 0..40);
    settle(&service);
    let shared: Vec<usize> =
        service.next("b", &[], 50).unwrap().iter().filter(|s| !s.held_out).map(|s| s.id).collect();
    let id = shared[0];
    // Another annotator, who has seen nothing of it, answers: nothing was proposed.
    service.answer(answer("c", id, &[])).unwrap();
    service.answer(answer("b", id, &[])).unwrap();
    let journal = fs::read_to_string(folder.path().join("p/journal.jsonl")).unwrap();
    let mut last = journal.lines().rev().map(|line| serde_json::from_str(line).unwrap());
    let proposed = |line: Option<serde_json::Value>| {
        line.unwrap().get("proposed").is_some_and(|p| !p.is_null())
    };
    assert!(proposed(last.next()));
    assert!(!proposed(last.next()));
    service.stop();
}

#[test]
fn a_folder_that_could_not_be_loaded_is_no_obstacle_to_the_next_training() {
    let (folder, session) = project(QUICK, 100);
    let service = start(session, quiet());
    fs::create_dir_all(folder.path().join("p/models/1")).unwrap();
    gold(&service, 0..40);
    let progress = settle(&service);
    assert_eq!(progress.training, None);
    assert!(folder.path().join("p/models/2/gleaner.json").is_file());
    service.stop();
}

#[test]
fn imported_labels_are_proposed_or_gold() {
    for (is_gold, line) in [(false, ""), (true, "imported = \"gold\"\n")] {
        let (_folder, mut session) = project(line, 0);
        let words = ["Anna".to_owned(), "sings".into()].to_vec();
        let tags = ["B-PER".to_owned(), "O".into()].to_vec();
        let sentences: Vec<_> = (0..30)
            .map(|at| {
                let mut words = words.clone();
                words[1] = at.to_string();
                gleaner_corpus::Sentence { words, tags: tags.clone(), ..Default::default() }
            })
            .collect();
        session.import("a.conll", &sentences).unwrap();
        let parts = [Part::Train, Part::Test].map(|part| session.project().corpus(part));
        let accepted = parts.iter().map(|part| part.sentences.len()).sum::<usize>();
        assert_eq!(accepted, if is_gold { 30 } else { 0 });
        let service = start(session, quiet());
        let shown = service.next("a", &[], 50).unwrap();
        assert_eq!(shown.len(), if is_gold { 0 } else { 30 });
        for sentence in shown {
            // Held-out sentences are annotated without proposals.
            assert_eq!(sentence.spans.len(), usize::from(!sentence.held_out), "{sentence:?}");
            assert!(sentence.spans.iter().all(|shown| shown.confidence.is_none()));
        }
    }
}

#[test]
fn a_model_is_whole_or_not_there_after_any_fault() {
    let (folder, mut session) = project(QUICK, 12);
    let train = gleaner_sample::target().train;
    for (id, sentence) in train.iter().enumerate().take(12) {
        let spans = Span::of_tags(&sentence.tags);
        session.answer(Answer { spans, ..answer("a", id, &[]) }, None).unwrap();
    }
    let project = session.project();
    let settings = project.settings().training().unwrap().unwrap();
    let stop = AtomicBool::new(false);
    let model = background::fit(project, &settings, &stop).unwrap();
    assert_eq!(model.provenance.settings.optimizer.batch, 4, "nine sentences");
    let predicted = background::predict(&model.tagger, &held_out(project), &stop).unwrap();
    let trained = Trained { number: 1, sentences: 9, predicted };
    let files = |folder: &Path| fs::read_dir(folder.join("models/1")).unwrap().count();
    let whole = folder.path().join("whole");
    models::save(&whole, &model, &trained).unwrap();
    let expected = files(&whole);
    let faults = sweep(
        folder.path(),
        &Fault::ALL,
        |_| (),
        |folder| models::save(folder, &model, &trained).is_ok(),
        |folder, outcome| {
            let found = models::read_all(folder).unwrap();
            assert!(!outcome.is_success || found.len() == 1, "{outcome}");
            if found.is_empty() {
                models::save(folder, &model, &trained).unwrap();
            }
            assert_eq!(
                models::read_all(folder).unwrap(),
                std::slice::from_ref(&trained),
                "{outcome}"
            );
            assert_eq!(files(folder), expected, "{outcome}");
        },
    );
    // Seven files and two folders.
    assert!(faults > 4 * 7 * 5, "{faults}");
}
