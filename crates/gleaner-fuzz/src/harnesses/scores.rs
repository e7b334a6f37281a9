//! The CRF over any scores, and statistics over degenerate tables.

use crate::Choices;
use gleaner_metrics::{
    Bootstrap, Calibration, Comparison, Counts, Evaluation, LearningCurve, Runs, ScoredSpan,
    ScoredSpans, SeqevalMode, almost_stochastic_order, holm,
};
use gleaner_nn::crf::{Crf, Rules, Supervision, softmax_gradient};

pub(super) fn crf_seeds() -> Vec<Vec<u8>> {
    vec![(0..150).map(|at: u8| at.wrapping_mul(53)).collect(), vec![7; 60]]
}

/// Scores of any finite size.
const SCORES: [f32; 12] =
    [0.0, 1.0, -1.0, 0.5, 1e-30, -0.0, 88.8, -104.0, 1e6, -1e6, f32::MIN_POSITIVE, 1e-45];
/// The largest that a tagger decodes.
const LARGE: [f32; 2] = [1e9, -1e9];

pub(super) fn crf(input: &[u8]) -> Result<(), String> {
    let mut choices = Choices::of(input);
    let (types, positions) = (choices.below(3), choices.below(10));
    let has_rules = choices.flag();
    let names: Vec<String> = std::iter::once("O".to_owned())
        .chain((0..types).flat_map(|t| [format!("B-{t}"), format!("I-{t}")]))
        .collect();
    let k = names.len();
    let large = choices.flag();
    let mut scores = |n: usize| -> Vec<f32> {
        let one = |choices: &mut Choices| match large && choices.below(4) == 0 {
            true => choices.one(&LARGE),
            false => choices.one(&SCORES),
        };
        (0..n).map(|_| one(&mut choices)).collect()
    };
    let mut crf = Crf::zeros(k);
    (crf.start, crf.end, crf.transitions) = (scores(k), scores(k), scores(k * k));
    let emissions = scores(positions * k);
    let rules = Rules::iob2(&names);
    crf.rules = has_rules.then(|| rules.clone());
    let best = crf.best(&emissions);
    assert_eq!(best.len(), positions);
    assert!(best.iter().all(|tag| usize::from(*tag) < k));
    assert!(!has_rules || rules.allows(&best), "{best:?}");
    for temperature in [1.0, 0.05, 37.0] {
        let lattice = crf.lattice_at(&emissions, temperature);
        assert!(lattice.log_partition().is_finite());
        let likelihood = lattice.log_likelihood(&best);
        assert!(likelihood.is_finite());
        let marginals = lattice.marginals();
        assert!(marginals.iter().all(|p| (0.0..=1.0 + 1e-3).contains(p)), "{marginals:?}");
        for position in marginals.chunks(k) {
            assert!((position.iter().sum::<f64>() - 1.0).abs() < 1e-3, "{position:?}");
        }
        if positions > 0 {
            let p = lattice.span_probability(0, &best[..1], u16::MAX);
            assert!((0.0..=1.0 + 1e-3).contains(&p), "{p}");
        }
    }
    let offsets = [0, positions];
    let supervision = Supervision::of_tags(&best, &offsets);
    for gradient in [
        crf.gradient(&emissions, &supervision, &offsets, 0.5),
        softmax_gradient(k, &emissions, &supervision, &offsets, 0.5),
    ] {
        let mut all = gradient
            .emissions
            .iter()
            .chain(&gradient.start)
            .chain(&gradient.end)
            .chain(&gradient.transitions);
        assert!(all.all(|g| g.is_finite()) && gradient.losses.iter().all(|loss| loss.is_finite()));
    }
    Ok(())
}

pub(super) fn statistics_seeds() -> Vec<Vec<u8>> {
    vec![(0..200).map(|at: u8| at.wrapping_mul(91)).collect(), vec![0; 30], vec![3; 90]]
}

