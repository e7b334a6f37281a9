//! The probability of every tag at every word.

use super::{Emitted, Tagger, decode};
use crate::{GleanerError, pieces::WordPieces};
use rayon::prelude::*;

impl Tagger {
    /// The marginal probability of every tag at every word, over all tag sequences: `[words, tags]` for each
    /// sentence. All are 0 at words that are cut off, as under the published protocol.
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer, or a score is NaN or too large.
    pub fn tag_probabilities<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<Vec<f64>>, GleanerError> {
        let encoded = self.encode(sentences);
        let crf = self.network.crf();
        let of_sentence = self.emit_by_sentence(&encoded)?;
        self.check_scores(of_sentence.iter().flatten().map(|e| e.emissions.as_slice()))?;
        let tags = crf.tags;
        let of = |(p, windows): (&WordPieces, Vec<Emitted>)| {
            let owner = decode::owners(p.words(), &windows);
            let mut probabilities = vec![0.0; p.words() * tags];
            for (i, emitted) in windows.iter().enumerate() {
                let marginals = crf.lattice(&emitted.emissions).marginals();
                let words = emitted.window.sequence.first_labelled();
                for (word, position) in words.filter(|(word, _)| owner[*word] == i) {
                    probabilities[word * tags..][..tags]
                        .copy_from_slice(&marginals[position * tags..][..tags]);
                }
            }
            probabilities
        };
        Ok(encoded.pieces.par_iter().zip(of_sentence).map(of).collect())
    }
}
