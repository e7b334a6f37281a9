//! Every experiment against the baseline of its target, and recipes against one another.

use super::{
    Gathered,
    correction::correct_languages,
    tested::{Group, Tested, are_on_the_same_text, put_together},
};
use crate::{StudyError, Task};
use gleaner_metrics::{Bootstrap, Comparison, Counts, Runs};
use gleaner_report::study::{ComparisonRow, Measured, Subset, TransferKind};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The kind of the experiment `pseudo`.
const PSEUDO: &str = "pseudo-labelling";

/// What is compared, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Experiment {
    kind: String,
    setting: String,
    source: String,
    target: String,
    /// The recipe that it is compared with; the baseline where there is none.
    against: Option<String>,
}

impl Experiment {
    /// The experiment of a run against the baseline, if it is one to compare.
    fn of(task: &Task) -> Option<Self> {
        let of = |kind: String, setting: String, source: &str, target: &String| Self {
            kind,
            setting,
            source: source.to_owned(),
            target: target.clone(),
            against: None,
        };
        let transfer = |kind: TransferKind, factor: &u32, source: &String, target: &String| {
            of(format!("transfer, {}", kind.name()), format!("×{factor}"), source, target)
        };
        Some(match task {
            Task::Baseline { .. } | Task::Curve { .. } | Task::Source { .. } => return None,
            Task::FineTune { source, target, factor } => {
                transfer(TransferKind::FineTuned, factor, source, target)
            }
            Task::ZeroShot { source, target, factor } => {
                transfer(TransferKind::ZeroShot, factor, source, target)
            }
            Task::Joint { source, target, factor } => {
                transfer(TransferKind::Joint, factor, source, target)
            }
            Task::Pseudo { source, target, quantile, .. } => {
                of(PSEUDO.into(), format!("quantile {quantile}"), source, target)
            }
            Task::Recipe { recipe, target, .. } => {
                of(format!("recipe {recipe}"), String::new(), "", target)
            }
        })
    }

    /// Whether a run is one of its runs.
    fn has(&self, task: &Task) -> bool {
        Self::of(task).is_some_and(|of| Self { against: self.against.clone(), ..of } == *self)
    }

    /// Whether a run is one that its runs are compared with.
    fn is_against(&self, task: &Task) -> bool {
        match (task, &self.against) {
            (Task::Baseline { language }, None) => *language == self.target,
            (Task::Recipe { recipe, target, .. }, Some(other)) => {
                recipe == other && *target == self.target
            }
            _ => false,
        }
    }

    /// Its kind, with what it is compared with where that is no baseline.
    fn kind(&self) -> String {
        let against = self.against.as_ref().map(|other| format!(" against {other}"));
        self.kind.clone() + &against.unwrap_or_default()
    }
}

/// A comparison of a language on a subset, and what it was made of: baseline and system, nothing where there
/// was no entity to measure on.
pub(super) struct Compared {
    pub(super) row: ComparisonRow,
    /// The seeds of both sides, ascending.
    pub(super) seeds: Vec<u64>,
    pub(super) runs: Option<[Runs; 2]>,
}

/// Test sentences under every run of two sides, the baseline first.
struct Sides {
    sides: [Vec<Vec<Tested>>; 2],
    /// For each sentence, whether a run has seen it.
    seen: Vec<bool>,
    /// For each sentence, the spans that a run knows, ascending.
    known: Vec<Vec<(usize, usize)>>,
}

