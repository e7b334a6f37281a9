//! The encoder in burn's tensor operations, for any device. It is also the reference for faster engines.

use super::{
    Encoder, EncoderConfig,
    layout::{Layer, Linear},
};
use crate::{
    Precision,
    dense::{Dense, factors},
    params::Tensors,
    rng::Stream,
};
use burn::tensor::{Device, FloatDType, Int, Tensor, activation};
use std::f32::consts::FRAC_1_SQRT_2;

/// Dropout sites within a layer. Each has its own random stream.
const PROBABILITIES: u64 = 1;
const ATTENTION_OUTPUT: u64 = 2;
const LAYER_OUTPUT: u64 = 3;

/// Hidden states `[rows, hidden]` from word vectors `[rows, hidden]` (Devlin et al. 2019; post-norm layers, exact
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
    let pass = Pass {
        config,
        tensors,
        dense,
        bf16,
        mask: dense.attention_mask(),
        drops: dropout.map(|stream| Drops::of(stream, config, dense)),
    };
    let (s, n, h) = (dense.sentences, dense.longest, config.hidden_size);
    let first = config.first_position();
    let position_rows = tensors[layout.positions].clone();
    // Padding may extend beyond the last position.
    let known = n.min(position_rows.dims()[0] - first);
    let mut positions = position_rows.narrow(0, first, known);
    if known < n {
        let last = positions.clone().narrow(0, known - 1, 1).expand([n - known, h]);
        positions = Tensor::cat(vec![positions, last], 0);
    }
    let positions = positions.reshape([1, n, h]).expand([s, n, h]).reshape([s * n, h]);
    let x = words + positions + tensors[layout.token_types].clone().narrow(0, 0, 1);
    let x = pass.drop_rows(pass.norm(x, layout.embedding_norm), 0, 0);
    layout.layers.iter().enumerate().fold(x, |x, (i, layer)| pass.layer(x, layer, i as u64 + 1))
}

/// One pass over one batch.
struct Pass<'a> {
    config: &'a EncoderConfig,
    tensors: &'a Tensors,
    dense: &'a Dense,
    bf16: bool,
    mask: Tensor<4>,
    drops: Option<Drops>,
}

/// The random stream and the element indices of dropout.
struct Drops {
    stream: Stream,
    elements: Tensor<2, Int>,
    probabilities: Tensor<4, Int>,
}

impl Drops {
    fn of(stream: Stream, config: &EncoderConfig, dense: &Dense) -> Self {
        Self {
            stream,
            elements: dense.elements(config.hidden_size),
            probabilities: dense.probabilities(config.num_attention_heads),
        }
    }

    fn site(&self, depth: u64, site: u64) -> Stream {
        self.stream.child(depth).child(site)
    }
}

impl Pass<'_> {
    fn layer(&self, x: Tensor<2>, layer: &Layer, depth: u64) -> Tensor<2> {
        let context = self.attention(x.clone(), layer, depth);
        let a =
            self.drop_rows(self.linear(context, layer.attention_output), depth, ATTENTION_OUTPUT);
        let x = self.norm(x + a, layer.attention_norm);
        let f = self.linear(gelu(self.linear(x.clone(), layer.up)), layer.down);
        self.norm(x + self.drop_rows(f, depth, LAYER_OUTPUT), layer.norm)
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
        let scores = self.product(split(layer.query), split(layer.key).swap_dims(2, 3))
            / (width as f32).sqrt();
        let mut p = activation::softmax(scores + self.mask.clone(), 3);
        let rate = self.config.attention_probs_dropout_prob;
        if let Some(drops) = self.drops.as_ref().filter(|_| rate > 0.0) {
            let mask = drops.site(depth, PROBABILITIES).dropout(rate);
            p = p * factors(&mask, drops.probabilities.clone());
        }
        let context: Tensor<4> = self.product(p, split(layer.value)).swap_dims(1, 2);
        context.reshape([d.len(), self.config.hidden_size])
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
