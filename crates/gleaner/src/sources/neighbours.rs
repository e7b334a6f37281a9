//! Where the nearest neighbours of the target's pieces are: NN-Rank (Ebrahimi, Wiemerslage and von der Wense 2025,
//! "Model-based ranking of source languages for zero-shot cross-lingual transfer", EMNLP).
//!
//! As in the authors' program at its defaults: for every piece of some target sentences, whose tags are not used, the
//! five pieces of all candidates together are found whose hidden states have the largest inner product with its own. A
//! candidate's measure is its share of these neighbours. The states are those of two thirds of the layers (layer 8 of
//! 12). Special pieces are left out. All candidates have the same number of sentences if they have enough, because a
//! longer text has more neighbours.

use super::Candidate;
use crate::{
    EncoderFiles, GleanerError, PieceLabels, PieceTokenizer, Sentence, frozen::FrozenEncoder,
};
use gleaner_corpus::Corpus;
use rayon::prelude::*;

/// Number of neighbours of a piece.
const NEIGHBOURS: usize = 5;
/// Maximum number of sentences of a candidate: the first of its training part.
const MOST: usize = 240;

/// The nearest pieces so far, the nearest first: inner product and candidate.
type Nearest = Vec<(f32, usize)>;

/// Every candidate's share of the neighbours of the first `sentences` sentences of a target.
pub(super) fn shares(
    encoder: &EncoderFiles,
    tokenizer: &PieceTokenizer,
    target: &Corpus,
    sentences: usize,
    candidates: &[Candidate],
) -> Result<Vec<f64>, GleanerError> {
    let layers = (2 * encoder.config.num_hidden_layers).div_ceil(3);
    let encoder = FrozenEncoder::open(encoder, tokenizer, layers, PieceLabels::All)?;
    let states = |corpus: &Corpus, most: usize| -> Result<Vec<f32>, GleanerError> {
        let first: Vec<&Sentence> = corpus.sentences.iter().take(most).collect();
        Ok(encoder.states(&first)?.concat())
    };
    let queries = states(target, sentences)?;
    let width = encoder.width();
    let mut nearest: Vec<Nearest> = vec![Nearest::new(); queries.len() / width];
    for (number, candidate) in candidates.iter().enumerate() {
        let keys = states(&candidate.data.train, MOST)?;
        let with_queries = nearest.par_iter_mut().zip(queries.par_chunks_exact(width));
        with_queries.for_each(|(nearest, query)| {
            for key in keys.chunks_exact(width) {
                insert(nearest, inner_product(query, key), number);
            }
        });
    }
    let mut counts = vec![0usize; candidates.len()];
    nearest.iter().flatten().for_each(|(_, number)| counts[*number] += 1);
    let all: usize = counts.iter().sum();
    Ok(counts.into_iter().map(|count| count as f64 / all.max(1) as f64).collect())
}

/// Adds a piece of a candidate if it is among the nearest. Of equally near ones, the first stays.
fn insert(nearest: &mut Nearest, product: f32, number: usize) {
    if nearest.len() == NEIGHBOURS && product <= nearest[NEIGHBOURS - 1].0 {
        return;
    }
    let at = nearest.partition_point(|(other, _)| *other >= product);
    nearest.insert(at, (product, number));
    nearest.truncate(NEIGHBOURS);
}

/// The inner product, summed in a fixed order that can be vectorised.
fn inner_product(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let (a, rest_a) = a.as_chunks::<LANES>();
    let (b, rest_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        sums.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += a * b);
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_pieces_are_kept_and_the_first_of_equal_ones() {
        let mut nearest = Nearest::new();
        for (number, product) in [1.0, 5.0, 2.0, 2.0, 0.5, 4.0, 2.0, -1.0].into_iter().enumerate() {
            insert(&mut nearest, product, number);
        }
        assert_eq!(nearest, [(5.0, 1), (4.0, 5), (2.0, 2), (2.0, 3), (2.0, 6)]);
        insert(&mut nearest, 2.0, 9);
        assert_eq!(nearest[4], (2.0, 6));
    }

    #[test]
    fn products_of_any_length_are_whole() {
        let a: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert_eq!(inner_product(&a, &a), (0..37).map(|i| (i * i) as f32).sum::<f32>());
    }
}
