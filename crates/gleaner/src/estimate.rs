//! Estimates of the time and memory of a training.

use crate::{Dataset, Selection, Settings, train::Rehearsal};
use serde::Serialize;

/// Time and memory of a training, estimated from its size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Number of training sentences.
    pub sentences: usize,
    /// Number of pieces per epoch, special ones included.
    pub pieces: usize,
    /// Number of pieces whose embeddings are trained.
    pub active: usize,
    /// Number of trained parameters.
    pub parameters: usize,
    /// Floating-point operations of the encoder per epoch (forward and backward).
    pub operations: f64,
    /// Peak memory in bytes: parameters, gradients, two moments, the kept parameters, and the activations of the
    /// largest batch.
    pub bytes: usize,
}

/// Estimates a training that has been rehearsed, from piece counts alone. How many sentences of a pool will be added to
/// an epoch is not known beforehand.
pub fn estimate(settings: &Settings, data: &Dataset, rehearsal: &Rehearsal) -> Estimate {
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
    // Attention probabilities and their gradients, of one head in every thread.
    let longest = lengths.first().copied().unwrap_or(0);
    let squares = 2 * rayon::current_num_threads() * longest * longest;
    // Kept for the backward pass of each layer: input, query, key, value, context, two norms, and the feed-forward
    // layer before and after its activation. Two passes over a batch keep theirs at the same time.
    let passes = settings.optimizer.passes();
    let activations = passes * largest * layers * (8 * h + 2 * f);
    // The parameters, their gradients and two moments; the best epoch, unless the last one is kept; with fresh
    // students also their starting values and the best of earlier rounds; an average.
    let best = usize::from(settings.selection.select != Selection::Last);
    let copies = 4 + best + usize::from(settings.self_training.has_fresh_students()) * (1 + best);
    let copies = copies + usize::from(settings.selection.average > 1);
    Estimate {
        sentences: lengths.len(),
        pieces,
        active: active.len(),
        parameters,
        operations: (3 * passes) as f64
            * (2.0 * (c.matrix_parameters() * pieces) as f64 + attention as f64),
        bytes: 4 * (copies * parameters + activations + squares),
    }
}
