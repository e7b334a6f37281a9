//! The result files of a study: tables as CSV and a summary in Markdown.
//!
//! The first columns of the tables of runs have the names and the order of the published tables; `train_f1`, `val_f1`
//! and `test_f1` are published scores. An unknown number is an empty cell.

mod markdown;
mod statistics;

use super::{LanguageReliability, PseudoRow, Reliability, RunScores, StudyData};
use gleaner_base::csv::cell;
use gleaner_metrics::{Calibration, CalibrationChange};
use std::borrow::Cow;

pub use markdown::summary_markdown;
pub use statistics::{
    active_learning_csv, comparisons_csv, learning_curve_csv, means_csv, recipes_csv,
};

/// The columns of entity scores in [`RunScores`].
const ENTITY: [&str; 4] =
    ["dev_entity_f1", "test_entity_f1", "test_entity_f1_low", "test_entity_f1_high"];

/// `baseline.csv`: one line for each run.
pub fn baseline_csv(data: &StudyData) -> String {
    let published = ["language", "train_f1", "val_f1", "test_f1"];
    let ours = ["seed", "train_sentences", "test_sentences"];
    let rows = data.baseline.iter().map(|row| {
        let mut cells = vec![row.language.clone()];
        cells.extend(published_cells(&row.scores));
        let counts = [row.seed, row.train_sentences as u64, row.test_sentences as u64];
        cells.extend(counts.map(|count| count.to_string()));
        cells.extend(entity_cells(&row.scores));
        cells.push(fold(row.fold));
        cells
    });
    table([&published[..], &ours, &ENTITY, &["fold"]].concat(), rows)
}

/// `transfer_learning.csv`: one line for each run.
pub fn transfer_csv(data: &StudyData) -> String {
    let published = [
        "high_resource_language",
        "low_resource_lang",
        "augmentation_factor",
        "train_f1",
        "val_f1",
        "test_f1",
        "improvement",
    ];
    let rows = data.transfer.iter().map(|row| {
        let mut cells = vec![row.source.clone(), row.target.clone(), row.factor.to_string()];
        cells.extend(published_cells(&row.scores));
        cells.extend([number(row.improvement), row.seed.to_string(), row.kind.name().to_owned()]);
        cells.extend(entity_cells(&row.scores));
        cells.extend([number(row.entity_gain), fold(row.fold)]);
        cells
    });
    table([&published[..], &["seed", "kind"], &ENTITY, &["entity_gain", "fold"]].concat(), rows)
}

/// `iterative_pseudo_labeling.csv`: one line for each run.
pub fn pseudo_csv(data: &StudyData) -> String {
    let published = [
        "high_resource_language",
        "low_resource_lang",
        "confidence_quantile",
        "train_f1",
        "val_f1",
        "test_f1",
        "improvement",
    ];
    let ours = ["entity_gain", "added_sentences", "added_precision", "added_recall", "fold"];
    let rows = data.pseudo.iter().map(|row| {
        let PseudoRow { precision, recall, .. } = *row;
        let mut cells = vec![row.source.clone(), row.target.clone(), number(row.quantile)];
        cells.extend(published_cells(&row.scores));
        cells.extend([number(row.improvement), row.repeat.to_string(), row.seed.to_string()]);
        cells.extend(entity_cells(&row.scores));
        cells.extend([number(row.entity_gain), row.added_sentences.to_string()]);
        cells.extend([precision, recall].map(|part| number(part.unwrap_or(f64::NAN))));
        cells.push(fold(row.fold));
        cells
    });
    table([&published[..], &["repeat", "seed"], &ENTITY, &ours].concat(), rows)
}

/// `calibration.csv`: one line for each kind of run and language, and one for each kind's mean.
pub fn calibration_csv(data: &StudyData) -> String {
    let counts = ["experiment", "language", "runs", "sentences", "spans", "precision"];
    let errors = ["ece_uncalibrated", "ece", "ece_change", "ece_change_low", "ece_change_high"];
    let of_each = ["confidence", "ece_low", "ece_high", "ece_equal_mass", "brier"];
    let headings: Vec<String> =
        [&counts[..], &errors].concat().iter().map(|&h| h.to_owned()).collect();
    let of_each = ["_uncalibrated", ""].map(|end| of_each.map(|name| format!("{name}{end}")));
    let headings = [headings, of_each.concat()].concat();
    let change = |c: &CalibrationChange| {
        [c.before, c.after, c.change, c.interval.low, c.interval.high].map(number).to_vec()
    };
    let of = |c: &Calibration| {
        let (low, high) = c.interval.map_or((f64::NAN, f64::NAN), |i| (i.low, i.high));
        [c.confidence, low, high, c.ece_equal_mass, c.brier].map(number).to_vec()
    };
    let rows = data.reliability.iter().flat_map(|Reliability { experiment, languages, mean }| {
        let language = |l: &LanguageReliability| {
            let counts = [l.runs, l.after.sentences, l.after.spans].map(|n| n.to_string()).to_vec();
            let names = vec![experiment.clone(), l.language.clone()];
            let accuracy = vec![number(l.after.accuracy)];
            [names, counts, accuracy, change(&l.change), of(&l.before), of(&l.after)].concat()
        };
        let names = vec![experiment.clone(), "mean".to_owned()];
        let empty = |n| vec![String::new(); n];
        let of_mean = [names, empty(4), change(mean), empty(10)].concat();
        languages.iter().map(language).chain([of_mean]).collect::<Vec<_>>()
    });
    table(headings.iter().map(String::as_str).collect(), rows)
}

