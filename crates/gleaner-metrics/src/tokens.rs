//! Scores of single words. They are much higher than entity scores, because most words are `O`.

use crate::counts::Counts;
use std::collections::BTreeMap;

/// Counts of words by tag.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenCounts {
    tags: BTreeMap<String, Counts>,
}

impl TokenCounts {
    pub(crate) fn add(&mut self, gold: &str, predicted: &str) {
        self.tag(gold).gold += 1;
        self.tag(predicted).predicted += 1;
        if gold == predicted {
            self.tag(gold).correct += 1;
        }
    }

    fn tag(&mut self, tag: &str) -> &mut Counts {
        if !self.tags.contains_key(tag) {
            self.tags.insert(tag.to_owned(), Counts::default());
        }
        self.tags.get_mut(tag).expect("inserted above")
    }

    pub(crate) fn words(&self) -> usize {
        self.tags.values().map(|counts| counts.gold).sum()
    }

    pub(crate) fn accuracy(&self) -> f64 {
        let correct: usize = self.tags.values().map(|counts| counts.correct).sum();
        if correct == 0 { 0.0 } else { correct as f64 / self.words() as f64 }
    }

    pub(crate) fn macro_f1(&self) -> f64 {
        let f1s: f64 = self.tags.values().filter_map(|counts| counts.f1()).sum();
        f1s / self.tags.len().max(1) as f64
    }
}
