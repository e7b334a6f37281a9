//! The backward pass. It turns the gradient of each layer's output into that of its input, from the last layer
//! down to the lowest layer with trained parameters. Gradients of parameters are added to their buffers.

use super::{
    ATTENTION_OUTPUT, Encoder, LAYER_OUTPUT, Layer, Pass, Trained,
    workspace::{LayerSpace, Scratch, Workspace},
};
use crate::{
    Grads,
    encoder::layout::Linear,
    kernels::{
        gelu,
        matmul::{self, Accumulate, Product},
        norm::Sums,
        rows::{add, column_sums, drop_all},
    },
};

impl Pass<'_> {
    /// Adds the gradients of the parameters to `grads`, given the gradient of the hidden states, `[pieces,
    /// hidden]`.
    pub(super) fn backward(
        &self,
        encoder: &Encoder,
        trained: Trained,
        d_hidden: &[f32],
        workspace: &mut Workspace,
        grads: &mut Grads,
    ) {
        let n = self.packed.pieces();
        workspace.scratch.d.get_mut(n).copy_from_slice(d_hidden);
        for (i, layer) in self.layout.layers.iter().enumerate().skip(trained.lowest).rev() {
            let slot = i - trained.lowest;
            let Workspace { states, layers, scratch, .. } = &mut *workspace;
            let needed = slot > 0 || trained.embeddings;
            self.layer_backward(
                layer,
                i + 1,
                states[slot].get(n),
                &layers[slot],
                scratch,
                needed,
                grads,
            );
        }
        if trained.embeddings {
            self.embed_backward(encoder, workspace, grads);
        }
    }

    /// Turns `scratch.d` from the gradient of a layer's output into that of its input. The gradient of the input
    /// is computed only if it is `needed`.
    #[allow(clippy::too_many_arguments)]
    fn layer_backward(
        &self,
        layer: &Layer,
        depth: usize,
        input: &[f32],
        space: &LayerSpace,
        scratch: &mut Scratch,
        needed: bool,
        grads: &mut Grads,
    ) {
        let n = self.packed.pieces();
        let Scratch { wide, d_wide, d, d_branch, d_context, d_qkv, .. } = scratch;
        let (wide, d_wide) = (wide.get_mut(n), d_wide.get_mut(n));
        let (d, d_branch) = (d.get_mut(n), d_branch.get_mut(n));
        let (middle, up) = (space.middle.get(n), space.up.get(n));

        let (rows, scales) = (space.norm.rows.get(n), space.norm.scales.get(n));
        let mask = self.mask(depth, LAYER_OUTPUT);
        let sums = self.norm(layer.norm).backward(mask, rows, scales, d, d_branch);
        add_sums(grads, layer.norm, layer.down, &sums);
        let (h, f) = (self.config.hidden_size, self.config.intermediate_size);
        let rows_of = matmul::rows;
        self.precision.multiply(
            d_wide,
            Accumulate::Zero,
            rows_of(d_branch, h),
            self.weight(layer.down),
        );
        let bias = gelu::backward(up, &self.values[layer.up.bias], d_wide, wide);
        grads.add(layer.up.bias, &bias);
        let (d_down, d_up) = (rows_of(d_branch, h), rows_of(d_wide, f));
        let mut products = vec![Product::of(d, Accumulate::Result, d_up, self.weight(layer.up))];
        products.extend(grads.outer([
            (layer.down.weight, d_down, rows_of(wide, f)),
            (layer.up.weight, d_up, rows_of(middle, h)),
        ]));
        self.precision.multiply_all(products);

        let norm = &space.attention_norm;
        let (rows, scales) = (norm.rows.get(n), norm.scales.get(n));
        let mask = self.mask(depth, ATTENTION_OUTPUT);
        let sums = self.norm(layer.attention_norm).backward(mask, rows, scales, d, d_branch);
        add_sums(grads, layer.attention_norm, layer.attention_output, &sums);
        let d_context = d_context.get_mut(n);
        let (output, d_out) = (layer.attention_output, rows_of(d_branch, h));
        let mut products =
            vec![Product::of(d_context, Accumulate::Zero, d_out, self.weight(output))];
        let context = rows_of(space.context.get(n), h);
        products.extend(grads.outer([(output.weight, d_out, context)]));
        self.precision.multiply_all(products);

        let qkv = space.qkv.each_ref().map(|r| r.get(n));
        let [d_q, d_k, d_v] = d_qkv.each_mut().map(|r| r.get_mut(n));
        self.attention(depth).backward(qkv, d_context, [d_q, d_k, d_v]);
        let linears = [layer.query, layer.key, layer.value];
        let d_qkv = [&*d_q, &*d_k, &*d_v];
        for (linear, d_out) in linears.iter().zip(d_qkv) {
            grads.add(linear.bias, &column_sums(d_out, h));
        }
        let d_qkv = d_qkv.map(|d_out| rows_of(d_out, h));
        let mut products = Vec::new();
        if needed {
            let terms = linears.iter().zip(d_qkv).map(|(l, d_out)| (d_out, self.weight(*l)));
            products.push(Product { c: d, accumulate: Accumulate::Result, terms: terms.collect() });
        }
        let input = rows_of(input, h);
        let [q, k, v] = linears.map(|l| l.weight);
        let [d_q, d_k, d_v] = d_qkv;
        products.extend(grads.outer([(q, d_q, input), (k, d_k, input), (v, d_v, input)]));
        self.precision.multiply_all(products);
    }

    /// Adds the gradients of the embeddings, given the gradient of the first layer's input.
    fn embed_backward(&self, encoder: &Encoder, workspace: &mut Workspace, grads: &mut Grads) {
        let (n, h) = (self.packed.pieces(), self.config.hidden_size);
        let Scratch { d, d_branch, .. } = &mut workspace.scratch;
        let d = d.get_mut(n);
        if let Some(mask) = self.mask(0, 0) {
            drop_all(d, mask);
        }
        let norm = self.layout.embedding_norm;
        let (x, scales) = (&workspace.embeddings, workspace.embedding_scales.get(n));
        let sums = self.norm(norm).backward(None, x, scales, d, d_branch.get_mut(n));
        grads.add(norm.weight, &sums.weight);
        grads.add(norm.bias, &sums.bias);
        encoder.words.add_gradients(self.packed.ids(), d, grads);
        if let Some(types) = grads.get_mut(self.layout.token_types).get_mut(..h) {
            add(types, &sums.branch_bias); // every piece has the first token type
        }
        let positions = grads.get_mut(self.layout.positions);
        if !positions.is_empty() {
            let first = self.config.first_position();
            for (d, p) in d.chunks_exact(h).zip(self.packed.positions()) {
                add(&mut positions[(first + p) * h..][..h], d);
            }
        }
    }
}

/// Adds the sums of a normalisation's backward pass: the gradients of its parameters and of the branch's bias.
fn add_sums(grads: &mut Grads, norm: Linear, branch: Linear, sums: &Sums) {
    grads.add(norm.weight, &sums.weight);
    grads.add(norm.bias, &sums.bias);
    grads.add(branch.bias, &sums.branch_bias);
}
