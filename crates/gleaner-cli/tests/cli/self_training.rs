//! Settings of self-training.

use crate::common::{Sandbox, kill_after, tagger, training};
use serde_json::{Value, json};

/// Labels the pool after every epoch from the second on.
const EASY: &str = "--data data --pool sample:af --pool-limit 60 --delay 0 --quantile 0.1 --entropy 5 --epochs 4 \
                    --rate-encoder 1e-4 --rate-lstm 1e-3 --checkpoint-seconds 0";

/// Settings that start from a tagger that finds names.
fn easy(more: &str) -> String {
    format!("{EASY} --start {} {more}", tagger().display())
}

fn history(sandbox: &Sandbox, folder: &str) -> Vec<Value> {
    sandbox.json(&format!("{folder}/gleaner.json"))["history"].as_array().unwrap().clone()
}

/// The labelling round of every epoch; null for an epoch without one.
fn rounds(sandbox: &Sandbox, folder: &str) -> Vec<Value> {
    history(sandbox, folder).iter().map(|e| e["round"].clone()).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

fn weights(sandbox: &Sandbox, folder: &str) -> Vec<u8> {
    sandbox.read(&format!("{folder}/model.safetensors"))
}

#[test]
fn calibrated_spans_are_added_from_the_limit_sure_on() {
    let sandbox = Sandbox::with_data();
    let (_, err) = sandbox.train("out", &easy("--confidence spans --sure 0.6"));
    let rounds = rounds(&sandbox, "out");
    let added = rounds[1]["added-confidence"].as_array().unwrap();
    assert!(!added.is_empty() && added.len() < 60);
    assert!(added.iter().all(|c| number(c) >= 0.6), "{added:?}");
    assert_eq!(rounds[1]["threshold"], 0.6);
    assert!(number(&rounds[1]["temperature"]) > 0.0);
    let types = rounds[1]["types"].as_object().unwrap();
    assert!(types.len() >= 2, "{types:?}");
    let agreement = &rounds[1]["agreement"];
    let entities: f64 = types.values().map(number).sum();
    assert_eq!(number(&agreement["predicted"]), entities);
    assert!(
        err.contains("at temperature ")
            && err.contains("; their entities against the pool's tags: precision "),
        "{err}"
    );
}

#[test]
fn a_pool_with_other_entity_types_is_not_compared_and_a_note_says_so() {
    let sandbox = Sandbox::with_data();
    let pool = gleaner_sample::to_conll(&gleaner_sample::target().train[60..90]);
    sandbox.write("pool.conll", pool.replace("-LOC", "-GPE"));
    let args =
        easy("--pool pool.conll --pool-limit 9").replace("--pool sample:af --pool-limit 60", "");
    let note = "note: the pool's own tags are not compared with the predicted ones, because the tagger lacks their types GPE;";
    let of = |folder: &str, more: &str| {
        let (_, err) = sandbox.train(folder, &format!("{args} {more}"));
        (err.contains(note), rounds(&sandbox, folder)[1]["agreement"].is_null())
    };
    assert_eq!(of("strange", ""), (true, true));
    sandbox.write("map.toml", "[pool-map]\nGPE = \"LOC\"\nPER = \"PER\"\nORG = \"ORG\"\n");
    assert_eq!(of("mapped", "--config map.toml"), (false, false));
}

#[test]
fn a_type_cap_limits_the_most_frequent_type() {
    let sandbox = Sandbox::with_data();
    let of = |folder: &str, cap: &str| {
        let more = format!("--confidence spans --sure 0.3 --rounds 1 --type-cap {cap}");
        sandbox.train(folder, &easy(&more));
        rounds(&sandbox, folder)[1].clone()
    };
    let (all, capped) = (of("all", "1"), of("capped", "0.34"));
    assert!(number(&capped["added"]) < number(&all["added"]), "{all} {capped}");
    // Only sentences of frequent types are dropped: the rarest type keeps all of its entities.
    let entities = |round: &Value| -> Vec<f64> {
        let mut counts: Vec<f64> =
            round["types"].as_object().unwrap().values().map(number).collect();
        counts.sort_by(f64::total_cmp);
        counts
    };
    let (all, capped) = (entities(&all), entities(&capped));
    assert_eq!(all[0], capped[0]);
    assert!(capped.iter().sum::<f64>() < all.iter().sum::<f64>(), "{all:?} {capped:?}");
}

#[test]
fn partial_labels_keep_sentences_and_leave_words_unlabelled() {
    let sandbox = Sandbox::with_data();
    let of = |folder: &str, more: &str| {
        sandbox.train(folder, &easy(&format!("--confidence spans --sure 0.8 --rounds 1 {more}")));
        rounds(&sandbox, folder)[1].clone()
    };
    let (partial, drop) = (of("partial", "--unsure partial"), of("drop", ""));
    assert!(number(&partial["added"]) > number(&drop["added"]), "{partial} {drop}");
    assert!(number(&partial["unsure-words"]) > 0.0);
    assert_eq!(drop["unsure-words"], 0);
}

#[test]
fn every_setting_changes_the_model_only_after_the_first_labelling() {
    let sandbox = Sandbox::with_data();
    sandbox.train("plain", &easy(""));
    let plain = history(&sandbox, "plain");
    let knobs = ["--targets soft", "--pool-weight 0.3", "--gold-share 0.5", "--rounds 1"];
    for (i, more) in knobs.into_iter().enumerate() {
        let folder = format!("out{i}");
        sandbox.train(&folder, &easy(more));
        let found = history(&sandbox, &folder);
        assert_eq!(found[0], plain[0], "{more}");
        assert_eq!(found[1], plain[1], "{more}");
        assert_ne!(found[3]["train-loss"], plain[3]["train-loss"], "{more}");
        if more == "--rounds 1" {
            assert!(found[2].get("round").is_none() && plain[2].get("round").is_some());
        }
    }
}

#[test]
fn partial_and_soft_labels_teach_a_linear_head_too() {
    let sandbox = Sandbox::with_data();
    let head =
        "--data data --encoder sample:tiny --head linear --rate-encoder 1e-3 --rate-linear 0.02";
    sandbox.train("teacher", &format!("{head} --epochs 6"));
    for more in ["--targets soft", "--unsure partial --sure 0.5"] {
        let folder = more.split(' ').next_back().unwrap();
        let options = "--data data --head linear --pool sample:af --pool-limit 40 --delay 0 --entropy 9 --quantile 0 --epochs 4";
        sandbox.train(folder, &format!("{options} --start teacher {more}"));
        assert!(number(&rounds(&sandbox, folder)[1]["added"]) > 0.0, "{more}");
        assert!(history(&sandbox, folder).iter().all(|e| number(&e["train-loss"]).is_finite()));
    }
}

/// Three rounds of fresh students.
const FRESH: &str =
    "--student fresh --rounds 2 --epochs 3 --round-epochs 2 --confidence spans --sure 0.5";

fn fresh(more: &str) -> String {
    easy(&format!("{FRESH} {more}")).replacen("--epochs 4 ", "", 1)
}

#[test]
fn fresh_students_start_from_the_same_point_and_the_best_is_kept() {
    let sandbox = Sandbox::with_data();
    let (_, err) = sandbox.train("out", &fresh("--select entity-f1"));
    assert!(err.contains("starting student 2 of 2"), "{err}");
    let found = history(&sandbox, "out");
    assert_eq!(found.len(), 3 + 2 + 2);
    let labelled: Vec<bool> = found.iter().map(|e| e.get("round").is_some()).collect();
    assert_eq!(labelled, [false, false, true, false, true, false, false]);
    let best = number(&sandbox.json("out/gleaner.json")["best-epoch"]) as usize;
    let f1 = |e: &Value| number(&e["dev-f1"]);
    let highest = found.iter().map(f1).fold(0.0, f64::max);
    assert_eq!(f1(&found[best - 1]), highest);
    assert!(found[..best - 1].iter().all(|e| f1(e) < highest));
    let saved = sandbox.json("out/gleaner.json");
    assert_eq!(number(&saved["dev"]["entities"]["micro"]["f1"]), highest);
    // A student at zero rates shows its initial state.
    let still = "--rate-encoder 0 --rate-lstm 0 --rate-linear 0 --rate-crf 0";
    let options = fresh(still).replace("--rate-encoder 1e-4 --rate-lstm 1e-3 ", "");
    sandbox.train("still", &options);
    let still = history(&sandbox, "still");
    assert!(still.iter().all(|e| e["dev-loss"] == still[0]["dev-loss"]), "{still:?}");
    // The first round equals a training without a pool.
    let alone = format!(
        "--data data --start {} --epochs 3 --rate-encoder 1e-4 --rate-lstm 1e-3",
        tagger().display()
    );
    sandbox.train("alone", &alone);
    let numbers = |e: &Value| ["train-loss", "dev-loss"].map(|k| e[k].clone());
    let of = |h: &[Value]| h.iter().map(numbers).collect::<Vec<_>>();
    assert_eq!(of(&history(&sandbox, "alone")), of(&found[..3]));
}

#[test]
fn rounds_end_where_nothing_is_added() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", &fresh("").replace("--sure 0.5", "--sure 1"));
    let found = history(&sandbox, "out");
    assert_eq!((found.len(), found[2]["round"]["added"].clone()), (3, json!(0)));
}

