//! The BiLSTM on the CPU. Products of inputs and weights cover all pieces at once. The recurrence runs step by
//! step, over several sentences at a time and both directions in parallel.

use super::{BiLstm, Direction, Steps};
use crate::{
    Grads, Packed, Params, Precision,
    kernels::{
        lstm,
        math::LANES,
        matmul::{self, Accumulate, Product},
        product::{Lanes, Left, pack_columns, pack_rows, product, vectors},
        rows::{add, column_sums, drop_all},
    },
    rng::Stream,
};
use rayon::prelude::*;

/// The values that a training pass keeps for its backward pass.
pub(crate) struct Tape {
    /// The input of each layer, `[pieces, inputs]`.
    inputs: Vec<Vec<f32>>,
    /// The two directions of each layer.
    runs: Vec<[Run; 2]>,
    dropout: Option<Stream>,
}

/// The results of one direction of one layer.
struct Run {
    reverse: bool,
    /// Activations of the gates, `[pieces, 4 × units]`. The backward pass replaces them with the gradients of the
    /// pre-activations.
    gates: Vec<f32>,
    /// The cell states, their tanh, and the outputs, `[pieces, units]` each.
    cells: Vec<f32>,
    tanh_cells: Vec<f32>,
    outputs: Vec<f32>,
}

impl BiLstm {
    /// Outputs of the last layer, `[pieces, 2 × units]`, and the values that a backward pass needs. `dropout` is
    /// the random stream of this step; `None` disables dropout.
    pub(crate) fn forward_fused(
        &self,
        values: &Params,
        packed: &Packed,
        x: Vec<f32>,
        dropout: Option<Stream>,
    ) -> (Vec<f32>, Tape) {
        let dropout = dropout.filter(|_| self.dropout > 0.0);
        let mut tape = Tape { inputs: Vec::new(), runs: Vec::new(), dropout };
        let mut x = x;
        for (depth, directions) in self.layers.iter().enumerate() {
            if let Some(stream) = dropout.filter(|_| depth > 0) {
                drop_all(&mut x, stream.child(depth as u64).dropout(self.dropout));
            }
            let mut runs = self.prepare(values, directions, &x);
            let recurrent = directions.each_ref().map(|d| self.recurrent_columns(values, d));
            self.parts(packed, &mut runs)
                .into_par_iter()
                .for_each(|mut part| part.forward(&recurrent[usize::from(part.reverse)]));
            let output = concatenate(self.units, &runs);
            tape.inputs.push(std::mem::replace(&mut x, output));
            tape.runs.push(runs);
        }
        (x, tape)
    }

    /// Adds the gradients of the parameters to `grads`, given the gradient `d` of the outputs, `[pieces, 2 ×
    /// units]`. Returns the gradient of the inputs.
    pub(crate) fn backward_fused(
        &self,
        values: &Params,
        packed: &Packed,
        tape: Tape,
        d: Vec<f32>,
        grads: &mut Grads,
    ) -> Vec<f32> {
        let Tape { inputs, runs, dropout } = tape;
        let (n, u) = (packed.pieces(), self.units);
        let mut d = d;
        for (depth, (input, mut runs)) in inputs.into_iter().zip(runs).enumerate().rev() {
            let directions = &self.layers[depth];
            let recurrent = directions.each_ref().map(|x| self.recurrent_rows(values, x));
            self.parts(packed, &mut runs)
                .into_par_iter()
                .for_each(|mut part| part.backward(&recurrent[usize::from(part.reverse)], &d));
            let width = input.len() / n;
            let mut d_input = vec![0.0; input.len()];
            let before = runs.each_ref().map(|run| run.outputs_before(packed, u));
            let gates = runs.each_ref().map(|run| matmul::rows(&run.gates, 4 * u));
            let mut terms = Vec::new();
            for ((direction, run), gates) in directions.iter().zip(&runs).zip(gates) {
                let bias = column_sums(&run.gates, 4 * u);
                grads.add(direction.input_bias, &bias);
                grads.add(direction.hidden_bias, &bias);
                terms.push((gates, matmul::rows(&values[direction.input], width)));
            }
            let mut products =
                vec![Product { c: &mut d_input, accumulate: Accumulate::Zero, terms }];
            let input = matmul::rows(&input, width);
            let [forward, backward] = directions;
            let [forward_before, backward_before] = before.each_ref().map(|b| matmul::rows(b, u));
            products.extend(grads.outer([
                (forward.input, gates[0], input),
                (backward.input, gates[1], input),
                (forward.hidden, gates[0], forward_before),
                (backward.hidden, gates[1], backward_before),
            ]));
            Precision::F32.multiply_all(products);
            if let Some(stream) = dropout.filter(|_| depth > 0) {
                drop_all(&mut d_input, stream.child(depth as u64).dropout(self.dropout));
            }
            d = d_input;
        }
        d
    }

