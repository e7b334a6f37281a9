//! Recipes: each one by itself. What concerns several is in [`order`](super::order).

mod members;

use super::{
    check::{Checks, Known},
    numbers::counts,
    order::Related,
    seeds,
    settings::settings_of,
    shape,
};
use crate::{
    error::StudyError,
    source::NamedEncoder,
    study::{Recipe, Sources, Start},
};
use gleaner::Overrides;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

/// Values of `start` that are not the name of a recipe.
const STARTS: [&str; 4] = ["encoder", "sources", "joint", "baseline"];

type Shapes = BTreeMap<Spanned<String>, Spanned<shape::Recipe>>;

/// What a recipe is checked against.
struct Checker<'a> {
    file: &'a Checks<'a>,
    known: &'a Known<'a>,
    rows: usize,
    names: Vec<&'a str>,
}

/// The recipes, each after those whose models it needs. `rows` is the number of sentences that a factor
/// of 1 means elsewhere in the study.
pub(super) fn recipes(
    file: &Checks,
    shapes: &Shapes,
    known: &Known,
    rows: usize,
) -> Result<Vec<Recipe>, StudyError> {
    let names = shapes.keys().map(|name| name.get_ref().as_str()).collect();
    let checker = Checker { file, known, rows, names };
    let mut all = Vec::new();
    for (name, recipe) in shapes {
        all.push((name.span().start, checker.recipe(name, recipe.get_ref())?));
    }
    Related { file, known }.ordered(all)
}

