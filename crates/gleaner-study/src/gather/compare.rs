//! Comparisons of every experiment with the baseline of its target, and of recipes with each other.

use super::{
    Gathered,
    compared::Compared,
    correction::correct_experiments,
    experiment::{Against, Experiment},
    sides::{Sides, paired, runs_of, sides_of},
    tested::Tested,
};
use crate::{error::StudyError, task::Task};
use gleaner_metrics::{Bootstrap, Comparison, Runs};
use gleaner_report::study::{ComparisonRow, Measured, Subset};
use rayon::prelude::*;
use std::collections::BTreeSet;

impl Gathered<'_> {
    /// The comparisons in the plan's order, and notes on those that are impossible or incomplete.
    pub(super) fn comparisons(&self) -> Result<(Vec<Compared>, Vec<String>), StudyError> {
        let mut experiments: Vec<Experiment> = Vec::new();
        for record in self.records.values() {
            let Some(experiment) = Experiment::of(&record.task) else { continue };
            for against in self.against(&record.task) {
                let experiment = Experiment { against, ..experiment.clone() };
                if !experiments.contains(&experiment) {
                    experiments.push(experiment);
                }
            }
        }
        let results: Vec<Result<_, StudyError>> =
            experiments.par_iter().map(|e| self.compare(e)).collect();
        let (mut compared, mut notes) = (Vec::new(), Vec::new());
        for result in results {
            let (of_experiment, note) = result?;
            compared.extend(of_experiment);
            notes.extend(note);
        }
        correct_experiments(&mut compared);
        Ok((compared, notes))
    }

    /// What a run is compared with.
    fn against(&self, task: &Task) -> Vec<Against> {
        let mut all = vec![Against::Baseline];
        if let Task::Recipe { recipe, .. }
        | Task::Ensemble { recipe, .. }
        | Task::Distilled { recipe, .. } = task
        {
            let study = self.study.experiments.recipes.iter().find(|r| r.name == *recipe);
            all.extend(study.and_then(|r| r.against.clone()).map(Against::Recipe));
            if !matches!(task, Task::Recipe { .. }) {
                all.push(Against::Members(recipe.clone()));
            }
        }
        all
    }

    fn compare(
        &self,
        experiment: &Experiment,
    ) -> Result<(Vec<Compared>, Option<String>), StudyError> {
        let name = |what: &str| {
            let Experiment { setting, target, .. } = experiment;
            let name = [&experiment.title(), setting.as_str()].join(" ");
            format!("{target}, {}: {what}", name.trim_end())
        };
        let nothing = |what: &str| Ok((Vec::new(), Some(name(what))));
        let system = self.group(|task| {
            let repeat = if let Task::Pseudo { repeat, .. } = task { *repeat } else { 1 };
            experiment.has(task).then_some(repeat)
        });
        let baseline = match &experiment.against {
            Against::Baseline | Against::Recipe(_) => {
                self.group(|task| experiment.is_against(task).then_some(1))
            }
            Against::Members(_) => self.members(|task| experiment.is_against(task)),
        };
        let seeds = paired(&baseline, &system);
        if seeds.is_empty() {
            return nothing(
                "not compared: no seed has finished all folds and repetitions of both sides",
            );
        }
        let begun = self.seeds_begun(experiment);
        let left_out = begun.saturating_sub(seeds.len());
        let note = (left_out > 0).then(|| {
            name(&format!(
                "{left_out} of {begun} seeds are left out: some folds or repetitions of a side are not finished"
            ))
        });
        let [baseline, system] = sides_of(&baseline, &system, &seeds);
        let runs: Vec<usize> = system.concat();
        let dev = runs.iter().map(|at| self.dev_score(&self.records[at])).sum::<f64>();
        let dev = dev / runs.len() as f64;
        let load = |runs: Vec<&[usize]>| -> Result<Vec<Vec<Tested>>, StudyError> {
            runs.into_iter().map(|folds| self.tested(folds)).collect()
        };
        let Some(sides) = Sides::new([load(baseline)?, load(system)?]) else {
            return nothing("not compared: the two sides are tested on different sentences");
        };
        let bootstrap = self.plan.bootstrap();
        let compared = Subset::ALL.map(|subset| {
            let chosen = sides.of_subset(subset);
            let kind = experiment.title();
            let Experiment { setting, source, target, .. } = experiment.clone();
            // A target that labels its own text has no source language.
            let has_source = !experiment.is_pseudo() || !self.pool_is_the_targets();
            let source = if has_source { source } else { String::new() };
            let repeated = chosen[1].len();
            let entities = chosen[0][0].iter().map(|c| c.gold).sum();
            let different = chosen[0][0].len();
            let runs = runs_of(chosen);
            let row = ComparisonRow {
                kind,
                setting,
                source,
                target,
                subset,
                seeds: seeds.len(),
                runs: repeated,
                sentences: sides.sentences(subset),
                different,
                entities,
                dev,
                measured: runs.as_ref().map(|runs| measured(&[runs.each_ref()], &bootstrap)),
            };
            Compared { row, seeds: seeds.clone(), runs }
        });
        Ok((compared.into(), note))
    }

    /// The number of seeds with a finished run of an experiment, among those that are planned on both sides.
    fn seeds_begun(&self, experiment: &Experiment) -> usize {
        let planned = self.plan.runs.iter().filter(|run| experiment.is_against(&run.task));
        let planned: BTreeSet<u64> = planned.map(|run| run.seed).collect();
        let begun = self.records.values().filter(|record| experiment.has(&record.task));
        let begun: BTreeSet<u64> = begun.map(|record| record.seed).collect();
        begun.intersection(&planned).count()
    }
}

/// Scores of baseline and system, and their difference, in the mean over sets of sentences. p-values are
/// corrected later.
pub(super) fn measured(sets: &[[&Runs; 2]], bootstrap: &Bootstrap) -> Measured {
    let c = Comparison::of_means(sets, bootstrap).expect("both sides have the same sentences");
    Measured {
        baseline: c.baseline,
        baseline_deviation: c.baseline_deviation,
        system: c.system,
        system_deviation: c.system_deviation,
        gain: c.gain * 100.0,
        interval: (c.interval.low * 100.0, c.interval.high * 100.0),
        p_value: c.p_value,
        corrected: c.p_value,
        aso: c.aso,
    }
}

#[cfg(test)]
mod tests;
