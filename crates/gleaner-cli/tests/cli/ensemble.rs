//! `gleaner ensemble`, and labelling with what it writes.

use crate::common::{Sandbox, objects, training};
use serde_json::Value;
use std::fs;

/// Settings of a training that finds names.
const STRONG: &str = "--epochs 8 --lstm-units 16 --rate-encoder 1e-3 --rate-lstm 0.02";

/// A sandbox with three taggers, `a`, `b` and `c`, that differ in their seeds.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_data();
    for (seed, name) in ["a", "b", "c"].into_iter().enumerate() {
        let options = format!("--data sample:af --seed {seed} {STRONG}");
        sandbox.run(&training(name, &options));
    }
    sandbox
}

fn f1(sandbox: &Sandbox, model: &str) -> f64 {
    let (out, _) = sandbox.run(&format!("evaluate {model} data/dev.conll --output json"));
    objects(&out)[0]["default"]["report"]["micro"]["f1"].as_f64().unwrap()
}

#[test]
fn members_label_as_one_and_their_folders_are_no_longer_needed() {
    let sandbox = sandbox();
    let (out, err) = sandbox.run("ensemble a b c --dev data/dev.conll --out all --output json");
    assert_eq!(err, "");
    let said = objects(&out).remove(0);
    let members: Vec<f64> =
        said["scores"]["members"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    assert_eq!(members, ["a", "b", "c"].map(|member| f1(&sandbox, member)));

    let saved = sandbox.json("all/ensemble.json");
    assert_eq!((&saved["format"], &saved["share"]), (&1.into(), &0.4.into()));
    assert_eq!(saved["scores"], said["scores"]);
    assert_eq!(
        sandbox.files("all"),
        ["1", "2", "3", "README.md", "ensemble.json", "trained-on.txt"]
    );
    assert_eq!(sandbox.read("all/2/model.safetensors"), sandbox.read("b/model.safetensors"));
    sandbox.says("all/README.md", &["An ensemble of 3", "| member 3 | 0.", "| ensemble | 0."]);
    for member in ["a", "b", "c"] {
        fs::remove_dir_all(sandbox.path(member)).unwrap();
    }
    assert_eq!(f1(&sandbox, "all"), said["scores"]["f1"].as_f64().unwrap());
    let predict = "predict all data/test.conll --format jsonl";
    let (labelled, _) = sandbox.run(predict);
    assert_eq!(sandbox.run(predict).0, labelled);
    let confidences: Vec<f64> = objects(&labelled)
        .iter()
        .flat_map(|sentence| sentence["spans"].as_array().unwrap().clone())
        .map(|entity| entity["confidence"].as_f64().unwrap())
        .collect();
    assert!(!confidences.is_empty());
    assert!(confidences.iter().all(|c| (0.4..=1.0).contains(c)), "{confidences:?}");
}

#[test]
fn equal_members_label_as_each_of_them() {
    let sandbox = Sandbox::with_data();
    sandbox.run(&training("a", &format!("--data sample:af {STRONG}")));
    sandbox.run("ensemble a a --share 0 --out twice");
    let tags =
        |model: &str| sandbox.run(&format!("predict {model} data/test.conll --format conll")).0;
    assert_eq!(tags("twice"), tags("a"));
}

#[test]
fn what_cannot_be_an_ensemble_is_refused_and_nothing_is_written() {
    let sandbox = Sandbox::with_data();
    sandbox.run(&training("a", "--data data"));
    sandbox.run(&training("other", "--data data --map LOC=PLACE --map *=O"));
    let message = sandbox.fails("ensemble a other --dev data --out all", 2);
    assert_eq!(
        message,
        "model 1 knows the types LOC, ORG, PER, but model 2 knows PLACE; use models of the same types"
    );
    assert!(!sandbox.path("all").exists());
    sandbox.write("all/notes.txt", "mine");
    let message = sandbox.fails("ensemble a a --out all", 2);
    assert_eq!(message, "all: the folder is not empty; name a new or empty folder");
    assert_eq!(sandbox.files("all"), ["notes.txt"]);
    let message = sandbox.fails("ensemble a missing --out some", 4);
    assert!(message.starts_with("missing: no such folder"), "{message}");
}

#[test]
fn a_damaged_or_changed_ensemble_is_refused() {
    let sandbox = Sandbox::with_data();
    sandbox.run(&training("a", "--data data"));
    sandbox.run("ensemble a a --out all");
    let saved = sandbox.text("all/ensemble.json");
    let refused = |text: &str| {
        sandbox.write("all/ensemble.json", text);
        sandbox.fails("predict all data/test.conll", 4)
    };
    let end = "make it with `gleaner ensemble`";
    for (from, to, what) in [
        ("\"share\": 0.4", "\"share\": 4", "share: must be a number from 0 to 1"),
        ("\"folder\": \"2\"", "\"folder\": \"../a\"", "`../a` is not the number of a member"),
        ("\"folder\": \"2\"", "\"folder\": \"1\"", "`1` is not the number of a member"),
        ("\"format\": 1", "\"format\": 0", "format 0, but this program reads format 1"),
    ] {
        assert!(saved.contains(from), "{saved}");
        let expected = format!("all/ensemble.json: {what}; {end}");
        assert_eq!(refused(&saved.replace(from, to)), expected);
    }
    assert_eq!(
        refused(&saved.replace("\"format\": 1", "\"format\": 2")),
        "all/ensemble.json: format 2, but this program reads format 1; a newer version of Gleaner wrote it: update Gleaner"
    );
    sandbox.write("all/ensemble.json", &saved);
    let manifest = sandbox.text("all/2/gleaner.json");
    sandbox.write("all/2/gleaner.json", manifest.replacen('\n', "\n ", 1));
    let message = sandbox.fails("predict all data/test.conll", 4);
    assert_eq!(message, format!("all/2: another model than when the ensemble was made; {end}"));
}
