//! Random numbers of a project: each is a function of the project's seed and of what it is drawn for.

use gleaner_base::random::{SplitMix64, finalise};

/// What a number is drawn for.
#[derive(Clone, Copy)]
pub(crate) enum Draw {
    /// Whether a sentence is held out.
    HeldOut,
    /// Whether a sentence is shown to every annotator.
    Shared,
    /// The place of a sentence in the random order.
    Rank,
    /// Whether the n-th sentence of an annotator is a held-out one.
    Turn,
}

/// 64 random bits for the `n`-th thing.
pub(crate) fn bits(seed: u64, draw: Draw, n: u64) -> u64 {
    let stream = finalise(finalise(seed).wrapping_add(draw as u64 + 1));
    SplitMix64::new(finalise(stream.wrapping_add(n))).next_bits()
}

/// Whether something with the probability `share` happens to the `n`-th thing.
pub(crate) fn happens(seed: u64, draw: Draw, n: u64, share: f64) -> bool {
    // 53 bits, as a double has.
    ((bits(seed, draw, n) >> 11) as f64) < share * (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_as_wanted_and_independent_of_each_other() {
        let count = |wanted: &dyn Fn(u64) -> bool| (0..20_000).filter(|n| wanted(*n)).count();
        let held_out = |n| happens(3, Draw::HeldOut, n, 0.2);
        let shared = |n| happens(3, Draw::Shared, n, 0.5);
        // 4,000 with a standard deviation of 57; 2,000 with one of 42.
        assert!((3_800..4_200).contains(&count(&held_out)));
        assert!((1_850..2_150).contains(&count(&|n| held_out(n) && shared(n))));
        assert_eq!(count(&|n| happens(3, Draw::Turn, n, 0.0)), 0);
        assert_eq!(count(&|n| happens(3, Draw::Turn, n, 1.0)), 20_000);
        assert_ne!(bits(1, Draw::Rank, 7), bits(2, Draw::Rank, 7));
    }
}
