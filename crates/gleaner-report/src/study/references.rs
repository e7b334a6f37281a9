//! Figures published elsewhere, and the study's own figure for each.

use super::gains::{Experiment, Gain, Measure, best_setting, mean_at, pseudo, transfer};
use super::spread::mean;
use super::{StudyData, TransferKind, distinct};
use serde::{Deserialize, Serialize};

/// A figure published elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The language's short code; empty or `mean` for the mean over languages.
    pub language: String,
    /// Name of the figure, such as `baseline token score` or `transfer, best factor, improvement %`.
    ///
    /// The study's own figure is found by the words of the name: `baseline`, `transfer` (fine-tuned) or `pseudo`;
    /// `best` for the best factor or quantile, otherwise the mean over all; `improvement` (in per cent), `gain` (in
    /// points), `entity` (F1), `token` or `published` (score). If the words do not identify a figure, none is shown.
    pub what: String,
    /// The figure, in the unit of the study's own.
    pub value: f64,
    /// Where it was published.
    pub source: String,
}

/// The figure that a reference's name asks for.
struct Asked {
    baseline: bool,
    transfer: bool,
    best: bool,
    measure: Option<Measure>,
}

impl Asked {
    /// Reads the words as documented at [`Reference::what`]; `None` where they do not identify a figure.
    fn read(what: &str) -> Option<Self> {
        let what = what.to_lowercase();
        let says = |word: &str| what.contains(word);
        let stages = [says("baseline"), says("transfer"), says("pseudo")];
        // "Improvement over the baseline" names the baseline but asks for the other stage.
        let baseline = stages == [true, false, false];
        let scores = [says("token") || says("published"), says("entity")];
        let measure = if says("improvement") {
            Some(Measure::Improvement)
        } else if scores[1] {
            Some(Measure::EntityGain)
        } else {
            scores[0].then_some(Measure::Improvement)
        };
        let gain = says("improvement") || says("gain");
        let one_stage = baseline || (stages[1] != stages[2] && gain);
        let asked = Asked { baseline, transfer: stages[1], best: says("best"), measure };
        (one_stage && measure.is_some() && !(baseline && gain)).then_some(asked)
    }
}

/// The study's figure, and whether it is relative to the baseline (in per cent or points) rather than a score.
pub(crate) fn ours(data: &StudyData, reference: &Reference) -> Option<(f64, bool)> {
    let asked = Asked::read(&reference.what)?;
    let measure = asked.measure?;
    let languages = match reference.language.as_str() {
        "" | "mean" => data.languages(),
        language => vec![language],
    };
    if asked.baseline {
        let of_language = |language: &str| {
            let rows = data.baseline.iter().filter(|row| row.language == language);
            mean(rows.map(|row| match measure {
                Measure::Improvement => row.scores.test_published,
                Measure::EntityGain => row.scores.test_entity,
            }))
        };
        return known(mean(languages.into_iter().map(of_language)), false);
    }
    let experiment = if asked.transfer {
        let name = TransferKind::FineTuned.name();
        transfer(data).into_iter().find(|experiment| experiment.slug.ends_with(name))?
    } else {
        pseudo(data)?
    };
    let of_language = |language: &str| gain(&experiment, language, measure, asked.best);
    known(mean(languages.into_iter().map(of_language)), true)
}

/// The gain on a language: the mean over all runs, or the gain of the best source's best setting.
fn gain(experiment: &Experiment, language: &str, measure: Measure, best: bool) -> f64 {
    let number = |gain: &Gain| measure.of(gain);
    let runs = experiment.gains.iter().filter(|gain| gain.target == language);
    if !best {
        return mean(runs.map(number));
    }
    let sources = distinct(runs.clone().map(|gain| gain.source));
    let at_best = sources.into_iter().filter_map(|source| {
        let runs: Vec<Gain> = runs.clone().filter(|gain| gain.source == source).copied().collect();
        best_setting(&runs, number).map(|setting| mean_at(&runs, setting, number))
    });
    at_best.fold(f64::NAN, f64::max)
}

fn known(value: f64, relative: bool) -> Option<(f64, bool)> {
    value.is_finite().then_some((value, relative))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::example::study;

    fn find(language: &str, what: &str) -> Option<String> {
        let reference = Reference {
            language: language.to_owned(),
            what: what.to_owned(),
            value: 0.0,
            source: String::new(),
        };
        ours(&study(), &reference).map(|(value, relative)| format!("{value:.4} {relative}"))
    }

    #[test]
    fn words_find_the_figure() {
        insta::assert_debug_snapshot!([
            find("fo", "baseline token score"),
            find("fo", "baseline entity F1"),
            find("mean", "baseline entity F1"),
            find("fo", "transfer, best factor, improvement %"),
            find("fo", "Transfer: mean improvement over the baseline, %"),
            find("fo", "transfer, best factor, entity gain"),
            find("fo", "pseudo-labelling, best quantile, improvement %"),
            find("hsb", "pseudo-labelling, best quantile, improvement %"),
            find("xx", "baseline token score"),
            find("fo", "transfer, factor"),
            find("fo", "transfer or pseudo-labelling, improvement %"),
            find("fo", "baseline"),
        ]);
    }

    #[test]
    fn the_best_of_several_sources_counts() {
        let mut data = study();
        let mut other = data.transfer[0].clone();
        (other.source, other.improvement) = ("en".to_owned(), -9.0);
        data.transfer.push(other);
        let what = "transfer, best factor, improvement %".to_owned();
        let language = data.transfer[0].target.clone();
        let reference = Reference { language, what, value: 0.0, source: String::new() };
        assert_eq!(ours(&data, &reference), ours(&study(), &reference));
    }
}
