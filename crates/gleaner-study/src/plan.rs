//! The runs of a study: what each does, what it needs, and an id that all of this decides.

mod estimate;
mod names;
mod recipe;
mod survey;

pub use estimate::Estimate;
pub(crate) use recipe::Recipe;

use crate::{
    Hub, Study, StudyError,
    facts::Facts,
    file::{Pair, PoolSource},
    results::Results,
    source::{DataSource, EncoderSource},
};
use gleaner::{Overrides, Settings};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};
use survey::Survey;

#[cfg(test)]
mod tests;

/// What a run does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "experiment")]
pub enum Task {
    /// Trains on the target language alone.
    Baseline {
        /// The language.
        language: String,
    },
    /// Trains a model that others start from.
    Source {
        /// The language.
        language: String,
        /// How many times the rows of a factor.
        factor: u32,
    },
    /// Goes on from a source model on the target language.
    FineTune {
        /// The language of the source model.
        source: String,
        /// The language that is learnt.
        target: String,
        /// Of the source model.
        factor: u32,
    },
    /// Scores a source model on the target language.
    ZeroShot {
        /// The language of the source model.
        source: String,
        /// The language that is scored.
        target: String,
        /// Of the source model.
        factor: u32,
    },
    /// Trains on source and target together.
    Joint {
        /// The language that is added.
        source: String,
        /// The language that is scored.
        target: String,
        /// How many times the rows of a factor are added.
        factor: u32,
    },
    /// Goes on from the baseline with a pool that the tagger labels itself.
    Pseudo {
        /// The language of the pool, or of the pair it is compared with.
        source: String,
        /// The language that is learnt.
        target: String,
        /// Sentences must be surer than this quantile of the pool.
        quantile: f64,
        /// Number of the repetition, from 1.
        repeat: u32,
    },
}

/// A training, or a scoring, with all that it needs.
#[derive(Clone, Debug)]
pub struct Run {
    /// Decided by everything that decides its results: 16 hexadecimal digits.
    pub id: String,
    /// For people, such as `transfer/fo-da/x3/seed42`.
    pub name: String,
    /// What it does.
    pub task: Task,
    /// The seed of the experiment.
    pub seed: u64,
    /// The training's effective settings.
    pub settings: Settings,
    /// The run, by position in the plan, whose model this one starts from.
    pub needs: Option<usize>,
    pub(crate) recipe: Recipe,
}

/// All runs of a study; what a run needs stands before it.
pub struct Plan {
    /// The runs.
    pub runs: Vec<Run>,
    /// For each run, those that start from its model.
    pub(crate) needed_by: Vec<Vec<usize>>,
    pub(crate) survey: Survey,
    pub(crate) encoder: PathBuf,
}

impl Plan {
    /// Plans a study whose results go to, and may already lie in, `results`. Texts are read and
    /// checked unless an earlier start has done so.
    ///
    /// # Errors
    /// Data or the encoder cannot be had or are malformed, or settings do not fit.
    pub fn new(study: &Study, results: &Results, hub: &dyn Hub) -> Result<Self, StudyError> {
        let mut facts = Facts::load(results.path());
        let planner = Planner::new(study, results, hub, &mut facts)?;
        let plan = planner.plan()?;
        facts.save(results.path())?;
        Ok(plan)
    }

    /// The positions of the runs whose names hold `pattern`; a pattern with `*` must fit the whole
    /// name. All where there is no pattern.
    ///
    /// # Errors
    /// No name fits.
    pub fn select(&self, pattern: Option<&str>) -> Result<Vec<usize>, StudyError> {
        let fits = |run: &&Run| pattern.is_none_or(|p| names::fits(p, &run.name));
        let all = self.runs.iter().enumerate().filter(|(_, run)| fits(run)).map(|(at, _)| at);
        let all: Vec<usize> = all.collect();
        match (all.is_empty(), pattern) {
            (true, Some(pattern)) => {
                Err(StudyError::Gleaner(gleaner::GleanerError::Settings(format!(
                    "--only {pattern}: no run has such a name; `gleaner study plan` lists them"
                ))))
            }
            _ => Ok(all),
        }
    }

