//! The calibration of confidences as a table.

use crate::scores::{interval_text, ratio};
use crate::table::Table;
use gleaner_metrics::{Bootstrap, Calibration, ScoredSpans};
use serde::{Deserialize, Serialize};

/// The calibration of the confidences of predicted entities, before and after temperature scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpanConfidence {
    /// The temperature: the divisor of the CRF's scores.
    pub temperature: f64,
    /// Calibration without temperature scaling.
    pub uncalibrated: Calibration,
    /// Calibration at the temperature.
    pub calibrated: Calibration,
}

impl SpanConfidence {
    /// Measures the calibration of the same spans before and after temperature scaling; `None` without spans.
    pub fn new(
        temperature: f64,
        uncalibrated: &ScoredSpans,
        calibrated: &ScoredSpans,
        bootstrap: Option<&Bootstrap>,
    ) -> Option<Self> {
        Some(Self {
            temperature,
            uncalibrated: uncalibrated.report(ScoredSpans::BINS, bootstrap)?,
            calibrated: calibrated.report(ScoredSpans::BINS, bootstrap)?,
        })
    }
}

/// The expected calibration error with mean confidence, precision and Brier score.
pub(crate) fn confidence_table(confidence: &SpanConfidence) -> String {
    let SpanConfidence { temperature, uncalibrated, calibrated } = confidence;
    let headings =
        ["confidence of spans", "mean", "precision", "ECE", "interval", "ECE, equal mass", "Brier"];
    let mut table = Table::new(headings.map(String::from).to_vec());
    for (name, c) in [
        ("uncalibrated".to_owned(), uncalibrated),
        (format!("temperature {temperature:.3}"), calibrated),
    ] {
        table.row(vec![
            name,
            ratio(c.confidence),
            ratio(c.accuracy),
            ratio(c.ece),
            c.interval.as_ref().map_or("-".to_owned(), interval_text),
            ratio(c.ece_equal_mass),
            ratio(c.brier),
        ]);
    }
    format!(
        "{}\nECE: expected calibration error, {} bins; 0 is best.\n",
        table.render(),
        ScoredSpans::BINS
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_metrics::ScoredSpan;

    #[test]
    fn the_table_has_a_row_before_and_after() {
        let spans = |shift: f64| {
            let mut spans = ScoredSpans::default();
            for correct in [true, true, false] {
                spans.add([ScoredSpan { confidence: 0.95 - shift, correct }]);
            }
            spans
        };
        let (before, after) = (spans(0.0), spans(0.25));
        let bootstrap = Bootstrap { resamples: 20, ..Bootstrap::default() };
        let confidence = SpanConfidence::new(2.5, &before, &after, Some(&bootstrap)).unwrap();
        insta::assert_snapshot!(confidence_table(&confidence), @r"
        confidence of spans   mean  precision    ECE        interval  ECE, equal mass  Brier
        ------------------------------------------------------------------------------------
        uncalibrated         0.950      0.667  0.283  [0.000, 0.517]            0.350  0.302
        temperature 2.500    0.700      0.667  0.033  [0.000, 0.033]            0.433  0.223

        ECE: expected calibration error, 10 bins; 0 is best.
        ");
        let none = ScoredSpans::default();
        assert_eq!(SpanConfidence::new(1.0, &none, &none, None), None);
    }
}
