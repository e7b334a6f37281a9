//! A counter-based random generator: draw `i` depends on the seed and on `i` alone.

/// SplitMix64 (Steele, Lea and Flood 2014): a counter advanced by the golden ratio, then mixed.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    counter: u64,
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self { counter: seed }
    }

    fn next(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.counter;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `0..n`; the bias of the multiply-shift is below `n` in 2^64.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A rank in `0..n` where low ranks are frequent, as names are in real text: `floor(n u^3)` for uniform
    /// `u`, so that the first tenth of the ranks takes almost half of the draws.
    pub(crate) fn skewed_below(&mut self, n: usize) -> usize {
        // 53 bits fill an f64's fraction exactly; products and floor are the same on every machine.
        let u = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (n as f64 * u * u * u) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_reference_values() {
        let mut rng = Rng::new(1_234_567);
        assert_eq!(rng.next(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn skewed_ranks_stay_in_range_and_favour_the_head() {
        let mut rng = Rng::new(7);
        let ranks: Vec<usize> = (0..10_000).map(|_| rng.skewed_below(100)).collect();
        assert!(ranks.iter().all(|&rank| rank < 100));
        let head = ranks.iter().filter(|&&rank| rank < 10).count();
        assert!((4_400..4_900).contains(&head), "{head}");
    }
}
