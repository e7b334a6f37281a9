//! From a study's experiments to runs with their settings.

use super::{Identity, Plan, Run, Task, identity::Texts, survey::Survey};
use crate::{
    Hub, Study, StudyError,
    facts::Facts,
    file::PoolSource,
    results::Results,
    source::{DataSource, EncoderSource},
};
use gleaner::{Joined, Overrides, Settings, Split};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// A language's texts, found.
pub(super) struct Found {
    pub(super) data: DataSource,
    pub(super) print: String,
    pub(super) unlabelled: String,
}

/// What plans a study.
pub(super) struct Planner<'a> {
    pub(super) study: &'a Study,
    results: &'a Results,
    pub(super) encoder: PathBuf,
    encoder_print: String,
    pub(super) found: BTreeMap<String, Found>,
    pub(super) survey: Survey,
    facts: Facts,
    runs: Vec<Run>,
    /// Positions by id.
    positions: BTreeMap<String, usize>,
    names: BTreeSet<String>,
    /// Positions of the baselines by language, seed and fold.
    pub(super) baselines: BTreeMap<(String, u64, Option<usize>), usize>,
}

/// A run before it has its id.
pub(super) struct Draft {
    pub(super) task: Task,
    pub(super) seed: u64,
    pub(super) fold: Option<usize>,
    pub(super) settings: Settings,
    /// The position of the run whose model it starts from.
    pub(super) needs: Option<usize>,
    /// Languages that are joined.
    pub(super) joined: Vec<String>,
    pub(super) pool: Option<Pool>,
    /// Languages whose sentences are excluded.
    pub(super) excluded: Vec<String>,
    /// Added to the name where another run has it.
    pub(super) variant: Option<String>,
}

/// What is labelled.
pub(super) struct Pool {
    pub(super) kind: PoolSource,
    pub(super) language: String,
}

impl Draft {
    /// A run that reads nothing but the texts of its target.
    pub(super) fn new(task: Task, seed: u64, fold: Option<usize>, settings: Settings) -> Self {
        Self {
            task,
            seed,
            fold,
            settings,
            needs: None,
            joined: Vec::new(),
            pool: None,
            excluded: Vec::new(),
            variant: None,
        }
    }
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        study: &'a Study,
        results: &'a Results,
        hub: &dyn Hub,
        mut facts: Facts,
    ) -> Result<Self, StudyError> {
        let missing = |line: usize, told: String| StudyError::in_study(&study.path, line, &told);
        let encoder = match &study.encoder {
            EncoderSource::Folder(folder) => folder.clone(),
            EncoderSource::Hub(id) => {
                hub.encoder(id).map_err(|what| missing(study.encoder_line, what))?
            }
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
            positions: BTreeMap::new(),
            names: BTreeSet::new(),
            baselines: BTreeMap::new(),
            facts: Facts::default(),
        };
        planner.survey = planner.look(&mut facts)?;
        planner.facts = facts;
        Ok(planner)
    }

    pub(super) fn plan(mut self) -> Result<Plan, StudyError> {
        self.experiments()?;
        self.recipes()?;
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

    /// The texts of a target as the main data of a training, with the training's seed: each fold has
    /// its own, while the division is that of all seeds and experiments.
    pub(super) fn target(&self, language: &str, fold: Option<usize>, seed: u64) -> Overrides {
        let mut o = self.data(language, None);
        o.seed = Some(seed);
        if let (Some(folds), Some(fold)) = (self.study.folds, fold) {
            (o.split, o.folds, o.fold) = (Some(Split::Folds), Some(folds), Some(fold));
            o.seed = Some(seed.wrapping_add(100 * (fold as u64 - 1)));
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

    /// A language as a corpus that is joined with another. A target that is divided into folds gives all
    /// its parts, since a run on another target is not scored on any of them.
    pub(super) fn joined(&self, language: &str, rows: usize) -> Result<Joined, StudyError> {
        Ok(Joined {
            path: self.folder(language, "joined with another")?,
            limit: self.data(language, Some(rows)).cutoff,
            label_map: self.study.languages[language].label_map.clone(),
            whole: self.study.folds.is_some() && self.study.targets().contains(&language),
        })
    }

    /// Adds what is labelled to the settings of a run.
    pub(super) fn pool(
        &self,
        own: &mut Overrides,
        pool: &Pool,
        limit: Option<usize>,
    ) -> Result<(), StudyError> {
        own.pool_limit = limit;
        match pool.kind {
            PoolSource::Source => {
                own.pool_limit = self.data(&pool.language, limit).cutoff;
                own.pool = Some(vec![self.folder(&pool.language, "a pool for another")?]);
                own.pool_map = self.study.languages[&pool.language].label_map.clone();
            }
            PoolSource::Target => {
                own.pool = Some(self.study.languages[&pool.language].unlabelled.clone());
            }
        }
        Ok(())
    }

    /// The model of the run at `model` as a start.
    pub(super) fn model(&self, model: usize) -> Option<PathBuf> {
        Some(self.results.run(&self.runs[model].id).model())
    }

    /// Settings of a run: `own` of its experiment, the first the weakest, then `run`, its texts and
    /// what else is its own.
    pub(super) fn settings(
        &self,
        own: &[&Overrides],
        run: &Overrides,
    ) -> Result<Settings, StudyError> {
        let named = Overrides {
            protocol: Some(self.study.protocol),
            threads: self.study.threads,
            ..Overrides::default()
        };
        let layers: Vec<&Overrides> = [&named, &self.study.settings]
            .into_iter()
            .chain(own.iter().copied())
            .chain([run])
            .collect();
        Ok(Settings::resolve(&layers)?)
    }

    /// Adds a run, unless one with the same id is there already; gives its position.
    pub(super) fn add(&mut self, draft: Draft) -> usize {
        let Draft { task, seed, fold, settings, needs, .. } = &draft;
        let encoder = match needs {
            None => Some(self.encoder_print.as_str()),
            Some(_) => None,
        };
        let model = needs.map(|at| self.runs[at].id.as_str());
        let print = |language: &String| self.found[language].print.clone();
        let texts = Texts {
            own: print(&task.target().to_owned()),
            joined: draft.joined.iter().map(print).collect(),
            pool: draft.pool.as_ref().map(|pool| match pool.kind {
                PoolSource::Source => print(&pool.language),
                PoolSource::Target => self.found[&pool.language].unlabelled.clone(),
            }),
            excluded: draft.excluded.iter().map(print).collect(),
        };
        let identity = Identity::new(task, settings, encoder, model, texts);
        let id = identity.id();
        if let Some(&at) = self.positions.get(&id) {
            return at;
        }
        let mut name = task.name(*seed, *fold);
        if let (true, Some(suffix)) = (self.names.contains(&name), &draft.variant) {
            name = format!("{name}/{suffix}");
        }
        self.names.insert(name.clone());
        self.positions.insert(id.clone(), self.runs.len());
        let work = self.survey.work(&draft);
        let Draft { task, seed, fold, settings, needs, .. } = draft;
        self.runs.push(Run { id, name, task, seed, fold, settings, needs, work, identity });
        self.runs.len() - 1
    }
}
