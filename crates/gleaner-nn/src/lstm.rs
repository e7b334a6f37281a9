//! A stack of bidirectional LSTM layers over packed sentences: whole layers at a time on the CPU (`fused`), or in
//! burn's operations (`composite`). Each sentence is run over its own length.

#[cfg(feature = "composite")]
mod composite;
mod fused;

pub(crate) use fused::Tape;

use crate::{Group, NnError, ParamId, Params, init, rng::Stream, weights::WeightFile};

/// One direction of one layer in PyTorch's layout, with the gates i, f, g, o stacked.
struct Direction {
    input: ParamId,
    hidden: ParamId,
    input_bias: ParamId,
    hidden_bias: ParamId,
}

/// A BiLSTM, from `[pieces, inputs]` to `[pieces, 2 × units]`.
pub(crate) struct BiLstm {
    units: usize,
    dropout: f32,
    layers: Vec<[Direction; 2]>,
}

/// The source of initial parameter values.
pub(crate) enum Start<'a> {
    /// Random values with PyTorch's distribution.
    Random(Stream),
    /// The values of a saved model.
    Saved(&'a WeightFile),
    /// The values of a linear layer, for a head without other layers.
    Linear { weight: &'a [f32], bias: &'a [f32] },
}

impl Start<'_> {
    /// The values of the parameter `name`. Random values are uniform within ±`bound`.
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
            Self::Saved(file) => file.read_finite(name, shape, 0, 1),
            Self::Linear { weight, bias } => {
                Ok(if shape.len() == 1 { bias.to_vec() } else { weight.to_vec() })
            }
        }
    }
}

impl BiLstm {
    /// Adds the parameters of all layers to `params`. `dropout` is the dropout probability between layers.
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
}

/// The order in which one direction visits rows: the first steps of all sentences (the longest sentence first),
/// then the second steps, and so on.
struct Steps {
    order: Vec<usize>,
    /// Number of sentences that have this step, for each step.
    sizes: Vec<usize>,
}

impl Steps {
    /// The steps of the sentences given by `offsets`, which include the end of the last sentence.
    fn of(offsets: &[usize], reverse: bool) -> Self {
        let lengths: Vec<usize> = offsets.windows(2).map(|w| w[1] - w[0]).collect();
        let mut by_length: Vec<usize> = (0..lengths.len()).collect();
        by_length.sort_by_key(|&s| std::cmp::Reverse(lengths[s])); // stable
        let (mut order, mut sizes) = (Vec::new(), Vec::new());
        for step in 0..lengths.iter().copied().max().unwrap_or(0) {
            let before = order.len();
            for &s in by_length.iter().take_while(|&&s| lengths[s] > step) {
                let at = if reverse { lengths[s] - 1 - step } else { step };
                order.push(offsets[s] + at);
            }
            sizes.push(order.len() - before);
        }
        Self { order, sizes }
    }
}
