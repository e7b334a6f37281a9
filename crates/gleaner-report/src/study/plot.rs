//! Drawings as SVG. Each says its message in words too.

mod bars;
mod boxes;
mod curves;
mod drawing;
mod forest;
mod growth;
mod heat;
mod histogram;
mod lines;
mod multiples;
mod reliability;
mod scale;
mod style;

use super::gains::{Experiment, Measure, pseudo, transfer};
use super::{StudyData, distinct};

pub(crate) use drawing::visible;
pub(crate) use multiples::pair_name;

/// One drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    /// A file's stem: letters, digits and hyphens, and no other plot's of the same study.
    pub name: String,
    /// The title, which stands in the drawing too.
    pub title: String,
    /// What the drawing shows, in words and numbers.
    pub alt: String,
    /// The drawing, a file of its own.
    pub svg: String,
}

/// All plots of a study, in the order of its report.
pub fn plots(data: &StudyData) -> Vec<Plot> {
    let experiments = transfer(data).into_iter().chain(pseudo(data));
    let mut plots = baseline(data);
    plots.extend(comparisons(data));
    plots.extend(experiments.flat_map(|experiment| of_experiment(&experiment)));
    plots.extend(growth(data));
    plots.extend(curves(data));
    plots.extend(confusions(data));
    plots.extend(confidences(data));
    plots.extend(reliabilities(data));
    plots
}

/// The plots of the baseline.
pub(crate) fn baseline(data: &StudyData) -> Vec<Plot> {
    if data.baseline.is_empty() { Vec::new() } else { vec![bars::baseline(data)] }
}

/// The gains of every kind of experiment with their intervals, the means of all first.
pub(crate) fn comparisons(data: &StudyData) -> Vec<Plot> {
    let kinds = distinct(data.comparisons.iter().map(|row| row.kind.as_str()));
    let of_kinds = (1..).zip(kinds).map(|(number, kind)| forest::gains(number, kind, data));
    forest::means(data).into_iter().chain(of_kinds).collect()
}

/// The curves over training sentences.
pub(crate) fn growth(data: &StudyData) -> Vec<Plot> {
    if data.growth.is_empty() { Vec::new() } else { vec![growth::growth(&data.growth)] }
}

/// The plots of transfer or pseudo-labelling.
pub(crate) fn of_experiment(experiment: &Experiment) -> Vec<Plot> {
    let draw: [fn(&Experiment, Measure) -> Plot; 3] =
        [boxes::boxes, bars::gains, multiples::multiples];
    Measure::ALL
        .into_iter()
        .flat_map(|measure| draw.map(|draw| draw(experiment, measure)))
        .collect()
}

/// The learning curves.
pub(crate) fn curves(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.curves);
    numbered.map(|(number, curve)| curves::curve(number, curve)).collect()
}

/// The confusions of types.
pub(crate) fn confusions(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.confusions);
    numbered.map(|(number, table)| heat::confusion(number, table)).collect()
}

/// The confidences of pseudo-labels.
pub(crate) fn confidences(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.added);
    numbered.map(|(number, round)| histogram::confidence(number, round)).collect()
}

/// The reliability of confidences.
pub(crate) fn reliabilities(data: &StudyData) -> Vec<Plot> {
    let numbered = (1..).zip(&data.reliability);
    numbered.map(|(number, runs)| reliability::reliability(number, runs)).collect()
}

/// The text as part of a file's name.
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
