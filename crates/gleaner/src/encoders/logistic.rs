//! Multinomial logistic regression with a quadratic penalty, in double precision.

use super::lbfgs::minimise;

/// The factor of the penalty: the loss is the sum of the rows' negative log-likelihoods and PENALTY / 2 × the sum of
/// the squares of the weights, bias excluded. Inputs are standardised.
const PENALTY: f64 = 100.0;
/// The largest component of the gradient of the mean loss at the end.
const TOLERANCE: f64 = 1e-4;

/// Rows with their classes.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// `[rows, width]`.
    pub(super) x: &'a [f32],
    /// `[rows]`.
    pub(super) classes: &'a [u16],
    /// Number of inputs.
    pub(super) width: usize,
}

/// A fitted model.
pub(super) struct Logistic {
    /// Mean and inverse standard deviation of every input.
    scales: Vec<[f32; 2]>,
    /// `[classes, width + 1]`; the last column is the bias.
    weights: Vec<f64>,
}

impl Logistic {
    /// Fits a model of `classes` classes. The same rows give the same model.
    pub(super) fn fit(rows: Rows, classes: usize) -> Self {
        let width = rows.width;
        let scales = scales(rows);
        let mut x = rows.x.to_vec();
        x.chunks_exact_mut(width).for_each(|row| standardise(row, &scales));
        let rows = Rows { x: &x, ..rows };
        let start = vec![0.0; classes * (width + 1)];
        let weights =
            minimise(start, TOLERANCE, &|weights, gradient| loss(rows, weights, gradient));
        Self { scales, weights }
    }

    /// The logarithms of the probabilities of all classes for every row of `x`, `[rows, classes]`.
    pub(super) fn log_probabilities(&self, x: &[f32]) -> Vec<f32> {
        let width = self.scales.len();
        let mut out = Vec::new();
        for row in x.chunks_exact(width) {
            let mut row = row.to_vec();
            standardise(&mut row, &self.scales);
            let scores = scores(&self.weights, &row);
            let normaliser = log_sum_exp(&scores);
            out.extend(scores.into_iter().map(|score| (score - normaliser) as f32));
        }
        out
    }
}

/// The mean loss, with its gradient.
fn loss(rows: Rows, weights: &[f64], gradient: &mut [f64]) -> f64 {
    let width = rows.width;
    let share = 1.0 / rows.classes.len().max(1) as f64;
    gradient.fill(0.0);
    let mut sum = 0.0;
    for (row, &class) in rows.x.chunks_exact(width).zip(rows.classes) {
        let scores = scores(weights, row);
        let normaliser = log_sum_exp(&scores);
        sum += normaliser - scores[usize::from(class)];
        for (k, gradient) in gradient.chunks_exact_mut(width + 1).enumerate() {
            let observed = f64::from(k == usize::from(class));
            let d = share * ((scores[k] - normaliser).exp() - observed);
            gradient.iter_mut().zip(row).for_each(|(g, x)| *g += d * f64::from(*x));
            gradient[width] += d;
        }
    }
    let mut squares = 0.0;
    for (weights, gradient) in
        weights.chunks_exact(width + 1).zip(gradient.chunks_exact_mut(width + 1))
    {
        for (w, g) in weights[..width].iter().zip(gradient) {
            squares += w * w;
            *g += share * PENALTY * w;
        }
    }
    share * (sum + PENALTY / 2.0 * squares)
}

/// The scores of all classes for a row.
fn scores(weights: &[f64], row: &[f32]) -> Vec<f64> {
    let of_class = |weights: &[f64]| dot(&weights[..row.len()], row) + weights[row.len()];
    weights.chunks_exact(row.len() + 1).map(of_class).collect()
}

/// The inner product, summed in a fixed order that can be vectorised.
fn dot(a: &[f64], b: &[f32]) -> f64 {
    const LANES: usize = 8;
    let (a, rest_a) = a.as_chunks::<LANES>();
    let (b, rest_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        sums.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += a * f64::from(*b));
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * f64::from(*b)).sum();
    sums.iter().sum::<f64>() + rest
}