    /// Computes the contribution of the input to the gates of both directions, and reserves memory for the
    /// recurrence.
    fn prepare(&self, values: &Params, directions: &[Direction; 2], x: &[f32]) -> [Run; 2] {
        let u = self.units;
        let inputs = values[directions[0].input].len() / (4 * u);
        let n = x.len() / inputs;
        let biases = directions.each_ref().map(|direction| {
            let mut bias = values[direction.input_bias].to_vec();
            add(&mut bias, &values[direction.hidden_bias]);
            bias
        });
        let mut gates = [(); 2].map(|()| vec![0.0; n * 4 * u]);
        let products = directions.iter().zip(&biases).zip(&mut gates);
        let products = products.map(|((direction, bias), gates)| {
            let weight = matmul::rows(&values[direction.input], inputs).transpose();
            Product::of(gates, Accumulate::Row(bias), matmul::rows(x, inputs), weight)
        });
        Precision::F32.multiply_all(products.collect());
        let [forward, backward] = gates;
        [(false, forward), (true, backward)].map(|(reverse, gates)| {
            let [cells, tanh_cells, outputs] = [(); 3].map(|()| vec![0.0; n * u]);
            Run { reverse, gates, cells, tanh_cells, outputs }
        })
    }

    /// The recurrent weights as the right factor of `[sentences, units] · [units, 4 × units]`.
    fn recurrent_columns(&self, values: &Params, direction: &Direction) -> Vec<Lanes> {
        let u = self.units;
        let mut packed = vec![[0.0; LANES]; u * vectors(4 * u)];
        pack_columns(&values[direction.hidden], 4 * u, u, u, &mut packed);
        packed
    }

    /// The recurrent weights as the right factor of `[sentences, 4 × units] · [4 × units, units]`.
    fn recurrent_rows(&self, values: &Params, direction: &Direction) -> Vec<Lanes> {
        let u = self.units;
        let mut packed = vec![[0.0; LANES]; 4 * u * vectors(u)];
        pack_rows(&values[direction.hidden], 4 * u, u, u, &mut packed);
        packed
    }

    /// Divides both directions into parts of consecutive sentences, so that there is a part for every thread.
    fn parts<'a>(&self, packed: &'a Packed, runs: &'a mut [Run; 2]) -> Vec<Part<'a>> {
        /// Minimum number of sentences in a part: fewer would leave registers of the products unused.
        const SENTENCES: usize = 6;
        let groups = rayon::current_num_threads().div_ceil(2);
        let size = packed.sentences().div_ceil(groups).max(SENTENCES);
        let mut parts = Vec::new();
        for run in runs {
            let (mut gates, mut cells) = (&mut run.gates[..], &mut run.cells[..]);
            let (mut tanh_cells, mut outputs) = (&mut run.tanh_cells[..], &mut run.outputs[..]);
            for first in (0..packed.sentences()).step_by(size) {
                let last = packed.sentences().min(first + size);
                let offsets = &packed.offsets()[first..=last];
                let n = offsets[last - first] - offsets[0];
                let mut part = Part {
                    units: self.units,
                    reverse: run.reverse,
                    first: offsets[0],
                    offsets,
                    ..Part::default()
                };
                (part.gates, gates) = gates.split_at_mut(n * 4 * self.units);
                (part.cells, cells) = cells.split_at_mut(n * self.units);
                (part.tanh_cells, tanh_cells) = tanh_cells.split_at_mut(n * self.units);
                (part.outputs, outputs) = outputs.split_at_mut(n * self.units);
                parts.push(part);
            }
        }
        parts
    }
}

impl Run {
    /// The outputs one step earlier in this direction, `[pieces, units]`.
    fn outputs_before(&self, packed: &Packed, units: usize) -> Vec<f32> {
        let mut before = vec![0.0; self.outputs.len()];
        for sentence in packed.offsets().windows(2) {
            let (start, end) = (sentence[0] * units, sentence[1] * units);
            if end - start <= units {
                continue;
            }
            let (later, earlier) = (start + units..end, start..end - units);
            let (to, from) = if self.reverse { (earlier, later) } else { (later, earlier) };
            before[to].copy_from_slice(&self.outputs[from]);
        }
        before
    }
}

