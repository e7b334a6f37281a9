//! How probable every tag is at every word.

use super::{Emitted, Tagger, decode};
use crate::{GleanerError, pieces::WordPieces};
use rayon::prelude::*;

impl Tagger {
    /// The probability of every tag at every word, over all tag sequences: `[words, tags]` a sentence. All
    /// are 0 at words that were cut off, as the published protocol does.
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer.
    pub fn tag_probabilities<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<Vec<f64>>, GleanerError> {
        let pieces: Vec<WordPieces> =
            sentences.par_iter().map(|s| self.pieces.sentence(s)).collect();
        let sequences = self.sequences(&pieces);
        let crf = self.network.crf();
        let of_sentence = self.windows(sentences.len(), &sequences)?;
        let tags = crf.tags;
        let of = |(p, windows): (&WordPieces, Vec<Emitted>)| {
            let owner = decode::owners(p.words(), &windows);
            let mut probabilities = vec![0.0; p.words() * tags];
            for (i, window) in windows.iter().enumerate() {
                let marginals = crf.lattice(&window.emissions).marginals();
                for (word, unit) in window.sequence.first_units().filter(|(w, _)| owner[*w] == i) {
                    probabilities[word * tags..][..tags]
                        .copy_from_slice(&marginals[unit * tags..][..tags]);
                }
            }
            probabilities
        };
        Ok(pieces.par_iter().zip(of_sentence).map(of).collect())
    }
}
