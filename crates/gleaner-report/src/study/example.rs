//! Invented studies for tests; unit tests and the browser test share them.

#[path = "example/hostile.rs"]
mod hostile;
#[path = "example/statistics.rs"]
mod statistics;

use super::{
    Added, BaselineRow, Change, ConfusionTable, Curve, CurvePoint, PseudoRow, Reference, RunScores,
    StudyData, TransferKind, TransferRow,
};
pub(crate) use hostile::hostile;
use statistics::{means, reliability, statistics};

const TARGETS: [(&str, &str); 6] =
    [("mg", "id"), ("fo", "da"), ("co", "it"), ("hsb", "cs"), ("bh", "hi"), ("cv", "tr")];

/// Pseudo-random numbers from −1 to 1, the same for the same seed.
fn noise(seed: usize) -> f64 {
    let mut bits = seed as u64 + 1;
    for _ in 0..3 {
        bits = (bits ^ (bits >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (bits >> 40) as f64 / (1 << 23) as f64 - 1.0
}

fn scores(published: f64, entity: f64) -> RunScores {
    // The best on dev is not always the best on test.
    let dev_published = published + 0.01 * noise((published * 1e6) as usize);
    RunScores {
        train_published: Some((published + 0.03).min(1.0)),
        dev: dev_published,
        dev_published,
        test_published: published,
        dev_entity: entity + 0.02,
        test_entity: entity,
        test_interval: Some((entity - 0.12, (entity + 0.11).min(1.0))),
    }
}

/// A study with these numbers of languages, factors, quantiles and repetitions.
fn of_size(languages: usize, factors: u32, quantiles: usize, repeats: usize) -> StudyData {
    let mut data = StudyData {
        title: "Six languages and their neighbours".to_owned(),
        facts: [
            ("Encoder", "multilingual-e5-small"),
            ("Protocol", "published"),
            ("Seeds", "1 to 5"),
            ("Processor", "2 cores, AVX-512"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        notes: [
            "Published scores count every piece, O and special pieces included: they are token accuracies and \
             much higher than entity F1.",
            "Thirty test sentences are few: look at the intervals before you compare.",
        ]
        .map(str::to_owned)
        .into(),
        resamples: Some(10_000),
        ..StudyData::default()
    };
    for (number, (target, source)) in TARGETS.iter().take(languages).enumerate() {
        let (target, source) = ((*target).to_owned(), (*source).to_owned());
        let level = 0.9 - 0.02 * number as f64;
        for repeat in 0..repeats {
            let change = noise(number * 10 + repeat);
            data.baseline.push(BaselineRow {
                language: target.clone(),
                seed: repeat as u64 + 1,
                fold: None,
                train_sentences: if target == "hsb" { 79 } else { 240 },
                test_sentences: if target == "hsb" { 10 } else { 30 },
                scores: scores(level + 0.01 * change, level - 0.15 + 0.03 * change),
            });
            let kinds = TransferKind::ALL.into_iter().take(2);
            for (kind, factor) in
                kinds.flat_map(|kind| (1..=factors).map(move |factor| (kind, factor)))
            {
                let seed = number * 1000 + factor as usize * 10 + repeat + 7 * kind as usize;
                let curve = 2.5 * (f64::from(factor) / 8.0).min(1.0) - 0.05 * f64::from(factor);
                let shift = if kind == TransferKind::ZeroShot { -18.0 } else { 0.0 };
                let improvement = curve + 1.5 * noise(seed) + shift;
                let entity_gain = 2.0 * curve + 4.0 * noise(seed + 500) + 1.5 * shift;
                data.transfer.push(TransferRow {
                    source: source.clone(),
                    target: target.clone(),
                    factor,
                    seed: repeat as u64 + 1,
                    fold: None,
                    kind,
                    scores: scores(
                        level * (1.0 + improvement / 100.0),
                        level - 0.15 + entity_gain / 100.0,
                    ),
                    improvement,
                    entity_gain,
                });
            }
            for step in 0..quantiles {
                let seed = number * 100 + step * 10 + repeat + 50_000;
                let improvement = 0.8 * noise(seed) + 0.3;
                let entity_gain = 2.5 * noise(seed + 500) + 0.5;
                let stopped = noise(seed + 900) < -0.4;
                data.pseudo.push(PseudoRow {
                    source: source.clone(),
                    target: target.clone(),
                    quantile: (82 + step) as f64 / 100.0,
                    repeat: repeat as u32 + 1,
                    seed: seed as u64,
                    fold: None,
                    scores: scores(
                        level * (1.0 + improvement / 100.0),
                        level - 0.15 + entity_gain / 100.0,
                    ),
                    improvement,
                    entity_gain,
                    added_sentences: if stopped { 0 } else { 120 + step * 31 },
                    precision: (!stopped).then_some(0.81 + 0.05 * noise(seed)),
                    recall: (!stopped).then_some(0.72 + 0.05 * noise(seed + 1)),
                });
            }
        }
        statistics(&mut data, number, &source, &target, level - 0.15);
        data.curves.push(curve(
            &format!("pseudo-labelling, {source} pool, quantile 0.95"),
            &target,
            16,
            100 * number,
        ));
        let types = ["LOC", "ORG", "PER"].map(str::to_owned).to_vec();
        data.confusions.push(ConfusionTable {
            run: "baseline".to_owned(),
            language: target.clone(),
            types,
            counts: vec![vec![41, 3, 0, 5], vec![4, 17 + number, 1, 6], vec![0, 0, 38, 2]],
            spurious: vec![4, 7, 1],
        });
        let pool =
            (0..1500).map(|n| (1.0 - 0.05 * noise(n).powi(2) * (1.0 + noise(n + 7)).abs()) as f32);
        let pool: Vec<f32> = pool.collect();
        let mut ascending = pool.clone();
        ascending.sort_by(f32::total_cmp);
        let threshold = ascending[ascending.len() * 95 / 100];
        data.added.push(Added {
            run: format!("pseudo-labelling, {source} pool"),
            language: target.clone(),
            epoch: 10,
            added_sentences: pool.iter().filter(|value| **value > threshold).count(),
            pool_sentences: pool.len(),
            added: pool.iter().copied().filter(|value| *value > threshold).collect(),
            pool,
            threshold: Some(threshold),
        });
        for (what, value) in [
            ("baseline token score", level - 0.013),
            ("transfer, best factor, improvement %", 3.1 + noise(number)),
            ("pseudo-labelling, best quantile, improvement %", 1.4 + noise(number)),
        ] {
            data.references.push(Reference {
                language: target.clone(),
                what: what.to_owned(),
                value,
                source: "the published table of results".to_owned(),
            });
        }
    }
    data.reliability = ["baseline", "pseudo-labelling"]
        .iter()
        .enumerate()
        .map(|(number, experiment)| reliability(experiment, languages, 1000 * number))
        .collect();
    data.changes = vec![
        change(
            "fo",
            "Jógvan Petersen býr í Klaksvík .",
            "B-PER I-PER O O B-LOC O",
            "B-PER O O O O O",
            "B-PER I-PER O O B-LOC O",
        ),
        change(
            "fo",
            "Mentanarhúsið á Tvøroyri er 60 ár .",
            "B-ORG O B-LOC O O O O",
            "B-ORG O B-LOC O O O O",
            "B-LOC I-LOC I-LOC O O O O",
        ),
        change(
            "bh",
            "पटना विश्वविद्यालय में राम कुमार पढ़ावेलें ।",
            "B-ORG I-ORG O B-PER I-PER O O",
            "B-LOC O O B-PER I-PER O O",
            "B-ORG I-ORG O B-PER O O O",
        ),
    ];
    data.means = means(&data.comparisons);
    data
}

fn curve(run: &str, language: &str, epochs: u32, seed: usize) -> Curve {
    let point = |epoch: u32| {
        let done = 1.0 - (-f64::from(epoch) / 4.0).exp();
        let change = 0.02 * noise(seed + epoch as usize);
        CurvePoint {
            epoch,
            train_loss: 30.0 * (1.0 - 0.97 * done),
            dev_loss: 26.0 * (1.0 - 0.7 * done) + 40.0 * change,
            dev_entity: 0.75 * done + change,
            dev_published: 0.6 + 0.33 * done + change / 2.0,
            added: if epoch >= 10 { 240 + epoch as usize * 3 } else { 0 },
        }
    };
    Curve {
        run: run.to_owned(),
        language: language.to_owned(),
        points: (1..=epochs).map(point).collect(),
    }
}

fn change(language: &str, words: &str, gold: &str, before: &str, after: &str) -> Change {
    let [words, gold, before, after] =
        [words, gold, before, after].map(|line| line.split(' ').map(str::to_owned).collect());
    let run = "transfer, fine-tuned, factor 8".to_owned();
    Change { run, language: language.to_owned(), words, gold, before, after }
}

/// A small study: two languages, three factors, two quantiles, two seeds.
pub(crate) fn study() -> StudyData {
    of_size(2, 3, 2, 2)
}

/// As large as studies get: six languages, 23 factors of two kinds, 18 quantiles, five repeats.
pub(crate) fn large() -> StudyData {
    of_size(6, 23, 18, 5)
}
