//! From the records of finished runs to what a report shows.

mod about;
mod compare;
mod growth;
mod means;
mod tested;

use crate::{
    Plan, Run, Study, StudyError, Task,
    file::{PoolSource, Pseudo},
    reliability,
    results::{Prediction, Results, RunRecord},
};
use gleaner::{Protocol, Unsure, train::Agreement};
use gleaner_metrics::Evaluation;
use gleaner_report::study::{
    Added, BaselineRow, Change, ConfusionTable, Curve, CurvePoint, LEVEL, PseudoRow, RecipeRow,
    Reference, RunScores, StudyData, Subset, TransferKind, TransferRow,
};
use std::collections::BTreeMap;

/// Changed sentences that are shown of a run at most.
const CHANGES: usize = 100;

/// Gathers what is finished of a study. Runs that are not are left out; the notes say so.
///
/// # Errors
/// A record is not as it was written.
pub fn gather(study: &Study, plan: &Plan, results: &Results) -> Result<StudyData, StudyError> {
    let mut records = BTreeMap::new();
    for (at, run) in plan.runs.iter().enumerate() {
        let folder = results.run(&run.id);
        if folder.is_done() {
            records.insert(at, folder.record()?);
        }
    }
    let gathered = Gathered { study, plan, results, records };
    gathered.data()
}

struct Gathered<'a> {
    study: &'a Study,
    plan: &'a Plan,
    results: &'a Results,
    records: BTreeMap<usize, RunRecord>,
}

impl Gathered<'_> {
    fn data(&self) -> Result<StudyData, StudyError> {
        let mut data = StudyData {
            title: self.study.title.clone(),
            facts: self.facts(),
            notes: self.notes(),
            references: self.references(),
            reliability: reliability::of(self.plan, self.results, self.records.keys().copied())?,
            ..StudyData::default()
        };
        for (&at, record) in &self.records {
            self.row(at, record, &mut data);
        }
        // Fine-tuned rows first, since the published table has only these.
        data.transfer.sort_by_key(|row| row.kind as u8);
        let (compared, notes) = self.comparisons()?;
        data.means = means::means(&compared, &self.plan.bootstrap());
        data.comparisons = compared.into_iter().map(|one| one.row).collect();
        data.notes.extend(notes);
        data.notes.extend(self.too_few_resamples(&data));
        data.growth = self.growth()?;
        for (at, record) in self.shown() {
            self.detail(at, record, &mut data)?;
        }
        Ok(data)
    }

    /// What to say where Holm's correction leaves nothing to be shown: no p-value is below one in as many as
    /// there are resamples and one more.
    fn too_few_resamples(&self, data: &StudyData) -> Option<String> {
        let resamples = self.plan.bootstrap().resamples;
        let most = Subset::ALL
            .map(|subset| data.means.iter().filter(|mean| mean.subset == subset).count())
            .into_iter()
            .max()?;
        let families = data.comparisons.iter().map(|row| {
            data.comparisons.iter().filter(|other| other.family() == row.family()).count()
        });
        let most = families.chain([most]).max()?;
        (most as f64 / (resamples + 1) as f64 >= LEVEL).then(|| {
            format!(
                "{most} gains are corrected for one another: of {resamples} resamples no corrected p-value can be \
                 below {LEVEL}, and no gain be real. Set `resamples` to {} or more.",
                (most as f64 / LEVEL).ceil() as usize * 2
            )
        })
    }

    fn references(&self) -> Vec<Reference> {
        let of = |r: &crate::Reference| Reference {
            language: r.language.clone(),
            what: r.what.clone(),
            value: r.value,
            source: r.source.clone(),
        };
        self.study.references.iter().map(of).collect()
    }

    /// The record of the baseline that a run is compared with.
    fn baseline(&self, at: usize) -> Option<(usize, &RunRecord)> {
        let baseline = self.plan.baseline_of(&self.plan.runs[at])?;
        Some((baseline, self.records.get(&baseline)?))
    }

    fn row(&self, at: usize, record: &RunRecord, data: &mut StudyData) {
        let scores = scores(record, self.dev_score(record));
        let Some((_, baseline)) = self.baseline(at) else { return };
        let before = baseline.test.published_score;
        let improvement = match before > 0.0 {
            true => (scores.test_published - before) / before * 100.0,
            false => f64::NAN,
        };
        let entity_gain = (scores.test_entity - baseline.test.entities.micro.f1) * 100.0;
        let (seed, fold) = (record.seed, record.fold);
        let mut transfer = |kind, source: &String, target: &String, factor: u32, scores| {
            data.transfer.push(TransferRow {
                source: source.clone(),
                target: target.clone(),
                factor,
                seed,
                fold,
                kind,
                scores,
                improvement,
                entity_gain,
            });
        };
        match &record.task {
            Task::Baseline { language } => data.baseline.push(BaselineRow {
                language: language.clone(),
                seed,
                fold,
                train_sentences: record.train_sentences,
                test_sentences: record.test_sentences,
                scores,
            }),
            Task::Source { .. } | Task::Curve { .. } => {}
            Task::FineTune { source, target, factor } => {
                transfer(TransferKind::FineTuned, source, target, *factor, scores);
            }
            Task::ZeroShot { source, target, factor } => {
                transfer(TransferKind::ZeroShot, source, target, *factor, scores);
            }
            Task::Joint { source, target, factor } => {
                transfer(TransferKind::Joint, source, target, *factor, scores);
            }
            Task::Pseudo { source, target, quantile, repeat } => {
                let agreement = agreement(record);
                data.pseudo.push(PseudoRow {
                    source: self.labelled(source, target).to_owned(),
                    target: target.clone(),
                    quantile: *quantile,
                    repeat: *repeat,
                    seed,
                    fold,
                    scores,
                    improvement,
                    entity_gain,
                    added_sentences: added(record),
                    precision: agreement.and_then(|a| a.precision()),
                    recall: agreement.and_then(|a| a.recall()),
                });
            }
            Task::Recipe { recipe, sources, target } => {
                let agreement = agreement(record);
                data.recipes.push(RecipeRow {
                    recipe: recipe.clone(),
                    sources: sources.join("+"),
                    target: target.clone(),
                    seed,
                    fold,
                    train_sentences: record.train_sentences,
                    scores,
                    improvement,
                    entity_gain,
                    added_sentences: added(record),
                    precision: agreement.and_then(|a| a.precision()),
                    recall: agreement.and_then(|a| a.recall()),
                });
            }
        }
    }

    /// The language of a pair whose sentences pseudo-labelling labels.
    fn labelled<'a>(&self, source: &'a str, target: &'a str) -> &'a str {
        let of_target = |p: &Pseudo| p.pool == PoolSource::Target;
        match self.study.experiments.pseudo.as_ref().is_some_and(of_target) {
            true => target,
            false => source,
        }
    }

    /// The score on dev that settings are chosen by.
    fn dev_score(&self, record: &RunRecord) -> f64 {
        match self.study.protocol {
            Protocol::Published => record.dev.published_score,
            Protocol::Sound => record.dev.entities.micro.f1,
        }
    }

    /// The runs that are shown closely: of each target and seed the baseline (one fold of it), and of
    /// each pair and experiment the one that is best on dev, since test must not choose.
    fn shown(&self) -> Vec<(usize, &RunRecord)> {
        let score = |r: &RunRecord| self.dev_score(r);
        let mut best: BTreeMap<(u8, String), (usize, &RunRecord)> = BTreeMap::new();
        for (&at, record) in &self.records {
            let key = match &record.task {
                Task::Source { .. } | Task::Curve { .. } => continue,
                Task::Baseline { language } => (0, format!("{language} {}", record.seed)),
                Task::FineTune { source, target, .. } => (1, format!("{target} {source}")),
                Task::ZeroShot { source, target, .. } => (2, format!("{target} {source}")),
                Task::Joint { source, target, .. } => (3, format!("{target} {source}")),
                Task::Pseudo { source, target, .. } => (4, format!("{target} {source}")),
                Task::Recipe { recipe, target, .. } => (5, format!("{target} {recipe}")),
            };
            match best.get(&key) {
                Some((_, other)) if score(other) >= score(record) => {}
                _ => {
                    best.insert(key, (at, record));
                }
            }
        }
        best.into_values().collect()
    }

    fn detail(
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
                threshold: (run.settings.unsure == Unsure::Drop).then_some(round.threshold as f32),
            });
        }
        Ok(())
    }

    /// Whether a sentence's words are there and may be shown.
    fn shows(&self, prediction: &Prediction) -> bool {
        self.study.keep_words && !prediction.tokens.is_empty()
    }
}

