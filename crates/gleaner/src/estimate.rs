//! What a training will need.

use crate::{RunData, Settings, train::Rehearsal};
use serde::Serialize;

/// Time and memory of a training, estimated from its size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Training sentences.
    pub sentences: usize,
    /// Pieces an epoch, special ones included.
    pub pieces: usize,
    /// Pieces whose embeddings are trained.
    pub active: usize,
    /// Numbers that are trained.
    pub parameters: usize,
    /// Floating-point operations of the encoder in an epoch (forward and backward).
    pub operations: f64,
    /// Memory at the peak, in bytes: parameters, gradients, two moments, the best state, and the
    /// activations of the largest batch.
    pub bytes: usize,
}

/// Estimates a training that has been rehearsed; nothing is computed but piece counts. Of a pool nothing is
/// known but its pieces: how much will be added to an epoch is not.
pub fn estimate(settings: &Settings, data: &RunData, rehearsal: &Rehearsal) -> Estimate {
    let c = &rehearsal.encoder;
    let tokenizer = &rehearsal.tokenizer;
    let mut active = std::collections::BTreeSet::from(tokenizer.frame());
    let mut lengths: Vec<usize> = Vec::new();
    for (i, corpus) in data.corpora().chain(&data.pool).enumerate() {
        for s in &corpus.sentences {
            let pieces = tokenizer.sentence(&s.words);
            if i == 0 {
                lengths.push(
                    pieces.ids.len().min(settings.pieces.max_pieces).min(c.max_pieces() - 2) + 2,
                );
            }
            active.extend(pieces.ids);
        }
    }
    let (h, f, layers) = (c.hidden_size, c.intermediate_size, c.num_hidden_layers);
    let parameters = rehearsal.parameters;
    let pieces: usize = lengths.iter().sum();
    let attention: usize = lengths.iter().map(|n| 4 * n * n * h * layers).sum();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let largest: usize = lengths.iter().take(settings.optimizer.batch).sum();
    // Kept for the backward pass of each layer: input, query, key, value, context, two norms, the
    // feed-forward layer before and after its activation.
    let activations = largest * layers * (8 * h + 2 * f);
    // The parameters, their gradients, two moments and the best state; with fresh students what each
    // starts from and the best of earlier rounds; an average.
    let copies = 5 + 2 * usize::from(settings.self_training.has_fresh_students());
    let copies = copies + usize::from(settings.selection.average > 1);
    Estimate {
        sentences: lengths.len(),
        pieces,
        active: active.len(),
        parameters,
        operations: 3.0 * (2.0 * (c.matrix_parameters() * pieces) as f64 + attention as f64),
        bytes: 4 * (copies * parameters + activations),
    }
}
