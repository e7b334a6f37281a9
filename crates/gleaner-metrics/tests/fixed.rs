//! Resampled numbers of this version equal those of version 0.1.0: the same seed gives the same intervals and p-values.

use gleaner_metrics::*;

fn runs(seeds: usize, found: usize) -> Runs {
    let sentence = |seed: usize, s: usize| {
        let gold = 1 + s % 3;
        let correct = (0..gold).filter(|e| (s * 7 + seed * 5 + e * 3) % 10 < found).count();
        Counts { gold, predicted: correct + (s + seed) % 2, correct }
    };
    let run = |seed: usize| (0..40).map(|s| sentence(seed, s)).collect();
    Runs::new((0..seeds).map(run).collect()).unwrap()
}

fn spans(shift: f64) -> ScoredSpans {
    let mut spans = ScoredSpans::default();
    for s in 0..30 {
        spans.add((0..s % 3).map(|e| ScoredSpan {
            confidence: 0.95 - shift - 0.015 * (s + e) as f64,
            correct: (s * 7 + e) % 10 < 6,
        }));
    }
    spans
}

const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 200, level: 0.95, seed: 42 };

/// Equal up to the last digits of the platform's powers and roots.
fn close<const N: usize>(found: [f64; N], expected: [f64; N]) {
    let is_close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
    assert!(found.iter().zip(&expected).all(is_close), "{found:?}");
}

#[test]
fn comparisons() {
    let of_one = Comparison::of(&runs(5, 4), &runs(10, 6), &BOOTSTRAP).unwrap();
    assert_eq!(
        (of_one.gain, of_one.interval, of_one.p_value, of_one.aso),
        (
            0.15563499154293603,
            Interval { low: 0.10989308791070226, high: 0.20131222892337486 },
            0.004975124378109453,
            Some(0.0)
        )
    );
    let sets = [[runs(2, 4), runs(2, 5)], [runs(3, 3), runs(5, 4)]];
    let of_two =
        Comparison::of_means(&sets.each_ref().map(|set| set.each_ref()), &BOOTSTRAP).unwrap();
    assert_eq!(
        (of_two.gain, of_two.interval, of_two.p_value),
        (
            0.08395959517317703,
            Interval { low: 0.04168058687933149, high: 0.1323373541357616 },
            0.004975124378109453
        )
    );
    let [better, worse] = [(6, 0.7, 0.01), (5, 0.68, 0.015)]
        .map(|(n, low, step)| (0..n).map(|i| low + step * f64::from(i)).collect::<Vec<f64>>());
    close([almost_stochastic_order(&better, &worse, &BOOTSTRAP)], [0.4142291194860757]);
}

#[test]
fn learning_curves() {
    let sizes = [(50.0, runs(2, 3)), (100.0, runs(2, 5)), (200.0, runs(3, 6))];
    let curve = LearningCurve::of(&sizes, 100.0, &BOOTSTRAP).unwrap().unwrap();
    let LearningCurve { law, misfit, gain, interval, .. } = curve;
    assert_eq!(law.exponent, 1.13);
    close(
        [law.limit, law.scale, misfit, gain, interval.low, interval.high],
        [
            0.716907653362534,
            26.675460758668283,
            6.197757384082012e-5,
            0.024619571941731477,
            0.006896074447230946,
            0.06419393079014069,
        ],
    );
}

#[test]
fn calibration() {
    let (before, after) = (spans(0.0), spans(0.1));
    let of_both = Calibration::of(&[&before, &after], 10, Some(&BOOTSTRAP)).unwrap();
    assert_eq!(
        (of_both.ece, of_both.interval),
        (
            0.35650000000000004,
            Some(Interval { low: 0.19255803571428576, high: 0.4797513469827587 })
        )
    );
    close(
        [of_both.confidence, of_both.accuracy, of_both.ece_equal_mass, of_both.brier],
        [0.6675, 0.6, 0.382, 0.31791250000000004],
    );
    let groups = [vec![[&before, &after]], vec![[&after, &before], [&before, &after]]];
    let change = CalibrationChange::of(&groups, 10, &BOOTSTRAP).unwrap();
    assert_eq!(
        (change.change, change.interval),
        (-0.0033333333333332993, Interval { low: -0.04066666666666657, high: 0.02215984848484851 })
    );
}

#[test]
fn intervals_of_scores() {
    let mut evaluation = Evaluation::default();
    for s in 0..20 {
        let tags = |step: usize| {
            [0, 1, 2, 3].map(|w| ["B-PER", "I-PER", "O", "B-LOC"][(s * step + w) % 4])
        };
        evaluation.add(&tags(1), &tags(3)).unwrap();
    }
    let found = evaluation.intervals(SeqevalMode::Default, &BOOTSTRAP).unwrap();
    let interval = |low, high| Interval { low, high };
    assert_eq!(
        [found.micro_f1, found.macro_f1, found.types["PER"], found.types["LOC"]],
        [
            interval(0.25419932810750295, 0.6511627906976745),
            interval(0.25998106060606074, 0.6543478260869565),
            interval(0.22121212121212136, 0.6086956521739131),
            interval(0.2987500000000002, 0.7),
        ]
    );
}
