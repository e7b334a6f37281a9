//! Files for readers: tables, a page, and its plots.

use crate::{disk, error::StudyError, plan::Plan, results::Results};
use gleaner_report::study::{self, StudyData, tables};
use std::{collections::BTreeMap, fs, path::PathBuf};

/// The folder of the plots.
const PLOTS: &str = "plots";

/// Removes the words of test sentences from the predictions of finished runs, and the predictions of unfinished ones.
/// Runs that were made while the study kept words still have them.
///
/// # Errors
/// A file is malformed or cannot be written.
pub fn drop_words(plan: &Plan, results: &Results) -> Result<(), StudyError> {
    let folders = plan.runs.iter().map(|run| results.run(&run.id));
    folders.filter(|run| run.path().is_dir()).try_for_each(|run| run.drop_words())
}

/// Writes `baseline.csv`, `transfer_learning.csv`, `iterative_pseudo_labeling.csv`, `recipes.csv`,
/// `comparisons.csv`, `means.csv`, `learning_curve.csv`, `active_learning.csv`, `calibration.csv`, `summary.md`,
/// `report.json`, `report.html` and `plots/*.svg` to the results folder. Returns the paths of all but the plots.
///
/// # Errors
/// A file cannot be written.
pub fn write_tables(data: &StudyData, results: &Results) -> Result<Vec<PathBuf>, StudyError> {
    let plots = results.path().join(PLOTS);
    disk::create_folder(&plots)?;
    let drawn: BTreeMap<String, String> = study::plots(data)
        .into_iter()
        .map(|plot| (format!("{}.svg", plot.name), plot.svg))
        .collect();
    let mut complete = Vec::new();
    for (name, svg) in &drawn {
        complete.push(disk::prepare(&plots.join(name), svg.as_bytes())?);
    }
    let files = [
        ("baseline.csv", tables::baseline_csv(data)),
        ("transfer_learning.csv", tables::transfer_csv(data)),
        ("iterative_pseudo_labeling.csv", tables::pseudo_csv(data)),
        ("recipes.csv", tables::recipes_csv(data)),
        ("comparisons.csv", tables::comparisons_csv(data)),
        ("means.csv", tables::means_csv(data)),
        ("learning_curve.csv", tables::learning_curve_csv(data)),
        ("active_learning.csv", tables::active_learning_csv(data)),
        ("calibration.csv", tables::calibration_csv(data)),
        ("summary.md", tables::summary_markdown(data)),
        ("report.html", study::html(data)),
    ];
    let mut written = Vec::new();
    for (name, text) in files {
        let path = results.path().join(name);
        complete.push(disk::prepare(&path, text.as_bytes())?);
        written.push(path);
    }
    let path = results.path().join("report.json");
    complete.push(disk::prepare(&path, &disk::json_bytes(data))?);
    written.push(path);
    // All are complete now, so an error leaves either the old tables or the new ones.
    complete.into_iter().try_for_each(disk::commit)?;
    // Remove plots of an earlier state of the study, which have other names.
    for entry in fs::read_dir(&plots).map_err(|e| StudyError::io(&plots, e))? {
        let path = entry.map_err(|e| StudyError::io(&plots, e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".svg") && !drawn.contains_key(&*name) {
            disk::remove(&path)?;
        }
    }
    Ok(written)
}
