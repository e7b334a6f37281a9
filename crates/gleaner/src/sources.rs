//! Choosing the language to transfer from: similarity measures between candidate source corpora and a target, the
//! score of a short training on each candidate, and how well these predict measured gains.
//!
//! Related work uses much the same measures (Lin et al. 2019, "Choosing transfer languages for cross-lingual
//! learning", section 4: word and subword overlap, size), and finds that no single one is enough.

mod gains;
mod measures;
mod neighbours;
mod profile;
mod statistics;

pub use gains::{Correlation, Gains, correlations};
pub use measures::{MEASURES, Measure, Measures};
pub use statistics::{kendall_tau, spearman_rho};

use crate::{
    Dataset, EncoderFiles, GleanerError, PieceTokenizer, Settings,
    train::{Event, fit},
};
use gleaner_corpus::Splits;
use gleaner_metrics::Interval;
use profile::Profile;
use serde::Serialize;
use statistics::ranks;

/// A text to transfer from.
pub struct Candidate {
    /// Its name in reports.
    pub name: String,
    /// Its sentences; the training and dev parts are used.
    pub data: Dataset,
}

/// The score on the target's dev text of a tagger that was trained on a candidate alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ZeroShot {
    /// Number of training sentences.
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
    /// Its rank; the best candidate has 1.
    pub rank: usize,
    /// The mean of its ranks by the measures that are [compared](Measure::is_compared).
    pub mean_rank: f64,
    /// The score of a short training, where there is one.
    pub zero_shot: Option<ZeroShot>,
    /// The candidate's share of the nearest neighbours of the target's pieces, where there is an encoder (NN-Rank,
    /// Ebrahimi et al. 2025).
    pub neighbours: Option<f64>,
    /// The similarity measures.
    #[serde(flatten)]
    pub measures: Measures,
}

/// How candidates are ranked.
pub struct Ranking<'a> {
    /// The settings of the short trainings.
    pub settings: &'a Settings,
    /// Number of sentences of a short training, from the start of the candidate's training part; `None` skips training.
    pub rows: Option<usize>,
    /// The tokenizer that counts pieces, where there is an encoder.
    pub tokenizer: Option<&'a PieceTokenizer>,
    /// The encoder in whose hidden states neighbours are looked for, and the number of target sentences to do that for.
    pub neighbours: Option<(&'a EncoderFiles, usize)>,
}

/// Compares every candidate with the training part of `target`, and sorts them best first: by the score of a short
/// training where there is one, else by the mean rank. Ties keep the given order.
///
/// A short training uses the candidate's own dev part and is scored on the dev part of the target; the target's test
/// part is not used. Sentences of the candidate that also occur in the target's dev part are dropped, unless `settings`
/// keep leaks. `observer` gets the candidate's number (from 1) with every event.
///
/// # Errors
/// The encoder or the settings are wrong, or a training diverges.
pub fn rank(
    target: &Dataset,
    candidates: &[Candidate],
    how: &Ranking,
    observer: &mut dyn FnMut(usize, &Event),
) -> Result<Vec<Ranked>, GleanerError> {
    let of_target = Profile::of(&target.train, how.tokenizer);
    let shares = match (how.neighbours, how.tokenizer) {
        (Some((encoder, sentences)), Some(tokenizer)) => {
            let shares =
                neighbours::shares(encoder, tokenizer, &target.train, sentences, candidates)?;
            Some(shares)
        }
        _ => None,
    };
    let mut ranked = Vec::with_capacity(candidates.len());
    for (number, candidate) in candidates.iter().enumerate() {
        let of_candidate = Profile::of(&candidate.data.train, how.tokenizer);
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
            neighbours: shares.as_ref().map(|shares| shares[number]),
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
    target: &Dataset,
    candidate: &Dataset,
    observer: &mut dyn FnMut(&Event),
) -> Result<ZeroShot, GleanerError> {
    let dev = candidate.dev.sentences.clone();
    let parts = Splits {
        train: candidate.train.sentences.iter().take(rows).cloned().collect(),
        dev: Some(dev).filter(|dev| !dev.is_empty()),
        test: Some(target.dev.sentences.clone()),
    };
    let data = Dataset::from_sentences(parts, settings)?;
    let mut settings = settings.clone();
    (settings.self_training.pool, settings.self_training.teacher) = (Vec::new(), Vec::new());
    let trained = fit(&settings, data, None, &mut |event: &Event| observer(event))?;
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
