//! The 80/10/10 split against values of scikit-learn.

use std::path::Path;

use gleaner_corpus::splits::{Split, split_80_10_10};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    n: usize,
    seed: u32,
    train: Vec<usize>,
    dev: Vec<usize>,
    test: Vec<usize>,
}

#[test]
fn splits_are_those_of_scikit_learn() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles/splits.json");
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 15);
    for Case { n, seed, train, dev, test } in cases {
        let split = split_80_10_10(n, seed).unwrap();
        assert_eq!(split, Split { train, dev, test }, "{n} sentences, seed {seed}");
    }
}