/// One direction over consecutive sentences. Rows are numbered from the first row of these sentences.
#[derive(Default)]
struct Part<'a> {
    units: usize,
    reverse: bool,
    /// The packed row of the first piece.
    first: usize,
    offsets: &'a [usize],
    gates: &'a mut [f32],
    cells: &'a mut [f32],
    tanh_cells: &'a mut [f32],
    outputs: &'a mut [f32],
}

impl Part<'_> {
    fn steps(&self) -> Steps {
        let offsets: Vec<usize> = self.offsets.iter().map(|o| o - self.first).collect();
        Steps::of(&offsets, self.reverse)
    }

    fn forward(&mut self, recurrent: &[Lanes]) {
        let (u, width) = (self.units, vectors(4 * self.units));
        let Steps { order, sizes } = self.steps();
        let most = sizes.first().copied().unwrap_or(0);
        // For each sentence, the longest first: the previous output, and its contribution to the gates.
        let mut state = vec![0.0; most * u];
        let mut sums = vec![[0.0; LANES]; most * width];
        let mut before = vec![0.0; u];
        let (mut at, mut last) = (0, 0);
        for active in sizes {
            if at > 0 {
                let left = Left { data: &state, row: u, column: 1 };
                product(left, recurrent, width, &mut sums[..active * width]);
            }
            for rank in 0..active {
                let row = order[at + rank];
                if at > 0 {
                    before.copy_from_slice(&self.cells[order[last + rank] * u..][..u]);
                } else {
                    before.fill(0.0);
                }
                let output = &mut self.outputs[row * u..][..u];
                lstm::forward(
                    &mut self.gates[row * 4 * u..][..4 * u],
                    sums[rank * width..].as_flattened(),
                    &before,
                    &mut self.cells[row * u..][..u],
                    &mut self.tanh_cells[row * u..][..u],
                    output,
                );
                state[rank * u..][..u].copy_from_slice(output);
            }
            (last, at) = (at, at + active);
        }
    }

    /// `d` is the gradient of the layer's output for all sentences, `[pieces, 2 × units]`.
    fn backward(&mut self, recurrent: &[Lanes], d: &[f32]) {
        let (u, width) = (self.units, vectors(self.units));
        let Steps { order, sizes } = self.steps();
        let most = sizes.first().copied().unwrap_or(0);
        let column = if self.reverse { u } else { 0 };
        // For each sentence, the longest first: the gradients of the outputs, of the cell states and of the gates'
        // pre-activations, from the next step.
        let mut d_outputs = vec![[0.0; LANES]; most * width];
        let mut d_cells = vec![0.0; most * u];
        let mut d_gates = vec![0.0; most * 4 * u];
        let nothing = vec![0.0; u];
        let mut at = order.len();
        for (step, &active) in sizes.iter().enumerate().rev() {
            at -= active;
            let earlier = step.checked_sub(1).map(|s| at - sizes[s]);
            for rank in 0..active {
                let row = order[at + rank];
                let d_output = &mut d_outputs[rank * width..][..width].as_flattened_mut()[..u];
                add(d_output, &d[(self.first + row) * 2 * u + column..][..u]);
                let before =
                    earlier.map_or(&nothing[..], |e| &self.cells[order[e + rank] * u..][..u]);
                let gates = &mut self.gates[row * 4 * u..][..4 * u];
                let tanh_cell = &self.tanh_cells[row * u..][..u];
                lstm::backward(gates, before, tanh_cell, d_output, &mut d_cells[rank * u..][..u]);
                d_gates[rank * 4 * u..][..4 * u].copy_from_slice(gates);
            }
            if step > 0 {
                let left = Left { data: &d_gates, row: 4 * u, column: 1 };
                product(left, recurrent, width, &mut d_outputs[..active * width]);
            }
        }
    }
}

/// The outputs of both directions side by side, `[pieces, 2 × units]`.
fn concatenate(units: usize, runs: &[Run; 2]) -> Vec<f32> {
    let mut both = Vec::with_capacity(2 * runs[0].outputs.len());
    let [forward, backward] = runs.each_ref().map(|r| r.outputs.chunks_exact(units));
    for (f, b) in forward.zip(backward) {
        both.extend_from_slice(f);
        both.extend_from_slice(b);
    }
    both
}
