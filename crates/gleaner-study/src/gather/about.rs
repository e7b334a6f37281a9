//! Facts of a study: what was run, on what texts, with which settings.

use super::Gathered;
use crate::{
    results::RunRecord,
    study::{Members, PoolSource, Recipe, Sources, Start},
    task::Task,
};
use gleaner::Overrides;
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
            ("encoder".to_owned(), study.encoder.name()),
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
        for (code, language) in &study.languages {
            let options = language.options.given();
            if !options.is_empty() {
                let given: Vec<String> =
                    options.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                facts.push((format!("reading of {code}"), given.join(", ")));
            }
        }
        let pseudo = e.pseudo.as_ref().and_then(|p| p.seeds.0.as_ref());
        for (name, seeds) in [
            ("seeds of fine-tuning", e.transfer.seeds.0.as_ref()),
            ("seeds of zero-shot runs", e.zero_shot.seeds.0.as_ref()),
            ("seeds of joint training", e.joint.seeds.0.as_ref()),
            ("seeds of pseudo-labelling", pseudo),
            ("seeds of the learning curve", e.curve_seeds.0.as_ref()),
            ("seeds of simulated annotation", e.active.as_ref().and_then(|a| a.seeds.0.as_ref())),
        ] {
            facts.extend(seeds.map(|seeds| (name.to_owned(), listed(seeds))));
        }
        for recipe in &e.recipes {
            facts.push((format!("recipe {}", recipe.name), described(recipe)));
        }
        let stats = &self.plan.corpus_stats;
        for (name, texts) in
            [("sentences", &stats.texts), ("sentences in the first fold", &stats.folded)]
        {
            for (code, text) in texts {
                let sizes = format!("{}/{}/{}", text.train, text.dev, text.test.unwrap_or(0));
                let types = text.types.join(", ");
                facts.push((format!("{name} of {code}"), format!("{sizes} ({types})")));
            }
        }
        facts
    }

    /// How much training the experiments took, in sub-word pieces: in all and by kind, the largest first.
    /// Records of earlier versions have no number of pieces.
    fn effort(&self) -> Option<String> {
        let mut by_kind: BTreeMap<String, u64> = BTreeMap::new();
        let mut uncounted = 0;
        for record in self.records.values() {
            let kind = match &record.task {
                Task::Baseline { .. } => "baseline".to_owned(),
                Task::Curve { .. } => "learning curve".to_owned(),
                Task::Active { .. } => "simulated annotation".to_owned(),
                Task::Source { .. } => "source models".to_owned(),
                Task::FineTune { .. } => "fine-tuning".to_owned(),
                Task::ZeroShot { .. } | Task::Ensemble { .. } => continue,
                Task::Joint { .. } => "joint".to_owned(),
                Task::Pseudo { .. } => "pseudo-labelling".to_owned(),
                Task::Member { .. } => "members of ensembles".to_owned(),
                Task::Recipe { .. } | Task::Distilled { .. } => {
                    format!("recipe {}", record.task.recipe().unwrap_or_default())
                }
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
        let number = |pieces: u64| grouped(pieces as usize);
        let parts: Vec<String> = kinds.iter().map(|(k, n)| format!("{k} {}", number(*n))).collect();
        let but = match uncounted {
            0 => String::new(),
            n => format!(" (without {n} runs of earlier versions, which did not count pieces)"),
        };
        (all > 0).then(|| format!("{}: {}{but}", number(all), parts.join(", ")))
    }
}

fn listed(seeds: &[u64]) -> String {
    seeds.iter().map(u64::to_string).collect::<Vec<String>>().join(", ")
}

/// Settings that a study file sets, as written in files.
fn given(settings: &Overrides) -> String {
    let json = serde_json::to_value(settings).expect("settings are plain data");
    let keys = json.as_object().into_iter().flatten();
    let given = keys.filter(|(_, v)| !v.is_null()).map(|(k, v)| format!("{k} = {v}"));
    given.collect::<Vec<String>>().join(", ")
}

/// A recipe as its table in the study file.
fn described(recipe: &Recipe) -> String {
    let start = match &recipe.start {
        Start::Encoder => "encoder",
        Start::Sources => "sources",
        Start::Joint => "joint",
        Start::Baseline => "baseline",
        Start::Recipe(other) => other,
    };
    let mut parts = vec![format!("start = {start}")];
    parts.extend(recipe.encoder.as_ref().map(|encoder| format!("encoder = {}", encoder.name())));
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
    parts.extend(recipe.members.as_ref().map(|members| match members {
        Members::Seeds(seeds) => format!("members = {seeds}"),
        Members::Recipes(names) => format!("members = {}", names.join("+")),
    }));
    parts.extend(recipe.distil.then(|| "distil = true".to_owned()));
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
