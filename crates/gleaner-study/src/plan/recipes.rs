//! The runs of recipes.

use super::{
    draft::{Draft, Pool},
    planner::{Planner, limit},
};
use crate::{
    error::StudyError,
    study::{Members, PoolSource, Recipe, Start, pair_of},
    task::Task,
};
use gleaner::{Overrides, Student, Targets, recipe::member_seed};
use std::collections::BTreeMap;

/// Where a recipe runs.
#[derive(Clone, Copy)]
struct Place<'a> {
    target: &'a str,
    seed: u64,
    fold: Option<usize>,
}

/// The positions of a recipe's runs that others may need.
struct Planned {
    /// The run with its one model; `None` for an ensemble from which no model learns.
    model: Option<usize>,
    /// The runs whose models vote for it: its members, or its only run.
    voters: Vec<usize>,
}

/// By recipe, target, seed and fold.
type Done = BTreeMap<(String, String, u64, Option<usize>), Planned>;

/// What the training of a recipe is for.
#[derive(Clone, Copy)]
enum Role {
    /// The recipe's result.
    Alone,
    /// A member of an ensemble: its number, from 1.
    Member(u32),
    /// The model that learns from the ensemble at this position.
    Student(usize),
}

impl Planner<'_> {
    pub(super) fn recipes(&mut self) -> Result<(), StudyError> {
        let study = self.study;
        let mut done = Done::new();
        for recipe in &study.experiments.recipes {
            for &seed in study.seeds.iter().filter(|seed| recipe.seeds.has(**seed)) {
                for fold in study.every_fold() {
                    for target in study.targets() {
                        let planned = self.recipe(recipe, Place { target, seed, fold }, &done)?;
                        let key = (recipe.name.clone(), target.to_owned(), seed, fold);
                        done.insert(key, planned);
                    }
                }
            }
        }
        Ok(())
    }

    fn recipe(
        &mut self,
        recipe: &Recipe,
        place: Place,
        done: &Done,
    ) -> Result<Planned, StudyError> {
        let mut add = |role: Role| -> Result<usize, StudyError> {
            let draft = self.training(recipe, place, role, done)?;
            Ok(self.add(draft))
        };
        let voters: Vec<usize> = match &recipe.members {
            None => {
                let at = add(Role::Alone)?;
                return Ok(Planned { model: Some(at), voters: vec![at] });
            }
            Some(Members::Seeds(seeds)) => {
                (1..=*seeds).map(|number| add(Role::Member(number))).collect::<Result<_, _>>()?
            }
            Some(Members::Recipes(names)) => {
                let mut voters = Vec::new();
                for at in names.iter().flat_map(|name| &place.of(name, done).voters) {
                    // Recipes may share members, which vote once.
                    if !voters.contains(at) {
                        voters.push(*at);
                    }
                }
                voters
            }
        };
        let ensemble = self.ensemble(recipe, place, &voters)?;
        let model = match recipe.distil {
            true => {
                let draft = self.training(recipe, place, Role::Student(ensemble), done)?;
                Some(self.add(draft))
            }
            false => None,
        };
        Ok(Planned { model, voters })
    }

    /// The run that lets models vote.
    fn ensemble(
        &mut self,
        recipe: &Recipe,
        place: Place,
        voters: &[usize],
    ) -> Result<usize, StudyError> {
        let Place { target, seed, fold } = place;
        let own = self.target(target, fold, seed).encoder(&self.encoder);
        let settings = self.settings(&[], &own)?;
        let mut sources: Vec<String> = Vec::new();
        for source in voters.iter().flat_map(|at| self.task(*at).sources()) {
            if !sources.contains(source) {
                sources.push(source.clone());
            }
        }
        let (recipe, target) = (recipe.name.clone(), target.to_owned());
        let draft = Draft::new(Task::Ensemble { recipe, sources, target }, seed, fold, settings);
        Ok(self.add(Draft { members: voters.to_vec(), ..draft }))
    }

    /// The last stage of a recipe. All its members, and the model that learns from them, start from the same model.
    fn training(
        &mut self,
        recipe: &Recipe,
        place: Place,
        role: Role,
        done: &Done,
    ) -> Result<Draft, StudyError> {
        let Place { target, seed, fold } = place;
        let pairs = &self.study.pairs;
        let sources = recipe.sources_of(target, pairs);
        let mut own = self.target(target, fold, seed);
        let needs = match &recipe.start {
            Start::Encoder | Start::Joint => None,
            Start::Sources => {
                let size = (recipe.factor, recipe.rows);
                Some(self.source(&sources, size, seed, Some(recipe))?)
            }
            Start::Baseline => Some(self.baselines[&(target.to_owned(), seed, fold)]),
            Start::Recipe(name) => {
                let start = place.of(name, done).model;
                Some(start.expect("a recipe that others start from has one model"))
            }
        };
        match needs {
            Some(model) => own.network.start = self.model(model),
            None => own.network.encoder = Some(self.encoder_of(&recipe.name).to_owned()),
        }
        let mut joined = Vec::new();
        if recipe.joins() {
            let limit = limit(recipe.factor, recipe.rows);
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
        let mut weak = Overrides::default();
        let (name, target) = (recipe.name.clone(), target.to_owned());
        let task = match role {
            Role::Alone => Task::Recipe { recipe: name, sources, target },
            Role::Member(number) => {
                own.run.seed = own.run.seed.map(|seed| member_seed(seed, number));
                Task::Member { number, sources, target }
            }
            Role::Student(ensemble) => {
                own.self_training.teacher = self.model(ensemble).map(|folder| vec![folder]);
                // The teachers label the pool, once.
                own.self_training.student = Some(Student::Continue);
                weak.self_training.targets = Some(Targets::Soft);
                Task::Distilled { recipe: name, sources, target }
            }
        };
        let settings = self.settings(&[&weak, &recipe.settings], &own)?;
        let teacher = match role {
            Role::Student(ensemble) => Some(ensemble),
            _ => None,
        };
        let variant = matches!(role, Role::Member(_)).then(|| recipe.name.clone());
        let draft = Draft::new(task, seed, fold, settings);
        Ok(Draft { needs, teacher, joined, pool, variant, ..draft })
    }
}

impl Place<'_> {
    /// The runs of another recipe here.
    fn of<'d>(&self, recipe: &str, done: &'d Done) -> &'d Planned {
        &done[&(recipe.to_owned(), self.target.to_owned(), self.seed, self.fold)]
    }
}
