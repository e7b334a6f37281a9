//! `gleaner export`, and taggers that transformers saved.

use crate::common::{Sandbox, objects, tagger};
use insta::assert_snapshot;
use serde_json::json;

/// A sandbox with a model of a linear head, `model`.
fn linear() -> Sandbox {
    let sandbox = Sandbox::with_data();
    sandbox.train(
        "model",
        "--data data --head linear --batch 8 --rate-encoder 1e-3 --rate-linear 0.02 --epochs 20",
    );
    sandbox
}

const TEXT: &str = "Anna van Wyk woon in Brakfontein .\nDie burgemeester van Kaapstad praat .\n";

#[test]
fn an_exported_linear_tagger_predicts_and_scores_as_before() {
    let sandbox = linear();
    let (out, _) = sandbox.run("export model --to transformers --out exported");
    assert_snapshot!(out, @"wrote exported: README.md, gleaner_tagger.py, tokenizer.json, tokenizer_config.json, model.safetensors, config.json");
    assert_eq!(sandbox.files("exported").len(), 6);
    let labelled = |model: &str| {
        let args = format!("predict {model} --format jsonl --one-sentence-per-line");
        sandbox.run_with(&args, TEXT)
    };
    let ((before, _), (after, notes)) = (labelled("model"), labelled("exported"));
    assert_eq!(before, after);
    assert!(!notes.contains("calibration"), "the temperature is exported: {notes}");
    let score = |model: &str| {
        let (out, _) = sandbox.run(&format!("evaluate {model} data --output json"));
        objects(&out).remove(0)["default"].clone()
    };
    assert_eq!(score("model"), score("exported"));
}

#[test]
fn a_tagger_of_transformers_predicts_and_starts_a_training() {
    let sandbox = linear();
    sandbox.run("export model --to transformers --out foreign");
    let mut config = sandbox.json("foreign/config.json");
    config.as_object_mut().unwrap().shift_remove("gleaner");
    sandbox.write("foreign/config.json", config.to_string());
    let (_, notes) = sandbox.run_with("predict foreign --format jsonl", TEXT);
    assert!(
        notes.contains("note: the model has no calibration; confidences are those of its softmax"),
        "{notes}"
    );
    let (_, notes) = sandbox.run("evaluate foreign data");
    assert!(
        notes.contains(
            "does not record its training text, because an earlier version or another program"
        ),
        "{notes}"
    );

    let (lines, _) = sandbox.train("tuned", "--start foreign --data data --epochs 1 --output json");
    let events = objects(&lines);
    let taken = events.iter().find(|event| event["event"] == "taken-over").unwrap();
    assert_eq!(taken["new-labels"], json!([]));
    let saved = sandbox.json("tuned/gleaner.json");
    assert_eq!(
        (&saved["settings"]["head"], &saved["settings"]["piece-labels"]),
        (&json!("linear"), &json!("first"))
    );
    sandbox.run_with("predict tuned --format jsonl", TEXT);

    // A tagger of IOB1 that has no B-PER: a training that starts from it learns one, whatever its text has.
    let mut config = sandbox.json("foreign/config.json");
    for (_, name) in config["id2label"].as_object_mut().unwrap() {
        if name == "B-PER" {
            *name = json!("I-EXTRA");
        }
    }
    sandbox.write("foreign/config.json", config.to_string());
    let (lines, _) =
        sandbox.train("completed", "--start foreign --data data --epochs 1 --output json");
    let taken = objects(&lines).into_iter().find(|event| event["event"] == "taken-over").unwrap();
    assert_eq!(taken["new-labels"], json!(["B-EXTRA", "B-PER"]));
    let message = sandbox.fails("ensemble foreign tuned --dev data/dev.conll --out all", 4);
    assert_snapshot!(message, @"foreign: no gleaner.json in it; name a folder with a finished training of `gleaner train`");
    assert!(!sandbox.path("all").exists());
    let message = sandbox.fails("quantize foreign", 4);
    assert_snapshot!(message, @"foreign: no gleaner.json in it; name a folder with a finished training of `gleaner train`");
}

