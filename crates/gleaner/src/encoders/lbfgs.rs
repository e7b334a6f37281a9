//! Minimising a smooth convex function.

use std::collections::VecDeque;

/// Number of earlier steps that the curvature is estimated from.
const HISTORY: usize = 10;
/// Maximum number of steps.
const STEPS: usize = 300;
/// Maximum number of times that a step is halved.
const HALVINGS: usize = 40;
/// How much a step must decrease the function, as a share of what its slope promises.
const SUFFICIENT: f64 = 1e-4;

/// A step, the change of the gradient along it, and their product's inverse.
struct Change {
    step: Vec<f64>,
    gradient: Vec<f64>,
    inverse: f64,
}

/// Minimises `f` from `x` on by L-BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5). Steps are halved until they
/// decrease `f` sufficiently (algorithm 3.1). Ends when no component of the gradient is larger than `tolerance`.
///
/// `f` returns its value, and writes its gradient to the second slice.
pub(super) fn minimise(
    mut x: Vec<f64>,
    tolerance: f64,
    f: &dyn Fn(&[f64], &mut [f64]) -> f64,
) -> Vec<f64> {
    let mut gradient = vec![0.0; x.len()];
    let mut value = f(&x, &mut gradient);
    let mut history: VecDeque<Change> = VecDeque::new();
    for _ in 0..STEPS {
        if gradient.iter().all(|g| g.abs() <= tolerance) {
            break;
        }
        let direction = direction(&history, &gradient);
        let slope = dot(&direction, &gradient);
        let Some((next, next_value, next_gradient)) =
            search(&x, value, &direction, slope, history.is_empty(), f)
        else {
            break; // as low as the precision allows
        };
        let step = difference(&next, &x);
        let change = difference(&next_gradient, &gradient);
        let product = dot(&step, &change);
        if product > 0.0 {
            if history.len() == HISTORY {
                history.pop_front();
            }
            history.push_back(Change { step, gradient: change, inverse: 1.0 / product });
        }
        (x, value, gradient) = (next, next_value, next_gradient);
    }
    x
}

/// A point in a direction where `f` is sufficiently lower, with its value and gradient.
fn search(
    x: &[f64],
    value: f64,
    direction: &[f64],
    slope: f64,
    is_first: bool,
    f: &dyn Fn(&[f64], &mut [f64]) -> f64,
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    // Without an estimate of the curvature, the first step has length 1.
    let mut length = if is_first { 1.0 / dot(direction, direction).sqrt() } else { 1.0 };
    for _ in 0..HALVINGS {
        let next: Vec<f64> = x.iter().zip(direction).map(|(x, d)| x + length * d).collect();
        let mut gradient = vec![0.0; x.len()];
        let found = f(&next, &mut gradient);
        if found < value && found <= value + SUFFICIENT * length * slope {
            return Some((next, found, gradient));
        }
        length /= 2.0;
    }
    None
}

/// The negative gradient times the estimated inverse of the second derivatives.
fn direction(history: &VecDeque<Change>, gradient: &[f64]) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut shares = Vec::with_capacity(history.len());
    for change in history.iter().rev() {
        let share = change.inverse * dot(&change.step, &direction);
        add(&mut direction, -share, &change.gradient);
        shares.push(share);
    }
    if let Some(last) = history.back() {
        let scale = 1.0 / (last.inverse * dot(&last.gradient, &last.gradient));
        direction.iter_mut().for_each(|d| *d *= scale);
    }
    for (change, share) in history.iter().zip(shares.into_iter().rev()) {
        let other = change.inverse * dot(&change.gradient, &direction);
        add(&mut direction, share - other, &change.step);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add(to: &mut [f64], factor: f64, x: &[f64]) {
    to.iter_mut().zip(x).for_each(|(to, x)| *to += factor * x);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Σ c (x − 3)², with curvatures c from 1 to 10⁴.
    fn bowl(x: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (i, (x, gradient)) in x.iter().zip(gradient).enumerate() {
            let c = 10f64.powi(i as i32);
            sum += c * (x - 3.0).powi(2);
            *gradient = 2.0 * c * (x - 3.0);
        }
        sum
    }

    #[test]
    fn the_minimum_is_found_in_few_steps() {
        let calls = Cell::new(0);
        let f = |x: &[f64], gradient: &mut [f64]| {
            calls.set(calls.get() + 1);
            bowl(x, gradient)
        };
        let found = minimise(vec![0.0; 5], 1e-6, &f);
        assert!(found.iter().all(|x| (x - 3.0).abs() < 1e-5), "{found:?}");
        assert!(calls.get() < 100, "{}", calls.get());
        assert_eq!(minimise(vec![3.0; 2], 1e-6, &bowl), [3.0; 2]);
    }

    #[test]
    fn a_function_that_is_not_quadratic() {
        // e^x − 2x + y⁴ has its minimum at ln 2, 0.
        let f = |x: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&[x[0].exp() - 2.0, 4.0 * x[1].powi(3)]);
            x[0].exp() - 2.0 * x[0] + x[1].powi(4)
        };
        let found = minimise(vec![5.0, 2.0], 1e-9, &f);
        assert!((found[0] - 2f64.ln()).abs() < 1e-6 && found[1].abs() < 1e-2, "{found:?}");
    }
}
