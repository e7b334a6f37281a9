//! The test sentences of runs, with the folds of a seed put together.

use super::Gathered;
use crate::{error::StudyError, results::Prediction, task::Task};
use gleaner_metrics::{Counts, Entity, SeqevalMode, entities};
use std::collections::BTreeMap;

/// A test sentence with the predictions of one run.
#[derive(Clone)]
pub(super) struct Tested {
    pub(super) position: usize,
    /// The position of the first sentence with the same words, perhaps its own.
    alike: usize,
    pub(super) gold: Vec<Entity>,
    predicted: Vec<Entity>,
    pub(super) seen: bool,
    /// Spans whose words are an entity in a training text, ascending.
    pub(super) known: Vec<(usize, usize)>,
}

impl Tested {
    pub(super) fn of(p: Prediction) -> Self {
        Self {
            position: p.position,
            alike: p.same_as.unwrap_or(p.position),
            gold: entities(&p.gold, SeqevalMode::Default),
            predicted: entities(&p.tags, SeqevalMode::Default),
            seen: p.seen,
            known: p.known,
        }
    }

    /// Whether both are the same sentence of the same text.
    fn is_on_the_text_of(&self, other: &Self) -> bool {
        (self.position, self.alike, &self.gold) == (other.position, other.alike, &other.gold)
    }

    /// Counts of the entities that are not among the spans `known` (ascending).
    pub(super) fn counts(&self, known: &[(usize, usize)]) -> Counts {
        let new = |e: &&Entity| known.binary_search(&(e.start, e.end)).is_err();
        let correct = |e: &&Entity| self.predicted.contains(e);
        Counts {
            gold: self.gold.iter().filter(new).count(),
            predicted: self.predicted.iter().filter(new).count(),
            correct: self.gold.iter().filter(new).filter(correct).count(),
        }
    }
}

/// Whether two runs, with their folds put together, were tested on the same text.
pub(super) fn are_on_the_same_text(one: &[Tested], other: &[Tested]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.is_on_the_text_of(b))
}

/// Adds up the counts of equal sentences. A tagger labels them the same way, so they are evidence from one
/// sentence.
pub(super) fn put_together<'a>(counts: impl Iterator<Item = (&'a Tested, Counts)>) -> Vec<Counts> {
    let mut alike: BTreeMap<usize, Counts> = BTreeMap::new();
    for (tested, counts) in counts {
        *alike.entry(tested.alike).or_default() += counts;
    }
    alike.into_values().collect()
}

/// The runs of an experiment on a language: for each repetition and seed, the positions in the plan of its
/// folds in order.
pub(super) type Group = BTreeMap<(u32, u64), Vec<usize>>;

impl Gathered<'_> {
    /// The finished runs for which `chosen` returns a repetition. Repetitions and seeds that lack a fold are
    /// left out.
    pub(super) fn group(&self, chosen: impl Fn(&Task) -> Option<u32>) -> Group {
        let mut group = Group::new();
        for (&at, record) in &self.records {
            if let Some(repeat) = chosen(&record.task) {
                group.entry((repeat, record.seed)).or_default().push(at);
            }
        }
        self.whole(group)
    }

    /// The finished members of the planned ensembles that are `chosen`; the number of a member is its repetition.
    pub(super) fn members(&self, chosen: impl Fn(&Task) -> bool) -> Group {
        let mut group = Group::new();
        for ensemble in self.plan.runs.iter().filter(|run| chosen(&run.task)) {
            for (number, member) in (1..).zip(&ensemble.members) {
                if self.records.contains_key(member) {
                    group.entry((number, ensemble.seed)).or_default().push(*member);
                }
            }
        }
        self.whole(group)
    }

    /// A group without repetitions and seeds that lack a fold.
    fn whole(&self, mut group: Group) -> Group {
        let folds = self.study.folds.unwrap_or(1);
        group.retain(|_, runs| runs.len() == folds);
        group
    }

    /// The test sentences of several runs, by position.
    pub(super) fn tested(&self, runs: &[usize]) -> Result<Vec<Tested>, StudyError> {
        let mut all: Vec<Tested> = Vec::new();
        let mut tested_by: BTreeMap<usize, usize> = BTreeMap::new();
        for &at in runs {
            let predictions = self.results.run(&self.plan.runs[at].id).predictions()?;
            for tested in predictions.into_iter().map(Tested::of) {
                if let Some(other) = tested_by.insert(tested.position, at) {
                    return Err(self.not_their_own([other, at]));
                }
                all.push(tested);
            }
        }
        all.sort_by_key(|t| t.position);
        Ok(all)
    }

    /// The error of two runs whose test sentences do not fit together.
    pub(super) fn not_their_own(&self, [one, other]: [usize; 2]) -> StudyError {
        let path = |at: usize| self.results.run(&self.plan.runs[at].id).predicted();
        let what = format!("its sentences do not fit those of {}", path(one).display());
        let fix = "restore both runs' own files, or delete both runs' folders to repeat them";
        StudyError::results(&path(other), what, fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_spans_do_not_count() {
        let tags = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let tested = Tested::of(Prediction {
            position: 7,
            tokens: tags("Ann met Bob in New York"),
            same_as: None,
            gold: tags("B-PER O B-PER O B-LOC I-LOC"),
            tags: tags("B-PER B-ORG B-LOC O B-LOC I-LOC"),
            spans: Vec::new(),
            seen: false,
            known: Vec::new(),
        });
        let counts = |known: &[(usize, usize)]| {
            let Counts { gold, predicted, correct } = tested.counts(known);
            [gold, predicted, correct]
        };
        assert_eq!(counts(&[]), [3, 4, 2]);
        // Ann is known: one correct entity less. A known span without an entity changes nothing.
        assert_eq!(counts(&[(0, 1), (3, 4)]), [2, 3, 1]);
        // "met" is known and wrongly predicted: it does not lower the precision.
        assert_eq!(counts(&[(1, 2)]), [3, 3, 2]);
        // Bob is known: neither missed nor, with the wrong type, spurious.
        assert_eq!(counts(&[(2, 3), (5, 6)]), [2, 3, 2]);
    }
}