impl Checker<'_> {
    fn recipe(&self, name: &Spanned<String>, shape: &shape::Recipe) -> Result<Recipe, StudyError> {
        let at = name.span().start;
        let name = name.get_ref();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(plain) || STARTS.contains(&name.as_str()) {
            let fix = "use letters, digits, - and _, but not encoder, sources, joint or baseline";
            return Err(self.error(at, name, "the name is not valid", fix));
        }
        let start = self.start(name, shape)?;
        let encoder = self.encoder(name, shape, &start)?;
        let sources = self.sources(at, name, shape, &start)?;
        let pool = shape.pool.as_ref().map(|pool| self.file.pool_source(pool)).transpose()?;
        if let (None, Some(limit)) = (pool, &shape.pool_limit) {
            let fix = "add pool = \"target\" or \"source\"";
            return Err(self.error(limit.span().start, name, "pool-limit without pool", fix));
        }
        if let Some(other) = &shape.against
            && (other.get_ref() == name || !self.names.contains(&other.get_ref().as_str()))
        {
            let what = format!("against: `{}` is not another recipe", other.get_ref());
            let fix = "name another recipe; the comparison with the baseline needs no key";
            return Err(self.error(other.span().start, name, what, fix));
        }
        let settings = |settings: Option<&Spanned<Overrides>>, allowed: &[&str]| {
            settings_of(self.file, settings, self.known.common, allowed)
        };
        let positive = |n: &Option<Spanned<usize>>, key: &str| {
            n.as_ref().map(|n| self.file.positive(n, key)).transpose()
        };
        let members = self.members(name, shape)?;
        let own = settings(shape.settings.as_ref(), &["quantile"])?;
        Ok(Recipe {
            distil: self.distil(name, shape, members.as_ref(), &own)?,
            members,
            name: name.clone(),
            encoder,
            factor: self.factor(at, name, shape, &sources)?,
            sources,
            rows: positive(&shape.rows, "rows")?.unwrap_or(self.rows),
            start,
            seeds: seeds::of_experiment(self.file, shape.seeds.as_ref(), self.known.seeds)?,
            pool,
            pool_limit: positive(&shape.pool_limit, "pool-limit")?,
            against: shape.against.as_ref().map(|other| other.get_ref().clone()),
            settings: own,
            source_settings: settings(shape.source_settings.as_ref(), &[])?,
        })
    }

    fn error(&self, at: usize, name: &str, what: impl AsRef<str>, fix: &str) -> StudyError {
        self.file.error(at, format!("experiments.recipes.{name}: {}", what.as_ref()), fix)
    }

    fn encoder(
        &self,
        name: &str,
        shape: &shape::Recipe,
        start: &Start,
    ) -> Result<Option<NamedEncoder>, StudyError> {
        let Some(encoder) = &shape.encoder else { return Ok(None) };
        if matches!(start, Start::Baseline | Start::Recipe(_)) {
            let what = "encoder is not used: it starts from another model, which has its own";
            let fix = "remove it, or set start to \"encoder\", \"sources\" or \"joint\"";
            return Err(self.error(encoder.span().start, name, what, fix));
        }
        let key = format!("experiments.recipes.{name}: encoder");
        super::encoder(self.file, &key, encoder).map(Some)
    }

    fn start(&self, name: &str, shape: &shape::Recipe) -> Result<Start, StudyError> {
        let Some(start) = &shape.start else { return Ok(Start::Encoder) };
        Ok(match start.get_ref().as_str() {
            "encoder" => Start::Encoder,
            "sources" => Start::Sources,
            "joint" => Start::Joint,
            "baseline" => Start::Baseline,
            other if self.names.contains(&other) => Start::Recipe(other.to_owned()),
            other => {
                let what = format!("start: unknown value `{other}`");
                let fix = "use encoder, sources, joint, baseline or the name of another recipe";
                return Err(self.error(start.span().start, name, what, fix));
            }
        })
    }

    fn sources(
        &self,
        at: usize,
        name: &str,
        shape: &shape::Recipe,
        start: &Start,
    ) -> Result<Sources, StudyError> {
        let sources = match (&shape.sources, start) {
            (Some(value), _) => self.listed(name, value)?,
            (None, Start::Sources | Start::Joint) => Sources::Pair,
            (None, _) => Sources::Languages(Vec::new()),
        };
        match (start, &shape.sources) {
            (Start::Encoder, Some(value)) if sources.any() => {
                let what = "sources are not used with start = \"encoder\"";
                let fix = "set start to \"joint\", \"sources\", \"baseline\" or a recipe, or remove sources";
                Err(self.error(value.span().start, name, what, fix))
            }
            (Start::Sources | Start::Joint, _) if !sources.any() => {
                let fix = "list languages, or set start = \"encoder\"";
                Err(self.error(at, name, "it starts from sources, but the list is empty", fix))
            }
            _ => Ok(sources),
        }
    }

    /// Reads `"pair"` or a list of language codes.
    fn listed(&self, name: &str, value: &Spanned<Value>) -> Result<Sources, StudyError> {
        let error = |what: String, fix: &str| Err(self.error(value.span().start, name, what, fix));
        let fix = "write \"pair\" or a list of codes: [\"da\", \"is\"]";
        let list = match value.get_ref() {
            Value::String(text) if text == "pair" => return Ok(Sources::Pair),
            Value::Array(list) => list,
            other => {
                let found = match other {
                    Value::String(text) => format!("\"{text}\""),
                    _ => format!("a value of type {}", other.type_str()),
                };
                return error(format!("sources: {found} is not a list of languages"), fix);
            }
        };
        let mut codes: Vec<String> = Vec::new();
        for code in list {
            let Some(code) = code.as_str() else {
                let found = code.type_str();
                return error(
                    format!("sources: expected language codes, found a value of type {found}"),
                    fix,
                );
            };
            if !self.known.languages.contains_key(code) {
                let known: Vec<&str> = self.known.languages.keys().map(String::as_str).collect();
                let fix = format!("use some of {}", known.join(", "));
                return error(format!("sources: unknown language `{code}`"), &fix);
            }
            if codes.iter().any(|c| c == code) {
                return error(format!("sources: `{code}` occurs twice"), "remove one");
            }
            codes.push(code.to_owned());
        }
        Ok(Sources::Languages(codes))
    }

    fn factor(
        &self,
        at: usize,
        name: &str,
        shape: &shape::Recipe,
        sources: &Sources,
    ) -> Result<u32, StudyError> {
        let given = [
            ("factor", shape.factor.as_ref().map(Spanned::span)),
            ("rows", shape.rows.as_ref().map(Spanned::span)),
            ("source-settings", shape.source_settings.as_ref().map(Spanned::span)),
        ];
        let unused = given.into_iter().find_map(|(key, span)| Some((key, span?)));
        if let (false, Some((key, span))) = (sources.any(), unused) {
            let what = format!("{key} is not used without sources");
            let fix = "remove it, or add sources = [\"da\", \"is\"]";
            return Err(self.error(span.start, name, what, fix));
        }
        match &shape.factor {
            Some(value) => match counts(value.get_ref()) {
                Ok(list) if list.len() == 1 => Ok(list[0]),
                _ => {
                    let what = "factor: not a whole number of 1 or more";
                    Err(self.error(value.span().start, name, what, "write factor = 8"))
                }
            },
            None if sources.any() => {
                let fix = "add factor = 8: eight times `rows` sentences of each source";
                Err(self.error(at, name, "it has sources, but no factor", fix))
            }
            None => Ok(1),
        }
    }
}
