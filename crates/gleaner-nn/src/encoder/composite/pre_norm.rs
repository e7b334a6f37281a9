//! Layers that normalise the input of each sublayer, and rotary positions, in burn's tensor operations.

use super::{Pass, gelu};
use crate::{
    dense::Dense,
    encoder::{
        EncoderConfig, Rotary,
        layout::{Layer, Linear},
    },
    kernels::rotary::Rotations,
};
use burn::tensor::{Tensor, TensorData};

/// What depends on positions in one batch.
pub(super) struct Positions {
    global: Vec<bool>,
    /// Cosines and sines of the angles in local and in global layers, `[1, 1, longest, width / 2]`.
    turns: [[Tensor<4>; 2]; 2],
    /// Added to the scores of local layers, `[1, 1, longest, longest]`.
    local: Tensor<4>,
}

impl Positions {
    pub(super) fn of(rotary: &Rotary, config: &EncoderConfig, dense: &Dense) -> Self {
        let (n, device) = (dense.longest, dense.exists.device());
        let width = config.hidden_size / config.num_attention_heads;
        let turns = [rotary.local_theta, rotary.global_theta].map(|theta| {
            let mut rotations = Rotations::new(width, theta);
            rotations.reserve(n);
            let turns = TensorData::new(rotations.turns().to_vec(), [1, 1, n, width]);
            let turns: Tensor<4> = Tensor::from_data(turns, &device);
            [0, width / 2].map(|start| turns.clone().narrow(3, start, width / 2))
        });
        let places = (0..n).flat_map(|i| (0..n).map(move |j| i.abs_diff(j)));
        let local: Vec<f32> =
            places.map(|distance| if distance > rotary.window { -1e9 } else { 0.0 }).collect();
        let local = Tensor::from_data(TensorData::new(local, [1, 1, n, n]), &device);
        Self { global: rotary.global.clone(), turns, local }
    }

    /// Rotates queries or keys, `[sentences, heads, longest, width]`.
    pub(super) fn rotate(&self, x: Tensor<4>, depth: u64) -> Tensor<4> {
        let [cosine, sine] = self.turns[usize::from(self.is_global(depth))].clone();
        let half = x.dims()[3] / 2;
        let [first, second] = [0, half].map(|start| x.clone().narrow(3, start, half));
        let turned = [
            first.clone() * cosine.clone() - second.clone() * sine.clone(),
            second * cosine + first * sine,
        ];
        Tensor::cat(turned.into(), 3)
    }

    /// The mask of a layer besides that of padding.
    pub(super) fn mask(&self, depth: u64) -> Option<Tensor<4>> {
        (!self.is_global(depth)).then(|| self.local.clone())
    }

    fn is_global(&self, depth: u64) -> bool {
        self.global[depth as usize - 1]
    }
}

impl Pass<'_> {
    /// A layer whose attention and feed-forward sublayer have these norms.
    pub(super) fn pre_norm_layer(
        &self,
        x: Tensor<2>,
        layer: &Layer,
        (attention, feed_forward): (Option<Linear>, Linear),
        depth: u64,
    ) -> Tensor<2> {
        let input = attention.map_or(x.clone(), |norm| self.norm(x.clone(), norm));
        let context = self.attention(input, layer, depth);
        let x = x + self.linear(context, layer.attention_output);
        let up = self.linear(self.norm(x.clone(), feed_forward), layer.up);
        let f = self.config.intermediate_size;
        let units = gelu(up.clone().narrow(1, 0, f)) * up.narrow(1, f, f);
        x + self.linear(units, layer.down)
    }
}
