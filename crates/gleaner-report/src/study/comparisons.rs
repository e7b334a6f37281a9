//! What each experiment gains over the baseline, and whether the gain is real.

use super::number::{DASH, fixed, score, signed};
use super::overview::Grid;
use super::plot::pair_name;
use super::{StudyData, distinct};
use serde::{Deserialize, Serialize};

/// A gain is real if its corrected p-value is below this.
pub const LEVEL: f64 = 0.05;

/// Which entities are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subset {
    /// All entities of all test sentences.
    All,
    /// Those of test sentences whose words stand in neither side's training text.
    LeakFree,
    /// Those whose words are an entity in neither side's training text: gold ones for the recall,
    /// predicted ones for the precision.
    Unseen,
}

impl Subset {
    /// All subsets, in the order in which they are shown.
    pub const ALL: [Subset; 3] = [Subset::All, Subset::LeakFree, Subset::Unseen];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Subset::All => "all entities",
            Subset::LeakFree => "leak-free sentences",
            Subset::Unseen => "unseen mentions",
        }
    }
}

/// An experiment on a language against the language's baseline, over all folds of the seeds that both have in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// What was done, such as `transfer, fine-tuned` or `recipe several`.
    pub kind: String,
    /// At which factor or quantile, such as `×3`; empty where there is no choice.
    pub setting: String,
    /// The language learnt from, or several; empty for none.
    pub source: String,
    /// The language tested on.
    pub target: String,
    /// Which entities are compared.
    pub subset: Subset,
    /// Seeds of starting values, shuffles and dropout that both sides were trained with.
    pub seeds: usize,
    /// Runs of the experiment: seeds, and repetitions of each; the folds of a seed are one.
    pub runs: usize,
    /// Test sentences.
    pub sentences: usize,
    /// Different ones among them: equal sentences are drawn and exchanged together.
    pub different: usize,
    /// Gold entities in them.
    pub entities: usize,
    /// The mean score on dev by which settings are chosen, from 0 to 1.
    pub dev: f64,
    /// What was measured, if there is an entity, gold or predicted, to measure on.
    pub measured: Option<Measured>,
}

/// An experiment against the baselines in the mean of several languages, each with the same weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanRow {
    /// What was done, as in the [`ComparisonRow`]s that it is the mean of.
    pub kind: String,
    /// At which factor or quantile; empty where there is no choice.
    pub setting: String,
    /// Which entities are compared.
    pub subset: Subset,
    /// The languages tested on, or the pairs.
    pub languages: Vec<String>,
    /// Seeds that all these languages have.
    pub seeds: usize,
    /// Runs of the experiment with them on each language, the fewest.
    pub runs: usize,
    /// What was measured: sentences are drawn and exchanged within their language, and Holm's correction
    /// is over the experiments.
    pub measured: Measured,
}

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measured {
    /// The baseline's entity micro F1: the mean over seeds, from 0 to 1.
    pub baseline: f64,
    /// Its standard deviation over seeds.
    pub baseline_deviation: Option<f64>,
    /// The experiment's entity micro F1: the mean over runs, from 0 to 1.
    pub system: f64,
    /// Its standard deviation over runs.
    pub system_deviation: Option<f64>,
    /// What is gained, in points.
    pub gain: f64,
    /// The 95 % interval of the gain over sentences and seeds, in points: low, high.
    pub interval: (f64, f64),
    /// Of the paired permutation test.
    pub p_value: f64,
    /// The same after Holm's correction: of a language over the languages of the experiment, of a mean over
    /// the experiments.
    pub corrected: f64,
    /// Almost stochastic order over seeds; below 0.2 the experiment is better in nearly every way.
    pub order: Option<f64>,
}

/// What can be said of a gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The corrected p-value is below 0.05 and the interval lies above 0.
    Real,
    /// The corrected p-value is below 0.05 and the interval lies below 0.
    RealLoss,
    /// Neither.
    NotShown,
    /// There was nothing to measure on.
    NothingMeasured,
}

impl Verdict {
    /// The verdict in words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Real => "real",
            Verdict::RealLoss => "real loss",
            Verdict::NotShown => "not shown",
            Verdict::NothingMeasured => "nothing to measure",
        }
    }
}

impl Verdict {
    /// The verdict for people, who must know what one seed cannot tell.
    pub(crate) fn said(self, seeds: usize) -> String {
        match self {
            Verdict::Real | Verdict::RealLoss if seeds < 2 => format!("{} (one seed)", self.name()),
            _ => self.name().to_owned(),
        }
    }
}

