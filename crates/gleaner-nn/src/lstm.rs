//! A stack of bidirectional LSTM layers over packed sequences, each run over its own length: with
//! whole layers at a time on the processor (`fused`), or in burn's operations (`composite`).

#[cfg(feature = "composite")]
mod composite;
mod fused;

pub(crate) use fused::Tape;

use crate::{Group, NnError, ParamId, Params, init, rng::Stream, weights::WeightFile};

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
}

/// The order in which one direction visits rows: first steps of all sentences (the longest sentence
/// first), then second steps, and so on.
struct Steps {
    order: Vec<usize>,
    /// Sentences that are still running at each step.
    sizes: Vec<usize>,
}

impl Steps {
    /// The steps of sentences that start at `offsets`, the end of the last included.
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