fn table(headings: Vec<&str>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<Cow<'_, str>>| cells.join(",") + "\n";
    let rows = rows.map(|row| line(row.iter().map(|content| data(content)).collect()));
    line(headings.into_iter().map(cell).collect()) + &rows.collect::<String>()
}

/// A cell that spreadsheets read as data. A name that starts as a formula does is one to them, and can load files, so
/// it gets an apostrophe before it, which they do not show.
fn data(content: &str) -> Cow<'_, str> {
    const OF_FORMULAS: [char; 11] =
        ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    match content.starts_with(OF_FORMULAS) && content.parse::<f64>().is_err() {
        true => cell(&format!("'{content}")).into_owned().into(),
        false => cell(content),
    }
}

fn published_cells(scores: &RunScores) -> [String; 3] {
    let train = scores.train_published.map_or_else(String::new, number);
    [train, number(scores.dev_published), number(scores.test_published)]
}

fn entity_cells(scores: &RunScores) -> [String; 4] {
    let (low, high) = scores.test_interval.unwrap_or((f64::NAN, f64::NAN));
    [scores.dev_entity, scores.test_entity, low, high].map(number)
}

/// The number of the fold, in a cross-validation.
fn fold(fold: Option<usize>) -> String {
    fold.map_or(String::new(), |fold| fold.to_string())
}

/// The number with six decimals, which is more than its precision.
fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.6}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::example::{hostile, study};

    #[test]
    fn published_columns_come_first() {
        let data = study();
        insta::assert_snapshot!("baseline", baseline_csv(&data));
        insta::assert_snapshot!("transfer", transfer_csv(&data));
        insta::assert_snapshot!("pseudo", pseudo_csv(&data));
        insta::assert_snapshot!("calibration", calibration_csv(&data));
    }

    #[test]
    fn empty_tables_have_their_headings() {
        let data = StudyData::default();
        let statistics = [
            comparisons_csv(&data),
            recipes_csv(&data),
            learning_curve_csv(&data),
            active_learning_csv(&data),
        ];
        let runs =
            [baseline_csv(&data), transfer_csv(&data), pseudo_csv(&data), calibration_csv(&data)];
        for text in runs.into_iter().chain(statistics) {
            assert_eq!(text.lines().count(), 1);
        }
    }

    #[test]
    fn names_that_are_formulas_are_data() {
        let mut data = study();
        for (name, expected) in [
            (
                "=HYPERLINK(\"http://x.invalid\",\"a\")",
                "\"'=HYPERLINK(\"\"http://x.invalid\"\",\"\"a\"\")\",",
            ),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0,"),
            ("-2+3", "'-2+3,"),
            ("@SUM(A1)", "'@SUM(A1),"),
            ("\t=1", "'\t=1,"),
            ("\r=1", "\"'\r=1\","),
            ("\n=1", "\"'\n=1\","),
            ("\u{ff1d}1", "'\u{ff1d}1,"),
            ("af", "af,"),
            ("a=b", "a=b,"),
            ("-1", "-1,"),
        ] {
            data.baseline[0].language = name.to_owned();
            let text = baseline_csv(&data);
            let row = text.split_once('\n').unwrap().1;
            assert!(row.starts_with(expected), "{row}");
        }
        // Numbers stay numbers.
        data.transfer[0].improvement = -0.5;
        assert!(transfer_csv(&data).contains(",-0.500000,"));
    }

    #[test]
    fn odd_names_and_numbers_can_be_read_back() {
        let data = hostile();
        let text = baseline_csv(&data);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        for (record, row) in records.iter().zip(&data.baseline) {
            assert_eq!(record[0], row.language);
        }
        assert_eq!(records.len(), data.baseline.len());
        assert!(records.iter().any(|record| record[3].is_empty()), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf,"), "{text}");
    }
}
