//! Invented studies to test with; unit tests and the browser's test share them.

use gleaner_metrics::{Bootstrap, CalibrationChange, Claim, Claims};

use super::{
    Added, BaselineRow, Change, ComparisonRow, ConfusionTable, Curve, CurvePoint, Fitted,
    GrowthPoint, GrowthRow, LanguageReliability, MeanRow, Measured, PseudoRow, RecipeRow,
    Reference, Reliability, RunScores, StudyData, Subset, TransferKind, TransferRow,
};

const TARGETS: [(&str, &str); 6] =
    [("mg", "id"), ("fo", "da"), ("co", "it"), ("hsb", "cs"), ("bh", "hi"), ("cv", "tr")];

/// Numbers that look like noise: from −1 to 1, the same for the same seed.
fn noise(seed: usize) -> f64 {
    let mut bits = seed as u64 + 1;
    for _ in 0..3 {
        bits = (bits ^ (bits >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (bits >> 40) as f64 / (1 << 23) as f64 - 1.0
}

fn scores(published: f64, entity: f64) -> RunScores {
    // What is best on dev is not always best on test.
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

/// A study of the first so many languages, at so many settings, each run so often.
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
             lie far above entity F1.",
            "Thirty test sentences say little: look at the intervals before you compare.",
        ]
        .map(str::to_owned)
        .into(),
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
                source: "the study's table of results".to_owned(),
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

/// Taggers that are surer than right, and mended by half.
fn reliability(experiment: &str, languages: usize, seed: usize) -> Reliability {
    let bootstrap = Bootstrap { resamples: 50, ..Bootstrap::default() };
    let both = |number: usize| {
        let mut both = [Claims::default(), Claims::default()];
        for sentence in 0..60 {
            let seed = seed + 100 * number + sentence;
            let confidence = 0.98 - 0.3 * noise(seed).abs();
            let right = 0.5 + 0.5 * noise(seed + 7) < confidence - 0.15;
            both[0].add([Claim { confidence, right }]);
            both[1].add([Claim { confidence: confidence - 0.1, right }]);
        }
        both
    };
    let claims: Vec<[Claims; 2]> = (0..languages).map(both).collect();
    let groups: Vec<Vec<[&Claims; 2]>> = claims.iter().map(|both| vec![both.each_ref()]).collect();
    let change = |groups: &[_]| CalibrationChange::of(groups, Claims::BINS, &bootstrap);
    let language = |(number, both): (usize, &[Claims; 2])| {
        let [before, after] =
            both.each_ref().map(|claims| claims.report(Claims::BINS, Some(&bootstrap)));
        LanguageReliability {
            language: TARGETS[number].0.to_owned(),
            runs: 2,
            before: before.expect("there are spans"),
            after: after.expect("there are spans"),
            change: change(&groups[number..=number]).expect("there are spans"),
        }
    };
    Reliability {
        experiment: experiment.to_owned(),
        languages: claims.iter().enumerate().map(language).collect(),
        mean: change(&groups).expect("there are spans"),
    }
}

/// The means of the comparisons, as wide as those of a language.
fn means(comparisons: &[ComparisonRow]) -> Vec<MeanRow> {
    let mut means: Vec<MeanRow> = Vec::new();
    for row in comparisons {
        let beside: Vec<&ComparisonRow> =
            comparisons.iter().filter(|other| other.family() == row.family()).collect();
        if beside.len() < 2 || !std::ptr::eq(beside[0], row) {
            continue;
        }
        let mean = |of: fn(&Measured) -> f64| {
            let measured = beside.iter().filter_map(|row| row.measured.as_ref());
            measured.map(of).sum::<f64>() / beside.len() as f64
        };
        let gain = mean(|m| m.gain);
        let corrected = if gain.abs() > 5.0 { 0.0006 } else { 0.12 };
        means.push(MeanRow {
            kind: row.kind.clone(),
            setting: row.setting.clone(),
            subset: row.subset,
            languages: beside.iter().map(|row| row.languages()).collect(),
            seeds: row.seeds,
            runs: row.runs,
            measured: Measured {
                baseline: mean(|m| m.baseline),
                baseline_deviation: Some(0.01),
                system: mean(|m| m.system),
                system_deviation: Some(0.008),
                gain,
                interval: (gain - 2.0, gain + 1.8),
                p_value: corrected / 3.0,
                corrected,
                order: None,
            },
        });
    }
    means
}

/// Comparisons, recipes and a curve over sentences of one language whose baseline is at `level`.
fn statistics(data: &mut StudyData, number: usize, source: &str, target: &str, level: f64) {
    let kinds = [
        ("transfer, fine-tuned", "×1", 3.0),
        ("transfer, fine-tuned", "×3", 6.0),
        ("recipe several", "", -4.0),
    ];
    for (kind, setting, gain) in kinds {
        for (down, subset) in Subset::ALL.into_iter().enumerate() {
            let gain = gain + 4.0 * noise(number + 31 * down);
            let corrected = if gain.abs() > 5.0 { 0.0006 } else { 0.12 };
            data.comparisons.push(ComparisonRow {
                kind: kind.to_owned(),
                setting: setting.to_owned(),
                source: if setting.is_empty() { String::new() } else { source.to_owned() },
                target: target.to_owned(),
                subset,
                seeds: 2,
                runs: 2,
                sentences: 300 - 4 * usize::from(subset == Subset::LeakFree),
                different: 281 - 4 * usize::from(subset == Subset::LeakFree),
                entities: [310, 302, 140][down],
                dev: level + gain / 100.0,
                measured: Some(Measured {
                    baseline: level,
                    baseline_deviation: Some(0.02),
                    system: level + gain / 100.0,
                    system_deviation: Some(0.015),
                    gain,
                    interval: (gain - 4.5, gain + 4.0),
                    p_value: corrected / 2.0,
                    corrected,
                    order: Some(if gain > 0.0 { 0.04 } else { 1.0 }),
                }),
            });
        }
    }
    data.recipes.push(RecipeRow {
        recipe: "several".to_owned(),
        sources: format!("{source}+en"),
        target: target.to_owned(),
        seed: 1,
        fold: Some(2),
        train_sentences: 210,
        scores: scores(level + 0.1, level),
        improvement: 1.5,
        entity_gain: -4.0,
        added_sentences: 40,
        precision: Some(0.8),
        recall: None,
    });
    let law = Fitted {
        limit: level + 0.08,
        scale: 2.0,
        exponent: 0.6,
        misfit: 0.6,
        more: 100,
        gain: 1.6,
        interval: (0.4, 3.1),
    };
    let point = |sentences: f64| GrowthPoint {
        sentences,
        entity: [0, 1].map(|n| law.at(sentences) + 0.01 * noise(n + sentences as usize)).to_vec(),
    };
    let sizes: &[f64] = if number == 1 { &[50.0, 210.0] } else { &[50.0, 100.0, 150.0, 210.0] };
    data.growth.push(GrowthRow {
        language: target.to_owned(),
        points: sizes.iter().map(|size| point(*size)).collect(),
        fitted: (number != 1).then_some(law),
    });
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

/// A study of hostile names and impossible numbers.
pub(crate) fn hostile() -> StudyData {
    let names = [
        "<script>alert(1)</script>",
        "\"quoted\" & 'quoted' </title></style>-->",
        "an,comma|and\na line",
        "العربية עברית \u{202e}override",
        "भोजपुरी विकिपीडिया",
        "control\u{1}\u{1b}[31m\u{7f}\u{ffff}",
        "",
    ];
    let long = "x".repeat(400);
    let names: Vec<String> = names.into_iter().map(str::to_owned).chain([long]).collect();
    let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -1e-300, 1e11, 0.5, 0.25];
    let mut data = study();
    data.title = names.concat();
    data.facts = names.iter().map(|name| (name.clone(), name.clone())).collect();
    data.notes = names.clone();
    data.changes = Vec::new();
    for (number, (name, value)) in names.iter().zip(values).enumerate() {
        let mut row = data.baseline[0].clone();
        row.language.clone_from(name);
        row.scores.test_published = value;
        row.scores.test_interval = Some((value, -value));
        data.baseline.push(row);
        let mut row = data.transfer[0].clone();
        (row.source, row.target) = (name.clone(), name.clone());
        (row.factor, row.improvement, row.entity_gain) = (u32::MAX, value, -value);
        row.kind = TransferKind::ALL[number % 3];
        data.transfer.push(row);
        let mut row = data.pseudo[0].clone();
        (row.source, row.target) = (name.clone(), name.clone());
        (row.quantile, row.improvement, row.entity_gain) = (value, value, value);
        row.precision = Some(value);
        data.pseudo.push(row);
        let mut row = data.comparisons[0].clone();
        (row.kind, row.source, row.target) = (name.clone(), name.clone(), name.clone());
        (row.setting, row.dev) = (name.clone(), value);
        if let Some(measured) = &mut row.measured {
            (measured.gain, measured.interval) = (value, (value, -value));
            measured.order = Some(value);
        }
        data.comparisons.push(row);
        let mut row = data.means[0].clone();
        (row.kind, row.setting) = (name.clone(), name.clone());
        row.languages.clone_from(&names);
        (row.measured.gain, row.measured.interval) = (value, (value, -value));
        data.means.push(row);
        let mut row = data.recipes[0].clone();
        (row.recipe, row.target, row.sources) = (name.clone(), name.clone(), name.clone());
        row.entity_gain = value;
        data.recipes.push(row);
        let mut row = data.growth[0].clone();
        row.language.clone_from(name);
        row.points[0].entity.push(value);
        row.points[number % 2].sentences = value;
        data.growth.push(row);
        let point = CurvePoint {
            epoch: u32::MAX - number as u32,
            train_loss: value,
            dev_loss: -value,
            dev_entity: value,
            dev_published: value,
            added: usize::MAX / 2,
        };
        let points = vec![point; number];
        data.curves.push(Curve { run: name.clone(), language: name.clone(), points });
        data.confusions.push(ConfusionTable {
            run: name.clone(),
            language: name.clone(),
            types: names[..number].to_vec(),
            counts: vec![vec![usize::MAX / 2; number]; number / 2],
            spurious: vec![0; number / 2],
        });
        data.added.push(Added {
            run: name.clone(),
            language: name.clone(),
            epoch: 0,
            added_sentences: number,
            pool_sentences: 2,
            added: vec![value as f32; number],
            pool: vec![0.5, value as f32],
            threshold: Some(value as f32),
        });
        let tags = |tag: &str| vec![format!("{tag}-{name}"); names.len() - number / 3];
        data.changes.push(Change {
            run: name.clone(),
            language: name.clone(),
            words: names.clone(),
            gold: tags("B"),
            before: tags("I"),
            after: vec!["O".to_owned(); number],
        });
        let mut runs = data.reliability[0].clone();
        runs.experiment.clone_from(name);
        runs.mean.after = value;
        for language in &mut runs.languages {
            language.language.clone_from(name);
            (language.after.ece, language.change.interval.low) = (value, value);
            (language.after.bins[0].confidence, language.before.bins[0].accuracy) = (value, value);
            language.after.spans = number;
        }
        data.reliability.push(runs);
        data.references.push(Reference {
            language: name.clone(),
            what: name.clone(),
            value,
            source: name.clone(),
        });
    }
    data
}
