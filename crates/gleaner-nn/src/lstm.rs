//! A stack of bidirectional LSTM layers over packed sequences, each run over its own length.

use crate::{
    Group, NnError, Packed, ParamId, Params, init, params::Tensors, rng::Stream,
    weights::WeightFile,
};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};

/// One direction of one layer, in PyTorch's layout: gates i, f, g, o stacked.
struct Direction {
    input: ParamId,
    hidden: ParamId,
    input_bias: ParamId,
    hidden_bias: ParamId,
}

/// A BiLSTM: `[pieces, inputs]` in, `[pieces, 2 × units]` out.
pub(crate) struct BiLstm {
    units: usize,
    dropout: f32,
    layers: Vec<[Direction; 2]>,
}

/// Where the values of new parameters come from.
pub(crate) enum Start<'a> {
    /// Drawn as PyTorch draws them.
    Random(Stream),
    /// Read from a saved model.
    Saved(&'a WeightFile),
}

impl Start<'_> {
    /// The values of the parameter `name`, uniform within ±`bound` if they are drawn.
    pub(crate) fn values(
        &self,
        name: &str,
        shape: &[usize],
        bound: f32,
    ) -> Result<Vec<f32>, NnError> {
        match self {
            Self::Random(stream) => {
                Ok(init::uniform(shape.iter().product(), bound, stream.named(name)))
            }
            Self::Saved(file) => file.read(name, shape),
        }
    }
}

impl BiLstm {
    /// Adds the layers' parameters to `params`. `dropout` works between layers.
    pub(crate) fn new(
        inputs: usize,
        units: usize,
        layers: usize,
        dropout: f32,
        start: &Start,
        params: &mut Params,
    ) -> Result<Self, NnError> {
        let bound = init::fan_bound(units);
        let mut direction =
            |layer: usize, inputs: usize, suffix: &str| -> Result<Direction, NnError> {
                let mut add = |kind: &str, shape: &[usize]| -> Result<ParamId, NnError> {
                    let name = format!("lstm.{kind}_l{layer}{suffix}");
                    let values = start.values(&name, shape, bound)?;
                    Ok(params.add(name, shape, Group::Lstm, values))
                };
                Ok(Direction {
                    input: add("weight_ih", &[4 * units, inputs])?,
                    hidden: add("weight_hh", &[4 * units, units])?,
                    input_bias: add("bias_ih", &[4 * units])?,
                    hidden_bias: add("bias_hh", &[4 * units])?,
                })
            };
        let layers = (0..layers)
            .map(|l| {
                let inputs = if l == 0 { inputs } else { 2 * units };
                Ok([direction(l, inputs, "")?, direction(l, inputs, "_reverse")?])
            })
            .collect::<Result<_, NnError>>()?;
        Ok(Self { units, dropout, layers })
    }

    /// Runs all layers. `dropout` is this step's stream, or `None` for none.
    pub(crate) fn forward(
        &self,
        tensors: &Tensors,
        packed: &Packed,
        x: Tensor<2>,
        dropout: Option<Stream>,
    ) -> Tensor<2> {
        let device = x.device();
        let orders = [Steps::of(packed, false, &device), Steps::of(packed, true, &device)];
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
        steps: &Steps,
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

/// The order in which one direction visits packed rows: first steps of all sentences (the longest
/// sentence first), then second steps, and so on.
struct Steps {
    order: Tensor<1, Int>,
    /// Where each packed row stands in `order`.
    back: Tensor<1, Int>,
    /// Sentences that are still running at each step.
    sizes: Vec<usize>,
}

impl Steps {
    fn of(packed: &Packed, reverse: bool, device: &Device) -> Self {
        let lengths: Vec<usize> = packed.lengths().collect();
        let mut by_length: Vec<usize> = (0..lengths.len()).collect();
        by_length.sort_by_key(|&s| std::cmp::Reverse(lengths[s])); // stable
        let mut order = Vec::with_capacity(packed.pieces());
        let mut sizes = Vec::new();
        for step in 0..lengths.iter().copied().max().unwrap_or(0) {
            let before = order.len();
            for &s in by_length.iter().take_while(|&&s| lengths[s] > step) {
                let at = if reverse { lengths[s] - 1 - step } else { step };
                order.push((packed.offsets[s] + at) as i64);
            }
            sizes.push(order.len() - before);
        }
        let mut back = vec![0i64; order.len()];
        for (place, &row) in order.iter().enumerate() {
            back[row as usize] = place as i64;
        }
        let n = order.len();
        Self {
            order: Tensor::from_data(TensorData::new(order, [n]), device),
            back: Tensor::from_data(TensorData::new(back, [n]), device),
            sizes,
        }
    }
}
