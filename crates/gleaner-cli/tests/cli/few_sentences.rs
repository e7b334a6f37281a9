//! Settings for fine-tuning on few sentences: rates by layer, new layers, partial decay and R-Drop.

use crate::common::{Sandbox, kill_after, tagger, training};

const ALL: &str = "--data data --epochs 3 --average 2 --layer-decay 0.8 --reset-layers 1 --decay-on weights \
                   --r-drop 1 --checkpoint-seconds 0";

fn weights(sandbox: &Sandbox, folder: &str) -> Vec<u8> {
    sandbox.read(&format!("{folder}/model.safetensors"))
}

#[test]
fn each_setting_changes_the_model_and_its_default_does_not() {
    let sandbox = Sandbox::with_data();
    let train = |name: &str, options: &str| {
        sandbox.run(&training(name, &format!("--data data --epochs 1 {options}")));
        weights(&sandbox, name)
    };
    let plain = train("plain", "");
    let defaults = "--layer-decay 1 --reset-layers 0 --decay-on all --r-drop 0";
    assert!(train("defaults", defaults) == plain);
    for (name, options) in [
        ("rates", "--layer-decay 0.8"),
        ("new", "--reset-layers 1"),
        ("weights", "--decay-on weights"),
        ("twice", "--r-drop 1"),
    ] {
        assert!(train(name, options) != plain, "{options}");
    }
    let pieces = |name: &str| {
        let model = sandbox.json(&format!("{name}/gleaner.json"));
        model["history"][0]["pieces"].as_u64().unwrap()
    };
    assert_eq!(pieces("twice"), 2 * pieces("plain"));
}

#[test]
fn a_killed_training_with_all_of_them_ends_with_the_same_bytes() {
    let sandbox = Sandbox::with_data();
    sandbox.run(&training("whole", ALL));
    // Before the average has begun, and within it.
    for events in [2, 3] {
        kill_after(&sandbox, &training("out", ALL), events);
        sandbox.run(&training("out", &format!("{ALL} --resume")));
        assert!(weights(&sandbox, "out") == weights(&sandbox, "whole"), "{events}");
        std::fs::remove_dir_all(sandbox.path("out")).unwrap();
    }
}

#[test]
fn layers_that_cannot_be_reset_are_refused() {
    let sandbox = Sandbox::with_data();
    let refused = |options: &str| {
        let error = sandbox.fails(&training("out", &format!("--data data {options}")), 2);
        assert!(!sandbox.path("out/model.safetensors").exists());
        error
    };
    assert_eq!(
        refused("--reset-layers 4"),
        "reset-layers: the encoder has 3 layers; use 3 or fewer"
    );
    assert_eq!(
        refused("--freeze 2 --reset-layers 2"),
        "reset-layers: the encoder has 3 layers, and 2 of them are frozen, which would keep new layers untrained; use 1 \
         or fewer"
    );
    let start = tagger().display();
    let options = format!("train --data data --start {start} --reset-layers 1 --out out");
    let error = sandbox.fails(&options, 2);
    assert!(error.starts_with("reset-layers: would forget"), "{error}");
}
