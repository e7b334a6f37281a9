//! The same settings give the same bytes.

use crate::common::Sandbox;

/// The bytes to compare of a training.
fn bytes(sandbox: &Sandbox, folder: &str) -> [Vec<u8>; 2] {
    ["model.safetensors", "gleaner.json"].map(|f| sandbox.read(&format!("{folder}/{f}")))
}

#[test]
fn the_same_seed_and_threads_give_the_same_bytes() {
    let sandbox = Sandbox::with_data();
    for (name, options) in [("a", ""), ("b", ""), ("c", "--seed 43")] {
        sandbox.train(name, &format!("--data data {options}"));
    }
    assert!(bytes(&sandbox, "a") == bytes(&sandbox, "b"));
    assert!(bytes(&sandbox, "a")[0] != bytes(&sandbox, "c")[0]);
}

#[test]
fn every_random_choice_depends_on_the_seed() {
    // Without shuffling and dropout only the head's initial values are random.
    let sandbox = Sandbox::with_data();
    let start =
        "--data data --epochs 1 --rate-encoder 0 --rate-lstm 0 --rate-linear 0 --rate-crf 0";
    for (name, seed) in [("a", 1), ("b", 1), ("c", 2)] {
        sandbox.train(name, &format!("{start} --seed {seed}"));
    }
    assert!(bytes(&sandbox, "a") == bytes(&sandbox, "b"));
    assert!(bytes(&sandbox, "a")[0] != bytes(&sandbox, "c")[0]);
}

#[test]
fn the_manifest_repeats_the_training() {
    let sandbox = Sandbox::with_data();
    let options = "--data data --seed 9 --head crf --piece-labels all --map PER=PERSON --map *=O";
    sandbox.train("first", options);
    sandbox.run("train --config first/gleaner.json --out again");
    assert!(bytes(&sandbox, "first") == bytes(&sandbox, "again"));
    // Options override the file.
    sandbox.run("train --config first/gleaner.json --seed 10 --out other");
    assert!(bytes(&sandbox, "first")[0] != bytes(&sandbox, "other")[0]);
    assert_eq!(sandbox.json("other/gleaner.json")["settings"]["head"], "crf");
}

#[test]
fn a_settings_file_and_options_give_the_same_training() {
    let sandbox = Sandbox::with_data();
    let options = "--data data --seed 3 --head linear --map PER=PERSON --map *=O";
    sandbox.train("options", options);
    let saved = sandbox.json("options/gleaner.json")["settings"].clone();
    let table: serde_json::Map<_, _> =
        saved.as_object().unwrap().clone().into_iter().filter(|(_, v)| !v.is_null()).collect();
    sandbox.write("run.toml", toml::to_string(&table).unwrap());
    sandbox.run("train --config run.toml --out file");
    assert!(bytes(&sandbox, "options") == bytes(&sandbox, "file"));
}
