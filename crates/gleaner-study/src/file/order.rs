//! Recipes among each other and on every target: seeds, sources, and the order in which they run.

use super::check::{Checks, Known};
use crate::{
    error::StudyError,
    study::{PoolSource, Recipe, Sources, Start, targets},
};

/// A recipe with the position of its name in the file.
type Placed = (usize, Recipe);

/// What recipes are checked against.
pub(super) struct Related<'a> {
    pub(super) file: &'a Checks<'a>,
    pub(super) known: &'a Known<'a>,
}

impl Related<'_> {
    /// Checks recipes against each other and against all targets, and puts each after the one that it
    /// starts from.
    pub(super) fn ordered(&self, mut open: Vec<Placed>) -> Result<Vec<Recipe>, StudyError> {
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
            let ready = |recipe: &Recipe| match &recipe.start {
                Start::Recipe(other) => ordered.iter().any(|done| done.name == *other),
                _ => true,
            };
            let Some(next) = open.iter().position(|(_, recipe)| ready(recipe)) else {
                let (at, recipe) = &open[0];
                let what = "the recipes that it starts from form a circle";
                return Err(self.error(*at, recipe, what, "change `start` in one of them"));
            };
            ordered.push(open.remove(next).1);
        }
        Ok(ordered)
    }

    fn error(&self, at: usize, recipe: &Recipe, what: &str, fix: &str) -> StudyError {
        self.file.error(at, format!("experiments.recipes.{}: {what}", recipe.name), fix)
    }

    /// Refuses a recipe that starts from a recipe without one of its seeds, or is compared with a recipe
    /// without any of them.
    fn seeds(&self, at: usize, recipe: &Recipe, all: &[Recipe]) -> Result<(), StudyError> {
        let error = |what: String, fix: &str| Err(self.error(at, recipe, &what, fix));
        let named = |name: &str| all.iter().find(|other| other.name == name);
        let mut own = self.known.seeds.iter().filter(|seed| recipe.seeds.has(**seed));
        if let Start::Recipe(name) = &recipe.start
            && let Some(start) = named(name)
            && let Some(seed) = own.clone().find(|seed| !start.seeds.has(**seed))
        {
            let what = format!("start: `{name}` does not run with seed {seed}");
            return error(what, "give both recipes the same `seeds`");
        }
        match recipe.against.as_deref().and_then(named) {
            Some(other) if !own.any(|seed| other.seeds.has(*seed)) => {
                let what = format!("against: `{}` runs with none of its seeds", other.name);
                error(what, "give both recipes a seed in common")
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
