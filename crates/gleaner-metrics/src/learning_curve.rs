//! How F1 grows with the number of training sentences, and what more of them would add.

mod power_law;
mod reach;

pub use power_law::PowerLaw;
pub use reach::{Reach, mean_intervals};

use crate::bootstrap::{Bootstrap, Interval, draws, percentiles};
use crate::comparison::{ComparisonError, Runs, f1_of_resample, resampled_seeds};
use serde::{Deserialize, Serialize};

/// A fitted learning curve and what it predicts for more training sentences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningCurve {
    /// The law fitted to the mean F1s.
    pub law: PowerLaw,
    /// Root mean squared distance of the F1s from the law.
    pub misfit: f64,
    /// The largest number of training sentences that was tried.
    pub sentences: f64,
    /// Number of additional sentences that `gain` is predicted for.
    pub more: f64,
    /// F1 that the law predicts `more` sentences to add.
    pub gain: f64,
    /// Interval of `gain`: the percentile bootstrap over test sentences and seeds, with the law fitted to each
    /// resample. It does not cover the error of assuming a power law.
    pub interval: Interval,
}

impl LearningCurve {
    /// Fits the law to mean F1s at several numbers of training sentences, all on the same test sentences, and predicts
    /// what `more` sentences beyond the largest number would add. `None` for fewer than three different numbers.
    ///
    /// # Errors
    /// There is no run, or two runs have different numbers of test sentences.
    pub fn of(
        sizes: &[(f64, Runs)],
        more: f64,
        bootstrap: &Bootstrap,
    ) -> Result<Option<Self>, ComparisonError> {
        let Some((_, first)) = sizes.first() else { return Err(ComparisonError::NoRun) };
        sizes.iter().try_for_each(|(_, runs)| first.expect_sentences_of(runs))?;
        let points: Vec<(f64, f64)> = sizes.iter().map(|(n, runs)| (*n, runs.mean_f1())).collect();
        let Some(law) = PowerLaw::fit(&points) else { return Ok(None) };
        let squares = points.iter().map(|(n, f1)| (law.at(*n) - f1).powi(2)).sum::<f64>();
        let misfit = (squares / points.len() as f64).sqrt();
        let sentences = points.iter().map(|p| p.0).fold(0.0, f64::max);
        let gain_of = |law: PowerLaw| law.at(sentences + more) - law.at(sentences);
        let gains = (0..bootstrap.resamples)
            .filter_map(|resample| PowerLaw::fit(&resampled(sizes, first, bootstrap, resample)))
            .map(gain_of);
        let gain = gain_of(law);
        let interval = percentiles(gains.collect(), bootstrap.level)
            .unwrap_or(Interval { low: gain, high: gain });
        Ok(Some(Self { law, misfit, sentences, more, gain, interval }))
    }
}

/// The points of one resample. Sizes with as many seeds as the `first` draw the same seeds.
fn resampled(
    sizes: &[(f64, Runs)],
    first: &Runs,
    bootstrap: &Bootstrap,
    resample: usize,
) -> Vec<(f64, f64)> {
    let mut draws = draws(bootstrap.seed, resample as u64);
    let sentences: Vec<usize> =
        (0..first.sentences()).map(|_| draws.below(first.sentences())).collect();
    let shared = resampled_seeds(first.seeds(), &mut draws);
    let point = |(n, runs): &(f64, Runs)| {
        let has_its_own = runs.seeds() != first.seeds();
        let own = has_its_own.then(|| resampled_seeds(runs.seeds(), &mut draws));
        (*n, f1_of_resample(runs, own.as_ref().unwrap_or(&shared), &sentences))
    };
    sizes.iter().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Counts;

    /// A run that finds `found` of every ten entities, in sentences of one.
    fn run(found: usize) -> Vec<Counts> {
        (0..200)
            .map(|i| Counts { gold: 1, predicted: 1, correct: usize::from(i * 7 % 10 < found) })
            .collect()
    }

    #[test]
    fn the_predicted_gain_lies_within_its_interval() {
        let sizes: Vec<(f64, Runs)> = [(50.0, 4), (100.0, 5), (150.0, 6), (200.0, 6)]
            .map(|(n, found)| (n, Runs::new(vec![run(found), run(found + 1)]).unwrap()))
            .into();
        let bootstrap = Bootstrap { resamples: 300, ..Bootstrap::default() };
        let curve = LearningCurve::of(&sizes, 100.0, &bootstrap).unwrap().unwrap();
        assert_eq!((curve.sentences, curve.more), (200.0, 100.0));
        let f1 = [0.45, 0.55, 0.65, 0.65];
        let squares = sizes.iter().zip(f1).map(|((n, _), f1)| (curve.law.at(*n) - f1).powi(2));
        assert!((curve.misfit.powi(2) * 4.0 - squares.sum::<f64>()).abs() < 1e-12);
        assert!((0.005..0.05).contains(&curve.misfit), "{curve:?}");
        assert!((0.02..0.08).contains(&curve.gain), "{curve:?}");
        let Interval { low, high } = curve.interval;
        assert!(0.0 <= low && low < curve.gain && curve.gain < high, "{curve:?}");
        assert_eq!(LearningCurve::of(&sizes, 100.0, &bootstrap).unwrap().unwrap(), curve);
        assert_eq!(LearningCurve::of(&sizes[..2], 100.0, &bootstrap), Ok(None));
        let other = (300.0, Runs::new(vec![run(3)[..9].to_vec()]).unwrap());
        let error = LearningCurve::of(&[sizes[0].clone(), other], 100.0, &bootstrap).unwrap_err();
        assert!(error.to_string().starts_with("one run has 200 sentences, another 9"), "{error}");
    }
}
