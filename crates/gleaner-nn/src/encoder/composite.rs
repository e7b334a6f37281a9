//! The encoder in burn's tensor operations: for any device, and the reference for faster engines.
//!
//! Everything but attention works on packed pieces. For attention the pieces of each sentence are
//! spread to the batch's longest sentence, so that one batched product serves all sentences.

use super::{
    Encoder, EncoderConfig, Layout,
    layout::{Layer, Linear},
};
use crate::{Grads, NnError, Packed, Params, params::Tensors, rng::Stream};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};

/// Sites of dropout within a layer: each has a stream of its own.
const PROBABILITIES: u64 = 1;
const ATTENTION_OUTPUT: u64 = 2;
const LAYER_OUTPUT: u64 = 3;

/// What a training pass keeps for its backward pass.
pub(crate) struct Tape {
    tensors: Tensors,
    hidden: Tensor<2>,
}

/// Hidden states `[pieces, hidden]` without keeping anything for a backward pass.
pub(crate) fn infer(
    encoder: &Encoder,
    params: &Params,
    packed: &Packed,
) -> Result<Tensor<2>, NnError> {
    let tensors = params.tensors(false);
    let words = encoder.words.vectors(&tensors, &packed.ids)?;
    Ok(layers(&encoder.config, &encoder.layout, &tensors, packed, words, None))
}

/// Hidden states `[pieces, hidden]` with what a backward pass needs. `dropout` is this step's stream,
/// or `None` to train without dropout.
pub(crate) fn forward(
    encoder: &Encoder,
    params: &Params,
    packed: &Packed,
    dropout: Option<Stream>,
) -> Result<(Tensor<2>, Tape), NnError> {
    let tensors = params.tensors(true);
    let words = encoder.words.vectors(&tensors, &packed.ids)?;
    let hidden = layers(&encoder.config, &encoder.layout, &tensors, packed, words, dropout);
    Ok((hidden.clone().inner(), Tape { tensors, hidden }))
}

/// Adds the gradients of the encoder's parameters, given those of the hidden states.
pub(crate) fn backward(tape: Tape, d_hidden: Tensor<2>, grads: &mut Grads) {
    let Tape { tensors, hidden } = tape;
    if hidden.is_tracked() {
        // The gradient of Σ hidden · d_hidden is d_hidden: this starts a backward pass from any
        // gradient of the hidden states. Untracked, every parameter is frozen.
        grads.collect(&tensors, (hidden * d_hidden).sum().backward());
    }
}

/// Hidden states from word vectors, `[pieces, hidden]` both (Devlin et al. 2019; post-norm layers,
/// exact GELU).
fn layers(
    config: &EncoderConfig,
    layout: &Layout,
    tensors: &Tensors,
    packed: &Packed,
    words: Tensor<2>,
    dropout: Option<Stream>,
) -> Tensor<2> {
    let device = words.device();
    let pass = Pass { config, tensors, dropout, spread: Spread::of(packed, config, &device) };
    let first = config.first_position();
    let positions: Vec<i64> = packed.positions().map(|p| (p + first) as i64).collect();
    let positions = indices(positions, &device);
    let x = words
        + tensors[layout.positions].clone().select(0, positions)
        + tensors[layout.token_types].clone().narrow(0, 0, 1);
    let x = pass.drop_rows(pass.norm(x, layout.embedding_norm), 0, 0);
    layout.layers.iter().enumerate().fold(x, |x, (i, layer)| pass.layer(x, layer, i as u64 + 1))
}

/// One pass over one batch.
struct Pass<'a> {
    config: &'a EncoderConfig,
    tensors: &'a Tensors,
    dropout: Option<Stream>,
    spread: Spread,
}

