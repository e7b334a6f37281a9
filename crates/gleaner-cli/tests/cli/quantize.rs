//! `gleaner quantize`, and labelling in 8 bits.

use crate::common::{Sandbox, objects, tagger};
use serde_json::Value;
use std::fs;

/// A sandbox with a copy of the common tagger, `model`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for entry in fs::read_dir(tagger()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let name = entry.file_name().into_string().unwrap();
            sandbox.write(&format!("model/{name}"), fs::read(entry.path()).unwrap());
        }
    }
    sandbox
}

fn score(sandbox: &Sandbox, precision: &str) -> Value {
    let args = format!("evaluate model sample:af --output json --precision {precision}");
    objects(&sandbox.run(&args).0).remove(0)
}

#[test]
fn the_cost_is_measured_saved_and_told_and_labelling_in_8_bits_has_it() {
    let sandbox = sandbox();
    let weights = sandbox.read("model/model.safetensors");
    let (out, err) = sandbox.run("quantize model --max-loss 3");
    assert!(
        err.starts_with("measured activations on 240 sentences\n0 projections in f32: "),
        "{err}"
    );
    assert!(out.contains("label with --precision int8"), "{out}");
    assert_eq!(sandbox.read("model/model.safetensors"), weights);

    let saved = sandbox.json("model/int8.json");
    let cost = &saved["cost"];
    let number = |name: &str| cost[name].as_f64().unwrap();
    assert_eq!(cost["sentences"], 30);
    assert!(number("f32-f1") - number("int8-f1") <= 0.03, "{cost}");
    assert!(number("same-tags") > 0.95 && number("same-entity-tags") > 0.9, "{cost}");
    sandbox.says("model/README.md", &["## Labelling in 8 bits", "No layer keeps f32 weights."]);
    let card = sandbox.text("model/README.md");

    // Again, with the dev text by name: the same, and one section.
    let quiet =
        sandbox.run("quantize model sample:af --calibration sample:af --max-loss 3 --output json");
    assert_eq!(objects(&quiet.0)[0]["cost"], *cost);
    assert_eq!(sandbox.json("model/int8.json"), saved);
    assert_eq!(sandbox.text("model/README.md"), card);

    let [exact, rounded] = ["f32", "int8"].map(|precision| score(&sandbox, precision));
    let micro = |scores: &Value| scores["default"]["report"]["micro"]["f1"].as_f64().unwrap();
    assert!((micro(&exact) - micro(&rounded)).abs() < 0.05);
    let spans = |precision: &str| {
        let args = format!("predict model --format jsonl --precision {precision}");
        sandbox.run_with(&args, "Anna woon in Brakfontein.\n").0
    };
    // Confidences differ: the arithmetic is another one.
    assert_ne!(spans("f32"), spans("int8"));
    assert_eq!(spans("int8"), spans("int8"));
}

#[test]
fn a_model_without_a_rounding_of_its_own_is_refused() {
    let sandbox = sandbox();
    let message = sandbox.fails("evaluate model sample:af --precision int8", 4);
    assert_eq!(message, "model: no int8.json in it; run `gleaner quantize` on the model");
    sandbox.run("quantize model --max-loss 100");
    let manifest = sandbox.text("model/gleaner.json");
    sandbox.write("model/gleaner.json", manifest.replacen("\n", "\n ", 1));
    let message = sandbox.fails("evaluate model sample:af --precision int8", 4);
    assert_eq!(
        message,
        "model/int8.json: belongs to another training than the gleaner.json beside it; run `gleaner quantize` on the model"
    );
    sandbox.write("model/gleaner.json", manifest);
    let newer = "format 2, but this program reads format 1; a newer version of Gleaner wrote it: update Gleaner";
    for (damage, what) in [("{", "not JSON"), ("{}", "no format in it"), ("{\"format\": 2}", newer)]
    {
        sandbox.write("model/int8.json", damage);
        let message = sandbox.fails("evaluate model sample:af --precision int8", 4);
        assert!(message.starts_with(&format!("model/int8.json: {what}")), "{message}");
    }
}

#[test]
fn texts_that_show_nothing_are_refused() {
    let sandbox = sandbox();
    sandbox.write("dev.conll", "Anna\tO\n\n");
    assert_eq!(
        sandbox.fails("quantize model dev.conll", 2),
        "dev.conll: no entity in it, so nothing shows what rounding costs; name a text with entities"
    );
    sandbox.write("text/train.conll", "Anna\tB-PER\n\n");
    let message = sandbox.fails("quantize model text", 2);
    assert_eq!(message, "text: no dev part; name a labelled file");
}

#[test]
fn the_text_of_the_training_is_used_only_as_it_was() {
    let sandbox = Sandbox::with_data();
    let training = "train --data data --encoder sample:tiny --epochs 1 --out model";
    sandbox.run(training);
    for command in ["quantize model --word-column 1", "quantize model --map PER=PER"] {
        let error = sandbox.fails(command, 2);
        assert!(error.starts_with("options for reading and --map have no effect"), "{error}");
    }
    let dev = sandbox.text("data/dev.conll");
    sandbox.write("data/dev.conll", dev.split_once("\n\n").unwrap().1);
    for command in ["quantize model", "ensemble model model --out both"] {
        let error = sandbox.fails(command, 2);
        assert!(
            error.contains("dev.conll: the dev text has changed since the training"),
            "{error}"
        );
    }
}
