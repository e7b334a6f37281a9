//! Cross-validation over groups of equal sentences.

use super::{Split, SplitError, mersenne::Mt, permutation, shuffled};
use std::{cmp::Reverse, collections::HashMap, hash::Hash};

/// Divides sentences into `folds` parts of nearly equal size and returns the part of each sentence,
/// from 0. Sentences with equal keys (for example those of [`crate::overlap::sentence_key`]) share a
/// part.
///
/// The groups of equal sentences are shuffled. Then the largest groups are placed first, each in the
/// part that is smallest so far.
///
/// # Errors
/// [`SplitError::Folds`] if `folds` is below 2 or above the number of groups.
///
/// ```
/// let fold_of = gleaner_corpus::splits::folds(&["a", "b", "a", "c"], 2, 42)?;
/// assert_eq!(fold_of[0], fold_of[2]);
/// # Ok::<(), gleaner_corpus::splits::SplitError>(())
/// ```
pub fn folds<K: Eq + Hash>(keys: &[K], folds: usize, seed: u32) -> Result<Vec<usize>, SplitError> {
    let groups = groups(keys, 0..keys.len());
    if folds < 2 || folds > groups.len() {
        return Err(SplitError::Folds { n: groups.len(), folds });
    }
    let mut order = permutation(groups.len(), seed);
    order.sort_by_key(|&group| Reverse(groups[group].len())); // stable: ties stay shuffled
    let mut sizes = vec![0; folds];
    let mut fold_of = vec![0; keys.len()];
    for group in order {
        let smallest = (0..folds).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
        sizes[smallest] += groups[group].len();
        groups[group].iter().for_each(|&position| fold_of[position] = smallest);
    }
    Ok(fold_of)
}

/// One split of a cross-validation. The test part is fold number `fold` (from 1) of [`folds`]. The
/// dev part is drawn from the other folds, and the remaining sentences are the training part.
/// Positions ascend within each part.
///
/// The dev part holds about a tenth of all sentences:
///
/// - Groups of equal sentences stay whole and are taken in random order (numpy's
///   `RandomState([seed, fold])`). A group is added if it brings the size of the dev part closer to
///   a tenth.
/// - Groups larger than a tenth of the dev part are only used if the smaller groups do not fill it,
///   the smallest of them first. A sentence that is repeated many times therefore does not decide
///   which checkpoint is chosen.
/// - At least one group is in the dev part, and at least one is left for training.
///
/// # Errors
/// [`SplitError::NoFold`] if there is no such fold; [`SplitError::Folds`] as for [`folds`];
/// [`SplitError::TooFew`] if there are fewer than two groups outside the test part.
///
/// ```
/// use gleaner_corpus::splits::cross_validation;
///
/// let keys: Vec<usize> = (0..20).collect();
/// let split = cross_validation(&keys, 5, 1, 42)?;
/// assert_eq!((split.train.len(), split.dev.len(), split.test.len()), (14, 2, 4));
/// # Ok::<(), gleaner_corpus::splits::SplitError>(())
/// ```
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
    let groups = groups(keys, rest);
    if groups.len() < 2 {
        return Err(SplitError::TooFew { n: keys.len() });
    }
    let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    let mut random = Mt::new_with_key([seed, fold as u32]);
    let in_dev = draw_dev(&sizes, keys.len().div_ceil(10), &mut random);
    let (mut train, mut dev) = (Vec::new(), Vec::new());
    for (group, is_dev) in groups.into_iter().zip(in_dev) {
        if is_dev { &mut dev } else { &mut train }.extend(group);
    }
    train.sort_unstable();
    dev.sort_unstable();
    Ok(Split { train, dev, test })
}

/// Which groups form a dev part of about `target` sentences; `sizes` holds two groups or more.
fn draw_dev(sizes: &[usize], target: usize, random: &mut Mt) -> Vec<bool> {
    let small = (target / 10).max(1);
    let mut order = shuffled(sizes.len(), random);
    // Stable: small groups and ties stay shuffled.
    order.sort_by_key(|&group| if sizes[group] <= small { 0 } else { sizes[group] });
    let mut in_dev = vec![false; sizes.len()];
    let (mut sentences, mut left) = (0, sizes.len());
    for group in order {
        let after = sentences + sizes[group];
        let is_closer = after.abs_diff(target) < target.abs_diff(sentences);
        if left > 1 && (sentences == 0 || is_closer) {
            in_dev[group] = true;
            sentences = after;
            left -= 1;
        }
    }
    in_dev
}

