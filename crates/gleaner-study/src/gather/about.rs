//! What was run and on what, and what a reader must know of it.

use super::{Gathered, added};
use crate::{
    Task,
    file::{PoolSource, Recipe, Sources, Start},
    results::RunRecord,
};
use gleaner::{Overrides, Precision, Protocol};
use gleaner_report::grouped;
use std::collections::{BTreeMap, BTreeSet};

impl Gathered<'_> {
    pub(super) fn facts(&self) -> Vec<(String, String)> {
        let study = self.study;
        let joined = |values: Vec<String>| values.join(", ");
        let distinct = |of: fn(&RunRecord) -> String| {
            let all: BTreeSet<String> = self.records.values().map(of).collect();
            joined(all.into_iter().collect())
        };
        let mut facts = vec![
            ("protocol".to_owned(), study.protocol.to_string()),
            ("encoder".to_owned(), study.encoder_name()),
            ("seeds".to_owned(), listed(&study.seeds)),
            (
                "pairs".to_owned(),
                joined(
                    study.pairs.iter().map(|p| format!("{} ← {}", p.target, p.source)).collect(),
                ),
            ),
            ("folds".to_owned(), study.folds.map_or("none".to_owned(), |n| n.to_string())),
            ("runs".to_owned(), format!("{} of {}", self.records.len(), self.plan.runs.len())),
            ("program".to_owned(), distinct(|r| r.program.clone())),
            ("threads of a run".to_owned(), distinct(|r| r.threads.to_string())),
        ];
        facts.extend(self.effort().map(|text| ("pieces trained on".to_owned(), text)));
        let e = &study.experiments;
        let pseudo = e.pseudo.as_ref().map(|p| &p.settings);
        for (name, settings) in [
            ("settings", Some(&study.settings)),
            ("settings of baselines", Some(&e.baseline)),
            ("settings of source models", Some(&e.source)),
            ("settings of fine-tuning", Some(&e.transfer.settings)),
            ("settings of joint training", Some(&e.joint.settings)),
            ("settings of pseudo-labelling", pseudo),
        ] {
            let given = settings.map(given).unwrap_or_default();
            if !given.is_empty() {
                facts.push((name.to_owned(), given));
            }
        }
        let pseudo = e.pseudo.as_ref().and_then(|p| p.seeds.0.as_ref());
        for (name, seeds) in [
            ("seeds of fine-tuning", e.transfer.seeds.0.as_ref()),
            ("seeds of zero-shot runs", e.zero_shot.seeds.0.as_ref()),
            ("seeds of joint training", e.joint.seeds.0.as_ref()),
            ("seeds of pseudo-labelling", pseudo),
            ("seeds of the learning curve", e.curve_seeds.0.as_ref()),
        ] {
            facts.extend(seeds.map(|seeds| (name.to_owned(), listed(seeds))));
        }
        for recipe in &e.recipes {
            facts.push((format!("recipe {}", recipe.name), described(recipe)));
        }
        let survey = &self.plan.survey;
        for (name, texts) in
            [("sentences", &survey.texts), ("sentences in the first fold", &survey.folded)]
        {
            for (code, text) in texts {
                let sizes = format!("{}/{}/{}", text.train, text.dev, text.test.unwrap_or(0));
                let types = text.types.join(", ");
                facts.push((format!("{name} of {code}"), format!("{sizes} ({types})")));
            }
        }
        facts
    }

    /// How much training the experiments took, in all and by kind, dearest first. Zero-shot runs train
    /// nothing; records of earlier programs do not count their pieces, and are told of.
    fn effort(&self) -> Option<String> {
        let mut by_kind: BTreeMap<String, u64> = BTreeMap::new();
        let mut uncounted = 0;
        for record in self.records.values() {
            let kind = match &record.task {
                Task::Baseline { .. } => "baseline".to_owned(),
                Task::Curve { .. } => "learning curve".to_owned(),
                Task::Source { .. } => "source models".to_owned(),
                Task::FineTune { .. } => "fine-tuning".to_owned(),
                Task::ZeroShot { .. } => continue,
                Task::Joint { .. } => "joint".to_owned(),
                Task::Pseudo { .. } => "pseudo-labelling".to_owned(),
                Task::Recipe { recipe, .. } => format!("recipe {recipe}"),
            };
            let pieces: u64 = record.history.iter().map(|epoch| epoch.pieces).sum();
            match pieces {
                0 => uncounted += 1,
                _ => *by_kind.entry(kind).or_default() += pieces,
            }
        }
        let all: u64 = by_kind.values().sum();
        let mut kinds: Vec<(String, u64)> = by_kind.into_iter().collect();
        kinds.sort_by_key(|(_, pieces)| std::cmp::Reverse(*pieces));
        let told = |pieces: u64| grouped(pieces as usize);
        let parts: Vec<String> = kinds.iter().map(|(k, n)| format!("{k} {}", told(*n))).collect();
        let but = match uncounted {
            0 => String::new(),
            n => format!(" (without {n} runs of an earlier program, which did not count)"),
        };
        (all > 0).then(|| format!("{}: {}{but}", told(all), parts.join(", ")))
    }

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

fn listed(seeds: &[u64]) -> String {
    seeds.iter().map(u64::to_string).collect::<Vec<String>>().join(", ")
}

/// Settings that differ from the protocol's, as they are written in files.
fn given(settings: &Overrides) -> String {
    let json = serde_json::to_value(settings).expect("settings are plain data");
    let keys = json.as_object().into_iter().flatten();
    let given = keys.filter(|(_, v)| !v.is_null()).map(|(k, v)| format!("{k} = {v}"));
    given.collect::<Vec<String>>().join(", ")
}

/// A recipe as its table in the file says it.
fn described(recipe: &Recipe) -> String {
    let start = match &recipe.start {
        Start::Encoder => "encoder",
        Start::Sources => "sources",
        Start::Joint => "joint",
        Start::Baseline => "baseline",
        Start::Recipe(other) => other,
    };
    let mut parts = vec![format!("start = {start}")];
    parts.extend(recipe.seeds.0.as_ref().map(|seeds| format!("seeds = [{}]", listed(seeds))));
    if recipe.sources.any() {
        let sources = match &recipe.sources {
            Sources::Pair => "pair".to_owned(),
            Sources::Languages(all) => all.join("+"),
        };
        parts.push(format!("sources = {sources}"));
        parts.push(format!("factor = {} (×{} sentences)", recipe.factor, recipe.rows));
    }
    if let Some(pool) = recipe.pool {
        let pool = match pool {
            PoolSource::Source => "source",
            PoolSource::Target => "target",
        };
        parts.push(format!("pool = {pool}"));
        parts.extend(recipe.pool_limit.map(|limit| format!("pool-limit = {limit}")));
    }
    parts.extend(recipe.against.as_ref().map(|other| format!("against = {other}")));
    for (name, settings) in
        [("settings", &recipe.settings), ("source-settings", &recipe.source_settings)]
    {
        let given = given(settings);
        if !given.is_empty() {
            parts.push(format!("{name}: {given}"));
        }
    }
    parts.join(", ")
}
