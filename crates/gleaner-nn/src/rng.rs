//! A counter-based random generator: every number is a pure function of a key and an index.
//!
//! The generator has no state, so the order of threads, batches or resumed runs cannot change a value. Keys are
//! mixed with SplitMix64's finaliser (Steele, Lea and Flood 2014). Dropout masks use MurmurHash3's 32-bit
//! finaliser, applied twice.

use gleaner_base::random::{GOLDEN, finalise as finalise64, scaled};

/// Mixes 64 bits: the first output of SplitMix64 with this state.
fn mix64(bits: u64) -> u64 {
    finalise64(bits.wrapping_add(GOLDEN))
}

/// A stream of random numbers, determined by a seed and a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(u64);

impl Stream {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(mix64(seed))
    }

    /// An independent stream derived from this one, for example one for each layer.
    pub fn child(self, tag: u64) -> Self {
        Self(mix64(self.0 ^ mix64(tag)))
    }

    /// The stream of a purpose, given by name.
    pub fn named(self, name: &str) -> Self {
        name.bytes().fold(self, |s, b| s.child(u64::from(b) + 1))
    }

    /// 64 random bits at `index`.
    pub fn bits(self, index: u64) -> u64 {
        mix64(self.0 ^ mix64(index))
    }

    /// A number in [0, 1) at `index`, with 24 random bits.
    pub fn uniform(self, index: u64) -> f32 {
        (self.bits(index) >> 40) as f32 / (1u64 << 24) as f32
    }

    /// An integer below `bound` at `index`, by multiplication. The bias is below 2⁻³² for any bound used here.
    pub fn below(self, bound: usize, index: u64) -> usize {
        scaled(self.bits(index), bound)
    }

    /// A normally distributed number with mean 0 and standard deviation 1 at `index` (Box–Muller).
    pub fn normal(self, index: u64) -> f32 {
        let u = f64::from(self.uniform(2 * index)).max(f64::from(f32::EPSILON) / 4.0);
        let v = f64::from(self.uniform(2 * index + 1));
        ((-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
    }

    /// Shuffles `items` (Fisher–Yates, from the end).
    pub fn shuffle<T>(self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1, i as u64));
        }
    }

    /// The dropout mask of this stream, with dropout probability `p`.
    pub fn dropout(self, p: f32) -> Dropout {
        Dropout {
            key: (self.0 as u32, (self.0 >> 32) as u32),
            threshold: (f64::from(p) * 2f64.powi(32)) as u32,
            scale: 1.0 / (1.0 - p),
        }
    }
}

/// A dropout mask. The factor of an element depends only on the element's index.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    key: (u32, u32),
    threshold: u32,
    scale: f32,
}

impl Dropout {
    /// The keys of the two rounds of mixing, the threshold below which an element is dropped, and the factor of
    /// the elements that are kept.
    #[cfg(feature = "composite")]
    pub(crate) fn parts(&self) -> ([u32; 2], u32, f32) {
        ([self.key.0, self.key.1], self.threshold, self.scale)
    }

    /// The factor of the element at `index`: 0 with probability p, else 1 / (1 − p).
    #[inline(always)]
    pub fn factor(&self, index: u32) -> f32 {
        let h = finalise(finalise(index ^ self.key.0) ^ self.key.1);
        if h < self.threshold { 0.0 } else { self.scale }
    }
}

#[inline(always)]
fn finalise(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_numbers_fill_the_unit_interval_evenly() {
        let s = Stream::new(7).named("test");
        let n = 100_000;
        let mut bins = [0usize; 10];
        for i in 0..n {
            let u = s.uniform(i);
            assert!((0.0..1.0).contains(&u));
            bins[(u * 10.0) as usize] += 1;
        }
        assert!(bins.iter().all(|&b| b.abs_diff(10_000) < 500), "{bins:?}");
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let s = Stream::new(1);
        let n = 100_000u64;
        let (sum, square) =
            (0..n).map(|i| f64::from(s.normal(i))).fold((0.0, 0.0), |(a, b), x| (a + x, b + x * x));
        assert!((sum / n as f64).abs() < 0.02);
        assert!((square / n as f64 - 1.0).abs() < 0.02);
    }

    #[test]
    fn dropout_drops_its_share_independently_of_neighbours() {
        let d = Stream::new(3).child(9).dropout(0.1);
        let n = 200_000u32;
        let dropped: Vec<bool> = (0..n).map(|i| d.factor(i) == 0.0).collect();
        let share = dropped.iter().filter(|&&x| x).count() as f64 / f64::from(n);
        let pairs = dropped.windows(2).filter(|w| w[0] && w[1]).count() as f64 / f64::from(n);
        assert!((share - 0.1).abs() < 0.005, "{share}");
        assert!((pairs - 0.01).abs() < 0.002, "{pairs}");
        assert!((d.scale - 1.0 / 0.9).abs() < 1e-6);
    }

    #[test]
    fn streams_of_different_purposes_differ() {
        let s = Stream::new(5);
        let draw = |s: Stream| (0..8).map(|i| s.bits(i)).collect::<Vec<_>>();
        assert_ne!(draw(s.named("ab")), draw(s.named("ba")));
        assert_ne!(draw(s.child(1)), draw(s.child(2)));
        assert_ne!(draw(s), draw(Stream::new(6)));
    }

    #[test]
    fn a_shuffle_is_a_permutation() {
        let mut v: Vec<u32> = (0..50).collect();
        Stream::new(2).shuffle(&mut v);
        assert_ne!(v, (0..50).collect::<Vec<_>>());
        v.sort_unstable();
        assert_eq!(v, (0..50).collect::<Vec<_>>());
    }
}
