//! Comparisons, learning curves and calibration of invented studies.

use super::super::{
    AnnotationPoint, AnnotationRow, ComparisonRow, Fitted, LanguageReliability, LearningCurvePoint,
    LearningCurveRow, MeanRow, Measured, Reach, RecipeRow, Reliability, StudyData, Subset,
};
use super::{TARGETS, noise, scores};
use gleaner_metrics::{Bootstrap, CalibrationChange, ScoredSpan, ScoredSpans};

/// Overconfident taggers whose calibration removes part of the error.
pub(super) fn reliability(experiment: &str, languages: usize, seed: usize) -> Reliability {
    let bootstrap = Bootstrap { resamples: 50, ..Bootstrap::default() };
    let both = |number: usize| {
        let mut both = [ScoredSpans::default(), ScoredSpans::default()];
        for sentence in 0..60 {
            let seed = seed + 100 * number + sentence;
            let confidence = 0.98 - 0.3 * noise(seed).abs();
            let correct = 0.5 + 0.5 * noise(seed + 7) < confidence - 0.15;
            both[0].add([ScoredSpan { confidence, correct }]);
            both[1].add([ScoredSpan { confidence: confidence - 0.1, correct }]);
        }
        both
    };
    let spans: Vec<[ScoredSpans; 2]> = (0..languages).map(both).collect();
    let groups: Vec<Vec<[&ScoredSpans; 2]>> =
        spans.iter().map(|both| vec![both.each_ref()]).collect();
    let change = |groups: &[_]| CalibrationChange::of(groups, ScoredSpans::BINS, &bootstrap);
    let language = |(number, both): (usize, &[ScoredSpans; 2])| {
        let [before, after] =
            both.each_ref().map(|spans| spans.report(ScoredSpans::BINS, Some(&bootstrap)));
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
        languages: spans.iter().enumerate().map(language).collect(),
        mean: change(&groups).expect("there are spans"),
    }
}

/// The means of the comparisons, with narrower intervals.
pub(super) fn means(comparisons: &[ComparisonRow]) -> Vec<MeanRow> {
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
                aso: None,
            },
        });
    }
    means
}

/// Adds comparisons, a recipe and learning curves of a language whose baseline is at `level`.
pub(super) fn statistics(
    data: &mut StudyData,
    number: usize,
    source: &str,
    target: &str,
    level: f64,
) {
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
                    aso: Some(if gain > 0.0 { 0.04 } else { 1.0 }),
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
        added_sentences: Some(40),
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
    let point = |sentences: f64| LearningCurvePoint {
        sentences,
        entity: [0, 1].map(|n| law.at(sentences) + 0.01 * noise(n + sentences as usize)).to_vec(),
    };
    let sizes: &[f64] = if number == 1 { &[50.0, 210.0] } else { &[50.0, 100.0, 150.0, 210.0] };
    data.learning_curves.push(LearningCurveRow {
        language: target.to_owned(),
        points: sizes.iter().map(|size| point(*size)).collect(),
        fitted: (number != 1).then_some(law),
    });
    for (order, faster) in [("random", 1.0), ("margin", 1.6)] {
        let point = |sentences: f64| {
            let f1 = law.at(faster * sentences);
            AnnotationPoint {
                sentences,
                words: Some(sentences * if faster > 1.0 { 14.0 } else { 9.0 }),
                entity: [0, 1].map(|n| f1 + 0.01 * noise(n + sentences as usize)).to_vec(),
                interval: (f1 - 0.04, f1 + 0.03),
            }
        };
        let share = if faster > 1.0 { 0.7 } else { 1.0 };
        data.annotation.push(AnnotationRow {
            language: target.to_owned(),
            order: order.to_owned(),
            points: [20.0, 60.0, 100.0].map(point).to_vec(),
            reach: Reach {
                f1: law.at(100.0),
                share: (number != 1 || faster < 1.5).then_some(share),
                low: Some(share - 0.2),
                high: (number != 1).then_some(share + 0.1),
            },
        });
    }
}
