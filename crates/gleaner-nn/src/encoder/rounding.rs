//! How the linear layers of an encoder are rounded to 8 bits for labelling.

use super::EncoderConfig;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The linear layers of a transformer layer that have the same input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Projection {
    /// Queries, keys and values.
    Attention,
    /// The output of attention.
    AttentionOutput,
    /// The first layer of the feed-forward sublayer.
    Up,
    /// The second layer of the feed-forward sublayer.
    Down,
}

impl Projection {
    /// All projections, in the order of computation.
    pub const ALL: [Self; 4] = [Self::Attention, Self::AttentionOutput, Self::Up, Self::Down];

    /// What the projection computes, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attention => "attention input",
            Self::AttentionOutput => "attention output",
            Self::Up => "feed-forward input",
            Self::Down => "feed-forward output",
        }
    }

    /// Number of inputs.
    fn inputs(self, config: &EncoderConfig) -> usize {
        match self {
            Self::Attention | Self::AttentionOutput | Self::Up => config.hidden_size,
            Self::Down => config.intermediate_size,
        }
    }
}

/// Which projections of an encoder are rounded, and the divisors of their inputs: a projection that is missing keeps
/// its weights in f32. Divisors are powers of two, given by their exponents, so that they add no rounding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rounding {
    layers: Vec<BTreeMap<Projection, Vec<i8>>>,
}

/// The largest absolute exponent of a divisor.
const LARGEST_EXPONENT: i8 = 24;

impl Rounding {
    /// All projections, with divisors that balance the ranges of inputs and weights: √(range of the input channel /
    /// range of its weights), rounded to a power of two (Xiao et al. 2023, SmoothQuant, equation 4 with α = 0.5).
    /// `ranges` are the largest absolute values of both, for every input channel of every projection of every layer.
    pub(crate) fn balanced(ranges: &[[[Vec<f32>; 2]; 4]]) -> Self {
        let exponent = |(x, w): (&f32, &f32)| match *x > 0.0 && *w > 0.0 {
            true => {
                let largest = f32::from(LARGEST_EXPONENT);
                (0.5 * (x / w).log2()).round_ties_even().clamp(-largest, largest) as i8
            }
            false => 0,
        };
        let of = |[x, w]: &[Vec<f32>; 2]| x.iter().zip(w).map(exponent).collect();
        let layer = |ranges: &[[Vec<f32>; 2]; 4]| {
            Projection::ALL.into_iter().zip(ranges.iter().map(of)).collect()
        };
        Self { layers: ranges.iter().map(layer).collect() }
    }

    /// The same with one projection of one layer (from 0) in f32.
    pub fn without(mut self, layer: usize, projection: Projection) -> Self {
        self.layers[layer].remove(&projection);
        self
    }

    /// Whether a projection of a layer (from 0) is rounded.
    pub fn contains(&self, layer: usize, projection: Projection) -> bool {
        self.layers[layer].contains_key(&projection)
    }

    /// Number of projections that are rounded.
    pub fn count(&self) -> usize {
        self.layers.iter().map(BTreeMap::len).sum()
    }

    /// The divisors of a projection's inputs if it is rounded, `[inputs]`.
    pub(crate) fn divisors(&self, layer: usize, projection: Projection) -> Option<Vec<f32>> {
        let exponents = self.layers[layer].get(&projection)?;
        Some(exponents.iter().map(|&e| 2f32.powi(e.into())).collect())
    }

    /// Whether layers, inputs and exponents are those of an encoder.
    pub(crate) fn fits(&self, config: &EncoderConfig) -> bool {
        let fits = |(projection, exponents): (&Projection, &Vec<i8>)| {
            exponents.len() == projection.inputs(config)
                && exponents.iter().all(|e| e.unsigned_abs() <= LARGEST_EXPONENT.unsigned_abs())
        };
        self.layers.len() == config.num_hidden_layers
            && self.layers.iter().all(|layer| layer.iter().all(fits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisors_balance_the_ranges_of_inputs_and_weights() {
        let one = || [vec![16.0, 1.0, 0.0, 3.0], vec![1.0, 64.0, 1.0, 0.0]];
        let rounding = Rounding::balanced(&[[one(), one(), one(), one()]]);
        let divisors = rounding.divisors(0, Projection::Up).unwrap();
        assert_eq!(divisors, [4.0, 0.125, 1.0, 1.0]);
        let rounding = rounding.without(0, Projection::Up);
        assert_eq!(rounding.divisors(0, Projection::Up), None);
        assert_eq!((rounding.count(), rounding.contains(0, Projection::Down)), (3, true));
    }
}