    /// The position of the baseline that a run is compared with.
    pub(crate) fn baseline_of(&self, run: &Run) -> Option<usize> {
        let target = run.task.target();
        self.runs.iter().position(|r| {
            r.seed == run.seed
                && matches!(&r.task, Task::Baseline { language } if language == target)
        })
    }
}

impl Task {
    /// The language that the run is scored on.
    pub fn target(&self) -> &str {
        match self {
            Self::Baseline { language } | Self::Source { language, .. } => language,
            Self::FineTune { target, .. }
            | Self::ZeroShot { target, .. }
            | Self::Joint { target, .. }
            | Self::Pseudo { target, .. } => target,
        }
    }

    /// Whether the run trains something, or only scores.
    pub(crate) fn trains(&self) -> bool {
        !matches!(self, Self::ZeroShot { .. })
    }

    fn name(&self, seed: u64) -> String {
        match self {
            Self::Baseline { language } => format!("baseline/{language}/seed{seed}"),
            Self::Source { language, factor } => format!("source/{language}/x{factor}/seed{seed}"),
            Self::FineTune { source, target, factor } => {
                format!("transfer/{target}-{source}/x{factor}/seed{seed}")
            }
            Self::ZeroShot { source, target, factor } => {
                format!("zero-shot/{target}-{source}/x{factor}/seed{seed}")
            }
            Self::Joint { source, target, factor } => {
                format!("joint/{target}-{source}/x{factor}/seed{seed}")
            }
            Self::Pseudo { source, target, quantile, repeat } => {
                format!("pseudo/{target}-{source}/q{quantile}/r{repeat}/seed{seed}")
            }
        }
    }
}

/// A language's texts, found.
struct Found {
    data: DataSource,
    print: String,
    unlabelled: String,
}

struct Planner<'a> {
    study: &'a Study,
    results: &'a Results,
    encoder: PathBuf,
    encoder_print: String,
    found: BTreeMap<String, Found>,
    survey: Survey,
    runs: Vec<Run>,
    /// Positions of the runs whose models others start from.
    baselines: BTreeMap<(String, u64), usize>,
    sources: BTreeMap<(String, u32, u64), usize>,
}

impl<'a> Planner<'a> {
    fn new(
        study: &'a Study,
        results: &'a Results,
        hub: &dyn Hub,
        facts: &mut Facts,
    ) -> Result<Self, StudyError> {
        let missing = |line: usize, what: String| StudyError::File {
            path: study.path.clone(),
            line,
            what,
            fix: "see `gleaner study --help`".into(),
        };
        let encoder = match &study.encoder {
            EncoderSource::Folder(folder) => folder.clone(),
            EncoderSource::Hub(id) => hub.encoder(id).map_err(|what| missing(1, what))?,
        };
        let encoder_print = facts.encoder(&encoder)?;
        let mut found = BTreeMap::new();
        for (code, language) in &study.languages {
            let data = match &language.data {
                DataSource::Hub(id) => {
                    DataSource::Folder(hub.data(id).map_err(|what| missing(language.line, what))?)
                }
                other => other.clone(),
            };
            let print = facts.data(&data)?;
            let unlabelled = facts.list(&language.unlabelled)?;
            found.insert(code.clone(), Found { data, print, unlabelled });
        }
        let mut planner = Self {
            study,
            results,
            encoder,
            encoder_print,
            found,
            survey: Survey::default(),
            runs: Vec::new(),
            baselines: BTreeMap::new(),
            sources: BTreeMap::new(),
        };
        planner.survey = planner.look(facts)?;
        Ok(planner)
    }

