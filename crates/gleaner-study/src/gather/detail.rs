//! Details of selected runs: epochs, confusions, changed sentences and added pseudo-labels.

use super::{Gathered, kind::Kind};
use crate::{
    error::StudyError,
    plan::Run,
    results::{Prediction, RunRecord},
    task::Task,
};
use gleaner::Unsure;
use gleaner_metrics::Evaluation;
use gleaner_report::study::{Added, Change, ConfusionTable, Curve, CurvePoint, StudyData};
use std::collections::BTreeMap;

/// Maximum number of changed sentences shown for a run.
const CHANGES: usize = 100;

impl Gathered<'_> {
    /// The runs that are shown in detail: for each target and seed a baseline (one fold of it), and for each
    /// pair and experiment the best run on dev, since test must not choose.
    pub(super) fn shown(&self) -> Vec<(usize, &RunRecord)> {
        let score = |r: &RunRecord| self.dev_score(r);
        let mut best: BTreeMap<(u8, String), (usize, &RunRecord)> = BTreeMap::new();
        for (&at, record) in &self.records {
            let Some(kind) = Kind::of(&record.task) else { continue };
            let of = match &record.task {
                Task::Baseline { .. } => record.seed.to_string(),
                Task::FineTune { source, .. }
                | Task::ZeroShot { source, .. }
                | Task::Joint { source, .. }
                | Task::Pseudo { source, .. } => source.clone(),
                Task::Curve { .. }
                | Task::Active { .. }
                | Task::Source { .. }
                | Task::Recipe { .. }
                | Task::Member { .. }
                | Task::Ensemble { .. }
                | Task::Distilled { .. } => kind.name(),
            };
            let key = (kind.rank(), format!("{} {of}", record.task.target()));
            match best.get(&key) {
                Some((_, other)) if score(other) >= score(record) => {}
                _ => {
                    best.insert(key, (at, record));
                }
            }
        }
        best.into_values().collect()
    }

    pub(super) fn detail(
        &self,
        at: usize,
        record: &RunRecord,
        data: &mut StudyData,
    ) -> Result<(), StudyError> {
        let run = &self.plan.runs[at];
        let language = record.task.target().to_owned();
        if !record.history.is_empty() {
            data.curves.push(curve(run, &language, record));
        }
        let after = self.results.run(&run.id).predictions()?;
        data.confusions.push(confusion(&run.name, &language, &after));
        if let Some((baseline, _)) = self.baseline(at).filter(|(baseline, _)| *baseline != at) {
            let before = self.results.run(&self.plan.runs[baseline].id).predictions()?;
            let changed =
                before.iter().zip(&after).filter(|(b, a)| b.tags != a.tags && self.shows(a));
            data.changes.extend(changed.take(CHANGES).map(|(before, after)| Change {
                run: run.name.clone(),
                language: language.clone(),
                words: after.tokens.clone(),
                gold: after.gold.clone(),
                before: before.tags.clone(),
                after: after.tags.clone(),
            }));
        }
        for epoch in &record.history {
            let Some(round) = &epoch.round else { continue };
            data.added.push(Added {
                run: run.name.clone(),
                language: language.clone(),
                epoch: epoch.epoch,
                added_sentences: round.added,
                pool_sentences: round.pool,
                added: round.added_confidence.clone(),
                pool: round.pool_confidence.clone(),
                threshold: (run.settings.self_training.unsure == Unsure::Drop)
                    .then_some(round.threshold as f32),
            });
        }
        Ok(())
    }

    /// Whether a sentence's words are stored and may be shown.
    fn shows(&self, prediction: &Prediction) -> bool {
        self.study.keep_words && !prediction.tokens.is_empty()
    }
}

fn curve(run: &Run, language: &str, record: &RunRecord) -> Curve {
    let point = |e: &gleaner::train::EpochRecord| CurvePoint {
        epoch: e.epoch,
        train_loss: e.train_loss,
        dev_loss: e.dev_loss,
        dev_entity: e.dev_f1,
        dev_published: e.dev_published,
        added: e.round.as_ref().map_or(0, |r| r.added),
    };
    Curve {
        run: run.name.clone(),
        language: language.to_owned(),
        points: record.history.iter().map(point).collect(),
    }
}

/// Entities with wrong boundaries count as missed and, on the predicted side, as spurious, as in the F1.
fn confusion(run: &str, language: &str, predictions: &[Prediction]) -> ConfusionTable {
    let mut evaluation = Evaluation::default();
    for p in predictions {
        evaluation.add(&p.gold, &p.tags).expect("predictions have a tag for each word");
    }
    let confusion = evaluation.confusion();
    let types: Vec<String> = confusion.types().into_iter().map(str::to_owned).collect();
    let count = |map: &BTreeMap<String, usize>, name: &String| map.get(name).copied().unwrap_or(0);
    let row = |gold: &String| {
        let matched = confusion.matched.get(gold);
        let of = |p: &String| matched.map_or(0, |row| count(row, p));
        let missed = count(&confusion.missed, gold) + count(&confusion.wrong_boundaries, gold);
        types.iter().map(of).chain([missed]).collect()
    };
    let spurious =
        |t: &String| count(&confusion.spurious, t) + count(&confusion.wrong_boundaries, t);
    ConfusionTable {
        run: run.to_owned(),
        language: language.to_owned(),
        counts: types.iter().map(row).collect(),
        spurious: types.iter().map(spurious).collect(),
        types,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_boundaries_count_as_missed_and_spurious() {
        let tags = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let prediction = |gold: &str, found: &str| Prediction {
            position: 0,
            tokens: tags(gold),
            same_as: None,
            gold: tags(gold),
            tags: tags(found),
            spans: Vec::new(),
            seen: false,
            known: Vec::new(),
        };
        let table = confusion(
            "run",
            "fo",
            &[
                prediction("B-PER I-PER O B-LOC", "B-PER I-PER O B-PER"),
                prediction("B-LOC I-LOC O O", "B-LOC O O B-ORG"),
                prediction("B-LOC", "O"),
            ],
        );
        assert_eq!(table.types, ["LOC", "ORG", "PER"]);
        // Columns: LOC, ORG, PER, missed.
        assert_eq!(table.counts, [[0, 0, 1, 2], [0, 0, 0, 0], [0, 0, 1, 0]]);
        assert_eq!(table.spurious, [1, 1, 0]);
    }
}
