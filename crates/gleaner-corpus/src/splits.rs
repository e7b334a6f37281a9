//! Random splits. Those without folds equal scikit-learn's `train_test_split` index for index.

mod folds;
mod mersenne;

use mersenne::Mt;

pub use folds::{cross_validation, folds};

/// The positions of the sentences of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Training part.
    pub train: Vec<usize>,
    /// Part to choose checkpoints and settings on.
    pub dev: Vec<usize>,
    /// Part to measure scores on.
    pub test: Vec<usize>,
}

/// Why a split is impossible.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A part would be empty.
    #[error("a part of this split of {n} sentences would be empty; add sentences")]
    TooFew {
        /// Number of sentences.
        n: usize,
    },
    /// There are fewer different sentences than folds need, or only one fold.
    #[error(
        "{n} different sentences cannot be divided into {folds} folds; use 2 or more folds, and no more than there are different sentences"
    )]
    Folds {
        /// Number of different sentences.
        n: usize,
        /// Number of folds.
        folds: usize,
    },
    /// The number of the fold is out of range.
    #[error("no fold {fold} of {folds}; folds count from 1")]
    NoFold {
        /// Number of the requested fold.
        fold: usize,
        /// Number of folds.
        folds: usize,
    },
    /// The size of the test part is not a fraction.
    #[error("invalid test part {0}; use a fraction above 0 and below 1")]
    TestSize(f64),
}

/// Splits `n` sentences into a training part and a test part of `ceil(test_size × n)` sentences.
/// Returns the positions of both.
///
/// The positions equal those of `sklearn.model_selection.train_test_split(range(n),
/// test_size=test_size, random_state=seed)`: the test part is the head of numpy's
/// `RandomState(seed).permutation(n)`, the training part its tail.
///
/// # Errors
/// [`SplitError::TooFew`] if a part would be empty; [`SplitError::TestSize`] if `test_size` is not
/// between 0 and 1.
///
/// ```
/// let (train, test) = gleaner_corpus::splits::train_test_split(5, 0.2, 42)?;
/// assert_eq!((train, test), (vec![4, 2, 0, 3], vec![1]));
/// # Ok::<(), gleaner_corpus::splits::SplitError>(())
/// ```
pub fn train_test_split(
    n: usize,
    test_size: f64,
    seed: u32,
) -> Result<(Vec<usize>, Vec<usize>), SplitError> {
    if !(test_size > 0.0 && test_size < 1.0) {
        return Err(SplitError::TestSize(test_size));
    }
    // Exact: the product is below n, and positions that fit into memory fit into an f64.
    let tests = (test_size * n as f64).ceil() as usize;
    if tests >= n {
        return Err(SplitError::TooFew { n });
    }
    let mut test = permutation(n, seed);
    let train = test.split_off(tests);
    Ok((train, test))
}

/// Splits `n` sentences into 80 % training, 10 % dev and 10 % test, as the published study does: a
/// held-out part of 0.2, which is halved with the same seed. If it is odd, the test part is the
/// larger half.
///
/// # Errors
/// [`SplitError::TooFew`] if a part would be empty.
///
/// ```
/// let split = gleaner_corpus::splits::split_80_10_10(300, 42)?;
/// assert_eq!((split.train.len(), split.dev.len(), split.test.len()), (240, 30, 30));
/// # Ok::<(), gleaner_corpus::splits::SplitError>(())
/// ```
pub fn split_80_10_10(n: usize, seed: u32) -> Result<Split, SplitError> {
    let (train, held_out) = train_test_split(n, 0.2, seed)?;
    let (dev, test) =
        train_test_split(held_out.len(), 0.5, seed).map_err(|_| SplitError::TooFew { n })?;
    let of_all =
        |positions: Vec<usize>| positions.into_iter().map(|position| held_out[position]).collect();
    Ok(Split { train, dev: of_all(dev), test: of_all(test) })
}

/// `numpy.random.RandomState(seed).permutation(n)`.
fn permutation(n: usize, seed: u32) -> Vec<usize> {
    shuffled(n, &mut Mt::new(seed))
}

/// The numbers below `n`, shuffled as numpy does: Fisher-Yates from the end.
fn shuffled(n: usize, random: &mut Mt) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        positions.swap(last, up_to(random, last));
    }
    positions
}

/// A random number from 0 to `max`, as numpy's legacy generator draws it: 32 random bits are masked
/// to the bits of `max` and rejected while they exceed it. (Above 2³² numpy draws 64 bits; the
/// positions alone would then take 32 GiB.)
fn up_to(random: &mut Mt, max: usize) -> usize {
    let mask = usize::MAX >> max.leading_zeros();
    loop {
        let value = random.next_u32() as usize & mask;
        if value <= max {
            return value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_in_one_part() {
        for n in 6..200 {
            let split = split_80_10_10(n, 7).unwrap();
            assert_eq!(split.dev.len() + split.test.len(), n.div_ceil(5), "{n}");
            let mut all = [split.train, split.dev, split.test].concat();
            all.sort_unstable();
            assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn impossible_splits_are_errors() {
        assert_eq!(train_test_split(1, 0.2, 0), Err(SplitError::TooFew { n: 1 }));
        assert_eq!(train_test_split(0, 0.2, 0), Err(SplitError::TooFew { n: 0 }));
        assert_eq!(split_80_10_10(5, 0), Err(SplitError::TooFew { n: 5 }));
        for size in [0.0, 1.0, -0.1] {
            assert_eq!(train_test_split(9, size, 0), Err(SplitError::TestSize(size)));
        }
        assert!(matches!(train_test_split(9, f64::NAN, 0), Err(SplitError::TestSize(_))));
    }
}
