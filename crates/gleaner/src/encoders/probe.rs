//! A linear probe in cross-validation.

use super::logistic::{Logistic, Rows};
use crate::{GleanerError, Labels, Sentence};
use gleaner_corpus::{overlap::sentence_key, splits};
use gleaner_metrics::{Bootstrap, Evaluation, Interval, SeqevalMode};
use gleaner_nn::crf::{Crf, Rules};
use rayon::prelude::*;
use std::collections::HashMap;

/// Sentences in folds, to be tagged from the hidden states of their words.
pub(super) struct Probe<'a> {
    sentences: &'a [&'a Sentence],
    labels: &'a Labels,
    /// The tags of every sentence.
    tags: Vec<Vec<u16>>,
    /// The index of the first sentence with the words of each.
    first: Vec<usize>,
    fold_of: Vec<usize>,
    folds: usize,
}

/// The scores of a probe.
pub(super) struct Scores {
    all: Evaluation,
    folds: Vec<Evaluation>,
}

impl<'a> Probe<'a> {
    /// Draws the folds.
    ///
    /// # Errors
    /// There are too few sentences, or no entities.
    pub(super) fn new(
        sentences: &'a [&'a Sentence],
        labels: &'a Labels,
        folds: usize,
        seed: u32,
    ) -> Result<Self, String> {
        let keys: Vec<String> = sentences.iter().map(|s| sentence_key(&s.words)).collect();
        let fold_of = splits::folds(&keys, folds, seed).map_err(|e| e.to_string())?;
        let mut seen: HashMap<&String, usize> = HashMap::new();
        let first = keys.iter().enumerate().map(|(i, key)| *seen.entry(key).or_insert(i)).collect();
        let tag = |name: &String| labels.id(name).unwrap_or(labels.outside());
        let tags: Vec<Vec<u16>> =
            sentences.iter().map(|s| s.tags.iter().map(tag).collect()).collect();
        if tags.iter().flatten().all(|tag| *tag == labels.outside()) {
            return Err("no entity in any sentence; check the tag column and the label map".into());
        }
        Ok(Self { sentences, labels, tags, first, fold_of, folds })
    }

    /// Tags every fold by a model that was fitted on the others. `states` are those of every sentence's words,
    /// `[words, width]`; words behind the last one that has a state are tagged O.
    ///
    /// # Errors
    /// A tag is not IOB2.
    pub(super) fn evaluate(
        &self,
        states: &[Vec<f32>],
        width: usize,
    ) -> Result<Scores, GleanerError> {
        let of_folds: Vec<HashMap<usize, Vec<u16>>> =
            (0..self.folds).into_par_iter().map(|fold| self.tagged(fold, states, width)).collect();
        let mut scores =
            Scores { all: Evaluation::default(), folds: vec![Evaluation::default(); self.folds] };
        for (i, sentence) in self.sentences.iter().enumerate() {
            let fold = self.fold_of[i];
            let found: Vec<&str> =
                of_folds[fold][&i].iter().map(|&tag| self.labels.name(tag)).collect();
            let not_iob2 =
                |e: gleaner_metrics::EvaluationError| GleanerError::Settings(e.to_string());
            scores.all.add_copy(self.first[i], &sentence.tags, &found).map_err(not_iob2)?;
            scores.folds[fold].add(&sentence.tags, &found).map_err(not_iob2)?;
        }
        Ok(scores)
    }

    /// The predicted tags of the sentences of a fold, by the sentences' indices.
    fn tagged(&self, fold: usize, states: &[Vec<f32>], width: usize) -> HashMap<usize, Vec<u16>> {
        let (mut x, mut classes) = (Vec::new(), Vec::new());
        for (i, of_sentence) in states.iter().enumerate() {
            if self.fold_of[i] != fold {
                x.extend_from_slice(of_sentence);
                classes.extend_from_slice(&self.tags[i][..of_sentence.len() / width]);
            }
        }
        let tags = self.labels.len();
        let model = Logistic::fit(Rows { x: &x, classes: &classes, width }, tags);
        let mut crf = Crf::zeros(tags);
        crf.rules = Some(Rules::iob2(self.labels.names()));
        let of_fold = states.iter().enumerate().filter(|(i, _)| self.fold_of[*i] == fold);
        of_fold
            .map(|(i, states)| {
                let mut found = crf.best(&model.log_probabilities(states));
                found.resize(self.tags[i].len(), self.labels.outside());
                (i, found)
            })
            .collect()
    }
}

impl Scores {
    /// Entity-level micro F1 over all folds; 0 where there is no entity.
    pub(super) fn f1(&self) -> f64 {
        f1(&self.all)
    }

    /// Its interval.
    pub(super) fn interval(&self, bootstrap: &Bootstrap) -> Option<Interval> {
        Some(self.all.intervals(SeqevalMode::Default, bootstrap)?.micro_f1)
    }

    /// The same score in every fold.
    pub(super) fn fold_f1(&self) -> Vec<f64> {
        self.folds.iter().map(f1).collect()
    }
}

fn f1(evaluation: &Evaluation) -> f64 {
    evaluation.report(SeqevalMode::Default).micro.f1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(words: &[&str], tags: &[&str]) -> Sentence {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Sentence { words: owned(words), tags: owned(tags), ..Sentence::default() }
    }

    #[test]
    fn copies_of_a_sentence_are_in_one_fold_and_belong_together() {
        let all: Vec<Sentence> =
            (0..12).map(|i| sentence(&["Jan", &format!("{}", i % 6)], &["B-PER", "O"])).collect();
        let sentences: Vec<&Sentence> = all.iter().collect();
        let labels = Labels::new(["O", "B-PER", "I-PER"].map(String::from).to_vec());
        let probe = Probe::new(&sentences, &labels, 3, 1).unwrap();
        for i in 0..6 {
            assert_eq!(probe.fold_of[i], probe.fold_of[i + 6]);
            assert_eq!(probe.first[i + 6], i);
        }
    }

    #[test]
    fn states_that_tell_the_tags_apart_score_well_and_others_do_not() {
        let tags = [&["B-PER", "I-PER", "O"][..], &["O", "O", "B-PER"], &["O", "B-PER", "O"]];
        // The penalty is made for hundreds of sentences.
        let all: Vec<Sentence> =
            (0..600).map(|i| sentence(&["a", "b", &format!("{i}")], tags[i % 3])).collect();
        let sentences: Vec<&Sentence> = all.iter().collect();
        let labels = Labels::new(["O", "B-PER", "I-PER"].map(String::from).to_vec());
        let probe = Probe::new(&sentences, &labels, 5, 1).unwrap();
        // One input for each tag; or the same for all.
        let telling =
            |tag: &u16| (0..3).map(|k| f32::from(u8::from(k == *tag))).collect::<Vec<_>>();
        let good: Vec<Vec<f32>> =
            probe.tags.iter().map(|tags| tags.iter().flat_map(telling).collect()).collect();
        let blind: Vec<Vec<f32>> = vec![vec![1.0; 9]; 600];
        assert_eq!(probe.evaluate(&good, 3).unwrap().f1(), 1.0);
        assert!(probe.evaluate(&blind, 3).unwrap().f1() < 0.5);
        // The last words have no states: they are outside, and the entities of every third sentence are missed.
        let cut: Vec<Vec<f32>> = good.iter().map(|states| states[..6].to_vec()).collect();
        let scores = probe.evaluate(&cut, 3).unwrap();
        assert!((scores.f1() - 0.8).abs() < 1e-9, "{}", scores.f1());
        assert_eq!(scores.fold_f1().len(), 5);
    }
}
