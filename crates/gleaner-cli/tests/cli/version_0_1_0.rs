//! Files of version 0.1.0: settings files, the settings in gleaner.json, and a model folder. All of them
//! were written by that version; `predictions.jsonl` is what its model said about `text.txt`.

use crate::common::{Sandbox, objects};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

/// Keys that are newer, with their value in the preset `published` and in `sound`.
fn newer() -> Vec<(&'static str, Value, Value)> {
    let options = ["format", "labels", "nested", "offsets", "text-field"];
    let mut all = vec![("train-score", true.into(), false.into())];
    all.extend(options.map(|key| (key, Value::Null, Value::Null)));
    for key in ["language", "mentions", "teacher"] {
        all.push((key, json!([]), json!([])));
    }
    all.push(("license", Value::Null, Value::Null));
    all.push(("replace-mentions", 0.0.into(), 0.0.into()));
    all.push(("teacher-share", 0.5.into(), 0.5.into()));
    all.push(("decay-on", "all".into(), "all".into()));
    all.push(("layer-decay", 1.0.into(), 1.0.into()));
    all.push(("r-drop", 0.0.into(), 0.0.into()));
    all.push(("reset-layers", 0.into(), 0.into()));
    all
}

fn fixture(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/version-0.1.0");
    PathBuf::from(folder).join(name)
}

/// A folder with the model in `model`, and the text that it was asked about.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_data();
    for entry in fs::read_dir(fixture("model")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("model/{}", path.file_name().unwrap().display());
        sandbox.write(&name, fs::read(&path).unwrap());
    }
    sandbox.write("text.txt", fs::read(fixture("text.txt")).unwrap());
    sandbox
}

/// The settings that a training with this settings file reports.
fn effective(sandbox: &Sandbox, config: &str, out: &str) -> Value {
    let (lines, _) = sandbox.run(&format!("train --config {config} --out {out} --output json"));
    let start = objects(&lines).into_iter().find(|o| o["event"] == "start").unwrap();
    start["settings"].clone()
}

/// The settings that version 0.1.0 made of a settings file, with the newer keys.
fn expected(name: &str) -> Value {
    let mut settings: Value = serde_json::from_slice(&fs::read(fixture(name)).unwrap()).unwrap();
    let is_published = settings["protocol"] == "published";
    for (key, published, sound) in newer() {
        settings[key] = if is_published { published } else { sound };
    }
    settings
}

#[test]
fn settings_files_have_the_same_meaning() {
    let sandbox = sandbox();
    for name in ["all-keys", "start"] {
        let config = format!("{name}.toml");
        sandbox.write(&config, fs::read(fixture(&config)).unwrap());
        assert_eq!(effective(&sandbox, &config, name), expected(&format!("{name}.json")));
    }
}

#[test]
fn a_saved_training_can_be_repeated() {
    let sandbox = sandbox();
    let saved = sandbox.json("model/gleaner.json");
    // The encoder of the model is not kept; the settings are read all the same.
    let error = sandbox.fails("train --config model/gleaner.json --out again", 4);
    assert!(error.contains("tiny-encoder"), "{error}");
    let config = "--config model/gleaner.json --encoder sample:tiny --epochs 1 --out again";
    let (lines, _) = sandbox.run(&format!("train {config} --output json"));
    let start = objects(&lines).into_iter().find(|o| o["event"] == "start").unwrap();
    let mut settings = start["settings"].clone();
    settings["encoder"] = saved["settings"]["encoder"].clone();
    settings["epochs"] = saved["settings"]["epochs"].clone();
    for (key, _, sound) in newer() {
        assert_eq!(settings.as_object_mut().unwrap().shift_remove(key), Some(sound));
    }
    assert_eq!(settings, saved["settings"]);
}

#[test]
fn a_model_folder_gives_the_same_labels() {
    let sandbox = sandbox();
    let (labelled, _) = sandbox.run("predict model text.txt --format jsonl");
    assert_eq!(labelled, fs::read_to_string(fixture("predictions.jsonl")).unwrap());
    let (scores, _) = sandbox.run("evaluate model sample:af --output json");
    let saved = sandbox.json("model/gleaner.json");
    let now: Value = serde_json::from_str(&scores).unwrap();
    assert_eq!(now["default"]["report"]["micro"], saved["test"]["entities"]["micro"]);
}

#[test]
fn a_training_can_start_from_a_model_folder() {
    let sandbox = sandbox();
    sandbox.run("train --start model --data data --epochs 1 --out tuned");
    let taken_over = sandbox.json("tuned/gleaner.json")["taken-over"].clone();
    assert_eq!(taken_over["new-labels"].as_array().unwrap().len(), 0, "{taken_over}");
}
