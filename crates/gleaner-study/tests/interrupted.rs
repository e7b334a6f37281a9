//! A study that is stopped, or whose disk fails, ends with the same results once it is run again.

use gleaner_base::files::faults::{Fault, sweep};
use gleaner_study::{
    NoHub, Options, Outcome, Plan, Progress, Results, Study, StudyError, run, write_tables,
};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tempfile::TempDir;

/// A study of one run.
const BASELINE: &str = r#"
encoder = "sample:tiny"
seeds = [1]
threads = 1
[settings]
epochs = 1
lstm-units = 4
lstm-layers = 1
freeze = "3"
[languages.af]
data = "af"
"#;

/// A study of three runs, one of which scores the model of another.
const ZERO_SHOT: &str = r#"
encoder = "sample:tiny"
seeds = [1]
threads = 1
pairs = ["af <- nl"]
[settings]
epochs = 1
lstm-units = 4
lstm-layers = 1
[languages.af]
data = "af"
[languages.nl]
data = "nl"
[experiments.zero-shot]
factors = [1]
"#;

/// A study of four runs, one of which is trained on sentences that the model of another chooses.
const ACTIVE: &str = r#"
encoder = "sample:tiny"
seeds = [1]
threads = 1
[settings]
epochs = 1
batch = 2
lstm-units = 4
lstm-layers = 1
[languages.af]
data = "af"
[experiments.active]
strategies = ["diverse"]
start = 4
step = 4
to = 8
"#;

/// A study of five runs: two members, their ensemble, and a model that learns from it.
const MEMBERS: &str = r#"
encoder = "sample:tiny"
seeds = [1]
threads = 1
[settings]
epochs = 1
batch = 4
lstm-units = 4
lstm-layers = 1
[languages.af]
data = "af"
[experiments.recipes.two]
members = 2
distil = true
"#;

/// A temporary folder, in memory where the system has such a place: a sweep makes and removes thousands of files.
fn temporary() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

/// A folder with the texts of the studies.
fn folder() -> TempDir {
    let folder = temporary();
    let (target, source) = (gleaner_sample::target(), gleaner_sample::source());
    for (language, text) in [("af", &target.train), ("nl", &source)] {
        fs::create_dir(folder.path().join(language)).unwrap();
        for (part, range) in [("train", 0..12), ("dev", 12..16), ("test", 16..20)] {
            let text = gleaner_sample::to_conll(&text[range]);
            fs::write(folder.path().join(language).join(format!("{part}.conll")), text).unwrap();
        }
    }
    folder
}

/// Does the runs of a study.
fn study(
    text: &str,
    texts: &Path,
    results: &Path,
    stop: &Arc<AtomicBool>,
    observer: &(dyn Fn(&Progress) + Sync),
) -> Result<Outcome, StudyError> {
    let study = Study::parse(&texts.join("study.toml"), text)?;
    let results = Results::claim(results)?;
    let plan = Plan::new(&study, &results, &NoHub)?;
    let options = Options {
        jobs: 1,
        threads: 1,
        wanted: plan.select(None)?,
        fail_fast: false,
        keep_models: true,
        keep_words: true,
        stop: Arc::clone(stop),
    };
    run(&plan, &results, &options, observer)
}

/// A study without interruption.
fn whole(text: &str, texts: &Path, results: &Path) -> Outcome {
    study(text, texts, results, &Arc::default(), &|_| ()).unwrap()
}

