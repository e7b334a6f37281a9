//! Recipes: what they name must be there, and they may not start from each other in a circle.

use super::{File, Known, experiments::pool_source, settings_of, some_seeds};
use crate::{
    StudyError,
    file::{PoolSource, Recipe, Sources, Start, numbers::counts, shape, targets},
};
use gleaner::Overrides;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

/// Words that a recipe's start may name beside recipes.
const STARTS: [&str; 4] = ["encoder", "sources", "joint", "baseline"];

type Shapes = BTreeMap<Spanned<String>, Spanned<shape::Recipe>>;

/// Everything that a recipe is checked against.
struct Checker<'a> {
    file: &'a File<'a>,
    known: &'a Known<'a>,
    rows: usize,
    names: Vec<&'a str>,
}

/// The recipes, such that what one starts from stands before it. `rows` is what a factor of 1 stands
/// for elsewhere in the study.
pub(super) fn recipes(
    file: &File,
    shapes: &Shapes,
    known: &Known,
    rows: usize,
) -> Result<Vec<Recipe>, StudyError> {
    let names = shapes.keys().map(|name| name.get_ref().as_str()).collect();
    let checker = Checker { file, known, rows, names };
    let mut open = Vec::new();
    for (name, recipe) in shapes {
        open.push((name.span().start, checker.recipe(name, recipe.get_ref())?));
    }
    let all: Vec<Recipe> = open.iter().map(|(_, recipe)| recipe.clone()).collect();
    for (at, recipe) in &open {
        checker.on_seeds(*at, recipe, &all)?;
    }
    for target in targets(known.languages.keys(), known.pairs, &all) {
        for (at, recipe) in &open {
            checker.on_target(*at, recipe, target)?;
        }
    }
    in_order(file, open)
}

