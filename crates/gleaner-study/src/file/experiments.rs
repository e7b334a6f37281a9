//! Experiments: factors, quantiles, pools and sizes.

use super::{
    active::active,
    check::{Checks, Known},
    numbers::{counts, numbers},
    recipes::recipes,
    seeds,
    settings::settings_of,
    shape,
};
use crate::{
    error::StudyError,
    study::{Experiments, PoolSource, Pseudo, Sweep},
};
use gleaner::{Overrides, Protocol};
use toml::{Spanned, Value};

/// The largest number of trainings per quantile.
const REPEATS: u32 = 1000;

/// Source sentences that a factor of 1 means by default, as published.
const ROWS: usize = 240;

pub(super) fn experiments(
    file: &Checks,
    shape: &shape::Experiments,
    known: &Known,
) -> Result<Experiments, StudyError> {
    let settings = |s: Option<&Spanned<Overrides>>| settings_of(file, s, known.common, &[]);
    let seeds =
        |named: &Option<Spanned<Vec<u64>>>| seeds::of_experiment(file, named.as_ref(), known.seeds);
    let mut e = Experiments { rows: ROWS, ..Experiments::default() };
    let needs_pair = |at: usize, name: &str| match known.pairs.is_empty() {
        false => Ok(()),
        true => {
            let what = format!("experiments.{name}: the study has no pair");
            Err(file.error(at, what, "add pairs = [\"TARGET <- SOURCE\"]"))
        }
    };
    let factors = |value: &Spanned<Value>, name: &str| {
        needs_pair(value.span().start, name)?;
        let mut factors = counts(value.get_ref()).map_err(|what| {
            let fix = "write whole numbers: [1, 2, 4] or { from = 1, to = 23 }";
            file.error(value.span().start, format!("factors: {what}"), fix)
        })?;
        factors.sort_unstable();
        factors.dedup();
        Ok::<_, StudyError>(factors)
    };
    let sweep = |s: &shape::Factors, name: &str| -> Result<Sweep, StudyError> {
        Ok(Sweep {
            factors: factors(&s.factors, name)?,
            seeds: seeds(&s.seeds)?,
            settings: settings(s.settings.as_ref())?,
        })
    };
    if let Some(b) = &shape.baseline {
        e.baseline = settings(b.settings.as_ref())?;
    }
    if let Some(t) = &shape.transfer {
        e.transfer = Sweep {
            factors: factors(&t.factors, "transfer")?,
            seeds: seeds(&t.seeds)?,
            settings: settings(t.settings.as_ref())?,
        };
        e.source = settings(t.source_settings.as_ref())?;
        e.rows = t.rows.as_ref().map_or(Ok(ROWS), |n| file.positive(n, "rows"))?;
    }
    if let Some(z) = &shape.zero_shot {
        e.zero_shot = sweep(z, "zero-shot")?;
    }
    if let Some(j) = &shape.joint {
        e.joint = sweep(j, "joint")?;
    }
    if let Some(p) = &shape.pseudo {
        needs_pair(p.span().start, "pseudo")?;
        e.pseudo = Some(pseudo(file, p, known)?);
    }
    if let Some(curve) = &shape.curve {
        let mut sizes = counts(curve.sizes.get_ref()).map_err(|what| {
            let fix = "write training sentence counts: [50, 100, 150]";
            file.error(curve.sizes.span().start, format!("sizes: {what}"), fix)
        })?;
        sizes.sort_unstable();
        sizes.dedup();
        e.curve_seeds = seeds(&curve.seeds)?;
        e.sizes = sizes.into_iter().map(|n| n as usize).collect();
    }
    e.active = shape.active.as_ref().map(|a| active(file, a, known.seeds)).transpose()?;
    e.recipes = recipes(file, &shape.recipes, known, e.rows)?;
    Ok(e)
}

fn pseudo(
    file: &Checks,
    spanned: &Spanned<shape::Pseudo>,
    known: &Known,
) -> Result<Pseudo, StudyError> {
    let Known { common, languages, pairs, seeds: all } = *known;
    let p = spanned.get_ref();
    let at = p.quantiles.span().start;
    let bad = |what: String| {
        let fix = "write numbers from 0 to below 1: 0.9, [0.8, 0.9] or { from = 0.82, to = 0.99, step = 0.01 }";
        file.error(at, format!("quantiles: {what}"), fix)
    };
    let mut quantiles = numbers(p.quantiles.get_ref()).map_err(bad)?;
    if let Some(q) = quantiles.iter().find(|q| !(0.0..1.0).contains(*q)) {
        return Err(bad(format!("{q} is out of range")));
    }
    quantiles.sort_unstable_by(f64::total_cmp);
    quantiles.dedup();
    let repeats =
        p.repeats.as_ref().map(|n| file.within(n, "repeats", (1, REPEATS))).transpose()?;
    let is_published = common.iter().any(|c| c.run.protocol == Some(Protocol::Published));
    let pool = match &p.pool {
        None if is_published => PoolSource::Source,
        None => PoolSource::Target,
        Some(name) => file.pool_source(name)?,
    };
    if let (PoolSource::Target, Some(pair)) =
        (pool, pairs.iter().find(|p| languages[&p.target].unlabelled.is_empty()))
    {
        let what = format!("experiments.pseudo: {} has no unlabelled text", pair.target);
        let fix = format!(
            "add unlabelled = [\"FILE\"] to [languages.{}], or pool = \"source\"",
            pair.target
        );
        return Err(file.error(spanned.span().start, what, fix));
    }
    Ok(Pseudo {
        quantiles,
        repeats: repeats.unwrap_or(1),
        seeds: seeds::of_experiment(file, p.seeds.as_ref(), all)?,
        pool,
        limit: p.pool_limit.as_ref().map(|n| file.positive(n, "pool-limit")).transpose()?,
        settings: settings_of(file, p.settings.as_ref(), common, &[])?,
    })
}