    fn plan(mut self) -> Result<Plan, StudyError> {
        let study = self.study;
        let e = &study.experiments;
        for &seed in &study.seeds {
            for language in study.targets() {
                let at = self.baseline(language, seed)?;
                self.baselines.insert((language.to_owned(), seed), at);
            }
        }
        for &seed in &study.seeds {
            for pair in &study.pairs {
                for &factor in &e.transfer.factors {
                    self.fine_tune(pair, factor, seed)?;
                }
                for &factor in &e.zero_shot.factors {
                    self.zero_shot(pair, factor, seed)?;
                }
                for &factor in &e.joint.factors {
                    self.joint(pair, factor, seed)?;
                }
            }
        }
        for &seed in &study.seeds {
            for pair in &study.pairs {
                self.pseudo(pair, seed)?;
            }
        }
        let mut needed_by = vec![Vec::new(); self.runs.len()];
        for (at, run) in self.runs.iter().enumerate() {
            if let Some(model) = run.needs {
                needed_by[model].push(at);
            }
        }
        Ok(Plan { runs: self.runs, needed_by, survey: self.survey, encoder: self.encoder })
    }

    /// The texts of a language as the main data of a training.
    fn data(&self, language: &str, cutoff: Option<usize>) -> Overrides {
        let l = &self.study.languages[language];
        let limit = match (cutoff, l.cutoff) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let mut o =
            Overrides { label_map: l.label_map.clone(), cutoff: limit, ..Overrides::default() };
        match &self.found[language].data {
            DataSource::Folder(folder) => o.data = Some(folder.clone()),
            DataSource::Files { train, dev, test } => {
                (o.train, o.dev, o.test) =
                    (Some(train.clone()), Some(dev.clone()), Some(test.clone()));
            }
            DataSource::Hub(id) => unreachable!("{id} was resolved before"),
        }
        o
    }

    /// The folder of a language that is to be joined or labelled.
    fn folder(&self, language: &str, what: &str) -> Result<PathBuf, StudyError> {
        match &self.found[language].data {
            DataSource::Folder(folder) => Ok(folder.clone()),
            _ => Err(StudyError::File {
                path: self.study.path.clone(),
                line: self.study.languages[language].line,
                what: format!("languages.{language} is given by files, but is {what}"),
                fix: "put the files into a folder, named train, dev and test, and give data".into(),
            }),
        }
    }

    fn settings(&self, own: &Overrides, run: &Overrides) -> Result<Settings, StudyError> {
        let named = Overrides {
            protocol: Some(self.study.protocol),
            threads: self.study.threads,
            ..Overrides::default()
        };
        Ok(Settings::resolve(&[&named, &self.study.settings, own, run])?)
    }

    /// Adds a run; `texts` are the fingerprints of what it reads.
    fn add(
        &mut self,
        task: Task,
        seed: u64,
        settings: Settings,
        needs: Option<usize>,
        texts: &[&str],
    ) -> usize {
        let encoder = match needs {
            None => Some(self.encoder_print.as_str()),
            Some(_) => None,
        };
        let model = needs.map(|at| self.runs[at].id.as_str());
        let recipe = Recipe::new(&task, &settings, encoder, model, texts);
        let run =
            Run { id: recipe.id(), name: task.name(seed), task, seed, settings, needs, recipe };
        self.runs.push(run);
        self.runs.len() - 1
    }

    fn baseline(&mut self, language: &str, seed: u64) -> Result<usize, StudyError> {
        let own = Overrides {
            encoder: Some(self.encoder.clone()),
            seed: Some(seed),
            ..self.data(language, None)
        };
        let settings = self.settings(&self.study.experiments.baseline, &own)?;
        let print = self.found[language].print.clone();
        let task = Task::Baseline { language: language.to_owned() };
        Ok(self.add(task, seed, settings, None, &[&print]))
    }

    /// The source model of a language, planned once.
    fn source(&mut self, language: &str, factor: u32, seed: u64) -> Result<usize, StudyError> {
        let key = (language.to_owned(), factor, seed);
        if let Some(&at) = self.sources.get(&key) {
            return Ok(at);
        }
        let own = Overrides {
            encoder: Some(self.encoder.clone()),
            seed: Some(seed),
            ..self.data(language, Some(self.rows(factor)))
        };
        let settings = self.settings(&self.study.experiments.source, &own)?;
        let print = self.found[language].print.clone();
        let task = Task::Source { language: language.to_owned(), factor };
        let at = self.add(task, seed, settings, None, &[&print]);
        self.sources.insert(key, at);
        Ok(at)
    }

