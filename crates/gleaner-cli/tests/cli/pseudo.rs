//! Self-training: trainings with a pool.

use crate::common::{Sandbox, kill_after, tagger, training};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Adds nearly every sentence with an entity, from early epochs on.
const EASY: &str = "--data data --pool sample:af --pool-limit 60 --delay 0 --quantile 0.1 --entropy 5 --confidence softmax \
                    --additions append --epochs 5 --rate-encoder 1e-4 --rate-lstm 1e-3 --checkpoint-seconds 0";

fn history(sandbox: &Sandbox, folder: &str) -> Vec<Value> {
    sandbox.json(&format!("{folder}/gleaner.json"))["history"].as_array().unwrap().clone()
}

/// Settings that start from a tagger that finds names.
fn easy() -> String {
    format!("{EASY} --start {}", tagger().display())
}

#[test]
fn labels_are_added_after_the_delay_and_trained_in_the_next_epoch() {
    let sandbox = Sandbox::with_data();
    let (_, err) = sandbox.train("out", &easy());
    assert!(err.contains("note: a pool of 60 sentences of sample:af"), "{err}");
    let epochs = history(&sandbox, "out");
    let added = |i: usize| epochs[i]["round"]["added"].as_u64();
    // With delay 0, labels are first added after the epoch with index 1. None are added after the
    // last epoch, as no training follows.
    assert_eq!((added(0), added(4)), (None, None));
    assert!((1..4).all(|i| added(i) > Some(5)), "{epochs:?}");
    // With limits that no sentence meets, training is equal up to that epoch and differs after it.
    sandbox.train("strict", &format!("{} --entropy 1e-9", easy()).replace("--entropy 5 ", ""));
    let strict = history(&sandbox, "strict");
    assert!((1..4).all(|i| strict[i]["round"]["added"] == 0));
    let numbers = |epoch: &Value| [epoch["train-loss"].clone(), epoch["dev-loss"].clone()];
    assert_eq!(numbers(&epochs[0]), numbers(&strict[0]));
    assert_eq!(numbers(&epochs[1]), numbers(&strict[1]));
    assert_ne!(numbers(&epochs[2]), numbers(&strict[2]));
    // A training that stops early adds nothing.
    sandbox.train(
        "tired",
        &format!(
            "{} --select entity-f1 --patience 1 --rate-encoder 0 --rate-lstm 0 --rate-linear 0 --rate-crf 0",
            easy()
        )
        .replace("--rate-encoder 1e-4 --rate-lstm 1e-3 ", ""),
    );
    let tired = history(&sandbox, "tired");
    assert_eq!(tired.len(), 2);
    assert!(tired.iter().all(|e| e.get("round").is_none()), "{tired:?}");
}

#[test]
fn gold_labels_of_the_pool_only_measure() {
    let sandbox = Sandbox::with_data();
    let pool = gleaner_sample::unlabelled_gold();
    let gold = gleaner_sample::to_conll(&pool[..40]);
    sandbox.write("gold.conll", &gold);
    let words: String =
        gold.lines().map(|l| l.split('\t').next().unwrap().to_owned() + "\n").collect();
    sandbox.write("bare.conll", &words);
    let settings = easy().replace("--pool sample:af --pool-limit 60", "--pool");
    sandbox.train("gold", &settings.replace("--pool", "--pool gold.conll"));
    sandbox.train("bare", &settings.replace("--pool", "--pool bare.conll"));
    assert!(sandbox.read("gold/model.safetensors") == sandbox.read("bare/model.safetensors"));
    let agreement = |folder: &str| history(&sandbox, folder)[2]["round"]["agreement"].clone();
    let of = agreement("gold");
    assert!(
        of["gold"].as_u64() >= Some(20) && of["correct"].as_u64() <= of["predicted"].as_u64(),
        "{of}"
    );
    assert_eq!(agreement("bare"), json!(null));
}

#[test]
fn every_kind_of_confidence_and_addition_works() {
    let sandbox = Sandbox::with_data();
    let last = |folder: &str| history(&sandbox, folder)[3]["round"].clone();
    sandbox.train("sound", &easy().replace("softmax", "marginals").replace("append", "replace"));
    let round = last("sound");
    let confidences = round["pool-confidence"].as_array().unwrap();
    assert_eq!((round["pool"].clone(), confidences.len()), (json!(60), 60));
    assert!(confidences.iter().all(|c| (0.0..=1.0).contains(&c.as_f64().unwrap())));
    sandbox.train("softmax", &easy());
    assert_ne!(last("softmax")["pool-confidence"], round["pool-confidence"]);
}

#[test]
fn killed_and_resumed_equals_uninterrupted_with_additions() {
    let sandbox = Sandbox::with_data();
    let settings = easy();
    sandbox.train("whole", &settings);
    // Lines: start, taken over, two epochs, labelled, an epoch, labelled, an epoch, labelled, ...
    for lines in [5, 6, 8] {
        kill_after(&sandbox, &training("out", &settings), lines);
        assert!(!sandbox.path("out/gleaner.json").exists());
        sandbox.train("out", &format!("{settings} --resume"));
        for file in ["model.safetensors", "gleaner.json"] {
            let same =
                sandbox.read(&format!("out/{file}")) == sandbox.read(&format!("whole/{file}"));
            assert!(same, "{file} after {lines} lines");
        }
        std::fs::remove_dir_all(sandbox.path("out")).unwrap();
    }
}

#[test]
fn invalid_pools_are_errors() {
    let sandbox = Sandbox::with_data();
    let refused = |options: &str, code| sandbox.refuses(&format!("--data data {options}"), code);
    assert_snapshot!(refused("--pool nothing.txt", 1), @"nothing.txt: no such file or folder; check the path");
    sandbox.write("empty.txt", "\n\n");
    assert_snapshot!(refused("--pool empty.txt", 3), @"empty.txt: no sentences found; check that it is the right file");
    assert_snapshot!(refused("--pool sample:xx", 2), @"data: there is no sample `xx`; use sample:af or sample:nl");
    assert_snapshot!(refused("--pool data/test.conll", 2), @"data/test.conll: no sentence of the pool is left; add text, or use --drop-leaks false");
    assert_snapshot!(refused("--pool sample:af --quantile 1", 2), @"quantile: 1 is out of range; use a number from 0 to below 1");
}
