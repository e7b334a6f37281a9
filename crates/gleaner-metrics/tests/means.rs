//! Comparisons of means over several sets of sentences, against values computed in another way.

use gleaner_metrics::{Bootstrap, Comparison, ComparisonError, Counts, Runs};
use rejections::rejections;
use xorshift::Xorshift;

#[path = "support/rejections.rs"]
mod rejections;
#[path = "support/xorshift.rs"]
mod xorshift;

struct Population(Xorshift);

impl Population {
    /// A run on sentences of one entity each, found with probability `chance`. A wrong prediction counts as an entity
    /// too, so the F1 equals the share that is found.
    fn run(&mut self, sentences: usize, chance: f64) -> Vec<Counts> {
        let mut found = || usize::from(self.0.uniform() < chance);
        (0..sentences).map(|_| Counts { gold: 1, predicted: 1, correct: found() }).collect()
    }

    fn side(&mut self, sentences: usize, chances: &[f64]) -> Runs {
        Runs::new(chances.iter().map(|&chance| self.run(sentences, chance)).collect()).unwrap()
    }
}

fn sets(sides: &[[Runs; 2]]) -> Vec<[&Runs; 2]> {
    sides.iter().map(|both| both.each_ref()).collect()
}

#[test]
fn all_exchanges_of_two_sets_equal_those_computed_by_hand() {
    // The F1 is the share that is found, of three sentences and of four.
    let found = [[[1, 0, 0].as_slice(), &[1, 1, 1]], [&[0, 1, 0, 0], &[0, 0, 1, 1]]];
    let counts = |&correct: &usize| Counts { gold: 1, predicted: 1, correct };
    let side = |found: &[usize]| Runs::new(vec![found.iter().map(counts).collect()]).unwrap();
    let sides = found.map(|both| both.map(side));
    let how = Bootstrap { resamples: 1 << 5, ..Bootstrap::default() };
    let compared = Comparison::of_means(&sets(&sides), &how).unwrap();
    assert!((compared.baseline - (1.0 / 3.0 + 0.25) / 2.0).abs() < 1e-12, "{compared:?}");
    assert!((compared.system - (1.0 + 0.5) / 2.0).abs() < 1e-12, "{compared:?}");
    // Five sentences differ, by +1, +1 of three and by -1, +1, +1 of four; an exchange flips a sign.
    let gain = |signs: u32| {
        let sign = |place: u32| if signs >> place & 1 == 1 { -1.0 } else { 1.0 };
        (sign(0) + sign(1)) / 6.0 + (-sign(2) + sign(3) + sign(4)) / 8.0
    };
    assert!((compared.gain - gain(0)).abs() < 1e-12, "{compared:?}");
    let far = (0..32).filter(|&signs| gain(signs).abs() >= gain(0).abs() - 1e-12).count();
    assert!((compared.p_value - far as f64 / 32.0).abs() < 1e-12, "{compared:?} {far}");
    assert_eq!((compared.aso, compared.system_deviation), (None, None));
}

#[test]
fn every_set_has_the_same_weight_and_its_own_sentences() {
    let mut population = Population(Xorshift(0x1234_5678_9abc_def1));
    let large = [&[0.2], &[0.9]].map(|chances| population.side(500, chances));
    let small = [&[0.5], &[0.5]].map(|chances| population.side(20, chances));
    let how = Bootstrap::default();
    let of = |both: &[Runs; 2]| Comparison::of(&both[0], &both[1], &how).unwrap();
    let both = [large.clone(), small.clone()];
    let compared = Comparison::of_means(&sets(&both), &how).unwrap();
    let gains = [of(&large).gain, of(&small).gain];
    assert!((compared.gain - (gains[0] + gains[1]) / 2.0).abs() < 1e-12, "{compared:?} {gains:?}");
    // About half of the small set's interval, because the large set hardly varies.
    let width = |c: &Comparison| c.interval.high - c.interval.low;
    let expected = 0.5 * width(&of(&small)).hypot(width(&of(&large)));
    assert!((width(&compared) / expected - 1.0).abs() < 0.1, "{compared:?} {expected}");
    let alone = Comparison::of_means(&sets(&both[..1]), &how).unwrap();
    assert_eq!(alone, of(&large));
}

