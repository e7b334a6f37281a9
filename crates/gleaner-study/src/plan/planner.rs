//! The planner: it resolves texts and settings, and adds runs.

use super::{
    Plan, Run,
    corpus_stats::CorpusStats,
    draft::{Draft, Pool},
    identity::{Identity, JoinedText, Models, Texts, fingerprint_of_reading},
};
use crate::{
    error::StudyError,
    fingerprints::FingerprintCache,
    results::Results,
    source::{DataSource, EncoderSource, Hub, LocalData, NamedEncoder},
    study::{PoolSource, Study},
    task::Task,
};
use gleaner::{CorpusPath, Joined, Overrides, Settings, Split};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// A language's texts on this disk, with their fingerprints.
pub(super) struct Found {
    pub(super) data: LocalData,
    pub(super) print: String,
    pub(super) unlabelled: String,
}

/// The state of planning a study.
pub(super) struct Planner<'a> {
    pub(super) study: &'a Study,
    results: &'a Results,
    pub(super) encoder: PathBuf,
    /// The encoders of recipes that have their own, by recipe.
    recipe_encoders: BTreeMap<String, PathBuf>,
    /// Fingerprints of all encoders.
    encoder_prints: BTreeMap<PathBuf, String>,
    pub(super) found: BTreeMap<String, Found>,
    pub(super) corpus_stats: CorpusStats,
    cache: FingerprintCache,
    runs: Vec<Run>,
    /// Positions by id.
    positions: BTreeMap<String, usize>,
    names: BTreeSet<String>,
    /// Positions of the baselines by language, seed and fold.
    pub(super) baselines: BTreeMap<(String, u64, Option<usize>), usize>,
}