#[test]
fn the_last_epoch_is_kept_with_select_last() {
    let sandbox = Sandbox::with_data();
    // With tiny steps the F1 on dev is constant, so the first epoch is the best.
    let rates = "--rate-encoder 1e-6 --rate-lstm 1e-6 --rate-linear 1e-6 --rate-crf 1e-6";
    let base = format!("--data data --start {} --epochs 4 {rates}", tagger().display());
    let (out, err) = sandbox.train("last", &base);
    assert!(out.contains("Kept: epoch 4 of 4, the last."), "{out}");
    let (averaged, _) = sandbox.train("averaged", &format!("{base} --average 2"));
    assert!(averaged.contains("Kept: the average of epochs 3 to 4 of 4."), "{averaged}");
    assert!(!err.contains("best so far"), "{err}");
    sandbox.train("best", &format!("{base} --select entity-f1"));
    let found = history(&sandbox, "last");
    assert_eq!(found, history(&sandbox, "best"));
    assert_eq!(sandbox.json("best/gleaner.json")["best-epoch"], 1);
    assert!(weights(&sandbox, "best") != weights(&sandbox, "last"));
    let saved = sandbox.json("last/gleaner.json");
    assert_eq!(saved["best-epoch"], 4);
    assert_eq!(saved["dev"]["entities"]["micro"]["f1"], found[3]["dev-f1"]);
    // An average replaces it whatever its score on dev.
    sandbox.train("average", &format!("{base} --average 2"));
    let saved = sandbox.json("average/gleaner.json");
    assert_eq!((&saved["averaged"], &saved["best-epoch"]), (&json!(2), &json!(4)));
    // With fresh students it is the last student's.
    let (_, err) = sandbox.train("fresh", &fresh(""));
    assert!(err.contains("starting student 2 of 2"), "{err}");
    assert_eq!(sandbox.json("fresh/gleaner.json")["best-epoch"], 7);
}

