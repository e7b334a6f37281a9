//! Tables of a handful of made-up scores.

use super::*;
use crate::report_data::{BaselineRow, PseudoRow, TransferRow};

fn scores(published: f64, entity: f64) -> RunScores {
    RunScores {
        train_published: 0.99,
        dev_published: 0.9,
        test_published: published,
        dev_entity: 0.7,
        test_entity: entity,
        test_interval: Some((entity - 0.125, entity + 0.125)),
    }
}

fn data() -> StudyData {
    let baseline = |seed, published| BaselineRow {
        language: "fo".into(),
        seed,
        train_sentences: 240,
        test_sentences: 30,
        scores: scores(published, 0.5),
    };
    let transfer = |kind, factor, published| TransferRow {
        source: "da".into(),
        target: "fo".into(),
        factor,
        seed: 1,
        kind,
        scores: scores(published, 0.625),
        improvement: 12.5,
        entity_gain: 12.5,
    };
    let pseudo = |quantile, repeat| PseudoRow {
        source: "da".into(),
        target: "fo".into(),
        quantile,
        repeat,
        seed: 1,
        scores: RunScores { test_interval: None, ..scores(0.8, 0.5) },
        improvement: 0.0,
        entity_gain: 0.0,
        added_sentences: 10,
        precision: Some(0.75),
        recall: None,
    };
    StudyData {
        title: "Faroese".into(),
        facts: vec![("protocol".into(), "published".into())],
        notes: vec!["Made up.".into()],
        baseline: vec![baseline(1, 0.8), baseline(2, 0.82)],
        transfer: vec![
            transfer(TransferKind::FineTuned, 2, 0.9),
            transfer(TransferKind::FineTuned, 12, 0.9),
            transfer(TransferKind::ZeroShot, 12, 0.7),
        ],
        pseudo: vec![pseudo(0.82, 1), pseudo(0.82, 2), pseudo(0.9, 1)],
        ..StudyData::default()
    }
}

#[test]
fn published_columns_come_first() {
    let data = data();
    insta::assert_snapshot!([baseline(&data), transfer(&data), pseudo(&data)].join("\n"));
}

#[test]
fn a_summary_has_means_over_seeds_and_repetitions() {
    insta::assert_snapshot!(crate::summary::text(&data()));
}
