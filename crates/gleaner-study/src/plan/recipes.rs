//! The runs of recipes.

use super::{
    draft::{Draft, Pool},
    planner::Planner,
};
use crate::{
    error::StudyError,
    study::{PoolSource, Recipe, Start, pair_of},
    task::Task,
};
use std::collections::BTreeMap;

/// Positions of runs by recipe, target, seed and fold.
type Done = BTreeMap<(String, String, u64, Option<usize>), usize>;

impl Planner<'_> {
    pub(super) fn recipes(&mut self) -> Result<(), StudyError> {
        let study = self.study;
        let mut done = Done::new();
        for recipe in &study.experiments.recipes {
            for &seed in study.seeds.iter().filter(|seed| recipe.seeds.has(**seed)) {
                for fold in study.every_fold() {
                    for target in study.targets() {
                        let at = self.recipe(recipe, target, seed, fold, &done)?;
                        done.insert((recipe.name.clone(), target.to_owned(), seed, fold), at);
                    }
                }
            }
        }
        Ok(())
    }

    fn recipe(
        &mut self,
        recipe: &Recipe,
        target: &str,
        seed: u64,
        fold: Option<usize>,
        done: &Done,
    ) -> Result<usize, StudyError> {
        let pairs = &self.study.pairs;
        let sources = recipe.sources_of(target, pairs);
        let mut own = self.target(target, fold, seed);
        let needs = match &recipe.start {
            Start::Encoder | Start::Joint => None,
            Start::Sources => {
                let size = (recipe.factor, recipe.rows);
                let settings = (&recipe.source_settings, recipe.name.as_str());
                Some(self.source(&sources, size, seed, Some(settings))?)
            }
            Start::Baseline => Some(self.baselines[&(target.to_owned(), seed, fold)]),
            Start::Recipe(name) => Some(done[&(name.clone(), target.to_owned(), seed, fold)]),
        };
        match needs {
            Some(model) => own.network.start = self.model(model),
            None => own.network.encoder = Some(self.encoder.clone()),
        }
        let mut joined = Vec::new();
        if recipe.joins() {
            let limit = recipe.factor as usize * recipe.rows;
            own.data.join =
                Some(sources.iter().map(|l| self.joined(l, limit)).collect::<Result<_, _>>()?);
            joined.clone_from(&sources);
        }
        let pool = recipe.pool.map(|kind| Pool {
            kind,
            language: match (kind, pair_of(target, pairs)) {
                (PoolSource::Source, Some(pair)) => pair.source.clone(),
                _ => target.to_owned(),
            },
        });
        if let Some(pool) = &pool {
            self.pool(&mut own, pool, recipe.pool_limit)?;
        }
        let settings = self.settings(&[&recipe.settings], &own)?;
        let task = Task::Recipe { recipe: recipe.name.clone(), sources, target: target.to_owned() };
        let draft = Draft::new(task, seed, fold, settings);
        Ok(self.add(Draft { needs, joined, pool, ..draft }))
    }
}
