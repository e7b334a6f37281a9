//! The answers of a study: one sentence for each language and experiment. Page, summary and terminal open with them.

mod finding;
mod text;

pub use finding::Finding;
pub use text::answers_text;

use super::comparisons::{
    MeanRow, Measured, Verdict, chosen_on_dev, mean_chosen_on_dev, signed_interval,
};
use super::number::{counted, score, signed};
use super::spread::mean;
use super::{ComparisonRow, StudyData, distinct};
use finding::Evidence;
use serde::Serialize;
use std::fmt;

/// How gains are measured and tested, for readers of answers.
pub(crate) const TEST: &str = "Gains are points of entity F1 over the baseline, unless something else is named; factors \
    and quantiles are chosen on dev. Significant: paired permutation test over test sentences, Holm-corrected, p below \
    0.05.";

/// The answer to one question of a study. Its `Display` form is a sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Answer {
    /// The target language, with its source where there is one (`da → fo`), or `mean of 6 languages`.
    pub languages: String,
    /// The experiment, with its setting. Of several settings it is the one with the best dev score.
    pub experiment: String,
    /// The gain over the baseline in points of entity F1, if one was measured.
    pub gain: Option<f64>,
    /// The 95 % interval of the gain: low, high.
    pub interval: Option<(f64, f64)>,
    /// What the gain shows; `None` for answers without a gain.
    pub finding: Option<Finding>,
    /// The end of the sentence: the numbers and the finding.
    pub result: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.languages, self.experiment, self.result)
    }
}

/// The answers of a study. For each experiment: its mean over languages, then each language, at the setting chosen on
/// dev. Then what more training sentences would add, and what an order of annotation saves. A study without any of them
/// answers with its baseline.
pub fn answers(data: &StudyData) -> Vec<Answer> {
    let mut answers = Vec::new();
    for kind in distinct(data.comparisons.iter().map(|row| row.kind.as_str())) {
        answers.extend(mean_chosen_on_dev(data, kind).map(|row| of_mean(data, row)));
        answers.extend(chosen_on_dev(data, kind).into_iter().map(|row| of_language(data, row)));
    }
    answers.extend(data.learning_curves.iter().map(|row| Answer {
        languages: row.language.clone(),
        experiment: "more training sentences".to_owned(),
        gain: row.fitted.map(|f| f.gain),
        interval: row.fitted.map(|f| f.interval),
        finding: None,
        result: row.result(),
    }));
    let compared = data.annotation.iter().filter(|row| row.is_compared());
    answers.extend(compared.map(|row| Answer {
        languages: row.language.clone(),
        experiment: format!("annotation in {} order", row.order),
        gain: None,
        interval: None,
        finding: None,
        result: row.result(),
    }));
    match answers.is_empty() {
        true => of_baseline(data),
        false => answers,
    }
}

fn of_language(data: &StudyData, row: &ComparisonRow) -> Answer {
    let family = data.comparisons.iter().filter(|other| {
        (&other.kind, other.subset) == (&row.kind, row.subset) && other.measured.is_some()
    });
    let evidence = Evidence {
        seeds: row.seeds,
        sentences: row.different,
        tests: family.count(),
        resamples: data.resamples,
    };
    answer(row.languages(), row.experiment(), row.measured.as_ref(), &evidence)
}

fn of_mean(data: &StudyData, row: &MeanRow) -> Answer {
    let rows = data.comparisons.iter().filter(|one| one.family() == row.family());
    let evidence = Evidence {
        seeds: row.seeds,
        sentences: rows.map(|one| one.different).sum(),
        tests: data.means.iter().filter(|other| other.subset == row.subset).count(),
        resamples: data.resamples,
    };
    let languages = format!("mean of {}", counted(row.languages.len(), "language"));
    answer(languages, row.experiment(), Some(&row.measured), &evidence)
}

fn answer(
    languages: String,
    experiment: String,
    measured: Option<&Measured>,
    evidence: &Evidence,
) -> Answer {
    let finding = Finding::of(measured, evidence);
    let verdict = measured.map_or(Verdict::NothingMeasured, Measured::verdict);
    let said = finding.said(verdict, evidence);
    let result = match measured {
        Some(m) => format!(
            "entity F1 {} points (95 % interval {}), {said}.",
            signed(m.gain, 1),
            signed_interval(m)
        ),
        None => format!("{said}."),
    };
    Answer {
        languages,
        experiment,
        gain: measured.map(|m| m.gain),
        interval: measured.map(|m| m.interval),
        finding: Some(finding),
        result,
    }
}

/// The baseline's scores, which are not a gain.
fn of_baseline(data: &StudyData) -> Vec<Answer> {
    let languages = distinct(data.baseline.iter().map(|row| &row.language));
    let of_language = |language: &String| {
        let rows: Vec<_> = data.baseline.iter().filter(|row| row.language == *language).collect();
        let f1 = mean(rows.iter().map(|row| row.scores.test_entity));
        Answer {
            languages: language.clone(),
            experiment: "baseline".to_owned(),
            gain: None,
            interval: None,
            finding: None,
            result: format!("entity F1 {} (mean of {}).", score(f1), counted(rows.len(), "run")),
        }
    };
    languages.into_iter().map(of_language).collect()
}

#[cfg(test)]
mod tests;
