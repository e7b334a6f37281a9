//! The encoder in burn's tensor operations, for any device. It is also the reference for faster engines.

mod distances;
mod pre_norm;

use super::{
    Encoder, EncoderConfig,
    layout::{Layer, Linear, Norms},
    site,
};
use crate::{
    Precision,
    dense::{Dense, factors},
    params::Tensors,
    rng::Stream,
};
use burn::tensor::{Device, FloatDType, Int, Tensor, activation};
use distances::Distances;
use pre_norm::Positions;
use std::f32::consts::FRAC_1_SQRT_2;

/// Hidden states `[rows, hidden]` from word vectors `[rows, width]` (Devlin et al. 2019; post-norm layers, exact
/// GELU). `dropout` is the random stream of this step; `None` disables dropout.
pub(crate) fn hidden(
    encoder: &Encoder,
    tensors: &Tensors,
    dense: &Dense,
    words: Tensor<2>,
    dropout: Option<Stream>,
) -> Tensor<2> {
    let (config, layout) = (&encoder.config, &encoder.layout);
    let bf16 = encoder.precision == Precision::Bf16 && words.device().inner() != Device::flex();
    let mut pass = Pass {
        config,
        tensors,
        dense,
        bf16,
        mask: dense.attention_mask(),
        positions: config.rotary.as_ref().map(|rotary| Positions::of(rotary, config, dense)),
        distances: None,
        drops: dropout.map(|stream| Drops::of(stream, config, dense)),
    };
    if let (Some(relative), Some((embeddings, norm))) = (&config.relative, layout.distances) {
        let embeddings = pass.norm(tensors[embeddings].clone(), norm);
        pass.distances = Some(Distances::of(relative, dense, embeddings));
    }
    let x = match layout.positions {
        Some(positions) => words + pass.positions(tensors[positions].clone()),
        None => words,
    };
    let x = match layout.token_types {
        Some(types) => x + tensors[types].clone().narrow(0, 0, 1),
        None => x,
    };
    let x = pass.drop_embeddings(pass.norm(x, layout.embedding_norm));
    let x = match layout.projection {
        Some(projection) => pass.linear(x, projection),
        None => x,
    };
    let x = layout
        .layers
        .iter()
        .enumerate()
        .fold(x, |x, (i, layer)| pass.layer(x, layer, i as u64 + 1));
    match layout.final_norm {
        Some(norm) => pass.norm(x, norm),
        None => x,
    }
}

/// One pass over one batch.
struct Pass<'a> {
    config: &'a EncoderConfig,
    tensors: &'a Tensors,
    dense: &'a Dense,
    bf16: bool,
    mask: Tensor<4>,
    /// Rotary positions.
    positions: Option<Positions>,
    /// Relative positions.
    distances: Option<Distances>,
    drops: Option<Drops>,
}

/// The random stream and the element indices of dropout.
struct Drops {
    stream: Stream,
    embeddings: Tensor<2, Int>,
    elements: Tensor<2, Int>,
    probabilities: Tensor<4, Int>,
}

impl Drops {
    fn of(stream: Stream, config: &EncoderConfig, dense: &Dense) -> Self {
        Self {
            stream,
            embeddings: dense.elements(config.embedding_width()),
            elements: dense.elements(config.hidden_size),
            probabilities: dense.probabilities(config.num_attention_heads),
        }
    }

    fn site(&self, depth: u64, site: u64) -> Stream {
        self.stream.child(depth).child(site)
    }
}

