//! Learning curves: how F1 grows with the number of training sentences.

use super::{
    Gathered,
    tested::{Group, Tested, are_on_the_same_text, put_together},
};
use crate::{error::StudyError, task::Task};
use gleaner_metrics::{Counts, LearningCurve, Runs};
use gleaner_report::study::{Fitted, LearningCurvePoint, LearningCurveRow};

/// The gain of this many more sentences is predicted.
const MORE: usize = 100;

impl Gathered<'_> {
    /// The learning curves of all targets, with the baseline as their last point. Seeds that lack a size or a
    /// fold are left out.
    pub(super) fn learning_curves(&self) -> Result<Vec<LearningCurveRow>, StudyError> {
        let sizes = &self.study.experiments.sizes;
        let mut rows = Vec::new();
        for target in self.study.targets() {
            let of_size = |wanted: usize| {
                self.group(|task| {
                    let is = matches!(task, Task::Curve { language, size } if language == target && *size == wanted);
                    is.then_some(1)
                })
            };
            let mut groups: Vec<Group> =
                sizes.iter().map(|size| of_size(*size)).filter(|g| !g.is_empty()).collect();
            if groups.is_empty() {
                continue;
            }
            groups.push(self.group(|task| {
                matches!(task, Task::Baseline { language } if language == target).then_some(1)
            }));
            let (first, others) = groups.split_first().expect("not empty");
            let common: Vec<(u32, u64)> = first
                .keys()
                .filter(|key| others.iter().all(|group| group.contains_key(key)))
                .copied()
                .collect();
            if !common.is_empty() {
                rows.push(self.row_of(target, &groups, &common)?);
            }
        }
        Ok(rows)
    }

    fn row_of(
        &self,
        target: &str,
        groups: &[Group],
        seeds: &[(u32, u64)],
    ) -> Result<LearningCurveRow, StudyError> {
        let sizes = self.by_size(groups, seeds)?;
        let curve = LearningCurve::of(&sizes, MORE as f64, &self.plan.bootstrap())
            .expect("all sizes are tested on the same text");
        let point = |(sentences, runs): &(f64, Runs)| LearningCurvePoint {
            sentences: *sentences,
            entity: runs.f1s(),
        };
        Ok(LearningCurveRow {
            language: target.to_owned(),
            points: sizes.iter().map(point).collect(),
            fitted: curve.map(|g| Fitted {
                limit: g.law.limit,
                scale: g.law.scale,
                exponent: g.law.exponent,
                misfit: g.misfit * 100.0,
                more: MORE,
                gain: g.gain * 100.0,
                interval: (g.interval.low * 100.0, g.interval.high * 100.0),
            }),
        })
    }

    /// The runs of each size, by seed, with the mean number of training sentences. All must be tested on the text of
    /// the first.
    pub(super) fn by_size(
        &self,
        groups: &[Group],
        seeds: &[(u32, u64)],
    ) -> Result<Vec<(f64, Runs)>, StudyError> {
        let mut sizes: Vec<(f64, Runs)> = Vec::new();
        let mut first: Option<(usize, Vec<Tested>)> = None;
        for group in groups {
            let mut counts: Vec<Vec<Counts>> = Vec::new();
            for seed in seeds {
                let tested = self.tested(&group[seed])?;
                let (one, expected) = first.get_or_insert_with(|| (group[seed][0], tested.clone()));
                if !are_on_the_same_text(expected, &tested) {
                    return Err(self.not_their_own([*one, group[seed][0]]));
                }
                counts.push(put_together(tested.iter().map(|t| (t, t.counts(&[])))));
            }
            let runs = seeds.iter().flat_map(|seed| &group[seed]);
            let sentences: Vec<f64> =
                runs.map(|at| self.records[at].train_sentences as f64).collect();
            let mean = sentences.iter().sum::<f64>() / sentences.len() as f64;
            sizes.push((
                mean,
                Runs::new(counts).expect("one seed or more, all on the same test text"),
            ));
        }
        Ok(sizes)
    }
}
