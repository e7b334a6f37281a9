//! Simulated annotation: what is planned, which sentences are chosen, and what is said of it.

mod common;

use common::{finished, folder, plan};
use gleaner::{
    Dataset, Ensemble, Sentence,
    active::{Order, Query, next, random},
};
use gleaner_study::{Plan, Results, Run, Study, Task, gather, write_tables};
use insta::assert_snapshot;
use std::{collections::BTreeMap, fs};

/// Numbers of sentences below that of the training text, 40, and beyond.
const STUDY: &str = r#"
encoder = "sample:tiny"
seeds = [1, 2]
threads = 2
[settings]
epochs = 4
batch = 4
lstm-units = 8
lstm-layers = 1
rate-encoder = 1e-3
resamples = 200
[languages.af]
data = "af"
[experiments.active]
strategies = ["margin", "diverse"]
start = 10
step = 12
to = 46
"#;

/// Every run with the one that it needs.
fn chains(plan: &Plan) -> String {
    let line = |run: &Run| {
        let after = run.needs.map(|at| format!(" after {}", plan.runs[at].name));
        run.name.clone() + &after.unwrap_or_default()
    };
    plan.runs.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn ids(plan: &Plan) -> BTreeMap<String, String> {
    plan.runs.iter().map(|run| (run.name.clone(), run.id.clone())).collect()
}

#[test]
fn every_order_starts_with_the_same_sentences_and_goes_on_with_its_own() {
    let folder = folder([40, 15, 30]);
    let one = STUDY.replace("[1, 2]", "[1]");
    assert_snapshot!(chains(&plan(folder.path(), &one).1), @r"
    baseline/af/seed1
    active/af/random/n10/seed1
    active/af/random/n22/seed1
    active/af/random/n34/seed1
    active/af/margin/n22/seed1 after active/af/random/n10/seed1
    active/af/margin/n34/seed1 after active/af/margin/n22/seed1
    active/af/diverse/n22/seed1 after active/af/random/n10/seed1
    active/af/diverse/n34/seed1 after active/af/diverse/n22/seed1
    ");
    // Folds have chains of their own. Their training parts have at most 34 sentences: the baseline is the last point.
    let folds = one.replace("seeds", "folds = 2\nseeds").replace(", \"diverse\"", "");
    assert_snapshot!(chains(&plan(folder.path(), &folds).1), @r"
    baseline/af/fold1/seed1
    baseline/af/fold2/seed1
    active/af/random/n10/fold1/seed1
    active/af/random/n22/fold1/seed1
    active/af/margin/n22/fold1/seed1 after active/af/random/n10/fold1/seed1
    active/af/random/n10/fold2/seed1
    active/af/random/n22/fold2/seed1
    active/af/margin/n22/fold2/seed1 after active/af/random/n10/fold2/seed1
    ");
}

#[test]
fn ids_depend_on_what_was_chosen_before() {
    let folder = folder([40, 15, 30]);
    let before = ids(&plan(folder.path(), STUDY).1);
    let changed = |old: &str, new: &str| {
        let after = ids(&plan(folder.path(), &STUDY.replace(old, new)).1);
        let common = before.iter().filter(|(name, _)| after.contains_key(*name));
        let changed = common.filter(|(name, id)| after[*name] != **id);
        changed.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    // More sentences or orders only add runs.
    assert_eq!(changed("to = 46", "to = 39"), [""; 0]);
    assert_eq!(changed(", \"diverse\"", ""), [""; 0]);
    // With another step, the same size has other sentences, unless they are random.
    let orders = ["diverse", "margin"];
    let expected =
        orders.map(|order| [1, 2].map(|seed| format!("active/af/{order}/n34/seed{seed}")));
    assert_eq!(changed("step = 12", "step = 24"), expected.concat());
}

/// The positions of a run's sentences, in the order of annotation.
fn annotated(results: &Results, run: &Run) -> Vec<usize> {
    let text = fs::read_to_string(results.run(&run.id).path().join("annotated.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(json["sentences"].clone()).unwrap()
}

#[test]
fn a_simulation_chooses_by_the_model_before_and_is_compared_with_random_order() {
    let folder = folder([40, 15, 30]);
    let (plan, results, data) = finished(folder.path(), STUDY, true, &|_| ());
    let mut compared = 0;
    for run in &plan.runs {
        let Task::Active { order, size, .. } = run.task else { continue };
        let found = annotated(&results, run);
        let record = results.run(&run.id).record().unwrap();
        assert_eq!((found.len(), record.train_sentences), (size, size), "{}", run.name);
        let note = record.notes.iter().find(|note| note.starts_with("simulated annotation: "));
        assert!(note.unwrap().contains(&format!("{size} of 40 sentences")), "{note:?}");
        let Some(before) = run.needs.map(|at| &plan.runs[at]) else {
            assert_eq!(found, random(40, size, run.seed), "{}", run.name);
            continue;
        };
        let earlier = annotated(&results, before);
        assert_eq!(found[..earlier.len()], earlier, "{}", run.name);
        // What the model of the run before chooses from all other sentences.
        let train = Dataset::load(&run.settings).unwrap().train.sentences;
        let open: Vec<usize> = (0..40).filter(|at| !earlier.contains(at)).collect();
        let pool: Vec<Sentence> = open.iter().map(|&at| train[at].clone()).collect();
        let models = Ensemble::load(results.run(&before.id).model()).unwrap();
        let query = Query { order, take: size - earlier.len(), seed: run.seed };
        let chosen = next(&models, &pool, &query).unwrap();
        let chosen: Vec<usize> = chosen.into_iter().map(|at| open[at]).collect();
        assert_eq!(found[earlier.len()..], chosen, "{}", run.name);
        compared += usize::from(order != Order::Random);
    }
    assert_eq!(compared, 2 * 2 * 2);

    let rows: Vec<(&str, &str, usize)> = data
        .annotation
        .iter()
        .map(|row| (row.language.as_str(), row.order.as_str(), row.points.len()))
        .collect();
    // Three sizes, and the baseline on all sentences.
    assert_eq!(rows, [("af", "random", 4), ("af", "margin", 4), ("af", "diverse", 4)]);
    for row in &data.annotation {
        let sentences: Vec<f64> = row.points.iter().map(|point| point.sentences).collect();
        assert_eq!(sentences, [10.0, 22.0, 34.0, 40.0]);
        assert_eq!((row.points[0].words.is_some(), row.points[3].words), (true, None));
        // All orders begin and end with the same runs.
        let ends = |of: &gleaner_report::study::AnnotationRow| {
            [of.points[0].entity.clone(), of.points[3].entity.clone()]
        };
        assert_eq!(ends(row), ends(&data.annotation[0]));
        assert!(row.reach.share.is_some_and(|share| (0.25..=1.0).contains(&share)), "{row:?}");
        assert!(row.points.iter().all(|p| p.interval.0 <= p.interval.1 && p.entity.len() == 2));
    }
    write_tables(&data, &results).unwrap();
    let table = fs::read_to_string(results.path().join("active_learning.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 1 + 3 * 4);
    assert!(lines[4].starts_with("af,random,40.000000,,2,"), "{table}");
    let summary = fs::read_to_string(results.path().join("summary.md")).unwrap();
    for text in [
        "## Which sentences to annotate first",
        "annotation in margin order",
        "sizes 46 of simulated annotation are skipped: the training part has 40 sentences",
    ] {
        assert!(summary.contains(text), "{text}: {summary}");
    }
    assert!(!summary.contains("those that come first in"), "{summary}");
    assert!(results.path().join("plots/annotation-by-language.svg").is_file());
}

#[test]
fn models_are_deleted_once_the_next_run_has_chosen() {
    let folder = folder([40, 15, 30]);
    let text = STUDY.replace("[1, 2]", "[1]").replace("epochs = 4", "epochs = 1");
    let (plan, results, data) = finished(folder.path(), &text, false, &|_| ());
    assert!(plan.runs.iter().all(|run| !results.run(&run.id).model().exists()));
    assert_eq!(data.annotation.len(), 3);
    // A finished run without its record of sentences is an error that names the file.
    let run = plan.runs.iter().find(|run| run.name == "active/af/margin/n22/seed1").unwrap();
    fs::remove_file(results.run(&run.id).path().join("annotated.json")).unwrap();
    let study = Study::parse(&folder.path().join("study.toml"), &text).unwrap();
    let error = gather(&study, &plan, &results).unwrap_err().to_string();
    assert!(error.contains("annotated.json: no such file; restore"), "{error}");
}
