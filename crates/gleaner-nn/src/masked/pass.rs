//! Passes over a batch: the losses of its hidden pieces, and their gradients.

use super::{Masked, MaskedLm};
use crate::{
    Grads, NnError, Precision,
    encoder::fused,
    kernels::{
        gelu,
        matmul::{self, Accumulate, Product},
        rows::{add, column_sums},
        softmax::cross_entropy,
    },
    rng::Stream,
};

/// The gradients that a pass adds to.
struct Back<'a> {
    weight: f32,
    grads: &'a mut Grads,
    /// Whether the word embeddings are trained.
    words: bool,
}

impl MaskedLm {
    /// The sum of the cross-entropies of the hidden pieces, in evaluation mode.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    ///
    /// # Panics
    /// A hidden piece is not active.
    pub fn loss(&self, batch: &Masked) -> Result<f64, NnError> {
        rayon::scope(|_| {
            let hidden = fused::infer(&self.encoder, &self.params, None, batch.packed())?;
            let y = Transform::new(self, self.gather(&hidden, batch)).y;
            Ok(self.losses(&y, batch, None).0)
        })
    }

    /// Runs a training pass. Adds the gradients of `weight` × the sum of the hidden pieces' cross-entropies to `grads`,
    /// and returns the sum. `dropout` is the random stream of this step; `None` disables dropout.
    ///
    /// # Errors
    /// As [`MaskedLm::loss`].
    ///
    /// # Panics
    /// As [`MaskedLm::loss`].
    pub fn train_pass(
        &self,
        batch: &Masked,
        weight: f64,
        dropout: Option<Stream>,
        grads: &mut Grads,
    ) -> Result<f64, NnError> {
        rayon::scope(|_| {
            let dropout = dropout.map(|s| s.named("encoder"));
            let (hidden, tape) =
                fused::forward(&self.encoder, &self.params, batch.packed(), dropout)?;
            let transform = Transform::new(self, self.gather(&hidden, batch));
            let back = Back { weight: weight as f32, grads: &mut *grads, words: true };
            let (loss, d_y) = self.losses(&transform.y, batch, Some(back));
            let mut d = vec![0.0; transform.x.len()];
            transform.backward(self, d_y, Some(&mut d[..]), grads);
            let width = self.encoder.config.hidden_size;
            let mut d_hidden = vec![0.0; hidden.len()];
            for (&at, d) in batch.places().iter().zip(d.chunks_exact(width)) {
                add(&mut d_hidden[at as usize * width..][..width], d);
            }
            fused::backward(&self.encoder, tape, &d_hidden, grads);
            grads.complete();
            Ok(loss)
        })
    }

    /// As [`MaskedLm::train_pass`], but adds the gradients of the head alone: those of the encoder, word embeddings
    /// included, stay zero. Without dropout.
    ///
    /// # Errors
    /// As [`MaskedLm::loss`].
    ///
    /// # Panics
    /// As [`MaskedLm::loss`].
    pub fn train_head_pass(
        &self,
        batch: &Masked,
        weight: f64,
        grads: &mut Grads,
    ) -> Result<f64, NnError> {
        rayon::scope(|_| {
            let hidden = fused::infer(&self.encoder, &self.params, None, batch.packed())?;
            let transform = Transform::new(self, self.gather(&hidden, batch));
            let back = Back { weight: weight as f32, grads: &mut *grads, words: false };
            let (loss, d_y) = self.losses(&transform.y, batch, Some(back));
            transform.backward(self, d_y, None, grads);
            grads.complete();
            Ok(loss)
        })
    }

    /// The hidden states at the places of hidden pieces, `[hidden, h]`.
    fn gather(&self, states: &[f32], batch: &Masked) -> Vec<f32> {
        let width = self.encoder.config.hidden_size;
        let row = |&at: &u32| &states[at as usize * width..][..width];
        batch.places().iter().flat_map(row).copied().collect()
    }

