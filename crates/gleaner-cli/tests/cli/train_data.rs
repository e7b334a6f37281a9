//! Sources of training, dev and test sentences.

use crate::common::{Sandbox, objects};
use serde_json::{Value, json};

/// The start event of a training.
fn start(sandbox: &Sandbox, options: &str) -> Value {
    let out = format!("out-{}", sandbox.files("").len());
    let (said, _) = sandbox.train(&out, &format!("--epochs 1 --output json {options}"));
    objects(&said).remove(0)
}

fn sizes(start: &Value) -> [u64; 3] {
    ["train", "dev", "test"].map(|part| start[part].as_u64().unwrap())
}

/// The same sentences as JSONL.
fn jsonl(conll: &[u8]) -> String {
    let text = std::str::from_utf8(conll).unwrap();
    let sentence = |block: &str| {
        let (tokens, tags): (Vec<_>, Vec<_>) =
            block.lines().map(|l| l.split_once('\t').unwrap()).unzip();
        json!({"tokens": tokens, "tags": tags}).to_string() + "\n"
    };
    text.split("\n\n").filter(|b| !b.is_empty()).map(sentence).collect()
}

#[test]
fn a_folder_its_files_and_jsonl_give_the_same_tagger() {
    let sandbox = Sandbox::with_data();
    sandbox.train("folder", "--data data");
    sandbox.train("files", "--train data/train.conll --dev data/dev.conll --test data/test.conll");
    for (from, to) in [("train", "train"), ("dev", "validation"), ("test", "test")] {
        let text = jsonl(&sandbox.read(&format!("data/{from}.conll")));
        sandbox.write(&format!("lines/{to}.jsonl"), text);
    }
    sandbox.train("lines-out", "--data lines");
    let weights = |folder: &str| sandbox.read(&format!("{folder}/model.safetensors"));
    assert!(weights("folder") == weights("files"));
    assert!(weights("folder") == weights("lines-out"));
}

#[test]
fn without_dev_data_a_tenth_is_drawn_from_the_training_data() {
    let sandbox = Sandbox::with_data();
    let start = start(&sandbox, "--train data/train.conll");
    assert_eq!(sizes(&start), [43, 5, 0]);
    assert_eq!(
        start["notes"],
        json!(["no dev data: 5 training sentences, drawn with seed 42, are used as dev"])
    );
    let (_, err) = sandbox.train("out", "--epochs 1 --train data/train.conll");
    assert!(err.contains("\nnote: no dev data: 5 training sentences"), "{err}");
}

#[test]
fn an_80_10_10_split_divides_all_sentences() {
    let sandbox = Sandbox::with_data();
    let split = "--data data --split 80-10-10";
    assert_eq!(sizes(&start(&sandbox, split)), [54, 7, 7]);
    assert_eq!(sizes(&start(&sandbox, &format!("{split} --cutoff 30"))), [24, 3, 3]);
    let all = start(&sandbox, &format!("{split} --cutoff 100"));
    assert_eq!(sizes(&all), [54, 7, 7]);
    assert_eq!(
        all["notes"],
        json!(["the limit is 100, but there are only 68 sentences: all are used"])
    );
    let other = start(&sandbox, &format!("{split} --split-seed 1"));
    assert_eq!(sizes(&other), [54, 7, 7]);
    assert_eq!(other["settings"]["split-seed"], 1);
}

#[test]
fn training_sentences_that_also_occur_in_dev_or_test_are_dropped() {
    let sandbox = Sandbox::with_data();
    let joined = ["data/train.conll", "data/dev.conll", "data/test.conll"].map(|f| sandbox.read(f));
    sandbox.write("data/train.conll", joined.concat());
    let dropped = start(&sandbox, "--data data");
    assert_eq!(sizes(&dropped), [48, 10, 10]);
    let note = "20 training sentences also occur in dev or test and were dropped";
    assert_eq!(dropped["notes"], json!([note]));
    let kept = start(&sandbox, "--data data --drop-leaks false");
    assert_eq!(sizes(&kept), [68, 10, 10]);
    let note = "20 training sentences also occur in dev or test: scores are too high";
    assert_eq!(kept["notes"], json!([note]));
}

#[test]
fn findings_are_reported_and_malformed_sentences_skipped_on_request() {
    let sandbox = Sandbox::with_data();
    let mut text = sandbox.read("data/train.conll");
    text.extend(b"Oslo\tI-LOC\n\nAnna\tB_PER\n\n");
    sandbox.write("data/train.conll", &text);
    assert!(sandbox.refuses("--data data", 3).contains("unknown tag \"B_PER\""));
    let (_, err) = sandbox.train("out", "--data data --epochs 1 --skip-bad");
    assert!(err.contains("49 training, 10 dev and 10 test sentences"), "{err}");
    assert!(
        err.contains(
            "note: findings in the text: 2 (skipped sentences: 1), the first: data/train.conll:"
        ),
        "{err}"
    );
    assert!(err.contains("I-LOC with no LOC before it, read as B-LOC"), "{err}");
}

#[test]
fn long_sentences_are_cut_and_counted() {
    let sandbox = Sandbox::with_data();
    let said = sandbox.train("out", "--data data --epochs 1 --max-pieces 6 --output json").0;
    let cut = objects(&said).into_iter().find(|o| o["event"] == "cut").unwrap();
    assert!(cut["sentences"].as_u64() > Some(20) && cut["words"].as_u64() > Some(100), "{cut}");
    // Every word is still scored.
    let scores = objects(&sandbox.run("evaluate out data --output json").0).remove(0);
    let words = sandbox.json("out/gleaner.json")["test-text"]["words"].clone();
    assert_eq!(scores["words"], words);
}

#[test]
fn a_label_map_renames_and_drops() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --epochs 1 --map PER=PERSON --map *=O");
    let names = &sandbox.json("out/config.json")["id2label"];
    assert_eq!(*names, json!({"0": "O", "1": "B-PERSON", "2": "I-PERSON"}));
}
