//! Simulated annotation: learning curves by the order in which sentences are annotated.

use super::{Gathered, tested::Group};
use crate::{error::StudyError, study::Active, task::Task};
use gleaner::active::Order;
use gleaner_metrics::{Reach, Runs, mean_intervals};
use gleaner_report::study::{AnnotationPoint, AnnotationRow};

/// Why the statistics of curves cannot fail.
const SAME_TEXT: &str = "all sizes are tested on the text of the first, which all orders share";

/// The runs of an order by number of sentences.
struct Curve {
    order: Order,
    groups: Vec<Group>,
}

impl Gathered<'_> {
    /// The learning curves of all targets and orders. Orders are compared on the seeds that have all sizes and folds of
    /// every order.
    pub(super) fn annotation(&self) -> Result<Vec<AnnotationRow>, StudyError> {
        let Some(active) = &self.study.experiments.active else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        for target in self.study.targets() {
            let curve = |&order: &Order| self.curve_of(active, target, order);
            let curves: Vec<Curve> = active.orders.iter().map(curve).collect();
            let groups = || curves.iter().flat_map(|curve| &curve.groups);
            let Some(first) = groups().next() else { continue };
            let is_common = |key: &&(u32, u64)| groups().all(|group| group.contains_key(*key));
            let seeds: Vec<(u32, u64)> = first.keys().filter(is_common).copied().collect();
            if seeds.is_empty() {
                continue;
            }
            let sizes: Vec<Vec<(f64, Runs)>> = curves
                .iter()
                .map(|curve| self.by_size(&curve.groups, &seeds))
                .collect::<Result<_, _>>()?;
            // Random order is the first.
            for (curve, own) in curves.iter().zip(&sizes) {
                rows.push(AnnotationRow {
                    language: target.to_owned(),
                    order: curve.order.to_string(),
                    points: self.points(curve, own, &seeds)?,
                    reach: Reach::of(own, &sizes[0], &self.plan.bootstrap()).expect(SAME_TEXT),
                });
            }
        }
        Ok(rows)
    }

    /// The runs of an order. Its first are those of random order. If it goes up to all sentences, its last are the
    /// baselines.
    fn curve_of(&self, active: &Active, target: &str, order: Order) -> Curve {
        let all = self.plan.corpus_stats.as_target(target).train;
        let (below, beyond): (Vec<usize>, Vec<usize>) =
            active.sizes.iter().copied().partition(|size| *size < all);
        let mut groups = Vec::new();
        for (step, wanted) in below.into_iter().enumerate() {
            let expected = if step == 0 { Order::Random } else { order };
            groups.push(self.group(|task| {
                let is = matches!(task, Task::Active { language, order, size }
                    if language == target && *order == expected && *size == wanted);
                is.then_some(1)
            }));
        }
        if !groups.is_empty() && !beyond.is_empty() {
            groups.push(self.group(|task| {
                matches!(task, Task::Baseline { language } if language == target).then_some(1)
            }));
        }
        Curve { order, groups }
    }

    fn points(
        &self,
        curve: &Curve,
        sizes: &[(f64, Runs)],
        seeds: &[(u32, u64)],
    ) -> Result<Vec<AnnotationPoint>, StudyError> {
        let intervals = mean_intervals(sizes, &self.plan.bootstrap()).expect(SAME_TEXT);
        let mut points = Vec::new();
        for ((group, (sentences, runs)), interval) in curve.groups.iter().zip(sizes).zip(intervals)
        {
            points.push(AnnotationPoint {
                sentences: *sentences,
                words: self.words(seeds.iter().flat_map(|seed| &group[seed]).copied())?,
                entity: runs.f1s(),
                interval: (interval.low, interval.high),
            });
        }
        Ok(points)
    }

    /// The mean number of words that runs are trained on; `None` for baselines, which do not record it.
    fn words(&self, runs: impl Iterator<Item = usize>) -> Result<Option<f64>, StudyError> {
        let (mut sum, mut count) = (0, 0u32);
        for at in runs {
            let run = &self.plan.runs[at];
            if matches!(run.task, Task::Baseline { .. }) {
                return Ok(None);
            }
            sum += self.results.run(&run.id).annotated()?.words;
            count += 1;
        }
        Ok((count > 0).then(|| sum as f64 / f64::from(count)))
    }
}
