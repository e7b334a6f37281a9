//! The files of annotation projects and of audits, and what models predicted in projects.

use super::support::{file, sentences};
use gleaner_annotate::{
    Action, Answer, Entry, NewProject, Part, Project, Proposal, Service, Session, Span, Text,
    audit::{Audit, audited_files, doubts, types},
    corrected, patch,
};
use gleaner_corpus::{
    Corpus, Format, Offsets, ReadOptions, Sentence, audit::DataSet, read_bytes, write,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// The folders of a project, of an audit, and of a project with a model.
struct Made {
    project: PathBuf,
    audit: PathBuf,
    trained: PathBuf,
    _folder: TempDir,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        let place = |name: &str| folder.path().join(name);
        let (project, audit, trained) = (place("project"), place("audit"), place("trained"));
        make_project(&project);
        make_audit(&place("corpus"), &audit);
        train(&trained);
        Made { project, audit, trained, _folder: folder }
    })
}

/// The folder of a project whose journal has every action.
pub(super) fn example() -> &'static Path {
    &made().project
}

/// An answer with persons at these words.
fn answer(annotator: &str, id: usize, action: Action, spans: &[(usize, usize)]) -> Answer {
    let span = |&(start, end)| Span { start, end, entity_type: "PER".to_owned() };
    Answer { annotator: annotator.to_owned(), id, action, spans: spans.iter().map(span).collect() }
}

/// A project whose journal has every action.
fn make_project(place: &Path) {
    let types = ["PER", "LOC"].map(String::from).to_vec();
    Project::create(place, &NewProject { types, encoder: None }).expect("a project");
    let mut session = Session::open(place).expect("a project");
    session.import("a.conll", &sentences()).expect("sentences");
    let model = Some("1".to_owned());
    let seen = Proposal { spans: answer("a", 0, Action::Accept, &[(0, 1)]).spans, model };
    for (answer, seen) in [
        (answer("a", 0, Action::Accept, &[(0, 2)]), Some(seen)),
        (answer("b", 0, Action::Accept, &[(3, 4), (0, 2)]), None),
        (answer("a", 1, Action::Skip, &[]), None),
        (answer("b", 2, Action::Reject, &[]), None),
    ] {
        session.answer(answer, seen).expect("an answer that fits");
    }
    session.undo("a").expect("an answer to take back");
}

/// An audit of two files, one of which contradicts the other, with an answer.
fn make_audit(corpus: &Path, place: &Path) {
    fs::create_dir(corpus).expect("a folder");
    for (name, tag) in [("train.conll", "B-LOC"), ("test.conll", "I-PER")] {
        let text = format!("Anna\tB-PER\nser\tO\nOslo\t{tag}\n\nDit\tO\nreën\tO\n");
        fs::write(corpus.join(name), text).expect("a file");
    }
    let set = DataSet::read_folder(corpus, &ReadOptions::default()).expect("labelled text");
    let found = doubts(&set, None, &[]);
    let audit = Audit::new(audited_files(&set).expect("files"), found);
    let types = types(&set, &audit.doubts);
    Project::create_audit(place, &types, &set, &audit).expect("an audit");
    let mut session = Session::open(place).expect("an audit");
    let first = audit.doubts[0].id;
    session.answer(answer("a", first, Action::Accept, &[(2, 3)]), None).expect("an answer");
}

