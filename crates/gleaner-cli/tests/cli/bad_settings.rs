//! Invalid settings, options and folders: a one-line error, exit code 2, nothing written.

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
    assert!(unknown.starts_with("run.toml:2: unknown key `epoch`"));
    assert!(unknown.ends_with("; `gleaner train --help` lists the keys"));
    assert_snapshot!(refused("seed = 1\n\nbatch = \"x\"\n"), @r#"run.toml:3: invalid type: string "x", expected usize; `gleaner train --help` lists the keys"#);
    assert_snapshot!(refused("batch = -1\n"), @"run.toml:1: invalid value: integer `-1`, expected usize; `gleaner train --help` lists the keys");
    assert_snapshot!(refused("seed = \n"), @"run.toml:1: string values must be quoted, expected literal string; `gleaner train --help` lists the keys");
    assert_snapshot!(refused("head = \"tail\"\n"), @"run.toml:1: unknown variant `tail`, expected one of `bilstm-crf`, `crf`, `linear`; `gleaner train --help` lists the keys");
    assert_snapshot!(refused("freeze = \"some\"\n"), @"run.toml:1: `some` is neither `none`, `embeddings` nor a number of layers; `gleaner train --help` lists the keys");
    assert_snapshot!(refused("[label-map]\nPER = \"A B\"\n"), @r#"run.toml:1: invalid label map: invalid entity type "A B" in "PER" = "A B"; write lines such as PERSON = "PER" or MISC = "O"; `gleaner train --help` lists the keys"#);
    assert_snapshot!(refused("[label-map]\nPER = 3\n"), @"run.toml:2: invalid type: integer `3`, expected a string; `gleaner train --help` lists the keys");
    sandbox.write("run.toml", b"seed = 1 # \xff\n");
    assert_snapshot!(sandbox.refuses("--data data --config run.toml", 1), @"run.toml: not UTF-8; save the file as UTF-8");
    assert_snapshot!(sandbox.refuses("--data data --config absent.toml", 1), @"absent.toml: no such file or folder; check the path");
}

#[test]
fn a_manifest_as_settings_is_checked() {
    let sandbox = Sandbox::with_data();
    let refused = |json: &str| {
        sandbox.write("gleaner.json", json);
        sandbox.refuses("--data data --config gleaner.json", 2)
    };
    assert_snapshot!(refused("{"), @"gleaner.json: not JSON (EOF while parsing an object at line 1 column 1); give a TOML file or the gleaner.json of a model");
    assert_snapshot!(refused("{}"), @"gleaner.json: no settings in it; give a TOML file or the gleaner.json of a model");
    assert_snapshot!(refused(r#"{"settings": {"seed": "x"}}"#), @r#"gleaner.json: invalid type: string "x", expected u64; give a TOML file or the gleaner.json of a model"#);
}

#[test]
fn values_out_of_range_are_named() {
    let sandbox = Sandbox::with_data();
    let refused = |options: &str| sandbox.refuses(&format!("--data data {options}"), 2);
    assert_snapshot!(refused("--batch 0"), @"batch, accumulate: a step needs 1 or more sentences; use 1 or more");
    assert_snapshot!(refused("--accumulate 0"), @"batch, accumulate: a step needs 1 or more sentences; use 1 or more");
    assert_snapshot!(refused("--max-pieces 0"), @"max-pieces: 0 leaves no sentence; use 1 or more");
    assert_snapshot!(refused("--warmup 1"), @"warmup: 1 is out of range; use a number from 0 to below 1");
    assert_snapshot!(refused("--lstm-dropout nan"), @"lstm-dropout: NaN is out of range; use a number from 0 to below 1");
    assert_snapshot!(refused("--rate-lstm inf"), @"rate-lstm: inf is out of range; use a number of 0 or more");
    assert_snapshot!(refused("--clip=-1"), @"clip: -1 is out of range; use a number of 0 or more");
    assert_snapshot!(refused("--device gpu"), @"unknown device `gpu`; use cpu, or cuda, rocm, vulkan, metal or webgpu, and `:1` after it for the second");
    let freeze = refused("--freeze 99");
    assert!(freeze.starts_with("freeze: the encoder has ") && freeze.contains(" layers; use "));
    assert_snapshot!(refused("--map O=PER"), @r#"--map: invalid label map: O marks words outside of entities and cannot be mapped; write lines such as PERSON = "PER" or MISC = "O""#);
    assert_snapshot!(refused("--fold 2"), @"--folds, --fold: no effect without --split folds; add it, or leave them out");
    assert_snapshot!(refused("--folds 3"), @"--folds, --fold: no effect without --split folds; add it, or leave them out");
    assert_snapshot!(refused("--dev data/dev.conll"), @"data: already names the files of train, dev and test; use either data or these");
    assert_snapshot!(refused("--threads 0"), @"threads: 0 threads compute nothing; leave it out to use the physical cores");
    assert_snapshot!(refused("--epochs 0"), @"epochs: 0 trains nothing; use 1 or more");
    assert_snapshot!(refused("--lstm-units 0"), @r#"lstm-units, lstm-layers: an LSTM needs 1 or more; for none set head = "crf""#);
}

#[test]
fn training_data_is_required() {
    let sandbox = Sandbox::with_data();
    assert_snapshot!(sandbox.refuses("", 2), @"no training data; add --data FOLDER or --train FILE (or --data sample:af to try)");
    assert_snapshot!(sandbox.refuses("--dev data/dev.conll", 2), @"no training data; add --data FOLDER or --train FILE (or --data sample:af to try)");
    assert_snapshot!(sandbox.refuses("--data sample:xx", 2), @"data: there is no sample `xx`; use sample:af or sample:nl");
    assert_snapshot!(sandbox.fails("train --data data --out out", 2), @"no encoder; add --encoder FOLDER (or --encoder sample:tiny to try)");
    assert!(!sandbox.path("out").exists());
}

#[test]
fn unsupported_combinations_are_errors() {
    let sandbox = Sandbox::with_data();
    let tagger = crate::common::tagger().display();
    sandbox.write("in.jsonl", "{\"tokens\": [\"Oslo\"]}\n");
    assert_snapshot!(sandbox.fails(&format!("predict {tagger} in.jsonl --input text --output json --format conll"), 2), @"--output json writes JSON Lines; leave --format out, or give --format jsonl");
    assert_snapshot!(sandbox.fails(&format!("predict {tagger} --threads 0 in.jsonl --input text"), 2), @"threads: 0 threads compute nothing; leave it out to use the physical cores");
    let output = sandbox.command("data audit data --split folds").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_folder_that_is_not_empty_is_not_changed() {
    let sandbox = Sandbox::with_data();
    sandbox.write("out/notes.txt", "mine");
    let args = training("out", "--data data");
    assert_snapshot!(sandbox.fails(&args, 2), @"out: the folder is not empty; choose another folder, or empty this one");
    assert_snapshot!(sandbox.fails(&format!("{args} --resume"), 2), @"out: the folder is not empty; choose another folder, or empty this one");
    assert_snapshot!(sandbox.fails("data sample out", 2), @"out: the folder is not empty; choose another folder, or empty this one");
    assert_eq!(sandbox.files("out"), ["notes.txt"]);
    assert_eq!(sandbox.read("out/notes.txt"), b"mine");
    sandbox.write("file", "mine");
    assert_snapshot!(sandbox.fails(&args.replace("--out out", "--out file"), 1), @"file: Not a directory (os error 20); check the path, its permissions and the space left");
    assert_eq!(sandbox.read("file"), b"mine");
}
