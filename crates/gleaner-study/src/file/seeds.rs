//! Seeds of a study and of its experiments.

use super::check::Checks;
use crate::{error::StudyError, study::Seeds};
use std::collections::BTreeSet;
use toml::Spanned;

/// The seed of a study that lists none.
const DEFAULT: u64 = 42;

/// The seeds of the study.
pub(super) fn of_study(
    file: &Checks,
    seeds: Option<&Spanned<Vec<u64>>>,
) -> Result<Vec<u64>, StudyError> {
    let Some(seeds) = seeds else { return Ok(vec![DEFAULT]) };
    let bad = |what: &str| {
        file.error(seeds.span().start, what, "write one or more numbers, each of them once")
    };
    let list = seeds.get_ref();
    let distinct: BTreeSet<_> = list.iter().collect();
    match list.len() {
        0 => Err(bad("seeds: the list is empty")),
        n if n != distinct.len() => Err(bad("seeds: a seed occurs twice")),
        _ => Ok(list.clone()),
    }
}

/// The seeds of an experiment. They must be among the study's, since only these have baselines.
pub(super) fn of_experiment(
    file: &Checks,
    named: Option<&Spanned<Vec<u64>>>,
    all: &[u64],
) -> Result<Seeds, StudyError> {
    let Some(named) = named else { return Ok(Seeds(None)) };
    let list = of_study(file, Some(named))?;
    match list.iter().find(|seed| !all.contains(seed)) {
        None => Ok(Seeds(Some(list))),
        Some(other) => Err(file.error(
            named.span().start,
            format!("seeds: {other} is not a seed of the study"),
            "add it to `seeds` at the top of the file, or use other seeds",
        )),
    }
}
