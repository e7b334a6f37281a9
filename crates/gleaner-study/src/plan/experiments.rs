//! The runs of all experiments except recipes.

use super::{
    draft::{Draft, Pool},
    planner::{Planner, limit},
};
use crate::{
    error::StudyError,
    source::LocalData,
    study::{Pair, PoolSource, Recipe},
    task::Task,
};
use gleaner::{CorpusPath, Overrides};
use std::slice::from_ref;

impl Planner<'_> {
    pub(super) fn experiments(&mut self) -> Result<(), StudyError> {
        let study = self.study;
        let e = &study.experiments;
        let folds = study.every_fold();
        // Seed and fold of runs: all folds of a seed, then the next seed.
        let parts: Vec<(u64, Option<usize>)> =
            study.seeds.iter().flat_map(|&seed| folds.iter().map(move |&f| (seed, f))).collect();
        for &(seed, fold) in &parts {
            for language in study.targets() {
                self.baseline(language, seed, fold)?;
            }
        }
        for &(seed, fold) in &parts {
            for language in study.targets() {
                if e.curve_seeds.has(seed) {
                    self.curve(language, seed, fold)?;
                }
            }
        }
        for &(seed, fold) in &parts {
            for language in study.targets() {
                self.active(language, seed, fold)?;
            }
        }
        for &(seed, fold) in &parts {
            for pair in &study.pairs {
                for &factor in e.transfer.of(seed) {
                    let Pair { source, target } = pair.clone();
                    let task = Task::FineTune { source, target, factor };
                    self.on_source(pair, (task, factor), &e.transfer.settings, seed, fold)?;
                }
                for &factor in e.zero_shot.of(seed) {
                    let Pair { source, target } = pair.clone();
                    let task = Task::ZeroShot { source, target, factor };
                    self.on_source(pair, (task, factor), &e.zero_shot.settings, seed, fold)?;
                }
                for &factor in e.joint.of(seed) {
                    self.joint(pair, factor, seed, fold)?;
                }
            }
        }
        for &(seed, fold) in &parts {
            for pair in &study.pairs {
                self.pseudo(pair, seed, fold)?;
            }
        }
        Ok(())
    }

    fn baseline(
        &mut self,
        language: &str,
        seed: u64,
        fold: Option<usize>,
    ) -> Result<(), StudyError> {
        let own = self.target(language, fold, seed).encoder(&self.encoder);
        let settings = self.settings(&[&self.study.experiments.baseline], &own)?;
        let task = Task::Baseline { language: language.to_owned() };
        let at = self.add(Draft::new(task, seed, fold, settings));
        self.baselines.insert((language.to_owned(), seed, fold), at);
        Ok(())
    }

    /// Baselines on fewer sentences. Sizes that the training text does not exceed are skipped.
    fn curve(&mut self, language: &str, seed: u64, fold: Option<usize>) -> Result<(), StudyError> {
        let all = self.corpus_stats.as_target(language).train;
        for &size in self.study.experiments.sizes.iter().filter(|size| **size < all) {
            let own = self.target(language, fold, seed).encoder(&self.encoder).train_limit(size);
            let settings = self.settings(&[&self.study.experiments.baseline], &own)?;
            let task = Task::Curve { language: language.to_owned(), size };
            self.add(Draft::new(task, seed, fold, settings));
        }
        Ok(())
    }

    /// The source model of some languages. It is planned once and serves all folds of all targets, so it
    /// must not train on any of their sentences. `recipe` is the recipe that it belongs to, if any.
    pub(super) fn source(
        &mut self,
        languages: &[String],
        (factor, rows): (u32, usize),
        seed: u64,
        recipe: Option<&Recipe>,
    ) -> Result<usize, StudyError> {
        let study = self.study;
        let limit = limit(factor, rows);
        let (main, others) = languages.split_first().expect("a source model has a language");
        let joined = others.iter().map(|l| self.joined(l, limit)).collect::<Result<_, _>>()?;
        let excluded: Vec<String> = match study.folds {
            None => Vec::new(),
            Some(_) => study
                .targets()
                .into_iter()
                .filter(|target| !languages.iter().any(|l| l == target))
                .map(str::to_owned)
                .collect(),
        };
        let texts = excluded.iter().flat_map(|l| {
            let paths = match &self.found[l].data {
                LocalData::Folder(folder) => vec![folder.clone()],
                LocalData::Files { train, dev, test } => [&train[..], dev, test].concat(),
            };
            paths.into_iter().map(|path| self.own(l, path)).collect::<Vec<CorpusPath>>()
        });
        let run = self
            .data(main, Some(limit))
            .encoder(recipe.map_or(self.encoder.as_path(), |r| self.encoder_of(&r.name)))
            .seed(seed)
            .join(joined)
            .exclude(texts);
        let none = Overrides::default();
        let own = recipe.map_or(&none, |recipe| &recipe.source_settings);
        let layers = [&study.experiments.source, own];
        let settings = self.settings(&layers, &run)?;
        let task = Task::Source { languages: languages.to_vec(), factor };
        let variant = recipe.map(|recipe| recipe.name.clone());
        let draft = Draft::new(task, seed, None, settings);
        Ok(self.add(Draft { joined: others.to_vec(), excluded, variant, ..draft }))
    }

    /// Adds a run on a target that starts from the source model of a factor.
    fn on_source(
        &mut self,
        pair: &Pair,
        (task, factor): (Task, u32),
        settings: &Overrides,
        seed: u64,
        fold: Option<usize>,
    ) -> Result<(), StudyError> {
        let rows = self.study.experiments.rows;
        let model = self.source(from_ref(&pair.source), (factor, rows), seed, None)?;
        let mut own = self.target(&pair.target, fold, seed);
        own.network.start = self.model(model);
        let settings = self.settings(&[settings], &own)?;
        let draft = Draft::new(task, seed, fold, settings);
        self.add(Draft { needs: Some(model), ..draft });
        Ok(())
    }

    fn joint(
        &mut self,
        pair: &Pair,
        factor: u32,
        seed: u64,
        fold: Option<usize>,
    ) -> Result<(), StudyError> {
        let e = &self.study.experiments;
        let own = self
            .target(&pair.target, fold, seed)
            .encoder(&self.encoder)
            .join(vec![self.joined(&pair.source, limit(factor, e.rows))?]);
        let settings = self.settings(&[&e.joint.settings], &own)?;
        let Pair { source, target } = pair.clone();
        let joined = vec![source.clone()];
        let draft = Draft::new(Task::Joint { source, target, factor }, seed, fold, settings);
        self.add(Draft { joined, ..draft });
        Ok(())
    }

    fn pseudo(&mut self, pair: &Pair, seed: u64, fold: Option<usize>) -> Result<(), StudyError> {
        let study = self.study;
        let Some(p) = study.experiments.pseudo.as_ref().filter(|p| p.seeds.has(seed)) else {
            return Ok(());
        };
        // A target with several sources labels its own text once.
        let first = study.pairs.iter().find(|other| other.target == pair.target);
        if p.pool == PoolSource::Target && first != Some(pair) {
            return Ok(());
        }
        let model = self.baselines[&(pair.target.clone(), seed, fold)];
        for &quantile in &p.quantiles {
            for repeat in 1..=p.repeats {
                let mut own = self.target(&pair.target, fold, seed);
                own.network.start = self.model(model);
                own.self_training.quantile = Some(quantile);
                // Repetitions differ in the seed of the training and share the baseline.
                own.run.seed = own.run.seed.map(|seed| seed.wrapping_add(u64::from(repeat - 1)));
                let language = match p.pool {
                    PoolSource::Source => pair.source.clone(),
                    PoolSource::Target => pair.target.clone(),
                };
                let pool = Pool { kind: p.pool, language };
                self.pool(&mut own, &pool, p.limit)?;
                let settings = self.settings(&[&p.settings], &own)?;
                let (source, target) = (pair.source.clone(), pair.target.clone());
                let task = Task::Pseudo { source, target, quantile, repeat };
                let draft = Draft::new(task, seed, fold, settings);
                self.add(Draft { needs: Some(model), pool: Some(pool), ..draft });
            }
        }
        Ok(())
    }
}
