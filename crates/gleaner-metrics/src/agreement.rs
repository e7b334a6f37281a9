//! The agreement of two annotators on the same sentences.

use crate::counts::{Counts, is_among};
use crate::evaluation::{EvaluationError, Side, check_lengths};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far two annotators agree on the same sentences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Number of sentences that both annotated.
    pub sentences: usize,
    /// Number of their words.
    pub words: usize,
    /// Cohen's kappa (Cohen 1960, equation 1) over words, with their IOB2 tags as categories: the agreement beyond the
    /// one expected by chance, divided by its largest possible value. 1 is full agreement, 0 agreement by chance.
    /// `None` where both gave all words the same tag, so that chance explains everything.
    pub kappa: Option<f64>,
    /// Entity micro F1 of one annotator against the other, in seqeval's default mode; it is the same both ways. Most
    /// words are in no entity, which lifts kappa but not F1 (Hripcsak and Rothschild 2005). `None` without an entity.
    pub f1: Option<f64>,
}

impl Agreement {
    /// Compares the IOB2 tags of two annotators, sentence by sentence.
    ///
    /// # Errors
    /// Two sentences have different numbers of words, or a tag is not `O`, `B-X` or `I-X`.
    ///
    /// ```
    /// use gleaner_metrics::Agreement;
    ///
    /// let pairs = [(["B-PER", "O", "O"], ["B-PER", "O", "B-LOC"])];
    /// let agreement = Agreement::of(pairs.iter().map(|(one, other)| (one.as_slice(), other.as_slice())))?;
    /// assert_eq!((agreement.words, agreement.f1), (3, Some(2.0 / 3.0)));
    /// # Ok::<(), gleaner_metrics::EvaluationError>(())
    /// ```
    pub fn of<'a, S: AsRef<str> + 'a>(
        pairs: impl IntoIterator<Item = (&'a [S], &'a [S])>,
    ) -> Result<Self, EvaluationError> {
        // For each tag, how often the one and the other gave it.
        let mut given: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
        let (mut sentences, mut words, mut same) = (0, 0, 0);
        let mut entities = Counts::default();
        for (one, other) in pairs {
            check_lengths(one.len(), other.len())?;
            let (found, others) = (Side::new(one)?.default, Side::new(other)?.default);
            entities += Counts {
                gold: found.len(),
                predicted: others.len(),
                correct: found.iter().filter(|entity| is_among(&others, entity)).count(),
            };
            for (one, other) in one.iter().zip(other) {
                given.entry(one.as_ref()).or_default()[0] += 1;
                given.entry(other.as_ref()).or_default()[1] += 1;
                same += usize::from(one.as_ref() == other.as_ref());
            }
            sentences += 1;
            words += one.len();
        }
        let share = |n: usize| n as f64 / words as f64;
        let by_chance: f64 = given.values().map(|[one, other]| share(*one) * share(*other)).sum();
        // With one tag the sum is 1, but not always to the last bit.
        let kappa = (given.len() > 1).then(|| (share(same) - by_chance) / (1.0 - by_chance));
        Ok(Self { sentences, words, kappa, f1: entities.f1() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(pairs: &[(&str, &str)]) -> Result<Agreement, EvaluationError> {
        let tags = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let pairs: Vec<_> = pairs.iter().map(|(one, other)| (tags(one), tags(other))).collect();
        Agreement::of(pairs.iter().map(|(one, other)| (one.as_slice(), other.as_slice())))
    }

    #[test]
    fn kappa_is_that_of_scikit_learn() {
        // sklearn.metrics.cohen_kappa_score of the concatenated tags, version 1.9.1.
        let one = ("B-PER I-PER O B-LOC", "B-PER I-PER O B-ORG");
        let two = ("O O O B-ORG", "O O B-LOC B-ORG");
        let found = agreement(&[one, two]).unwrap();
        assert_eq!((found.sentences, found.words), (2, 8));
        assert!((found.kappa.unwrap() - 0.659_574_468_085_106_4).abs() < 1e-12, "{found:?}");
        // Two of three and of four entities.
        assert_eq!(found.f1, Some(4.0 / 7.0));
        let swapped = agreement(&[(one.1, one.0), (two.1, two.0)]).unwrap();
        assert_eq!(swapped, found);
    }

    #[test]
    fn agreement_that_chance_explains_has_no_kappa() {
        let found = agreement(&[("O O", "O O")]).unwrap();
        assert_eq!((found.kappa, found.f1), (None, None));
        assert_eq!(agreement(&[]).unwrap().kappa, None);
        let full = agreement(&[("O B-X", "O B-X")]).unwrap();
        assert_eq!((full.kappa, full.f1), (Some(1.0), Some(1.0)));
        let none = agreement(&[("B-X O", "O B-X")]).unwrap();
        assert_eq!((none.kappa, none.f1), (Some(-1.0), Some(0.0)));
    }

    #[test]
    fn sentences_that_do_not_belong_together_are_refused() {
        assert!(matches!(agreement(&[("O", "O O")]), Err(EvaluationError::LengthMismatch { .. })));
        assert!(matches!(agreement(&[("PER", "O")]), Err(EvaluationError::NotIob2 { .. })));
    }
}