    /// The sum of the cross-entropies, given the result `y` of the head's transform, `[hidden, e]`. With `back`, adds
    /// the gradients of the word embeddings and of the scores' bias, and returns that of `y`.
    ///
    /// Scores are computed for some hidden pieces at a time, so that they need little memory whatever the batch.
    fn losses(&self, y: &[f32], batch: &Masked, mut back: Option<Back>) -> (f64, Vec<f32>) {
        let hidden = batch.hidden().len();
        if hidden == 0 {
            return (0.0, Vec::new());
        }
        let words = &self.encoder.words;
        let (Some(table), Some(bias)) = (words.param(), self.head.bias) else {
            panic!("pieces are activated before a pass");
        };
        let row = |&piece: &u32| words.row(piece).expect("hidden pieces are active");
        let targets: Vec<u32> = batch.hidden().iter().map(row).collect();
        let width = self.encoder.config.embedding_width();
        let precision = self.encoder.precision;
        let embeddings = matmul::rows(&self.params[table], width);
        let active = embeddings.rows();
        let size = self.hidden_at_a_time(hidden, active);
        let mut memory = std::mem::take(&mut *self.scores());
        if memory.len() < size * active {
            memory = vec![0.0; size * active];
        }
        let weight = back.as_ref().map_or(0.0, |back| back.weight);
        let mut d_y = if back.is_some() { vec![0.0; y.len()] } else { Vec::new() };
        let mut sum = 0.0;
        for first in (0..hidden).step_by(size) {
            let last = hidden.min(first + size);
            let part = first * width..last * width;
            let (y, scores) = (&y[part.clone()], &mut memory[..(last - first) * active]);
            let (y, initial) = (matmul::rows(y, width), Accumulate::Row(&self.params[bias]));
            precision.multiply(scores, initial, y, embeddings.transpose());
            sum += cross_entropy(scores, &targets[first..last], weight).iter().sum::<f64>();
            let Some(Back { grads, words, .. }) = &mut back else { continue };
            grads.add(bias, &column_sums(scores, active));
            let d = matmul::rows(scores, active);
            let mut products = vec![Product::of(&mut d_y[part], Accumulate::Zero, d, embeddings)];
            if *words {
                products.extend(grads.outer([(table, d, y)]));
            }
            precision.multiply_all(products);
        }
        *self.scores() = memory;
        (sum, d_y)
    }

    fn scores(&self) -> std::sync::MutexGuard<'_, Vec<f32>> {
        self.scores.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}

/// What the head computes before the scores, and keeps for its backward pass.
struct Transform {
    /// Hidden states, `[hidden, h]`.
    x: Vec<f32>,
    /// The result of the linear layer, without its bias, `[hidden, e]`.
    up: Vec<f32>,
    /// The activations, normalised, before the normalisation's weight and bias.
    normalised: Vec<f32>,
    scales: Vec<f32>,
    /// The result, `[hidden, e]`.
    y: Vec<f32>,
}

impl Transform {
    fn new(model: &MaskedLm, x: Vec<f32>) -> Self {
        let (head, values) = (&model.head, &model.params);
        let width = model.encoder.config.hidden_size;
        let weight = matmul::rows(&values[head.dense.weight], width);
        let hidden = x.len() / width;
        let n = hidden * weight.rows();
        let mut up = vec![0.0; n];
        let rows = matmul::rows(&x, width);
        Precision::F32.multiply(&mut up, Accumulate::Zero, rows, weight.transpose());
        let (mut normalised, mut y) = (vec![0.0; n], vec![0.0; n]);
        gelu::forward(&up, &values[head.dense.bias], &mut normalised);
        let mut scales = vec![0.0; hidden];
        model.norm().forward(None, &mut normalised, &mut scales, &mut y);
        Self { x, up, normalised, scales, y }
    }

    /// Adds the gradients of the head's parameters, given that of the result. Writes that of the hidden states to
    /// `d_x`, if it is given a place.
    fn backward(
        self,
        model: &MaskedLm,
        mut d: Vec<f32>,
        d_x: Option<&mut [f32]>,
        grads: &mut Grads,
    ) {
        if d.is_empty() {
            return;
        }
        let (head, values) = (&model.head, &model.params);
        let mut scratch = vec![0.0; d.len()];
        let sums =
            model.norm().backward(None, &self.normalised, &self.scales, &mut d, &mut scratch);
        grads.add(head.norm.weight, &sums.weight);
        grads.add(head.norm.bias, &sums.bias);
        let bias = &values[head.dense.bias];
        let d_bias = gelu::backward(&self.up, bias, &mut d, &mut scratch);
        grads.add(head.dense.bias, &d_bias);
        let width = model.encoder.config.hidden_size;
        let d = matmul::rows(&d, bias.len());
        let weight = matmul::rows(&values[head.dense.weight], width);
        let mut products = Vec::new();
        products.extend(d_x.map(|d_x| Product::of(d_x, Accumulate::Zero, d, weight)));
        let x = matmul::rows(&self.x, width);
        products.extend(grads.outer([(head.dense.weight, d, x)]));
        Precision::F32.multiply_all(products);
    }
}