impl Gathered<'_> {
    /// The comparisons, in the plan's order, and what is to be said of those that cannot be made.
    pub(super) fn comparisons(&self) -> Result<(Vec<Compared>, Vec<String>), StudyError> {
        let mut experiments: Vec<Experiment> = Vec::new();
        for record in self.records.values() {
            let against_baseline = Experiment::of(&record.task);
            let against_recipe = self.against(&record.task).and_then(|other| {
                Some(Experiment { against: Some(other), ..against_baseline.clone()? })
            });
            for experiment in against_baseline.into_iter().chain(against_recipe) {
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
        correct_languages(&mut compared);
        Ok((compared, notes))
    }

    /// The recipe that the study compares a recipe's run with.
    fn against(&self, task: &Task) -> Option<String> {
        let Task::Recipe { recipe, .. } = task else { return None };
        self.study.experiments.recipes.iter().find(|r| r.name == *recipe)?.against.clone()
    }

    fn compare(
        &self,
        experiment: &Experiment,
    ) -> Result<(Vec<Compared>, Option<String>), StudyError> {
        let name = |what: &str| {
            let Experiment { setting, target, .. } = experiment;
            let name = [&experiment.kind(), setting.as_str()].join(" ");
            format!("{target}, {}: {what}", name.trim_end())
        };
        let nothing = |what: &str| Ok((Vec::new(), Some(name(what))));
        let system = self.group(|task| {
            let repeat = if let Task::Pseudo { repeat, .. } = task { *repeat } else { 1 };
            experiment.has(task).then_some(repeat)
        });
        let baseline = self.group(|task| experiment.is_against(task).then_some(1));
        let seeds = paired(&baseline, &system);
        if seeds.is_empty() {
            return nothing(
                "no seed is finished with all its folds and repetitions, and what it is compared with",
            );
        }
        // Of what is planned on both sides: a side may have seeds that the other never will.
        let planned = self.plan.runs.iter().filter(|run| experiment.is_against(&run.task));
        let planned: BTreeSet<u64> = planned.map(|run| run.seed).collect();
        let begun = self.records.values().filter(|record| experiment.has(&record.task));
        let begun: BTreeSet<u64> = begun.map(|record| record.seed).collect();
        let begun: BTreeSet<u64> = begun.intersection(&planned).copied().collect();
        let left_out = begun.len() - seeds.len();
        let note = (left_out > 0).then(|| {
            name(&format!("{left_out} of {} seeds are left out: not all of their folds and repetitions, or of what they are compared with, are finished", begun.len()))
        });
        let [baseline, system] = sides_of(&baseline, &system, &seeds);
        let runs: Vec<usize> = system.concat();
        let dev = runs.iter().map(|at| self.dev_score(&self.records[at])).sum::<f64>();
        let dev = dev / runs.len() as f64;
        let load = |runs: Vec<&[usize]>| -> Result<Vec<Vec<Tested>>, StudyError> {
            runs.into_iter().map(|folds| self.tested(folds)).collect()
        };
        let Some(sides) = Sides::new([load(baseline)?, load(system)?]) else {
            return nothing("the two sides are tested on different sentences and not compared");
        };
        let bootstrap = self.plan.bootstrap();
        let compared = Subset::ALL.map(|subset| {
            let chosen = sides.of_subset(subset);
            let kind = experiment.kind();
            let Experiment { setting, source, target, .. } = experiment.clone();
            // A target that labels its own text learns from no other language.
            let is_taught = experiment.kind != PSEUDO || !self.pool_is_the_targets();
            let source = if is_taught { source } else { String::new() };
            let repeated = chosen[1].len();
            let (sentences, different) = (sides.sentences(subset), chosen[0][0].len());
            let entities = chosen[0][0].iter().map(|c| c.gold).sum();
            let runs = runs_of(chosen);
            let measured = runs.as_ref().map(|runs| measured(&[runs.each_ref()], &bootstrap));
            let row = ComparisonRow {
                kind,
                setting,
                source,
                target,
                subset,
                seeds: seeds.len(),
                runs: repeated,
                sentences,
                different,
                entities,
                dev,
                measured,
            };
            Compared { row, seeds: seeds.clone(), runs }
        });
        Ok((compared.into(), note))
    }
}

/// The repetitions of an experiment.
fn repeats(system: &Group) -> BTreeSet<u32> {
    system.keys().map(|(repeat, _)| *repeat).collect()
}

/// The seeds that both sides have, the system with all repetitions.
fn paired(baseline: &Group, system: &Group) -> Vec<u64> {
    let repeats = repeats(system);
    let both = |seed: &u64| repeats.iter().all(|repeat| system.contains_key(&(*repeat, *seed)));
    let seeds = baseline.keys().map(|(_, seed)| *seed).filter(both);
    if repeats.is_empty() { Vec::new() } else { seeds.collect() }
}

/// The folds of some seeds that both sides have: of the baseline once, of the system for each
/// repetition, so that the seeds of a repetition stand beside the baseline's.
fn sides_of<'a>(baseline: &'a Group, system: &'a Group, seeds: &[u64]) -> [Vec<&'a [usize]>; 2] {
    let of = |group: &'a Group, repeat: u32| {
        seeds.iter().map(move |seed| group[&(repeat, *seed)].as_slice()).collect::<Vec<_>>()
    };
    let system_runs = repeats(system).into_iter().flat_map(|repeat| of(system, repeat));
    [of(baseline, 1), system_runs.collect()]
}

