//! What a reader must know of the numbers.

use super::{Gathered, added};
use crate::{Task, results::RunRecord};
use gleaner::{Precision, Protocol};
use std::collections::{BTreeMap, BTreeSet};

impl Gathered<'_> {
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "The published score is the micro F1 over pieces, O and special pieces included, averaged over batches: \
             token accuracy by another name. Entity F1 is that of whole entities (seqeval's default mode) of the \
             same predictions; with few test sentences its interval is wide.".to_owned(),
        ];
        if self.study.protocol == Protocol::Published {
            let bf16 = |run: &crate::Run| run.settings.precision == Precision::Bf16;
            let arithmetic = match self.plan.runs.iter().filter(|run| bf16(run)).count() {
                0 => "arithmetic is in single precision throughout",
                n if n == self.plan.runs.len() => {
                    "the encoder's products have factors of bf16, all else is in single precision"
                }
                _ => {
                    "in some runs the encoder's products have factors of bf16, all else is in single precision"
                }
            };
            notes.push(format!(
                "As published, but: the LSTM reads each sentence's own length, not the padding; {arithmetic}; entropy \
                 is averaged over a sentence's own pieces, not over padding, so that thresholds are not equivalent; \
                 pseudo-labels are aligned with words."
            ));
        }
        if let Some(folds) = self.study.folds {
            notes.push(format!(
                "Cross-validation in {folds} folds: each sentence of a target is tested once a seed, by a run that \
                 was not trained on it. Tables of runs have a line a fold; comparisons put the folds of a seed \
                 together."
            ));
            if self.study.protocol == Protocol::Published {
                notes.push("Leaks are kept under this protocol: source models may have seen sentences of targets."
                    .to_owned());
            }
        }
        for target in self.study.targets() {
            let all = self.plan.survey.as_target(target).train;
            let sizes = self.study.experiments.sizes.iter().filter(|size| **size >= all);
            let left_out: Vec<String> = sizes.map(usize::to_string).collect();
            if !left_out.is_empty() {
                notes.push(format!(
                    "{target}: sizes {} of the learning curve are left out, since the training part has {all} \
                     sentences.",
                    left_out.join(", ")
                ));
            }
        }
        let missing = self.plan.runs.len() - self.records.len();
        if missing > 0 {
            notes.push(format!(
                "{missing} of {} runs are not finished and are left out.",
                self.plan.runs.len()
            ));
        }
        let lacks_baseline = |(at, record): &(&usize, &RunRecord)| {
            !matches!(record.task, Task::Source { .. }) && self.baseline(**at).is_none()
        };
        let unmatched: Vec<&str> =
            self.records.iter().filter(lacks_baseline).map(|(_, r)| r.name.as_str()).collect();
        if let Some(first) = unmatched.first() {
            notes.push(format!(
                "Finished runs whose baseline is not: {}, the first {first}; they are in no table of runs, and in no \
                 comparison with the baseline.",
                unmatched.len()
            ));
        }
        notes.extend(self.source_factors());
        notes.extend(self.nothing_added());
        notes.extend(self.of_runs());
        notes
    }

    /// The runs' own notes: of baselines and source models each, of the others one of a kind. What pools there are,
    /// the recipes' lines say.
    fn of_runs(&self) -> Vec<String> {
        let mut texts: BTreeSet<String> = BTreeSet::new();
        let mut kinds: BTreeMap<String, (String, usize)> = BTreeMap::new();
        for record in self.records.values() {
            let is_of_text = matches!(record.task, Task::Baseline { .. } | Task::Source { .. });
            let notes = record.notes.iter().filter(|note| !note.starts_with("a pool of "));
            for note in notes {
                let told = format!("{}: {note}", record.task.what());
                match is_of_text {
                    true => {
                        texts.insert(told + ".");
                    }
                    false => {
                        let kind = note.replace(|c: char| c.is_ascii_digit(), "");
                        kinds.entry(kind).or_insert((told, 0)).1 += 1;
                    }
                }
            }
        }
        let of_kind = |(told, runs)| match runs {
            1 => format!("{told}."),
            _ => format!("{told}; so, or with other numbers, in {runs} runs."),
        };
        texts.into_iter().chain(kinds.into_values().map(of_kind)).collect()
    }

    /// Factors of a source that ask for more than its text has: their source models are all the same.
    fn source_factors(&self) -> Vec<String> {
        let mut alike: BTreeMap<(&str, usize), BTreeSet<u32>> = BTreeMap::new();
        for record in self.records.values() {
            if let Task::Source { languages, factor } = &record.task
                && let [language] = &languages[..]
            {
                alike.entry((language, record.train_sentences)).or_default().insert(*factor);
            }
        }
        let told = alike.into_iter().filter(|(_, factors)| factors.len() > 1);
        told.map(|((language, sentences), factors)| {
            let factors: Vec<String> = factors.iter().map(|factor| format!("×{factor}")).collect();
            let factors = factors.join(", ");
            format!(
                "{language}: its models of {factors} are trained on the same {sentences} sentences."
            )
        })
        .collect()
    }

    /// Self-training that took nothing of its pool: it trained longer, and that is all.
    fn nothing_added(&self) -> Vec<String> {
        let mut kinds: BTreeMap<String, [usize; 2]> = BTreeMap::new();
        for (&at, record) in &self.records {
            if self.plan.runs[at].settings.pool.is_empty() {
                continue;
            }
            let kind = match &record.task {
                Task::Pseudo { source, target, .. } => format!("pseudo/{target}-{source}"),
                task => task.what(),
            };
            let [none, all] = kinds.entry(kind).or_default();
            *none += usize::from(added(record) == 0);
            *all += 1;
        }
        let told = kinds.into_iter().filter(|(_, [none, _])| *none > 0);
        told.map(|(kind, [none, all])| {
            format!("{kind}: {none} of {all} runs added nothing of their pool.")
        })
        .collect()
    }
}
