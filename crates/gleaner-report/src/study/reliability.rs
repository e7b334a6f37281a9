//! Whether confidences are rates of being right, by kind of run and language.

use gleaner_metrics::{Calibration, CalibrationChange};
use serde::{Deserialize, Serialize};

use super::StudyData;
use super::number::{fixed, score, signed};
use super::overview::Grid;

/// The confidences of one kind of run on test, before and after calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// The kind of run, such as `baseline`.
    pub experiment: String,
    /// The languages tested on.
    pub languages: Vec<LanguageReliability>,
    /// The mean over them.
    pub mean: CalibrationChange,
}

/// The confidences in one language: errors are means over runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageReliability {
    /// The language's short code.
    pub language: String,
    /// Runs: seeds, and settings or repetitions of each; the folds of a seed are one.
    pub runs: usize,
    /// Of the CRF as it was trained.
    pub before: Calibration,
    /// At the temperature fitted on dev.
    pub after: Calibration,
    /// What calibration changes of the expected calibration error.
    pub change: CalibrationChange,
}

/// Expected calibration errors by kind of run and language.
pub(crate) fn reliability(data: &StudyData) -> Grid {
    let headings = [
        "kind of run",
        "language",
        "runs",
        "spans",
        "mean confidence",
        "precision",
        "ECE uncalibrated",
        "ECE calibrated",
        "change",
        "95 % interval",
    ];
    let mut grid = Grid::new(2, &headings);
    for Reliability { experiment, languages, mean } in &data.reliability {
        for l in languages {
            let counts = [l.runs, l.after.spans].map(|n| n.to_string());
            let means = [l.after.confidence, l.after.accuracy].map(score);
            let cells = [counts, means].concat();
            grid.rows.push(row(experiment, &l.language, cells, &l.change));
        }
        grid.rows.push(row(experiment, "mean", vec![String::new(); 4], mean));
    }
    grid
}

fn row(
    experiment: &str,
    language: &str,
    cells: Vec<String>,
    change: &CalibrationChange,
) -> Vec<String> {
    let CalibrationChange { before, after, change, interval } = change;
    let mut row = vec![experiment.to_owned(), language.to_owned()];
    row.extend(cells);
    row.extend([score(*before), score(*after), signed(*change, 3)]);
    row.push(format!("{} to {}", fixed(interval.low, 3), fixed(interval.high, 3)));
    row
}