#[test]
fn labels_without_b_are_written_as_iob2_and_matched_by_name() {
    let sandbox = linear();
    sandbox.run("export model --to transformers --out foreign");
    let mut config = sandbox.json("foreign/config.json");
    // IO: every type has one label, and there are twice as many types.
    let renamed = |name: &str| match name.split_once('-') {
        Some(("B", kind)) => format!("I-{kind}"),
        Some((_, kind)) => format!("I-MORE-{kind}"),
        None => name.to_owned(),
    };
    for name in config["id2label"].as_object_mut().unwrap().values_mut() {
        *name = json!(renamed(name.as_str().unwrap()));
    }
    config.as_object_mut().unwrap().shift_remove("gleaner");
    sandbox.write("foreign/config.json", config.to_string());
    let (labelled, _) = sandbox.run_with("predict foreign --format conll", TEXT);
    let mut before = "O";
    for tag in labelled.lines().map(|line| line.rsplit_once('\t').map_or("O", |cells| cells.1)) {
        if let Some(kind) = tag.strip_prefix("I-") {
            assert!(
                [format!("B-{kind}"), tag.to_owned()].contains(&before.to_owned()),
                "{labelled}"
            );
        }
        before = tag;
    }
    assert!(labelled.contains("\tB-"), "{labelled}");
    let (lines, _) = sandbox.train("tuned", "--start foreign --data data --epochs 1 --output json");
    let taken = objects(&lines).into_iter().find(|event| event["event"] == "taken-over").unwrap();
    // Those that are written, of the model's types too.
    let (more, own) = (["B-MORE-LOC", "B-MORE-ORG", "B-MORE-PER"], ["B-ORG", "B-PER"]);
    assert_eq!(taken["new-labels"], json!([&["B-LOC"][..], &more, &own].concat()));
    assert_eq!(sandbox.json("tuned/config.json")["id2label"]["1"], config["id2label"]["1"]);
}

#[test]
fn other_heads_are_exported_with_their_module_and_as_graphs() {
    let sandbox = Sandbox::new();
    let model = tagger().display();
    let (line, _) =
        sandbox.run(&format!("export {model} --to transformers --out python --output json"));
    let event = objects(&line).remove(0);
    assert_eq!((&event["event"], &event["folder"]), (&json!("exported"), &json!("python")));
    assert_eq!(
        sandbox.json("python/config.json")["architectures"],
        json!(["GleanerForTokenClassification"])
    );
    sandbox.says("python/README.md", &["Finds LOC, ORG, PER.", "trust_remote_code=True"]);
    sandbox.says("python/gleaner_tagger.py", &["class GleanerForTokenClassification"]);
    let (out, _) = sandbox.run(&format!("export {model} --to onnx --out graph"));
    assert_snapshot!(out, @"wrote graph: README.md, tokenizer.json, model.onnx");
    sandbox.says("graph/README.md", &["Finds LOC, ORG, PER.", "gleaner.transitions"]);
    // The same bytes again.
    sandbox.run(&format!("export {model} --to onnx --out again"));
    assert_eq!(sandbox.read("graph/model.onnx"), sandbox.read("again/model.onnx"));
    let message = sandbox.fails(&format!("export {model} --to onnx --out graph"), 2);
    assert_snapshot!(message, @"graph: the folder is not empty; choose another folder, or empty this one");
}

#[test]
fn models_that_cannot_be_exported_leave_no_folder() {
    let sandbox = Sandbox::with_data();
    let message = sandbox.fails("export data --to onnx --out graph", 4);
    assert_snapshot!(message, @"data: no gleaner.json in it; name a folder with a finished training of `gleaner train`");
    assert!(!sandbox.path("graph").exists());
    let model = tagger().display();
    sandbox.run(&format!("ensemble {model} {model} --out all"));
    let message = sandbox.fails("export all --to transformers --out python", 4);
    assert_snapshot!(message, @"all: an ensemble, which no other program can label with; export one of its members, such as the folder `1` in it, or train one model to label as it does, with `gleaner train --teacher`");
    assert!(!sandbox.path("python").exists());
}
