//! How F1 grows with training sentences, and what more of them would bring.

use super::{
    ComparisonError, Runs,
    bootstrap::{drawn, seeds},
};
use crate::bootstrap::{Bootstrap, Draws, Interval, percentiles};
use serde::{Deserialize, Serialize};

/// Exponents that are tried: hundredths from 0.05 to 2.
const EXPONENTS: std::ops::RangeInclusive<u32> = 5..=200;

/// The inverse power law of learning curves (Figueroa et al. 2012): F1 after so many training sentences
/// is `limit − scale · sentences^(−exponent)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerLaw {
    /// What F1 comes near to; at most 1.
    pub limit: f64,
    /// How far one sentence is from it; never negative, so that the law never falls.
    pub scale: f64,
    /// How fast the distance shrinks.
    pub exponent: f64,
}

impl PowerLaw {
    /// The law with the least squared distance from `points` of sentences and F1. For every exponent the
    /// best limit and scale follow from linear least squares, taken to the nearest value that is
    /// allowed; the exponent is searched from 0.05 to 2 in steps of 0.01. `None` for fewer than three
    /// different numbers of sentences.
    pub fn fit(points: &[(f64, f64)]) -> Option<Self> {
        let mut sizes: Vec<f64> = points.iter().map(|p| p.0).filter(|n| *n >= 1.0).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        if sizes.len() < 3 {
            return None;
        }
        let mut best: Option<(f64, Self)> = None;
        for hundredths in EXPONENTS {
            let law = Self::of_exponent(points, f64::from(hundredths) / 100.0);
            let distance: f64 = points.iter().map(|(n, f1)| (law.at(*n) - f1).powi(2)).sum();
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, law));
            }
        }
        best.map(|(_, law)| law)
    }

    fn of_exponent(points: &[(f64, f64)], exponent: f64) -> Self {
        let count = points.len() as f64;
        let x = |n: f64| n.powf(-exponent);
        let mean_x = points.iter().map(|p| x(p.0)).sum::<f64>() / count;
        let mean_y = points.iter().map(|p| p.1).sum::<f64>() / count;
        let products = points.iter().map(|p| (x(p.0) - mean_x) * (p.1 - mean_y)).sum::<f64>();
        let squares = points.iter().map(|p| (x(p.0) - mean_x).powi(2)).sum::<f64>();
        let scale = (-products / squares).max(0.0);
        let limit = mean_y + scale * mean_x;
        if limit <= 1.0 {
            return Self { limit, scale, exponent };
        }
        let below = points.iter().map(|p| (1.0 - p.1) * x(p.0)).sum::<f64>();
        let scale = below / points.iter().map(|p| x(p.0).powi(2)).sum::<f64>();
        Self { limit: 1.0, scale, exponent }
    }

    /// F1 after so many training sentences.
    pub fn at(&self, sentences: f64) -> f64 {
        self.limit - self.scale * sentences.powf(-self.exponent)
    }
}

/// What more training sentences would bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// The law that the F1s follow.
    pub law: PowerLaw,
    /// How far the F1s are from the law: the root of the mean squared distance.
    pub misfit: f64,
    /// The largest number of training sentences that was tried.
    pub sentences: f64,
    /// How many more are asked about.
    pub more: f64,
    /// What they would add to F1, by the law.
    pub gain: f64,
    /// Where this may lie: the percentile bootstrap over test sentences and seeds, the law fitted anew to
    /// each resample. It does not know how far the curve is from being a power law.
    pub interval: Interval,
}

