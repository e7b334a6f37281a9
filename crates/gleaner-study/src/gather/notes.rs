//! Notes: what a reader must know about the numbers.

use super::{Gathered, added};
use crate::{
    plan::Run,
    results::{ANNOTATION_NOTE, RunRecord},
    task::Task,
};
use gleaner::{POOL_NOTE, Precision, Protocol};
use std::collections::{BTreeMap, BTreeSet};

impl Gathered<'_> {
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "The published score is the micro F1 over sub-word pieces, with O and special pieces, averaged over \
             batches. It equals token accuracy. Entity F1 is the F1 of whole entities (seqeval's default mode) of \
             the same predictions. With few test sentences, its interval is wide."
                .to_owned(),
        ];
        if self.study.protocol == Protocol::Published {
            let bf16 = |run: &Run| run.settings.network.precision == Precision::Bf16;
            let arithmetic = match self.plan.runs.iter().filter(|run| bf16(run)).count() {
                0 => "all arithmetic is in single precision",
                n if n == self.plan.runs.len() => {
                    "the encoder's matrix products have bf16 factors and all other arithmetic is in single precision"
                }
                _ => {
                    "in some runs the encoder's matrix products have bf16 factors, and all other arithmetic is in single precision"
                }
            };
            notes.push(format!(
                "Differences from the published program: the LSTM does not read padding; {arithmetic}; entropy is \
                 averaged over a sentence's own pieces and not over padding, so entropy thresholds are not \
                 comparable; pseudo-labels are aligned with words."
            ));
        }
        if let Some(folds) = self.study.folds {
            notes.push(format!(
                "Cross-validation with {folds} folds: for each seed, every sentence of a target is tested once, by \
                 a run that was not trained on it. Tables of runs have one line for each fold. Comparisons put the \
                 folds of a seed together."
            ));
            if self.study.protocol == Protocol::Published {
                let note = "This protocol does not drop leaks: source models may be trained on test sentences of \
                            targets.";
                notes.push(note.to_owned());
            }
        }
        for target in self.study.targets() {
            let all = self.plan.corpus_stats.as_target(target).train;
            let e = &self.study.experiments;
            let of_active = e.active.as_ref().map_or(&[][..], |active| &active.sizes[..]);
            for (sizes, of) in
                [(&e.sizes[..], "the learning curve"), (of_active, "simulated annotation")]
            {
                let sizes = sizes.iter().filter(|size| **size >= all);
                let left_out: Vec<String> = sizes.map(usize::to_string).collect();
                if !left_out.is_empty() {
                    notes.push(format!(
                        "{target}: sizes {} of {of} are skipped: the training part has {all} sentences.",
                        left_out.join(", ")
                    ));
                }
            }
        }
        let missing = self.plan.runs.len() - self.records.len();
        if missing > 0 {
            notes.push(format!(
                "{missing} of {} runs are not finished and not in the tables.",
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
                "Finished runs without a finished baseline: {}, the first {first}. They are not in the tables of runs \
                 and not compared with the baseline.",
                unmatched.len()
            ));
        }
        notes.extend(self.source_factors());
        notes.extend(self.nothing_added());
        notes.extend(self.of_runs());
        notes
    }

    /// The runs' own notes: all of baselines and source models, and one of each kind of the others. Notes on
    /// pool sizes and on numbers of annotated sentences are dropped, since other parts of the report have them.
    fn of_runs(&self) -> Vec<String> {
        let mut texts: BTreeSet<String> = BTreeSet::new();
        let mut kinds: BTreeMap<String, (String, usize)> = BTreeMap::new();
        for record in self.records.values() {
            let is_of_text = matches!(record.task, Task::Baseline { .. } | Task::Source { .. });
            let is_known =
                |note: &&String| note.starts_with(POOL_NOTE) || note.starts_with(ANNOTATION_NOTE);
            for note in record.notes.iter().filter(|note| !is_known(note)) {
                let text = format!("{}: {note}", record.task.what());
                match is_of_text {
                    true => {
                        texts.insert(text + ".");
                    }
                    false => {
                        let kind = note.replace(|c: char| c.is_ascii_digit(), "");
                        kinds.entry(kind).or_insert((text, 0)).1 += 1;
                    }
                }
            }
        }
        let of_kind = |(text, runs)| match runs {
            1 => format!("{text}."),
            _ => format!("{text} (similar notes in {runs} runs)."),
        };
        texts.into_iter().chain(kinds.into_values().map(of_kind)).collect()
    }

    /// Factors that exceed a source's text: their source models are trained on the same sentences.
    fn source_factors(&self) -> Vec<String> {
        let mut alike: BTreeMap<(&str, usize), BTreeSet<u32>> = BTreeMap::new();
        for record in self.records.values() {
            if let Task::Source { languages, factor } = &record.task
                && let [language] = &languages[..]
            {
                alike.entry((language, record.train_sentences)).or_default().insert(*factor);
            }
        }
        let same = alike.into_iter().filter(|(_, factors)| factors.len() > 1);
        same.map(|((language, sentences), factors)| {
            let factors: Vec<String> = factors.iter().map(|factor| format!("×{factor}")).collect();
            let factors = factors.join(", ");
            format!(
                "{language}: the source models {factors} are trained on the same {sentences} sentences."
            )
        })
        .collect()
    }

    /// Pseudo-labelling that added no sentence: these runs only trained longer.
    fn nothing_added(&self) -> Vec<String> {
        let mut kinds: BTreeMap<String, [usize; 2]> = BTreeMap::new();
        for (&at, record) in &self.records {
            let run = &self.plan.runs[at];
            // What a teacher adds from the pool is not part of the history.
            if run.settings.self_training.pool.is_empty() || run.teacher.is_some() {
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
        let idle = kinds.into_iter().filter(|(_, [none, _])| *none > 0);
        idle.map(|(kind, [none, all])| {
            format!("{kind}: {none} of {all} runs added no pseudo-labelled sentence.")
        })
        .collect()
    }
}
