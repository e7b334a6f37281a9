//! How well confidences fit, as a table.

use gleaner_metrics::{Bootstrap, Calibration, Claims};
use serde::{Deserialize, Serialize};

use crate::scores::{interval_text, ratio};
use crate::table::Table;

/// Confidences of the entities found, before and after calibration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpanConfidence {
    /// What the scores of the CRF are divided by.
    pub temperature: f64,
    /// How well the confidences of the CRF as it was trained fit.
    pub uncalibrated: Calibration,
    /// How well those at the temperature do.
    pub calibrated: Calibration,
}

impl SpanConfidence {
    /// Judges the confidences of the same spans before and after; `None` of no span.
    pub fn new(
        temperature: f64,
        uncalibrated: &Claims,
        calibrated: &Claims,
        bootstrap: Option<&Bootstrap>,
    ) -> Option<Self> {
        Some(Self {
            temperature,
            uncalibrated: uncalibrated.report(Claims::BINS, bootstrap)?,
            calibrated: calibrated.report(Claims::BINS, bootstrap)?,
        })
    }
}

/// The expected calibration error and what stands beside it.
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
        Claims::BINS
    )
}

#[cfg(test)]
mod tests {
    use gleaner_metrics::Claim;

    use super::*;

    #[test]
    fn both_errors_stand_below_each_other() {
        let claims = |shift: f64| {
            let mut claims = Claims::default();
            for right in [true, true, false] {
                claims.add([Claim { confidence: 0.95 - shift, right }]);
            }
            claims
        };
        let (before, after) = (claims(0.0), claims(0.25));
        let bootstrap = Bootstrap { resamples: 20, ..Bootstrap::default() };
        let confidence = SpanConfidence::new(2.5, &before, &after, Some(&bootstrap)).unwrap();
        insta::assert_snapshot!(confidence_table(&confidence), @r"
        confidence of spans   mean  precision    ECE        interval  ECE, equal mass  Brier
        ------------------------------------------------------------------------------------
        uncalibrated         0.950      0.667  0.283  [0.000, 0.517]            0.350  0.302
        temperature 2.500    0.700      0.667  0.033  [0.000, 0.033]            0.433  0.223

        ECE: expected calibration error, 10 bins; 0 is best.
        ");
        let none = Claims::default();
        assert_eq!(SpanConfidence::new(1.0, &none, &none, None), None);
    }
}