/// Number of sentences of a source.
pub(super) fn limit(factor: u32, rows: usize) -> usize {
    (factor as usize).saturating_mul(rows)
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        study: &'a Study,
        results: &'a Results,
        hub: &dyn Hub,
        mut cache: FingerprintCache,
    ) -> Result<Self, StudyError> {
        let missing = |line: usize, what: String| StudyError::in_study(&study.path, line, &what);
        let mut encoder_prints = BTreeMap::new();
        let mut resolve = |named: &NamedEncoder, cache: &mut FingerprintCache| {
            let folder = match &named.source {
                EncoderSource::Folder(folder) => folder.clone(),
                EncoderSource::Hub(name) => {
                    hub.encoder(name).map_err(|what| missing(named.line, what))?
                }
            };
            encoder_prints.insert(folder.clone(), cache.encoder(&folder)?);
            Ok::<PathBuf, StudyError>(folder)
        };
        let encoder = resolve(&study.encoder, &mut cache)?;
        let mut recipe_encoders = BTreeMap::new();
        for recipe in &study.experiments.recipes {
            if let Some(own) = &recipe.encoder {
                recipe_encoders.insert(recipe.name.clone(), resolve(own, &mut cache)?);
            }
        }
        let mut found = BTreeMap::new();
        for (code, language) in &study.languages {
            let data = match &language.data {
                DataSource::Local(data) => data.clone(),
                DataSource::Hub(name) => {
                    LocalData::Folder(hub.data(name).map_err(|what| missing(language.line, what))?)
                }
            };
            let print = cache.data(&data)?;
            let unlabelled = cache.list(&language.unlabelled)?;
            found.insert(code.clone(), Found { data, print, unlabelled });
        }
        let mut planner = Self {
            study,
            results,
            encoder,
            recipe_encoders,
            encoder_prints,
            found,
            corpus_stats: CorpusStats::default(),
            runs: Vec::new(),
            positions: BTreeMap::new(),
            names: BTreeSet::new(),
            baselines: BTreeMap::new(),
            cache: FingerprintCache::default(),
        };
        planner.corpus_stats = planner.read_texts(&mut cache)?;
        if !study.keep_words {
            cache.drop_words();
        }
        planner.cache = cache;
        Ok(planner)
    }

    pub(super) fn plan(mut self) -> Result<Plan, StudyError> {
        self.experiments()?;
        self.recipes()?;
        let mut needed_by = vec![Vec::new(); self.runs.len()];
        for (at, run) in self.runs.iter().enumerate() {
            run.needed().for_each(|model| needed_by[model].push(at));
        }
        let Self { runs, corpus_stats, encoder, cache: fingerprints, .. } = self;
        Ok(Plan { runs, needed_by, corpus_stats, encoder, fingerprints })
    }

    /// The texts of a language as the main data of a training, limited to `cutoff` sentences.
    pub(super) fn data(&self, language: &str, cutoff: Option<usize>) -> Overrides {
        let l = &self.study.languages[language];
        let limit = match (cutoff, l.cutoff) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let mut o = Overrides::default();
        (o.corpus, o.data.cutoff) = ((&l.options).into(), limit);
        match &self.found[language].data {
            LocalData::Folder(folder) => o.data.data = Some(folder.clone()),
            LocalData::Files { train, dev, test } => {
                (o.data.train, o.data.dev, o.data.test) =
                    (Some(train.clone()), Some(dev.clone()), Some(test.clone()));
            }
        }
        o
    }

    /// The texts of a target as the main data of a training, with the training's seed. Each fold has its own
    /// seed. The split into folds is the same for all seeds and experiments.
    pub(super) fn target(&self, language: &str, fold: Option<usize>, seed: u64) -> Overrides {
        let mut o = self.data(language, None);
        o.run.seed = Some(seed);
        if let (Some(folds), Some(fold)) = (self.study.folds, fold) {
            (o.data.split, o.data.folds, o.data.fold) =
                (Some(Split::Folds), Some(folds), Some(fold));
            o.run.seed = Some(seed.wrapping_add(100 * (fold as u64 - 1)));
        }
        o
    }

    /// The folder of a language whose text is joined or is a pool.
    fn folder(&self, language: &str, what: &str) -> Result<PathBuf, StudyError> {
        match &self.found[language].data {
            LocalData::Folder(folder) => Ok(folder.clone()),
            _ => Err(StudyError::File {
                path: self.study.path.clone(),
                line: self.study.languages[language].line,
                what: format!("languages.{language} lists files, but is {what}"),
                fix: "put the files in one folder, named train, dev and test, and set `data` to it"
                    .into(),
            }),
        }
    }

    /// A text of a language as one that accompanies another language: it is read as its own language says.
    pub(super) fn own(&self, language: &str, path: PathBuf) -> CorpusPath {
        CorpusPath { path, options: self.study.languages[language].options.clone(), alone: true }
    }

    /// A language whose training text is joined with another's. Targets of a cross-validation give all their
    /// parts: a run on another target is not scored on any of them.
    pub(super) fn joined(&self, language: &str, rows: usize) -> Result<Joined, StudyError> {
        let path = self.folder(language, "joined with another language")?;
        Ok(Joined {
            corpus: self.own(language, path),
            limit: self.data(language, Some(rows)).data.cutoff,
            whole: self.study.folds.is_some() && self.study.targets().contains(&language),
        })
    }

    /// Adds a pool to the settings of a run.
    pub(super) fn pool(
        &self,
        own: &mut Overrides,
        pool: &Pool,
        limit: Option<usize>,
    ) -> Result<(), StudyError> {
        own.self_training.pool_limit = limit;
        match pool.kind {
            PoolSource::Source => {
                own.self_training.pool_limit = self.data(&pool.language, limit).data.cutoff;
                let path = self.folder(&pool.language, "a pool of another language")?;
                own.self_training.pool = Some(vec![self.own(&pool.language, path)]);
                let options = &self.study.languages[&pool.language].options;
                own.self_training.pool_map.clone_from(&options.label_map);
            }
            PoolSource::Target => {
                own.self_training.pool =
                    Some(self.study.languages[&pool.language].unlabelled.clone());
            }
        }
        Ok(())
    }

    /// The encoder of a recipe's trainings.
    pub(super) fn encoder_of(&self, recipe: &str) -> &Path {
        self.recipe_encoders.get(recipe).unwrap_or(&self.encoder)
    }

    /// What the run at a position does.
    pub(super) fn task(&self, at: usize) -> &Task {
        &self.runs[at].task
    }

    /// The model folder of the run at a position.
    pub(super) fn model(&self, at: usize) -> Option<PathBuf> {
        Some(self.results.run(&self.runs[at].id).model())
    }

    /// The settings of a run: the study's, then `own` of its experiment, the first of these the weakest, then
    /// `run`: its texts and what else differs from run to run.
    pub(super) fn settings(
        &self,
        own: &[&Overrides],
        run: &Overrides,
    ) -> Result<Settings, StudyError> {
        let mut named = Settings::builder().protocol(self.study.protocol);
        named.run.threads = self.study.threads;
        let layers: Vec<&Overrides> = [&named, &self.study.settings]
            .into_iter()
            .chain(own.iter().copied())
            .chain([run])
            .collect();
        Ok(Settings::resolve(&layers)?)
    }

    /// Adds a run, unless the plan has one with the same id. Returns its position.
    pub(super) fn add(&mut self, draft: Draft) -> usize {
        let identity = self.identity(&draft);
        let id = identity.id();
        if let Some(&at) = self.positions.get(&id) {
            return at;
        }
        let mut name = draft.task.name(draft.seed, draft.fold);
        if let (true, Some(suffix)) = (self.names.contains(&name), &draft.variant) {
            name = format!("{name}/{suffix}");
        }
        self.names.insert(name.clone());
        self.positions.insert(id.clone(), self.runs.len());
        let teachers = draft.teacher.map_or(0, |at| self.runs[at].members.len().max(1));
        let work = self.corpus_stats.work(&draft, teachers);
        let Draft { task, seed, fold, settings, needs, members, teacher, .. } = draft;
        self.runs.push(Run {
            id,
            name,
            task,
            seed,
            fold,
            settings,
            needs,
            members,
            teacher,
            work,
            identity,
        });
        self.runs.len() - 1
    }

    fn identity(&self, draft: &Draft) -> Identity {
        let network = &draft.settings.network;
        let encoder = match (&network.start, &network.encoder) {
            (None, Some(encoder)) => Some(self.encoder_prints[encoder].as_str()),
            _ => None,
        };
        let id = |at: usize| self.runs[at].id.clone();
        let models = Models {
            model: draft.needs.map(id),
            members: draft.members.iter().copied().map(id).collect(),
            teacher: draft.teacher.map(id),
        };
        let print = |language: &String| self.found[language].print.clone();
        let main = &draft.settings.corpus;
        let read_as = |print: String, language: &str| {
            fingerprint_of_reading(print, &self.study.languages[language].options, main)
        };
        let texts = Texts {
            own: print(&draft.task.target().to_owned()),
            joined: draft
                .joined
                .iter()
                .zip(&draft.settings.data.join)
                .map(|(language, joined)| {
                    JoinedText::new(print(language), joined, &draft.settings.corpus)
                })
                .collect(),
            pool: draft.pool.as_ref().map(|pool| match pool.kind {
                PoolSource::Source => read_as(print(&pool.language), &pool.language),
                PoolSource::Target => self.found[&pool.language].unlabelled.clone(),
            }),
            excluded: draft.excluded.iter().map(|l| read_as(print(l), l)).collect(),
        };
        Identity::new(&draft.task, &draft.settings, encoder, models, texts)
    }
}