impl Measured {
    /// What can be said of the gain.
    pub fn verdict(&self) -> Verdict {
        match self.interval {
            (low, _) if self.corrected < LEVEL && low > 0.0 => Verdict::Real,
            (_, high) if self.corrected < LEVEL && high < 0.0 => Verdict::RealLoss,
            _ => Verdict::NotShown,
        }
    }
}

impl MeanRow {
    /// The experiment, its setting and the subset: the [`ComparisonRow::family`] that it is the mean of.
    pub(crate) fn family(&self) -> (&str, &str, Subset) {
        (&self.kind, &self.setting, self.subset)
    }
}

impl ComparisonRow {
    /// What can be said of the gain.
    pub fn verdict(&self) -> Verdict {
        self.measured.as_ref().map_or(Verdict::NothingMeasured, Measured::verdict)
    }

    /// The experiment, its setting and the subset, by which languages stand together.
    pub fn family(&self) -> (&str, &str, Subset) {
        (&self.kind, &self.setting, self.subset)
    }

    /// What was done, and at which setting.
    pub(crate) fn experiment(&self) -> String {
        match self.setting.is_empty() {
            true => self.kind.clone(),
            false => format!("{} {}", self.kind, self.setting),
        }
    }

    /// The languages for people: the target, with its source where there is one.
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
fn mean_of<'a>(data: &'a StudyData, family: (&str, &str, Subset)) -> Option<&'a MeanRow> {
    data.means.iter().find(|mean| mean.family() == family)
}

/// What a family of comparisons comes to: its mean, or its only language. A language that stands twice is neither.
fn over_languages<'a>(data: &'a StudyData, family: (&str, &str, Subset)) -> Option<&'a Measured> {
    let mut rows = data.comparisons.iter().filter(|row| row.family() == family);
    match (mean_of(data, family), rows.next(), rows.next()) {
        (Some(mean), ..) => Some(&mean.measured),
        (None, Some(row), None) => row.measured.as_ref(),
        _ => None,
    }
}

/// Means over languages by experiment, and on how many of them the gain is real.
pub(crate) fn by_experiment(data: &StudyData) -> Grid {
    let headings = [
        "experiment",
        "languages",
        "seeds",
        "baseline entity F1",
        "entity F1",
        "gain, points",
        "95 % interval",
        "p",
        "p (Holm)",
        "mean gain is",
        "gain on unseen mentions",
        "real gains",
        "real losses",
    ];
    let mut grid = Grid::new(1, &headings);
    let all = of_subset(data, Subset::All);
    for experiment in distinct(all.iter().map(|row| row.experiment())) {
        let rows: Vec<_> = all.iter().filter(|row| row.experiment() == experiment).collect();
        let count = |verdict| rows.iter().filter(|row| row.verdict() == verdict).count();
        let (kind, setting, _) = rows[0].family();
        let mean = mean_of(data, (kind, setting, Subset::All));
        let number = |subset, of: fn(&Measured) -> f64| {
            over_languages(data, (kind, setting, subset)).map_or(f64::NAN, of)
        };
        let fewest = rows.iter().map(|row| row.seeds).min().unwrap_or(0);
        let [interval, p, corrected, said] = match mean {
            Some(MeanRow { seeds, measured: m, .. }) => {
                [interval(m), chance(m.p_value), chance(m.corrected), m.verdict().said(*seeds)]
            }
            None => std::array::from_fn(|_| DASH.to_owned()),
        };
        grid.rows.push(vec![
            experiment.clone(),
            mean.map_or(rows.len(), |mean| mean.languages.len()).to_string(),
            mean.map_or(fewest, |mean| mean.seeds).to_string(),
            score(number(Subset::All, |m| m.baseline)),
            score(number(Subset::All, |m| m.system)),
            signed(number(Subset::All, |m| m.gain), 1),
            interval,
            p,
            corrected,
            said,
            signed(number(Subset::Unseen, |m| m.gain), 1),
            format!("{} of {}", count(Verdict::Real), rows.len()),
            count(Verdict::RealLoss).to_string(),
        ]);
    }
    grid
}

