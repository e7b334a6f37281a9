//! Files and output of a training.

use crate::common::{Sandbox, objects, training};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Hides numbers, which depend on the encoder and the machine, and column widths.
fn without_numbers() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    for (from, to) in
        [(r"\d+(\.\d+)?", "N"), (r" {2,}", "  "), (r"-{4,}", "----"), (r"  best so far", "")]
    {
        settings.add_filter(from, to);
    }
    settings
}

#[test]
fn the_model_folder_has_exactly_six_files() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --checkpoint-seconds 0");
    let json = ["config.json", "gleaner.json", "model.safetensors", "tokenizer.json"];
    let files = [&["README.md"], &json[..], &["trained-on.txt"]].concat();
    assert_eq!(sandbox.files("out"), files);
    assert_eq!(sandbox.read("out/tokenizer.json"), gleaner_sample::encoder().tokenizer.as_bytes());
}

#[test]
fn a_diverging_training_ends_with_a_fix() {
    let sandbox = Sandbox::with_data();
    // After one step the training loss is still that of the initial weights.
    for (out, steps) in [("out", "--epochs 3"), ("one-step", "--epochs 1 --batch 1000 --warmup 0")]
    {
        let rates = "--data data --rate-linear 1e38 --rate-crf 1e38";
        let args = training(out, &format!("{rates} {steps}"));
        let output = sandbox.command(&args).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(7), "{err}");
        assert!(err.contains("training diverged; lower the learning rates"), "{err}");
        assert!(!sandbox.path(out).join("gleaner.json").exists());
    }
}

#[cfg(unix)]
#[test]
fn all_files_of_a_model_have_the_same_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with_data();
    sandbox.write("plain", "");
    sandbox.train("out", "--data data --epochs 1");
    let mode = |name: &str| sandbox.path(name).metadata().unwrap().permissions().mode();
    for name in sandbox.files("out") {
        assert_eq!(mode(&format!("out/{name}")), mode("plain"), "{name}");
    }
}

#[test]
fn the_configuration_is_the_encoders_with_the_labels() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --epochs 1");
    let mut config = sandbox.json("out/config.json");
    let object = config.as_object_mut().unwrap();
    let names = ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"];
    for (id, name) in names.iter().enumerate() {
        assert_eq!(object["id2label"][id.to_string()], *name);
        assert_eq!(object["label2id"][name], id);
    }
    assert_eq!(object["id2label"].as_object().unwrap().len(), names.len());
    assert_eq!(object.shift_remove("dtype"), Some(json!("float32")));
    object.shift_remove("id2label");
    object.shift_remove("label2id");
    let encoder: Value = serde_json::from_str(gleaner_sample::encoder().config).unwrap();
    assert_eq!(config, encoder);
}

#[test]
fn the_manifest_has_settings_texts_and_scores() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --seed 5");
    let manifest = sandbox.json("out/gleaner.json");
    assert_eq!(manifest["format"], 3);
    assert_eq!(manifest["threads"], 2);
    assert_eq!(manifest["settings"]["seed"], 5);
    assert_eq!(manifest["settings"]["data"], "data");
    for (text, sentences) in [("train", 48), ("dev-text", 10), ("test-text", 10)] {
        assert_eq!(manifest[text]["sentences"], sentences);
        assert_eq!(manifest[text]["sha256"].as_str().unwrap().len(), 64);
    }
    assert_ne!(manifest["dev-text"]["sha256"], manifest["test-text"]["sha256"]);
    let history = manifest["history"].as_array().unwrap();
    assert_eq!(history.len(), 2);
    let doctor = training("out", "--data data --output json").replace("train --out out", "doctor");
    let forecast = objects(&sandbox.run(&doctor).0).remove(0);
    for epoch in history {
        assert_eq!(epoch["pieces"], forecast["training"]["pieces"]);
    }
    let best = manifest["best-epoch"].as_u64().unwrap() as usize;
    assert_eq!(history[best - 1]["dev-f1"], manifest["dev"]["entities"]["micro"]["f1"]);
    assert!(history[1]["train-loss"].as_f64() < history[0]["train-loss"].as_f64());
}

