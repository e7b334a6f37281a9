//! Weights arranged for labelling, and the choice of a rounding to 8 bits.

use super::{Encoder, Pass, workspace::LayerSpace};
use crate::{
    NnError, Packed, Params, Precision, Projection, Rounding,
    encoder::{
        EncoderConfig,
        layout::{Layer, Linear},
    },
    kernels::{
        int8::{Rows, Weights},
        matmul::{self, Accumulate, Matrix, Panels},
    },
};

/// The weights of an encoder, arranged for labelling: packed once, or rounded to 8 bits.
pub(crate) struct Prepared {
    layers: Vec<PreparedLayer>,
    /// The configuration of the encoder.
    config: EncoderConfig,
}

/// The linear layers of every projection of a transformer layer.
pub(super) type PreparedLayer = [Vec<PreparedLinear>; 4];

/// The weights of a linear layer.
pub(super) enum PreparedLinear {
    Single(Panels),
    Rounded(Weights),
}

/// The largest absolute input and weight of every input channel of a transformer layer's projections.
type Ranges = [[Vec<f32>; 2]; 4];

impl Layer {
    /// The linear layers of a projection.
    fn linears(&self, projection: Projection) -> Vec<Linear> {
        match projection {
            Projection::Attention => vec![self.query, self.key, self.value],
            Projection::AttentionOutput => vec![self.attention_output],
            Projection::Up => vec![self.up],
            Projection::Down => vec![self.down],
        }
    }
}

impl PreparedLinear {
    /// Rounds rows `x`, `[rows, inputs]`, if the weights are rounded.
    pub(super) fn round(&self, x: &[f32], rows: &mut Rows) {
        if let Self::Rounded(weights) = self {
            weights.round(x, rows);
        }
    }

    /// `y = x Wᵀ + bias`, `[rows, outputs]`. `rows` are the same rows, rounded by [`PreparedLinear::round`].
    pub(super) fn multiply(&self, x: &[f32], rows: &Rows, bias: Option<&[f32]>, y: &mut [f32]) {
        match self {
            Self::Single(panels) => {
                let initial = bias.map_or(Accumulate::Zero, Accumulate::Row);
                panels.multiply(y, initial, matmul::rows(x, panels.inner()));
            }
            Self::Rounded(weights) => weights.multiply(rows, bias, y),
        }
    }
}

impl Prepared {
    /// Packs the weights of an encoder, or rounds those that a rounding contains.
    ///
    /// # Errors
    /// The rounding belongs to another encoder.
    pub(crate) fn new(
        encoder: &Encoder,
        params: &Params,
        rounding: Option<&Rounding>,
    ) -> Result<Self, NnError> {
        if rounding.is_some_and(|rounding| !rounding.fits(&encoder.config)) {
            return Err(NnError::Rounding);
        }
        let prepare = |linear: Linear, divisors: Option<&[f32]>| match divisors {
            Some(divisors) => {
                PreparedLinear::Rounded(Weights::new(&params[linear.weight], divisors))
            }
            None => PreparedLinear::Single(Panels::new(weight(params, linear).transpose())),
        };
        let layers = encoder.layout.layers.iter().enumerate().map(|(i, layer)| {
            Projection::ALL.map(|projection| {
                let divisors = rounding.and_then(|rounding| rounding.divisors(i, projection));
                let linears = layer.linears(projection).into_iter();
                linears.map(|linear| prepare(linear, divisors.as_deref())).collect()
            })
        });
        Ok(Self { layers: layers.collect(), config: encoder.config.clone() })
    }

    /// The weights of layer `i`, from 0, of an encoder with this configuration.
    pub(super) fn layer(&self, i: usize, config: &EncoderConfig) -> &PreparedLayer {
        assert_eq!(self.config, *config, "weights of the same encoder");
        &self.layers[i]
    }
}