fn log_sum_exp(scores: &[f64]) -> f64 {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + scores.iter().map(|score| (score - largest).exp()).sum::<f64>().ln()
}

/// Mean and inverse standard deviation of every input; an input that does not vary keeps its unit.
fn scales(rows: Rows) -> Vec<[f32; 2]> {
    let n = rows.classes.len().max(1) as f64;
    let (mut means, mut squares) = (vec![0.0; rows.width], vec![0.0; rows.width]);
    for row in rows.x.chunks_exact(rows.width) {
        means.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x) / n);
    }
    for row in rows.x.chunks_exact(rows.width) {
        let deviations = row.iter().zip(&means).map(|(x, mean)| f64::from(*x) - mean);
        squares.iter_mut().zip(deviations).for_each(|(sum, d)| *sum += d * d / n);
    }
    let inverse = |variance: f64| if variance > 1e-12 { 1.0 / variance.sqrt() } else { 1.0 };
    means.into_iter().zip(squares).map(|(mean, v)| [mean as f32, inverse(v) as f32]).collect()
}

fn standardise(row: &mut [f32], scales: &[[f32; 2]]) {
    row.iter_mut().zip(scales).for_each(|(x, [mean, inverse])| *x = (*x - mean) * inverse);
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f32; 16] =
        [0.0, 1.0, 1.0, 0.5, 2.0, 3.0, 2.5, 2.0, 5.0, 1.0, 4.5, 0.0, 1.5, 4.0, 4.0, 2.5];
    const CLASSES: [u16; 8] = [0, 0, 1, 1, 2, 2, 1, 2];

    fn rows() -> Rows<'static> {
        Rows { x: &X, classes: &CLASSES, width: 2 }
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let weights: Vec<f64> = (0..9).map(|i| f64::from(i) / 7.0 - 0.5).collect();
        let mut gradient = vec![0.0; 9];
        loss(rows(), &weights, &mut gradient);
        for i in 0..9 {
            let at = |shift: f64| {
                let mut weights = weights.clone();
                weights[i] += shift;
                loss(rows(), &weights, &mut [0.0; 9])
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradient[i]).abs() < 1e-7, "{i}: {slope} {}", gradient[i]);
        }
    }

    /// LogisticRegression(C=1/100, tol=1e-12) of scikit-learn 1.9 on standardised inputs.
    #[test]
    fn probabilities_are_those_of_scikit_learn() {
        let found = Logistic::fit(rows(), 3).log_probabilities(&X);
        let expected = [[-1.334_599, -0.977_652, -1.020_144], [-1.416_76, -1.015_775, -0.927_908]];
        for (row, expected) in [0, 4].into_iter().zip(expected) {
            for (found, expected) in found[3 * row..].iter().zip(expected) {
                assert!((f64::from(*found) - expected).abs() < 2e-3, "{found} {expected}");
            }
        }
    }

    #[test]
    fn classes_are_separated_in_any_unit() {
        // Many copies, so that the penalty weighs little.
        let (x, classes) = (X.repeat(500), CLASSES.repeat(500));
        let scaled: Vec<f32> = x.iter().map(|x| 1000.0 * x - 7.0).collect();
        let of = |x: &[f32]| {
            let model = Logistic::fit(Rows { x, classes: &classes, width: 2 }, 3);
            model.log_probabilities(&x[..16])
        };
        let (found, in_other_units) = (of(&x), of(&scaled));
        for (row, &class) in found.chunks_exact(3).zip(&CLASSES) {
            assert!((row.iter().map(|p| p.exp()).sum::<f32>() - 1.0).abs() < 1e-5);
            let best = (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
            assert_eq!(best, usize::from(class), "{row:?}");
        }
        let largest =
            found.iter().zip(&in_other_units).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(largest < 0.05, "{largest}");
    }

    #[test]
    fn an_input_that_never_varies_does_no_harm() {
        let x = [1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0];
        let model = Logistic::fit(Rows { x: &x, classes: &[0, 1, 0, 1], width: 2 }, 2);
        let found = model.log_probabilities(&x);
        assert!(found.iter().all(|p| p.is_finite()) && found[0] > found[1] && found[3] > found[2]);
    }
}
