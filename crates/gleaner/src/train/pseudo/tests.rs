//! The rules of selection, on numbers small enough to check by hand.

use super::*;

fn opinion(confidence: f64, entropy: f64, tags: &[u16]) -> Opinion {
    Opinion { confidence, entropy, tags: tags.to_vec() }
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
    assert_eq!(select(&pool, 0, 0.5, 1.0), (0.7, vec![3, 4]));
    let equal = [0.7; 5].map(|c| opinion(c, 0.0, entity));
    assert_eq!(select(&equal, 0, 0.5, 1.0), (0.7, Vec::new()));
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
    let (threshold, chosen) = select(&pool, 0, 0.0, 0.15);
    assert_eq!((threshold, chosen), (0.1, vec![2, 4]));
    // The quantile is that of the whole pool: of sentences too that could not be chosen.
    assert_eq!(select(&pool, 0, 0.5, 0.15), (0.8, Vec::new()));
    assert_eq!(select(&pool, 2, 0.25, 0.15), (0.7, vec![2, 3]));
}

#[test]
fn entropy_is_natural_and_softmax_sums_to_one() {
    let even = softmax(&[3.0, 3.0, 3.0, 3.0]);
    assert!((entropy_of(&even) - 4f64.ln()).abs() < 1e-12);
    assert!((entropy_of(&[0.0, 1.0])).abs() < 1e-12);
    let p = softmax(&[0.0, 2f32.ln()]);
    assert!((p[0] - 1.0 / 3.0).abs() < 1e-7 && (p[0] + p[1] - 1.0).abs() < 1e-12);
}

#[test]
fn confidence_is_of_the_chosen_tag_and_a_mean_over_all_units() {
    // Odds of 3 to 1 for the second tag; then even.
    let emissions = [0.0, 3f32.ln(), 1.0, 1.0];
    let near = |(a, b): (f64, f64), c: f64, d: f64| (a - c).abs() < 1e-7 && (b - d).abs() < 1e-7;
    let three_to_one = -(0.75 * 0.75f64.ln() + 0.25 * 0.25f64.ln());
    let entropy = (three_to_one + 2f64.ln()) / 2.0;
    assert!(near(of_choice(&emissions, 2, &[1, 0]), (0.75 + 0.5) / 2.0, entropy));
    // The CRF may choose what the emissions alone would not.
    assert!(near(of_choice(&emissions, 2, &[0, 0]), (0.25 + 0.5) / 2.0, entropy));
}

#[test]
fn a_spread_keeps_the_ends_and_the_order() {
    let values: Vec<f64> = (0..1000).rev().map(f64::from).collect();
    let kept = spread(&values);
    assert_eq!((kept.len(), kept[0], kept[KEPT - 1]), (KEPT, 0.0, 999.0));
    assert!(kept.is_sorted());
    assert_eq!(spread(&[0.5, 0.25]), [0.25, 0.5]);
    assert_eq!(spread(&[0.5]), [0.5]);
    assert_eq!(spread(&[]), [0f32; 0]);
}
