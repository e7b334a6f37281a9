//! Recipes among each other and on every target: seeds, sources, and the order in which they run.

use super::check::{Checks, Known};
use crate::{
    error::StudyError,
    study::{Members, PoolSource, Recipe, Sources, targets},
};

/// A recipe with the position of its name in the file.
type PositionedRecipe = (usize, Recipe);

/// What recipes are checked against.
pub(super) struct Related<'a> {
    pub(super) file: &'a Checks<'a>,
    pub(super) known: &'a Known<'a>,
}

impl Related<'_> {
    /// Checks recipes against each other and against all targets, and puts each after those whose models it
    /// needs.
    pub(super) fn ordered(
        &self,
        mut open: Vec<PositionedRecipe>,
    ) -> Result<Vec<Recipe>, StudyError> {
        let all: Vec<Recipe> = open.iter().map(|(_, recipe)| recipe.clone()).collect();
        for (at, recipe) in &open {
            self.seeds(*at, recipe, &all)?;
        }
        for target in targets(self.known.languages.keys(), self.known.pairs, &all) {
            for (at, recipe) in &open {
                self.target(*at, recipe, target)?;
            }
        }
        let mut ordered: Vec<Recipe> = Vec::new();
        while !open.is_empty() {
            let is_done = |name: &str| ordered.iter().any(|done| done.name == name);
            let ready = |recipe: &Recipe| {
                recipe.starts_from().is_none_or(is_done)
                    && recipe.voters().iter().all(|name| is_done(name))
            };
            let Some(next) = open.iter().position(|(_, recipe)| ready(recipe)) else {
                let (at, recipe) = &open[0];
                let is_of_start = open.iter().all(|(_, recipe)| recipe.voters().is_empty());
                let (what, fix) = match is_of_start {
                    true => (
                        "the recipes that it starts from form a circle",
                        "change `start` in one of them",
                    ),
                    false => (
                        "the recipes whose models it needs form a circle",
                        "change `start` or `members` in one of them",
                    ),
                };
                return Err(self.error(*at, recipe, what, fix));
            };
            let (at, recipe) = open.remove(next);
            self.votes(at, &recipe, &ordered)?;
            ordered.push(recipe);
        }
        Ok(ordered)
    }

    fn error(&self, at: usize, recipe: &Recipe, what: &str, fix: &str) -> StudyError {
        self.file.error(at, format!("experiments.recipes.{}: {what}", recipe.name), fix)
    }

    /// Refuses a recipe that needs the models of a recipe without one of its seeds, or is compared with a recipe
    /// without any of them.
    fn seeds(&self, at: usize, recipe: &Recipe, all: &[Recipe]) -> Result<(), StudyError> {
        let error = |what: String, fix: &str| Err(self.error(at, recipe, &what, fix));
        let named = |name: &str| all.iter().find(|other| other.name == name);
        let mut own = self.known.seeds.iter().filter(|seed| recipe.seeds.has(**seed));
        let start = recipe.starts_from().map(|name| ("start", name));
        let voters = recipe.voters().iter().map(|name| ("members", name.as_str()));
        for (key, name) in start.into_iter().chain(voters) {
            if let Some(needed) = named(name)
                && let Some(seed) = own.clone().find(|seed| !needed.seeds.has(**seed))
            {
                let what = format!("{key}: `{name}` does not run with seed {seed}");
                return error(what, "give both recipes the same `seeds`");
            }
        }
        match recipe.against.as_deref().and_then(named) {
            Some(other) if !own.any(|seed| other.seeds.has(*seed)) => {
                let what = format!("against: `{}` runs with none of its seeds", other.name);
                error(what, "give both recipes a seed in common")
            }
            _ => Ok(()),
        }
    }

    /// Refuses a recipe of one voter, and one that starts from an ensemble, which is not one model. `done` are the
    /// recipes before it.
    fn votes(&self, at: usize, recipe: &Recipe, done: &[Recipe]) -> Result<(), StudyError> {
        let named = |name: &str| done.iter().find(|other| other.name == name);
        let has_one = |name: &String| named(name).is_none_or(|other| other.members.is_none());
        if matches!(&recipe.members, Some(Members::Recipes(names)) if names.len() < 2 && names.iter().all(has_one))
        {
            let fix = "list two recipes or more, or one that has members";
            return Err(self.error(at, recipe, "members: fewer than two models vote", fix));
        }
        match recipe.starts_from().and_then(named) {
            Some(other) if other.members.is_some() && !other.distil => {
                let what = format!("start: `{}` is an ensemble, not one model", other.name);
                let fix = format!("add distil = true to `{}`, or start from another", other.name);
                Err(self.error(at, recipe, &what, &fix))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a recipe that lacks something on a target.
    fn target(&self, at: usize, recipe: &Recipe, target: &str) -> Result<(), StudyError> {
        let error = |what: String, fix: String| Err(self.error(at, recipe, &what, &fix));
        let needs_pair = recipe.sources == Sources::Pair || recipe.pool == Some(PoolSource::Source);
        let pairs = self.known.pairs.iter().filter(|p| p.target == target).count();
        match (needs_pair, pairs) {
            (false, _) | (true, 1) => {}
            (true, 0) => {
                let fix = format!("add pairs = [\"{target} <- SOURCE\"], or list sources");
                return error(format!("{target} is not the target of a pair"), fix);
            }
            (true, _) => {
                let fix = "list sources, and use pool = \"target\"".to_owned();
                return error(format!("{target} is the target of several pairs"), fix);
            }
        }
        if recipe.sources.any() && recipe.sources_of(target, self.known.pairs).is_empty() {
            let fix = "list another language".to_owned();
            return error(format!("{target} is its own only source"), fix);
        }
        if recipe.pool == Some(PoolSource::Target)
            && self.known.languages[target].unlabelled.is_empty()
        {
            let fix = format!(
                "add unlabelled = [\"FILE\"] to [languages.{target}], or use pool = \"source\""
            );
            return error(format!("{target} has no unlabelled text"), fix);
        }
        Ok(())
    }
}
