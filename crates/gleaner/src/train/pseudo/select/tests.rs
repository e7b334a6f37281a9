//! The rules of selection, on numbers small enough to check by hand.

use super::*;
use crate::{Overrides, testing::labels};

fn prediction(confidence: f64, entropy: f64, tags: &[u16]) -> PoolPrediction {
    let certainty = vec![confidence; tags.len()];
    PoolPrediction { confidence, entropy, tags: tags.to_vec(), certainty, soft: None }
}

fn settings(toml: &str) -> Settings {
    let file: Overrides = toml::from_str(toml).unwrap();
    Settings::resolve(&[&file]).unwrap()
}

fn chosen(toml: &str, pool: &[PoolPrediction]) -> (f64, Vec<usize>) {
    let Choice { threshold, chosen } = select(&settings(toml), &labels(), pool);
    (threshold, chosen)
}

#[test]
fn only_confidences_strictly_above_the_quantile_are_chosen() {
    let entity: &[u16] = &[0, 1];
    let pool = [0.5, 0.7, 0.6, 0.8, 0.9].map(|c| prediction(c, 0.0, entity));
    // The median, 0.7, is a sentence's own confidence: that sentence is not above it.
    assert_eq!(chosen("quantile = 0.5\nentropy = 1.0", &pool), (0.7, vec![3, 4]));
    let equal = [0.7; 5].map(|c| prediction(c, 0.0, entity));
    assert_eq!(chosen("quantile = 0.5\nentropy = 1.0", &equal), (0.7, Vec::new()));
}

#[test]
fn entropy_must_be_below_its_limit_and_there_must_be_an_entity() {
    let pool = [
        prediction(0.1, 0.00, &[0, 1]),
        prediction(0.9, 0.15, &[0, 1]),
        prediction(0.8, 0.14, &[1, 2]),
        prediction(0.9, 0.01, &[0, 0]),
        prediction(0.7, 0.01, &[0, 0, 2]),
    ];
    let at = |quantile: f64| chosen(&format!("quantile = {quantile:?}\nentropy = 0.15"), &pool);
    assert_eq!(at(0.0), (0.1, vec![2, 4]));
    // The quantile is that of the whole pool: of sentences too that could not be chosen.
    assert_eq!(at(0.5), (0.8, Vec::new()));
    assert_eq!(at(0.25), (0.7, vec![2]));
}

#[test]
fn calibrated_spans_must_reach_what_is_sure() {
    let pool = [
        prediction(0.95, 9.0, &[0, 1]),
        prediction(0.8, 0.0, &[3]),
        prediction(0.7999, 0.0, &[3]),
        prediction(0.99, 0.0, &[0]),
    ];
    let of = chosen("confidence = \"spans\"\nsure = 0.8\nquantile = 0.9", &pool);
    assert_eq!(of, (0.8, vec![0, 1]));
}

#[test]
fn partial_labels_need_one_sure_entity_and_leave_the_rest_open() {
    let settings = settings("unsure = \"partial\"\nsure = 0.8");
    let mut some = prediction(0.3, 9.0, &[1, 2, 0, 3, 0]);
    some.certainty = vec![0.9, 0.9, 0.95, 0.3, 0.79];
    let mut none = some.clone();
    none.certainty[..2].fill(0.5);
    assert_eq!(select(&settings, &labels(), &[some.clone(), none]).chosen, [0]);
    assert_eq!(some.unsure(&settings), [3, 4]);
    assert_eq!(some.sure_tags(&settings, 0), [1, 2, 0, 0, 0]);
    assert_eq!(some.begins(&settings, &labels()), [1]);
    // Two entities side by side; and nothing is unsure where sentences are dropped.
    let drop = self::settings("sure = 0.8");
    assert_eq!(prediction(0.1, 0.0, &[1, 2, 1, 3, 4]).begins(&drop, &labels()), [1, 1, 3]);
    assert!(some.unsure(&drop).is_empty());
    // An entity that begins with I counts for its type.
    assert_eq!(prediction(0.1, 0.0, &[2, 0, 4]).begins(&drop, &labels()), [1, 3]);
}

#[test]
fn a_type_that_swamps_others_loses_its_least_sure_sentences() {
    // Six sentences of locations, two of persons; one of both counts for the rarer.
    let mut pool: Vec<PoolPrediction> =
        [0.9, 0.7, 0.95, 0.8, 0.85].map(|c| prediction(c, 0.0, &[0, 1])).to_vec();
    pool.push(prediction(0.6, 0.0, &[1, 3]));
    pool.push(prediction(0.65, 0.0, &[3]));
    let of = |cap: f64| {
        let toml = format!("confidence = \"spans\"\nsure = 0.1\ntype-cap = {cap:?}");
        chosen(&toml, &pool).1
    };
    assert_eq!(of(1.0), [0, 1, 2, 3, 4, 5, 6]);
    // 3 of 5 are 0.6.
    assert_eq!(of(0.6), [0, 2, 4, 5, 6]);
    assert_eq!(of(0.59), [0, 2, 5, 6]);
    // Two types cannot have less than a half each.
    assert_eq!(of(0.1), of(0.5));
    assert_eq!(of(0.5), [0, 2, 5, 6]);
}

#[test]
fn limits_are_as_worked_by_hand() {
    for (counts, cap, expected) in [
        (&[10, 10, 10][..], 0.34, 10),
        (&[100, 10, 10], 0.5, 20),
        (&[100, 10, 10], 0.4, 13),
        (&[100, 5], 0.3, 5),
        (&[7], 0.2, 7),
        (&[1, 1, 1, 1, 1], 0.2, 1),
        (&[], 0.5, 0),
    ] {
        assert_eq!(limit(counts, cap), expected, "{counts:?} {cap}");
    }
}