impl Pass<'_> {
    /// The position embeddings of all rows, given those of all positions.
    fn positions(&self, positions: Tensor<2>) -> Tensor<2> {
        let (s, n) = (self.dense.sentences, self.dense.longest);
        let width = self.config.embedding_width();
        let first = self.config.first_position();
        // Padding may extend beyond the last position.
        let known = n.min(positions.dims()[0] - first);
        let mut positions = positions.narrow(0, first, known);
        if known < n {
            let last = positions.clone().narrow(0, known - 1, 1).expand([n - known, width]);
            positions = Tensor::cat(vec![positions, last], 0);
        }
        positions.reshape([1, n, width]).expand([s, n, width]).reshape([s * n, width])
    }

    fn layer(&self, x: Tensor<2>, layer: &Layer, depth: u64) -> Tensor<2> {
        let (attention_norm, norm) = match layer.norms {
            Norms::After { attention, output } => (attention, output),
            Norms::Before { attention, feed_forward } => {
                return self.pre_norm_layer(x, layer, (attention, feed_forward), depth);
            }
        };
        let context = self.attention(x.clone(), layer, depth);
        let a = self.drop_rows(
            self.linear(context, layer.attention_output),
            depth,
            site::ATTENTION_OUTPUT,
        );
        let x = self.norm(x + a, attention_norm);
        let f = self.linear(gelu(self.linear(x.clone(), layer.up)), layer.down);
        self.norm(x + self.drop_rows(f, depth, site::LAYER_OUTPUT), norm)
    }

    fn linear(&self, x: Tensor<2>, l: Linear) -> Tensor<2> {
        let weight = self.tensors[l.weight].clone();
        self.product(x, weight.transpose()) + self.tensors[l.bias].clone()
    }

    /// A matrix product with factors in the encoder's precision.
    fn product<const D: usize>(&self, a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
        match self.bf16 {
            true => a.cast(FloatDType::BF16).matmul(b.cast(FloatDType::BF16)).cast(FloatDType::F32),
            false => a.matmul(b),
        }
    }

    fn norm(&self, x: Tensor<2>, l: Linear) -> Tensor<2> {
        let centred = x.clone() - x.mean_dim(1);
        let variance = centred.clone().powi_scalar(2).mean_dim(1);
        centred / (variance + self.config.layer_norm_eps).sqrt() * self.tensors[l.weight].clone()
            + self.tensors[l.bias].clone()
    }

    /// Self-attention within every sentence, before the output projection: `[rows, hidden]`.
    fn attention(&self, x: Tensor<2>, layer: &Layer, depth: u64) -> Tensor<2> {
        let (d, heads) = (self.dense, self.config.num_attention_heads);
        let width = self.config.hidden_size / heads;
        let split = |l: Linear| -> Tensor<4> {
            let rows = self.linear(x.clone(), l);
            rows.reshape([d.sentences, d.longest, heads, width]).swap_dims(1, 2)
        };
        let mut qk = [layer.query, layer.key].map(split);
        let mut mask = self.mask.clone();
        if let Some(positions) = &self.positions {
            qk = qk.map(|x| positions.rotate(x, depth));
            mask = positions.mask(depth).map_or(mask.clone(), |local| mask + local);
        }
        let [q, k] = qk.clone();
        let mut scores = self.product(q, k.swap_dims(2, 3));
        let mut terms = 1;
        if let Some(distances) = &self.distances {
            scores = scores + self.distance_scores(distances, qk, layer, depth);
            terms = 3;
        }
        let scores = scores / ((terms * width) as f32).sqrt();
        let mut p = activation::softmax(scores + mask, 3);
        let rate = self.config.attention_probs_dropout_prob;
        if let Some(drops) = self.drops.as_ref().filter(|_| rate > 0.0) {
            let mask = drops.site(depth, site::PROBABILITIES).dropout(rate);
            p = p * factors(&mask, drops.probabilities.clone());
        }
        let context: Tensor<4> = self.product(p, split(layer.value)).swap_dims(1, 2);
        context.reshape([d.len(), self.config.hidden_size])
    }

    /// Dropout of the embeddings, `[rows, width]`.
    fn drop_embeddings(&self, x: Tensor<2>) -> Tensor<2> {
        let rate = self.config.hidden_dropout_prob;
        let Some(drops) = self.drops.as_ref().filter(|_| rate > 0.0) else { return x };
        x * factors(&drops.site(0, site::EMBEDDINGS).dropout(rate), drops.embeddings.clone())
    }

    /// Dropout of a `[rows, hidden]` tensor.
    fn drop_rows(&self, x: Tensor<2>, depth: u64, site: u64) -> Tensor<2> {
        let rate = self.config.hidden_dropout_prob;
        let Some(drops) = self.drops.as_ref().filter(|_| rate > 0.0) else { return x };
        x * factors(&drops.site(depth, site).dropout(rate), drops.elements.clone())
    }
}

/// The exact GELU, with the error function. On some devices, burn's GELU computes its gradient with the tanh
/// approximation.
fn gelu(x: Tensor<2>) -> Tensor<2> {
    x.clone() * ((x * FRAC_1_SQRT_2).erf() + 1.0) * 0.5
}
