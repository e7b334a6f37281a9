//! The rules of selection, on numbers small enough to check by hand.

use super::*;
use crate::{Overrides, testing::labels};

fn opinion(confidence: f64, entropy: f64, tags: &[u16]) -> Opinion {
    let certainty = vec![confidence; tags.len()];
    Opinion { confidence, entropy, tags: tags.to_vec(), certainty, soft: None }
}

fn settings(toml: &str) -> Settings {
    let file: Overrides = toml::from_str(toml).unwrap();
    Settings::resolve(&[&file]).unwrap()
}

fn chosen(toml: &str, pool: &[Opinion]) -> (f64, Vec<usize>) {
    let Choice { threshold, chosen } = select(&settings(toml), &labels(), pool);
    (threshold, chosen)
}

#[test]
fn quantiles_interpolate_as_numpy_does() {
    // numpy.quantile([0.1, 0.2, 0.4, 0.8], q)
    let values = vec![0.8, 0.1, 0.4, 0.2];
    let near = |q: f64, expected: f64| {
        let found = quantile_of(values.clone(), q);
        assert!((found - expected).abs() < 1e-12, "{q}: {found}");
    };
    near(0.0, 0.1);
    near(0.5, 0.3);
    near(0.9, 0.68);
    near(1.0, 0.8);
    assert_eq!(quantile_of(Vec::new(), 0.5), 0.0);
}

#[test]
fn only_what_is_strictly_above_the_quantile_is_chosen() {
    let entity: &[u16] = &[0, 1];
    let pool = [0.5, 0.7, 0.6, 0.8, 0.9].map(|c| opinion(c, 0.0, entity));
    // The median, 0.7, is a sentence's own confidence: that sentence is not above it.
    assert_eq!(chosen("quantile = 0.5\nentropy = 1.0", &pool), (0.7, vec![3, 4]));
    let equal = [0.7; 5].map(|c| opinion(c, 0.0, entity));
    assert_eq!(chosen("quantile = 0.5\nentropy = 1.0", &equal), (0.7, Vec::new()));
}

#[test]
fn entropy_must_be_below_its_limit_and_there_must_be_an_entity() {
    let pool = [
        opinion(0.1, 0.00, &[0, 1]),
        opinion(0.9, 0.15, &[0, 1]),
        opinion(0.8, 0.14, &[1, 2]),
        opinion(0.9, 0.01, &[0, 0]),
        opinion(0.7, 0.01, &[0, 0, 2]),
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
        opinion(0.95, 9.0, &[0, 1]),
        opinion(0.8, 0.0, &[3]),
        opinion(0.7999, 0.0, &[3]),
        opinion(0.99, 0.0, &[0]),
    ];
    let of = chosen("confidence = \"spans\"\nsure = 0.8\nquantile = 0.9", &pool);
    assert_eq!(of, (0.8, vec![0, 1]));
}

#[test]
fn partial_labels_need_one_sure_entity_and_leave_the_rest_open() {
    let settings = settings("unsure = \"partial\"\nsure = 0.8");
    let mut some = opinion(0.3, 9.0, &[1, 2, 0, 3, 0]);
    some.certainty = vec![0.9, 0.9, 0.95, 0.3, 0.79];
    let mut none = some.clone();
    none.certainty[..2].fill(0.5);
    assert_eq!(select(&settings, &labels(), &[some.clone(), none]).chosen, [0]);
    assert_eq!(some.unsure(&settings), [3, 4]);
    assert_eq!(some.sure_tags(&settings, 0), [1, 2, 0, 0, 0]);
    assert_eq!(some.begins(&settings, &labels()), [1]);
    // Two entities side by side; and nothing is unsure where sentences are dropped.
    let drop = self::settings("sure = 0.8");
    assert_eq!(opinion(0.1, 0.0, &[1, 2, 1, 3, 4]).begins(&drop, &labels()), [1, 1, 3]);
    assert!(some.unsure(&drop).is_empty());
    // An entity that begins with I counts for its type.
    assert_eq!(opinion(0.1, 0.0, &[2, 0, 4]).begins(&drop, &labels()), [1, 3]);
}

#[test]
fn a_type_that_swamps_others_loses_its_least_sure_sentences() {
    // Six sentences of locations, two of persons; one of both counts for the rarer.
    let mut pool: Vec<Opinion> =
        [0.9, 0.7, 0.95, 0.8, 0.85].map(|c| opinion(c, 0.0, &[0, 1])).to_vec();
    pool.push(opinion(0.6, 0.0, &[1, 3]));
    pool.push(opinion(0.65, 0.0, &[3]));
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