/// Every language and experiment on one subset.
pub(crate) fn by_language(data: &StudyData, subset: Subset) -> Grid {
    let headings = [
        "language",
        "experiment",
        "gain is",
        "baseline F1",
        "F1",
        "gain, points",
        "95 % interval",
        "p",
        "p (Holm)",
        "stochastic order",
        "seeds",
        "runs",
        "sentences",
        "different ones",
        "entities",
    ];
    let mut grid = Grid::new(3, &headings);
    for row in of_subset(data, subset) {
        let with_deviation = |mean: f64, deviation: Option<f64>| match deviation {
            Some(deviation) => format!("{} ± {}", score(mean), score(deviation)),
            None => score(mean),
        };
        let numbers = match &row.measured {
            Some(m) => [
                with_deviation(m.baseline, m.baseline_deviation),
                with_deviation(m.system, m.system_deviation),
                signed(m.gain, 1),
                interval(m),
                chance(m.p_value),
                chance(m.corrected),
                m.order.map_or(DASH.to_owned(), |order| fixed(order, 2)),
            ],
            None => std::array::from_fn(|_| DASH.to_owned()),
        };
        let texts = [row.languages(), row.experiment(), row.verdict().said(row.seeds)];
        let counts = [row.seeds, row.runs, row.sentences, row.different, row.entities]
            .map(|n| n.to_string());
        grid.rows.push(texts.into_iter().chain(numbers).chain(counts).collect());
    }
    grid
}

/// The interval of a gain for people.
fn interval(m: &Measured) -> String {
    format!("{} to {}", signed(m.interval.0, 1), signed(m.interval.1, 1))
}

/// A p-value for people.
fn chance(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { fixed(p, 3) }
}

/// How the numbers came about, for people.
pub(crate) const METHOD: &str = "Each run is set against the target's baseline (or the recipe named) of the same seed, on \
    the same test sentences; the folds of a seed are one test set. Equal sentences are evidence of one: they are drawn and \
    exchanged together. Interval: bootstrap over sentences and, where there are several, over seeds. p: paired \
    permutation test over sentences; Holm's correction is over the languages of an experiment. A mean over languages has \
    an interval and a test of its own: sentences are drawn and exchanged within their language, so that it speaks of these \
    languages and not of others; its correction is over the experiments. Stochastic order: \
    almost stochastic order over seeds, 0 for better throughout, from 0.5 on for no better. A gain is real if the \
    corrected p is below 0.05 and the interval lies above 0. Where there is one seed, that is so of the very models \
    that were trained: nothing is known of what training them anew would bring.";

#[cfg(test)]
mod tests {
    use super::*;

    fn row(corrected: f64, interval: (f64, f64)) -> ComparisonRow {
        let mut row = crate::study::example::study().comparisons[0].clone();
        let measured = row.measured.as_mut().unwrap();
        (measured.corrected, measured.interval) = (corrected, interval);
        row
    }

    #[test]
    fn a_verdict_needs_both_the_test_and_the_interval() {
        assert_eq!(row(0.049, (0.1, 2.0)).verdict(), Verdict::Real);
        assert_eq!(row(0.05, (0.1, 2.0)).verdict(), Verdict::NotShown);
        assert_eq!(row(0.001, (-0.1, 2.0)).verdict(), Verdict::NotShown);
        assert_eq!(row(0.001, (-2.0, -0.1)).verdict(), Verdict::RealLoss);
        assert_eq!(row(0.2, (-2.0, -0.1)).verdict(), Verdict::NotShown);
        // Repetitions of one seed share its baseline.
        let one_seed = ComparisonRow { seeds: 1, runs: 5, ..row(0.001, (1.0, 2.0)) };
        let said = |row: &ComparisonRow| row.verdict().said(row.seeds);
        assert_eq!([said(&one_seed), said(&row(0.001, (1.0, 2.0)))], ["real (one seed)", "real"]);
        let nothing = ComparisonRow { measured: None, ..row(0.0, (1.0, 2.0)) };
        assert_eq!(nothing.verdict(), Verdict::NothingMeasured);
    }

    #[test]
    fn small_chances_are_not_rounded_to_none() {
        assert_eq!([0.0004, 0.001, 0.0496, 1.0].map(chance), ["<0.001", "0.001", "0.050", "1.000"]);
    }

    #[test]
    fn the_verdict_on_a_mean_knows_of_single_seeds() {
        let mut data = crate::study::example::study();
        let told = |data: &StudyData| by_experiment(data).rows[1][9].clone();
        assert_eq!(told(&data), "real");
        data.means.iter_mut().for_each(|row| row.seeds = 1);
        assert_eq!(told(&data), "real (one seed)");
        // Without a mean nothing is said, nor averaged.
        data.means.clear();
        assert_eq!(told(&data), DASH);
        assert_eq!(by_experiment(&data).rows[1][3..7], [DASH; 4]);
        // A single language is its own mean.
        let first = data.comparisons[0].target.clone();
        data.comparisons.retain(|row| row.target == first);
        let all = of_subset(&data, Subset::All)[1].clone();
        let row = &by_experiment(&data).rows[1];
        assert_eq!(row[5], signed(all.measured.unwrap().gain, 1));
    }
}
