//! Measured gains from transfer, and how well the similarity measures predict them.

use super::{MEASURES, Ranked, kendall_tau, spearman_rho};
use crate::GleanerError;
use gleaner_base::csv::cells;
use serde::Serialize;
use std::path::Path;

/// Measured gains of sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gains(pub Vec<(String, f64)>);

impl Gains {
    /// Reads a CSV file with the columns `source` and `gain`, for the candidates of these names.
    ///
    /// # Errors
    /// The file cannot be read, a row is malformed, or its source is not a candidate or occurs twice.
    pub fn read(path: &Path, candidates: &[&str]) -> Result<Self, GleanerError> {
        let text = std::fs::read_to_string(path).map_err(|e| GleanerError::io(path, e))?;
        let bad = |line: usize, what: String| {
            GleanerError::Settings(format!("{}:{line}: {what}", path.display()))
        };
        let cells = |(line, row): (usize, &str)| -> Result<Vec<String>, GleanerError> {
            let cells = cells(row, ',').map_err(|what| bad(line, what.into()))?;
            Ok(cells.iter().map(|cell| cell.trim().to_owned()).collect())
        };
        let lines = text.trim_start_matches('\u{feff}').lines();
        let mut rows = (1..).zip(lines).filter(|(_, row)| !row.trim().is_empty());
        let names = rows.next().map(cells).transpose()?.unwrap_or_default();
        let column = |name: &str| {
            let what = || format!("no column `{name}`; begin the file with a line `source,gain`");
            names.iter().position(|column| column == name).ok_or_else(|| bad(1, what()))
        };
        let (source_column, gain_column) = (column("source")?, column("gain")?);
        let mut gains: Vec<(String, f64)> = Vec::new();
        for (line, row) in rows {
            let mut cells = cells((line, row))?;
            let gain: Option<f64> = cells.get(gain_column).and_then(|gain| gain.parse().ok());
            let Some(gain) = gain.filter(|_| cells.len() == names.len()) else {
                let what = "not a source and a number; write for example `da,0.12`";
                return Err(bad(line, what.into()));
            };
            let source = cells.swap_remove(source_column);
            if !gain.is_finite() {
                return Err(bad(
                    line,
                    "the gain is not a finite number; write one, or delete the line".into(),
                ));
            }
            if !candidates.contains(&source.as_str()) {
                let known = candidates.join(", ");
                let what = format!(
                    "`{source}` is not a candidate; name one of {known}, or delete the line"
                );
                return Err(bad(line, what));
            }
            if gains.iter().any(|(known, _)| *known == source) {
                return Err(bad(line, format!("`{source}` occurs twice; keep one line")));
            }
            gains.push((source, gain));
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
