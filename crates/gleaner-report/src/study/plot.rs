//! Plots as SVG. Each has its message in words, too.

mod annotation;
mod bars;
mod boxes;
mod curves;
mod drawing;
mod forest;
mod heat;
mod histogram;
mod learning_curve;
mod lines;
mod multiples;
mod reliability;
mod scale;
mod style;

use super::gains::{Experiment, Measure, pseudo, transfer};
use super::{StudyData, distinct};

pub(crate) use drawing::visible;

/// One plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    /// The stem of its file: letters, digits and hyphens; unique within a study.
    pub name: String,
    /// Its title, which the drawing shows too.
    pub title: String,
    /// Its message in words and numbers, as alternative text.
    pub alt: String,
    /// The drawing: a complete SVG file.
    pub svg: String,
}

/// All plots of a study, in the order of its report. The first is the one that the report opens with.
pub fn plots(data: &StudyData) -> Vec<Plot> {
    let experiments = transfer(data).into_iter().chain(pseudo(data));
    let mut plots: Vec<Plot> = answers(data).into_iter().collect();
    plots.extend(baseline(data));
    plots.extend(comparisons(data));
    plots.extend(experiments.flat_map(|experiment| of_experiment(&experiment)));
    plots.extend(learning_curves(data));
    plots.extend(annotation(data));
    plots.extend(curves(data));
    plots.extend(confusions(data));
    plots.extend(confidences(data));
    plots.extend(reliabilities(data));
    plots
}

/// The plot that a report opens with: gains, otherwise learning curves, those of orders of annotation, or the baseline.
/// `None` without any.
pub(crate) fn answers(data: &StudyData) -> Option<Plot> {
    const NAME: &str = "answers";
    if let Some(gains) = forest::answers(data) {
        return Some(gains);
    }
    if !data.learning_curves.is_empty() {
        return Some(learning_curve::learning_curves(NAME, &data.learning_curves));
    }
    if !data.annotation.is_empty() {
        return Some(annotation::annotation(NAME, &data.annotation));
    }
    (!data.baseline.is_empty()).then(|| bars::baseline(NAME, data))
}

/// The plots of the baseline.
pub(crate) fn baseline(data: &StudyData) -> Vec<Plot> {
    let is_there = !data.baseline.is_empty();
    is_there.then(|| bars::baseline("baseline-by-language", data)).into_iter().collect()
}

/// The gains with their intervals: means over languages first, then each kind of experiment.
pub(crate) fn comparisons(data: &StudyData) -> Vec<Plot> {
    let kinds = distinct(data.comparisons.iter().map(|row| row.kind.as_str()));
    let of_kinds = (1..).zip(kinds).map(|(number, kind)| forest::gains(number, kind, data));
    forest::means(data).into_iter().chain(of_kinds).collect()
}

/// The plots of the learning curves.
pub(crate) fn learning_curves(data: &StudyData) -> Vec<Plot> {
    const NAME: &str = "learning-curve-by-language";
    let is_there = !data.learning_curves.is_empty();
    let plot = || learning_curve::learning_curves(NAME, &data.learning_curves);
    is_there.then(plot).into_iter().collect()
}

/// The plots of the orders of annotation.
pub(crate) fn annotation(data: &StudyData) -> Vec<Plot> {
    const NAME: &str = "annotation-by-language";
    let is_there = !data.annotation.is_empty();
    is_there.then(|| annotation::annotation(NAME, &data.annotation)).into_iter().collect()
}

/// The plots of a kind of transfer, or of pseudo-labelling.
pub(crate) fn of_experiment(experiment: &Experiment) -> Vec<Plot> {
    let draw: [fn(&Experiment, Measure) -> Plot; 3] =
        [boxes::boxes, bars::gains, multiples::multiples];
    Measure::ALL
        .into_iter()
        .flat_map(|measure| draw.map(|draw| draw(experiment, measure)))
        .collect()
}

/// The plots of the training curves.
pub(crate) fn curves(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.curves);
    numbered.map(|(number, curve)| curves::curve(number, curve)).collect()
}

/// The plots of the confusions of types.
pub(crate) fn confusions(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.confusions);
    numbered.map(|(number, table)| heat::confusion(number, table)).collect()
}

/// The plots of the confidences of pseudo-labels.
pub(crate) fn confidences(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.added);
    numbered.map(|(number, round)| histogram::confidence(number, round)).collect()
}

/// The reliability diagrams.
pub(crate) fn reliabilities(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.reliability);
    numbered.map(|(number, runs)| reliability::reliability(number, runs)).collect()
}

/// The text as part of a file name.
fn slug(text: &str) -> String {
    const LONGEST: usize = 40;
    let plain =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let plain: String = plain.take(LONGEST).collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "run".to_owned() } else { parts.join("-") }
}

#[cfg(test)]
mod tests;
