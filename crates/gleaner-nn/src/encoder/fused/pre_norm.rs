//! Layers that normalise the input of each sublayer and have gated feed-forward units, and rotary positions (Warner et
//! al. 2024, ModernBERT). They have no biases and no dropout.

use super::{
    Layer, Pass,
    prepared::PreparedLayer,
    workspace::{LayerSpace, Rows, Scratch},
};
use crate::{
    Grads,
    encoder::layout::Norms,
    kernels::{
        geglu,
        matmul::{self, Accumulate, Product},
        rotary::Rotations,
        rows::add_all,
    },
};

impl Pass<'_> {
    /// Computes a layer that normalises the input of its sublayers.
    pub(super) fn pre_norm_layer(
        &self,
        layer: &Layer,
        prepared: &PreparedLayer,
        input: &[f32],
        output: &mut [f32],
        space: &mut LayerSpace,
        scratch: &mut Scratch,
    ) {
        let n = self.packed.pieces();
        let (attention, feed_forward) = (layer.attention_norm(), layer.feed_forward_norm());
        if let Some(norm) = attention {
            let kept = &mut space.attention_norm;
            kept.normalise(self.norm(norm), input, space.input.get_mut(n));
        }
        let LayerSpace { input: normalised, attended, middle, up, norm, .. } = space;
        let attention_input = attention.map_or(input, |_| normalised.get(n));
        self.attend(layer, &prepared[0], attention_input, attended, scratch);

        let Scratch { wide, d_branch: branch, rounded, .. } = scratch;
        let (branch, wide) = (branch.get_mut(n), wide.get_mut(n));
        output.copy_from_slice(input);
        self.project(
            layer.attention_output,
            &prepared[1],
            attended.context.get(n),
            branch,
            rounded,
        );
        add_all(output, branch);
        norm.normalise(self.norm(feed_forward), output, middle.get_mut(n));
        self.project(layer.up, &prepared[2], middle.get(n), up.get_mut(n), rounded);
        self.activate(layer, up.get(n), wide);
        self.project(layer.down, &prepared[3], wide, branch, rounded);
        add_all(output, branch);
    }

    /// Turns `scratch.d` from the gradient of the layer's output into that of its input. The gradient of the input is
    /// computed only if it is `needed`.
    pub(super) fn pre_norm_backward(
        &self,
        layer: &Layer,
        input: &[f32],
        space: &LayerSpace,
        scratch: &mut Scratch,
        needed: bool,
        grads: &mut Grads,
    ) {
        let n = self.packed.pieces();
        let (h, f) = (self.config.hidden_size, self.config.intermediate_size);
        let (attention, feed_forward) = (layer.attention_norm(), layer.feed_forward_norm());
        let rows_of = matmul::rows;
        let Scratch { wide, d_wide, d_up, d, d_branch, d_context, .. } = scratch;
        let (wide, d_wide, d_up) = (wide.get_mut(n), d_wide.get_mut(n), d_up.get_mut(n));
        let (d, d_branch, d_middle) = (d.get_mut(n), d_branch.get_mut(n), d_context.get_mut(n));
        let down = self.weight(layer.down);
        self.precision.multiply(d_wide, Accumulate::Zero, rows_of(d, h), down);
        geglu::backward(space.up.get(n), f, d_wide, d_up, wide);
        let (d_down, d_up) = (rows_of(d, h), rows_of(d_up, 2 * f));
        let mut products =
            vec![Product::of(d_middle, Accumulate::Zero, d_up, self.weight(layer.up))];
        products.extend(grads.outer([
            (layer.down.weight, d_down, rows_of(wide, f)),
            (layer.up.weight, d_up, rows_of(space.middle.get(n), h)),
        ]));
        self.precision.multiply_all(products);
        self.norm_backward(feed_forward, &space.norm, d_middle, d_branch, grads);
        add_all(d, d_middle);

        let (output, d_out) = (layer.attention_output, rows_of(d, h));
        let d_context = d_middle;
        let mut products =
            vec![Product::of(d_context, Accumulate::Zero, d_out, self.weight(output))];
        let context = rows_of(space.attended.context.get(n), h);
        products.extend(grads.outer([(output.weight, d_out, context)]));
        self.precision.multiply_all(products);
        self.attention_backward(layer, space, scratch, grads);

        let Scratch { d, d_branch, d_context: d_normalised, d_qkv, .. } = scratch;
        let d = d.get_mut(n);
        let Some(norm) = attention else {
            let d = needed.then_some((d, Accumulate::Result));
            return self.qkv_backward(layer, input, d_qkv, d, grads);
        };
        let d_normalised = d_normalised.get_mut(n);
        let place = Some((&mut *d_normalised, Accumulate::Zero));
        self.qkv_backward(layer, space.input.get(n), d_qkv, place, grads);
        let d_branch = d_branch.get_mut(n);
        self.norm_backward(norm, &space.attention_norm, d_normalised, d_branch, grads);
        add_all(d, d_normalised);
    }

    /// Rotates queries and keys, or their gradients back, if positions are rotary.
    pub(super) fn rotate(
        &self,
        depth: usize,
        qkv: &mut [Rows; 3],
        back: bool,
        rotations: Option<&[Rotations; 2]>,
    ) {
        let (Some(rotary), Some(rotations)) = (&self.config.rotary, rotations) else { return };
        let rotations = &rotations[usize::from(rotary.global[depth - 1])];
        let positions: Vec<usize> = self.packed.positions().collect();
        for rows in &mut qkv[..2] {
            let rows = rows.get_mut(positions.len());
            rotations.rotate(rows, self.config.hidden_size, &positions, back);
        }
    }
}

impl LayerSpace {
    /// The input of a layer's attention, given that of the layer.
    pub(super) fn attention_input<'a>(
        &'a self,
        layer: &Layer,
        input: &'a [f32],
        pieces: usize,
    ) -> &'a [f32] {
        match layer.norms {
            Norms::Before { attention: Some(_), .. } => self.input.get(pieces),
            _ => input,
        }
    }
}
