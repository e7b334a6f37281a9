//! Comparisons against scipy and deepsig, and on known populations.

use gleaner_metrics::{ASO_SEEDS, Bootstrap, Comparison, Counts, Runs, almost_stochastic_order};
use rejections::rejections;
use serde::Deserialize;
use xorshift::Xorshift;

#[path = "support/rejections.rs"]
mod rejections;
#[path = "support/xorshift.rs"]
mod xorshift;

#[derive(Deserialize)]
struct Reference {
    exact: Vec<Exact>,
    interval: Vec<Bounds>,
    aso: Vec<Aso>,
}

/// `[seeds][sentences]` of gold, predicted and correct entities.
type Table = Vec<Vec<[usize; 3]>>;

#[derive(Deserialize)]
struct Exact {
    a: Table,
    b: Table,
    gain: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Bounds {
    a: Table,
    b: Table,
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct Aso {
    better: Vec<f64>,
    worse: Vec<f64>,
    violation: f64,
    bound: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/comparison.json")).expect("it is well formed")
}

fn runs(table: &Table) -> Runs {
    let counts = |&[gold, predicted, correct]: &[usize; 3]| Counts { gold, predicted, correct };
    Runs::new(table.iter().map(|run| run.iter().map(counts).collect()).collect()).unwrap()
}

#[test]
fn with_few_sentences_all_exchanges_are_tried() {
    for case in reference().exact {
        let all = Bootstrap { resamples: 1 << 10, ..Bootstrap::default() };
        let found = Comparison::of(&runs(&case.a), &runs(&case.b), &all).unwrap();
        assert!((found.gain - case.gain).abs() < 1e-12, "{found:?}");
        assert!((found.p_value - case.p).abs() < 1e-12, "{found:?} {}", case.p);
        // Drawn exchanges are close: the standard deviation of 5000 is no more than 0.007.
        let drawn = Bootstrap { resamples: 200, ..Bootstrap::default() };
        let drawn: Vec<f64> = (0..25)
            .map(|seed| {
                let drawn = Bootstrap { seed, ..drawn };
                Comparison::of(&runs(&case.a), &runs(&case.b), &drawn).unwrap().p_value
            })
            .collect();
        let mean = drawn.iter().sum::<f64>() / 25.0;
        assert!((mean - case.p).abs() < 0.03, "{mean} {}", case.p);
    }
}

#[test]
fn the_interval_of_a_gain_equals_that_of_scipy() {
    for case in reference().interval {
        let how = Bootstrap { resamples: 5000, ..Bootstrap::default() };
        let found = Comparison::of(&runs(&case.a), &runs(&case.b), &how).unwrap().interval;
        assert!((found.low - case.low).abs() < 0.01, "{found:?} {}", case.low);
        assert!((found.high - case.high).abs() < 0.01, "{found:?} {}", case.high);
    }
}

#[test]
fn almost_stochastic_order_equals_that_of_deepsig() {
    for case in reference().aso {
        // Without resamples the result is the violation ratio itself.
        let ratio = Bootstrap { resamples: 0, ..Bootstrap::default() };
        let ratio = almost_stochastic_order(&case.better, &case.worse, &ratio);
        assert!((ratio - case.violation).abs() < 1e-3, "{ratio} {}", case.violation);
        let bound = almost_stochastic_order(&case.better, &case.worse, &Bootstrap::default());
        assert!((bound - case.bound).abs() < 0.05, "{bound} {}", case.bound);
    }
    let how = Bootstrap::default();
    assert_eq!(almost_stochastic_order(&[0.8, 0.9], &[0.1, 0.2], &how), 0.0);
    assert_eq!(almost_stochastic_order(&[0.1, 0.2], &[0.8, 0.9], &how), 1.0);
    // Levels are clamped to 0 and 1, where the only bounds are 0 and 1.
    for (level, bound) in [(-0.5, 0.0), (0.0, 0.0), (1.0, 1.0), (1.5, 1.0)] {
        let how = Bootstrap { level, ..how };
        assert_eq!(almost_stochastic_order(&[0.1, 0.9], &[0.2, 0.8], &how), bound);
    }
    assert_eq!(almost_stochastic_order(&[0.5, 0.6], &[0.5, 0.6], &how), 1.0);
}

/// Counts of sentences that differ from run to run.
fn made_up(sentences: usize, run: usize) -> Vec<[usize; 3]> {
    let of = |s: usize| [2, 1 + (s + run) % 3, (s * (run + 3) % 5 + run % 2).min(1)];
    (0..sentences).map(of).collect()
}

/// The F1 of summed counts of sentences.
fn f1(counts: impl Iterator<Item = [usize; 3]>) -> f64 {
    let sums = counts.fold([0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
    2.0 * sums[2] as f64 / (sums[0] + sums[1]) as f64
}

#[test]
fn repetitions_are_exchanged_with_the_run_that_they_repeat() {
    // Two baseline runs and three rounds of two system runs, on seven sentences.
    let row = |run| made_up(7, run);
    let baseline: Table = (0..2).map(row).collect();
    let system: Table = (2..8).map(row).collect();
    let gain = |mask: u32| {
        let side = |own: &[[usize; 3]], other: &[[usize; 3]]| {
            f1((0..7).map(|s| if mask >> s & 1 == 1 { other[s] } else { own[s] }))
        };
        let of = |i: usize| {
            let (a, b) = (&baseline[i % 2], &system[i]);
            side(b, a) - side(a, b)
        };
        (0..6).map(of).sum::<f64>() / 6.0
    };
    let far = (0..1 << 7).filter(|&mask| gain(mask).abs() >= gain(0).abs() - 1e-12).count();
    let how = Bootstrap { resamples: 1 << 7, ..Bootstrap::default() };
    let found = Comparison::of(&runs(&baseline), &runs(&system), &how).unwrap();
    assert!((found.gain - gain(0)).abs() < 1e-12);
    assert!((found.gain + gain((1 << 7) - 1)).abs() < 1e-12, "exchanging all gives the opposite");
    assert!((found.p_value - far as f64 / 128.0).abs() < 1e-12, "{found:?} {far}");
    // Repetitions with the numbers of their baseline run make no difference, whatever the other seed's are.
    let same: Table = (0..6).map(|i| baseline[i % 2].clone()).collect();
    let found = Comparison::of(&runs(&baseline), &runs(&same), &how).unwrap();
    assert_eq!(found.p_value, 1.0);
    for none in [found.gain, found.interval.low, found.interval.high] {
        assert!(none.abs() < 1e-12, "{found:?}");
    }
}

struct Population(Xorshift);

impl Population {
    /// Sentences of one or two entities, hard or easy for both sides alike. Each side finds an entity with its
    /// probability, which is higher in easy sentences, under each of its seeds.
    fn sides(&mut self, sentences: usize, seeds: usize, chances: [f64; 2]) -> [Runs; 2] {
        let hard: Vec<(usize, bool)> = (0..sentences)
            .map(|_| (1 + usize::from(self.0.uniform() < 0.5), self.0.uniform() < 0.5))
            .collect();
        chances.map(|chance| {
            let mut run = || -> Vec<Counts> {
                let mut sentence = |&(gold, hard): &(usize, bool)| {
                    let chance = if hard { chance } else { 0.5 + 0.5 * chance };
                    let correct = (0..gold).filter(|_| self.0.uniform() < chance).count();
                    let spurious = usize::from(self.0.uniform() < 0.3);
                    Counts { gold, predicted: correct + spurious, correct }
                };
                hard.iter().map(&mut sentence).collect()
            };
            Runs::new((0..seeds).map(|_| run()).collect()).unwrap()
        })
    }
}

#[test]
fn without_a_difference_the_test_rejects_as_rarely_as_the_level_says() {
    let mut population = Population(Xorshift(0x1234_5678_9abc_def1));
    let share = rejections(600, |seed| {
        let [a, b] = population.sides(40, 2, [0.5, 0.5]);
        let how = Bootstrap { resamples: 200, seed, ..Bootstrap::default() };
        Comparison::of(&a, &b, &how).unwrap().p_value
    });
    // Standard deviations: 0.009 at 0.05, 0.016 at 0.2.
    assert!((0.025..=0.08).contains(&share[0]), "{share:?}");
    assert!((0.15..=0.25).contains(&share[1]), "{share:?}");
}

#[test]
fn intervals_of_gains_cover_the_truth_at_their_level() {
    // Probability c in hard sentences, (1 + c) / 2 in easy ones; 1.5 gold, 0.3 spurious entities.
    let f1 = |c: f64| {
        let correct = 1.5 * (c + 0.5 + 0.5 * c) / 2.0;
        2.0 * correct / (1.5 + correct + 0.3)
    };
    let truth = f1(0.7) - f1(0.5);
    let mut population = Population(Xorshift(0xfeed_beef_1234_5678));
    const TRIALS: usize = 400;
    let covered = (0..TRIALS as u64).filter(|&seed| {
        let [a, b] = population.sides(60, 1, [0.5, 0.7]);
        let how = Bootstrap { resamples: 300, seed, ..Bootstrap::default() };
        let found = Comparison::of(&a, &b, &how).unwrap();
        found.interval.low <= truth && truth <= found.interval.high
    });
    // The standard deviation of the coverage is 0.011.
    let coverage = covered.count() as f64 / TRIALS as f64;
    assert!((0.915..=0.985).contains(&coverage), "{coverage}");
}

#[test]
fn intervals_cover_differences_between_seeds() {
    // The probability of finding an entity depends on the seed, with a standard deviation of 0.1. There is no true
    // difference and sentences are many, so the gain comes from the seeds alone.
    let mut population = Population(Xorshift(0xabcd_ef01_2345_6789));
    const TRIALS: u64 = 200;
    let mut covered = 0;
    for seed in 0..TRIALS {
        let sides = [0, 1].map(|_| {
            let run = |population: &mut Population| {
                let chance = 0.5 + 0.1 * 3_f64.sqrt() * (2.0 * population.0.uniform() - 1.0);
                let found = |_| {
                    let correct = usize::from(population.0.uniform() < chance);
                    Counts { gold: 1, predicted: 1, correct }
                };
                (0..400).map(found).collect::<Vec<_>>()
            };
            Runs::new((0..5).map(|_| run(&mut population)).collect()).unwrap()
        });
        let how = Bootstrap { resamples: 200, seed, ..Bootstrap::default() };
        let found = Comparison::of(&sides[0], &sides[1], &how).unwrap().interval;
        covered += u64::from(found.low <= 0.0 && 0.0 <= found.high);
    }
    // Five seeds are few for a percentile interval. Drawing five of five would cover 0.86 to 0.90.
    let coverage = covered as f64 / TRIALS as f64;
    assert!((0.905..=0.99).contains(&coverage), "{coverage}");
}

#[test]
fn incomparable_runs_are_an_error() {
    let sentences = |n: usize| vec![Counts { gold: 1, predicted: 1, correct: 1 }; n];
    let error = Runs::new(Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "no run to compare; give one seed or more");
    let error = Runs::new(vec![sentences(2), sentences(3)]).unwrap_err().to_string();
    assert_eq!(error, "one run has 2 sentences, another 3; compare runs on the same sentences");
    let [two, three] = [2, 3].map(|n| Runs::new(vec![sentences(n)]).unwrap());
    assert!(Comparison::of(&two, &three, &Bootstrap::default()).is_err());
    let same = Comparison::of(&two, &two, &Bootstrap::default()).unwrap();
    assert_eq!((same.gain, same.p_value, same.aso), (0.0, 1.0, None));
}

#[test]
fn aso_needs_five_seeds_on_both_sides() {
    let run = |correct: usize| vec![Counts { gold: 1, predicted: 1, correct }; 3];
    let runs = |seeds: usize, correct| Runs::new(vec![run(correct); seeds]).unwrap();
    let aso = |baseline: usize, system: usize| {
        let (baseline, system) = (runs(baseline, 0), runs(system, 1));
        Comparison::of(&baseline, &system, &Bootstrap::default()).unwrap().aso
    };
    assert_eq!(aso(ASO_SEEDS, ASO_SEEDS), Some(0.0));
    // Repetitions of four seeds are not five seeds.
    assert_eq!([aso(4, 4), aso(4, 8), aso(5, 4)], [None; 3]);
}

#[test]
fn exchanging_the_sides_turns_the_interval_round() {
    // Five members under each of two seeds against one ensemble of each seed.
    let row = |run| made_up(40, run);
    let members: Table = (0..10).map(row).collect();
    let ensembles: Table = (10..12).map(row).collect();
    let how = Bootstrap { resamples: 500, ..Bootstrap::default() };
    let of = |a, b| Comparison::of(&runs(a), &runs(b), &how).unwrap().interval;
    let (one, other) = (of(&members, &ensembles), of(&ensembles, &members));
    assert!((one.low + other.high).abs() < 1e-12, "{one:?} {other:?}");
    assert!((one.high + other.low).abs() < 1e-12, "{one:?} {other:?}");
}

#[test]
fn members_are_drawn_with_the_ensemble_of_their_seed() {
    // Two members and their ensemble, which is right in one sentence more, under an easy and a hard seed.
    let sentences = |right: usize| -> Vec<[usize; 3]> {
        (0..100).map(|s| [1, 1, usize::from(s < right)]).collect()
    };
    let members: Table = [60, 80, 60, 80].map(sentences).to_vec();
    let ensembles: Table = [61, 81].map(sentences).to_vec();
    let how = Bootstrap { resamples: 500, ..Bootstrap::default() };
    let found = Comparison::of(&runs(&members), &runs(&ensembles), &how).unwrap().interval;
    // The seeds differ by 20 points, but the gain is the same under both.
    assert!(found.high < 0.05, "{found:?}");
}
