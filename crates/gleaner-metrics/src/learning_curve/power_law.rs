//! The inverse power law of learning curves.

use gleaner_base::summary::mean;
use serde::{Deserialize, Serialize};

/// Exponents that are tried: hundredths from 0.05 to 2.
const EXPONENTS: std::ops::RangeInclusive<u32> = 5..=200;

/// The inverse power law (Figueroa et al. 2012): F1 after n training sentences is
/// `limit − scale · n^(−exponent)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerLaw {
    /// The F1 that the curve approaches; no more than 1.
    pub limit: f64,
    /// Distance of one sentence from the limit; never negative, so that the curve never falls.
    pub scale: f64,
    /// How fast the distance shrinks.
    pub exponent: f64,
}

impl PowerLaw {
    /// The law with the least squared distance from `points` of (training sentences, F1). The exponent is searched
    /// from 0.05 to 2 in steps of 0.01; for each, limit and scale follow from linear least squares and are moved to the
    /// nearest allowed values. `None` for fewer than three different numbers of sentences.
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        // The law has no value below one sentence.
        let points: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.0 >= 1.0).collect();
        let mut sizes: Vec<f64> = points.iter().map(|p| p.0).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        if sizes.len() < 3 {
            return None;
        }
        let mut best: Option<(f64, Self)> = None;
        for hundredths in EXPONENTS {
            let law = Self::with_exponent(&points, f64::from(hundredths) / 100.0)?;
            let distance: f64 = points.iter().map(|(n, f1)| (law.at(*n) - f1).powi(2)).sum();
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, law));
            }
        }
        best.map(|(_, law)| law)
    }

    /// The best law with this exponent; `None` of no points.
    fn with_exponent(points: &[(f64, f64)], exponent: f64) -> Option<Self> {
        let x: Vec<f64> = points.iter().map(|p| p.0.powf(-exponent)).collect();
        let y: Vec<f64> = points.iter().map(|p| p.1).collect();
        let (mean_x, mean_y) = (mean(&x)?, mean(&y)?);
        let both = || x.iter().zip(&y);
        let products = both().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
        let squares = x.iter().map(|x| (x - mean_x).powi(2)).sum::<f64>();
        let scale = (-products / squares).max(0.0);
        let limit = mean_y + scale * mean_x;
        if limit <= 1.0 {
            return Some(Self { limit, scale, exponent });
        }
        let below = both().map(|(x, y)| (1.0 - y) * x).sum::<f64>();
        let scale = below / x.iter().map(|x| x.powi(2)).sum::<f64>();
        Some(Self { limit: 1.0, scale, exponent })
    }

    /// F1 after this number of training sentences.
    pub fn at(&self, sentences: f64) -> f64 {
        self.limit - self.scale * sentences.powf(-self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(law: PowerLaw) -> Vec<(f64, f64)> {
        [25.0, 50.0, 100.0, 200.0, 240.0].map(|n| (n, law.at(n))).to_vec()
    }

    #[test]
    fn the_law_behind_exact_points_is_found() {
        for law in [
            PowerLaw { limit: 0.9, scale: 2.5, exponent: 0.5 },
            PowerLaw { limit: 0.7, scale: 8.0, exponent: 1.25 },
            PowerLaw { limit: 1.0, scale: 1.2, exponent: 0.2 },
        ] {
            let found = PowerLaw::fit(&points(law)).unwrap();
            assert!((found.limit - law.limit).abs() < 1e-9, "{found:?}");
            assert!((found.scale - law.scale).abs() < 1e-9, "{found:?}");
            assert_eq!(found.exponent, law.exponent);
        }
    }

    #[test]
    fn a_point_of_no_sentence_has_no_say() {
        let with = [(0.0, 0.1), (50.0, 0.5), (100.0, 0.6), (200.0, 0.65)];
        assert_eq!(PowerLaw::fit(&with), PowerLaw::fit(&with[1..]));
        assert_eq!(PowerLaw::fit(&with[..3]), None);
    }

    #[test]
    fn a_law_neither_falls_nor_passes_one() {
        let falling = PowerLaw::fit(&[(50.0, 0.8), (100.0, 0.7), (200.0, 0.6)]).unwrap();
        assert_eq!((falling.scale, falling.at(50.0)), (0.0, falling.at(900.0)));
        assert!((falling.limit - 0.7).abs() < 1e-12, "{falling:?}");
        let steep = PowerLaw::fit(&[(50.0, 0.5), (100.0, 0.7), (200.0, 0.98)]).unwrap();
        assert!(steep.limit <= 1.0 && steep.at(1e9) <= 1.0, "{steep:?}");
        // No law with limit 1 and this exponent is closer.
        let points = [(50.0, 0.5), (100.0, 0.7), (200.0, 0.98)];
        let distance =
            |law: PowerLaw| -> f64 { points.iter().map(|(n, f1)| (law.at(*n) - f1).powi(2)).sum() };
        for change in [0.99, 1.01] {
            let other = PowerLaw { scale: steep.scale * change, ..steep };
            assert!(distance(other) > distance(steep));
        }
        assert_eq!(PowerLaw::fit(&[(50.0, 0.5), (50.0, 0.6), (100.0, 0.7)]), None);
    }
}