    fn rows(&self, factor: u32) -> usize {
        factor as usize * self.study.experiments.rows
    }

    /// What goes on from the model of the run at `model` on the target language.
    fn from_model(&self, target: &str, model: usize, seed: u64) -> Overrides {
        Overrides {
            start: Some(self.results.run(&self.runs[model].id).model()),
            seed: Some(seed),
            ..self.data(target, None)
        }
    }

    fn fine_tune(&mut self, pair: &Pair, factor: u32, seed: u64) -> Result<(), StudyError> {
        let model = self.source(&pair.source, factor, seed)?;
        let own = self.from_model(&pair.target, model, seed);
        let settings = self.settings(&self.study.experiments.transfer.settings, &own)?;
        let print = self.found[&pair.target].print.clone();
        let (source, target) = (pair.source.clone(), pair.target.clone());
        let task = Task::FineTune { source, target, factor };
        self.add(task, seed, settings, Some(model), &[&print]);
        Ok(())
    }

    fn zero_shot(&mut self, pair: &Pair, factor: u32, seed: u64) -> Result<(), StudyError> {
        let model = self.source(&pair.source, factor, seed)?;
        let own = self.from_model(&pair.target, model, seed);
        let settings = self.settings(&self.study.experiments.zero_shot.settings, &own)?;
        let print = self.found[&pair.target].print.clone();
        let (source, target) = (pair.source.clone(), pair.target.clone());
        let task = Task::ZeroShot { source, target, factor };
        self.add(task, seed, settings, Some(model), &[&print]);
        Ok(())
    }

    fn joint(&mut self, pair: &Pair, factor: u32, seed: u64) -> Result<(), StudyError> {
        let own = Overrides {
            encoder: Some(self.encoder.clone()),
            seed: Some(seed),
            join: Some(self.folder(&pair.source, "joined with another")?),
            join_limit: self.data(&pair.source, Some(self.rows(factor))).cutoff,
            join_map: self.study.languages[&pair.source].label_map.clone(),
            ..self.data(&pair.target, None)
        };
        let settings = self.settings(&self.study.experiments.joint.settings, &own)?;
        let prints = [&pair.target, &pair.source].map(|l| self.found[l].print.clone());
        let (source, target) = (pair.source.clone(), pair.target.clone());
        let task = Task::Joint { source, target, factor };
        self.add(task, seed, settings, None, &[&prints[0], &prints[1]]);
        Ok(())
    }

    fn pseudo(&mut self, pair: &Pair, seed: u64) -> Result<(), StudyError> {
        let study = self.study;
        let Some(p) = &study.experiments.pseudo else { return Ok(()) };
        let model = self.baselines[&(pair.target.clone(), seed)];
        let (pool, map, pool_print) = match p.pool {
            PoolSource::Source => {
                let folder = self.folder(&pair.source, "a pool for another")?;
                let map = study.languages[&pair.source].label_map.clone();
                (vec![folder], map, self.found[&pair.source].print.clone())
            }
            PoolSource::Target => {
                let files = study.languages[&pair.target].unlabelled.clone();
                (files, None, self.found[&pair.target].unlabelled.clone())
            }
        };
        let print = self.found[&pair.target].print.clone();
        for &quantile in &p.quantiles {
            for repeat in 1..=p.repeats {
                let own = Overrides {
                    pool: Some(pool.clone()),
                    pool_limit: p.limit,
                    pool_map: map.clone(),
                    quantile: Some(quantile),
                    // Repetitions differ in what training draws; the baseline is the same.
                    seed: Some(seed.wrapping_add(u64::from(repeat - 1))),
                    ..self.from_model(&pair.target, model, seed)
                };
                let settings = self.settings(&p.settings, &own)?;
                let (source, target) = (pair.source.clone(), pair.target.clone());
                let task = Task::Pseudo { source, target, quantile, repeat };
                self.add(task, seed, settings, Some(model), &[&print, &pool_print]);
            }
        }
        Ok(())
    }
}
