//! Our figure for one published elsewhere.

use super::gains::{Experiment, Gain, Measure, best_setting, mean_at, pseudo, transfer};
use super::spread::mean;
use super::{Reference, StudyData, TransferKind, distinct};

/// What the words of a reference ask for.
struct Asked {
    baseline: bool,
    transfer: bool,
    best: bool,
    measure: Option<Measure>,
}

impl Asked {
    /// Reads the words as told at [`Reference::what`]; none where they do not say enough.
    fn read(what: &str) -> Option<Self> {
        let what = what.to_lowercase();
        let says = |word: &str| what.contains(word);
        let stages = [says("baseline"), says("transfer"), says("pseudo")];
        // Of an improvement over the baseline the other stage is meant.
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

/// Our figure, and whether it is relative to the baseline (in per cent or points) rather than a score.
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

/// The gain of a language: the mean over all runs, or that of the best source's best setting.
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
    fn words_find_our_figure() {
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
