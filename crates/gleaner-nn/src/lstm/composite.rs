//! The BiLSTM in burn's operations, for any device.

use super::{BiLstm, Direction, Steps};
use crate::{Packed, params::Tensors, rng::Stream};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};

impl BiLstm {
    /// Runs all layers. `dropout` is this step's stream, or `None` for none.
    pub(crate) fn forward_composite(
        &self,
        tensors: &Tensors,
        packed: &Packed,
        x: Tensor<2>,
        dropout: Option<Stream>,
    ) -> Tensor<2> {
        let device = x.device();
        let orders = [false, true].map(|reverse| Visits::of(packed, reverse, &device));
        let mut x = x;
        for (depth, directions) in self.layers.iter().enumerate() {
            if depth > 0
                && self.dropout > 0.0
                && let Some(stream) = dropout
            {
                let [rows, columns] = x.dims();
                let mask = stream.child(depth as u64).dropout(self.dropout);
                let factors: Vec<f32> =
                    (0..(rows * columns) as u32).map(|i| mask.factor(i)).collect();
                x = x * Tensor::from_data(
                    TensorData::new(factors, [rows, columns]),
                    &device.clone().inner(),
                );
            }
            let [forward, backward] =
                [0, 1].map(|d| self.run(tensors, &directions[d], &orders[d], x.clone()));
            x = Tensor::cat(vec![forward, backward], 1);
        }
        x
    }

    /// One direction: `[pieces, units]`, in packed order.
    fn run(
        &self,
        tensors: &Tensors,
        direction: &Direction,
        steps: &Visits,
        x: Tensor<2>,
    ) -> Tensor<2> {
        let u = self.units;
        let device = x.device();
        let bias = tensors[direction.input_bias].clone() + tensors[direction.hidden_bias].clone();
        let from_input =
            x.select(0, steps.order.clone()).matmul(tensors[direction.input].clone().transpose())
                + bias;
        let recurrent = tensors[direction.hidden].clone().transpose();
        let mut outputs: Vec<Tensor<2>> = Vec::with_capacity(steps.sizes.len());
        let mut state: Option<(Tensor<2>, Tensor<2>)> = None;
        let mut row = 0;
        for &active in &steps.sizes {
            let mut gates = from_input.clone().narrow(0, row, active);
            let previous =
                state.take().map(|(h, c)| (h.narrow(0, 0, active), c.narrow(0, 0, active)));
            let cell = match previous {
                Some((h, c)) => {
                    gates = gates + h.matmul(recurrent.clone());
                    c
                }
                None => Tensor::zeros([active, u], &device.clone().inner()),
            };
            let gate = |k: usize| gates.clone().slice([0..active, k * u..(k + 1) * u]);
            let cell =
                activation::sigmoid(gate(1)) * cell + activation::sigmoid(gate(0)) * gate(2).tanh();
            let hidden = activation::sigmoid(gate(3)) * cell.clone().tanh();
            outputs.push(hidden.clone());
            state = Some((hidden, cell));
            row += active;
        }
        Tensor::cat(outputs, 0).select(0, steps.back.clone())
    }
}

/// [`Steps`] on a device.
struct Visits {
    order: Tensor<1, Int>,
    /// Where each packed row stands in `order`.
    back: Tensor<1, Int>,
    sizes: Vec<usize>,
}

impl Visits {
    fn of(packed: &Packed, reverse: bool, device: &Device) -> Self {
        let Steps { order, sizes } = Steps::of(&packed.offsets, reverse);
        let n = order.len();
        let mut back = vec![0i64; n];
        for (place, &row) in order.iter().enumerate() {
            back[row] = place as i64;
        }
        let order: Vec<i64> = order.into_iter().map(|row| row as i64).collect();
        Self {
            order: Tensor::from_data(TensorData::new(order, [n]), device),
            back: Tensor::from_data(TensorData::new(back, [n]), device),
            sizes,
        }
    }
}
