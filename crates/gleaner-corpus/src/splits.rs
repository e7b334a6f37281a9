//! Random splits: index for index those of scikit-learn's `train_test_split`, and folds for
//! cross-validation.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

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
    /// There are not as many different sentences as folds, or a single fold.
    #[error(
        "{n} different sentences cannot be divided into {folds} folds; use 2 or more and no more than there are sentences"
    )]
    Folds {
        /// Different sentences.
        n: usize,
        /// Folds that were asked for.
        folds: usize,
    },
    /// There is no fold of that number.
    #[error("there is no fold {fold} of {folds}; count from 1")]
    NoFold {
        /// The fold that was asked for.
        fold: usize,
        /// Folds there are.
        folds: usize,
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

/// Divides sentences into `folds` parts of nearly equal size, such that sentences with equal keys (of
/// [`crate::overlap::sentence_key`], say) stand in one part. Gives the part of each, from 0.
///
/// Groups are drawn in a random order; then the largest go first, each to the part that is smallest so
/// far.
///
/// # Errors
/// Where a part would be empty, or there is a single one.
pub fn folds<K: Eq + Hash>(keys: &[K], folds: usize, seed: u32) -> Result<Vec<usize>, SplitError> {
    let mut group_of = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (position, key) in keys.iter().enumerate() {
        let group = *group_of.entry(key).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(members) => members.push(position),
            None => groups.push(vec![position]),
        }
    }
    if folds < 2 || folds > groups.len() {
        return Err(SplitError::Folds { n: groups.len(), folds });
    }
    let mut order = permutation(groups.len(), seed);
    order.sort_by_key(|&group| std::cmp::Reverse(groups[group].len())); // stable: ties stay random
    let mut sizes = vec![0; folds];
    let mut fold_of = vec![0; keys.len()];
    for group in order {
        let smallest = (0..folds).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
        sizes[smallest] += groups[group].len();
        groups[group].iter().for_each(|&position| fold_of[position] = smallest);
    }
    Ok(fold_of)
}

/// One of the splits of a cross-validation: fold number `fold` (from 1) of `folds` is the test part,
/// about a tenth of all sentences is the dev part, the rest is for training. Sentences with equal keys
/// stand in one part. Positions ascend within a part.
///
/// # Errors
/// Where a part would be empty, or there is no such fold.
pub fn cross_validation<K: Eq + Hash>(
    keys: &[K],
    folds: usize,
    fold: usize,
    seed: u32,
) -> Result<Split, SplitError> {
    if fold == 0 || fold > folds {
        return Err(SplitError::NoFold { fold, folds });
    }
    let fold_of = self::folds(keys, folds, seed)?;
    let (test, rest): (Vec<usize>, Vec<usize>) =
        (0..keys.len()).partition(|&position| fold_of[position] == fold - 1);
    let keys_of_rest: Vec<&K> = rest.iter().map(|&position| &keys[position]).collect();
    let different = keys_of_rest.iter().collect::<HashSet<_>>().len();
    // As many parts of the rest as make one of them a tenth of all, where there are as many sentences.
    let parts = (10 * rest.len()).div_ceil(keys.len()).min(different).max(2);
    let part_of = self::folds(&keys_of_rest, parts, seed)?;
    let in_dev = |at: usize| part_of[at] == 0;
    let (dev, train): (Vec<usize>, Vec<usize>) = (0..rest.len()).partition(|&at| in_dev(at));
    let of_all = |of_rest: Vec<usize>| of_rest.into_iter().map(|at| rest[at]).collect();
    Ok(Split { train: of_all(train), dev: of_all(dev), test })
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
    fn every_sentence_is_tested_once_and_duplicates_stay_together() {
        // 300 sentences, of which every tenth repeats another.
        let keys: Vec<usize> = (0..300).map(|i| if i % 10 == 9 { i / 100 } else { i }).collect();
        let splits: Vec<Split> =
            (1..=5).map(|fold| cross_validation(&keys, 5, fold, 3).unwrap()).collect();
        let mut tested: Vec<usize> = splits.iter().flat_map(|s| s.test.clone()).collect();
        tested.sort_unstable();
        assert_eq!(tested, (0..300).collect::<Vec<_>>());
        for split in splits {
            assert_eq!(split.test.len(), 60);
            assert!((25..=35).contains(&split.dev.len()), "{}", split.dev.len());
            let mut all = [&split.train[..], &split.dev, &split.test].concat();
            all.sort_unstable();
            assert_eq!(all, (0..300).collect::<Vec<_>>());
            let part = |at: &usize| [&split.train, &split.dev].iter().position(|p| p.contains(at));
            for at in 0..300 {
                assert!((0..at).filter(|b| keys[*b] == keys[at]).all(|b| part(&b) == part(&at)));
            }
        }
        assert_ne!(folds(&keys, 5, 3), folds(&keys, 5, 4));
    }

    #[test]
    fn impossible_folds_are_errors() {
        assert_eq!(folds(&[1, 1, 2], 3, 0), Err(SplitError::Folds { n: 2, folds: 3 }));
        assert_eq!(folds(&[1, 2], 1, 0), Err(SplitError::Folds { n: 2, folds: 1 }));
        let few = cross_validation(&[1, 2, 3, 4, 5, 6], 3, 1, 0).unwrap();
        assert_eq!((few.train.len(), few.dev.len(), few.test.len()), (3, 1, 2));
        for fold in [0, 4] {
            let split = cross_validation(&[1, 2, 3, 4], 3, fold, 0);
            assert_eq!(split, Err(SplitError::NoFold { fold, folds: 3 }));
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
