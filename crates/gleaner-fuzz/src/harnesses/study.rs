//! What a study keeps on disk: records and predictions of runs, chosen sentences, and fingerprints of texts.

use super::support::{file, folder, without};
use gleaner_report::study::{html, plots};
use gleaner_study::{
    Failure, NoHub, Options, Plan, Prediction, Progress, Results, Study, gather, run,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use tempfile::TempDir;

/// A baseline, and simulated annotation in two orders.
const STUDY: &str = r#"
encoder = "sample:tiny"
seeds = [1]
threads = 1
[settings]
epochs = 1
batch = 8
lstm-units = 4
lstm-layers = 1
resamples = 10
[languages.af]
data = "af"
[experiments.active]
strategies = ["margin"]
start = 6
step = 6
to = 12
"#;

/// A study whose runs are finished.
struct Made {
    study: Study,
    plan: Plan,
    results: Results,
    _folder: TempDir,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("af");
        fs::create_dir(&data).expect("a folder");
        let parts = gleaner_sample::target();
        for (name, part) in
            [("train", &parts.train[..20]), ("dev", &parts.dev[..6]), ("test", &parts.test[..8])]
        {
            let text = gleaner_sample::to_conll(part);
            fs::write(data.join(format!("{name}.conll")), text).expect("a file");
        }
        let study = Study::parse(&folder.path().join("study.toml"), STUDY).expect("a study");
        let results = Results::new(&folder.path().join("results"));
        let plan = Plan::new(&study, &results, &NoHub).expect("a plan");
        let options = Options {
            jobs: 1,
            threads: 1,
            wanted: plan.select(None).expect("runs"),
            fail_fast: true,
            keep_models: false,
            keep_words: true,
            stop: Arc::default(),
        };
        let outcome = run(&plan, &results, &options, &|_: &Progress| ()).expect("a folder");
        assert_eq!((outcome.done, outcome.failed.len()), (plan.runs.len(), 0), "runs");
        Made { study, plan, results, _folder: folder }
    })
}

/// The path of a file of the run at a position in the plan.
fn path(at: usize, name: &str) -> PathBuf {
    let Made { plan, results, .. } = made();
    results.run(&plan.runs[at % plan.runs.len()].id).path().join(name)
}

/// A file with the byte that chooses it.
fn seed(choice: usize, path: &Path) -> Vec<u8> {
    [&[choice as u8][..], &fs::read(path).expect("a file")].concat()
}

/// The files of a run that the first byte of an input chooses from.
const OF_RUN: [&str; 3] = ["run.json", "test.jsonl", "failed.json"];

pub(super) fn record_seeds() -> Vec<Vec<u8>> {
    let failure = Failure { name: "a".to_owned(), attempts: 2, error: "no space".to_owned() };
    let failure = serde_json::to_vec(&failure).expect("plain data");
    let own = |choice: usize| seed(choice, &path(0, OF_RUN[choice]));
    vec![own(0), own(1), [&[2][..], &failure].concat()]
}

/// The record, the predictions or the failure of a run. What is accepted and written again is read back equal.
pub(super) fn records(input: &[u8]) -> Result<(), String> {
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let name = OF_RUN[usize::from(*choice) % OF_RUN.len()];
    let id = &made().plan.runs[0].id;
    let folder = Results::new(&file("records", "results")).run(id);
    fs::create_dir_all(folder.path()).expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("a file");
    };
    for own in &OF_RUN[..2] {
        write(own, &fs::read(path(0, own)).expect("a file"));
    }
    write(name, bytes);
    match name {
        "run.json" => {
            let record = folder.record().map_err(|e| e.to_string())?;
            assert_eq!(record.id, *id, "the record of another run");
            let text = serde_json::to_string(&record).expect("plain data");
            write(name, text.as_bytes());
            let again = folder.record().expect("what was written");
            assert_eq!(serde_json::to_string(&again).expect("plain data"), text);
        }
        "test.jsonl" => {
            let found = folder.predictions().map_err(|e| e.to_string())?;
            let line = |one: &Prediction| serde_json::to_string(one).expect("plain data") + "\n";
            write(name, found.iter().map(line).collect::<String>().as_bytes());
            assert_eq!(folder.predictions().expect("what was written"), found);
        }
        _ => {
            let failure = folder.failure().ok_or("no failure in it")?;
            write(name, &serde_json::to_vec(&failure).expect("plain data"));
            assert_eq!(folder.failure(), Some(failure));
        }
    }
    Ok(())
}

/// The files of results that the first byte of an input chooses from, after the run that they belong to.
const OF_RESULTS: [&str; 4] = ["run.json", "test.jsonl", "annotated.json", "time.json"];

pub(super) fn gathered_seeds() -> Vec<Vec<u8>> {
    let last = made().plan.runs.len() - 1;
    let own = |at: usize, choice: usize| {
        seed(choice + OF_RESULTS.len() * at, &path(at, OF_RESULTS[choice]))
    };
    vec![own(0, 0), own(last, 0), own(0, 1), own(last, 1), own(last, 2), own(0, 3)]
}

/// A file that gets its contents back.
struct Borrowed {
    path: PathBuf,
    own: Option<Vec<u8>>,
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let _ = match &self.own {
            Some(bytes) => fs::write(&self.path, bytes),
            None => fs::remove_file(&self.path),
        };
    }
}

/// Gathers the results of a study of which one file has other bytes, and makes the report and its plots of them.
pub(super) fn gathered(input: &[u8]) -> Result<(), String> {
    let Made { study, plan, results, .. } = made();
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let choice = usize::from(*choice);
    let path = path(choice / OF_RESULTS.len(), OF_RESULTS[choice % OF_RESULTS.len()]);
    let _borrowed = Borrowed { own: fs::read(&path).ok(), path: path.clone() };
    fs::write(&path, bytes).expect("a file");
    plan.estimate(&[0], results, 1, true);
    let data = gather(study, plan, results).map_err(|e| e.to_string())?;
    assert!(html(&data).contains("</html>"));
    assert!(plots(&data).iter().all(|plot| plot.svg.contains("</svg>")));
    Ok(())
}

pub(super) fn fingerprint_seeds() -> Vec<Vec<u8>> {
    vec![fs::read(made().results.path().join("fingerprints.json")).expect("a file")]
}

/// Plans a study from fingerprints that an earlier start kept. Those that cannot be read change nothing.
pub(super) fn fingerprints(input: &[u8]) -> Result<(), String> {
    let Made { study, plan, .. } = made();
    let folder = folder();
    fs::write(folder.path().join("fingerprints.json"), input).expect("a file");
    let results = Results::new(folder.path());
    let found = Plan::new(study, &results, &NoHub).map_err(|e| without(&folder, e))?;
    if serde_json::from_slice::<Value>(input).is_err() {
        let ids = |plan: &Plan| plan.runs.iter().map(|run| run.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&found), ids(plan));
    }
    let wanted = found.select(None).map_err(|e| e.to_string())?;
    found.estimate(&wanted, &results, 1, true);
    Ok(())
}
