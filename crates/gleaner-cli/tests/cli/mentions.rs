//! `gleaner data mentions`, and trainings that replace mentions.

use crate::common::{Sandbox, kill_after, objects, training};
use serde_json::Value;

const MADE: &str =
    "--data data --epochs 3 --replace-mentions 0.7 --mentions names.tsv --checkpoint-seconds 0";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_data();
    sandbox.write("names.tsv", "LOC\tGroot Dal\nPER\tPiet\n");
    sandbox
}

fn losses(sandbox: &Sandbox, folder: &str) -> Vec<Value> {
    let history = sandbox.json(&format!("{folder}/gleaner.json"))["history"].clone();
    history.as_array().unwrap().iter().map(|epoch| epoch["train-loss"].clone()).collect()
}

#[test]
fn mentions_of_texts_are_listed_once_by_type() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "Anna\tB-PER\nNew\tB-LOC\nYork\tI-LOC\n\nAnna\tB-PER\n");
    sandbox.write("b.conll", "Oudrif\tB-PLACE\n");
    let (list, _) = sandbox.run("data mentions a.conll b.conll,map=PLACE:LOC,map=*:O");
    assert_eq!(list, "LOC\tNew York\nLOC\tOudrif\nPER\tAnna\n");
    let (json, _) = sandbox.run("data mentions a.conll --output json");
    assert_eq!(objects(&json)[0], serde_json::json!({"type": "LOC", "words": ["New", "York"]}));
}

#[test]
fn replaced_mentions_change_every_epoch_and_a_share_of_zero_changes_nothing() {
    let sandbox = sandbox();
    sandbox.run(&training("plain", "--data data --epochs 3"));
    sandbox.run(&training("zero", "--data data --epochs 3 --replace-mentions 0"));
    sandbox.run(&training("made", MADE));
    assert_eq!(losses(&sandbox, "zero"), losses(&sandbox, "plain"));
    for (made, plain) in losses(&sandbox, "made").iter().zip(losses(&sandbox, "plain")) {
        assert_ne!(*made, plain);
    }
}

#[test]
fn a_killed_training_with_replaced_mentions_ends_with_the_same_bytes() {
    let sandbox = sandbox();
    sandbox.run(&training("whole", MADE));
    kill_after(&sandbox, &training("out", MADE), 2);
    sandbox.run(&training("out", &format!("{MADE} --resume")));
    assert!(sandbox.read("out/model.safetensors") == sandbox.read("whole/model.safetensors"));
}

#[test]
fn a_training_does_not_continue_with_another_list() {
    let sandbox = sandbox();
    kill_after(&sandbox, &training("out", MADE), 3);
    let list = sandbox.text("names.tsv");
    sandbox.write("names.tsv", format!("{list}PER\tXaveria\n"));
    let resumed = training("out", &format!("{MADE} --resume"));
    assert_eq!(
        sandbox.fails(&resumed, 2),
        "out: holds an unfinished training with an encoder, mentions or teachers that have changed since; restore them, \
         or choose another folder"
    );
    sandbox.write("names.tsv", list);
    sandbox.run(&resumed);
}

#[test]
fn bad_shares_and_lists_are_refused() {
    let sandbox = sandbox();
    let refused = |more: &str, code: i32| {
        sandbox.fails(&training("out", &format!("--data data {more}")), code)
    };
    assert_eq!(
        refused("--replace-mentions 2", 2),
        "replace-mentions: 2 is out of range; use a number from 0 to 1"
    );
    assert_eq!(
        refused("--mentions names.tsv", 2),
        "mentions: has an effect only with replace-mentions; set it to a share"
    );
    sandbox.write("names.tsv", "LOC\tOudrif\nPiet\n");
    assert_eq!(
        refused("--replace-mentions 1 --mentions names.tsv", 3),
        "names.tsv:2: expected a type, a tab and a mention; write LOC, a tab and New York"
    );
}
