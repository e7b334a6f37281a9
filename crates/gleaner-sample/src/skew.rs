//! Skewed draws: in real text, few names are frequent and most are rare.

use gleaner_base::random::SplitMix64;

/// A rank in `0..n`, low ranks more often: `floor(n u³)` for uniform `u`. The first tenth of the ranks gets almost half
/// of the draws.
pub(crate) fn rank_below(random: &mut SplitMix64, n: usize) -> usize {
    // 53 bits fill the fraction of an f64 exactly; products and floor are the same on every machine.
    let u = (random.next_bits() >> 11) as f64 / (1u64 << 53) as f64;
    (n as f64 * u * u * u) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_in_range_and_low_ones_are_frequent() {
        let mut random = SplitMix64::new(7);
        let ranks: Vec<usize> = (0..10_000).map(|_| rank_below(&mut random, 100)).collect();
        assert!(ranks.iter().all(|&rank| rank < 100));
        let low = ranks.iter().filter(|&&rank| rank < 10).count();
        assert!((4_400..4_900).contains(&low), "{low}");
    }
}