#[test]
fn an_average_of_the_last_epochs_is_kept_if_it_is_no_worse() {
    let sandbox = Sandbox::with_data();
    let base = format!(
        "--data data --start {} --epochs 4 --select entity-f1 --checkpoint-seconds 0 --rate-encoder 1e-4 --rate-lstm 1e-3",
        tagger().display()
    );
    let (_, err) = sandbox.train("out", &format!("{base} --average 3"));
    sandbox.train("plain", &base);
    assert_eq!(history(&sandbox, "out"), history(&sandbox, "plain"));
    let saved = sandbox.json("out/gleaner.json");
    let dev = number(&saved["dev"]["entities"]["micro"]["f1"]);
    let best = history(&sandbox, "out").iter().map(|e| number(&e["dev-f1"])).fold(0.0, f64::max);
    match saved.get("averaged") {
        Some(epochs) => {
            assert_eq!((epochs.clone(), saved["best-epoch"].clone()), (json!(3), json!(4)));
            assert!(dev >= best, "{dev} {best}");
            assert!(weights(&sandbox, "out") != weights(&sandbox, "plain"));
            assert!(err.contains("average of the last 3 epochs: dev F1 "), "{err}");
        }
        None => {
            assert_eq!(dev, best);
            assert!(weights(&sandbox, "out") == weights(&sandbox, "plain"));
            assert!(err.contains("worse than the best epoch"), "{err}");
        }
    }
    // At zero rates the average equals the last state.
    let still = base.replace("--rate-encoder 1e-4 --rate-lstm 1e-3", "")
        + " --rate-encoder 0 --rate-lstm 0 --rate-linear 0 --rate-crf 0";
    sandbox.train("still", &format!("{still} --average 3"));
    sandbox.train("still-plain", &still);
    assert_eq!(sandbox.json("still/gleaner.json")["averaged"], 3);
    assert!(weights(&sandbox, "still") == weights(&sandbox, "still-plain"));
}

#[test]
fn killed_and_resumed_equals_uninterrupted_with_every_kind_of_state() {
    let sandbox = Sandbox::with_data();
    for (name, settings, kills) in [
        // Lines: start, taken over, three epochs, averaged, labelled, student, two epochs, ...
        (
            "fresh",
            fresh("--select entity-f1 --targets soft --average 2 --gold-share 0.3"),
            &[5, 8, 9, 11, 13][..],
        ),
        ("partial", easy("--unsure partial --sure 0.8 --rounds 1 --average 2"), &[5, 6]),
        ("soft", easy("--targets soft --additions append --pool-weight 0.5"), &[5, 7]),
    ] {
        let whole = format!("{name}-whole");
        sandbox.train(&whole, &settings);
        for &lines in kills {
            kill_after(&sandbox, &training("out", &settings), lines);
            assert!(!sandbox.path("out/gleaner.json").exists(), "{name}: over after {lines} lines");
            sandbox.train("out", &format!("{settings} --resume"));
            for file in ["model.safetensors", "gleaner.json"] {
                let same = sandbox.read(&format!("out/{file}"))
                    == sandbox.read(&format!("{whole}/{file}"));
                assert!(same, "{name}: {file} after {lines} lines");
            }
            std::fs::remove_dir_all(sandbox.path("out")).unwrap();
        }
    }
}