/// The positions with equal keys, in the order of their first positions.
fn groups<K: Eq + Hash>(keys: &[K], positions: impl IntoIterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut group_of = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for position in positions {
        let group = *group_of.entry(&keys[position]).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(members) => members.push(position),
            None => groups.push(vec![position]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `copies[g]` equal keys of each group `g`.
    fn keys(copies: &[usize]) -> Vec<usize> {
        copies.iter().enumerate().flat_map(|(group, &n)| vec![group; n]).collect()
    }

    /// How often the most frequent key of a dev part occurs in it.
    fn most_repeated(keys: &[usize], dev: &[usize]) -> usize {
        dev.iter().map(|&at| dev.iter().filter(|&&b| keys[b] == keys[at]).count()).max().unwrap()
    }

    #[test]
    fn every_sentence_is_tested_once() {
        // 300 sentences; every tenth repeats another.
        let keys: Vec<usize> = (0..300).map(|i| if i % 10 == 9 { i / 100 } else { i }).collect();
        let splits = (1..=5).map(|fold| cross_validation(&keys, 5, fold, 3).unwrap());
        let mut tested: Vec<usize> = splits.flat_map(|split| split.test).collect();
        tested.sort_unstable();
        assert_eq!(tested, (0..300).collect::<Vec<_>>());
        assert_ne!(folds(&keys, 5, 3), folds(&keys, 5, 4));
    }

    #[test]
    fn a_sentence_repeated_often_does_not_fill_the_dev_part() {
        // As in WikiANN Bhojpuri: 300 sentences, one of them 20 times.
        let keys = keys(&[&[20, 8, 5, 4][..], &[1; 263]].concat());
        for (fold, seed) in (1..=5).flat_map(|fold| (0..20).map(move |seed| (fold, seed))) {
            let Split { dev, .. } = cross_validation(&keys, 5, fold, seed).unwrap();
            assert_eq!(dev.len(), 30);
            assert!(most_repeated(&keys, &dev) <= 3, "fold {fold}, seed {seed}");
        }
    }

    #[test]
    fn the_largest_group_is_sometimes_in_the_dev_part() {
        let keys = keys(&[&[3][..], &[1; 297]].concat());
        let has_largest = |seed| {
            // The largest group is always tested in fold 1.
            let dev = cross_validation(&keys, 5, 2, seed).unwrap().dev;
            dev.iter().any(|&at| keys[at] == 0)
        };
        let times = (0..100).filter(|&seed| has_largest(seed)).count();
        assert!((1..=30).contains(&times), "{times}");
    }

    #[test]
    fn the_dev_part_depends_on_seed_and_fold() {
        let keys: Vec<usize> = (0..300).collect();
        let dev = |fold, seed| cross_validation(&keys, 5, fold, seed).unwrap().dev;
        assert_eq!(dev(1, 7), dev(1, 7));
        assert_ne!(dev(1, 7), dev(1, 8));
        assert_ne!(dev(1, 7), dev(2, 7));
        let in_any: std::collections::HashSet<usize> =
            (0..60).flat_map(|seed| dev(1 + seed as usize % 5, seed)).collect();
        assert!(in_any.len() > 290, "{}", in_any.len());
    }

    #[test]
    fn large_groups_fill_the_dev_part_where_there_are_no_others() {
        let keys = keys(&[10; 10]);
        let split = cross_validation(&keys, 5, 2, 1).unwrap();
        assert_eq!((split.train.len(), split.dev.len(), split.test.len()), (70, 10, 20));
    }

    #[test]
    fn a_small_group_may_exceed_the_dev_part() {
        let keys = keys(&[&[8, 5, 15, 5, 3][..], &[1; 275]].concat());
        // A tenth is 32 sentences; the group of three comes when there are 30.
        assert_eq!(cross_validation(&keys, 4, 2, 4_132_543_426).unwrap().dev.len(), 33);
    }

    #[test]
    fn impossible_folds_are_errors() {
        assert_eq!(folds(&[1, 1, 2], 3, 0), Err(SplitError::Folds { n: 2, folds: 3 }));
        assert_eq!(folds(&[1, 2], 1, 0), Err(SplitError::Folds { n: 2, folds: 1 }));
        let few = cross_validation(&[1, 2, 3, 4, 5, 6], 3, 1, 0).unwrap();
        assert_eq!((few.train.len(), few.dev.len(), few.test.len()), (3, 1, 2));
        assert_eq!(
            cross_validation(&[1, 2], 2, 1, 0),
            Err(SplitError::TooFew { n: 2 }),
            "one sentence is left for training and dev"
        );
        for fold in [0, 4] {
            let split = cross_validation(&[1, 2, 3, 4], 3, fold, 0);
            assert_eq!(split, Err(SplitError::NoFold { fold, folds: 3 }));
        }
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_whole_and_never_empty(
            copies in prop::collection::vec(1..12_usize, 6..60),
            fold in 1..=3_usize,
            seed: u32,
        ) {
            let keys = keys(&copies);
            let Split { train, dev, test } = cross_validation(&keys, 3, fold, seed).unwrap();
            prop_assert!(!train.is_empty() && !dev.is_empty() && !test.is_empty());
            prop_assert!([&train, &dev, &test].iter().all(|part| part.is_sorted()));
            let mut all = [&train[..], &dev, &test].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..keys.len()).collect::<Vec<_>>());
            for group in 0..copies.len() {
                let parts = [&train, &dev, &test];
                let holding = parts.iter().filter(|p| p.iter().any(|&at| keys[at] == group));
                prop_assert_eq!(holding.count(), 1);
            }
        }

        #[test]
        fn the_dev_part_is_about_a_tenth_where_most_sentences_are_unique(
            copies in prop::collection::vec(1..20_usize, 0..8),
            unique in 100..300_usize,
            fold in 1..=4_usize,
            seed: u32,
        ) {
            let keys = keys(&[&copies[..], &vec![1; unique]].concat());
            let target = keys.len().div_ceil(10);
            let Split { dev, .. } = cross_validation(&keys, 4, fold, seed).unwrap();
            // A group is never divided, so the last small one may exceed the tenth by less than half of it.
            let small = (target / 10).max(1);
            prop_assert!(dev.len().abs_diff(target) <= small / 2, "{} of {}", dev.len(), target);
            prop_assert!(most_repeated(&keys, &dev) <= small);
        }
    }
}
