//! `gleaner data split`.

use crate::common::{Sandbox, objects};
use insta::assert_snapshot;

/// A file of `n` one-word sentences.
fn words(n: usize) -> String {
    (0..n).map(|i| format!("w{i}\tB-X\n\n")).collect()
}

fn sizes(sandbox: &Sandbox, files: &[&str]) -> Vec<usize> {
    files.iter().map(|file| sandbox.text(file).matches("B-X").count()).collect()
}

#[test]
fn the_parts_are_those_of_a_training() {
    let sandbox = Sandbox::new();
    sandbox.write("all.conll", words(50));
    let (out, _) = sandbox.run("data split all.conll a --seed 7");
    assert_snapshot!(out, @r#"
wrote a/train.conll: CoNLL, 40 sentences
wrote a/dev.conll: CoNLL, 5 sentences
wrote a/test.conll: CoNLL, 5 sentences
"#);
    assert_eq!(sandbox.files("a"), ["dev.conll", "test.conll", "train.conll"]);
    assert_eq!(sizes(&sandbox, &["a/train.conll", "a/dev.conll", "a/test.conll"]), [40, 5, 5]);
    // The same as those of a training that splits.
    let text = |options: &str, out: &str| {
        sandbox.train(out, &format!("{options} --epochs 1"));
        let saved = sandbox.json(&format!("{out}/gleaner.json"));
        [
            saved["train"]["sha256"].clone(),
            saved["dev-text"]["sha256"].clone(),
            saved["test-text"]["sha256"].clone(),
        ]
    };
    let split = text("--train all.conll --split 80-10-10 --split-seed 7", "split");
    assert_eq!(text("--data a", "given"), split);
    assert!(split[0].is_string());
}

#[test]
fn shares_seed_and_format_can_be_chosen() {
    let sandbox = Sandbox::new();
    sandbox.write("all.conll", words(40));
    sandbox.run("data split all.conll a --how 75-25-0 --to jsonl");
    assert_eq!(sandbox.files("a"), ["dev.jsonl", "train.jsonl"]);
    assert_eq!(sizes(&sandbox, &["a/train.jsonl", "a/dev.jsonl"]), [30, 10]);
    sandbox.run("data split all.conll b --how 75-25-0 --to jsonl --seed 2");
    assert_ne!(sandbox.text("a/dev.jsonl"), sandbox.text("b/dev.jsonl"));
    // The format of the input, and all of a folder.
    sandbox.run("data split a c --how 50-25-25");
    assert_eq!(sizes(&sandbox, &["c/train.jsonl", "c/dev.jsonl", "c/test.jsonl"]), [20, 10, 10]);
    let refused = |args: &str| {
        let output = sandbox.command(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("data split all.conll d --how 80-10").contains("three percentages"));
    assert!(
        refused("data split all.conll a")
            .contains("a/dev.jsonl: the folder has another part already")
    );
    assert_snapshot!(sandbox.fails("data split all.conll a --to jsonl", 2), @"a/train.jsonl: the file exists; choose another name, or overwrite it with --force");
    sandbox.write("one.conll", words(1));
    assert_snapshot!(sandbox.fails("data split one.conll e", 2), @"one.conll: a part of this split of 1 sentences would be empty; add sentences");
    assert!(!sandbox.path("e").exists());
}

#[test]
fn sentences_in_several_parts_are_reported() {
    let sandbox = Sandbox::new();
    sandbox.write("all.conll", words(5).repeat(8));
    let (_, err) = sandbox.run("data split all.conll a");
    assert!(
        err.contains(" sentences of train also occur in dev or test; `gleaner train` drops them"),
        "{err}"
    );
    let (out, _) = sandbox.run("data split all.conll b --output json");
    assert_eq!(objects(&out).iter().filter(|o| o["event"] == "written").count(), 3);
}
