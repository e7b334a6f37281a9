//! A study of names and numbers that break careless reports.

use super::super::{
    Added, Change, ConfusionTable, Curve, CurvePoint, Reference, StudyData, TransferKind,
};
use super::study;

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
            measured.aso = Some(value);
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
        let mut row = data.learning_curves[0].clone();
        row.language.clone_from(name);
        row.points[0].entity.push(value);
        row.points[number % 2].sentences = value;
        data.learning_curves.push(row);
        let mut row = data.annotation[number % 2].clone();
        (row.language, row.order) = (name.clone(), name.clone());
        row.points[0].entity.push(value);
        row.points[number % 2].sentences = value;
        row.points[0].interval = (value, -value);
        (row.reach.f1, row.reach.share) = (value, Some(value));
        data.annotation.push(row);
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
