//! The forward pass, for training and inference.

use super::{
    ATTENTION_OUTPUT, Encoder, LAYER_OUTPUT, Layer, PROBABILITIES, Pass,
    prepared::{Prepared, PreparedLayer, PreparedLinear},
    workspace::{LayerSpace, Scratch, Workspace},
};
use crate::{
    NnError,
    encoder::layout::Linear,
    kernels::{
        attention::Attention,
        gelu, int8,
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
        workspace.reserve((depth - lowest).max(1));
        self.embed(encoder, workspace)?;
        let Workspace { states, layers, scratch, .. } = workspace;
        for (i, layer) in self.layout.layers.iter().enumerate() {
            let slot = i.saturating_sub(lowest);
            let (inputs, outputs) = states.split_at_mut(slot + 1);
            let (input, output) = (inputs[slot].get(n), outputs[0].get_mut(n));
            let prepared = prepared.map_or(&UNPREPARED, |p| p.layer(i, self.config));
            self.layer(layer, i + 1, prepared, input, output, &mut layers[slot], scratch);
            if i < lowest {
                states.swap(0, 1);
            }
        }
        Ok(states[depth - lowest].get(n))
    }

    /// Computes the input of the first layer.
    fn embed(&self, encoder: &Encoder, workspace: &mut Workspace) -> Result<(), NnError> {
        let (n, h) = (self.packed.pieces(), self.config.hidden_size);
        let x = &mut workspace.embeddings;
        x.clear();
        let trained = encoder.words.param().map(|id| &self.values[id]);
        encoder.words.gather(trained, self.packed.ids(), x)?;
        let positions = &self.values[self.layout.positions];
        let token_type = &self.values[self.layout.token_types][..h];
        let first = self.config.first_position();
        for (x, p) in x.chunks_exact_mut(h).zip(self.packed.positions()) {
            add(x, &positions[(first + p) * h..][..h]);
            add(x, token_type);
        }
        let y = workspace.states[0].get_mut(n);
        let scales = workspace.embedding_scales.get_mut(n);
        self.norm(self.layout.embedding_norm).forward(None, x, scales, y);
        if let Some(mask) = self.mask(0, 0) {
            drop_all(y, mask);
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn layer(
        &self,
        layer: &Layer,
        depth: usize,
        [attention, attention_output, up_weights, down_weights]: &PreparedLayer,
        input: &[f32],
        output: &mut [f32],
        space: &mut LayerSpace,
        scratch: &mut Scratch,
    ) {
        let n = self.packed.pieces();
        let h = self.config.hidden_size;
        let Scratch { wide, rounded, .. } = scratch;
        let linears = [layer.query, layer.key, layer.value];
        let outputs = linears.into_iter().zip(&mut space.qkv);
        if let [first, ..] = &attention[..] {
            first.round(input, rounded);
            for (weights, (linear, rows)) in attention.iter().zip(outputs) {
                let bias = Some(&self.values[linear.bias]);
                weights.multiply(input, rounded, bias, rows.get_mut(n));
            }
        } else {
            let products = outputs.map(|(linear, rows)| {
                let bias = Accumulate::Row(&self.values[linear.bias]);
                let weight = self.weight(linear).transpose();
                Product::of(rows.get_mut(n), bias, matmul::rows(input, h), weight)
            });
            self.precision.multiply_all(products.collect());
        }
        let context = space.context.get_mut(n);
        self.attention(depth).forward(space.qkv.each_ref().map(|r| r.get(n)), context);

        let branch = space.attention_norm.rows.get_mut(n);
        let scales = space.attention_norm.scales.get_mut(n);
        let middle = space.middle.get_mut(n);
        self.project(layer.attention_output, attention_output, context, branch, rounded);
        let mask = self.mask(depth, ATTENTION_OUTPUT);
        let residual = Residual { bias: &self.values[layer.attention_output.bias], mask, input };
        self.norm(layer.attention_norm).forward(Some(residual), branch, scales, middle);

        let (up, wide) = (space.up.get_mut(n), wide.get_mut(n));
        self.project(layer.up, up_weights, middle, up, rounded);
        gelu::forward(up, &self.values[layer.up.bias], wide);
        let branch = space.norm.rows.get_mut(n);
        let scales = space.norm.scales.get_mut(n);
        self.project(layer.down, down_weights, wide, branch, rounded);
        let mask = self.mask(depth, LAYER_OUTPUT);
        let residual = Residual { bias: &self.values[layer.down.bias], mask, input: middle };
        self.norm(layer.norm).forward(Some(residual), branch, scales, output);
    }

    /// `y = x Wᵀ`: a linear layer without its bias, with its weights or prepared ones.
    fn project(
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

    pub(super) fn attention(&self, depth: usize) -> Attention<'_> {
        Attention {
            offsets: self.packed.offsets(),
            heads: self.config.num_attention_heads,
            hidden: self.config.hidden_size,
            mask: self.mask(depth, PROBABILITIES),
        }
    }
}
