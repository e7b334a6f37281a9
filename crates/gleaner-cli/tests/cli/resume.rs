//! A killed training continues and ends with the bytes of an uninterrupted one.

use crate::common::{self, Sandbox, training};

const SETTINGS: &str = "--data data --epochs 4 --checkpoint-seconds 0 --accumulate 2";

/// Starts a training and kills it (SIGKILL) after `events` lines.
fn kill_after(sandbox: &Sandbox, args: &str, events: usize) {
    common::kill_after(sandbox, args, events);
    assert!(!sandbox.path("out/gleaner.json").exists(), "the training was over before the kill");
}

fn bytes(sandbox: &Sandbox, folder: &str) -> Vec<Vec<u8>> {
    sandbox.files(folder).iter().map(|f| sandbox.read(&format!("{folder}/{f}"))).collect()
}

/// The files that differ between two folders.
fn differences(sandbox: &Sandbox, a: &str, b: &str) -> Vec<String> {
    assert_eq!(sandbox.files(a), sandbox.files(b));
    let same = |f: &String| sandbox.read(&format!("{a}/{f}")) == sandbox.read(&format!("{b}/{f}"));
    sandbox.files(a).into_iter().filter(|f| !same(f)).collect()
}

#[test]
fn killed_and_resumed_equals_uninterrupted() {
    let sandbox = Sandbox::with_data();
    sandbox.train("whole", SETTINGS);
    // Lines: start, four epochs, test. A line is printed before its epoch's checkpoint is written, so
    // the kill happens during or before writing.
    for events in 1..=6 {
        kill_after(&sandbox, &training("out", SETTINGS), events);
        sandbox.train("out", &format!("{SETTINGS} --resume"));
        let different = differences(&sandbox, "out", "whole");
        assert!(different.is_empty(), "killed after {events} lines: {different:?}");
        std::fs::remove_dir_all(sandbox.path("out")).unwrap();
    }
}

#[test]
fn a_training_may_be_killed_again_and_again() {
    let sandbox = Sandbox::with_data();
    let settings = format!("{SETTINGS} --schedule plateau --select entity-f1 --patience 3");
    sandbox.train("whole", &settings);
    kill_after(&sandbox, &training("out", &settings), 3);
    let resumed = training("out", &format!("{settings} --resume"));
    kill_after(&sandbox, &resumed, 3);
    let (_, err) = sandbox.run(&resumed);
    assert!(err.contains("continuing after epoch "), "{err}");
    assert_eq!(differences(&sandbox, "out", "whole"), [""; 0]);
}

#[test]
fn resuming_a_finished_training_reports_it_and_deletes_its_checkpoint() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", SETTINGS);
    sandbox.write("out/checkpoint/state.json", "{}");
    let before = sandbox.read("out/model.safetensors");
    let refused = sandbox.fails(&training("out", &format!("{SETTINGS} --resume")), 2);
    insta::assert_snapshot!(refused, @"out: the training in it is finished; use the model as it is, or choose another folder");
    assert!(!sandbox.path("out/checkpoint").exists());
    assert!(sandbox.read("out/model.safetensors") == before);
    let (_, err) = sandbox.train("new", &format!("{SETTINGS} --resume"));
    assert!(err.starts_with("note: no checkpoint in new; starting from scratch\n"), "{err}");
}

#[test]
fn an_unfinished_training_is_neither_overwritten_nor_mixed_with_another() {
    let sandbox = Sandbox::with_data();
    kill_after(&sandbox, &training("out", SETTINGS), 3);
    let before = bytes(&sandbox, "out/checkpoint");
    let refused = |options: &str| sandbox.fails(&training("out", options), 2);
    insta::assert_snapshot!(refused(SETTINGS), @"out: the folder is not empty; it holds an unfinished training: add --resume, or choose another folder");
    insta::assert_snapshot!(refused(&format!("{SETTINGS} --seed 1 --resume")), @"out: holds an unfinished training with other settings; use the same settings, or choose another folder");
    let text = sandbox.read("data/train.conll");
    sandbox.write("data/train.conll", [&text[..], b"Oslo\tB-LOC\n\n"].concat());
    insta::assert_snapshot!(refused(&format!("{SETTINGS} --resume")), @"out: holds an unfinished training on texts that have changed since; restore them, or choose another folder");
    assert!(bytes(&sandbox, "out/checkpoint") == before);
    sandbox.write("data/train.conll", text);
    sandbox.run(&training("out", &format!("{SETTINGS} --resume")));
}

#[test]
fn a_damaged_checkpoint_is_an_error() {
    let sandbox = Sandbox::with_data();
    kill_after(&sandbox, &training("out", SETTINGS), 4);
    let state = sandbox.text("out/checkpoint/state.json");
    sandbox.write("out/checkpoint/state.json", &state[..state.len() / 2]);
    let resumed = training("out", &format!("{SETTINGS} --resume"));
    let message = sandbox.fails(&resumed, 4);
    assert!(message.starts_with("out/checkpoint/state.json: "), "{message}");
    assert!(message.ends_with("; choose another folder and start the training again"), "{message}");
    sandbox.write("out/checkpoint/state.json", &state);
    let tensors = serde_json::from_str::<serde_json::Value>(&state).unwrap()["tensors"].clone();
    let name = tensors.as_str().unwrap();
    let tensors = format!("out/checkpoint/{name}");
    let whole = sandbox.read(&tensors);
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for damaged in [&whole[..whole.len() / 2], &flipped[..]] {
        sandbox.write(&tensors, damaged);
        let expected = format!(
            "out/checkpoint/state.json: {name} is not the file that was written with it; \
             choose another folder and start the training again"
        );
        assert_eq!(sandbox.fails(&resumed, 4), expected);
    }
}
