//! From a study's experiments to runs with their settings.

use super::{Plan, Recipe, Run, Task, survey::Survey};
use crate::{
    Hub, Study, StudyError,
    facts::Facts,
    file::{Pair, PoolSource},
    results::Results,
    source::{DataSource, EncoderSource},
};
use gleaner::{Overrides, Settings};
use std::{collections::BTreeMap, path::PathBuf};

/// A language's texts, found.
pub(super) struct Found {
    data: DataSource,
    pub(super) print: String,
    unlabelled: String,
}

/// What plans a study.
pub(super) struct Planner<'a> {
    pub(super) study: &'a Study,
    results: &'a Results,
    encoder: PathBuf,
    encoder_print: String,
    pub(super) found: BTreeMap<String, Found>,
    survey: Survey,
    facts: Facts,
    runs: Vec<Run>,
    /// Positions of the runs whose models others start from.
    baselines: BTreeMap<(String, u64), usize>,
    sources: BTreeMap<(String, u32, u64), usize>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        study: &'a Study,
        results: &'a Results,
        hub: &dyn Hub,
        mut facts: Facts,
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
            facts: Facts::default(),
        };
        planner.survey = planner.look(&mut facts)?;
        planner.facts = facts;
        Ok(planner)
    }

    pub(super) fn plan(mut self) -> Result<Plan, StudyError> {
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
        let Self { runs, survey, encoder, facts, .. } = self;
        Ok(Plan { runs, needed_by, survey, encoder, facts })
    }

    /// The texts of a language as the main data of a training.
    pub(super) fn data(&self, language: &str, cutoff: Option<usize>) -> Overrides {
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

    pub(super) fn settings(
        &self,
        own: &Overrides,
        run: &Overrides,
    ) -> Result<Settings, StudyError> {
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
    fn on_model(&self, target: &str, model: usize, seed: u64) -> Overrides {
        Overrides {
            start: Some(self.results.run(&self.runs[model].id).model()),
            seed: Some(seed),
            ..self.data(target, None)
        }
    }

    fn fine_tune(&mut self, pair: &Pair, factor: u32, seed: u64) -> Result<(), StudyError> {
        let model = self.source(&pair.source, factor, seed)?;
        let own = self.on_model(&pair.target, model, seed);
        let settings = self.settings(&self.study.experiments.transfer.settings, &own)?;
        let print = self.found[&pair.target].print.clone();
        let (source, target) = (pair.source.clone(), pair.target.clone());
        let task = Task::FineTune { source, target, factor };
        self.add(task, seed, settings, Some(model), &[&print]);
        Ok(())
    }

    fn zero_shot(&mut self, pair: &Pair, factor: u32, seed: u64) -> Result<(), StudyError> {
        let model = self.source(&pair.source, factor, seed)?;
        let own = self.on_model(&pair.target, model, seed);
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
                    ..self.on_model(&pair.target, model, seed)
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
