//! The tables of a study as files: CSV with the columns of the published tables first, a summary to
//! read, and everything as JSON.

use crate::{
    StudyError, disk,
    report_data::{RunScores, StudyData, TransferKind},
    results::Results,
};
use std::path::PathBuf;

/// Columns of entity scores.
const ENTITY: &str = "val_entity_f1,test_entity_f1,test_entity_f1_low,test_entity_f1_high";

/// Writes `baseline.csv`, `transfer_learning.csv`, `iterative_pseudo_labeling.csv`, `summary.md` and
/// `report.json` to the results folder; gives their paths.
///
/// # Errors
/// A file cannot be written.
pub fn write_tables(data: &StudyData, results: &Results) -> Result<Vec<PathBuf>, StudyError> {
    let files = [
        ("baseline.csv", baseline(data)),
        ("transfer_learning.csv", transfer(data)),
        ("iterative_pseudo_labeling.csv", pseudo(data)),
        ("summary.md", crate::summary::text(data)),
    ];
    let mut written = Vec::new();
    for (name, text) in files {
        let path = results.path().join(name);
        disk::write(&path, text.as_bytes())?;
        written.push(path);
    }
    let path = results.path().join("report.json");
    disk::write_json(&path, data)?;
    written.push(path);
    Ok(written)
}

fn baseline(data: &StudyData) -> String {
    let mut text =
        format!("language,train_f1,val_f1,test_f1,seed,train_sentences,test_sentences,{ENTITY}\n");
    for row in &data.baseline {
        text += &format!(
            "{},{},{},{},{},{}\n",
            row.language,
            published(&row.scores),
            row.seed,
            row.train_sentences,
            row.test_sentences,
            entity(&row.scores)
        );
    }
    text
}

fn transfer(data: &StudyData) -> String {
    let mut text = format!(
        "high_resource_language,low_resource_lang,augmentation_factor,train_f1,val_f1,test_f1,improvement,\
         kind,seed,{ENTITY},entity_gain\n"
    );
    for row in &data.transfer {
        text += &format!(
            "{},{},{},{},{:.6},{},{},{},{:.6}\n",
            row.source,
            row.target,
            row.factor,
            published(&row.scores),
            row.improvement,
            kind(row.kind),
            row.seed,
            entity(&row.scores),
            row.entity_gain
        );
    }
    text
}

fn pseudo(data: &StudyData) -> String {
    let mut text = format!(
        "high_resource_language,low_resource_lang,confidence_quantile,train_f1,val_f1,test_f1,improvement,\
         repeat,seed,{ENTITY},entity_gain,added_sentences,added_precision,added_recall\n"
    );
    let share = |x: Option<f64>| x.map_or_else(String::new, |x| format!("{x:.6}"));
    for row in &data.pseudo {
        text += &format!(
            "{},{},{},{},{:.6},{},{},{},{:.6},{},{},{}\n",
            row.source,
            row.target,
            row.quantile,
            published(&row.scores),
            row.improvement,
            row.repeat,
            row.seed,
            entity(&row.scores),
            row.entity_gain,
            row.added_sentences,
            share(row.precision),
            share(row.recall)
        );
    }
    text
}

fn published(s: &RunScores) -> String {
    format!("{:.6},{:.6},{:.6}", s.train_published, s.dev_published, s.test_published)
}

fn entity(s: &RunScores) -> String {
    let ends = s.test_interval.map_or_else(|| ",".into(), |(l, h)| format!("{l:.6},{h:.6}"));
    format!("{:.6},{:.6},{ends}", s.dev_entity, s.test_entity)
}

/// A kind of transfer, as it is written in tables.
pub(crate) fn kind(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::FineTuned => "fine-tuned",
        TransferKind::ZeroShot => "zero-shot",
        TransferKind::Joint => "joint",
    }
}

#[cfg(test)]
mod tests;
