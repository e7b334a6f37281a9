//! Intervals of F1 by the percentile bootstrap over sentences.
//!
//! The entities of one sentence are not independent of each other, so whole sentences are resampled. Sentences with
//! the same words are resampled together, because ten copies are no more evidence than one. With a few dozen sentences
//! the interval covers the true F1 slightly less often than its level says.

use crate::bootstrap::{Bootstrap, Interval, draws, percentiles};
use crate::counts::{Counts, SentenceCounts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Intervals of the F1s of a [`Report`](crate::Report), with the settings they were computed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Intervals {
    /// How they were computed.
    pub bootstrap: Bootstrap,
    /// Number of different sentences in the text and in each resample.
    pub sentences: usize,
    /// Interval of the micro F1.
    #[serde(alias = "micro_f1")] // the name in older model folders
    pub micro_f1: Interval,
    /// Interval of the macro F1: in each resample, the mean over the types that occur in it.
    #[serde(alias = "macro_f1")]
    pub macro_f1: Interval,
    /// Interval of each type's F1, over the resamples in which the type occurs. The interval of a type that occurs in
    /// few sentences is too narrow; look at its counts.
    pub types: BTreeMap<String, Interval>,
}

impl Intervals {
    /// Resamples `groups`: for each different sentence, the indices of all sentences with its words. `None` where no
    /// resample holds an entity, gold or predicted.
    pub(crate) fn of(
        counts: &SentenceCounts,
        groups: &[Vec<usize>],
        bootstrap: &Bootstrap,
    ) -> Option<Self> {
        let sentences = groups.len();
        let types: Vec<(&str, usize)> = counts.types().collect();
        let mut micro_f1s = Vec::with_capacity(bootstrap.resamples);
        let mut macro_f1s = Vec::with_capacity(bootstrap.resamples);
        let mut type_f1s = vec![Vec::new(); types.len()];
        for resample in 0..bootstrap.resamples {
            let mut draws = draws(bootstrap.seed, resample as u64);
            let drawn = (0..sentences).flat_map(|_| &groups[draws.below(sentences)]);
            let sums = counts.sum(drawn.copied());
            let mut all = Counts::default();
            let (mut sum_of_f1s, mut occurring) = (0.0, 0);
            for (sum, f1s) in sums.iter().zip(&mut type_f1s) {
                all += *sum;
                if let Some(f1) = sum.f1() {
                    f1s.push(f1);
                    sum_of_f1s += f1;
                    occurring += 1;
                }
            }
            if let Some(f1) = all.f1() {
                micro_f1s.push(f1);
                macro_f1s.push(sum_of_f1s / f64::from(occurring));
            }
        }
        let of_type = |(name, column): (&str, usize)| {
            let f1s = std::mem::take(&mut type_f1s[column]);
            Some((name.to_owned(), percentiles(f1s, bootstrap.level)?))
        };
        Some(Intervals {
            bootstrap: *bootstrap,
            sentences,
            micro_f1: percentiles(micro_f1s, bootstrap.level)?,
            macro_f1: percentiles(macro_f1s, bootstrap.level)?,
            types: types.into_iter().filter_map(of_type).collect(),
        })
    }
}