impl Checker<'_> {
    fn recipe(&self, name: &Spanned<String>, shape: &shape::Recipe) -> Result<Recipe, StudyError> {
        let at = name.span().start;
        let name = name.get_ref();
        let error = |at, what: String, fix: &str| {
            Err(self.file.error(at, format!("experiments.recipes.{name}: {what}"), fix))
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(plain) || STARTS.contains(&name.as_str()) {
            let fix = "use letters, digits, - and _, and none of encoder, sources, joint, baseline";
            return error(at, "this is no name for a recipe".into(), fix);
        }
        let start = match &shape.start {
            None => Start::Encoder,
            Some(start) => match start.get_ref().as_str() {
                "encoder" => Start::Encoder,
                "sources" => Start::Sources,
                "joint" => Start::Joint,
                "baseline" => Start::Baseline,
                other if self.names.contains(&other) => Start::Recipe(other.to_owned()),
                other => {
                    let fix = "use encoder, sources, joint, baseline or another recipe's name";
                    return error(start.span().start, format!("start: there is no `{other}`"), fix);
                }
            },
        };
        let sources = match (&shape.sources, &start) {
            (Some(value), _) => self.sources(name, value)?,
            (None, Start::Sources | Start::Joint) => Sources::Pair,
            (None, _) => Sources::Languages(Vec::new()),
        };
        match (&start, &shape.sources) {
            (Start::Encoder, Some(value)) if sources.any() => {
                let fix = "set start = \"joint\", \"sources\", \"baseline\" or a recipe's name, or leave sources out";
                return error(value.span().start, "sources have no use at this start".into(), fix);
            }
            (Start::Sources | Start::Joint, _) if !sources.any() => {
                let fix = "name languages, or set start = \"encoder\"";
                return error(at, "it starts from sources, but has none".into(), fix);
            }
            _ => {}
        }
        let factor = match &shape.factor {
            Some(value) => match counts(value.get_ref()) {
                Ok(list) if list.len() == 1 => list[0],
                _ => {
                    let what = "factor: this is no whole number of 1 or more".to_owned();
                    return error(value.span().start, what, "write factor = 8");
                }
            },
            None if sources.any() => {
                let what = "it learns from sources, but has no factor".to_owned();
                return error(at, what, "add factor = 8: so many times the rows of each");
            }
            None => 1,
        };
        if !sources.any() {
            let given = [
                ("factor", shape.factor.as_ref().map(Spanned::span)),
                ("rows", shape.rows.as_ref().map(Spanned::span)),
                ("source-settings", shape.source_settings.as_ref().map(Spanned::span)),
            ];
            if let Some((key, span)) = given.into_iter().find_map(|(key, span)| Some((key, span?)))
            {
                let what = format!("{key} has no use without sources");
                let fix = "leave it out, or name sources = [\"da\", \"is\"]";
                return error(span.start, what, fix);
            }
        }
        let pool = shape.pool.as_ref().map(|pool| pool_source(self.file, pool)).transpose()?;
        if let (None, Some(limit)) = (pool, &shape.pool_limit) {
            let what = "pool-limit without a pool".to_owned();
            return error(limit.span().start, what, "add pool = \"target\" or \"source\"");
        }
        if let Some(other) = &shape.against
            && (other.get_ref() == name || !self.names.contains(&other.get_ref().as_str()))
        {
            let what = format!("against: there is no other recipe `{}`", other.get_ref());
            let fix = "name one; all are compared with the baseline in any case";
            return error(other.span().start, what, fix);
        }
        let settings = |settings: Option<&Spanned<Overrides>>, but: &[&str]| {
            settings_of(self.file, settings, self.known.common, but)
        };
        let positive = |n: &Option<Spanned<usize>>, key: &str| {
            n.as_ref().map(|n| self.file.positive(n, key)).transpose()
        };
        Ok(Recipe {
            name: name.clone(),
            sources,
            factor,
            rows: positive(&shape.rows, "rows")?.unwrap_or(self.rows),
            start,
            seeds: some_seeds(self.file, shape.seeds.as_ref(), self.known.seeds)?,
            pool,
            pool_limit: positive(&shape.pool_limit, "pool-limit")?,
            against: shape.against.as_ref().map(|other| other.get_ref().clone()),
            settings: settings(shape.settings.as_ref(), &["quantile"])?,
            source_settings: settings(shape.source_settings.as_ref(), &[])?,
        })
    }

    fn sources(&self, name: &str, value: &Spanned<Value>) -> Result<Sources, StudyError> {
        let error = |what: String, fix: &str| {
            let what = format!("experiments.recipes.{name}: {what}");
            Err(self.file.error(value.span().start, what, fix))
        };
        let fix = "write \"pair\" or a list of codes: [\"da\", \"is\"]";
        let list = match value.get_ref() {
            Value::String(text) if text == "pair" => return Ok(Sources::Pair),
            Value::Array(list) => list,
            other => return error(format!("sources: {other} is no list of languages"), fix),
        };
        let mut codes: Vec<String> = Vec::new();
        for code in list {
            let Some(code) = code.as_str() else {
                return error(format!("sources: {code} is no code of a language"), fix);
            };
            if !self.known.languages.contains_key(code) {
                let known: Vec<&str> = self.known.languages.keys().map(String::as_str).collect();
                let fix = format!("use some of {}", known.join(", "));
                return error(format!("sources: there is no language `{code}`"), &fix);
            }
            if codes.iter().any(|c| c == code) {
                return error(format!("sources: `{code}` stands twice"), "keep it once");
            }
            codes.push(code.to_owned());
        }
        Ok(Sources::Languages(codes))
    }

    /// Refuses a recipe that is to start from another with a seed that this is not run with, or to be compared with
    /// one that has no seed in common.
    fn on_seeds(&self, at: usize, recipe: &Recipe, all: &[Recipe]) -> Result<(), StudyError> {
        let error = |what: String, fix: &str| {
            Err(self.file.error(at, format!("experiments.recipes.{}: {what}", recipe.name), fix))
        };
        let named = |name: &str| all.iter().find(|other| other.name == name);
        let mut own = self.known.seeds.iter().filter(|seed| recipe.seeds.has(**seed));
        if let Start::Recipe(name) = &recipe.start
            && let Some(start) = named(name)
            && let Some(seed) = own.clone().find(|seed| !start.seeds.has(**seed))
        {
            let fix = "give both the same `seeds`";
            return error(format!("start: `{name}` is not run with seed {seed}"), fix);
        }
        match recipe.against.as_deref().and_then(named) {
            Some(other) if !own.any(|seed| other.seeds.has(*seed)) => {
                let what = format!("against: `{}` is run with none of its seeds", other.name);
                error(what, "give both a seed in common")
            }
            _ => Ok(()),
        }
    }

    /// Refuses a recipe that a target lacks something for.
    fn on_target(&self, at: usize, recipe: &Recipe, target: &str) -> Result<(), StudyError> {
        let error = |what: String, fix: String| {
            let what = format!("experiments.recipes.{}: {what}", recipe.name);
            Err(self.file.error(at, what, fix))
        };
        let of_pair = recipe.sources == Sources::Pair;
        if of_pair || recipe.pool == Some(PoolSource::Source) {
            match self.known.pairs.iter().filter(|p| p.target == target).count() {
                1 => {}
                0 => {
                    let fix = format!("add pairs = [\"{target} <- SOURCE\"], or name sources");
                    return error(format!("{target} stands in no pair as a target"), fix);
                }
                _ => {
                    let fix = "name sources, and a pool of the target".to_owned();
                    return error(format!("{target} stands in several pairs"), fix);
                }
            }
        }
        if recipe.sources.any() && recipe.sources_of(target, self.known.pairs).is_empty() {
            let fix = "name another language".to_owned();
            return error(format!("{target} has no source but itself"), fix);
        }
        if recipe.pool == Some(PoolSource::Target)
            && self.known.languages[target].unlabelled.is_empty()
        {
            let fix = format!(
                "add unlabelled = [\"FILE\"] to [languages.{target}], or pool = \"source\""
            );
            return error(format!("{target} has no unlabelled text"), fix);
        }
        Ok(())
    }
}

/// What a recipe starts from is put before it.
fn in_order(file: &File, mut open: Vec<(usize, Recipe)>) -> Result<Vec<Recipe>, StudyError> {
    let mut ordered: Vec<Recipe> = Vec::new();
    while !open.is_empty() {
        let ready = |recipe: &Recipe| match &recipe.start {
            Start::Recipe(other) => ordered.iter().any(|done| done.name == *other),
            _ => true,
        };
        let Some(next) = open.iter().position(|(_, recipe)| ready(recipe)) else {
            let (at, recipe) = &open[0];
            let what = format!(
                "experiments.recipes.{}: it starts from recipes that lead back to one another",
                recipe.name
            );
            return Err(file.error(*at, what, "let one of them start from something else"));
        };
        ordered.push(open.remove(next).1);
    }
    Ok(ordered)
}
