//! The probability of every tag at every word.

use super::{Emitted, Tagger, decode};
use crate::{GleanerError, Labels, pieces::WordPieces};
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
    /// As [`Tagger::tag_probabilities`], with the tags in the order of `labels`: 0 for tags that the tagger lacks.
    pub(crate) fn tag_probabilities_as<S: AsRef<str> + Sync>(
        &self,
        labels: &Labels,
        sentences: &[&[S]],
    ) -> Result<Vec<Vec<f64>>, GleanerError> {
        let found = self.tag_probabilities(sentences)?;
        Ok(found.iter().map(|rows| renumbered(rows, &self.labels, labels)).collect())
    }
}

/// Probabilities `[words, tags]` of the tags `own`, in the order of `labels`.
fn renumbered(probabilities: &[f64], own: &Labels, labels: &Labels) -> Vec<f64> {
    let ids: Vec<Option<u16>> = labels.names().iter().map(|name| own.id(name)).collect();
    let of_word = |row: &[f64]| -> Vec<f64> {
        ids.iter().map(|id| id.map_or(0.0, |id| row[usize::from(id)])).collect()
    };
    probabilities.chunks(own.len()).flat_map(of_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_move_with_their_names() {
        let of = |names: &[&str]| Labels::new(names.iter().map(|n| (*n).to_owned()).collect());
        let (theirs, ours) = (of(&["O", "B-Y", "B-X"]), of(&["O", "B-X", "I-X", "B-Y"]));
        let moved = renumbered(&[0.1, 0.2, 0.7, 1.0, 0.0, 0.0], &theirs, &ours);
        assert_eq!(moved, [0.1, 0.7, 0.0, 0.2, 1.0, 0.0, 0.0, 0.0]);
    }
}
