//! Random splits, index for index those of scikit-learn's `train_test_split`.

use rand_mt::Mt;

/// Positions of the sentences of each part, in the order of the split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// For training.
    pub train: Vec<usize>,
    /// For choosing among models.
    pub dev: Vec<usize>,
    /// For the score.
    pub test: Vec<usize>,
}

/// Why there is no such split.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// A part would be empty.
    #[error("{n} sentences leave a part of the split empty; give more")]
    TooFew {
        /// Sentences to split.
        n: usize,
    },
    /// No fraction.
    #[error("a test part of {0} is no fraction; give a number above 0 and below 1")]
    TestSize(f64),
}

/// Splits `n` sentences in two: the positions of the training part and of the test part, which has
/// `ceil(test_size × n)`.
///
/// These are the indices of `sklearn.model_selection.train_test_split(range(n),
/// test_size=test_size, random_state=seed)`: the test part is the head of numpy's
/// `RandomState(seed).permutation(n)`, the training part its tail.
///
/// # Errors
/// Where a part would be empty, or `test_size` is not between 0 and 1.
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
    // The product is below n, so it goes through a float without harm wherever the positions fit
    // into memory.
    let tests = (test_size * n as f64).ceil() as usize;
    if tests >= n {
        return Err(SplitError::TooFew { n });
    }
    let mut test = permutation(n, seed);
    let train = test.split_off(tests);
    Ok((train, test))
}

/// Splits `n` sentences into 80 % for training, 10 % for development and 10 % for test, as the
/// published study does: a test part of 0.2, and this part halved with the same seed. The test part
/// gets the odd one.
///
/// # Errors
/// Where a part would be empty.
pub fn split_80_10_10(n: usize, seed: u32) -> Result<Split, SplitError> {
    let (train, held_out) = train_test_split(n, 0.2, seed)?;
    let (dev, test) =
        train_test_split(held_out.len(), 0.5, seed).map_err(|_| SplitError::TooFew { n })?;
    let of_all =
        |positions: Vec<usize>| positions.into_iter().map(|position| held_out[position]).collect();
    Ok(Split { train, dev: of_all(dev), test: of_all(test) })
}

/// `numpy.random.RandomState(seed).permutation(n)`: Fisher-Yates from the end.
fn permutation(n: usize, seed: u32) -> Vec<usize> {
    let mut random = Mt::new(seed);
    let mut positions: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        positions.swap(last, up_to(&mut random, last));
    }
    positions
}

/// A number from 0 to `max`, drawn as numpy's legacy generator does: 32 bits are masked to those of
/// `max`, and what is still above it is rejected. (numpy draws 64 bits above 2³², where the
/// positions alone would take 32 GiB.)
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
    fn every_position_stands_in_one_part() {
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
