//! The backward pass. It turns the gradient of each layer's output into that of its input, from the last layer
//! down to the lowest layer with trained parameters. Gradients of parameters are added to their buffers.

use super::{
    Encoder, Layer, Pass, Trained, site,
    workspace::{LayerSpace, Normed, Rows, Scratch, Workspace},
};
use crate::{
    Grads,
    encoder::layout::{Linear, Norms},
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
        let Workspace { final_norm, scratch, .. } = &mut *workspace;
        let (d, d_branch) = (scratch.d.get_mut(n), scratch.d_branch.get_mut(n));
        d.copy_from_slice(d_hidden);
        if let Some(norm) = self.layout.final_norm {
            self.norm_backward(norm, final_norm, d, d_branch, grads);
        }
        scratch.distances.clear();
        for (i, layer) in self.layout.layers.iter().enumerate().skip(trained.lowest).rev() {
            let slot = i - trained.lowest;
            let Workspace { states, layers, scratch, .. } = &mut *workspace;
            let needed = slot > 0 || trained.embeddings;
            self.layer_backward(layer, states[slot].get(n), &layers[slot], scratch, needed, grads);
        }
        if trained.embeddings {
            self.embed_distances_backward(&mut workspace.scratch.distances, grads);
            self.embed_backward(encoder, workspace, grads);
        }
    }

    /// Turns `scratch.d` from the gradient of a layer's output into that of its input. The gradient of the input
    /// is computed only if it is `needed`.
    fn layer_backward(
        &self,
        layer: &Layer,
        input: &[f32],
        space: &LayerSpace,
        scratch: &mut Scratch,
        needed: bool,
        grads: &mut Grads,
    ) {
        let (attention_norm, norm) = match layer.norms {
            Norms::After { attention, output } => (attention, output),
            Norms::Before { .. } => {
                return self.pre_norm_backward(layer, input, space, scratch, needed, grads);
            }
        };
        let n = self.packed.pieces();
        let Scratch { wide, d_wide, d, d_branch, d_context, .. } = scratch;
        let (wide, d_wide) = (wide.get_mut(n), d_wide.get_mut(n));
        let (d, d_branch) = (d.get_mut(n), d_branch.get_mut(n));
        let (middle, up) = (space.middle.get(n), space.up.get(n));

        let (rows, scales) = (space.norm.rows.get(n), space.norm.scales.get(n));
        let mask = self.mask(layer.depth, site::LAYER_OUTPUT);
        let sums = self.norm(norm).backward(mask, rows, scales, d, d_branch);
        add_sums(grads, norm, layer.down, &sums);
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

        let kept = &space.attention_norm;
        let (rows, scales) = (kept.rows.get(n), kept.scales.get(n));
        let mask = self.mask(layer.depth, site::ATTENTION_OUTPUT);
        let sums = self.norm(attention_norm).backward(mask, rows, scales, d, d_branch);
        add_sums(grads, attention_norm, layer.attention_output, &sums);
        let d_context = d_context.get_mut(n);
        let (output, d_out) = (layer.attention_output, rows_of(d_branch, h));
        let mut products =
            vec![Product::of(d_context, Accumulate::Zero, d_out, self.weight(output))];
        let context = rows_of(space.attended.context.get(n), h);
        products.extend(grads.outer([(output.weight, d_out, context)]));
        self.precision.multiply_all(products);

        self.attention_backward(layer, space, scratch, grads);
        let Scratch { d, d_qkv, .. } = scratch;
        let d = needed.then(|| (d.get_mut(n), Accumulate::Result));
        self.qkv_backward(layer, input, d_qkv, d, grads);
    }

    /// Turns `scratch.d_context`, the gradient of attention's result, into those of queries, keys and values,
    /// `scratch.d_qkv`.
    pub(super) fn attention_backward(
        &self,
        layer: &Layer,
        space: &LayerSpace,
        scratch: &mut Scratch,
        grads: &mut Grads,
    ) {
        let (n, h) = (self.packed.pieces(), self.config.hidden_size);
        let Scratch { d_context, d_qkv, d_distances, rotations, distances, .. } = scratch;
        let qkv = space.attended.qkv.each_ref().map(|r| r.get(n));
        let places = d_qkv.each_mut().map(|r| r.get_mut(n));
        let attention = self.attention(layer.depth, distances.vectors(&space.attended.distances));
        attention.backward(qkv, d_context.get(n), places, distances.zeros(d_distances));
        self.distance_backward(layer, d_distances, distances, grads);
        self.rotate(layer.depth, d_qkv, true, rotations.as_ref());
        for (linear, d_out) in [layer.query, layer.key, layer.value].iter().zip(d_qkv) {
            if !self.values.is_frozen(linear.bias) {
                grads.add(linear.bias, &column_sums(d_out.get(n), h));
            }
        }
    }

    /// Adds the gradients of the weights of queries, keys and values. Computes that of their input, if it is given a
    /// place.
    pub(super) fn qkv_backward(
        &self,
        layer: &Layer,
        input: &[f32],
        d_qkv: &[Rows; 3],
        d_input: Option<(&mut [f32], Accumulate)>,
        grads: &mut Grads,
    ) {
        let (n, h) = (self.packed.pieces(), self.config.hidden_size);
        let linears = [layer.query, layer.key, layer.value];
        let d_qkv = d_qkv.each_ref().map(|d_out| matmul::rows(d_out.get(n), h));
        let mut products = Vec::new();
        if let Some((c, accumulate)) = d_input {
            let terms = linears.iter().zip(d_qkv).map(|(l, d_out)| (d_out, self.weight(*l)));
            products.push(Product { c, accumulate, terms: terms.collect() });
        }
        let input = matmul::rows(input, h);
        let [q, k, v] = linears.map(|l| l.weight);
        let [d_q, d_k, d_v] = d_qkv;
        products.extend(grads.outer([(q, d_q, input), (k, d_k, input), (v, d_v, input)]));
        self.precision.multiply_all(products);
    }

    /// Turns the gradient `d` of a normalisation without a branch into that of its input. Writes it to `copy` too.
    pub(super) fn norm_backward(
        &self,
        norm: Linear,
        kept: &Normed,
        d: &mut [f32],
        copy: &mut [f32],
        grads: &mut Grads,
    ) {
        let n = d.len() / self.values[norm.weight].len();
        let sums = self.norm(norm).backward(None, kept.rows.get(n), kept.scales.get(n), d, copy);
        grads.add(norm.weight, &sums.weight);
        grads.add(norm.bias, &sums.bias);
    }

    /// Adds the gradients of the embeddings, given the gradient of the first layer's input.
    fn embed_backward(&self, encoder: &Encoder, workspace: &mut Workspace, grads: &mut Grads) {
        let (n, width) = (self.packed.pieces(), self.config.embedding_width());
        let Workspace { embeddings, embedding_scales, projected, scratch, .. } = workspace;
        let [y, d_y, d_sum] = projected;
        let (d, d_branch) = match self.layout.projection {
            None => (scratch.d.get_mut(n), scratch.d_branch.get_mut(n)),
            Some(projection) => {
                let d_y = d_y.get_mut(n);
                self.projection_backward(projection, scratch.d.get(n), y.get(n), d_y, grads);
                (d_y, d_sum.get_mut(n))
            }
        };
        if let Some(mask) = self.mask(0, site::EMBEDDINGS) {
            drop_all(d, mask);
        }
        let norm = self.layout.embedding_norm;
        let scales = embedding_scales.get(n);
        let sums = self.norm(norm).backward(None, embeddings, scales, d, d_branch);
        grads.add(norm.weight, &sums.weight);
        grads.add(norm.bias, &sums.bias);
        encoder.words.add_gradients(self.packed.ids(), d, grads);
        if let Some(types) = self.layout.token_types
            && let Some(first) = grads.get_mut(types).get_mut(..width)
        {
            add(first, &sums.branch_bias); // every piece has the first token type
        }
        let positions = self.layout.positions.map(|id| grads.get_mut(id));
        if let Some(positions) = positions.filter(|positions| !positions.is_empty()) {
            let first = self.config.first_position();
            for (d, p) in d.chunks_exact(width).zip(self.packed.positions()) {
                add(&mut positions[(first + p) * width..][..width], d);
            }
        }
    }

    /// Turns the gradient `d` of the first layer's input, `[pieces, hidden]`, into that of the normalised embeddings
    /// `y`, `[pieces, width]`.
    fn projection_backward(
        &self,
        projection: Linear,
        d: &[f32],
        y: &[f32],
        d_y: &mut [f32],
        grads: &mut Grads,
    ) {
        let (h, width) = (self.config.hidden_size, self.config.embedding_width());
        grads.add(projection.bias, &column_sums(d, h));
        let d = matmul::rows(d, h);
        let mut products = vec![Product::of(d_y, Accumulate::Zero, d, self.weight(projection))];
        products.extend(grads.outer([(projection.weight, d, matmul::rows(y, width))]));
        self.precision.multiply_all(products);
    }
}

/// Adds the sums of a normalisation's backward pass: the gradients of its parameters and of the branch's bias.
fn add_sums(grads: &mut Grads, norm: Linear, branch: Linear, sums: &Sums) {
    grads.add(norm.weight, &sums.weight);
    grads.add(norm.bias, &sums.bias);
    grads.add(branch.bias, &sums.branch_bias);
}
