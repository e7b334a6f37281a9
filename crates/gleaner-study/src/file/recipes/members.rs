//! Recipes whose models vote: their members, and the model that learns from them.

use super::{Checker, shape};
use crate::{error::StudyError, study::Members};
use gleaner::{Overrides, PieceLabels, Settings};
use toml::{Spanned, Value};

/// The largest number of members with seeds of their own.
const MOST: i64 = 100;

impl Checker<'_> {
    /// Reads a number of seeds, or a list of recipes.
    pub(super) fn members(
        &self,
        name: &str,
        shape: &shape::Recipe,
    ) -> Result<Option<Members>, StudyError> {
        let Some(value) = &shape.members else { return Ok(None) };
        let at = value.span().start;
        let fix = "write members = 5, or a list of recipes: [\"first\", \"second\"]";
        let error = |what: String, fix: &str| Err(self.error(at, name, what, fix));
        match value.get_ref() {
            Value::Integer(seeds @ 2..=MOST) => Ok(Some(Members::Seeds(*seeds as u32))),
            Value::Integer(seeds) => {
                let what = format!("members: {seeds} is not a number of voters");
                error(what, &format!("use 2 to {MOST}"))
            }
            Value::Array(list) => {
                let mut names: Vec<String> = Vec::new();
                for other in list {
                    let Some(other) = other.as_str() else {
                        let found = other.type_str();
                        return error(format!("members: found a value of type {found}"), fix);
                    };
                    if other == name || !self.names.contains(&other) {
                        let what = format!("members: `{other}` is not another recipe");
                        return error(what, fix);
                    }
                    if names.iter().any(|known| known == other) {
                        return error(format!("members: `{other}` occurs twice"), "remove one");
                    }
                    names.push(other.to_owned());
                }
                Ok(Some(Members::Recipes(names)))
            }
            other => error(format!("members: found a value of type {}", other.type_str()), fix),
        }
    }

    /// Whether one model learns from the members. `own` are the recipe's settings. Refuses keys that train nothing:
    /// those of a recipe that only lets other recipes vote.
    pub(super) fn distil(
        &self,
        name: &str,
        shape: &shape::Recipe,
        members: Option<&Members>,
        own: &Overrides,
    ) -> Result<bool, StudyError> {
        let is_wanted = shape.distil.as_ref().filter(|wanted| *wanted.get_ref());
        let Some(wanted) = is_wanted else {
            return match members {
                Some(Members::Recipes(_)) => self.trains_nothing(name, shape),
                _ => Ok(false),
            };
        };
        let at = wanted.span().start;
        if members.is_none() {
            let fix = "add members = 5, or a list of recipes";
            return Err(self.error(at, name, "distil without members", fix));
        }
        // The student's distributions are over the tags of words.
        let settings = Settings::resolve(&[self.known.common, &[own]].concat())?;
        if settings.pieces.piece_labels != PieceLabels::First {
            let what = "distil: a model that labels more pieces than the first of a word cannot learn from others";
            let fix = "set piece-labels = \"first\" under [settings], or remove distil";
            return Err(self.error(at, name, what, fix));
        }
        Ok(true)
    }

    fn trains_nothing(&self, name: &str, shape: &shape::Recipe) -> Result<bool, StudyError> {
        fn place<T>(value: Option<&Spanned<T>>) -> Option<usize> {
            value.map(|value| value.span().start)
        }
        let unused = [
            ("encoder", place(shape.encoder.as_ref())),
            ("start", place(shape.start.as_ref())),
            ("sources", place(shape.sources.as_ref())),
            ("factor", place(shape.factor.as_ref())),
            ("rows", place(shape.rows.as_ref())),
            ("pool", place(shape.pool.as_ref())),
            ("settings", place(shape.settings.as_ref())),
        ];
        match unused.into_iter().find_map(|(key, at)| Some((key, at?))) {
            Some((key, at)) => {
                let what = format!("{key} is not used: its members are models of other recipes");
                let fix = "remove it, or add distil = true to train a model that learns from them";
                Err(self.error(at, name, what, fix))
            }
            None => Ok(false),
        }
    }
}