impl Pass<'_> {
    fn layer(&self, x: Tensor<2>, layer: &Layer, depth: u64) -> Tensor<2> {
        let context = self.attention(x.clone(), layer, depth);
        let a =
            self.drop_rows(self.linear(context, layer.attention_output), depth, ATTENTION_OUTPUT);
        let x = self.norm(x + a, layer.attention_norm);
        let f = self.linear(activation::gelu(self.linear(x.clone(), layer.up)), layer.down);
        self.norm(x + self.drop_rows(f, depth, LAYER_OUTPUT), layer.norm)
    }

    fn linear(&self, x: Tensor<2>, l: Linear) -> Tensor<2> {
        x.matmul(self.tensors[l.weight].clone().transpose()) + self.tensors[l.bias].clone()
    }

    fn norm(&self, x: Tensor<2>, l: Linear) -> Tensor<2> {
        let centred = x.clone() - x.mean_dim(1);
        let variance = centred.clone().powi_scalar(2).mean_dim(1);
        centred / (variance + self.config.layer_norm_eps).sqrt() * self.tensors[l.weight].clone()
            + self.tensors[l.bias].clone()
    }

    /// Attention of every sentence to itself: `[pieces, hidden]` before the output projection.
    fn attention(&self, x: Tensor<2>, layer: &Layer, depth: u64) -> Tensor<2> {
        let (s, heads) = (&self.spread, self.config.num_attention_heads);
        let width = self.config.hidden_size / heads;
        let split = |l: Linear| -> Tensor<4> {
            let rows = self.linear(x.clone(), l).select(0, s.spread.clone());
            rows.reshape([s.sentences, s.longest, heads, width]).swap_dims(1, 2)
        };
        let scores =
            split(layer.query).matmul(split(layer.key).swap_dims(2, 3)) / (width as f32).sqrt();
        let mut p = activation::softmax(scores + s.mask.clone(), 3);
        if let Some(stream) =
            self.stream(depth, PROBABILITIES, self.config.attention_probs_dropout_prob)
        {
            p = p * s.probability_mask(stream, self.config, &x.device());
        }
        let context: Tensor<4> = p.matmul(split(layer.value)).swap_dims(1, 2);
        context
            .reshape([s.sentences * s.longest, self.config.hidden_size])
            .select(0, s.gather.clone())
    }

    /// Dropout of a `[pieces, hidden]` tensor.
    fn drop_rows(&self, x: Tensor<2>, depth: u64, site: u64) -> Tensor<2> {
        let p = self.config.hidden_dropout_prob;
        let Some(stream) = self.stream(depth, site, p) else { return x };
        let [rows, columns] = x.dims();
        let mask = stream.dropout(p);
        let factors: Vec<f32> = (0..(rows * columns) as u32).map(|i| mask.factor(i)).collect();
        let device = x.device();
        x * Tensor::from_data(TensorData::new(factors, [rows, columns]), &device.inner())
    }

    fn stream(&self, depth: u64, site: u64, p: f32) -> Option<Stream> {
        self.dropout.filter(|_| p > 0.0).map(|s| s.child(depth).child(site))
    }
}

fn indices(values: Vec<i64>, device: &Device) -> Tensor<1, Int> {
    let n = values.len();
    Tensor::from_data(TensorData::new(values, [n]), device)
}

/// How packed rows and rows of equally long sentences map to each other.
struct Spread {
    sentences: usize,
    longest: usize,
    offsets: Vec<usize>,
    /// Packed row of every row `[sentences * longest]`; padding repeats row 0.
    spread: Tensor<1, Int>,
    /// Spread row of every packed row.
    gather: Tensor<1, Int>,
    /// 0 where a key exists, a large negative number where it is padding: `[sentences, 1, 1, longest]`.
    mask: Tensor<4>,
}

impl Spread {
    fn of(packed: &Packed, _config: &EncoderConfig, device: &Device) -> Self {
        let (sentences, longest) = (packed.sentences(), packed.lengths().max().unwrap_or(0));
        let mut spread = vec![0i64; sentences * longest];
        let mut mask = vec![-1e9f32; sentences * longest];
        let mut gather = Vec::with_capacity(packed.pieces());
        for (i, w) in packed.offsets.windows(2).enumerate() {
            for (j, row) in (w[0]..w[1]).enumerate() {
                spread[i * longest + j] = row as i64;
                mask[i * longest + j] = 0.0;
                gather.push((i * longest + j) as i64);
            }
        }
        Self {
            sentences,
            longest,
            offsets: packed.offsets.clone(),
            spread: indices(spread, device),
            gather: indices(gather, device),
            mask: Tensor::from_data(TensorData::new(mask, [sentences, 1, 1, longest]), device),
        }
    }

    /// Dropout factors of attention probabilities. Their index counts the probabilities of the
    /// packed sentences (sentence, head, query, key), so that padding changes none.
    fn probability_mask(
        &self,
        stream: Stream,
        config: &EncoderConfig,
        device: &Device,
    ) -> Tensor<4> {
        let (heads, longest) = (config.num_attention_heads, self.longest);
        let mask = stream.dropout(config.attention_probs_dropout_prob);
        let mut factors = vec![0f32; self.sentences * heads * longest * longest];
        let mut index = 0u32;
        for (i, w) in self.offsets.windows(2).enumerate() {
            let n = w[1] - w[0];
            for head in 0..heads {
                for query in 0..n {
                    let row = ((i * heads + head) * longest + query) * longest;
                    for factor in &mut factors[row..row + n] {
                        *factor = mask.factor(index);
                        index += 1;
                    }
                }
            }
        }
        Tensor::from_data(
            TensorData::new(factors, [self.sentences, heads, longest, longest]),
            &device.clone().inner(),
        )
    }
}
