//! Whole studies of the sample corpus, for several tests.

use gleaner_report::study::StudyData;
use gleaner_study::{NoHub, Options, Plan, Progress, Results, Study, gather, run};
use std::{fs, path::Path, sync::Arc};
use tempfile::TempDir;

/// A folder with the data set `af`: the first sentences of the sample's train, dev and test part, as many of each as
/// `sizes` says.
pub fn folder(sizes: [usize; 3]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("af")).unwrap();
    let parts = gleaner_sample::labelled("af").unwrap();
    let all = [("train", parts.train), ("dev", parts.dev), ("test", parts.test)];
    for ((name, part), size) in all.into_iter().zip(sizes) {
        let text = gleaner_sample::to_conll(&part[..size]);
        fs::write(folder.path().join(format!("af/{name}.conll")), text).unwrap();
    }
    folder
}

/// A study with its runs and its results folder.
pub fn plan(folder: &Path, text: &str) -> (Study, Plan, Results) {
    let study = Study::parse(&folder.join("study.toml"), text).unwrap();
    let results = Results::new(&folder.join("results"));
    let plan = Plan::new(&study, &results, &NoHub).unwrap();
    (study, plan, results)
}

/// Does all runs of a study, and gathers their results.
pub fn finished(
    folder: &Path,
    text: &str,
    keep_models: bool,
    observer: &(dyn Fn(&Progress) + Sync),
) -> (Plan, Results, StudyData) {
    let (study, plan, results) = plan(folder, text);
    let options = Options {
        jobs: 2,
        threads: 2,
        wanted: plan.select(None).unwrap(),
        fail_fast: true,
        keep_models,
        keep_words: true,
        stop: Arc::default(),
    };
    let outcome = run(&plan, &results, &options, observer).unwrap();
    assert_eq!((outcome.done, outcome.failed.len()), (plan.runs.len(), 0));
    let data = gather(&study, &plan, &results).unwrap();
    (plan, results, data)
}