impl Sides {
    /// Nothing where the runs were tested on different sentences.
    fn new(sides: [Vec<Vec<Tested>>; 2]) -> Option<Self> {
        let first = &sides[0][0];
        let runs = || sides.iter().flatten();
        if !runs().all(|run| are_on_the_same_text(first, run)) {
            return None;
        }
        let seen = (0..first.len()).map(|at| runs().any(|run| run[at].seen)).collect();
        let known = (0..first.len()).map(|at| {
            let mut known: Vec<_> = runs().flat_map(|run| run[at].known.iter().copied()).collect();
            known.sort_unstable();
            known.dedup();
            known
        });
        let known = known.collect();
        Some(Self { sides, seen, known })
    }

    /// `[runs][different sentences]` of both sides, equal sentences together.
    fn of_subset(&self, subset: Subset) -> [Vec<Vec<Counts>>; 2] {
        let run = |run: &Vec<Tested>| {
            let counts = run.iter().enumerate().filter_map(|(at, tested)| {
                self.counts(subset, at, tested).map(|counts| (tested, counts))
            });
            put_together(counts)
        };
        [0, 1].map(|side| self.sides[side].iter().map(run).collect())
    }

    /// What counts of the sentence at a place; nothing where it is not of the subset.
    fn counts(&self, subset: Subset, at: usize, tested: &Tested) -> Option<Counts> {
        match subset {
            Subset::LeakFree if self.seen[at] => None,
            Subset::All | Subset::LeakFree => Some(tested.counts(&[])),
            Subset::Unseen => Some(tested.counts(&self.known[at])),
        }
    }

    /// How many sentences a subset has.
    fn sentences(&self, subset: Subset) -> usize {
        let is_left_out = |seen: &&bool| subset == Subset::LeakFree && **seen;
        self.seen.iter().filter(|seen| !is_left_out(seen)).count()
    }
}

/// Baseline and system of counts `[runs][sentences]`; nothing where there is no entity, gold or predicted.
fn runs_of(counts: [Vec<Vec<Counts>>; 2]) -> Option<[Runs; 2]> {
    let any = counts.iter().flatten().flatten().any(|c| c.gold + c.predicted > 0);
    any.then(|| counts.map(|side| Runs::new(side).expect("as many sentences each")))
}

/// What baseline and system come to in the mean of sets of sentences; Holm's correction is made later.
pub(super) fn measured(sets: &[[&Runs; 2]], bootstrap: &Bootstrap) -> Measured {
    let c = Comparison::of_means(sets, bootstrap).expect("the same sentences on both sides");
    Measured {
        baseline: c.baseline,
        baseline_deviation: c.baseline_deviation,
        system: c.system,
        system_deviation: c.system_deviation,
        gain: c.gain * 100.0,
        interval: (c.interval.low * 100.0, c.interval.high * 100.0),
        p_value: c.p_value,
        corrected: c.p_value,
        order: c.order,
    }
}

#[cfg(test)]
mod tests;