impl Growth {
    /// Fits the law to mean F1s at several numbers of training sentences, the same test sentences at
    /// all of them, and asks what `more` sentences beyond the largest would add. `None` for fewer than three
    /// different numbers.
    ///
    /// # Errors
    /// The runs have not as many test sentences.
    pub fn of(
        sizes: &[(f64, Runs)],
        more: f64,
        bootstrap: &Bootstrap,
    ) -> Result<Option<Self>, ComparisonError> {
        let Some((_, first)) = sizes.first() else { return Err(ComparisonError::NoRun) };
        if let Some((_, runs)) = sizes.iter().find(|(_, r)| r.sentences != first.sentences) {
            let (one, other) = (first.sentences, runs.sentences);
            return Err(ComparisonError::Sentences { one, other });
        }
        let points: Vec<(f64, f64)> = sizes.iter().map(|(n, runs)| (*n, runs.mean_f1())).collect();
        let Some(law) = PowerLaw::fit(&points) else { return Ok(None) };
        let squares = points.iter().map(|(n, f1)| (law.at(*n) - f1).powi(2)).sum::<f64>();
        let misfit = (squares / points.len() as f64).sqrt();
        let sentences = points.iter().map(|p| p.0).fold(0.0, f64::max);
        let gain_of = |law: PowerLaw| law.at(sentences + more) - law.at(sentences);
        let gains = (0..bootstrap.resamples).filter_map(|resample| {
            let mut draws = Draws::new(bootstrap.seed, resample as u64);
            let drawn_sentences: Vec<usize> =
                (0..first.sentences).map(|_| draws.below(first.sentences)).collect();
            let count = first.counts.len();
            let places = seeds(count, &mut draws);
            let points: Vec<(f64, f64)> = sizes
                .iter()
                .map(|(n, runs)| {
                    // Seeds are paired where there are as many.
                    let own =
                        (runs.counts.len() != count).then(|| seeds(runs.counts.len(), &mut draws));
                    (*n, drawn(runs, own.as_ref().unwrap_or(&places), &drawn_sentences))
                })
                .collect();
            PowerLaw::fit(&points).map(gain_of)
        });
        let gain = gain_of(law);
        let interval = percentiles(gains.collect(), bootstrap.level)
            .unwrap_or(Interval { low: gain, high: gain });
        Ok(Some(Self { law, misfit, sentences, more, gain, interval }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Counts;

    fn points(law: PowerLaw) -> Vec<(f64, f64)> {
        [25.0, 50.0, 100.0, 200.0, 240.0].map(|n| (n, law.at(n))).to_vec()
    }

    #[test]
    fn a_law_is_found_again() {
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
    fn a_law_neither_falls_nor_passes_one() {
        let falling = PowerLaw::fit(&[(50.0, 0.8), (100.0, 0.7), (200.0, 0.6)]).unwrap();
        assert_eq!((falling.scale, falling.at(50.0)), (0.0, falling.at(900.0)));
        assert!((falling.limit - 0.7).abs() < 1e-12, "{falling:?}");
        let steep = PowerLaw::fit(&[(50.0, 0.5), (100.0, 0.7), (200.0, 0.98)]).unwrap();
        assert!(steep.limit <= 1.0 && steep.at(1e9) <= 1.0, "{steep:?}");
        // Of the laws with limit 1 and this exponent none is nearer.
        let points = [(50.0, 0.5), (100.0, 0.7), (200.0, 0.98)];
        let distance =
            |law: PowerLaw| -> f64 { points.iter().map(|(n, f1)| (law.at(*n) - f1).powi(2)).sum() };
        for change in [0.99, 1.01] {
            let other = PowerLaw { scale: steep.scale * change, ..steep };
            assert!(distance(other) > distance(steep));
        }
        assert_eq!(PowerLaw::fit(&[(50.0, 0.5), (50.0, 0.6), (100.0, 0.7)]), None);
    }

    /// A run that finds `found` of every ten entities, in sentences of one.
    fn run(found: usize) -> Vec<Counts> {
        (0..200)
            .map(|i| Counts { gold: 1, predicted: 1, correct: usize::from(i * 7 % 10 < found) })
            .collect()
    }

    #[test]
    fn what_more_sentences_bring_lies_within_its_interval() {
        let sizes: Vec<(f64, Runs)> = [(50.0, 4), (100.0, 5), (150.0, 6), (200.0, 6)]
            .map(|(n, found)| (n, Runs::new(vec![run(found), run(found + 1)]).unwrap()))
            .into();
        let how = Bootstrap { resamples: 300, ..Bootstrap::default() };
        let growth = Growth::of(&sizes, 100.0, &how).unwrap().unwrap();
        assert_eq!((growth.sentences, growth.more), (200.0, 100.0));
        let f1 = [0.45, 0.55, 0.65, 0.65];
        let squares = sizes.iter().zip(f1).map(|((n, _), f1)| (growth.law.at(*n) - f1).powi(2));
        assert!((growth.misfit.powi(2) * 4.0 - squares.sum::<f64>()).abs() < 1e-12);
        assert!((0.005..0.05).contains(&growth.misfit), "{growth:?}");
        assert!((0.02..0.08).contains(&growth.gain), "{growth:?}");
        let Interval { low, high } = growth.interval;
        assert!(0.0 <= low && low < growth.gain && growth.gain < high, "{growth:?}");
        assert_eq!(Growth::of(&sizes, 100.0, &how).unwrap().unwrap(), growth);
        assert_eq!(Growth::of(&sizes[..2], 100.0, &how), Ok(None));
        let other = (300.0, Runs::new(vec![run(3)[..9].to_vec()]).unwrap());
        let error = Growth::of(&[sizes[0].clone(), other], 100.0, &how).unwrap_err();
        assert!(error.to_string().starts_with("one run has 200 sentences, another 9"), "{error}");
    }
}
