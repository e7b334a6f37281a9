//! The calibration of confidences, by kind of run and language.

use super::StudyData;
use super::number::{fixed, score, signed};
use super::overview::Grid;
use gleaner_metrics::{Calibration, CalibrationChange};
use serde::{Deserialize, Serialize};

/// The calibration of one kind of run on test, before and after temperature scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// The kind of run, such as `baseline`.
    pub experiment: String,
    /// The target languages.
    pub languages: Vec<LanguageReliability>,
    /// The mean over them.
    pub mean: CalibrationChange,
}

/// The calibration on one language; errors are means over runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LanguageReliability {
    /// The language's short code.
    pub language: String,
    /// Number of runs: seeds times settings or repetitions; the folds of a seed count as one.
    pub runs: usize,
    /// Without temperature scaling.
    pub before: Calibration,
    /// At the temperature fitted on dev.
    pub after: Calibration,
    /// The change of the expected calibration error.
    pub change: CalibrationChange,
}

/// The table of expected calibration errors by kind of run and language.
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
