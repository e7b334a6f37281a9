//! How good an ensemble and its members are on the text that it is calibrated on.

use super::Ensemble;
use crate::{GleanerError, Scored, data::short_name};
use gleaner_corpus::Corpus;
use gleaner_metrics::{Bootstrap, Interval, SeqevalMode};
use serde::{Deserialize, Serialize};

/// How good an ensemble and its members are on the text that it was calibrated on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EnsembleScores {
    /// The text.
    pub text: String,
    /// Its number of sentences.
    pub sentences: usize,
    /// Entity micro F1 of each member, from 0 to 1.
    pub members: Vec<f64>,
    /// Entity micro F1 of the ensemble, from 0 to 1.
    pub f1: f64,
    /// The 95 % bootstrap interval of the ensemble's F1.
    pub interval: Option<Interval>,
}

impl EnsembleScores {
    /// The mean of the members' F1, from 0 to 1.
    pub fn mean_of_members(&self) -> f64 {
        self.members.iter().sum::<f64>() / self.members.len() as f64
    }
}

impl Ensemble {
    /// Calibrates the ensemble as one ([`Ensemble::calibrate`]), and scores it and its members on the same text.
    /// `begins` is called with the number of each member, from 1, before it labels the text.
    ///
    /// # Errors
    /// As [`Ensemble::score`].
    pub fn assess(
        &mut self,
        dev: &Corpus,
        mut begins: impl FnMut(usize),
    ) -> Result<EnsembleScores, GleanerError> {
        let f1 = |scored: &Scored| scored.evaluation.report(SeqevalMode::Default).micro.f1;
        let mut members = Vec::new();
        for (number, member) in (1..).zip(&self.members) {
            begins(number);
            members.push(f1(&member.score(dev, usize::MAX)?));
        }
        self.calibrate(dev)?;
        let scored = self.score(dev, usize::MAX)?;
        let intervals = scored.evaluation.intervals(SeqevalMode::Default, &Bootstrap::default());
        Ok(EnsembleScores {
            text: short_name(&dev.path),
            sentences: dev.sentences.len(),
            members,
            f1: f1(&scored),
            interval: intervals.map(|i| i.micro_f1),
        })
    }
}
