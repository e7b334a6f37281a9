//! A study that is stopped, or whose disk fails, ends with the same results once it is run again.

mod faults;
mod stops;

use gleaner_study::{NoHub, Options, Outcome, Plan, Progress, Results, Study, StudyError, run};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};
use tempfile::TempDir;

/// A study of `af` with more keys at its top, more settings, and more languages and experiments.
macro_rules! study {
    ($top:literal, $settings:literal, $more:literal) => {
        concat!(
            "encoder = \"sample:tiny\"\nseeds = [1]\nthreads = 1\n",
            $top,
            "[settings]\nepochs = 1\nlstm-units = 4\nlstm-layers = 1\n",
            $settings,
            "[languages.af]\ndata = \"af\"\n",
            $more
        )
    };
}

/// A study of one run.
const BASELINE: &str = study!("", "freeze = \"3\"\n", "");

/// A study of four runs, two of which use the model of another: one starts from it, one scores it.
const TRANSFER: &str = study!(
    "pairs = [\"af <- nl\"]\n",
    "freeze = \"3\"\n",
    r#"
[languages.nl]
data = "nl"
[experiments.transfer]
factors = [1]
[experiments.zero-shot]
factors = [1]
"#
);

/// A study of four runs, one of which is trained on sentences that the model of another chooses.
const ACTIVE: &str = study!(
    "",
    "batch = 2\n",
    r#"
[experiments.active]
strategies = ["diverse"]
start = 4
step = 4
to = 8
"#
);

/// A study of five runs: two members, their ensemble, and a model that learns from it.
const MEMBERS: &str = study!(
    "",
    "batch = 4\n",
    r#"
[experiments.recipes.two]
members = 2
distil = true
"#
);

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

/// The files below a folder, without those that depend on times, and without locks and the mark of an ensemble that is
/// being written, whose removal a power cut may undo.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let below = files(&entry.path());
            found.extend(below.into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else if !["time.json", "lock", "fingerprints.json", "unfinished"].contains(&&*name) {
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