#[test]
fn human_output_has_lines_and_tables() {
    let sandbox = Sandbox::with_data();
    let (out, err) = sandbox.train("out", "--data data");
    without_numbers().bind(|| {
        assert_snapshot!("train-human-out", out);
        assert_snapshot!("train-human-err", err);
        assert_snapshot!("train-card", sandbox.text("out/README.md"));
    });
}

#[test]
fn json_output_has_one_object_per_line() {
    let sandbox = Sandbox::with_data();
    let (out, err) = sandbox.train("out", "--data data --output json");
    assert_eq!(err, "");
    let objects = objects(&out);
    let events: Vec<_> = objects.iter().map(|o| o["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["start", "epoch", "epoch", "test", "done"]);
    let manifest = sandbox.json("out/gleaner.json");
    assert_eq!(objects[0]["settings"], manifest["settings"]);
    assert_eq!(objects[1]["record"], manifest["history"][0]);
    assert_eq!(objects[3]["f1"], manifest["test"]["entities"]["micro"]["f1"]);
    assert_eq!(objects[4]["test"], manifest["test"]);
    assert_eq!(objects[4]["dev"], manifest["dev"]);
    assert_eq!(objects[4]["best-epoch"], manifest["best-epoch"]);
}

#[test]
fn quiet_prints_nothing() {
    let sandbox = Sandbox::with_data();
    let said = sandbox.train("out", "--data data --output quiet");
    assert_eq!(said, (String::new(), String::new()));
}

#[test]
fn the_published_protocol() {
    let sandbox = Sandbox::with_data();
    let (out, _) = sandbox.train("out", "--data data --protocol published --output json");
    let start = &objects(&out)[0];
    // 48 + 10 + 10 sentences, split 80/10/10.
    assert_eq!(
        (&start["train"], &start["dev"], &start["test"]),
        (&json!(54), &json!(7), &json!(7))
    );
    let manifest = sandbox.json("out/gleaner.json");
    assert_eq!(manifest["settings"]["piece-labels"], "repeated");
    assert_eq!(manifest["settings"]["optimizer"], "adam");
    let best = manifest["best-epoch"].as_u64().unwrap() as usize;
    let chosen = &manifest["history"][best - 1]["dev-published"];
    assert_eq!(*chosen, manifest["dev"]["published-score"]);
    let (text, _) = sandbox.run_with("predict out --format jsonl", "Jan van Wyk woon in Brakpan.");
    assert_eq!(objects(&text)[0]["tags"].as_array().unwrap().len(), 7);
}

#[test]
fn the_encoders_rate_depends_on_its_width() {
    let sandbox = Sandbox::with_data();
    // The width of sample:tiny is 64.
    for (name, rate) in
        [("by-width", ""), ("given", &*(5e-5 * 768.0 / 64.0).to_string()), ("base", "5e-5")]
    {
        let rate = if rate.is_empty() { String::new() } else { format!("--rate-encoder {rate}") };
        sandbox.train(name, &format!("--data data --epochs 1 {rate}"));
    }
    let weights = |name: &str| sandbox.read(&format!("{name}/model.safetensors"));
    assert!(weights("by-width") == weights("given"));
    assert!(weights("by-width") != weights("base"));
}

#[test]
fn patience_stops_a_training_early() {
    let sandbox = Sandbox::with_data();
    // At zero rates nothing changes, so the first epoch stays the best.
    let rates = "--rate-encoder 0 --rate-lstm 0 --rate-linear 0 --rate-crf 0";
    let run = |name: &str, patience: &str| {
        sandbox.train(
            name,
            &format!("--data data --epochs 5 --select entity-f1 --patience {patience} {rates}"),
        );
        sandbox.json(&format!("{name}/gleaner.json"))["history"].as_array().unwrap().len()
    };
    assert_eq!(run("two", "2"), 3);
    assert_eq!(run("none", "0"), 5);
}