/// The rounding that balances the ranges of weights and of inputs, which are measured on some text.
pub(crate) fn balanced(
    encoder: &Encoder,
    params: &Params,
    text: &[Packed],
) -> Result<Rounding, NnError> {
    let layers = &encoder.layout.layers;
    let of_weights = |layer: &Layer, projection| {
        let linears = layer.linears(projection);
        let inputs = params[linears[0].weight].len() / params[linears[0].bias].len();
        let mut ranges = vec![0.0; inputs];
        linears.iter().for_each(|linear| widen(&mut ranges, &params[linear.weight]));
        [vec![0.0; inputs], ranges]
    };
    let mut ranges: Vec<Ranges> =
        layers.iter().map(|layer| Projection::ALL.map(|p| of_weights(layer, p))).collect();
    for packed in text {
        each_projection(encoder, params, packed, |layer, projection, inputs, _| {
            widen(&mut ranges[layer][projection as usize][0], inputs);
        })?;
    }
    Ok(Rounding::balanced(&ranges))
}

/// The error that rounding adds to the output of every projection of every layer, as a share of the output's sum of
/// squares.
pub(crate) fn errors(
    encoder: &Encoder,
    params: &Params,
    rounding: &Rounding,
    text: &[Packed],
) -> Result<Vec<[f64; 4]>, NnError> {
    let prepared = Prepared::new(encoder, params, Some(rounding))?;
    let mut sums = vec![[[0.0; 2]; 4]; encoder.layout.layers.len()];
    let (mut rows, mut exact, mut found) = (Rows::default(), Vec::new(), Vec::new());
    for packed in text {
        each_projection(encoder, params, packed, |layer, projection, inputs, linears| {
            for (weights, linear) in prepared.layers[layer][projection as usize].iter().zip(linears)
            {
                let PreparedLinear::Rounded(weights) = weights else { continue };
                let n = packed.pieces() * weights.outputs();
                exact.resize(n, 0.0);
                found.resize(n, 0.0);
                let weight = weight(params, *linear).transpose();
                let x = matmul::rows(inputs, weight.rows());
                Precision::F32.multiply(&mut exact, Accumulate::Zero, x, weight);
                weights.round(inputs, &mut rows);
                weights.multiply(&rows, None, &mut found);
                let [error, size] = &mut sums[layer][projection as usize];
                for (&exact, &found) in exact.iter().zip(&found) {
                    *error += f64::from(exact - found).powi(2);
                    *size += f64::from(exact).powi(2);
                }
            }
        })?;
    }
    let share = |[error, size]: [f64; 2]| if size > 0.0 { error / size } else { 0.0 };
    Ok(sums.into_iter().map(|layer| layer.map(share)).collect())
}

/// The weight of a linear layer, `[out, in]`.
fn weight(params: &Params, linear: Linear) -> Matrix<'_> {
    let weight = &params[linear.weight];
    matmul::rows(weight, weight.len() / params[linear.bias].len())
}

/// Calls `visit` with the number of the layer, the projection, its inputs `[pieces, inputs]`, and its linear layers.
fn each_projection(
    encoder: &Encoder,
    params: &Params,
    packed: &Packed,
    mut visit: impl FnMut(usize, Projection, &[f32], &[Linear]),
) -> Result<(), NnError> {
    let n = packed.pieces();
    let mut workspace = encoder.workspaces.take(&encoder.config);
    // A pass that keeps what a backward pass needs keeps the inputs of all projections.
    let pass = Pass::new(encoder, params, packed, None);
    pass.forward(encoder, 0, None, &mut workspace)?;
    let mut wide = vec![0.0; n * encoder.config.intermediate_size];
    for (i, layer) in encoder.layout.layers.iter().enumerate() {
        let space = &workspace.layers[i];
        let LayerSpace { attended, middle, up, .. } = space;
        pass.activate(layer, up.get(n), &mut wide);
        let first = space.attention_input(layer, workspace.states[i].get(n), n);
        let inputs = [first, attended.context.get(n), middle.get(n), &wide];
        for (projection, inputs) in Projection::ALL.into_iter().zip(inputs) {
            visit(i, projection, inputs, &layer.linears(projection));
        }
    }
    encoder.workspaces.give_back(workspace);
    Ok(())
}

/// Raises the range of every column to the absolute values in rows.
fn widen(ranges: &mut [f32], rows: &[f32]) {
    for row in rows.chunks_exact(ranges.len()) {
        for (range, x) in ranges.iter_mut().zip(row) {
            *range = range.max(x.abs());
        }
    }
}
