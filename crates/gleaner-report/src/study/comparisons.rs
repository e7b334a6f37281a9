//! The gain of each experiment over the baseline, and whether it is significant.

mod grids;
mod verdict;

pub(crate) use grids::{METHOD, by_experiment, by_language, signed_interval};
pub use verdict::{LEVEL, Verdict};

use super::number::pair_name;
use super::{StudyData, distinct};
use gleaner_metrics::ASO_SEEDS;
use serde::{Deserialize, Serialize};

/// Which entities are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subset {
    /// All entities of all test sentences.
    All,
    /// Entities of test sentences whose words do not occur in a training text of either side.
    LeakFree,
    /// Entities whose words are not an entity in a training text of either side: gold ones for the recall, predicted
    /// ones for the precision.
    Unseen,
}

impl Subset {
    /// All subsets, in the order in which they are shown.
    pub const ALL: [Subset; 3] = [Subset::All, Subset::LeakFree, Subset::Unseen];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Subset::All => "all entities",
            Subset::LeakFree => "leak-free sentences",
            Subset::Unseen => "unseen mentions",
        }
    }
}

/// An experiment compared with the baseline on one language, over all folds of the seeds that both have in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// The experiment, such as `transfer, fine-tuned` or `recipe several`.
    pub kind: String,
    /// Its factor or quantile, such as `×3`; empty where there is no choice.
    pub setting: String,
    /// The source language or languages; empty for none.
    pub source: String,
    /// The target language.
    pub target: String,
    /// Which entities are compared.
    pub subset: Subset,
    /// Number of seeds that both sides were trained with.
    pub seeds: usize,
    /// Number of runs of the experiment: seeds times repetitions; the folds of a seed count as one.
    pub runs: usize,
    /// Number of test sentences.
    pub sentences: usize,
    /// Number of different test sentences; equal sentences are resampled and exchanged together.
    pub different: usize,
    /// Number of their gold entities.
    pub entities: usize,
    /// Mean dev score by which settings are chosen, from 0 to 1.
    pub dev: f64,
    /// The measurement; `None` where there is no entity, gold or predicted.
    pub measured: Option<Measured>,
}

/// An experiment compared with the baselines, averaged over several languages of equal weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanRow {
    /// The experiment, as in the [`ComparisonRow`]s that it is the mean of.
    pub kind: String,
    /// Its factor or quantile; empty where there is no choice.
    pub setting: String,
    /// Which entities are compared.
    pub subset: Subset,
    /// The target languages, or pairs of source and target.
    pub languages: Vec<String>,
    /// Number of seeds that all these languages have.
    pub seeds: usize,
    /// The smallest number of runs with these seeds on a language.
    pub runs: usize,
    /// The measurement. Sentences are resampled and exchanged within their language; Holm's correction is over all
    /// experiments and settings of the subset.
    pub measured: Measured,
}

/// The measured gain of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measured {
    /// Entity micro F1 of the baseline: the mean over seeds, from 0 to 1.
    pub baseline: f64,
    /// Its standard deviation over seeds.
    pub baseline_deviation: Option<f64>,
    /// Entity micro F1 of the experiment: the mean over runs, from 0 to 1.
    pub system: f64,
    /// Its standard deviation over runs.
    pub system_deviation: Option<f64>,
    /// The gain, in points.
    pub gain: f64,
    /// The 95 % interval of the gain over sentences and seeds, in points: low, high.
    pub interval: (f64, f64),
    /// The p-value of the paired permutation test over sentences.
    pub p_value: f64,
    /// The p-value after Holm's correction: for a language, over all languages and settings of the experiment; for a
    /// mean, over all experiments and settings.
    pub corrected: f64,
    /// Almost stochastic order (ASO) over seeds, from 0 to 1; below 0.2 the experiment is better at nearly every
    /// quantile.
    #[serde(alias = "order")] // the name in older files
    pub aso: Option<f64>,
}

