//! Choosing the language to transfer from: measures of candidate source corpora beside a target, the score of a
//! short training on each, and how well these predict gains that were measured.
//!
//! The related work measures much the same (Lin et al. 2019, "Choosing transfer languages for cross-lingual
//! learning", section 4: word and subword overlap, size), and finds that no one of them is enough.

mod gains;
mod measures;
mod profile;
mod statistics;

pub use gains::{Correlation, Gains, correlations};
pub use measures::{MEASURES, Measure, Measures};
pub use statistics::{kendall_tau, spearman_rho};

use crate::{
    GleanerError, Pieces, RunData, Settings,
    scratch::{Texts, train_on},
    train::Event,
};
use gleaner_metrics::Interval;
use profile::Profile;
use serde::Serialize;
use statistics::ranks;

/// A text to transfer from.
pub struct Candidate {
    /// What people know it by.
    pub name: String,
    /// Its sentences; training and dev part are used.
    pub data: RunData,
}

/// The score of a tagger on the target's dev text, which it was not trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ZeroShot {
    /// Training sentences.
    pub sentences: usize,
    /// Entity-level micro F1, seqeval's default mode.
    pub f1: f64,
    /// Its bootstrap interval over the dev sentences.
    pub interval: Option<Interval>,
}

/// A candidate with its measures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ranked {
    /// Its name.
    pub source: String,
    /// From 1, the best.
    pub rank: usize,
    /// The mean of its ranks by each of the measures that are [compared](Measure::is_compared).
    pub mean_rank: f64,
    /// The score of a short training, where there was one.
    pub zero_shot: Option<ZeroShot>,
    /// What was measured.
    #[serde(flatten)]
    pub measures: Measures,
}

/// How candidates are ranked.
pub struct Ranking<'a> {
    /// The settings of the short trainings.
    pub settings: &'a Settings,
    /// Sentences of a short training: the first of the candidate's training part; `None` trains nothing.
    pub rows: Option<usize>,
    /// Counts pieces, where an encoder is given.
    pub pieces: Option<&'a Pieces>,
}

/// Measures every candidate beside the training part of `target` and puts the best first: by the score of a short
/// training where there is one, else by the mean rank. Of equals the one named first stands first.
///
/// A short training has the candidate's own dev part and is scored on the dev part of the target; the target's test part is left alone. Sentences of the candidate that stand in the target's dev
/// part are dropped, unless `settings` keep leaks. `observer` is told the candidate's number (from 1) with every event.
///
/// # Errors
/// The encoder or the settings are wrong.
pub fn rank(
    target: &RunData,
    candidates: &[Candidate],
    how: &Ranking,
    observer: &mut dyn FnMut(usize, &Event),
) -> Result<Vec<Ranked>, GleanerError> {
    let of_target = Profile::of(&target.train, how.pieces);
    let mut ranked = Vec::with_capacity(candidates.len());
    for (number, candidate) in candidates.iter().enumerate() {
        let of_candidate = Profile::of(&candidate.data.train, how.pieces);
        let zero_shot = match how.rows {
            Some(rows) => {
                let mut observer = |event: &Event| observer(number + 1, event);
                Some(zero_shot(how.settings, rows, target, &candidate.data, &mut observer)?)
            }
            None => None,
        };
        ranked.push(Ranked {
            source: candidate.name.clone(),
            rank: 0,
            mean_rank: 0.0,
            zero_shot,
            measures: Measures::between(&of_target, &of_candidate),
        });
    }
    put_in_order(&mut ranked);
    Ok(ranked)
}

/// Fills in the ranks and sorts by them.
fn put_in_order(ranked: &mut [Ranked]) {
    let mut sums = vec![0.0; ranked.len()];
    let mut measures = 0;
    for measure in MEASURES.iter().filter(|m| m.is_compared) {
        let goodness: Option<Vec<f64>> = ranked.iter().map(|r| measure.goodness(r)).collect();
        let Some(goodness) = goodness else { continue };
        measures += 1;
        let best_first: Vec<f64> = goodness.iter().map(|g| -g).collect();
        sums.iter_mut().zip(ranks(&best_first)).for_each(|(sum, rank)| *sum += rank);
    }
    for (candidate, sum) in ranked.iter_mut().zip(sums) {
        candidate.mean_rank = sum / f64::from(measures.max(1));
    }
    let score = |r: &Ranked| r.zero_shot.map_or(0.0, |z| z.f1);
    ranked.sort_by(|a, b| {
        score(b).total_cmp(&score(a)).then(a.mean_rank.total_cmp(&b.mean_rank)) // stable
    });
    ranked.iter_mut().zip(1..).for_each(|(candidate, rank)| candidate.rank = rank);
}

/// Trains on the first `rows` sentences of a candidate and scores on the target's dev text.
fn zero_shot(
    settings: &Settings,
    rows: usize,
    target: &RunData,
    candidate: &RunData,
    observer: &mut dyn FnMut(&Event),
) -> Result<ZeroShot, GleanerError> {
    let texts = Texts {
        train: candidate.train.sentences.iter().take(rows).collect(),
        dev: candidate.dev.sentences.iter().collect(),
        test: target.dev.sentences.iter().collect(),
    };
    let trained = train_on(settings, &texts, &mut |event: &Event| observer(event))?;
    let provenance = trained.provenance;
    let scores = provenance.test.as_ref();
    Ok(ZeroShot {
        sentences: provenance.train.sentences,
        f1: scores.map_or(0.0, |s| s.entities.micro.f1),
        interval: scores.and_then(|s| s.intervals.as_ref()).map(|i| i.micro_f1),
    })
}

#[cfg(test)]
mod tests;
