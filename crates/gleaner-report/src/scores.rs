//! Entity scores as a table.

use crate::table::Table;
use gleaner_metrics::{Interval, Intervals, Report, Score, SeqevalMode};

/// Precision, recall, F1 (with its interval, if given) and counts, by type and averaged. The top left cell names the
/// mode. Ratios are between 0 and 1. An undefined ratio is 0, as in seqeval, except for the macro average over no
/// types: `-`.
pub fn score_table(report: &Report, intervals: Option<&Intervals>, mode: SeqevalMode) -> String {
    let headings = ["precision", "recall", "F1", "gold", "predicted", "correct"].map(String::from);
    let mut table = Table::new(row(mode.to_string(), headings, interval_heading(intervals)));
    for (name, score) in &report.types {
        let interval = intervals.map(|intervals| intervals.types.get(name));
        table.row(row(name.clone(), score_cells(score), interval.map(interval_cell)));
    }
    if !report.types.is_empty() {
        table.line();
    }
    let interval = intervals.map(|intervals| interval_cell(Some(&intervals.micro_f1)));
    table.row(row("micro".to_owned(), score_cells(&report.micro), interval));
    let ratios = match &report.macro_avg {
        Some(averages) => [averages.precision, averages.recall, averages.f1].map(ratio),
        None => ["-"; 3].map(String::from),
    };
    let [precision, recall, f1] = ratios;
    let cells = [precision, recall, f1, String::new(), String::new(), String::new()];
    let interval = intervals.map(|intervals| interval_cell(Some(&intervals.macro_f1)));
    table.row(row("macro".to_owned(), cells, interval));
    table.render()
}

/// A ratio with three decimals.
pub(crate) fn ratio(value: f64) -> String {
    format!("{value:.3}")
}

/// An interval with three decimals.
pub(crate) fn interval_text(interval: &Interval) -> String {
    format!("[{:.3}, {:.3}]", interval.low, interval.high)
}

/// `0.95` as `95 %`.
pub(crate) fn percent(level: f64) -> String {
    format!("{} %", (level * 1000.0).round() / 10.0)
}

fn interval_heading(intervals: Option<&Intervals>) -> Option<String> {
    intervals.map(|intervals| format!("{} interval", percent(intervals.bootstrap.level)))
}

fn interval_cell(interval: Option<&Interval>) -> String {
    interval.map_or("-".to_owned(), interval_text)
}

fn score_cells(score: &Score) -> [String; 6] {
    let Score { precision, recall, f1, gold, predicted, correct } = *score;
    [
        ratio(precision),
        ratio(recall),
        ratio(f1),
        gold.to_string(),
        predicted.to_string(),
        correct.to_string(),
    ]
}

/// A row with the label first and the interval, if there is one, after the F1.
fn row(label: String, cells: [String; 6], interval: Option<String>) -> Vec<String> {
    let mut row = vec![label];
    row.extend(cells);
    if let Some(interval) = interval {
        row.insert(4, interval);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::tests::example;
    use gleaner_metrics::{Bootstrap, Evaluation};

    #[test]
    fn with_and_without_intervals() {
        let evaluation = example();
        let report = evaluation.report(SeqevalMode::Default);
        let intervals = evaluation
            .intervals(SeqevalMode::Default, &Bootstrap { level: 0.9, ..Bootstrap::default() });
        insta::assert_snapshot!(score_table(&report, intervals.as_ref(), SeqevalMode::Default), @"
        seqeval default  precision  recall     F1   90 % interval  gold  predicted  correct
        -----------------------------------------------------------------------------------
        LOC                  0.500   0.500  0.500  [0.000, 1.000]     2          2        1
        ORG                  0.000   0.000  0.000  [0.000, 0.000]     1          1        0
        PER                  0.667   0.667  0.667  [0.000, 1.000]     3          3        2
        -----------------------------------------------------------------------------------
        micro                0.500   0.500  0.500  [0.000, 1.000]     6          6        3
        macro                0.389   0.389  0.389  [0.000, 1.000]
        ");
        insta::assert_snapshot!(score_table(&report, None, SeqevalMode::Default), @"
        seqeval default  precision  recall     F1  gold  predicted  correct
        -------------------------------------------------------------------
        LOC                  0.500   0.500  0.500     2          2        1
        ORG                  0.000   0.000  0.000     1          1        0
        PER                  0.667   0.667  0.667     3          3        2
        -------------------------------------------------------------------
        micro                0.500   0.500  0.500     6          6        3
        macro                0.389   0.389  0.389
        ");
    }

    #[test]
    fn without_entities() {
        let report = Evaluation::default().report(SeqevalMode::Strict);
        insta::assert_snapshot!(score_table(&report, None, SeqevalMode::Strict), @"
        seqeval strict IOB2  precision  recall     F1  gold  predicted  correct
        -----------------------------------------------------------------------
        micro                    0.000   0.000  0.000     0          0        0
        macro                        -       -      -
        ");
    }

    #[test]
    fn a_type_without_an_interval_has_a_dash() {
        let evaluation = example();
        let report = evaluation.report(SeqevalMode::Strict);
        let mut intervals =
            evaluation.intervals(SeqevalMode::Strict, &Bootstrap::default()).unwrap();
        intervals.types.remove("LOC");
        let table = score_table(&report, Some(&intervals), SeqevalMode::Strict);
        let row: Vec<&str> = table
            .lines()
            .find(|line| line.starts_with("LOC"))
            .unwrap()
            .split_whitespace()
            .collect();
        assert_eq!(row[4], "-");
    }

    #[test]
    fn levels_are_percentages() {
        assert_eq!([0.95, 0.9, 0.999, 0.68].map(percent), ["95 %", "90 %", "99.9 %", "68 %"]);
    }
}