impl Measured {
    /// ASO of this number of seeds, if there are enough. Older files have it for fewer.
    pub(crate) fn aso_of(&self, seeds: usize) -> Option<f64> {
        self.aso.filter(|_| seeds >= ASO_SEEDS)
    }
}

/// An experiment with its setting: `transfer, fine-tuned ×3`.
fn with_setting(kind: &str, setting: &str) -> String {
    format!("{kind} {setting}").trim_end().to_owned()
}

impl MeanRow {
    /// The experiment with its setting.
    pub(crate) fn experiment(&self) -> String {
        with_setting(&self.kind, &self.setting)
    }

    /// Experiment, setting and subset: the [`ComparisonRow::family`] that it is the mean of.
    pub(crate) fn family(&self) -> (&str, &str, Subset) {
        (&self.kind, &self.setting, self.subset)
    }
}

impl ComparisonRow {
    /// The verdict on the gain.
    pub fn verdict(&self) -> Verdict {
        self.measured.as_ref().map_or(Verdict::NothingMeasured, Measured::verdict)
    }

    /// Experiment, setting and subset, which languages are averaged over.
    pub fn family(&self) -> (&str, &str, Subset) {
        (&self.kind, &self.setting, self.subset)
    }

    /// The experiment with its setting.
    pub(crate) fn experiment(&self) -> String {
        with_setting(&self.kind, &self.setting)
    }

    /// The target language, with its source where there is one: `da → fo`.
    pub fn languages(&self) -> String {
        match self.source.is_empty() {
            true => self.target.clone(),
            false => pair_name((&self.source, &self.target)),
        }
    }
}

/// The rows of a subset.
pub(crate) fn of_subset(data: &StudyData, subset: Subset) -> Vec<&ComparisonRow> {
    data.comparisons.iter().filter(|row| row.subset == subset).collect()
}

/// The mean of a family of comparisons, if there is one.
pub(crate) fn mean_of<'a>(
    data: &'a StudyData,
    family: (&str, &str, Subset),
) -> Option<&'a MeanRow> {
    data.means.iter().find(|mean| mean.family() == family)
}

/// The rows of an experiment on all entities, for each pair of languages at the setting with the best dev score, of
/// those with the most seeds: a mean that lacks a bad seed would look better.
pub(crate) fn chosen_on_dev<'a>(data: &'a StudyData, kind: &str) -> Vec<&'a ComparisonRow> {
    let of_kind = || data.comparisons.iter().filter(|r| r.kind == kind && r.subset == Subset::All);
    let pair = |row: &'a ComparisonRow| (row.source.as_str(), row.target.as_str());
    let best = |wanted| {
        let rows = || of_kind().filter(|row| pair(row) == wanted);
        let most = rows().map(|row| row.seeds).max()?;
        rows()
            .filter(|row| row.seeds == most)
            .reduce(|best, row| if row.dev > best.dev { row } else { best })
    };
    distinct(of_kind().map(pair)).into_iter().filter_map(best).collect()
}

/// The mean of an experiment on all entities, at the setting with the best mean dev score over languages, of those with
/// the most languages and seeds: a mean that lacks a hard language would look better.
pub(crate) fn mean_chosen_on_dev<'a>(data: &'a StudyData, kind: &str) -> Option<&'a MeanRow> {
    let dev = |mean: &MeanRow| {
        let rows = data.comparisons.iter().filter(|row| row.family() == mean.family());
        super::spread::mean(rows.map(|row| row.dev))
    };
    let means = || data.means.iter().filter(|mean| mean.kind == kind && mean.subset == Subset::All);
    let size = |mean: &MeanRow| (mean.languages.len(), mean.seeds);
    let most = means().map(size).max()?;
    means()
        .filter(|mean| size(mean) == most)
        .reduce(|best, mean| if dev(mean) > dev(best) { mean } else { best })
}

/// Number of settings of an experiment.
pub(crate) fn settings(data: &StudyData, kind: &str) -> usize {
    let of_kind = data.comparisons.iter().filter(|row| row.kind == kind);
    distinct(of_kind.map(|row| &row.setting)).len()
}
