//! A finished study with other statistics: drawn from stored predictions, without training.

mod common;

use common::{finished, folder};
use gleaner_metrics::{Bootstrap, Evaluation, SeqevalMode};
use gleaner_report::study::StudyData;
use gleaner_study::{Plan, Progress, Results};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

const STUDY: &str = r#"
encoder = "sample:tiny"
seeds = [1, 2]
threads = 2
[settings]
epochs = 1
lstm-units = 8
lstm-layers = 1
resamples = 1000
[languages.af]
data = "af"
[experiments.recipes.longer]
settings = { epochs = 2 }
"#;

/// Runs the study and returns how many runs started, with the gathered data.
fn run_in(folder: &Path, text: &str) -> (Plan, usize, StudyData) {
    let started = AtomicUsize::new(0);
    let (plan, _, data) = finished(folder, text, true, &|progress| {
        if matches!(progress, Progress::Started { .. }) {
            started.fetch_add(1, Ordering::Relaxed);
        }
    });
    (plan, started.into_inner(), data)
}

/// The interval of a baseline, from its stored predictions.
fn interval(folder: &Path, plan: &Plan, seed: u64, resamples: usize) -> (f64, f64) {
    let name = format!("baseline/af/seed{seed}");
    let run = plan.runs.iter().find(|run| run.name == name).unwrap();
    let predictions = Results::new(&folder.join("results")).run(&run.id).predictions().unwrap();
    let mut evaluation = Evaluation::default();
    for p in &predictions {
        evaluation.add(&p.gold, &p.tags).unwrap();
    }
    let bootstrap = Bootstrap { resamples, ..Bootstrap::default() };
    let micro = evaluation.intervals(SeqevalMode::Default, &bootstrap).unwrap().micro_f1;
    (micro.low, micro.high)
}

#[test]
fn more_resamples_need_no_training() {
    let folder = folder([20, 20, 20]);
    let (plan, started, before) = run_in(folder.path(), STUDY);
    assert_eq!(started, 4);
    let record = fs::read_to_string(
        folder.path().join("results/runs").join(&plan.runs[0].id).join("run.json"),
    );
    assert!(!record.unwrap().contains("intervals"), "records keep scores, not statistics");

    let (again, started, after) =
        run_in(folder.path(), &STUDY.replace("resamples = 1000", "resamples = 10000"));
    assert_eq!(started, 0, "nothing is trained again");
    let ids = |plan: &Plan| plan.runs.iter().map(|run| run.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&plan));
    let all: Vec<usize> = (0..again.runs.len()).collect();
    let results = Results::new(&folder.path().join("results"));
    assert_eq!(again.again(&all, &results), [0; 0]);
    for (data, resamples) in [(&before, 1000), (&after, 10000)] {
        assert_eq!(data.resamples, Some(resamples));
        for row in &data.baseline {
            let expected = interval(folder.path(), &plan, row.seed, resamples);
            assert_eq!(row.scores.test_interval, Some(expected));
        }
    }
    assert_ne!(before.baseline, after.baseline);
}