/// The scores of a run; `dev` is that by which settings are chosen.
fn scores(record: &RunRecord, dev: f64) -> RunScores {
    let interval = record.test.intervals.as_ref().map(|i| (i.micro_f1.low, i.micro_f1.high));
    RunScores {
        train_published: record.train_published,
        dev,
        dev_published: record.dev.published_score,
        test_published: record.test.published_score,
        dev_entity: record.dev.entities.micro.f1,
        test_entity: record.test.entities.micro.f1,
        test_interval: interval,
    }
}

/// How many sentences were added in all rounds together.
fn added(record: &RunRecord) -> usize {
    record.history.iter().filter_map(|e| e.round.as_ref()).map(|r| r.added).sum()
}

/// The agreement of all rounds together.
fn agreement(record: &RunRecord) -> Option<Agreement> {
    let rounds = record.history.iter().filter_map(|e| e.round.as_ref()?.agreement);
    rounds.reduce(|a, b| Agreement {
        gold: a.gold + b.gold,
        predicted: a.predicted + b.predicted,
        correct: a.correct + b.correct,
    })
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

/// Entities with wrong borders count as missed and, in the prediction, as spurious, as in the F1.
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
        let missed = count(&confusion.missed, gold) + count(&confusion.wrong_borders, gold);
        types.iter().map(of).chain([missed]).collect()
    };
    let spurious = |t: &String| count(&confusion.spurious, t) + count(&confusion.wrong_borders, t);
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
    fn wrong_borders_count_as_missed_and_spurious() {
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
