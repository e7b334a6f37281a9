//! What is kept of a round.

use super::*;

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
