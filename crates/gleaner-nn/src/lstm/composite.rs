//! The BiLSTM in burn's operations, for any device. Both directions of a layer run together, step by step, over
//! sentences that are padded to the same length.

use super::BiLstm;
use crate::{
    dense::{Dense, factors},
    params::Tensors,
    rng::Stream,
};
use burn::tensor::{Tensor, activation::sigmoid};

impl BiLstm {
    /// Runs all layers. Returns `[rows, 2 × units]`, which is zero for padding. `dropout` is the random stream of
    /// this step; `None` disables dropout.
    pub(crate) fn forward_composite(
        &self,
        tensors: &Tensors,
        dense: &Dense,
        x: Tensor<2>,
        dropout: Option<Stream>,
    ) -> Tensor<2> {
        let mut x = x;
        for depth in 0..self.layers.len() {
            if let Some(stream) = dropout.filter(|_| depth > 0 && self.dropout > 0.0) {
                let mask = stream.child(depth as u64).dropout(self.dropout);
                x = x * factors(&mask, dense.elements(2 * self.units));
            }
            x = self.layer(tensors, dense, depth, x);
        }
        x
    }

    /// Runs one layer. The backward direction reads its inputs in reverse order. It therefore starts in the
    /// padding, where its state stays zero.
    fn layer(&self, tensors: &Tensors, dense: &Dense, depth: usize, x: Tensor<2>) -> Tensor<2> {
        let (s, n, u) = (dense.sentences, dense.longest, self.units);
        let directions = &self.layers[depth];
        let [forward, backward] = directions.each_ref().map(|d| -> Tensor<3> {
            let bias = tensors[d.input_bias].clone() + tensors[d.hidden_bias].clone();
            let gates = x.clone().matmul(tensors[d.input].clone().transpose()) + bias;
            gates.reshape([s, n, 4 * u]).swap_dims(0, 1)
        });
        let inputs: Tensor<4> = Tensor::stack(vec![forward, backward.flip([0])], 0);
        let recurrent = directions.each_ref().map(|d| tensors[d.hidden].clone().transpose());
        let recurrent: Tensor<3> = Tensor::stack(recurrent.into(), 0);
        let exists = dense.exists.clone().transpose().reshape([n, s, 1]);
        let exists: Tensor<4> = Tensor::stack(vec![exists.clone(), exists.flip([0])], 0);
        let mut outputs: Vec<Tensor<4>> = Vec::with_capacity(n);
        let mut state: Option<[Tensor<3>; 2]> = None;
        for step in 0..n {
            let mut gates = inputs.clone().narrow(1, step, 1).reshape([2, s, 4 * u]);
            let exists = exists.clone().narrow(1, step, 1).reshape([2, s, 1]);
            if let Some([hidden, _]) = &state {
                gates = gates + hidden.clone().matmul(recurrent.clone());
            }
            let gate = |k: usize| gates.clone().narrow(2, k * u, u);
            let mut cell = sigmoid(gate(0)) * gate(2).tanh();
            if let Some([_, before]) = state {
                cell = cell + sigmoid(gate(1)) * before;
            }
            let cell = cell * exists;
            // The output is zero if the state is zero, because tanh(0) is 0.
            let hidden = sigmoid(gate(3)) * cell.clone().tanh();
            outputs.push(hidden.clone().reshape([2, 1, s, u]));
            state = Some([hidden, cell]);
        }
        let outputs = Tensor::cat(outputs, 1);
        let of = |d: usize| outputs.clone().narrow(0, d, 1).reshape([n, s, u]);
        let both: Tensor<3> = Tensor::cat(vec![of(0), of(1).flip([0])], 2);
        both.swap_dims(0, 1).reshape([s * n, 2 * u])
    }
}
