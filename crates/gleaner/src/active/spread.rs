//! Sentences that differ from each other: the seeding of k-means++ (Arthur and Vassilvitskii 2007, section 2.2).

use gleaner_nn::rng::Stream;

/// Indices of at most `take` vectors. The first vector comes first; each further one is drawn with a probability
/// proportional to its squared distance from the nearest one drawn. Where all that remain equal one that was drawn, the
/// first of them is next.
pub(super) fn spread(vectors: &[Vec<f32>], take: usize, stream: Stream) -> Vec<usize> {
    let take = take.min(vectors.len());
    let mut drawn: Vec<usize> = Vec::with_capacity(take);
    let mut nearest = vec![f64::INFINITY; vectors.len()];
    let mut next = 0;
    while drawn.len() < take {
        drawn.push(next);
        // Exactly 0, so that it is not drawn again.
        nearest[next] = 0.0;
        for (at, distance) in nearest.iter_mut().enumerate() {
            *distance = distance.min(squared_distance(&vectors[at], &vectors[next]));
        }
        let remaining = || (0..vectors.len()).filter(|at| !drawn.contains(at));
        next = weighted(&nearest, stream.bits(drawn.len() as u64))
            .or_else(|| remaining().next())
            .unwrap_or(0);
    }
    drawn
}

/// An index drawn with a probability proportional to its weight; `None` if all weights are 0.
fn weighted(weights: &[f64], bits: u64) -> Option<usize> {
    let sum: f64 = weights.iter().sum();
    // In [0, 1), with the 53 bits of a double.
    let uniform = (bits >> 11) as f64 / (1u64 << 53) as f64;
    let mut left = uniform * sum;
    let mut last = None;
    for (at, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        // Rounding may leave something after the last one.
        last = Some(at);
        if left < weight {
            break;
        }
        left -= weight;
    }
    last
}

fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(points: &[f32]) -> Vec<Vec<f32>> {
        points.iter().map(|&x| vec![x, 0.0]).collect()
    }

    #[test]
    fn far_groups_are_all_drawn_before_a_second_of_one() {
        let vectors = of(&[0.0, 0.001, 0.002, 1000.0, 1000.001, -2000.0, -2000.001]);
        for seed in 0..50 {
            let mut groups: Vec<i32> = spread(&vectors, 3, Stream::new(seed))
                .into_iter()
                .map(|at| (vectors[at][0] / 500.0).round() as i32)
                .collect();
            groups.sort_unstable();
            assert_eq!(groups, [-4, 0, 2], "seed {seed}");
        }
    }

    #[test]
    fn the_chance_of_a_vector_is_its_squared_distance() {
        // Squared distances from the first: 1, 4 and 9.
        let vectors = of(&[0.0, 1.0, 2.0, 3.0]);
        let mut counts = [0usize; 4];
        for seed in 0..14_000 {
            counts[spread(&vectors, 2, Stream::new(seed))[1]] += 1;
        }
        assert_eq!(counts[0], 0);
        for (count, expected) in counts[1..].iter().zip([1000, 4000, 9000]) {
            assert!(count.abs_diff(expected) < 250, "{counts:?}");
        }
    }

    #[test]
    fn equal_vectors_are_drawn_in_their_order() {
        assert_eq!(spread(&of(&[5.0; 4]), 3, Stream::new(1)), [0, 1, 2]);
        assert_eq!(spread(&[], 3, Stream::new(1)), [0usize; 0]);
    }

    proptest! {
        #[test]
        fn none_is_drawn_twice(points in prop::collection::vec(-3f32..3.0, 0..20), take in 0usize..25, seed: u64) {
            // Rounded, so that some are equal.
            let vectors = of(&points.iter().map(|x| x.round()).collect::<Vec<_>>());
            let mut drawn = spread(&vectors, take, Stream::new(seed));
            prop_assert_eq!(drawn.len(), take.min(points.len()));
            prop_assert_eq!(&drawn, &spread(&vectors, take, Stream::new(seed)));
            drawn.sort_unstable();
            drawn.dedup();
            prop_assert_eq!(drawn.len(), take.min(points.len()));
        }
    }
}
