//! Settings, options and folders that do not fit: one line, exit code 2, nothing written.

use crate::common::{Sandbox, training};
use insta::assert_snapshot;

#[test]
fn a_settings_file_is_refused_with_its_line() {
    let sandbox = Sandbox::with_data();
    let refused = |toml: &str| {
        sandbox.write("run.toml", toml);
        sandbox.refuses("--data data --config run.toml", 2)
    };
    let unknown = refused("seed = 1\nepoch = 3\n");
    assert!(unknown.starts_with("run.toml:2: unknown field `epoch`, expected one of `protocol`"));
    assert!(unknown.ends_with("; `gleaner train --help` lists the keys"));
    assert_snapshot!(refused("seed = 1\n\nbatch = \"x\"\n"), @"");
    assert_snapshot!(refused("batch = -1\n"), @"");
    assert_snapshot!(refused("seed = \n"), @"");
    assert_snapshot!(refused("head = \"tail\"\n"), @"");
    assert_snapshot!(refused("freeze = \"some\"\n"), @"");
    assert_snapshot!(refused("[label-map]\nPER = \"A B\"\n"), @"");
    assert_snapshot!(refused("[label-map]\nPER = 3\n"), @"");
    sandbox.write("run.toml", b"seed = 1 # \xff\n");
    assert_snapshot!(sandbox.refuses("--data data --config run.toml", 1), @"");
    assert_snapshot!(sandbox.refuses("--data data --config absent.toml", 1), @"");
}

#[test]
fn a_manifest_as_settings_is_checked() {
    let sandbox = Sandbox::with_data();
    let refused = |json: &str| {
        sandbox.write("gleaner.json", json);
        sandbox.refuses("--data data --config gleaner.json", 2)
    };
    assert_snapshot!(refused("{"), @"");
    assert_snapshot!(refused("{}"), @"");
    assert_snapshot!(refused(r#"{"settings": {"seed": "x"}}"#), @"");
}

#[test]
fn values_out_of_range_are_named() {
    let sandbox = Sandbox::with_data();
    let refused = |options: &str| sandbox.refuses(&format!("--data data {options}"), 2);
    assert_snapshot!(refused("--batch 0"), @"");
    assert_snapshot!(refused("--accumulate 0"), @"");
    assert_snapshot!(refused("--max-pieces 0"), @"");
    assert_snapshot!(refused("--warmup 1"), @"");
    assert_snapshot!(refused("--lstm-dropout nan"), @"");
    assert_snapshot!(refused("--rate-lstm inf"), @"");
    assert_snapshot!(refused("--clip=-1"), @"");
    assert_snapshot!(refused("--device gpu"), @"");
    assert_snapshot!(refused("--freeze 3"), @"");
    assert_snapshot!(refused("--map O=PER"), @"");
    assert_snapshot!(refused("--dev data/dev.conll"), @"");
    assert_snapshot!(refused("--threads 0"), @"");
    assert_snapshot!(refused("--epochs 0"), @"");
    assert_snapshot!(refused("--lstm-units 0"), @"");
}

#[test]
fn what_to_train_on_must_be_named() {
    let sandbox = Sandbox::with_data();
    assert_snapshot!(sandbox.refuses("", 2), @"");
    assert_snapshot!(sandbox.refuses("--dev data/dev.conll", 2), @"");
    assert_snapshot!(sandbox.refuses("--data sample:xx", 2), @"");
    assert_snapshot!(sandbox.fails("train --data data --out out", 2), @"");
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a_folder_that_is_not_empty_stays_as_it_is() {
    let sandbox = Sandbox::with_data();
    sandbox.write("out/notes.txt", "mine");
    let args = training("out", "--data data");
    assert_snapshot!(sandbox.fails(&args, 2), @"");
    assert_snapshot!(sandbox.fails(&format!("{args} --resume"), 2), @"");
    assert_snapshot!(sandbox.fails("data sample out", 2), @"");
    assert_eq!(sandbox.files("out"), ["notes.txt"]);
    assert_eq!(sandbox.read("out/notes.txt"), b"mine");
    sandbox.write("file", "mine");
    assert_snapshot!(sandbox.fails(&args.replace("--out out", "--out file"), 1), @"");
    assert_eq!(sandbox.read("file"), b"mine");
}
