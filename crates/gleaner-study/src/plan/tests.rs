//! The runs of a study, and what their ids depend on.

mod ids;
mod members;
mod reading;
mod recipes;

use super::*;
use crate::source::NoHub;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const STUDY: &str = r#"
protocol = "published"
encoder = "sample:tiny"
seeds = [1, 2]
pairs = ["af <- nl", "xx <- nl"]
[settings]
epochs = 3
[languages.af]
data = "sample:af"
[languages.nl]
data = "sample:nl"
[languages.xx]
data = "xx"
label-map = { PERSON = "PER" }
[experiments.transfer]
factors = [1, 2]
[experiments.zero-shot]
factors = [2]
[experiments.joint]
factors = [1]
[experiments.pseudo]
quantiles = [0.8, 0.9]
repeats = 2
"#;

/// A folder with the data `xx`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("xx")).unwrap();
    let text: String = (0..20).map(|i| format!("Ann{i}\tB-PERSON\nis\tO\n\n")).collect();
    fs::write(folder.path().join("xx/train.conll"), text).unwrap();
    folder
}

fn plan_in(folder: &Path, text: &str) -> Plan {
    let study = Study::parse(&folder.join("study.toml"), text).unwrap();
    Plan::new(&study, &Results::new(&folder.join("results")), &NoHub).unwrap()
}

/// The first two parts of a run's name.
fn kind(name: &str) -> &str {
    let end = name.match_indices('/').nth(1).map_or(name.len(), |(at, _)| at);
    &name[..end]
}

fn ids(plan: &Plan) -> BTreeMap<String, String> {
    plan.runs.iter().map(|r| (r.name.clone(), r.id.clone())).collect()
}

#[test]
fn every_experiment_runs_for_every_pair_and_seed_and_source_models_are_shared() {
    let folder = folder();
    let plan = plan_in(folder.path(), STUDY);
    let count = |kind: &str| plan.runs.iter().filter(|r| r.name.starts_with(kind)).count();
    // 2 seeds, 2 targets, 2 pairs; 2, 1 and 1 factors; 2 quantiles with 2 repetitions.
    assert_eq!(count("baseline/"), 4);
    assert_eq!(count("source/"), 4);
    assert_eq!(count("transfer/"), 8);
    assert_eq!(count("zero-shot/"), 4);
    assert_eq!(count("joint/"), 4);
    assert_eq!(count("pseudo/"), 16);
    let distinct: BTreeSet<&String> = plan.runs.iter().map(|r| &r.id).collect();
    assert_eq!(distinct.len(), plan.runs.len());
}

#[test]
fn a_run_comes_after_the_run_that_it_starts_from() {
    let folder = folder();
    let plan = plan_in(folder.path(), STUDY);
    for (at, run) in plan.runs.iter().enumerate() {
        let needs = run.needs.map(|n| &plan.runs[n]);
        assert!(run.needs.is_none_or(|n| n < at), "{}", run.name);
        let start = needs.map(|n| folder.path().join("results/runs").join(&n.id).join("model"));
        assert_eq!(run.settings.network.start, start, "{}", run.name);
        match &run.task {
            Task::Baseline { .. } | Task::Source { .. } | Task::Joint { .. } => {
                assert!(needs.is_none(), "{}", run.name);
            }
            Task::Curve { .. }
            | Task::Active { .. }
            | Task::Recipe { .. }
            | Task::Member { .. }
            | Task::Ensemble { .. }
            | Task::Distilled { .. } => unreachable!("not in this study"),
            Task::Pseudo { target, .. } => {
                let baseline = Task::Baseline { language: target.clone() };
                assert_eq!((&needs.unwrap().task, needs.unwrap().seed), (&baseline, run.seed));
            }
            Task::FineTune { source, factor, .. } | Task::ZeroShot { source, factor, .. } => {
                let model = Task::Source { languages: vec![source.clone()], factor: *factor };
                assert_eq!((&needs.unwrap().task, needs.unwrap().seed), (&model, run.seed));
            }
        }
    }
}

#[test]
fn settings_follow_the_protocol_of_each_stage() {
    let folder = folder();
    let text = STUDY.replace("epochs = 3", "resamples = 10");
    let plan = plan_in(folder.path(), &text);
    let of = |name: &str| &plan.runs.iter().find(|r| r.name == name).unwrap().settings;
    let epochs = |name: &str| (of(name).optimizer.epochs, of(name).selection.patience);
    assert_eq!(epochs("baseline/xx/seed1"), (20, 5));
    assert_eq!(epochs("source/nl/x2/seed1"), (20, 5));
    assert_eq!(epochs("transfer/xx-nl/x2/seed1"), (15, 3));
    assert_eq!(epochs("pseudo/xx-nl/q0.8/r2/seed1"), (25, 5));
    assert_eq!(of("source/nl/x2/seed1").data.cutoff, Some(480));
    assert_eq!(of("joint/af-nl/x1/seed1").data.join[0].limit, Some(240));
    assert_eq!(of("pseudo/xx-nl/q0.8/r2/seed1").run.seed, 2);
    assert_eq!(of("pseudo/xx-nl/q0.8/r2/seed1").self_training.quantile, 0.8);
}

#[test]
fn a_target_labels_its_own_text_once_for_all_its_sources() {
    let folder = folder();
    let study = STUDY
        .replace("\"xx <- nl\"", "\"af <- xx\"")
        .replace("[experiments.zero-shot]\nfactors = [2]\n", "")
        .replace("data = \"sample:af\"", "data = \"sample:af\"\nunlabelled = [\"sample:af\"]");
    let pseudo = |pool: &str| {
        let plan = plan_in(folder.path(), &study.replace("repeats = 2", pool));
        plan.runs.iter().filter(|run| run.name.starts_with("pseudo/")).count()
    };
    // 2 quantiles with 2 seeds.
    assert_eq!(pseudo("pool = \"target\""), 4);
    assert_eq!(pseudo("pool = \"source\""), 8);
}

#[test]
fn fingerprints_are_cached_and_updated_when_files_change() {
    let folder = folder();
    fs::create_dir(folder.path().join("results")).unwrap();
    let before = ids(&plan_in(folder.path(), STUDY));
    let cache = folder.path().join("results/fingerprints.json");
    assert!(fs::read_to_string(&cache).unwrap().contains("train.conll"));
    assert_eq!(ids(&plan_in(folder.path(), STUDY)), before);
    let file = folder.path().join("xx/train.conll");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "Bob\tB-PERSON\n").unwrap();
    assert_ne!(ids(&plan_in(folder.path(), STUDY)), before);
    fs::write(&cache, "{ not json").unwrap();
    assert_eq!(plan_in(folder.path(), STUDY).runs.len(), before.len());
}
