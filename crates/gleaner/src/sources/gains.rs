//! Measured gains from transfer, and how well the similarity measures predict them.

use super::{MEASURES, Ranked, kendall_tau, spearman_rho};
use crate::GleanerError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Measured gains of sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gains(pub Vec<(String, f64)>);

#[derive(Deserialize)]
struct Row {
    source: String,
    gain: f64,
}

impl Gains {
    /// Reads a CSV file with the columns `source` and `gain`, for the candidates of these names.
    ///
    /// # Errors
    /// The file cannot be read, a row is malformed, or its source is not a candidate or occurs twice.
    pub fn read(path: &Path, candidates: &[&str]) -> Result<Self, GleanerError> {
        let text = std::fs::read_to_string(path).map_err(|e| GleanerError::io(path, e))?;
        let bad = |line: u64, what: String| {
            GleanerError::Settings(format!("{}:{line}: {what}", path.display()))
        };
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|e| bad(1, e.to_string()))?.clone();
        let named = |name: &&str| headers.iter().any(|header| header == *name);
        if let Some(missing) = ["source", "gain"].into_iter().find(|name| !named(name)) {
            let what = format!("no column `{missing}`; begin the file with a line `source,gain`");
            return Err(bad(1, what));
        }
        let mut gains: Vec<(String, f64)> = Vec::new();
        for record in reader.records() {
            let line_of = |p: Option<&csv::Position>| p.map_or(1, csv::Position::line);
            let what = "not a source and a number; write for example `da,0.12`";
            let record = record.map_err(|e| bad(line_of(e.position()), what.into()))?;
            let line = line_of(record.position());
            let row: Row =
                record.deserialize(Some(&headers)).map_err(|_| bad(line, what.into()))?;
            if !row.gain.is_finite() {
                return Err(bad(
                    line,
                    "the gain is not a finite number; write one, or delete the line".into(),
                ));
            }
            if !candidates.contains(&row.source.as_str()) {
                let known = candidates.join(", ");
                let what = format!(
                    "`{}` is not a candidate; name one of {known}, or delete the line",
                    row.source
                );
                return Err(bad(line, what));
            }
            if gains.iter().any(|(source, _)| *source == row.source) {
                return Err(bad(line, format!("`{}` occurs twice; keep one line", row.source)));
            }
            gains.push((row.source, row.gain));
        }
        Ok(Self(gains))
    }
}

/// How well a measure ranks the gains: 1 in the same order, −1 in the opposite order. The sign is flipped where a
/// smaller value is better.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Correlation {
    /// The measure's name.
    pub measure: &'static str,
    /// Number of sources with a gain.
    pub n: usize,
    /// Spearman's rho; `None` for fewer than two sources, or where all values are equal.
    pub rho: Option<f64>,
    /// Kendall's tau-b; `None` as `rho`.
    pub tau: Option<f64>,
}

/// How well each measure that all candidates have ranks their gains.
pub fn correlations(ranked: &[Ranked], gains: &Gains) -> Vec<Correlation> {
    let with_gain: Vec<(&Ranked, f64)> = ranked
        .iter()
        .filter_map(|r| {
            let gain = gains.0.iter().find(|(source, _)| *source == r.source)?;
            Some((r, gain.1))
        })
        .collect();
    let correlation = |measure: &super::Measure| {
        let pair = |(r, gain): &(&Ranked, f64)| Some((measure.goodness(r)?, *gain));
        let pairs: Vec<(f64, f64)> = with_gain.iter().map(pair).collect::<Option<_>>()?;
        let (rho, tau) = (spearman_rho(&pairs), kendall_tau(&pairs));
        Some(Correlation { measure: measure.name, n: pairs.len(), rho, tau })
    };
    MEASURES.iter().filter_map(correlation).collect()
}