/// The files below a folder, without those that depend on times or hold nothing.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let below = files(&entry.path());
            found.extend(below.into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else if !["time.json", "lock", "fingerprints.json"].contains(&&*name) {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

fn assert_same(
    found: &BTreeMap<String, Vec<u8>>,
    expected: &BTreeMap<String, Vec<u8>>,
    what: &str,
) {
    let names: Vec<&String> = found.keys().collect();
    assert_eq!(names, expected.keys().collect::<Vec<_>>(), "{what}");
    for (name, bytes) in found {
        assert!(*bytes == expected[name], "{what}: {name}");
    }
}

#[test]
fn a_study_ends_with_the_same_results_after_any_fault() {
    let folder = folder();
    let texts = folder.path();
    let results = texts.join("whole");
    assert_eq!(whole(BASELINE, texts, &results).done, 1);
    let expected = files(&results);
    let work = |place: &Path| {
        let outcome = study(BASELINE, texts, &place.join("results"), &Arc::default(), &|_| ());
        outcome.is_ok_and(|outcome| outcome.done == 1)
    };
    // A short write and a full disk are faults of the door, which its own tests cover.
    let faults = [Fault::Device, Fault::Kill, Fault::PowerCut];
    let struck = sweep(
        texts,
        &faults,
        |_| (),
        work,
        |place, outcome| {
            let (results, what) = (place.join("results"), outcome.to_string());
            if outcome.is_success {
                assert_same(&files(&results), &expected, &what);
            }
            // Whatever has its final name is what an undisturbed study writes.
            let found = if results.exists() { files(&results) } else { BTreeMap::new() };
            for (name, bytes) in &found {
                let is_final = name.ends_with("/run.json") || name.ends_with("/test.jsonl");
                assert!(!is_final || *bytes == expected[name], "{what}: {name}");
            }
            let again = whole(BASELINE, texts, &results);
            assert_eq!((again.done, again.failed), (1, Vec::new()), "{what}");
            assert_same(&files(&results), &expected, &what);
        },
    );
    // The model has six files, the run three.
    assert!(struck > 3 * 9 * 5, "{struck}");
}

#[test]
fn tables_are_all_old_until_all_new_ones_are_complete() {
    let folder = temporary();
    let write = |place: &Path| write_tables(&Default::default(), &Results::new(place)).is_ok();
    let expected = folder.path().join("expected");
    assert!(write(&expected));
    let expected = files(&expected);
    let old = |place: &Path| {
        for name in expected.keys() {
            fs::write(place.join(name), "old").unwrap();
        }
    };
    sweep(folder.path(), &Fault::ALL, old, write, |place, outcome| {
        let found = files(place);
        let mut of_names = expected.iter().map(|(name, new)| (&found[name], new));
        assert!(of_names.all(|(found, new)| found == b"old" || found == new), "{outcome}");
        let new = expected.iter().filter(|(name, new)| found[*name] == **new).count();
        assert!(!outcome.is_success || new == expected.len(), "{outcome}");
        assert!(write(place));
        assert_same(&files(place), &expected, &outcome.to_string());
    });
}

#[test]
fn a_study_that_is_stopped_again_and_again_ends_with_the_same_results() {
    stopped_again_and_again(ZERO_SHOT, 3);
}

#[test]
fn simulated_annotation_that_is_stopped_again_and_again_ends_with_the_same_results() {
    stopped_again_and_again(ACTIVE, 4);
}

#[test]
fn ensembles_of_a_study_that_is_stopped_again_and_again_end_with_the_same_results() {
    stopped_again_and_again(MEMBERS, 5);
}

fn stopped_again_and_again(text: &str, runs: usize) {
    let folder = folder();
    // The same folder both times: models record the paths of those that they start or learn from.
    let (texts, results) = (folder.path(), folder.path().join("results"));
    whole(text, texts, &results);
    let expected = files(&results);
    fs::remove_dir_all(&results).unwrap();
    let resumed = AtomicUsize::new(0);
    let mut stops = 0;
    loop {
        let stop = Arc::<AtomicBool>::default();
        // Every start takes one step.
        let outcome = study(text, texts, &results, &stop, &|progress| {
            let Progress::Training { event, .. } = progress else { return };
            match event {
                gleaner::train::Event::Batch { .. } => stop.store(true, Ordering::Relaxed),
                gleaner::train::Event::Resumed { .. } => {
                    resumed.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            }
        })
        .unwrap();
        assert!(outcome.failed.is_empty(), "a run that is stopped has not failed");
        if !outcome.stopped {
            assert_eq!(outcome.done, runs);
            break;
        }
        stops += 1;
        assert!(stops < 50, "no progress");
    }
    assert!(stops >= 2 && resumed.into_inner() >= 2, "{stops} stops");
    assert_same(&files(&results), &expected, "stopped");
}
