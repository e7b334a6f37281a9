//! SplitMix64 (Steele, Lea and Flood 2014): a counter that advances by the golden ratio, then a mix of its bits. The
//! n-th number is a function of the seed and of n.

/// 2⁶⁴ divided by the golden ratio, made odd.
pub const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's finaliser: a bijection that spreads every bit over all.
pub const fn finalise(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// `bits` scaled to a whole number below `bound`: the high half of the product, whose bias is below `bound` / 2⁶⁴.
pub const fn scaled(bits: u64, bound: usize) -> usize {
    ((bits as u128 * bound as u128) >> 64) as usize
}

/// The generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// The generator with this state.
    pub const fn new(state: u64) -> Self {
        Self { state }
    }

    /// 64 random bits.
    pub const fn next_bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        finalise(self.state)
    }

    /// A whole number below `bound`.
    pub const fn below(&mut self, bound: usize) -> usize {
        scaled(self.next_bits(), bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_reference_implementation() {
        let mut generator = SplitMix64::new(1_234_567);
        let drawn = [0; 3].map(|_| generator.next_bits());
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn numbers_below_a_bound_are_even() {
        let mut generator = SplitMix64::new(7);
        let mut seen = [0_u32; 10];
        (0..20_000).for_each(|_| seen[generator.below(10)] += 1);
        // 2,000 each, with a standard deviation of 42.
        assert!(seen.iter().all(|n| (1800..2200).contains(n)), "{seen:?}");
    }
}