#[test]
fn deviations_and_aso_are_of_the_means_of_each_seed() {
    let f1s = |tenths: &[usize]| {
        let run = |&found: &usize| {
            (0..10).map(move |s| Counts { gold: 1, predicted: 1, correct: usize::from(s < found) })
        };
        Runs::new(tenths.iter().map(|found| run(found).collect()).collect()).unwrap()
    };
    let how = Bootstrap::default();
    // The means of the sets: 0.6 under every seed for the system; 0.1, 0.2, 0.3, 0.2, 0.2 for the baseline.
    let all =
        [[f1s(&[1, 3, 5, 3, 3]), f1s(&[4, 6, 8, 5, 7])], [f1s(&[1; 5]), f1s(&[8, 6, 4, 7, 5])]];
    let first = |seeds: usize| {
        all.each_ref().map(|set| set.each_ref().map(|side| side.select(|n| n < seeds).unwrap()))
    };
    let compared = Comparison::of_means(&sets(&all), &how).unwrap();
    let deviation = 0.005_f64.sqrt();
    assert!((compared.baseline_deviation.unwrap() - deviation).abs() < 1e-12, "{compared:?}");
    assert!(compared.system_deviation.unwrap() < 1e-12, "{compared:?}");
    assert_eq!(compared.aso, Some(0.0));
    // Four seeds have deviations but no ASO.
    let four = Comparison::of_means(&sets(&first(4)), &how).unwrap();
    assert!(four.baseline_deviation.is_some() && four.aso.is_none(), "{four:?}");
    // Where one set has fewer seeds, it is unclear which of them belong together.
    let [one, _] = first(5);
    let [_, other] = first(4);
    let unequal = Comparison::of_means(&sets(&[one, other]), &how).unwrap();
    assert_eq!(
        (unequal.baseline_deviation, unequal.system_deviation, unequal.aso),
        (None, None, None)
    );
}

#[test]
fn without_a_difference_the_mean_is_significant_as_rarely_as_the_level_says() {
    let mut population = Population(Xorshift(0xfeed_beef_1234_5678));
    let share = rejections(500, |seed| {
        // Three languages that differ in difficulty and size.
        let sides = [(40, 0.9), (25, 0.6), (30, 0.3)]
            .map(|(sentences, chance)| [0, 1].map(|_| population.side(sentences, &[chance])));
        let how = Bootstrap { resamples: 200, seed, ..Bootstrap::default() };
        Comparison::of_means(&sets(&sides), &how).unwrap().p_value
    });
    // Standard deviations: 0.010 at 0.05, 0.018 at 0.2.
    assert!((0.022..=0.08).contains(&share[0]), "{share:?}");
    assert!((0.145..=0.255).contains(&share[1]), "{share:?}");
}

#[test]
fn intervals_of_means_cover_the_truth_where_languages_share_their_seeds() {
    // A seed's source model is good or bad for all four languages at once, so the mean over languages does not average
    // out the differences between seeds.
    let mut population = Population(Xorshift(0xabcd_ef01_2345_6789));
    const TRIALS: u64 = 200;
    const SEEDS: usize = 8;
    let mut covered = 0;
    for seed in 0..TRIALS {
        let mut luck =
            || [(); SEEDS].map(|()| 0.1 * 3_f64.sqrt() * (2.0 * population.0.uniform() - 1.0));
        let luck = [luck(), luck()];
        let sides = [0.3, 0.4, 0.5, 0.6].map(|chance| {
            luck.map(|of_seeds| population.side(150, &of_seeds.map(|luck| chance + luck)))
        });
        let how = Bootstrap { resamples: 200, seed, ..Bootstrap::default() };
        let found = Comparison::of_means(&sets(&sides), &how).unwrap().interval;
        covered += u64::from(found.low <= 0.0 && 0.0 <= found.high);
    }
    // Seeds drawn separately for each language would cover 0.76. Eight seeds, because five cover 0.87 only.
    let coverage = covered as f64 / TRIALS as f64;
    assert!((0.905..=0.99).contains(&coverage), "{coverage}");
}

#[test]
fn means_of_incomparable_sets_are_an_error() {
    let mut population = Population(Xorshift(7));
    let how = Bootstrap::default();
    assert_eq!(Comparison::of_means(&[], &how), Err(ComparisonError::NoRun));
    let [two, three] = [2, 3].map(|sentences| population.side(sentences, &[0.5]));
    let error = Comparison::of_means(&[[&two, &two], [&two, &three]], &how).unwrap_err();
    assert_eq!(error, ComparisonError::Sentences { one: 2, other: 3 });
}