/// A project with a model that was trained on its answers.
fn train(place: &Path) {
    let types = ["PER", "LOC", "ORG"].map(String::from).to_vec();
    let encoder = Some("sample:tiny".to_owned());
    Project::create(place, &NewProject { types, encoder }).expect("a project");
    let settings = place.join("project.toml");
    let own = fs::read_to_string(&settings).expect("a file");
    let more = "retrain-every = 10\nrandom-share = 0.3\n[settings]\nepochs = 1\nlstm-units = 4\n\
                lstm-layers = 1\nresamples = 0\n";
    fs::write(&settings, own + more).expect("a file");
    let parts = gleaner_sample::target();
    let sample = &parts.train[..24];
    let words = sample.iter().map(|s| Sentence { words: s.words.clone(), ..Sentence::default() });
    let mut session = Session::open(place).expect("a project");
    session.import("sample.txt", &words.collect::<Vec<_>>()).expect("sentences");
    let training = session.project().settings().training().expect("valid settings");
    let service = Service::start(session, training, Arc::new(|_: &str| ())).expect("a project");
    for (id, sentence) in sample.iter().enumerate() {
        let spans = Span::of_tags(&sentence.tags);
        let answer = Answer { spans, ..answer("a", id, Action::Accept, &[]) };
        service.answer(answer).expect("an answer that fits");
    }
    // A minute is long enough on any machine.
    for _ in 0..6000 {
        if place.join(PREDICTIONS).is_file() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    service.stop();
    assert!(place.join(PREDICTIONS).is_file(), "no model was trained");
}

/// The files that the first byte of an input chooses from, and whether they are those of an audit.
const FILES: [(&str, bool); 6] = [
    ("project.toml", false),
    ("texts.jsonl", false),
    ("journal.jsonl", false),
    ("project.toml", true),
    ("audit.json", true),
    ("journal.jsonl", true),
];

pub(super) fn project_seeds() -> Vec<Vec<u8>> {
    let seed = |(choice, (name, is_audit)): (u8, (&str, bool))| {
        let place = if is_audit { &made().audit } else { &made().project };
        [&[choice][..], &fs::read(place.join(name)).expect("a file")].concat()
    };
    (0..).zip(FILES).map(seed).collect()
}

/// Reads a project of which one file has other bytes. Sentences, answers and doubts that are accepted and written again
/// are read back equal, and so is the corpus that follows from them.
pub(super) fn project(input: &[u8]) -> Result<(), String> {
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let (name, is_audit) = FILES[usize::from(*choice) % FILES.len()];
    let read = |bytes: &[u8]| {
        let folder = file("project", if is_audit { "audit" } else { "project" });
        fs::create_dir_all(&folder).expect("a folder");
        let place = if is_audit { &made().audit } else { &made().project };
        for known in ["project.toml", "texts.jsonl", "journal.jsonl", "audit.json"] {
            if let Ok(own) = fs::read(place.join(known)) {
                fs::write(folder.join(known), own).expect("a file");
            }
        }
        fs::write(folder.join(name), bytes).expect("a file");
        Project::read(&folder).map_err(|e| e.to_string())
    };
    let project = read(bytes)?;
    let again = |text: &str| read(text.as_bytes()).expect("what was written");
    match name {
        "texts.jsonl" => {
            let line = |text: &Text| serde_json::to_string(text).expect("plain data") + "\n";
            let lines: String = project.texts().iter().map(line).collect();
            assert_eq!(again(&lines).texts(), project.texts());
        }
        "journal.jsonl" => {
            let complete = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let line = |line: &[u8]| {
                let entry: Entry = serde_json::from_slice(line).expect("an entry");
                serde_json::to_string(&entry).expect("plain data") + "\n"
            };
            let lines = bytes[..complete].split_inclusive(|byte| *byte == b'\n').map(line);
            assert_eq!(again(&lines.collect::<String>()).state(), project.state());
        }
        "audit.json" => {
            let audit = project.audit().expect("an audit");
            let sum = |sum: usize, file: usize| sum.checked_add(file);
            let sentences = audit.files.iter().map(|file| file.sentences).try_fold(0, sum);
            assert_eq!(sentences, Some(project.texts().len()), "sentences of the files");
            let text = serde_json::to_string(audit).expect("plain data");
            assert_eq!(again(&text).audit(), Some(audit));
        }
        _ => drop(project.settings().training().map_err(|e| e.to_string())?),
    }
    let changes = patch(&project);
    assert!(changes.iter().all(|change| !change.words.is_empty() && change.sentence > 0));
    let parts = [Part::Train, Part::Test].map(|part| project.corpus(part));
    let audited = corrected(&project).into_iter().map(|(_, corpus)| corpus);
    parts.into_iter().chain(audited).for_each(|corpus| export(&corpus));
    Ok(())
}

/// What is exported is read back equal.
fn export(corpus: &Corpus) {
    let mut text = Vec::new();
    write(Format::Jsonl, &mut text, &corpus.sentences, Offsets::Scalar).expect("words with tags");
    if corpus.sentences.is_empty() {
        return;
    }
    let options = ReadOptions { format: Some(Format::Jsonl), ..ReadOptions::default() };
    let back = read_bytes(&text, Path::new("x"), &options)
        .unwrap_or_else(|e| panic!("what is exported is refused: {e}"));
    let words = |sentences: &[Sentence]| -> Vec<Vec<String>> {
        sentences.iter().map(|sentence| sentence.words.clone()).collect()
    };
    assert_eq!(words(&back.sentences), words(&corpus.sentences));
}

/// Where a project keeps what its first model predicted.
const PREDICTIONS: &str = "models/1/held-out.json";

pub(super) fn prediction_seeds() -> Vec<Vec<u8>> {
    vec![fs::read(made().trained.join(PREDICTIONS)).expect("a file")]
}

/// Opens a project with a model, and scores what the model predicted.
pub(super) fn predictions(input: &[u8]) -> Result<(), String> {
    let place = &made().trained;
    fs::write(place.join(PREDICTIONS), input).expect("a file");
    let session = Session::open(place).expect("a project that is not open");
    let service = Service::start(session, None, Arc::new(|_: &str| ()));
    let service = service.map_err(|e| e.to_string())?;
    let progress = service.progress("a");
    service.stop();
    for score in progress.scores {
        assert!((0.0..=1.0).contains(&score.f1) && score.low <= score.high, "{score:?}");
    }
    Ok(())
}
