//! The forward pass, for training and inference.

use super::{
    Encoder, Layer, Pass,
    prepared::{Prepared, PreparedLayer, PreparedLinear},
    site,
    workspace::{Attended, LayerSpace, Scratch, Workspace},
};
use crate::{
    NnError,
    encoder::layout::{Linear, Norms},
    kernels::{
        attention::{Attention, Relative},
        geglu, gelu, int8,
        matmul::{self, Accumulate, Matrix, Product},
        norm::Residual,
        rows::{add, drop_all},
    },
};

/// A layer that computes with the parameters themselves.
static UNPREPARED: PreparedLayer = [const { Vec::new() }; 4];

impl Pass<'_> {
    /// Hidden states `[pieces, hidden]`. Layers from `lowest` on keep the values that a backward pass needs. The
    /// layers below share the memory of one layer. Prepared weights replace those of the parameters.
    pub(super) fn forward<'w>(
        &self,
        encoder: &Encoder,
        lowest: usize,
        prepared: Option<&Prepared>,
        workspace: &'w mut Workspace,
    ) -> Result<&'w [f32], NnError> {
        let (n, depth) = (self.packed.pieces(), self.layout.layers.len());
        workspace.reserve((depth - lowest).max(1), self.packed.lengths().max().unwrap_or(0));
        self.embed(encoder, workspace)?;
        self.embed_distances(&mut workspace.scratch.distances);
        let Workspace { states, layers, scratch, final_norm, hidden, .. } = workspace;
        for (i, layer) in self.layout.layers.iter().enumerate() {
            let slot = i.saturating_sub(lowest);
            let (inputs, outputs) = states.split_at_mut(slot + 1);
            let (input, output) = (inputs[slot].get(n), outputs[0].get_mut(n));
            let prepared = prepared.map_or(&UNPREPARED, |p| p.layer(i, self.config));
            self.layer(layer, prepared, input, output, &mut layers[slot], scratch);
            if i < lowest {
                states.swap(0, 1);
            }
        }
        let last = states[depth - lowest].get(n);
        let Some(norm) = self.layout.final_norm else { return Ok(last) };
        final_norm.normalise(self.norm(norm), last, hidden.get_mut(n));
        Ok(hidden.get(n))
    }

    /// Computes the input of the first layer.
    fn embed(&self, encoder: &Encoder, workspace: &mut Workspace) -> Result<(), NnError> {
        let (n, width) = (self.packed.pieces(), self.config.embedding_width());
        let x = &mut workspace.embeddings;
        x.clear();
        let trained = encoder.words.param().map(|id| &self.values[id]);
        encoder.words.gather(trained, self.packed.ids(), x)?;
        let positions = self.layout.positions.map(|id| &self.values[id]);
        let token_type = self.layout.token_types.map(|id| &self.values[id][..width]);
        let first = self.config.first_position();
        for (x, p) in x.chunks_exact_mut(width).zip(self.packed.positions()) {
            if let Some(positions) = positions {
                add(x, &positions[(first + p) * width..][..width]);
            }
            if let Some(token_type) = token_type {
                add(x, token_type);
            }
        }
        let input = workspace.states[0].get_mut(n);
        let scales = workspace.embedding_scales.get_mut(n);
        let norm = self.norm(self.layout.embedding_norm);
        let Some(projection) = self.layout.projection else {
            norm.forward(None, x, scales, input);
            if let Some(mask) = self.mask(0, site::EMBEDDINGS) {
                drop_all(input, mask);
            }
            return Ok(());
        };
        let y = workspace.projected[0].get_mut(n);
        norm.forward(None, x, scales, y);
        if let Some(mask) = self.mask(0, site::EMBEDDINGS) {
            drop_all(y, mask);
        }
        let bias = Accumulate::Row(&self.values[projection.bias]);
        let weight = self.weight(projection).transpose();
        self.precision.multiply(input, bias, matmul::rows(y, width), weight);
        Ok(())
    }

    fn layer(
        &self,
        layer: &Layer,
        prepared: &PreparedLayer,
        input: &[f32],
        output: &mut [f32],
        space: &mut LayerSpace,
        scratch: &mut Scratch,
    ) {
        let (attention_norm, norm) = match layer.norms {
            Norms::After { attention, output } => (attention, output),
            Norms::Before { .. } => {
                return self.pre_norm_layer(layer, prepared, input, output, space, scratch);
            }
        };
        self.attend(layer, &prepared[0], input, &mut space.attended, scratch);
        let n = self.packed.pieces();
        let [_, attention_output, up_weights, down_weights] = prepared;
        let Scratch { wide, rounded, .. } = scratch;
        let context = space.attended.context.get(n);
        let branch = space.attention_norm.rows.get_mut(n);
        let scales = space.attention_norm.scales.get_mut(n);
        let middle = space.middle.get_mut(n);
        self.project(layer.attention_output, attention_output, context, branch, rounded);
        let mask = self.mask(layer.depth, site::ATTENTION_OUTPUT);
        let residual = Residual { bias: &self.values[layer.attention_output.bias], mask, input };
        self.norm(attention_norm).forward(Some(residual), branch, scales, middle);

        let (up, wide) = (space.up.get_mut(n), wide.get_mut(n));
        self.project(layer.up, up_weights, middle, up, rounded);
        self.activate(layer, up, wide);
        let branch = space.norm.rows.get_mut(n);
        let scales = space.norm.scales.get_mut(n);
        self.project(layer.down, down_weights, wide, branch, rounded);
        let mask = self.mask(layer.depth, site::LAYER_OUTPUT);
        let residual = Residual { bias: &self.values[layer.down.bias], mask, input: middle };
        self.norm(norm).forward(Some(residual), branch, scales, output);
    }

    /// Queries, keys and values of a layer, and the result of its attention.
    pub(super) fn attend(
        &self,
        layer: &Layer,
        prepared: &[PreparedLinear],
        input: &[f32],
        attended: &mut Attended,
        scratch: &mut Scratch,
    ) {
        let Attended { qkv, distances, context } = attended;
        let (n, h) = (self.packed.pieces(), self.config.hidden_size);
        let linears = [layer.query, layer.key, layer.value];
        let outputs = linears.into_iter().zip(&mut *qkv);
        if let [first, ..] = prepared {
            first.round(input, &mut scratch.rounded);
            for (weights, (linear, rows)) in prepared.iter().zip(outputs) {
                let bias = Some(&self.values[linear.bias]);
                weights.multiply(input, &scratch.rounded, bias, rows.get_mut(n));
            }
        } else {
            let products = outputs.map(|(linear, rows)| {
                let bias = Accumulate::Row(&self.values[linear.bias]);
                let weight = self.weight(linear).transpose();
                Product::of(rows.get_mut(n), bias, matmul::rows(input, h), weight)
            });
            self.precision.multiply_all(products.collect());
        }
        self.rotate(layer.depth, qkv, false, scratch.rotations.as_ref());
        self.distance_vectors(layer, distances, &mut scratch.distances);
        let relative = scratch.distances.vectors(distances);
        let qkv = qkv.each_ref().map(|r| r.get(n));
        self.attention(layer.depth, relative).forward(qkv, context.get_mut(n));
    }

    /// The activations of a feed-forward sublayer's units.
    pub(super) fn activate(&self, layer: &Layer, up: &[f32], out: &mut [f32]) {
        match layer.norms {
            Norms::After { .. } => gelu::forward(up, &self.values[layer.up.bias], out),
            Norms::Before { .. } => geglu::forward(up, self.config.intermediate_size, out),
        }
    }

    /// `y = x Wᵀ`: a linear layer without its bias, with its weights or prepared ones.
    pub(super) fn project(
        &self,
        linear: Linear,
        prepared: &[PreparedLinear],
        x: &[f32],
        y: &mut [f32],
        rounded: &mut int8::Rows,
    ) {
        if let [prepared] = prepared {
            prepared.round(x, rounded);
            return prepared.multiply(x, rounded, None, y);
        }
        let weight = self.weight(linear);
        let x = matmul::rows(x, weight.columns());
        self.precision.multiply(y, Accumulate::Zero, x, weight.transpose());
    }

    /// A linear layer's weight, `[out, in]`.
    pub(super) fn weight(&self, linear: Linear) -> Matrix<'_> {
        let weight = &self.values[linear.weight];
        matmul::rows(weight, weight.len() / self.values[linear.bias].len())
    }

    pub(super) fn attention<'a>(
        &'a self,
        depth: usize,
        relative: Option<Relative<'a>>,
    ) -> Attention<'a> {
        Attention {
            offsets: self.packed.offsets(),
            heads: self.config.num_attention_heads,
            hidden: self.config.hidden_size,
            mask: self.mask(depth, site::PROBABILITIES),
            window: self.config.rotary.as_ref().and_then(|rotary| rotary.window(depth - 1)),
            relative,
        }
    }
}
