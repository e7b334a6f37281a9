//! A study's results in a page of Markdown.

use crate::{
    report_data::{RunScores, StudyData},
    tables,
};
use std::{collections::BTreeMap, fmt::Write};

/// Scores of several seeds or repetitions.
#[derive(Default)]
struct Sample(Vec<f64>);

impl Sample {
    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len().max(1) as f64
    }

    /// `0.912 ± 0.010`: mean and standard deviation (n − 1); the mean alone of one value.
    fn shown(&self, decimals: usize) -> String {
        let mean = self.mean();
        if self.0.len() < 2 {
            return format!("{mean:.decimals$}");
        }
        let squares: f64 = self.0.iter().map(|x| (x - mean).powi(2)).sum();
        let deviation = (squares / (self.0.len() - 1) as f64).sqrt();
        format!("{mean:.decimals$} ± {deviation:.decimals$}")
    }
}

/// One line of a table: the same setting over seeds and repetitions.
#[derive(Default)]
struct Line {
    published: Sample,
    entity: Sample,
    improvement: Sample,
    gain: Sample,
}

impl Line {
    fn add(&mut self, scores: &RunScores, improvement: f64, gain: f64) {
        self.published.0.push(scores.test_published);
        self.entity.0.push(scores.test_entity);
        self.improvement.0.push(improvement);
        self.gain.0.push(gain);
    }

    fn runs(&self) -> usize {
        self.published.0.len()
    }
}

/// The text of `summary.md`.
pub(crate) fn text(data: &StudyData) -> String {
    let mut out = format!("# {}\n\n", data.title);
    for (name, value) in &data.facts {
        let _ = writeln!(out, "- {name}: {value}");
    }
    out.push('\n');
    for note in &data.notes {
        let _ = writeln!(out, "> {note}\n");
    }
    baseline(data, &mut out);
    transfer(data, &mut out);
    pseudo(data, &mut out);
    out
}

fn baseline(data: &StudyData, out: &mut String) {
    let mut lines: BTreeMap<&str, (Line, usize)> = BTreeMap::new();
    for row in &data.baseline {
        let (line, test) = lines.entry(&row.language).or_default();
        line.add(&row.scores, 0.0, 0.0);
        *test = row.test_sentences;
    }
    if lines.is_empty() {
        return;
    }
    out.push_str("## Baseline\n\nScores on test: mean and standard deviation over runs.\n\n\
                  | language | runs | test sentences | published score | entity F1 |\n|---|---|---|---|---|\n");
    for (language, (line, test)) in lines {
        let _ = writeln!(
            out,
            "| {language} | {} | {test} | {} | {} |",
            line.runs(),
            line.published.shown(3),
            line.entity.shown(3)
        );
    }
    out.push('\n');
}

fn transfer(data: &StudyData, out: &mut String) {
    let mut lines: BTreeMap<(&str, &str, u8, &str, u32), Line> = BTreeMap::new();
    for row in &data.transfer {
        let key = (&*row.target, &*row.source, row.kind as u8, tables::kind(row.kind), row.factor);
        lines.entry(key).or_default().add(&row.scores, row.improvement, row.entity_gain);
    }
    if lines.is_empty() {
        return;
    }
    out.push_str("## Transfer\n\n\
                  | target ← source | kind | factor | runs | published score | improvement % | entity F1 | gain, points |\n\
                  |---|---|---|---|---|---|---|---|\n");
    for ((target, source, _, kind, factor), line) in lines {
        let _ = writeln!(
            out,
            "| {target} ← {source} | {kind} | {factor} | {} | {} | {} | {} | {} |",
            line.runs(),
            line.published.shown(3),
            line.improvement.shown(2),
            line.entity.shown(3),
            line.gain.shown(1)
        );
    }
    out.push('\n');
}

fn pseudo(data: &StudyData, out: &mut String) {
    // Quantiles by their millionths, which sort as the numbers do.
    let mut lines: BTreeMap<(&str, &str, u64), (f64, usize, Line)> = BTreeMap::new();
    for row in &data.pseudo {
        let key = (&*row.target, &*row.source, (row.quantile * 1e6).round() as u64);
        let (quantile, added, line) = lines.entry(key).or_default();
        *quantile = row.quantile;
        *added += row.added_sentences;
        line.add(&row.scores, row.improvement, row.entity_gain);
    }
    if lines.is_empty() {
        return;
    }
    out.push_str("## Pseudo-labelling\n\n\
                  | target ← source | quantile | runs | added a run | published score | improvement % | entity F1 | gain, points |\n\
                  |---|---|---|---|---|---|---|---|\n");
    for ((target, source, _), (quantile, added, line)) in lines {
        let _ = writeln!(
            out,
            "| {target} ← {source} | {quantile} | {} | {} | {} | {} | {} | {} |",
            line.runs(),
            added / line.runs().max(1),
            line.published.shown(3),
            line.improvement.shown(2),
            line.entity.shown(3),
            line.gain.shown(1)
        );
    }
    out.push('\n');
}
