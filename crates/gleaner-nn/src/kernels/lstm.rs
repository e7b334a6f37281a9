//! One step of one sentence through an LSTM cell (Hochreiter and Schmidhuber 1997, with a forget gate).
//!
//! Gates are in PyTorch's order: input, forget, candidate, output, `units` numbers each.

use super::{
    math::{sigmoid, tanh},
    multiversion,
};

multiversion! {
    /// Replaces `gates` with the activations of the pre-activations `gates + recurrent`, and computes the cell
    /// state, its tanh and the output, `[units]` each. `before` is the cell state of the previous step.
    pub fn forward(
        gates: &mut [f32],
        recurrent: &[f32],
        before: &[f32],
        cell: &mut [f32],
        tanh_cell: &mut [f32],
        output: &mut [f32],
    ) {
        let n = output.len();
        let (before, cell, tanh_cell) = (&before[..n], &mut cell[..n], &mut tanh_cell[..n]);
        let [i, f, g, o] = split_mut(gates, n);
        let [ri, rf, rg, ro] = split(recurrent, n);
        for u in 0..n {
            i[u] = sigmoid::<FMA>(i[u] + ri[u]);
            f[u] = sigmoid::<FMA>(f[u] + rf[u]);
            g[u] = tanh::<FMA>(g[u] + rg[u]);
            o[u] = sigmoid::<FMA>(o[u] + ro[u]);
            cell[u] = f[u] * before[u] + i[u] * g[u];
            tanh_cell[u] = tanh::<FMA>(cell[u]);
            output[u] = o[u] * tanh_cell[u];
        }
    }
}

multiversion! {
    /// Replaces the activations in `gates` with the gradients of the pre-activations, and `d_cell`, the gradient
    /// of the cell state, with that of the previous cell state. `d_output` is the gradient of the output.
    pub fn backward(
        gates: &mut [f32],
        before: &[f32],
        tanh_cell: &[f32],
        d_output: &[f32],
        d_cell: &mut [f32],
    ) {
        let n = d_output.len();
        let (before, tanh_cell, d_cell) = (&before[..n], &tanh_cell[..n], &mut d_cell[..n]);
        let [i, f, g, o] = split_mut(gates, n);
        for u in 0..n {
            let (vi, vf, vg, vo) = (i[u], f[u], g[u], o[u]);
            let d = d_cell[u] + d_output[u] * vo * (1.0 - tanh_cell[u] * tanh_cell[u]);
            o[u] = d_output[u] * tanh_cell[u] * vo * (1.0 - vo);
            i[u] = d * vg * vi * (1.0 - vi);
            f[u] = d * before[u] * vf * (1.0 - vf);
            g[u] = d * vi * (1.0 - vg * vg);
            d_cell[u] = d * vf;
        }
    }
}

#[inline(always)]
fn split(gates: &[f32], n: usize) -> [&[f32]; 4] {
    [0, 1, 2, 3].map(|g| &gates[g * n..][..n])
}

#[inline(always)]
fn split_mut(gates: &mut [f32], n: usize) -> [&mut [f32]; 4] {
    let (i, rest) = gates.split_at_mut(n);
    let (f, rest) = rest.split_at_mut(n);
    let (g, o) = rest.split_at_mut(n);
    [i, f, g, &mut o[..n]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::at_every_level;

    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 31 + seed * 7) % 23) as f32 / 8.0 - 1.4).collect()
    }

    /// State and output of a cell, in double precision.
    fn plain(gates: [f64; 4], before: f64) -> (f64, f64) {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let cell = sigmoid(gates[1]) * before + sigmoid(gates[0]) * gates[2].tanh();
        (cell, sigmoid(gates[3]) * cell.tanh())
    }

    #[test]
    fn a_cell_equals_its_definition_and_its_gradients_are_slopes() {
        at_every_level(|| {
            for n in [1, 15, 16, 20, 33] {
                let (sums, recurrent) = (numbers(4 * n, 1), numbers(4 * n, 2));
                let before = numbers(n, 3);
                let (d_output, d_later) = (numbers(n, 4), numbers(n, 5));
                let mut gates = sums.clone();
                let [mut cell, mut tanh_cell, mut output] = [(); 3].map(|()| vec![f32::NAN; n]);
                forward(&mut gates, &recurrent, &before, &mut cell, &mut tanh_cell, &mut output);
                let mut d_cell = d_later.clone();
                backward(&mut gates, &before, &tanh_cell, &d_output, &mut d_cell);
                for u in 0..n {
                    let at = |g: usize| f64::from(sums[g * n + u] + recurrent[g * n + u]);
                    let inputs = [at(0), at(1), at(2), at(3)];
                    let (c, h) = plain(inputs, before[u].into());
                    assert!((f64::from(cell[u]) - c).abs() < 1e-6);
                    assert!((f64::from(output[u]) - h).abs() < 1e-6);
                    let loss = |inputs: [f64; 4], before: f64| {
                        let (c, h) = plain(inputs, before);
                        c * f64::from(d_later[u]) + h * f64::from(d_output[u])
                    };
                    let step = 1e-5;
                    for g in 0..4 {
                        let (mut more, mut less) = (inputs, inputs);
                        more[g] += step;
                        less[g] -= step;
                        let b = before[u].into();
                        let slope = (loss(more, b) - loss(less, b)) / (2.0 * step);
                        assert!((f64::from(gates[g * n + u]) - slope).abs() < 1e-5, "gate {g}");
                    }
                    let b = f64::from(before[u]);
                    let slope = (loss(inputs, b + step) - loss(inputs, b - step)) / (2.0 * step);
                    assert!((f64::from(d_cell[u]) - slope).abs() < 1e-5);
                }
            }
        });
    }
}
