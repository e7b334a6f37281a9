//! Simulated annotation: orders and numbers of sentences.

use super::{check::Checks, seeds, shape};
use crate::{error::StudyError, study::Active};
use gleaner::active::Order;
use toml::Spanned;

/// Number of sentences at the start, and by default added in a step.
const START: usize = 20;

/// The largest number of steps.
const STEPS: usize = 1000;

pub(super) fn active(
    file: &Checks,
    shape: &shape::Active,
    all_seeds: &[u64],
) -> Result<Active, StudyError> {
    let positive = |n: &Option<Spanned<usize>>, key: &str, default: usize| {
        n.as_ref().map_or(Ok(default), |n| file.positive(n, key))
    };
    let start = positive(&shape.start, "start", START)?;
    let step = positive(&shape.step, "step", START)?;
    let (at, to) = (shape.to.span().start, *shape.to.get_ref());
    if to <= start {
        let what = format!("to: {to} sentences are no more than the {start} of the start");
        return Err(file.error(at, what, "use a larger number, or set a smaller `start`"));
    }
    if (to - start) / step > STEPS {
        let what = format!("to: more than {STEPS} steps of {step}");
        return Err(file.error(at, what, "use a smaller number, or set a larger `step`"));
    }
    Ok(Active {
        orders: orders(file, &shape.strategies)?,
        sizes: (start..=to).step_by(step).collect(),
        seeds: seeds::of_experiment(file, shape.seeds.as_ref(), all_seeds)?,
    })
}

/// The orders, with random order before all others: they are compared with it.
fn orders(
    file: &Checks,
    strategies: &Spanned<Vec<Spanned<String>>>,
) -> Result<Vec<Order>, StudyError> {
    let mut orders = Vec::new();
    for name in strategies.get_ref() {
        let at = name.span().start;
        let order: Order = name.get_ref().parse().map_err(|e: String| {
            file.error(at, format!("strategies: {e}"), "write [\"margin\", \"diverse\"]")
        })?;
        if order == Order::Disagreement {
            let what = "strategies: `disagreement` needs several models, and a run trains one";
            return Err(file.error(at, what, "use margin, entropy or diverse"));
        }
        if orders.contains(&order) {
            return Err(file.error(
                at,
                format!("strategies: `{order}` occurs twice"),
                "remove one",
            ));
        }
        orders.push(order);
    }
    orders.retain(|order| *order != Order::Random);
    if orders.is_empty() {
        let what = "strategies: none to compare with random order";
        let fix = "add \"margin\" or \"diverse\"; for random order alone, use [experiments.curve]";
        return Err(file.error(strategies.span().start, what, fix));
    }
    orders.insert(0, Order::Random);
    Ok(orders)
}