pub(super) fn statistics(input: &[u8]) -> Result<(), String> {
    let mut choices = Choices::of(input);
    let bootstrap = Bootstrap {
        resamples: choices.one(&[0, 1, 2, 20]),
        level: choices.one(&[0.95, 0.5, 0.999]),
        seed: choices.below(9) as u64,
    };
    let (seeds, sentences) = (1 + choices.below(4), choices.below(7));
    let runs = |choices: &mut Choices, seeds: usize| {
        let counts = |choices: &mut Choices| {
            let (gold, predicted) =
                (choices.one(&[0, 0, 1, 2, 1_000_000]), choices.one(&[0, 1, 3]));
            Counts { gold, predicted, correct: choices.below(gold.min(predicted) + 1) }
        };
        let run = |choices: &mut Choices| (0..sentences).map(|_| counts(choices)).collect();
        Runs::new((0..seeds).map(|_| run(choices)).collect()).map_err(|e| e.to_string())
    };
    let baseline = runs(&mut choices, seeds)?;
    let factor = 1 + choices.below(3);
    let system = runs(&mut choices, seeds * factor)?;
    let comparison = Comparison::of(&baseline, &system, &bootstrap).map_err(|e| e.to_string())?;
    let interval = comparison.interval;
    assert!(comparison.gain.is_finite() && interval.low <= interval.high, "{comparison:?}");
    assert!((0.0..=1.0).contains(&comparison.p_value), "{comparison:?}");
    assert!(comparison.aso.is_none_or(|aso| (0.0..=1.0).contains(&aso)), "{comparison:?}");
    let means = Comparison::of_means(&[[&baseline, &system], [&system, &system]], &bootstrap);
    assert!(means.map_err(|e| e.to_string())?.gain.is_finite());
    let sizes =
        (0..choices.below(5)).map(|at| Ok((10.0 * 2f64.powi(at as i32), runs(&mut choices, 1)?)));
    let sizes: Vec<(f64, Runs)> = sizes.collect::<Result<_, String>>()?;
    if let Ok(Some(curve)) = LearningCurve::of(&sizes, 100.0, &bootstrap) {
        assert!(curve.gain.is_finite() && curve.misfit.is_finite(), "{curve:?}");
        assert!(curve.interval.low <= curve.interval.high, "{curve:?}");
    }
    let p_values: Vec<f64> =
        (0..choices.below(6)).map(|_| choices.one(&[0.0, 1.0, 0.01, 0.5, 1e-300])).collect();
    let corrected = holm(&p_values);
    assert!(
        corrected.iter().zip(&p_values).all(|(after, before)| before <= after && *after <= 1.0)
    );
    let f1s = [baseline.f1s(), system.f1s()];
    assert!((0.0..=1.0).contains(&almost_stochastic_order(&f1s[0], &f1s[1], &bootstrap)));
    calibration(&mut choices, &bootstrap);
    evaluation(&mut choices, &bootstrap)
}

fn calibration(choices: &mut Choices, bootstrap: &Bootstrap) {
    let mut taggers = [ScoredSpans::default(), ScoredSpans::default()];
    for _ in 0..choices.below(6) {
        for spans in &mut taggers {
            let span = |choices: &mut Choices| ScoredSpan {
                confidence: choices.one(&[0.0, 1.0, 0.5, 0.1, 1e-300, 1.0 - f64::EPSILON]),
                correct: choices.flag(),
            };
            spans.add((0..choices.below(3)).map(|_| span(choices)).collect::<Vec<_>>());
        }
    }
    let taggers: Vec<&ScoredSpans> = taggers.iter().take(1 + choices.below(2)).collect();
    for bins in [1, ScoredSpans::BINS] {
        let Some(calibration) = Calibration::of(&taggers, bins, Some(bootstrap)) else { continue };
        for share in
            [calibration.ece, calibration.ece_equal_mass, calibration.brier, calibration.accuracy]
        {
            assert!((0.0..=1.0 + 1e-9).contains(&share), "{calibration:?}");
        }
        assert!(calibration.interval.is_none_or(|i| i.low <= i.high), "{calibration:?}");
    }
}

fn evaluation(choices: &mut Choices, bootstrap: &Bootstrap) -> Result<(), String> {
    let mut evaluation = Evaluation::default();
    let tags = ["O", "B-A", "I-A", "B-B", "I-B", "B-", "I", "x", ""];
    for _ in 0..choices.below(5) {
        let length = choices.below(5);
        let mut side = || -> Vec<&str> { (0..length).map(|_| choices.one(&tags)).collect() };
        let (gold, predicted) = (side(), side());
        evaluation.add(&gold, &predicted).map_err(|e| e.to_string())?;
    }
    for mode in [SeqevalMode::Default, SeqevalMode::Strict] {
        let report = evaluation.report(mode);
        assert!((0.0..=1.0).contains(&report.micro.f1), "{report:?}");
        if let Some(intervals) = evaluation.intervals(mode, bootstrap) {
            assert!(intervals.micro_f1.low <= intervals.micro_f1.high);
        }
    }
    assert!((0.0..=1.0).contains(&evaluation.token_accuracy()));
    Ok(())
}
