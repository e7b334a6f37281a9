//! Statistics of finished runs, from their records and stored predictions, as a report shows them.

mod about;
mod annotation;
mod compare;
mod compared;
mod correction;
mod detail;
mod experiment;
mod intervals;
mod kind;
mod learning_curve;
mod means;
mod notes;
mod reliability;
mod sides;
mod tested;

use crate::{
    error::StudyError,
    plan::Plan,
    results::{Results, RunRecord},
    study::{self, PoolSource, Study},
    task::Task,
};
use correction::too_few_resamples;
use gleaner::Protocol;
use gleaner_metrics::Counts;
use gleaner_report::study::{
    BaselineRow, PseudoRow, RecipeRow, Reference, RunScores, StudyData, TransferKind, TransferRow,
};
use std::collections::BTreeMap;

/// Computes the statistics of a study's finished runs. Notes say how many runs are missing.
///
/// # Errors
/// A record or a file of predictions is malformed.
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
            resamples: Some(self.plan.bootstrap().resamples),
            references: self.references(),
            reliability: reliability::of(self.plan, self.results, self.records.keys().copied())?,
            ..StudyData::default()
        };
        let intervals = self.intervals()?;
        for (&at, record) in &self.records {
            let scores = scores(record, self.dev_score(record), intervals.get(&at).copied());
            self.row(at, record, scores, &mut data);
        }
        // Fine-tuned rows come first: the published table has only these.
        data.transfer.sort_by_key(|row| row.kind as u8);
        let (compared, notes) = self.comparisons()?;
        let (means, of_means) = means::means(&compared, &self.plan.bootstrap());
        data.means = means;
        data.comparisons = compared.into_iter().map(|one| one.row).collect();
        data.notes.extend(notes.into_iter().chain(of_means));
        let resamples = self.plan.bootstrap().resamples;
        data.notes.extend(too_few_resamples(resamples, &data.comparisons, &data.means));
        data.learning_curves = self.learning_curves()?;
        data.annotation = self.annotation()?;
        for (at, record) in self.shown() {
            self.detail(at, record, &mut data)?;
        }
        Ok(data)
    }

    fn references(&self) -> Vec<Reference> {
        let of = |r: &study::Reference| Reference {
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

    fn row(&self, at: usize, record: &RunRecord, scores: RunScores, data: &mut StudyData) {
        let Some((_, baseline)) = self.baseline(at) else { return };
        let improvement = improvement(scores.test_published, baseline.test.published_score);
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
            Task::Source { .. }
            | Task::Curve { .. }
            | Task::Active { .. }
            | Task::Member { .. } => {}
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
                    source: if self.pool_is_the_targets() { target } else { source }.clone(),
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
            Task::Recipe { .. } | Task::Ensemble { .. } | Task::Distilled { .. } => {
                let agreement = agreement(record);
                // Teachers label the pool before the first epoch, of which the record has no round.
                let is_distilled = matches!(record.task, Task::Distilled { .. });
                data.recipes.push(RecipeRow {
                    recipe: record.task.recipe().unwrap_or_default(),
                    sources: record.task.sources().join("+"),
                    target: record.task.target().to_owned(),
                    seed,
                    fold,
                    train_sentences: record.train_sentences,
                    scores,
                    improvement,
                    entity_gain,
                    added_sentences: (!is_distilled).then(|| added(record)),
                    precision: agreement.and_then(|a| a.precision()),
                    recall: agreement.and_then(|a| a.recall()),
                });
            }
        }
    }

    /// Whether the experiment `pseudo` labels text of the target rather than of the source.
    fn pool_is_the_targets(&self) -> bool {
        self.study.experiments.pseudo.as_ref().is_some_and(|p| p.pool == PoolSource::Target)
    }

    /// The dev score that chooses settings.
    fn dev_score(&self, record: &RunRecord) -> f64 {
        match self.study.protocol {
            Protocol::Published => record.dev.published_score,
            Protocol::Sound => record.dev.entities.micro.f1,
        }
    }
}

/// The scores of a run. `dev` is the dev score that chooses settings, `test_interval` that of entity F1.
fn scores(record: &RunRecord, dev: f64, test_interval: Option<(f64, f64)>) -> RunScores {
    RunScores {
        train_published: record.train_published,
        dev,
        dev_published: record.dev.published_score,
        test_published: record.test.published_score,
        dev_entity: record.dev.entities.micro.f1,
        test_entity: record.test.entities.micro.f1,
        test_interval,
    }
}

/// The relative improvement of a score in per cent; NaN if the score before is 0.
fn improvement(score: f64, before: f64) -> f64 {
    if before > 0.0 { (score - before) / before * 100.0 } else { f64::NAN }
}

/// How many pseudo-labelled sentences were added in all rounds.
fn added(record: &RunRecord) -> usize {
    record.history.iter().filter_map(|e| e.round.as_ref()).map(|r| r.added).sum()
}

/// The agreement of pseudo-labels with gold labels over all rounds.
fn agreement(record: &RunRecord) -> Option<Counts> {
    let rounds = record.history.iter().filter_map(|e| e.round.as_ref()?.agreement);
    rounds.reduce(|mut all, round| {
        all += round;
        all
    })
}

#[cfg(test)]
mod tests {
    use super::improvement;

    #[test]
    fn an_improvement_over_zero_is_undefined() {
        assert_eq!(improvement(0.75, 0.5), 50.0);
        assert!(improvement(0.0, 0.0).is_nan() && improvement(0.5, 0.0).is_nan());
    }
}
